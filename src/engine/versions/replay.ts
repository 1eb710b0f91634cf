/**
 * Plays the history of an instance again with a candidate's code, without any work: what came in is
 * read from the history, and `advance` says what the candidate would have done. The first difference
 * tells where the candidate goes another way with data that was really there.
 */
import type { HistoryEntry, InstanceEvent } from '../model/events.ts';
import type { Instruction } from '../model/modification.ts';
import type { ProcessModel } from '../model/process-model.ts';
import type { InstanceState } from '../model/state.ts';
import { advance } from '../runtime/advance.ts';

/** The entries of one transition. */
export interface RecordedTransition {
  readonly at: number;
  readonly entries: readonly HistoryEntry[];
}

/** Why a history cannot be played again. Codes are stable: scripts group by them. */
export type UnreadableCode =
  /** Entries are missing, since retention dropped them. */
  | 'HISTORY_DROPPED'
  /** What happened while it was suspended was taken up later, and when is not kept. */
  | 'HISTORY_HELD_BACK'
  /** What brought a transition about is not kept with it. */
  | 'HISTORY_CAUSE_UNKNOWN';

/** What came of a replay. */
export type ReplayResult =
  | { readonly outcome: 'same' }
  /** The history does not hold enough to go on from here, e.g. a part of it was dropped. */
  | {
      readonly outcome: 'unreadable';
      readonly seq: number;
      readonly code: UnreadableCode;
      /** Where it stands in the history; empty for the process. */
      readonly element: string;
      readonly why: string;
    }
  | {
      readonly outcome: 'differs';
      readonly seq: number;
      readonly element: string;
      /** `element.entered ship`, or nothing at all. */
      readonly recorded: string;
      readonly candidate: string;
    };

/** Replays transitions from the first on. */
export function replay(
  model: ProcessModel,
  transitions: readonly RecordedTransition[],
): ReplayResult {
  let state: InstanceState | null = null;
  for (const { at, entries } of transitions) {
    let rest = entries;
    do {
      const [first] = rest;
      const seq: number = state?.seq ?? 1;
      if (!first) {
        const why = 'something was held back while it was suspended';
        return unreadable('HISTORY_HELD_BACK', { seq, node: '' }, why);
      }
      if (first.seq !== seq) {
        const why = `expected its history from entry ${seq} on, found entry ${first.seq}: the rest was dropped`;
        return unreadable('HISTORY_DROPPED', { seq, node: '' }, why);
      }
      const event = eventOf(model, state, rest, at);
      if (event === null) {
        const why = `what caused "${first.kind}" is not kept in the history`;
        return unreadable('HISTORY_CAUSE_UNKNOWN', first, why);
      }
      let effects: readonly HistoryEntry[];
      try {
        const advanced = advance(model, state, event);
        effects = advanced.effects.history;
        state = advanced.state;
      } catch (error) {
        const candidate = error instanceof Error ? error.message : String(error);
        return { outcome: 'differs', seq, element: first.node, recorded: textOf(first), candidate };
      }
      const isNext = effects.length > 0 && isOutcome(state, rest[effects.length]);
      const own = isNext ? rest.slice(0, effects.length) : rest;
      const difference = firstDifference(own, effects);
      if (difference) return difference;
      rest = rest.slice(own.length);
    } while (rest.length > 0);
  }
  return { outcome: 'same' };
}

/** True where the outcome of another job begins: several of them may be one transition. */
function isOutcome(state: InstanceState, entry: HistoryEntry | undefined): boolean {
  if (entry?.kind !== 'element.completed' && entry?.kind !== 'job.failed') return false;
  return state.elements[entry.n]?.job?.phase === 'running';
}

function unreadable(
  code: UnreadableCode,
  { seq, node }: Pick<HistoryEntry, 'seq' | 'node'>,
  why: string,
): ReplayResult {
  return { outcome: 'unreadable', seq, code, element: node, why };
}

function firstDifference(
  recorded: readonly HistoryEntry[],
  candidate: readonly HistoryEntry[],
): ReplayResult | null {
  const longest = Math.max(recorded.length, candidate.length);
  for (let index = 0; index < longest; index += 1) {
    const [was, is] = [recorded[index], candidate[index]];
    if (was && is && was.kind === is.kind && was.node === is.node && was.n === is.n) continue;
    const { seq, node } = (was ?? is) as HistoryEntry;
    const texts = { recorded: textOf(was), candidate: textOf(is) };
    return { outcome: 'differs', seq, element: node, ...texts };
  }
  return null;
}

function textOf(entry: HistoryEntry | undefined): string {
  return entry ? `${entry.kind} ${entry.node}`.trimEnd() : 'nothing';
}

