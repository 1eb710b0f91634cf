/**
 * Every order of events in transactions: jobs that end, fail or are refused, a process that is called, several
 * runs, cancellation from outside at any moment. A transaction that was left by its cancel event has undone what
 * it did, each once; and nothing is ever stuck.
 */
import { expect, test } from 'vitest';
import type { ProcessModel } from '../model/process-model.ts';
import {
  boundaryEvent,
  callActivity,
  drawProcess,
  endEvent,
  error,
  loopOver,
  parallelGateway,
  serviceTask,
  startEvent,
  subProcess,
  timer,
  undoTask,
} from '../testing/draw-process.ts';
import { type ExploreOptions, explore } from '../testing/explore.ts';
import type { Play } from '../testing/play.ts';

const start = startEvent();
const end = endEvent();
const off = endEvent({ type: 'cancel' });

/** How often each activity with an undo has completed, and how often that undo has. */
function balance({ model, history }: Play): Map<string, number> {
  const left = new Map<string, number>();
  for (const { kind, node: id } of history) {
    const node = model.nodes[id];
    if (kind !== 'element.completed' || !node || !('boundary' in node)) continue;
    const undo = node.forCompensation ? id : node.compensation;
    if (undo !== undefined) left.set(undo, (left.get(undo) ?? 0) + (node.forCompensation ? -1 : 1));
  }
  return left;
}

/** Nothing that was done in what was cancelled is left; jobs that were interrupted may be undone, too. */
function isUndone(play: Play): void {
  const went = (id: string) =>
    play.history.some(({ kind, node }) => kind === 'element.completed' && node === id);
  if (!went('revoked') && play.status !== 'cancelled') return;
  for (const [undo, left] of balance(play)) expect(left, undo).toBeLessThanOrEqual(0);
}

function all(model: ProcessModel, atLeast: number, options: ExploreOptions): void {
  const { transitions, ends } = explore(model, { ended: isUndone, ...options });
  expect(transitions).toBeGreaterThanOrEqual(atLeast);
  expect(ends.completed).toBeGreaterThan(0);
  expect(ends.cancelled).toBeGreaterThan(0);
}

test('a cancel end beside other work, and a process that is called', () => {
  const trip = drawProcess('trip', {
    nodes: {
      ...{ start, end, off },
      trip: subProcess(['s', 'fork', 'hotel', 'ship', 'look', 'off', 'e'], { transaction: true }),
      s: startEvent(),
      fork: parallelGateway(),
      hotel: serviceTask({ undo: 'unhotel' }),
      unhotel: undoTask(),
      ship: callActivity('shipping', { undo: 'unship' }),
      unship: undoTask(),
      look: serviceTask(),
      e: endEvent(),
      revoked: boundaryEvent('trip', { type: 'cancel' }),
      hazard: boundaryEvent('trip', error('NO')),
      late: boundaryEvent('trip', timer(1000)),
    },
    flows: [
      'start -> trip -> end',
      's -> fork -> hotel -> e',
      'fork -> ship -> e',
      'fork -> look -> off',
      'revoked -> end',
      'hazard -> end',
      'late -> end',
    ],
  });
  all(trip, 150, { errors: ['NO'], depth: 9 });
});

test('several runs of which any may cancel all', () => {
  const trips = drawProcess('trips', {
    nodes: {
      ...{ start, end, off },
      trip: subProcess(['s', 'hotel', 'refused', 'off', 'e'], {
        transaction: true,
        loop: loopOver([1, 2]),
      }),
      s: startEvent(),
      hotel: serviceTask({ undo: 'unhotel' }),
      refused: boundaryEvent('hotel', error('NO')),
      unhotel: undoTask(),
      e: endEvent(),
      revoked: boundaryEvent('trip', { type: 'cancel' }),
      last: serviceTask(),
    },
    flows: ['start -> trip -> last -> end', 's -> hotel -> e', 'refused -> off', 'revoked -> end'],
  });
  all(trips, 60, { errors: ['NO'], depth: 8 });
});
