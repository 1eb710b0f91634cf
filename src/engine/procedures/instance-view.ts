/** Instances as their readers see them: lists, details, and the timeline of one. */
import { z } from 'zod';
import type { Caller } from '../../kernel/caller.ts';
import { hasRole } from '../../kernel/caller.ts';
import { idSchema } from '../../kernel/ids.ts';
import { type Action, actionSchema } from '../../kernel/page.ts';
import { startableIn } from '../model/ad-hoc.ts';
import type { HistoryEntry } from '../model/events.ts';
import { instanceStatuses } from '../model/instance-status.ts';
import type { ProcessModel } from '../model/process-model.ts';
import type { ElementInstance, InstanceState, Wait } from '../model/state.ts';
import { isRetrying } from '../store/instance-facts.ts';

/** One row of the list of instances. */
export const instanceRowSchema = z.object({
  id: idSchema,
  process: z.string(),
  version: z.number().int(),
  businessKey: z.string().nullable(),
  status: z.enum(instanceStatuses),
  traceId: z.string(),
  startedAt: z.iso.datetime(),
  endedAt: z.iso.datetime().nullable(),
  movedAt: z.iso.datetime().describe('When it moved last'),
  parent: idSchema.nullable(),
  openIncidents: z.number().int(),
  retrying: z
    .array(
      z.object({
        element: z.string(),
        attempt: z.number().int().describe('The attempt that comes, or is at work'),
        nextAttemptAt: z.iso.datetime().nullable().describe('Null while it is at work'),
        code: z.string(),
        message: z.string(),
      }),
    )
    .describe('Steps that failed and are tried again by themselves'),
  tags: z.array(z.string()),
  search: z.record(z.string(), z.string()).describe('Variables that it is found by'),
  can: z.array(actionSchema),
});

/** Who holds a suspended instance, why, and since when. */
export const suspensionSchema = z.object({
  by: z.string(),
  reason: z.string(),
  since: z.iso.datetime(),
  held: z.number().int().describe('Outcomes that came meanwhile, handled on resume'),
});

/** Reads a suspension for people; null when the instance goes on. */
export function suspensionView({ suspended }: InstanceState) {
  if (!suspended) return null;
  const { by, reason, at, held } = suspended;
  return { by, reason, since: new Date(at).toISOString(), held: held.length };
}

/** What an active element does or waits for. */
export const activeElementSchema = z.object({
  element: z.string(),
  name: z.string(),
  type: z.string(),
  n: z.number().int().describe('Number of the element instance'),
  parent: z
    .number()
    .int()
    .optional()
    .describe(
      'Number of the element that it lies in; absent: the process, or a moment of the past',
    ),
  loop: z.literal(true).optional().describe('The body of a loop, around its runs'),
  attempt: z.number().int().optional().describe('Attempt of its job, from 1'),
  retrying: z
    .object({
      attempt: z.number().int().describe('The attempt that comes, or is at work'),
      nextAttemptAt: z.iso.datetime().nullable().describe('Null while it is at work'),
      code: z.string(),
      message: z.string(),
    })
    .optional()
    .describe('It failed before and is tried again by itself'),
  waitingFor: z.array(
    z.object({
      kind: z.enum(['message', 'timer', 'task', 'retry', 'external', 'signal', 'condition']),
      name: z.string(),
      key: z.string().optional(),
      due: z.iso.datetime().optional(),
    }),
  ),
  incident: z.object({ code: z.string(), message: z.string() }).optional(),
  startable: z
    .array(z.string())
    .optional()
    .describe('Of an ad-hoc sub-process: activities that processes.start-activity can have begin'),
  lingering: z
    .literal(true)
    .optional()
    .describe('It was interrupted, and stays until the process that it called has undone its work'),
  held: z
    .literal(true)
    .optional()
    .describe('It begins once what was interrupted before it has undone its work'),
});

