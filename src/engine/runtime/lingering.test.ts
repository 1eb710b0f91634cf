/** Interrupted call activities: what comes after them waits until their processes have ended. */
import { describe, expect, test } from 'vitest';
import type { ProcessModel } from '../model/process-model.ts';
import { structureOf } from '../model/structure.ts';
import {
  boundaryEvent,
  callActivity,
  compensateEvent,
  drawProcess,
  endEvent,
  error,
  exclusiveGateway,
  loopOver,
  message,
  parallelGateway,
  receiveTask,
  serviceTask,
  startEvent,
  subProcess,
  timer,
  undoTask,
  userTask,
} from '../testing/draw-process.ts';
import { explore } from '../testing/explore.ts';
import { type Play, play } from '../testing/play.ts';
import { Fitting } from '../versions/fit-instance.ts';
import { replay } from '../versions/replay.ts';

const start = startEvent();
const end = endEvent();
const a = serviceTask({ undo: 'ua' });
const ua = undoTask();
const c = callActivity('child', { undo: 'uc' });
const uc = undoTask();
const x = serviceTask();

const calling = drawProcess('p', {
  nodes: { start, a, ua, c, uc, late: boundaryEvent('c', timer(1000)), x, end },
  flows: ['start -> a -> c -> end', 'late -> x -> end'],
});

