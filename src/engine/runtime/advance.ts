/**
 * The heart of the engine: a pure function from a state and an event to the next state and what
 * follows from it. No I/O, no clock, no randomness; the same inputs always give the same result, so
 * every interleaving can be tried and every history replayed.
 *
 * A started instance always takes its event or refuses it. One that cannot be handled at all becomes
 * an incident, and is handled again when a person asks for it.
 */
import { assert } from '../../kernel/errors.ts';
import { atMoment } from '../expressions/moment.ts';
import type { InstanceEvent, LaterEvent } from '../model/events.ts';
import type { ProcessModel } from '../model/process-model.ts';
import type { InstanceState } from '../model/state.ts';
import { startActivity } from './activity-start.ts';
import type { Advanced } from './advanced.ts';
import { continueWait } from './continued-wait.ts';
import {
  externalCompleted,
  externalFailed,
  externalRetries,
  externalThrew,
} from './external-work.ts';
import { retryIncident, skipIncident } from './incidents.ts';
import { jobFailed } from './jobs.ts';
import { endLingering } from './lingering.ts';
import { modify } from './modification.ts';
import { moveTimer } from './moved-timers.ts';
import { namedStart } from './start-payload.ts';
import { advanceSuspended, suspend } from './suspension.ts';
import { Transition } from './transition.ts';
import { takeUpdate } from './updates.ts';
import { noEffects, processElement } from './working-state.ts';

export type { Advanced } from './advanced.ts';

const unborn: InstanceState = { status: 'active', next: 1, seq: 1, elements: {} };

/**
 * Moves an instance by one event. `state` is null for the `start` event only. The event's moment is what
 * expressions see as now.
 */
export function advance(
  model: ProcessModel,
  state: InstanceState | null,
  event: InstanceEvent,
): Advanced {
  const advanced = atMoment(event.at, () => moved(model, state, event));
  return state === null ? advanced : continueWait(state, advanced);
}

/** What became of a job. */
export type JobEvent = LaterEvent & { readonly type: 'job-completed' | 'job-failed' };

/** What several events led to. */
export interface AdvancedTogether extends Omit<Advanced, 'accepted'> {
  /** For each event from the first on whether it was accepted; those after them are still to be taken. */
  readonly accepted: readonly boolean[];
}

/**
 * Moves an instance by what became of several of its jobs, in one transition, so that a thousand runs of
 * a loop do not write its state a thousand times. Each is handled to its end before the next, at the
 * moment of the latest. One that cannot be handled ends the list: those before it are taken without it,
 * and it is an incident when it is taken alone.
 */
export function advanceTogether(
  model: ProcessModel,
  state: InstanceState,
  events: readonly [JobEvent, ...JobEvent[]],
): AdvancedTogether {
  const [first] = events;
  if (events.length === 1 || state.status !== 'active' || state.suspended) {
    const { accepted, ...advanced } = advance(model, state, first);
    return { ...advanced, accepted: [accepted] };
  }
  const at = events.reduce((latest, event) => Math.max(latest, event.at), first.at);
  const accepted: boolean[] = [];
  let handled = 0;
  try {
    return atMoment(at, () => {
      const transition = new Transition(model, state, at);
      for (const event of events) {
        accepted.push(apply(transition, event));
        transition.proceed();
        handled += 1;
        if (!transition.isActive) break;
      }
      if (!accepted.includes(true)) return { state, effects: noEffects(), accepted };
      return { state: transition.settle(), effects: transition.effects, accepted };
    });
  } catch {
    const [before = first, ...others] = events.slice(0, handled === events.length ? 1 : handled);
    return advanceTogether(model, state, [before, ...others]);
  }
}

function moved(model: ProcessModel, state: InstanceState | null, event: InstanceEvent): Advanced {
  if (event.type === 'start') {
    assert(state === null, 'an instance starts once');
    return begun(model, event);
  }
  assert(state !== null, `event "${event.type}" needs a started instance`);
  if (state.status !== 'active') return refused(state);
  if (state.suspended) {
    const handle = (held: InstanceState, late: LaterEvent) =>
      atMoment(late.at, () => moved(model, held, late));
    return advanceSuspended(handle, state, event);
  }
  if (event.type === 'suspend') return suspend(state, event);
  try {
    const transition = new Transition(model, state, event.at);
    if (!apply(transition, event)) return refused(state);
    return { state: transition.settle(), effects: transition.effects, accepted: true };
  } catch (error) {
    return unhandled(model, state, event, error);
  }
}

