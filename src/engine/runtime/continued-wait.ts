/**
 * An element that is left and entered again in one transition, as in a loop, and waits for the same message as
 * before: it goes on waiting. Nothing was closed and nothing was opened then, so that no row is written for it,
 * and whoever looks for the wait finds it at any moment.
 */
import type { ElementInstance, InstanceState, MessageWait } from '../model/state.ts';
import { isSameWait, waitNumber } from '../model/wait-number.ts';
import type { Advanced } from './advanced.ts';

/** The transition with such a wait as one that goes on. `before`: the state that it began with. */
export function continueWait(before: InstanceState, advanced: Advanced): Advanced {
  const { state, effects } = advanced;
  const [added, another] = effects.waitsAdded;
  const [removed, further] = effects.waitsRemoved;
  if (!added || !removed || another || further || removed.parked) return advanced;
  // Rows of a held instance are put away.
  if (before.suspended || state.suspended) return advanced;
  const was = onlyMessageWait(before.elements[removed.n]);
  const element = state.elements[added.n];
  const wait = onlyMessageWait(element);
  if (!was || !wait || !element || state.elements[removed.n] || !isSameWait(was, wait))
    return advanced;
  const since = waitNumber(removed.n, was);
  const elements = { ...state.elements, [added.n]: { ...element, waits: [{ ...wait, since }] } };
  return {
    ...advanced,
    state: { ...state, elements },
    effects: { ...effects, waitsAdded: [], waitsRemoved: [] },
  };
}

/** The wait of an element that waits for one message and for nothing else. */
function onlyMessageWait(element: ElementInstance | undefined): MessageWait | undefined {
  const [wait, other] = element?.waits ?? [];
  return wait?.kind === 'message' && !other ? wait : undefined;
}
