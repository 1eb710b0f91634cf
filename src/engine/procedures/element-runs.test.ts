/** Runs of elements, computed from the histories of models that are played without a database. */
import { expect, test } from 'vitest';
import type { HistoryEntry } from '../model/events.ts';
import {
  boundaryEvent,
  catchEvent,
  drawProcess,
  endEvent,
  message,
  startEvent,
  subProcess,
  timer,
} from '../testing/draw-process.ts';
import { elementRuns } from './element-runs.ts';

const model = drawProcess('hold', {
  nodes: {
    start: startEvent(),
    inner: subProcess(['from', 'wait', 'to']),
    from: startEvent(),
    wait: catchEvent(message('paid', 'order')),
    to: endEvent(),
    late: boundaryEvent('inner', timer(1_000)),
    end: endEvent(),
    reminded: endEvent(),
  },
  flows: ['start -> inner -> end', 'from -> wait -> to', 'late -> reminded'],
});

/** Entries of transitions, a second apart. */
function recorded(...transitions: readonly (readonly Omit<HistoryEntry, 'seq'>[])[]) {
  let seq = 0;
  return transitions.flatMap((entries, index) => {
    const transition = seq + 1;
    return entries.map((entry) => {
      seq += 1;
      return { at: new Date(index * 1_000), transition, entry: { seq, ...entry } };
    });
  });
}

const begun: readonly Omit<HistoryEntry, 'seq'>[] = [
  { kind: 'process.started', node: '', n: 1 },
  { kind: 'element.completed', node: 'start', n: 2 },
  { kind: 'element.entered', node: 'inner', n: 3 },
  { kind: 'element.completed', node: 'from', n: 4 },
  { kind: 'element.entered', node: 'wait', n: 5 },
];

test('what still runs has no end; what is passed begins and ends at once', () => {
  expect(elementRuns(model, recorded(begun))).toMatchObject([
    { n: 2, element: 'start', scope: null, end: 'completed', durationMs: 0, cause: null },
    { n: 3, element: 'inner', type: 'subProcess', endedAt: null, durationMs: null, end: null },
    { n: 4, element: 'from', scope: 'inner', end: 'completed' },
    { n: 5, element: 'wait', scope: 'inner', end: null, startedAt: '1970-01-01T00:00:00.000Z' },
  ]);
});

test('what a message ended says so, and what follows in the same transition does not', () => {
  const runs = elementRuns(
    model,
    recorded(begun, [
      { kind: 'message.received', node: 'wait', n: 5 },
      { kind: 'element.completed', node: 'wait', n: 5 },
      { kind: 'element.completed', node: 'to', n: 6 },
      { kind: 'element.completed', node: 'inner', n: 3 },
    ]),
  );
  expect(runs.find(({ n }) => n === 5)).toMatchObject({
    end: 'completed',
    durationMs: 1_000,
    cause: { kind: 'message.received', element: 'wait', text: 'wait: message received' },
  });
  expect(runs.find(({ n }) => n === 3)).toMatchObject({ durationMs: 1_000, cause: null });
});

test('what was interrupted tells by what, and failures are counted', () => {
  const runs = elementRuns(
    model,
    recorded(
      begun,
      [{ kind: 'job.failed', node: 'wait', n: 5, data: { attempt: 1 } }],
      [
        { kind: 'cancel.requested', node: '', n: 1, data: { by: 'ann', reason: 'sold out' } },
        { kind: 'element.cancelled', node: 'wait', n: 5 },
        { kind: 'element.cancelled', node: 'inner', n: 3 },
      ],
    ),
  );
  const cause = { kind: 'cancel.requested', element: '', by: 'ann' };
  expect(runs.find(({ n }) => n === 5)).toMatchObject({
    ...{ failures: 1, end: 'cancelled', durationMs: 2_000 },
    cause: { ...cause, text: expect.stringMatching(/ann.*sold out/) },
  });
  expect(runs.find(({ n }) => n === 3)).toMatchObject({ end: 'cancelled', cause });
});
