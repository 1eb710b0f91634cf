/**
 * The heart of the engine: a pure function from a state and an event to the next state and what
 * follows from it. No I/O, no clock, no randomness; the same inputs always give the same result, so
 * every interleaving can be tried and every history replayed.
 */
import { assert } from '../../kernel/errors.ts';
import type { Effects, InstanceEvent, JobError } from '../model/events.ts';
import { indexOf } from '../model/model-index.ts';
import { isActivity, type ProcessModel, type RetryPolicy } from '../model/process-model.ts';
import type { InstanceState } from '../model/state.ts';
import { noEffects, Transition } from './transition.ts';

export interface Advanced {
  readonly state: InstanceState;
  readonly effects: Effects;
  /**
   * False when the event came too late (its element is gone, its attempt is stale, the instance has
   * ended). The state is then the one given, and nothing follows.
   */
  readonly accepted: boolean;
}

const unborn: InstanceState = { status: 'active', next: 1, seq: 1, elements: {} };

/** Moves an instance by one event. `state` is null for the `start` event only. */
export function advance(
  model: ProcessModel,
  state: InstanceState | null,
  event: InstanceEvent,
): Advanced {
  if (event.type === 'start') {
    assert(state === null, 'an instance starts once');
    const transition = new Transition(model, unborn, event.at);
    transition.begin(event.node ?? plainStart(model), event.payload);
    return { state: transition.settle(), effects: transition.effects, accepted: true };
  }
  assert(state !== null, `event "${event.type}" needs a started instance`);
  if (state.status !== 'active') return refused(state);
  const transition = new Transition(model, state, event.at);
  if (!apply(transition, event)) return refused(state);
  return { state: transition.settle(), effects: transition.effects, accepted: true };
}

function refused(state: InstanceState): Advanced {
  return { state, effects: noEffects(), accepted: false };
}

function plainStart(model: ProcessModel): string {
  const { starts } = indexOf(model);
  const start = starts.find((candidate) => candidate.event === null) ?? starts[0];
  assert(start, `process "${model.key}" has no start event`);
  return start.id;
}

type LaterEvent = Exclude<InstanceEvent, { type: 'start' }>;

function apply(t: Transition, event: LaterEvent): boolean {
  switch (event.type) {
    case 'message': {
      const { message, payload } = event;
      return t.trigger(event.n, event.on, { kind: 'message', message, payload });
    }
    case 'timer':
      return t.trigger(event.n, event.on, { kind: 'timer' });
    case 'task-completed': {
      const { output, by } = event;
      if (!t.has(event.n)) return false;
      return t.trigger(event.n, t.element(event.n).node, { kind: 'task', output, by });
    }
    case 'job-completed':
      if (!isCurrentAttempt(t, event)) return false;
      t.leave(event.n, event.output);
      return true;
    case 'job-failed':
      if (!isCurrentAttempt(t, event)) return false;
      jobFailed(t, event.n, event.attempt, event.error, event.chance);
      return true;
    case 'child-ended':
      return childEnded(t, event);
    case 'cancel':
      return t.cancel(event.reason, event.by);
    case 'incident-retry':
      return retryIncident(t, event.n, event.by);
    case 'incident-skip':
      return skipIncident(t, event);
  }
}

function isCurrentAttempt(t: Transition, event: { n: number; attempt: number }): boolean {
  if (!t.has(event.n)) return false;
  const { job } = t.element(event.n);
  return job?.phase === 'running' && job.attempt === event.attempt;
}

function jobFailed(
  t: Transition,
  n: number,
  attempt: number,
  error: JobError,
  chance: number,
): void {
  const element = t.element(n);
  const { code, message } = error;
  t.record('job.failed', element.node, n, { attempt, code, message, kind: error.kind });
  if (error.kind === 'error') {
    t.patch(n, { job: { attempt, phase: 'stopped' } });
    t.throwError(n, code, message, error.data ?? null);
    return;
  }
  const node = t.node(element.node);
  assert(node.type === 'serviceTask', `"${node.id}" is no service task but had a job`);
  const from = element.job?.countsFrom ?? 0;
  const unknown = error.outcomeUnknown === true || element.job?.unknown === true;
  const job = {
    attempt,
    ...(from > 0 ? { countsFrom: from } : {}),
    ...(unknown ? { unknown: true } : {}),
  };
  if (error.kind === 'retry' && attempt - from < node.retry.maxAttempts) {
    const delay = retryDelayMs(node.retry, attempt - from, chance);
    t.patch(n, { job: { ...job, phase: 'backoff' } });
    t.wait(n, {
      kind: 'timer',
      on: node.id,
      due: t.at + Math.max(delay, error.retryAfterMs ?? 0),
    });
    return;
  }
  t.patch(n, { job: { ...job, phase: 'stopped' } });
  t.openIncident(n, code, message);
}

/** Exponential backoff with jitter: the share `jitter` of the delay is random. `attempt` from 1. */
export function retryDelayMs(policy: RetryPolicy, attempt: number, chance: number): number {
  const full = Math.min(policy.initialDelayMs * policy.factor ** (attempt - 1), policy.maxDelayMs);
  return Math.round(full * (1 - policy.jitter) + full * policy.jitter * chance);
}

function childEnded(t: Transition, event: LaterEvent & { type: 'child-ended' }): boolean {
  if (!t.has(event.n) || t.element(event.n).loop) return false;
  const { node } = t.element(event.n);
  if (node === '' || t.node(node).type !== 'callActivity') return false;
  if (event.status === 'completed') t.leave(event.n, event.output);
  else {
    const error = event.error ?? { code: 'CHILD_FAILED', message: `child process ${event.status}` };
    t.throwError(event.n, error.code, error.message, null);
  }
  return true;
}

function retryIncident(t: Transition, n: number, by: string): boolean {
  if (!t.has(n)) return false;
  const element = t.element(n);
  if (!element.incident) return false;
  t.record('incident.retried', element.node, n, { by });
  t.closeIncident(n);
  if (element.job) {
    const { attempt, unknown } = element.job;
    t.patch(n, { job: { ...element.job, countsFrom: attempt } });
    t.startJob(n, attempt + 1, unknown ?? false);
  } else {
    t.reenter(n);
  }
  return true;
}

function skipIncident(t: Transition, event: LaterEvent & { type: 'incident-skip' }): boolean {
  if (!t.has(event.n)) return false;
  const element = t.element(event.n);
  if (!element.incident || element.node === '') return false;
  const { by, reason, output } = event;
  t.record('incident.skipped', element.node, event.n, { by, reason, output });
  t.closeIncident(event.n);
  const node = t.node(element.node);
  // Only a normal completion is undone later; what a person skipped was never done.
  if (isActivity(node)) t.skip(event.n, output);
  else t.leaveBy(event.n, node.outgoing.slice(0, 1));
  return true;
}