describe.each([
  ['in memory', false],
  ['resumed after every event', true],
])('%s', (_, resumed) => {
  const begin = (model: ProcessModel): Play => play(model, {}, { resumed });

  test('cancel: nothing is undone before the child has undone its part', () => {
    const run = begin(calling).complete('a');
    const { n } = run.at('c');
    run.cancel();
    expect([run.effects?.childrenCancelled, run.working, run.waiting]).toEqual([[n], [], []]);
    expect(run.apply({ type: 'cancel', at: run.now, reason: 'again', by: 'bob' })).toBe(false);
    run.childUndone('c');
    expect(run.working).toEqual(['ua']);
    run.complete('ua');
    expect(run.news().slice(-7)).toEqual([
      'cancel',
      'cancelling c',
      'cancelled c',
      'undoing: ua',
      'entered ua',
      'completed ua',
      'cancelled: CANCELLED',
    ]);
  });

  test('a child that was done before it heard of it is undone as a whole', () => {
    const run = begin(calling).complete('a').cancel().childEnds('c');
    expect(run.working).toEqual(['uc']);
    run.complete('uc').complete('ua');
    expect(run.status).toBe('cancelled');
  });

  test('a deadline: what follows begins when the child has ended, however it did', () => {
    const run = begin(calling).complete('a').timer('late');
    expect([run.running, run.working]).toEqual([['c', 'late'], []]);
    expect(run.apply({ type: 'timer', at: run.now, n: run.at('c').n, on: 'late', due: 0 })).toBe(
      false,
    );
    expect(run.childFails('c', 'NO').working).toEqual(['x']);
    expect(run.complete('x').status).toBe('completed');
  });

  test('cancelled while it waits after a deadline: the way behind never begins', () => {
    const run = begin(calling).complete('a').timer('late').cancel();
    expect([run.running, run.effects?.childrenCancelled]).toEqual([['c'], []]);
    run.childUndone('c').complete('ua');
    expect(run.status).toBe('cancelled');
    expect(run.news().join()).not.toContain('cancelled late');
  });

  test('a child that ended badly before keeps nobody waiting', () => {
    const run = begin(calling).complete('a').childFails('c', 'NO').cancel();
    expect(run.working).toEqual(['ua']);
    const again = begin(calling).complete('a').childFails('c', 'NO').retry('c').cancel();
    expect(again.working).toEqual([]);
    expect(again.childUndone('c').working).toEqual(['ua']);
  });

  test('out of a sub-process: the error handler waits, then undoes the child as a whole first', () => {
    const run = begin(
      drawProcess('p', {
        nodes: {
          start,
          s: subProcess(['ss', 'fork', 'a', 'ua', 'c', 'uc', 'b', 'join', 'se']),
          ss: start,
          fork: parallelGateway(),
          a,
          ua,
          c,
          uc,
          b: serviceTask(),
          join: parallelGateway(),
          se: end,
          failed: boundaryEvent('s', error()),
          undo: compensateEvent(),
          x,
          end,
        },
        flows: [
          'start -> s -> end',
          'ss -> fork -> a -> c -> join -> se',
          'fork -> b -> join',
          'failed -> undo -> x -> end',
        ],
      }),
    );
    run.complete('a', 1).fail('b', 'NO');
    expect(run.running).toEqual(['c', 'failed']);
    run.childEnds('c');
    expect(run.working).toEqual(['uc']);
    run.complete('uc').complete('ua').complete('x');
    expect(run.status).toBe('completed');
  });

  test('runs of a loop in a sub-process move up through both', () => {
    const run = begin(
      drawProcess('p', {
        nodes: {
          start,
          s: subProcess(['ss', 'fork', 'c', 'uc', 'b', 'join', 'se']),
          ss: start,
          fork: parallelGateway(),
          c: callActivity('child', { undo: 'uc', loop: loopOver([1]) }),
          uc,
          b: serviceTask(),
          join: parallelGateway(),
          se: end,
          failed: boundaryEvent('s', error()),
          undo: compensateEvent(),
          x,
          end,
        },
        flows: [
          'start -> s -> end',
          'ss -> fork -> c -> join -> se',
          'fork -> b -> join',
          'failed -> undo -> x -> end',
        ],
      }),
    );
    run.fail('b', 'NO');
    expect(run.running).toEqual(['c', 'failed']);
    run.childEnds('c');
    expect(run.working).toEqual(['uc']);
    run.complete('uc').complete('x');
    expect(run.status).toBe('completed');
  });

  test('a handler of the process waits, and so does the end by an error', () => {
    const model = drawProcess('p', {
      nodes: {
        start,
        fork: parallelGateway(),
        c,
        uc,
        b: serviceTask(),
        join: parallelGateway(),
        h: subProcess(['hs', 'x', 'he'], { byEvent: true }),
        hs: startEvent(error('NO')),
        x,
        he: endEvent(error('GIVEN_UP')),
        end,
      },
      flows: ['start -> fork -> c -> join -> end', 'fork -> b -> join', 'hs -> x -> he'],
    });
    const run = begin(model).fail('b', 'NO');
    expect(run.running).toEqual(['c', 'h']);
    expect(run.childUndone('c').working).toEqual(['x']);
    expect(run.complete('x').status).toBe('failed');

    const failing = drawProcess('p', {
      nodes: {
        start,
        fork: parallelGateway(),
        c,
        uc,
        b: serviceTask(),
        bad: endEvent(error('GIVEN_UP')),
        end,
      },
      flows: ['start -> fork -> c -> end', 'fork -> b -> bad'],
    });
    const failed = begin(failing).complete('b');
    expect([failed.status, failed.running]).toEqual(['active', ['c']]);
    expect(failed.apply({ type: 'cancel', at: failed.now, reason: 'r', by: 'ada' })).toBe(false);
    failed.childUndone('c');
    expect(failed.effects?.ended).toMatchObject({
      status: 'failed',
      error: { code: 'GIVEN_UP' },
    });
  });

  test('a terminate end event ends its scope when the children in it have ended', () => {
    const model = drawProcess('p', {
      nodes: {
        start,
        fork: parallelGateway(),
        c,
        uc,
        stop: endEvent({ type: 'terminate' }),
        t: userTask(),
        end,
      },
      flows: ['start -> fork -> c -> end', 'fork -> t -> stop'],
    });
    const run = begin(model).task('t');
    expect([run.status, run.running]).toEqual(['active', ['c']]);
    expect(run.childUndone('c').status).toBe('completed');
  });

  test('a loop that has enough goes on when the runs that it interrupted have ended', () => {
    const enough = { evaluate: ({ completed }: { completed?: unknown }) => completed === 1 };
    const model = drawProcess('p', {
      nodes: {
        start,
        c: callActivity('child', {
          loop: loopOver([1, 2, 3], { completionCondition: { source: 'one', ...enough } }),
        }),
        x,
        end,
      },
      flows: ['start -> c -> x -> end'],
    });
    const run = begin(model);
    const [, first, second, third] = run.allAt('c').map(({ n }) => n);
    const child = { type: 'child-ended', at: run.now, output: null, error: null } as const;
    run.apply({ ...child, n: first ?? 0, status: 'completed' });
    expect([run.running, run.effects?.childrenCancelled]).toEqual([
      ['c', 'c', 'c'],
      [second, third],
    ]);
    run.apply({ ...child, n: second ?? 0, status: 'completed' });
    expect(run.working).toEqual([]);
    run.apply({ ...child, n: third ?? 0, status: 'cancelled' });
    expect([run.running, run.complete('x').status]).toEqual([['x'], 'completed']);
  });

  test('another branch goes on, but what it undoes waits', () => {
    const model = drawProcess('p', {
      nodes: {
        start,
        a,
        ua,
        fork: parallelGateway(),
        c,
        uc,
        late: boundaryEvent('c', timer(1000)),
        x,
        b: serviceTask(),
        b2: serviceTask(),
        undo: compensateEvent(),
        merge: exclusiveGateway(),
        join: parallelGateway(),
        end,
      },
      flows: [
        'start -> a -> fork -> c -> merge -> join -> end',
        'late -> x -> merge',
        'fork -> b -> b2 -> undo -> join',
      ],
    });
    const run = begin(model).complete('a').timer('late').complete('b');
    expect(run.working).toEqual(['b2']);
    expect(run.complete('b2').working).toEqual([]);
    expect(run.childUndone('c').working).toEqual(['x', 'ua']);
    expect(run.complete('ua').complete('x').status).toBe('completed');
  });

  test('a held token meets the others at a join', () => {
    const broken = {
      source: 'broken',
      evaluate: () => {
        throw new Error('no such thing');
      },
    };
    const model = drawProcess('p', {
      nodes: {
        start,
        fork: parallelGateway(),
        c: callActivity('child', { loop: loopOver([1, 2], { completionCondition: broken }) }),
        b: serviceTask(),
        join: parallelGateway(),
        x,
        end,
      },
      flows: ['start -> fork -> c -> join -> x -> end', 'fork -> b -> join'],
    });
    const run = begin(model);
    const [, first, second] = run.allAt('c').map(({ n }) => n);
    const child = { type: 'child-ended', at: run.now, output: null, error: null } as const;
    run.apply({ ...child, n: first ?? 0, status: 'completed' });
    // The person goes on without the loop, one of whose runs is still to be undone.
    run.skip('c').complete('b');
    expect(run.running).toEqual(['c', 'join', 'join']);
    run.apply({ ...child, n: second ?? 0, status: 'cancelled' });
    expect([run.running, run.complete('x').status]).toEqual([['x'], 'completed']);
  });

  test('what an interruption of the same transition called never starts', () => {
    const model = drawProcess('p', {
      nodes: {
        start,
        fork: parallelGateway(),
        c,
        uc,
        stop: endEvent({ type: 'terminate' }),
        end,
      },
      flows: ['start -> fork -> c -> end', 'fork -> stop'],
    });
    const run = begin(model);
    expect([run.status, run.effects?.children]).toEqual(['completed', []]);
  });

  test('suspended while it lingers: the end of the child is kept for the resume', () => {
    const run = begin(calling).complete('a').timer('late');
    run.apply({ type: 'suspend', at: run.now, reason: 'wait', by: 'ada' });
    run.childUndone('c');
    expect(run.working).toEqual([]);
    run.apply({ type: 'resume', at: run.now, by: 'ada' });
    expect(run.working).toEqual(['x']);
  });
});

