/**
 * Process models in a few lines, for tests of the engine: nodes by id, flows as arrows. Containers
 * are told what lies in them; incoming and outgoing flows, boundary events and undos are worked out.
 *
 *     drawProcess('trip', {
 *       nodes: { start: startEvent(), book: serviceTask({ undo: 'unbook' }), unbook: undoTask(),
 *                end: endEvent() },
 *       flows: ['start -> book -> end'],
 *     })
 */
import { assert } from '../../kernel/errors.ts';
import { constant, type Expression, expression, type Variables } from '../model/expression.ts';
import type {
  AdHoc,
  EventDefinitionModel,
  FlowNode,
  MessageEventDefinition,
  MultiInstance,
  NodeOf,
  ProcessModel,
  RetryPolicy,
  SequenceFlow,
  TimerEventDefinition,
} from '../model/process-model.ts';

/** A node before its place in the drawing is known. */
export interface Draft {
  readonly node: Record<string, unknown> & { readonly type: FlowNode['type'] };
  /** Ids of the nodes that lie in it. */
  readonly holds?: readonly string[];
}

/** A process as a test writes it. */
export interface Drawing {
  readonly nodes: Readonly<Record<string, Draft>>;
  /** Chains of ids: `a -> b -> c`. */
  readonly flows: readonly string[];
  /** Conditions of flows, by `a -> b`. */
  readonly when?: Readonly<Record<string, (variables: Variables) => boolean>>;
  readonly version?: number;
  readonly output?: (variables: Variables) => unknown;
  readonly input?: ProcessModel['input'];
  readonly businessKey?: (variables: Variables) => string;
}

/** Makes the model of a drawing. */
export function drawProcess(key: string, drawing: Drawing): ProcessModel {
  const flows = readFlows(drawing);
  const parents = new Map<string, string>();
  for (const [id, { holds = [] }] of Object.entries(drawing.nodes)) {
    for (const inner of holds) parents.set(inner, id);
  }
  const nodes: Record<string, FlowNode> = {};
  for (const [id, { node }] of Object.entries(drawing.nodes)) {
    const attached = Object.entries(drawing.nodes).filter(([, b]) => b.node.attachedTo === id);
    nodes[id] = {
      name: id,
      ...node,
      id,
      parent: parents.get(id) ?? null,
      incoming: flows.filter((flow) => flow.target === id).map((flow) => flow.id),
      outgoing: flows.filter((flow) => flow.source === id).map((flow) => flow.id),
      ...(activities.has(node.type) ? { boundary: attached.map(([b]) => b) } : {}),
    } as unknown as FlowNode;
  }
  const { version = 1, output, input, businessKey } = drawing;
  return {
    key,
    version,
    name: key,
    nodes,
    flows: Object.fromEntries(flows.map((flow) => [flow.id, flow])),
    ...(output ? { output: expression(output) } : {}),
    ...(input ? { input } : {}),
    ...(businessKey ? { businessKey: expression(businessKey) } : {}),
  };
}

const activities: ReadonlySet<string> = new Set([
  'task',
  'serviceTask',
  'externalTask',
  'receiveTask',
  'userTask',
  'subProcess',
  'callActivity',
]);

function readFlows({ flows, when = {}, nodes }: Drawing): SequenceFlow[] {
  return flows.flatMap((chain) => {
    const ids = chain.split('->').map((id) => id.trim());
    for (const id of ids) assert(nodes[id], `the drawing has no node "${id}"`);
    return ids.slice(1).map((target, index) => {
      const source = ids[index] as string;
      const id = `${source} -> ${target}`;
      const condition = when[id];
      return { id, source, target, ...(condition ? { condition: expression(condition) } : {}) };
    });
  });
}

const draft = <Type extends FlowNode['type']>(type: Type, fields: object): Draft => ({
  node: { type, ...fields },
});

/** What activities of every kind may have. */
export interface ActivityOptions {
  readonly result?: string;
  /** Id of the activity that undoes it. */
  readonly undo?: string;
  readonly loop?: MultiInstance;
}

const activity = ({ result, undo, loop }: ActivityOptions) => ({
  ...(result === undefined ? {} : { result }),
  ...(undo === undefined ? {} : { compensation: undo }),
  ...(loop === undefined ? {} : { multiInstance: loop }),
});

/** Three attempts, 1 s apart, then 2 s; no jitter. */
const plainRetry: RetryPolicy = {
  maxAttempts: 3,
  initialDelayMs: 1000,
  factor: 2,
  maxDelayMs: 60_000,
  jitter: 0,
};

/** A service task; its job gives null unless told otherwise. */
export function serviceTask(
  options: ActivityOptions &
    Partial<Pick<NodeOf<'serviceTask'>, 'job' | 'retry' | 'timeoutMs' | 'concurrency'>> = {},
): Draft {
  const { concurrency } = options;
  const { job = async () => null, retry = plainRetry, timeoutMs = 60_000 } = options;
  const limit = concurrency ? { concurrency } : {};
  return draft('serviceTask', { job, retry, timeoutMs, ...limit, ...activity(options) });
}