/** One line of the timeline. */
export const timelineEntrySchema = z.object({
  seq: z.number().int(),
  at: z.iso.datetime(),
  kind: z.string(),
  element: z.string(),
  type: z.string().describe('BPMN type of the element, or `process`'),
  name: z.string(),
  n: z.number().int(),
  /** The line for people. */
  text: z.string(),
  data: z.unknown().optional(),
});
export type TimelineEntry = z.infer<typeof timelineEntrySchema>;

/** Reads an element's waits and job for people. */
export function activeElements(model: ProcessModel | undefined, state: InstanceState) {
  return Object.values(state.elements)
    .filter(({ node }) => node !== '')
    .map((element) => {
      const node = model?.nodes[element.node];
      return {
        element: element.node,
        name: node?.name ?? element.node,
        type: node?.type ?? 'unknown',
        n: element.n,
        ...(state.elements[element.parent]?.node ? { parent: element.parent } : {}),
        ...(element.loop ? { loop: true as const } : {}),
        ...(element.job ? { attempt: element.job.attempt } : {}),
        ...(isRetrying(element) ? { retrying: retryView(element) } : {}),
        waitingFor: (element.waits ?? []).map((wait) => waitView(element, wait)),
        ...(model && element.adHoc && !element.adHoc.enough && !element.loop
          ? { startable: [...startableIn(model.nodes, element.node)] }
          : {}),
        ...(element.lingering ? { lingering: true as const } : {}),
        ...(element.held ? { held: true as const } : {}),
        ...(element.incident
          ? { incident: { code: element.incident.code, message: element.incident.message } }
          : {}),
      };
    });
}

function retryView({ node, job, waits = [] }: ElementInstance) {
  const isPaused = job?.phase === 'backoff';
  const timer = waits.find((wait) => wait.kind === 'timer' && wait.on === node);
  const due = isPaused && timer?.kind === 'timer' ? new Date(timer.due).toISOString() : null;
  return {
    attempt: (job?.attempt ?? 1) + (isPaused ? 1 : 0),
    nextAttemptAt: due,
    code: job?.failed?.code ?? 'STEP_FAILED',
    message: job?.failed?.message ?? '',
  };
}

function waitView(element: ElementInstance, wait: Wait) {
  if (wait.kind === 'message') return { kind: wait.kind, name: wait.message, key: wait.key };
  if (wait.kind === 'task') return { kind: wait.kind, name: wait.title };
  if (wait.kind === 'external') {
    const due = wait.freeAt === undefined ? {} : { due: new Date(wait.freeAt).toISOString() };
    return { kind: wait.kind, name: wait.topic, ...due };
  }
  if (wait.kind === 'signal') return { kind: wait.kind, name: wait.signal };
  if (wait.kind === 'condition') return { kind: wait.kind, name: wait.on };
  const kind = element.job && wait.on === element.node ? ('retry' as const) : wait.kind;
  return { kind, name: wait.on, due: new Date(wait.due).toISOString() };
}

/** Turns a stored history entry into a line for people. */
export function timelineEntry(
  model: ProcessModel | undefined,
  entry: HistoryEntry,
  at: Date,
): TimelineEntry {
  const name = entry.node === '' ? (model?.name ?? 'process') : nameOf(model, entry.node);
  return {
    seq: entry.seq,
    at: at.toISOString(),
    kind: entry.kind,
    element: entry.node,
    type: entry.node === '' ? 'process' : (model?.nodes[entry.node]?.type ?? 'unknown'),
    name,
    n: entry.n,
    text: sentence(entry, name, model?.nodes[entry.node]?.type ?? ''),
    ...(entry.data === undefined ? {} : { data: entry.data }),
  };
}

/** Gateways and plain events are passed; everything else begins and is done. */
function waits(type: string): boolean {
  return !type.endsWith('Gateway') && !/^(start|end|boundary|intermediateThrow)/.test(type);
}

function nameOf(model: ProcessModel | undefined, node: string): string {
  return model?.nodes[node]?.name || node;
}

interface Facts {
  readonly code?: string;
  readonly message?: string;
  readonly signal?: string;
  readonly attempt?: number;
  readonly by?: string;
  readonly reason?: string;
  readonly from?: number;
  readonly to?: number;
  readonly large?: unknown;
}

