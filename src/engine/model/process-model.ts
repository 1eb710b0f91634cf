/**
 * The process model: BPMN's elements as frozen data. Drawings and code workflows both compile to it,
 * and the engine's core reads nothing else. Nodes are kept flat, each naming the container that it
 * lives in, so that any element is one look-up away.
 *
 * Words are those of BPMN 2.0: an *activity* is a task, a sub-process or a call activity; a *boundary
 * event* is attached to an activity; an *event sub-process* waits in its scope for a trigger.
 */
import type { z } from 'zod';
import type { Role } from '../../kernel/caller.ts';
import type {
  BoundaryDefinition,
  CatchDefinition,
  EventDefinitionModel,
  MessageEventDefinition,
  ThrowDefinition,
  ToldDefinition,
} from './event-definitions.ts';
import type { Expression, Variables } from './expression.ts';
import type { HumanWork } from './human-work.ts';
import type { InstanceStatus } from './instance-status.ts';
import type { JobHandler } from './job.ts';
import type { Priority } from './priority.ts';

export type * from './event-definitions.ts';

/** One version of a process, as data. */
export interface ProcessModel {
  /** Stable name, e.g. `process-order`. */
  readonly key: string;
  /** An instance stays on the version it started with. */
  readonly version: number;
  readonly name: string;
  readonly description?: string;
  /** What people call this version, e.g. `2.3`. */
  readonly versionTag?: string;
  readonly nodes: Readonly<Record<string, FlowNode>>;
  readonly flows: Readonly<Record<string, SequenceFlow>>;
  /** Validates the variables that an instance starts with; absent when anything goes. */
  readonly input?: z.ZodType;
  /** What is known as the instance's result when it completes. */
  readonly output?: Expression;
  /**
   * Whose a variable is that a step sets. Absent: the scope's that the step is in. `process`: of the
   * nearest scope that has one of the name, else of the process; and of multi-instance steps, each run
   * sets its own. These are the rules of Camunda 7 and Flowable.
   */
  readonly variables?: 'process';
  /** Variables that belong to the nearest scope that has one of the name, whoever sets them: data objects. */
  readonly data?: readonly string[];
  /** The human-readable key of an instance, e.g. the order's id. */
  readonly businessKey?: Expression<string>;
  /** Words that an instance is found by, read when it starts. */
  readonly tags?: Expression<readonly string[]>;
  /** Values that instances are found by, by name; read whenever a variable of the process changes. */
  readonly search?: Readonly<Record<string, Expression>>;
  /** How urgent the jobs of its instances are. @defaultValue 'normal' */
  readonly priority?: Priority | Expression<Priority>;
  /** Whom the work of an instance is for: these take turns. @defaultValue the business key */
  readonly fairBy?: Expression;
  /** What can be asked of an instance, by name. */
  readonly queries?: Readonly<Record<string, QueryDefinition>>;
  /** What an instance can be told that changes it, by name. */
  readonly updates?: Readonly<Record<string, UpdateDefinition>>;
  /** What its code takes for certain of an instance's variables; absent where nobody said. */
  readonly contract?: VariableContract;
  /** How instances of earlier versions come to this one, by the earlier version. */
  readonly migrations?: Readonly<Record<number, MigrationPlan>>;
}

/** What a query or update sees of an instance. */
export interface InstanceFacts {
  readonly status: InstanceStatus;
  /** Ids of the nodes at which something waits or works. */
  readonly active: readonly string[];
  /** Variables of the process itself, not of its sub-processes. */
  readonly variables: Variables;
}

/** A pure function of an instance. */
export interface QueryDefinition {
  readonly output: z.ZodType;
  readonly read: (facts: InstanceFacts) => unknown;
}

/**
 * Something that an instance can be told. Its data is checked and becomes the variable of the update's
 * name in one transition, or it is refused and leaves no trace.
 */
export interface UpdateDefinition {
  readonly input: z.ZodType;
  /** Why it cannot be taken as the instance stands; null when it can. Pure. */
  readonly check: (facts: InstanceFacts, data: unknown) => string | null;
  /** What is answered. Pure; absent: the data as it was read. */
  readonly answer?: (facts: InstanceFacts, data: unknown) => unknown;
}