/** The event that caused a transition, as far as its history tells; null when it does not. */
function eventOf(
  model: ProcessModel,
  state: InstanceState | null,
  entries: readonly HistoryEntry[],
  at: number,
): InstanceEvent | null {
  const [first, second] = entries;
  if (!first) return null;
  const { kind, n, data } = first;
  if (state === null) return kind === 'process.started' ? startEvent(model, entries, at) : null;
  const facts = (typeof data === 'object' && data !== null ? data : {}) as Facts;
  const by = facts.by ?? '';
  switch (kind) {
    case 'message.received':
      return messageEvent(model, state, first, at);
    case 'timer.fired':
      return timerEvent(state, first, at);
    case 'task.completed':
      return { type: 'task-completed', at, n, by, output: facts.output };
    case 'cancel.requested':
      return { type: 'cancel', at, by, reason: facts.reason ?? '' };
    case 'activity.started':
      return { type: 'activity-start', at, node: first.node, scope: n, by };
    case 'process.modified': {
      const { instructions = [], reason = '' } = facts;
      return { type: 'modify', at, instructions, reason, by };
    }
    case 'process.suspended':
      return { type: 'suspend', at, by, reason: facts.reason ?? '' };
    case 'process.resumed':
      return { type: 'resume', at, by };
    case 'variables.set': {
      const { variables = {}, removed = [] } = facts;
      return { type: 'variables-set', at, n, variables, removed, by };
    }
    case 'update.accepted':
      return { type: 'update', at, id: '', name: first.node, data: facts.data, by };
    case 'incident.retried':
      return { type: 'incident-retry', at, n, by };
    case 'incident.skipped':
      return { type: 'incident-skip', at, n, by, reason: facts.reason ?? '', output: facts.output };
    case 'job.failed': {
      const { attempt = 1, code = '', message = '', kind: errorKind = 'retry' } = facts;
      const thrown = second?.kind === 'error.thrown' ? (second.data as Facts).data : undefined;
      const error = { kind: errorKind, code, message, data: thrown };
      return { type: 'job-failed', at, n, attempt, error, chance: 0.5 };
    }
    case 'element.completed':
      return completedEvent(model, state, first, at);
    case 'element.cancelled': {
      const status = facts.child;
      if (!state.elements[n]?.lingering || status === undefined) return null;
      return { type: 'child-ended', at, n, status, output: null, error: null };
    }
    case 'signal.received':
      return signalEvent(state, first, at);
    case 'escalation.thrown': {
      const { code = '', payload = null } = facts;
      return { type: 'child-escalated', at, n, code, payload };
    }
    case 'error.thrown': {
      const error = { code: facts.code ?? '', message: facts.message ?? '' };
      return { type: 'child-ended', at, n, status: 'failed', output: null, error };
    }
    default:
      return null;
  }
}

interface Facts {
  readonly by?: string;
  readonly reason?: string;
  readonly output?: unknown;
  readonly attempt?: number;
  readonly code?: string;
  readonly message?: string;
  readonly kind?: 'retry' | 'terminal' | 'error';
  readonly data?: unknown;
  readonly variables?: Readonly<Record<string, unknown>>;
  readonly removed?: readonly string[];
  readonly child?: 'completed' | 'failed' | 'cancelled';
  readonly payload?: unknown;
  readonly instructions?: readonly Instruction[];
}

function startEvent(
  model: ProcessModel,
  [first, ...rest]: readonly HistoryEntry[],
  at: number,
): InstanceEvent {
  const passed = rest.find(({ kind, node }) => {
    return kind === 'element.completed' && model.nodes[node]?.type === 'startEvent';
  });
  const event = { type: 'start', at, payload: first?.data } as const;
  return passed ? { ...event, node: passed.node } : event;
}

/** The name of the message is that of the open wait; of several, the one whose payload fits. */
function messageEvent(
  model: ProcessModel,
  state: InstanceState,
  { n, node: on, data: payload }: HistoryEntry,
  at: number,
): InstanceEvent | null {
  const names = (state.elements[n]?.waits ?? []).flatMap((wait) =>
    wait.kind === 'message' && wait.on === on ? [wait.message] : [],
  );
  const node = model.nodes[on];
  const definitions = node && 'messages' in node ? node.messages : [];
  const fitting = names.find((name) =>
    definitions.some(
      (one) => one.message === name && (one.payload?.safeParse(payload).success ?? true),
    ),
  );
  const message = fitting ?? names[0];
  return message === undefined ? null : { type: 'message', at, n, on, payload, message };
}

function signalEvent(
  state: InstanceState,
  { n, node: on, data: payload }: HistoryEntry,
  at: number,
): InstanceEvent | null {
  const wait = state.elements[n]?.waits?.find((one) => one.kind === 'signal' && one.on === on);
  if (wait?.kind !== 'signal') return null;
  return { type: 'signal', at, n, on, signal: wait.signal, payload };
}

function timerEvent(
  state: InstanceState,
  { n, node: on }: HistoryEntry,
  at: number,
): InstanceEvent | null {
  const wait = state.elements[n]?.waits?.find((one) => one.kind === 'timer' && one.on === on);
  return wait?.kind === 'timer' ? { type: 'timer', at, n, on, due: wait.due } : null;
}

function completedEvent(
  model: ProcessModel,
  state: InstanceState,
  { n, node, data }: HistoryEntry,
  at: number,
): InstanceEvent | null {
  const job = state.elements[n]?.job;
  if (job) return { type: 'job-completed', at, n, attempt: job.attempt, output: data ?? null };
  if (model.nodes[node]?.type !== 'callActivity') return null;
  return { type: 'child-ended', at, n, status: 'completed', output: data ?? null, error: null };
}
