/**
 * Suspension: a person holds an instance. Nothing of it moves until it is resumed: no step begins, and
 * the rows of its waits are taken away, so that messages and timers do not find it and cost nothing
 * meanwhile. What was under way may end: the outcome of a job at work, the end of a child. It is
 * committed and kept, and handled in order on resume.
 *
 * A cancelled instance is resumed first, in the same transition, so that what ended meanwhile is known
 * and can be undone.
 */
import type { Effects, HistoryKind, LaterEvent } from '../model/events.ts';
import type { ElementInstance, InstanceState, Suspension, Wait } from '../model/state.ts';
import type { Advanced } from './advanced.ts';
import { noEffects, processElement } from './working-state.ts';

/** Moves an instance that is not suspended. */
type Advance = (state: InstanceState, event: LaterEvent) => Advanced;

/** What may end although the instance is held. */
type HeldEvent = LaterEvent & {
  type:
    | 'job-completed'
    | 'job-failed'
    | 'external-completed'
    | 'external-failed'
    | 'external-error'
    | 'child-ended'
    | 'child-escalated'
    | 'signal';
};
type SuspendEvent = LaterEvent & { type: 'suspend' };

/** Holds an instance that goes on. */
export function suspend(state: InstanceState, event: SuspendEvent): Advanced {
  const { by, reason, at } = event;
  const effects = noEffects();
  note(effects, state.seq, 'process.suspended', { by, reason });
  for (const { n, waits = [] } of Object.values(state.elements)) {
    const outside = waits.filter(isParked).map(({ on }) => on);
    const parked = new Set(outside);
    for (const on of parked) effects.waitsRemoved.push({ n, on, parked: true });
    // Rows of a node go together; it goes on to hear signals.
    for (const wait of waits) {
      if (wait.kind === 'signal' && parked.has(wait.on)) effects.waitsAdded.push({ n, wait });
    }
  }
  const suspended = { by, reason, at, held: [] };
  return { state: { ...state, seq: state.seq + 1, suspended }, effects, accepted: true };
}

/** Waits whose rows are taken away: a signal is not kept for later, so a held instance must hear it. */
function isParked({ kind }: Wait): boolean {
  return kind === 'message' || kind === 'timer' || kind === 'external';
}

/** What an event does to an instance that is held. */
export function advanceSuspended(
  advance: Advance,
  state: InstanceState,
  event: LaterEvent,
): Advanced {
  const { suspended } = state;
  if (!suspended) return refused(state);
  switch (event.type) {
    case 'job-completed':
    case 'job-failed':
    case 'external-completed':
    case 'external-failed':
    case 'external-error':
    case 'child-ended':
    case 'child-escalated':
    case 'signal':
      return hold(state, suspended, event);
    case 'resume':
      return resume(advance, state, suspended, event);
    case 'cancel': {
      if (state.elements[processElement]?.cancelling) return refused(state);
      const resumed = resume(advance, state, suspended, event);
      if (resumed.state.status !== 'active') return resumed;
      return after(resumed, advance(resumed.state, event));
    }
    // Messages and timers wait for the resume; people are told that it is suspended.
    default:
      return refused(state);
  }
}

function refused(state: InstanceState): Advanced {
  return { state, effects: noEffects(), accepted: false };
}

type Heard = HeldEvent & { type: 'child-escalated' | 'signal' };

function isHeard(event: LaterEvent): event is Heard {
  return event.type === 'child-escalated' || event.type === 'signal';
}

function hold(state: InstanceState, suspended: Suspension, event: HeldEvent): Advanced {
  const element = state.elements[event.n];
  const isCurrent = element !== undefined && isOfNow(element, event);
  // An outcome comes once; what is heard may come again and again.
  const isNew =
    isHeard(event) ||
    !suspended.held.some((held) => 'n' in held && held.n === event.n && !isHeard(held));
  if (!isCurrent || !isNew) return refused(state);
  const held = [...suspended.held, event];
  return {
    state: { ...state, suspended: { ...suspended, held } },
    effects: noEffects(),
    accepted: true,
  };
}

/** True when the element still works on, or has handed out, the attempt that ended. */
function isOfNow({ job, waits = [] }: ElementInstance, event: HeldEvent): boolean {
  if (event.type === 'child-ended' || event.type === 'child-escalated') return true;
  if (event.type === 'signal') {
    return waits.some(({ kind, on }) => kind === 'signal' && on === event.on);
  }
  if (event.type === 'job-completed' || event.type === 'job-failed') {
    return job?.phase === 'running' && job.attempt === event.attempt;
  }
  return waits.some((wait) => wait.kind === 'external' && wait.attempt === event.attempt);
}

/** Opens the waits again, starts what no attempt has ended, then handles what was kept. */
function resume(
  advance: Advance,
  { suspended: _, ...state }: InstanceState,
  { held }: Suspension,
  event: LaterEvent & { by: string },
): Advanced {
  const effects = noEffects();
  note(effects, state.seq, 'process.resumed', { by: event.by });
  const ended = new Set(held.map((one) => ('n' in one && !isHeard(one) ? one.n : 0)));
  for (const { n, node, waits = [], job } of Object.values(state.elements)) {
    for (const wait of waits) if (isParked(wait)) effects.waitsAdded.push({ n, wait });
    if (job?.phase === 'running' && !ended.has(n)) {
      effects.jobs.push({ n, node, attempt: job.attempt, again: true });
    }
  }
  let advanced: Advanced = { state: { ...state, seq: state.seq + 1 }, effects, accepted: true };
  for (const one of held) {
    advanced = after(advanced, advance(advanced.state, { ...one, at: event.at }));
  }
  return advanced;
}

function note(effects: Effects, seq: number, kind: HistoryKind, data: unknown): void {
  effects.history.push({ seq, kind, node: '', n: processElement, data });
}

/** Two transitions as one: what the second refuses changes nothing. */
function after(first: Advanced, { state, effects, accepted }: Advanced): Advanced {
  if (!accepted) return first;
  const { effects: before } = first;
  return {
    state,
    accepted: true,
    effects: {
      history: [...before.history, ...effects.history],
      waitsAdded: [...before.waitsAdded, ...effects.waitsAdded],
      waitsRemoved: [...before.waitsRemoved, ...effects.waitsRemoved],
      jobs: [...before.jobs, ...effects.jobs],
      jobsCancelled: [...before.jobsCancelled, ...effects.jobsCancelled],
      incidentsOpened: [...before.incidentsOpened, ...effects.incidentsOpened],
      incidentsClosed: [...before.incidentsClosed, ...effects.incidentsClosed],
      children: [...before.children, ...effects.children],
      messagesThrown: [...before.messagesThrown, ...effects.messagesThrown],
      signalsThrown: [...before.signalsThrown, ...effects.signalsThrown],
      escalations: [...before.escalations, ...effects.escalations],
      updates: [...before.updates, ...effects.updates],
      childrenCancelled: [...before.childrenCancelled, ...effects.childrenCancelled],
      ended: effects.ended ?? before.ended,
    },
  };
}