/** What the functions of a process may rely on, so that it can be checked before they are deployed. */
export interface VariableContract {
  /** What a variable must look like wherever it is there, by its name. */
  readonly schemas: Readonly<Record<string, z.ZodType>>;
  /** Variables that are certainly there while something waits or works at a node, by the node's id. */
  readonly knows: Readonly<Record<string, readonly string[]>>;
}

/** How instances of one version are carried over to another. What is not named stays by its id. */
export interface MigrationPlan {
  /**
   * New id by old id. `null`: the element is given up, which only an undo that is no longer wanted or
   * a boundary event may be. Ids that are built from a mapped one (`pay.timeout`) follow it.
   */
  readonly elements?: Readonly<Record<string, string | null>>;
  /** Timers (ids of the new version) that begin anew; all others keep their moment. */
  readonly restartTimers?: readonly string[];
  /**
   * New values for variables of the process, after those of renamed steps were renamed. What it does
   * not name stays; `undefined` takes a variable away. Pure, like every expression.
   */
  readonly variables?: (variables: Variables) => Variables;
  /** The same for the own variables of sub-processes, by their new id. */
  readonly inside?: Readonly<Record<string, (variables: Variables) => Variables>>;
}

/** The way of a token from one node to the next. */
export interface SequenceFlow {
  readonly id: string;
  readonly source: string;
  readonly target: string;
  /** Read by gateways that choose; a flow without one is always taken. */
  readonly condition?: Expression<boolean>;
  /** For people, e.g. `yes`. */
  readonly name?: string;
}

interface NodeCommon {
  readonly id: string;
  readonly name: string;
  /** The sub-process that holds this node; null at the top of the process. */
  readonly parent: string | null;
  /** Ids of sequence flows, in drawing order. */
  readonly incoming: readonly string[];
  readonly outgoing: readonly string[];
}

/** A start event in a drawing. */
export interface StartEvent extends NodeCommon {
  readonly type: 'startEvent';
  readonly event: EventDefinitionModel | null;
  /** Variable that receives the payload of the message, or of the caught error. */
  readonly result?: string;
  /** Of an event sub-process: whether it ends what else runs in its scope. @defaultValue true */
  readonly interrupting?: boolean;
  /**
   * At the top of a process: further start events that must happen in the same instance, whichever comes
   * first. Messages only, and all correlate by the same fields of their payloads.
   */
  readonly together?: readonly string[];
}

/** An end event in a drawing. */
export interface EndEvent extends NodeCommon {
  readonly type: 'endEvent';
  readonly event: EventDefinitionModel | null;
}

/** An event that a token waits for. */
export interface IntermediateCatchEvent extends NodeCommon {
  readonly type: 'intermediateCatchEvent';
  readonly event: CatchDefinition;
  readonly result?: string;
}

/** An event that a token brings about. */
export interface IntermediateThrowEvent extends NodeCommon {
  readonly type: 'intermediateThrowEvent';
  readonly event: ThrowDefinition | null;
}

/** An event attached to an activity. */
export interface BoundaryEvent extends NodeCommon {
  readonly type: 'boundaryEvent';
  readonly attachedTo: string;
  /** Whether the activity is ended when the event happens. */
  readonly interrupting: boolean;
  readonly event: BoundaryDefinition;
  /** Variable that receives what the event carries; of an error `{ code, message, data }`. */
  readonly result?: string;
}

/** Runs an activity once for each item of a list. */
export interface MultiInstance {
  readonly sequential: boolean;
  readonly collection: Expression<readonly unknown[]>;
  /** Variable of one run that holds its item; `loopCounter` (from 0) is always there. */
  readonly item: string;
  /** Ends the others early, read after each run with `results`, `completed` and `total`. */
  readonly completionCondition?: Expression<boolean>;
  /** What one run adds to the list of results; without it the run's result variable. */
  readonly output?: Expression;
  /** What it throws as its runs complete. */
  readonly throws?: readonly LoopThrow[];
}

/**
 * Events that a multi-instance activity throws as one of its runs completes, before it goes on; its own
 * boundary events hear them, too. A run that is skipped or ended early throws nothing.
 */
export interface LoopThrow {
  /** Each run, the first to complete, or those for which it holds. */
  readonly when: 'each' | 'first' | Expression;
  readonly events: readonly ToldDefinition[];
}

/**
 * Runs an activity one time after the other. `loopCounter` is the number of runs that are done; a run's
 * result is there before the condition is read again.
 */
