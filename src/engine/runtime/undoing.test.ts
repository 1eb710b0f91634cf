/** What is undone, in which order and with which variables: compensation and cancellation. */
import { describe, expect, test } from 'vitest';
import type { ProcessModel } from '../model/process-model.ts';
import {
  boundaryEvent,
  callActivity,
  catchEvent,
  compensateEvent,
  drawProcess,
  endEvent,
  error,
  loopOver,
  message,
  parallelGateway,
  serviceTask,
  startEvent,
  subProcess,
  timer,
  undoTask,
  userTask,
} from '../testing/draw-process.ts';
import { type Play, play } from '../testing/play.ts';

const start = startEvent();
const end = endEvent();

/** Three steps with undos, then a wait. */
const three = {
  start,
  a: serviceTask({ undo: 'ua', result: 'fromA' }),
  b: serviceTask({ undo: 'ub' }),
  c: serviceTask({ undo: 'uc' }),
  ua: undoTask(),
  ub: undoTask(),
  uc: undoTask(),
  end,
};

describe.each([
  ['in memory', false],
  ['resumed after every event', true],
])('%s', (_, resumed) => {
  const begin = (model: ProcessModel, payload: unknown = {}): Play =>
    play(model, payload, { resumed });

  /** Completes undos until none is at work, and tells their order. */
  const undoAll = (run: Play): string[] => {
    const order: string[] = [];
    while (run.working.length === 1 && run.working[0]?.startsWith('u')) {
      const [node = ''] = run.working;
      order.push(node);
      run.complete(node);
    }
    return order;
  };

  test('cancel: last completed first, one after the other, then the end', () => {
    const run = begin(
      drawProcess('p', {
        nodes: { ...three, wait: catchEvent(message('go')) },
        flows: ['start -> a -> b -> c -> wait -> end'],
      }),
    );
    run.complete('a', 1).complete('b').complete('c').cancel();
    expect(undoAll(run)).toEqual(['uc', 'ub', 'ua']);
    expect(run.news().slice(-10)).toEqual([
      'cancel',
      'cancelled wait',
      'undoing: uc, ub, ua',
      'entered uc',
      'completed uc',
      'entered ub',
      'completed ub',
      'entered ua',
      'completed ua',
      'cancelled: CANCELLED',
    ]);
    expect(run.effects?.ended?.error).toEqual({ code: 'CANCELLED', message: 'no longer wanted' });
  });

  test('cancel with nothing done ends at once; a second cancel is refused', () => {
    const model = drawProcess('p', { nodes: three, flows: ['start -> a -> b -> c -> end'] });
    const run = begin(
      drawProcess('p', { nodes: { start, t: userTask(), end }, flows: ['start -> t -> end'] }),
    );
    run.cancel();
    expect([run.status, run.effects?.waitsRemoved.length]).toEqual(['cancelled', 1]);
    const twice = begin(model).complete('a').cancel();
    const again = { type: 'cancel', at: twice.now, reason: 'again', by: 'bob' } as const;
    expect(twice.apply(again)).toBe(false);
    undoAll(twice);
    expect(twice.apply(again)).toBe(false);
  });

  test('cancel during a job or its backoff: what may have happened is undone too', () => {
    const model = drawProcess('p', { nodes: three, flows: ['start -> a -> b -> c -> end'] });
    const during = begin(model).complete('a').cancel();
    expect(during.effects?.jobsCancelled).toHaveLength(1);
    expect(undoAll(during)).toEqual(['ub', 'ua']);
    const backoff = begin(model).complete('a').fail('b', {}).cancel();
    expect([backoff.waiting, undoAll(backoff)]).toEqual([[], ['ub', 'ua']]);
  });

  test('what said no is not undone, unless an earlier attempt may have done it', () => {
    const model = drawProcess('p', { nodes: three, flows: ['start -> a -> b -> c -> end'] });
    expect(undoAll(begin(model).complete('a').fail('b', 'NO').cancel())).toEqual(['ua']);
    const unknown = begin(model).complete('a').fail('b', { outcomeUnknown: true }).timer('b');
    expect(undoAll(unknown.fail('b', 'NO').cancel())).toEqual(['ub', 'ua']);
  });

  test('what was skipped is not undone', () => {
    const model = drawProcess('p', { nodes: three, flows: ['start -> a -> b -> c -> end'] });
    const run = begin(model).complete('a').fail('b', { kind: 'terminal' }).skip('b').cancel();
    expect(undoAll(run)).toEqual(['uc', 'ua']);
  });

  test('an undo that fails for good waits for a person, and the rest comes after it', () => {
    const model = drawProcess('p', { nodes: three, flows: ['start -> a -> b -> c -> end'] });
    const run = begin(model).complete('a').complete('b').cancel().complete('uc');
    run.fail('ub', { kind: 'terminal' });
    expect([run.incidents, run.working]).toEqual([['ub: BROKEN'], []]);
    run.retry('ub').fail('ub', 'REFUSED').skip('ub');
    expect(undoAll(run)).toEqual(['ua']);
    expect(run.status).toBe('cancelled');
  });

  test('an error handler of the process does not take over while it is cancelled', () => {
    const model = drawProcess('p', {
      nodes: {
        ...three,
        handler: subProcess(['hs', 'h', 'he'], { byEvent: true }),
        hs: startEvent(error()),
        h: serviceTask(),
        he: end,
      },
      flows: ['start -> a -> b -> c -> end', 'hs -> h -> he'],
    });
    const run = begin(model).complete('a').complete('b').cancel().complete('uc').fail('ub', 'NO');
    expect([run.incidents, run.working]).toEqual([['ub: NO'], []]);
  });

  describe('thrown compensation', () => {
    test('of a scope: each once, and what comes later is undone later', () => {
      const model = drawProcess('p', {
        nodes: { ...three, undo: compensateEvent() },
        flows: ['start -> a -> b -> undo -> c -> end'],
      });
      const run = begin(model).complete('a').complete('b');
      expect(undoAll(run)).toEqual(['ub', 'ua']);
      expect(run.working).toEqual(['c']);
      expect(undoAll(run.cancel())).toEqual(['uc']);
    });

    test('of one activity', () => {
      const model = drawProcess('p', {
        nodes: { ...three, undo: compensateEvent('a') },
        flows: ['start -> a -> b -> undo -> c -> end'],
      });
      const run = begin(model).complete('a').complete('b');
      expect(undoAll(run)).toEqual(['ua']);
      expect(run.complete('c').status).toBe('completed');
      const cancelled = begin(model).complete('a').complete('b').complete('ua').cancel();
      expect(undoAll(cancelled)).toEqual(['uc', 'ub']);
    });

    test('by an end event', () => {
      const model = drawProcess('p', {
        nodes: { ...three, undo: endEvent({ type: 'compensation' }) },
        flows: ['start -> a -> b -> c -> undo'],
      });
      const run = begin(model).complete('a').complete('b').complete('c');
      expect(undoAll(run)).toEqual(['uc', 'ub', 'ua']);
      expect(run.status).toBe('completed');
    });

    test('in an event sub-process: of the scope around it', () => {
      const model = drawProcess('p', {
        nodes: {
          ...three,
          handler: subProcess(['hs', 'undo', 'he'], { byEvent: true }),
          hs: startEvent(error()),
          undo: compensateEvent(),
          he: endEvent(error('GIVEN_UP')),
        },
        flows: ['start -> a -> b -> c -> end', 'hs -> undo -> he'],
      });
      const run = begin(model).complete('a').complete('b').fail('c', 'NO');
      expect(undoAll(run)).toEqual(['ub', 'ua']);
      expect(run.status).toBe('failed');
    });

    test('interrupted by a cancel: the undo under way goes on under its key, the rest follows', () => {
      const model = drawProcess('p', {
        nodes: { ...three, undo: compensateEvent() },
        flows: ['start -> a -> b -> undo -> c -> end'],
      });
      const run = begin(model).complete('a', 1).complete('b');
      const { n } = run.at('ub');
      run.cancel();
      const again = run.at('ub');
      expect([again.n === n, again.key, again.job?.unknown]).toEqual([false, n, true]);
      run.news();
      expect(undoAll(run)).toEqual(['ub', 'ua']);
      expect(run.status).toBe('cancelled');
    });

    test('interrupted by a boundary event of its sub-process, then by a cancel', () => {
      const model = drawProcess('p', {
        nodes: {
          start,
          s: subProcess(['ss', 'a', 'b', 'undo', 'se', 'ua', 'ub']),
          ss: start,
          a: three.a,
          b: three.b,
          ua: three.ua,
          ub: three.ub,
          undo: compensateEvent(),
          se: end,
          late: boundaryEvent('s', timer(1000)),
          x: serviceTask(),
          end,
        },
        flows: ['start -> s -> end', 'ss -> a -> b -> undo -> se', 'late -> x -> end'],
      });
      const run = begin(model).complete('a', 'seen').complete('b');
      const { n } = run.at('ub');
      run.timer('late');
      expect(run.working).toEqual(['x']);
      run.cancel();
      expect(run.at('ub').key).toBe(n);
      expect(run.seenAt('ub').fromA).toBe('seen');
      expect(undoAll(run)).toEqual(['ub', 'ua']);
    });
  });

  describe('sub-processes and loops', () => {
    const nested = drawProcess('p', {
      nodes: {
        start,
        x: serviceTask({ undo: 'ux' }),
        ux: undoTask(),
        s: subProcess(['ss', 'a', 'b', 'se', 'ua', 'ub']),
        ss: start,
        a: three.a,
        b: three.b,
        ua: three.ua,
        ub: three.ub,
        se: end,
        late: boundaryEvent('s', timer(1000)),
        c: serviceTask({ undo: 'uc' }),
        uc: undoTask(),
        wait: catchEvent(message('go')),
        end,
      },
      flows: ['start -> x -> s -> c -> wait -> end', 'ss -> a -> b -> se', 'late -> wait'],
    });

    test('a completed sub-process is undone as a whole, with the variables it had', () => {
      const run = begin(nested).complete('x').complete('a', 'seen').complete('b').complete('c');
      run.cancel().complete('uc');
      expect(run.seenAt('ub')).toEqual({ input: {}, fromA: 'seen' });
      expect(undoAll(run)).toEqual(['ub', 'ua', 'ux']);
    });

    test('an interrupted one too: what was done in it, and the job that was at work', () => {
      const run = begin(nested).complete('x').complete('a').timer('late').cancel();
      expect(undoAll(run)).toEqual(['ub', 'ua', 'ux']);
      expect(undoAll(begin(nested).complete('x').complete('a').cancel())).toEqual([
        'ub',
        'ua',
        'ux',
      ]);
      expect(undoAll(begin(nested).complete('x').cancel())).toEqual(['ua', 'ux']);
    });

    test('a sub-process with an undo of its own is undone by that alone', () => {
      const model = drawProcess('p', {
        nodes: {
          start,
          s: subProcess(['ss', 'a', 'se', 'ua'], { undo: 'us' }),
          us: undoTask(),
          ss: start,
          a: three.a,
          ua: three.ua,
          se: end,
          wait: catchEvent(message('go')),
          end,
        },
        flows: ['start -> s -> wait -> end', 'ss -> a -> se'],
      });
      expect(undoAll(begin(model).complete('a').cancel())).toEqual(['us']);
      expect(undoAll(begin(model).cancel())).toEqual(['ua']);
    });

    test('each run of a loop is undone with its own item, the last completed first', () => {
      const model = drawProcess('p', {
        nodes: {
          start,
          a: serviceTask({ undo: 'ua', loop: loopOver(['x', 'y', 'z']) }),
          ua: undoTask(),
          end,
        },
        flows: ['start -> a -> end'],
      });
      const run = begin(model).complete('a', null, 2).complete('a', null, 0).cancel();
      const items: unknown[] = [];
      while (run.working.length > 0) {
        items.push(run.seenAt('ua').item);
        run.complete('ua');
      }
      expect(items).toEqual(['y', 'x', 'z']);
    });

    test('a called process undoes itself, and a called process can be undone', () => {
      const model = drawProcess('p', {
        nodes: {
          start,
          c: callActivity('child', { undo: 'uc' }),
          uc: undoTask(),
          wait: catchEvent(message('go')),
          end,
        },
        flows: ['start -> c -> wait -> end'],
      });
      expect(undoAll(begin(model).childEnds('c').cancel())).toEqual(['uc']);
      const cancelled = begin(model).cancel().childUndone('c');
      expect([undoAll(cancelled), cancelled.status]).toEqual([[], 'cancelled']);
    });

    test('parallel branches are undone in the order in which they completed', () => {
      const model = drawProcess('p', {
        nodes: { ...three, fork: parallelGateway(), join: parallelGateway() },
        flows: ['start -> fork -> a -> join -> end', 'fork -> b -> join', 'fork -> c -> join'],
      });
      const run = begin(model).complete('c').complete('a').cancel();
      expect(undoAll(run)).toEqual(['ub', 'ua', 'uc']);
    });
  });
});
