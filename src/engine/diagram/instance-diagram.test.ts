/** Where an instance stands, read from models that are played without a database. */
import { expect, test } from 'vitest';
import type { ProcessModel } from '../model/process-model.ts';
import { activeElements } from '../procedures/instance-view.ts';
import {
  boundaryEvent,
  drawProcess,
  endEvent,
  exclusiveGateway,
  loopOver,
  parallelGateway,
  serviceTask,
  startEvent,
  timer,
} from '../testing/draw-process.ts';
import { Play } from '../testing/play.ts';
import { instanceFacts } from './instance-diagram.ts';

/** What is said of each element, and the flows that were taken. */
function factsOf(model: ProcessModel, play: Play) {
  const { elements, taken } = instanceFacts(model, {
    active: activeElements(model, play.state),
    state: play.state.elements,
    history: play.history,
  });
  const states = Object.fromEntries(elements.map(({ element, state }) => [element, state]));
  const counts = (id: string) => elements.find(({ element }) => element === id)?.counts;
  return { states, counts, taken: [...taken].toSorted() };
}

const order = drawProcess('order', {
  nodes: {
    start: startEvent(),
    fork: parallelGateway(),
    pack: serviceTask(),
    bill: serviceTask(),
    late: boundaryEvent('pack', timer(1_000)),
    join: parallelGateway(),
    choice: exclusiveGateway('choice -> merge'),
    gift: serviceTask({ loop: loopOver(['card', 'bow', 'paper']) }),
    merge: exclusiveGateway(),
    end: endEvent(),
    reminded: endEvent(),
  },
  flows: [
    'start -> fork -> pack -> join -> choice',
    'fork -> bill -> join',
    'choice -> gift -> merge -> end',
    'choice -> merge',
    'late -> reminded',
  ],
  when: { 'choice -> gift': (variables) => variables.gift === true },
});

test('what waits, works, failed and has been, and by which flows', () => {
  const play = new Play(order).start();
  play.complete('bill');
  expect(factsOf(order, play).states).toEqual({
    start: 'completed',
    fork: 'completed',
    bill: 'completed',
    pack: 'running',
    late: 'waiting',
    join: 'waiting',
  });
  expect(factsOf(order, play).taken).toEqual([
    'bill -> join',
    'fork -> bill',
    'fork -> pack',
    'start -> fork',
  ]);
  play.fail('pack', { kind: 'terminal', code: 'BROKEN', message: 'no box' });
  expect(factsOf(order, play).states).toMatchObject({ pack: 'incident' });
  const { elements } = instanceFacts(order, {
    active: activeElements(order, play.state),
    history: play.history,
  });
  expect(elements.find(({ element }) => element === 'pack')?.incidents).toEqual([
    { code: 'BROKEN', message: 'no box' },
  ]);
});

test('an interrupted element is cancelled, the way behind the event was taken', () => {
  const play = new Play(order).start().timer('late');
  const { states, taken } = factsOf(order, play);
  expect(states).toMatchObject({ pack: 'cancelled', late: 'completed', reminded: 'completed' });
  expect(taken).toContain('late -> reminded');
  expect(taken).not.toContain('pack -> join');
});

test('of a choice the way that was taken is told from the others', () => {
  const play = new Play(order).start().complete('bill').complete('pack');
  const { states, taken } = factsOf(order, play);
  expect(states.gift).toBeUndefined();
  expect(taken.filter((id) => id.startsWith('choice'))).toEqual(['choice -> merge']);
});

test('runs of a loop are counted, the loop around them is not', () => {
  const play = new Play(order).start();
  play.set({ gift: true });
  play.complete('bill').complete('pack').complete('gift', null, 1);
  const { states, counts, taken } = factsOf(order, play);
  expect(states.gift).toBe('running');
  expect(counts('gift')).toMatchObject({ running: 2, completed: 1 });
  expect(taken.filter((id) => id.startsWith('choice'))).toEqual(['choice -> gift']);
});