export interface StandardLoop {
  /** True: the condition is read before the first run, too. */
  readonly testBefore: boolean;
  /** Goes on for as long as it holds; absent: up to `maximum`. */
  readonly condition?: Expression<boolean>;
  readonly maximum?: number;
}

interface ActivityCommon extends NodeCommon {
  /** Ids of attached boundary events. */
  readonly boundary: readonly string[];
  readonly multiInstance?: MultiInstance;
  /** The activity that undoes this one; it lies outside of the normal flow. */
  readonly compensation?: string;
  /** True for an activity that only undoes another. */
  readonly forCompensation?: boolean;
  /** Runs again for as long as its condition holds; never beside `multiInstance`. */
  readonly standardLoop?: StandardLoop;
  /** Tokens that must have come before it begins. @defaultValue 1 */
  readonly startQuantity?: number;
  /** Tokens that it sends over each flow that it takes. @defaultValue 1 */
  readonly completionQuantity?: number;
  /** Taken when none of the conditions of its other flows holds. */
  readonly defaultFlow?: string;
  /** Variable of the enclosing scope that receives the result; `everyMember`: each member is one. */
  readonly result?: string;
  /** Variables of its own, made when it is entered: an object. */
  readonly local?: Expression;
  /**
   * Variables that are set when it ends normally: an object. Sees the result as `output` and each member
   * of it by its name, then its own variables and those around it. With it, `result` is not set.
   */
  readonly assigns?: Expression;
}

/** How often, and how soon, a failed job is tried again. */
export interface RetryPolicy {
  /** Attempts in all, the first included. */
  readonly maxAttempts: number;
  readonly initialDelayMs: number;
  /** Each delay is the one before times this. */
  readonly factor: number;
  readonly maxDelayMs: number;
  /** Instead of these: the delay after each attempt, the last one after all that follow. */
  readonly delaysMs?: readonly number[];
  /** Share of the delay that is random, 0 to 1. */
  readonly jitter: number;
  /** The error that is thrown when the last attempt has failed, too; absent: a person looks at it. */
  readonly error?: string;
}

/** A step that the program has no part in: it is passed at once, and noted. */
export interface Task extends ActivityCommon {
  readonly type: 'task';
  /** The message that a send task throws, where no procedure sends it. */
  readonly sends?: MessageEventDefinition;
}

/** A step done by the program. */
export interface ServiceTask extends ActivityCommon {
  readonly type: 'serviceTask';
  readonly job: JobHandler;
  /** What its job reads, where it can be told without running it. */
  readonly input?: { readonly value: Expression; readonly schema?: z.ZodType };
  readonly retry: RetryPolicy;
  /** Longest time of one attempt. */
  readonly timeoutMs: number;
  /** How many of its jobs one node has at work at the same time; with a key, for each value of it. */
  readonly concurrency?: { readonly limit: number; readonly key?: Expression };
  /** Why this step is not undone, when it has no compensation on purpose. */
  readonly irreversible?: string;
}

/** A step done by a worker outside of the program, which fetches it by its topic. */
export interface ExternalTask extends ActivityCommon {
  readonly type: 'externalTask';
  readonly topic: Expression<string>;
  /** Higher is handed out first. @defaultValue 0 */
  readonly priority?: Expression<number>;
  /** An object: variables of the task's own, which the worker sees before those around it. */
  readonly input?: Expression;
  /** Validates and narrows what the worker hands in. */
  readonly given?: z.ZodType;
  /**
   * What is kept. Sees what the worker handed in, each by its name and all as `output`, before the
   * task's own variables and those around it. Without `result`, an object whose members become
   * variables. Absent: what the worker handed in.
   */
  readonly output?: Expression;
  /** For workers that ask for them; not seen by the process. */
  readonly properties?: Readonly<Record<string, string>>;
}

/** A step that waits for a message. */
export interface ReceiveTask extends ActivityCommon {
  readonly type: 'receiveTask';
  /** Any one of these ends the wait. */
  readonly messages: readonly MessageEventDefinition[];
}

