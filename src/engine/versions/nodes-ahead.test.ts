/** What lies behind an instance is not ahead of it, and what may begin by itself is. */
import { expect, test } from 'vitest';
import {
  boundaryEvent,
  drawProcess,
  endEvent,
  exclusiveGateway,
  message,
  receiveTask,
  serviceTask,
  startEvent,
  subProcess,
  timer,
  undoTask,
} from '../testing/draw-process.ts';
import { NodesAhead } from './nodes-ahead.ts';

const ahead = new NodesAhead(
  drawProcess('p', {
    nodes: {
      start: startEvent(),
      before: serviceTask({ undo: 'undo' }),
      undo: undoTask(),
      s: subProcess(['ss', 'inner', 'pause', 'rest', 'h']),
      ss: startEvent(),
      inner: serviceTask(),
      pause: receiveTask([message('go')]),
      rest: serviceTask(),
      h: subProcess(['hs', 'handle'], { byEvent: true }),
      hs: startEvent(message('stop')),
      handle: serviceTask(),
      late: boundaryEvent('s', timer(1_000)),
      remind: serviceTask(),
      more: exclusiveGateway(),
      after: serviceTask(),
      end: endEvent(),
    },
    flows: [
      'start -> before -> s -> more -> after -> end',
      'ss -> inner -> pause -> rest',
      'hs -> handle',
      'late -> remind -> end',
    ],
  }),
);
const of = (...nodes: string[]) => {
  const elements = Object.fromEntries(nodes.map((node, n) => [n, { n, node, parent: 0 }]));
  return [...ahead.of({ elements } as unknown as Parameters<NodesAhead['of']>[0])].filter((id) =>
    ['before', 'undo', 'inner', 'rest', 'handle', 'remind', 'after'].includes(id),
  );
};

test('at the beginning all is ahead', () => {
  expect(of('', 'before').toSorted()).toEqual(
    ['before', 'undo', 'inner', 'rest', 'handle', 'remind', 'after'].toSorted(),
  );
});

test('within a sub-process what it has passed is behind', () => {
  expect(of('', 's', 'pause').toSorted()).toEqual(
    ['undo', 'rest', 'handle', 'remind', 'after'].toSorted(),
  );
});

test('at the last step only that step, and what is undone when it is cancelled', () => {
  expect(of('', 'after').toSorted()).toEqual(['after', 'undo']);
});