function sentence(entry: HistoryEntry, name: string, type: string): string {
  const facts = (typeof entry.data === 'object' ? entry.data : {}) as Facts | null;
  const { code, message, signal, attempt, from, to } = facts ?? {};
  // Of large data only the short members are at hand.
  const by = facts?.by ?? (facts?.large ? 'somebody (named in its data)' : undefined);
  const reason = facts?.reason ?? (facts?.large ? 'told in its data' : undefined);
  switch (entry.kind) {
    case 'process.started':
      return `${name} started`;
    case 'process.completed':
      return `${name} completed`;
    case 'process.failed':
      return `${name} failed: ${message ?? code}`;
    case 'process.cancelled':
      return `${name} was cancelled`;
    case 'process.suspended':
      return `${by} suspended it: ${reason}`;
    case 'process.resumed':
      return `${by} resumed it`;
    case 'process.migrated':
      return `${name}: moved from version ${from} to version ${to} by ${by}`;
    case 'cancel.requested':
      return `${by} asked to cancel: ${reason}`;
    case 'process.modified':
      return `${name}: moved by hand by ${by}: ${reason}`;
    case 'activity.started':
      return `${by} had ${name} begin`;
    case 'transaction.cancelled':
      return `${name}: cancelled as a whole; what was done in it is undone`;
    case 'element.entered':
      return `${name}: began`;
    case 'element.completed':
      return waits(type) ? `${name}: done` : `${name}: passed`;
    case 'element.cancelling':
      return `${name}: interrupted; it waits until the process that it called has undone its work`;
    case 'element.cancelled':
      return `${name}: interrupted`;
    case 'message.received':
      return `${name}: message received`;
    case 'message.thrown':
      return `${name}: message "${message}" sent`;
    case 'signal.received':
      return `${name}: signal received`;
    case 'signal.thrown':
      return `${name}: signal "${signal}" broadcast`;
    case 'condition.met':
      return `${name}: its condition holds`;
    case 'escalation.thrown':
      return `${name}: escalation ${code}${by ? `, caught by ${by}` : ''}`;
    case 'timer.fired':
      // A deadline is an event of its own; a timer of the task itself is the pause before its next attempt.
      return type === 'serviceTask' ? `${name}: tried again` : `${name}: time was up`;
    case 'timer.moved':
      return `${name}: ${by} set its timer to another moment`;
    case 'update.accepted':
      return `${name}: update by ${by}`;
    case 'variables.set':
      return `${name}: ${by} set variables`;
    case 'task.completed':
      return `${name}: decided by ${by}`;
    case 'job.failed':
      return `${name}: attempt ${attempt} failed (${code}: ${message})`;
    case 'external.completed':
      return `${name}: done by worker ${by}`;
    case 'external.retries':
      return `${name}: ${by} said how often it is tried again`;
    case 'error.thrown':
      return `${name}: error ${code} (${message})`;
    case 'compensation.started':
      return `${name}: undoing ${Array.isArray(entry.data) ? entry.data.length : 'very many'} completed steps`;
    case 'incident.opened':
      return `${name}: incident ${code} (${message}); a person must retry or skip it`;
    case 'incident.retried':
      return `${name}: ${by} asked to try again`;
    case 'incident.skipped':
      return `${name}: skipped by ${by}, because ${reason}`;
  }
}

/** What a reader may do with an instance. */
export function instanceActions(caller: Caller, status: string): Action[] {
  const moving = status === 'running' || status === 'waiting';
  const suspended = status === 'suspended';
  const can = (action: string, possible: boolean): Action => {
    const reason = !hasRole(caller, 'operator', 'admin')
      ? 'only operators and admins may steer an instance'
      : possible
        ? undefined
        : `the instance is ${status}`;
    return { action, allowed: reason === undefined, ...(reason ? { reason } : {}) };
  };
  return [
    can('processes.cancel', moving || suspended),
    can('processes.suspend', moving),
    can('processes.resume', suspended),
  ];
}