/** A service task that undoes another. */
export function undoTask(options: Parameters<typeof serviceTask>[0] = {}): Draft {
  const { node } = serviceTask(options);
  return { node: { ...node, forCompensation: true } };
}

/** A message, correlated by fields whose values are variables of the same name. */
export function message(name: string, ...fields: readonly string[]): MessageEventDefinition {
  const correlation = [...fields].sort().map((field) => ({
    field,
    value: expression((variables) => variables[field], field),
  }));
  return { type: 'message', message: name, correlation };
}

/** A timer that is due some time after it is entered. */
export function timer(afterMs: number): TimerEventDefinition {
  return { type: 'timer', due: constant(afterMs) };
}

/** An error event; without a code it catches any. */
export function error(code?: string): EventDefinitionModel {
  return code === undefined ? { type: 'error' } : { type: 'error', code };
}

/** Exactly one of its messages ends it. */
export const receiveTask = (
  messages: readonly MessageEventDefinition[],
  options: ActivityOptions = {},
): Draft => draft('receiveTask', { messages, ...activity(options) });

/** A person, or the message of a person, ends it. */
export const userTask = (
  options: ActivityOptions & Partial<Omit<NodeOf<'userTask'>, 'output'>> = {},
): Draft =>
  draft('userTask', {
    roles: options.roles ?? ['manager'],
    title: options.title ?? constant('Decide'),
    subject: options.subject ?? constant(null),
    messages: options.messages ?? [],
    ...(options.due === undefined ? {} : { due: options.due }),
    ...activity(options),
  });

/** A scope, entered by a token or by an event. */
export function subProcess(
  holds: readonly string[],
  options: ActivityOptions & {
    readonly byEvent?: boolean;
    readonly transaction?: true;
    readonly adHoc?: AdHoc;
    readonly output?: (variables: Variables) => unknown;
  } = {},
): Draft {
  const { byEvent = false, output, transaction, adHoc } = options;
  const own = {
    ...(output ? { output: expression(output) } : {}),
    ...(transaction ? { transaction } : {}),
    ...(adHoc ? { adHoc } : {}),
  };
  return {
    ...draft('subProcess', { triggeredByEvent: byEvent, ...own, ...activity(options) }),
    holds,
  };
}

/** Another process runs as a child of the activity. */
export const callActivity = (
  calledProcess: string,
  options: ActivityOptions & { readonly input?: (variables: Variables) => unknown } = {},
): Draft =>
  draft('callActivity', {
    calledProcess,
    input: expression(options.input ?? ((variables) => variables)),
    ...activity(options),
  });

/** Where tokens begin. */
export const startEvent = (
  event: EventDefinitionModel | null = null,
  options: Partial<Pick<NodeOf<'startEvent'>, 'result' | 'interrupting'>> = {},
): Draft => draft('startEvent', { event, ...options });

/** The end of a token, of a scope, or of the process. */
export const endEvent = (event: EventDefinitionModel | null = null): Draft =>
  draft('endEvent', { event });

/** An event that a token waits for. */
export const catchEvent = (
  event: MessageEventDefinition | TimerEventDefinition,
  options: { readonly result?: string } = {},
): Draft => draft('intermediateCatchEvent', { event, ...options });

/** Undoes what its scope has completed, or one activity of it. */
export const compensateEvent = (activityId?: string): Draft =>
  draft('intermediateThrowEvent', {
    event: { type: 'compensation', ...(activityId === undefined ? {} : { activity: activityId }) },
  });

/** An event at an activity, for as long as the activity runs. */
export const boundaryEvent = (
  attachedTo: string,
  event: EventDefinitionModel,
  options: { readonly interrupting?: boolean; readonly result?: string } = {},
): Draft => draft('boundaryEvent', { attachedTo, interrupting: true, event, ...options });

/** Exactly one way is taken, or an incident opens. */
export const exclusiveGateway = (defaultFlow?: string): Draft =>
  draft('exclusiveGateway', defaultFlow === undefined ? {} : { defaultFlow });
/** All ways are taken, and all are waited for. */
export const parallelGateway = (): Draft => draft('parallelGateway', {});
/** Exactly one of the events behind it happens. */
export const eventBasedGateway = (): Draft => draft('eventBasedGateway', {});

/** A loop over a list that is a variable, or is given. */
export function loopOver(
  list: string | readonly unknown[] | Expression<readonly unknown[]>,
  options: Partial<MultiInstance> = {},
): MultiInstance {
  const collection =
    typeof list === 'string'
      ? expression((variables) => variables[list] as readonly unknown[], list)
      : 'evaluate' in list
        ? list
        : constant(list);
  return { sequential: false, item: 'item', ...options, collection };
}