/** A start that cannot be handled is an instance that stands before its start event, with an incident. */
function begun(model: ProcessModel, event: InstanceEvent & { readonly type: 'start' }): Advanced {
  const start = event.node ?? namedStart(model).id;
  const transition = new Transition(model, unborn, event.at);
  try {
    transition.begin(start, event);
    return { state: transition.settle(), effects: transition.effects, accepted: true };
  } catch (error) {
    if (model.nodes[start]?.type !== 'startEvent') throw error;
    const stopped = new Transition(model, unborn, event.at);
    const message = error instanceof Error ? error.message : String(error);
    stopped.beginStopped(start, event, message);
    return { state: stopped.settle(), effects: stopped.effects, accepted: true };
  }
}

function refused(state: InstanceState): Advanced {
  return { state, effects: noEffects(), accepted: false };
}

function apply(t: Transition, event: LaterEvent): boolean {
  switch (event.type) {
    case 'message': {
      const { message, payload } = event;
      const host = t.waitingSince(event.n, event.on);
      return t.trigger(host, event.on, { kind: 'message', message, payload });
    }
    case 'signal': {
      const { signal, payload } = event;
      return t.trigger(event.n, event.on, { kind: 'signal', signal, payload });
    }
    case 'timer':
      return t.trigger(event.n, event.on, { kind: 'timer', due: event.due });
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
      jobFailed(t, event);
      return true;
    case 'external-completed':
      return externalCompleted(t, event);
    case 'external-failed':
      return externalFailed(t, event);
    case 'external-error':
      return externalThrew(t, event);
    case 'external-retries':
      return externalRetries(t, event);
    case 'child-ended':
      return childEnded(t, event);
    case 'child-escalated':
      if (!isOpenCall(t, event.n)) return false;
      t.throwEscalation(event.n, event.code, event.payload);
      return true;
    // Only what is suspended is resumed; `advance` sees to both.
    case 'suspend':
    case 'resume':
      return false;
    case 'update':
      return takeUpdate(t, event);
    case 'timer-moved':
      return moveTimer(t, event);
    case 'activity-start':
      return startActivity(t, event);
    case 'modify':
      return modify(t, event) === null;
    case 'variables-set':
      return t.setByHand(event);
    case 'cancel':
      return t.cancel(event.reason, event.by);
    case 'incident-retry':
      return retryIncident(t, event, (kept) => apply(t, kept));
    case 'incident-skip':
      return skipIncident(t, event);
  }
}

function isCurrentAttempt(t: Transition, event: { n: number; attempt: number }): boolean {
  if (!t.has(event.n)) return false;
  const { job } = t.element(event.n);
  return job?.phase === 'running' && job.attempt === event.attempt;
}

function isOpenCall(t: Transition, n: number): boolean {
  if (!t.has(n)) return false;
  const { called, lingering } = t.element(n);
  return called === true && !lingering;
}

function childEnded(t: Transition, event: LaterEvent & { type: 'child-ended' }): boolean {
  if (!t.has(event.n)) return false;
  const { called, lingering } = t.element(event.n);
  if (lingering) {
    endLingering(t, event.n, event.status);
    return true;
  }
  // Without it the child has ended before, with an error that a person looks at.
  if (!called) return false;
  t.clear(event.n, 'called');
  if (event.status === 'completed') t.leave(event.n, event.output);
  else {
    const error = event.error ?? { code: 'CHILD_FAILED', message: `child process ${event.status}` };
    t.throwError(event.n, error.code, error.message, null);
  }
  return true;
}

/** Nothing of the event is kept but an incident, from which it can be handled again. */
function unhandled(
  model: ProcessModel,
  state: InstanceState,
  event: LaterEvent,
  error: unknown,
): Advanced {
  const t = new Transition(model, state, event.at);
  const n = 'n' in event && t.has(event.n) ? event.n : processElement;
  const { incident, job } = t.element(n);
  const isAgain = event.type === 'incident-retry' || event.type === 'incident-skip';
  if (incident?.resume.type === 'event' && !isAgain) return refused(state);
  const isOfJob = event.type === 'job-completed' || event.type === 'job-failed';
  if (job && isOfJob) t.patch(n, { job: { ...job, phase: 'stopped' } });
  const message = error instanceof Error ? error.message : String(error);
  const resume = isAgain && incident ? incident.resume : ({ type: 'event', event } as const);
  t.openIncident(n, 'TRANSITION_FAILED', message, resume);
  return { state: t.settle(), effects: t.effects, accepted: true };
}