/** A step done by a person. */
export interface UserTask extends ActivityCommon, HumanWork {
  readonly type: 'userTask';
  readonly roles: readonly Role[];
  /** One line for the list of tasks. */
  readonly title: Expression<string>;
  /** What the task is about, shown to the person; never secret. */
  readonly subject: Expression;
  /** Validates what the person hands in. */
  readonly output: z.ZodType;
  /** Messages that complete the task as well, e.g. the approval endpoint's event. */
  readonly messages: readonly MessageEventDefinition[];
  /**
   * The procedure that decides, run with the person's own rights and with these fields of the
   * subject plus `approved` and `reason`; its event completes the task. Without it the decision goes
   * straight into the task.
   */
  readonly decision?: { readonly procedure: string; readonly fields: readonly string[] };
}

/**
 * How activities of an ad-hoc sub-process begin: those that no flow leads to may be started at any time,
 * any number of times, by a person or by the process itself.
 */
export interface AdHoc {
  /** True: only one thing at a time runs in it. */
  readonly sequential: boolean;
  /** Read each time that something in it is done; when it holds, the sub-process is done. */
  readonly completion?: Expression<boolean>;
  /** Whether what still runs is ended when the completion condition holds, or waited for. */
  readonly cancelRemaining: boolean;
  /** Ids of the activities that begin with it, in this order. */
  readonly activate?: Expression<readonly string[]>;
}

/** A scope within a process. */
export interface SubProcess extends ActivityCommon {
  readonly type: 'subProcess';
  /** It can be cancelled as a whole: what was done in it is undone, and a cancel event at its edge goes on. */
  readonly transaction?: true;
  /** Present: it has no start event, and what lies in it begins as somebody says. */
  readonly adHoc?: AdHoc;
  /** True: started by its start event's trigger while its scope is active. */
  readonly triggeredByEvent: boolean;
  /** What is known as the sub-process's result. */
  readonly output?: Expression;
}

/** A step that is another process. */
export interface CallActivity extends ActivityCommon {
  readonly type: 'callActivity';
  readonly calledProcess: string;
  /** Version to start; absent: the newest deployed. */
  readonly calledVersion?: number;
  /** Whether the child has the business key of its caller instead of one of its own. */
  readonly keepsBusinessKey?: true;
  readonly input: Expression;
}

/** A choice, or the place where ways meet again. */
export interface ExclusiveGateway extends NodeCommon {
  readonly type: 'exclusiveGateway';
  /** Taken when no condition holds. */
  readonly defaultFlow?: string;
}

/** A fork, a join, or both. */
export interface ParallelGateway extends NodeCommon {
  readonly type: 'parallelGateway';
}

/**
 * A choice of one way or several. As a join it waits for every token that may still come by a way that
 * does not lead through the gateway itself.
 */
export interface InclusiveGateway extends NodeCommon {
  readonly type: 'inclusiveGateway';
  /** Taken when no condition holds. */
  readonly defaultFlow?: string;
}

/**
 * A join that begins when its condition holds, and takes the tokens that come later in a second round,
 * its reset. Conditions of its flows read `waitingForStart`; a flow without one is taken at the start only.
 */
export interface ComplexGateway extends NodeCommon {
  readonly type: 'complexGateway';
  /** Reads `activationCount` (tokens that are there) and `arrived` (tokens by incoming flow). */
  readonly activation?: Expression<boolean>;
  readonly defaultFlow?: string;
}

/** A choice that events make. */
export interface EventBasedGateway extends NodeCommon {
  readonly type: 'eventBasedGateway';
}

/** Any node of a drawing. */
export type FlowNode =
  | StartEvent
  | EndEvent
  | IntermediateCatchEvent
  | IntermediateThrowEvent
  | BoundaryEvent
  | Task
  | ServiceTask
  | ExternalTask
  | ReceiveTask
  | UserTask
  | SubProcess
  | CallActivity
  | ExclusiveGateway
  | ParallelGateway
  | InclusiveGateway
  | ComplexGateway
  | EventBasedGateway;

/** The name of an element. */
export type ElementType = FlowNode['type'];
/** The node of an element. */
export type NodeOf<Type extends ElementType> = Extract<FlowNode, { type: Type }>;
/** A node at which something is done. */
export type Activity =
  | Task
  | ServiceTask
  | ExternalTask
  | ReceiveTask
  | UserTask
  | SubProcess
  | CallActivity;

/** True for nodes that may carry boundary events, loops and compensation. */
export function isActivity(node: FlowNode): node is Activity {
  return 'boundary' in node;
}