test('a migration carries what lingers and what is held, and opens no waits for them', () => {
  const next = drawProcess('p', {
    version: 2,
    nodes: {
      start,
      a,
      ua,
      c,
      uc,
      late: boundaryEvent('c', timer(1000)),
      told: boundaryEvent('c', message('told')),
      x: receiveTask([message('go')]),
      y: serviceTask(),
      end,
    },
    flows: ['start -> a -> c -> end', 'late -> y -> end', 'told -> x -> end'],
  });
  const run = play(calling).complete('a').timer('late');
  const { state, problems } = new Fitting(structureOf(calling), next).carry(run.state, run.now);
  expect(problems).toEqual([]);
  expect(state.elements).toEqual(run.state.elements);
  run.migrate(next).childUndone('c');
  expect(run.working).toEqual(['y']);
});

test('its history can be played again', () => {
  const run = play(calling);
  const transitions = [{ at: run.now, entries: [...run.history] }];
  const note = (act: () => void) => {
    const from = run.history.length;
    act();
    transitions.push({ at: run.now, entries: run.history.slice(from) });
  };
  note(() => run.complete('a'));
  note(() => run.timer('late'));
  note(() => run.cancel());
  note(() => run.childEnds('c'));
  note(() => run.complete('uc'));
  expect(replay(calling, transitions)).toEqual({ outcome: 'same' });
});

test('every order of what can happen', () => {
  const model = drawProcess('p', {
    nodes: {
      start,
      fork: parallelGateway(),
      s: subProcess(['ss', 'c', 'uc', 'se']),
      ss: start,
      c,
      uc,
      se: end,
      late: boundaryEvent('s', timer(1000)),
      a,
      ua,
      undo: compensateEvent(),
      merge: exclusiveGateway(),
      join: parallelGateway(),
      end,
    },
    flows: [
      'start -> fork -> s -> merge -> join -> end',
      'ss -> c -> se',
      'late -> undo -> merge',
      'fork -> a -> join',
    ],
  });
  const { ends } = explore(model, { errors: ['NO'], suspends: true, depth: 8 });
  expect(ends.completed).toBeGreaterThan(20);
  expect(ends.cancelled).toBeGreaterThan(20);
});
