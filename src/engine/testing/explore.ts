/**
 * Tries every order of what can happen to an instance, up to a bound: outcomes of jobs, messages,
 * timers, cancellation, and events that come too late. After each transition the invariants hold, and
 * every play that comes to its end comes to one that the test allows.
 */
import { assert } from '../../kernel/errors.ts';
import type { InstanceEvent, LaterEvent } from '../model/events.ts';
import type { ProcessModel } from '../model/process-model.ts';
import type { InstanceState } from '../model/state.ts';
import { isWaiting } from '../model/wait-number.ts';
import { advance } from '../runtime/advance.ts';
import { historyLine } from './history-lines.ts';
import { Play } from './play.ts';

/** What may happen besides jobs that succeed, messages and timers. */
export interface ExploreOptions {
  /** Codes of errors that jobs may answer with. */
  readonly errors?: readonly string[];
  /** Jobs may fail in a way that asks for another attempt. */
  readonly retries?: boolean;
  /** The instance may be cancelled. @defaultValue true */
  readonly cancels?: boolean;
  /** The instance may be suspended once; it is resumed or cancelled then. */
  readonly suspends?: boolean;
  /** Incidents are retried and skipped by a person. */
  readonly people?: boolean;
  /** Longest play. @defaultValue 12 */
  readonly depth?: number;
  /** Looked at after each transition of a play that goes on. */
  readonly underWay?: (play: Play) => void;
  /** Looked at for each play that has ended. */
  readonly ended?: (play: Play) => void;
}

/** What came of it. */
export interface Explored {
  /** Transitions made. */
  readonly transitions: number;
  /** Plays that came to an end, by status. */
  readonly ends: Readonly<Record<string, number>>;
}

/** Plays every order of events. A broken invariant is thrown with the events that led to it. */
export function explore(model: ProcessModel, options: ExploreOptions = {}): Explored {
  const ends: Record<string, number> = {};
  let transitions = 0;
  const { depth = 12 } = options;

  function follow(events: readonly InstanceEvent[]): void {
    const play = new Play(model);
    try {
      for (const event of events) play.apply(event);
      transitions += 1;
      refuseStale(model, play.state, events);
      if (play.status !== 'active') {
        ends[play.status] = (ends[play.status] ?? 0) + 1;
        options.ended?.(play);
        return;
      }
      options.underWay?.(play);
      const next = possibleEvents(play, options);
      assert(
        next.length > 0 || play.incidents.length > 0,
        'nothing can happen any more, and the instance has not ended',
      );
      if (events.length >= depth) return;
      for (const event of next) follow([...events, event]);
    } catch (error) {
      if (error instanceof Found) throw error;
      throw new Found(play, events, error);
    }
  }

  follow([{ type: 'start', at: Date.UTC(2026, 0, 1), payload: {} }]);
  return { transitions, ends };
}

class Found extends Error {
  constructor(play: Play, events: readonly InstanceEvent[], cause: unknown) {
    const message = cause instanceof Error ? cause.message : String(cause);
    const lines = play.history.map(historyLine).join(', ');
    super(`${message}\nevents: ${JSON.stringify(events)}\nhistory: ${lines}`, { cause });
  }
}

/** Every event that was accepted comes once more: what acts twice must be able to. */
function refuseStale(
  model: ProcessModel,
  state: InstanceState,
  events: readonly InstanceEvent[],
): void {
  for (const event of events) {
    // A person may suspend what was resumed.
    if (event.type === 'start' || event.type === 'suspend') continue;
    if (event.type.startsWith('incident')) continue;
    const { accepted } = advance(model, state, event);
    // A called process that is started again ends again; its inbox row makes each end act once.
    const mayRepeat =
      (event.type === 'message' && isOpen(state, event)) ||
      (event.type === 'child-ended' && state.elements[event.n] !== undefined);
    assert(!accepted || mayRepeat, `an old event acted again: ${JSON.stringify(event)}`);
  }
}

function isOpen(state: InstanceState, { n, on }: { n: number; on: string }): boolean {
  return (
    state.elements[n]?.waits?.some((wait) => wait.on === on) === true || isWaiting(state, n, on)
  );
}

/** What may happen to the instance next. */
export function possibleEvents(play: Play, options: ExploreOptions): LaterEvent[] {
  const { errors = [], retries = false, cancels = true, people = false, suspends } = options;
  const events: LaterEvent[] = [];
  const at = play.now;
  const { suspended } = play.state;
  const wasSuspended = play.history.some(({ kind }) => kind === 'process.suspended');
  if (suspends && !wasSuspended) events.push({ type: 'suspend', at, reason: 'wait', by: 'ada' });
  if (suspended) events.push({ type: 'resume', at, by: 'ada' });
  const isHeld = (n: number) => suspended?.held.some((one) => 'n' in one && one.n === n) ?? false;
  for (const element of Object.values(play.state.elements)) {
    const { n, node, job, waits = [], incident, called, lingering } = element;
    if (job?.phase === 'running' && !isHeld(n)) {
      const { attempt } = job;
      events.push({ type: 'job-completed', at, n, attempt, output: `${node} done` });
      const failed = { type: 'job-failed', at, n, attempt, chance: 0 } as const;
      const message = 'it failed';
      for (const code of errors) {
        events.push({ ...failed, error: { kind: 'error', code, message } });
      }
      if (retries) events.push({ ...failed, error: { kind: 'retry', code: 'BROKEN', message } });
    }
    for (const wait of suspended ? [] : waits) {
      if (wait.kind === 'timer') {
        events.push({ type: 'timer', at: wait.due, n, on: wait.on, due: wait.due });
      } else if (wait.kind === 'message') {
        events.push({ type: 'message', at, n, on: wait.on, message: wait.message, payload: 1 });
      } else if (wait.kind === 'signal') {
        events.push({ type: 'signal', at, n, on: wait.on, signal: wait.signal, payload: 1 });
      } else if (wait.kind === 'task')
        events.push({ type: 'task-completed', at, n, output: 1, by: 'ada' });
    }
    if ((called || lingering) && !(incident && incident.resume.type === 'event') && !isHeld(n)) {
      const ended = { type: 'child-ended', at, n, output: 1 } as const;
      events.push({ ...ended, status: 'completed', error: null });
      for (const code of errors) {
        events.push({ ...ended, status: 'failed', error: { code, message: code } });
      }
    }
    if (incident && people && !suspended) {
      events.push({ type: 'incident-retry', at, n, by: 'ada' });
      events.push({ type: 'incident-skip', at, n, by: 'ada', reason: 'so', output: 1 });
    }
  }
  const isCancelling = play.state.elements[1]?.cancelling !== undefined;
  const cancel = { type: 'cancel', at, reason: 'no longer wanted', by: 'ada' } as const;
  if (!isCancelling && (cancels || events.length === 0)) events.push(cancel);
  return events;
}
