/** Instances as this dialect writes them: those that run, and those of the history. */
import { dateText } from '../dates.ts';
import { definitionId } from '../definition-ids.ts';

/** A row of `processes.list`, or what `processes.get` gives. */
export interface Instance {
  readonly id: string;
  readonly process: string;
  readonly version: number;
  readonly businessKey: string | null;
  readonly status: 'running' | 'waiting' | 'suspended' | 'completed' | 'failed' | 'cancelled';
  readonly startedAt: string;
  readonly endedAt: string | null;
  readonly parent: string | null;
}

/** What `processes.get` gives beside. */
export interface InstanceDetails extends Instance {
  readonly name: string;
  readonly elements: readonly ActiveElement[];
  readonly variables: Readonly<Record<string, unknown>>;
  readonly timeline: readonly TimelineEntry[];
  readonly lastSeq: number;
}

/** Where an instance stands. */
export interface ActiveElement {
  readonly element: string;
  readonly name: string;
  readonly type: string;
  readonly n: number;
  /** Number of the element that it lies in. */
  readonly parent?: number;
  /** The body of a loop, around its runs. */
  readonly loop?: true;
  readonly attempt?: number;
  readonly retrying?: {
    readonly attempt: number;
    readonly nextAttemptAt: string | null;
    readonly message: string;
  };
  readonly waitingFor: readonly {
    readonly kind: string;
    readonly name: string;
    readonly due?: string;
  }[];
  readonly incident?: { readonly code: string; readonly message: string };
}

/** One line of the history. */
export interface TimelineEntry {
  readonly seq: number;
  readonly at: string;
  readonly kind: string;
  readonly element: string;
  readonly type: string;
  readonly name: string;
  readonly n: number;
  readonly data?: unknown;
}

/** An instance that runs. */
export function instanceView(instance: Instance) {
  return {
    links: [],
    id: instance.id,
    definitionId: definitionId(instance),
    definitionKey: instance.process,
    businessKey: instance.businessKey,
    caseInstanceId: null,
    ended: instance.endedAt !== null,
    suspended: instance.status === 'suspended',
    tenantId: null,
  };
}

const states = {
  running: 'ACTIVE',
  waiting: 'ACTIVE',
  suspended: 'SUSPENDED',
  completed: 'COMPLETED',
  failed: 'INTERNALLY_TERMINATED',
  cancelled: 'EXTERNALLY_TERMINATED',
} as const;

/** An instance of the history. */
export function historicInstanceView(instance: Instance, name: string) {
  const { startedAt, endedAt } = instance;
  return {
    id: instance.id,
    businessKey: instance.businessKey,
    processDefinitionId: definitionId(instance),
    processDefinitionKey: instance.process,
    processDefinitionName: name,
    processDefinitionVersion: instance.version,
    startTime: dateText(startedAt),
    endTime: dateText(endedAt),
    removalTime: null,
    durationInMillis: duration(startedAt, endedAt),
    startUserId: null,
    startActivityId: null,
    deleteReason: instance.status === 'cancelled' ? 'cancelled' : null,
    rootProcessInstanceId: instance.parent ?? instance.id,
    superProcessInstanceId: instance.parent,
    superCaseInstanceId: null,
    caseInstanceId: null,
    tenantId: null,
    state: states[instance.status],
  };
}

/** Milliseconds between two moments; null while it lasts. */
export function duration(from: string, to: string | null): number | null {
  return to === null ? null : new Date(to).getTime() - new Date(from).getTime();
}

/** What Camunda 7 calls the elements of this engine. */
export function activityType(type: string): string {
  const names: Readonly<Record<string, string>> = {
    externalTask: 'serviceTask',
    endEvent: 'noneEndEvent',
    intermediateThrowEvent: 'intermediateNoneThrowEvent',
    intermediateCatchEvent: 'intermediateCatchEvent',
    process: 'processDefinition',
  };
  return names[type] ?? type;
}

/** The id of one run of an element. */
export function activityInstanceId(element: { readonly element: string; readonly n: number }) {
  return `${element.element}:${element.n}`;
}
