/**
 * What each element does, as the exact history of a tiny process: once in memory, and once stored and
 * loaded again after every event, as after a crash.
 */
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { constant, expression } from '../model/expression.ts';
import type { ProcessModel } from '../model/process-model.ts';
import {
  boundaryEvent,
  callActivity,
  catchEvent,
  drawProcess,
  endEvent,
  error,
  eventBasedGateway,
  exclusiveGateway,
  loopOver,
  message,
  parallelGateway,
  receiveTask,
  serviceTask,
  startEvent,
  subProcess,
  timer,
  userTask,
} from '../testing/draw-process.ts';
import { type Play, play } from '../testing/play.ts';

const start = startEvent();
const end = endEvent();
const numberOnly = z.number();

describe.each([
  ['in memory', false],
  ['resumed after every event', true],
])('%s', (_, resumed) => {
  const begin = (model: ProcessModel, payload: unknown = {}): Play =>
    play(model, payload, { resumed });

  test('start event: the payload is kept as its definition reads it', () => {
    const wanted = { ...message('ordered'), payload: z.object({ id: z.number() }) };
    const model = drawProcess('p', {
      nodes: { start: startEvent(wanted, { result: 'order' }), a: serviceTask(), end },
      flows: ['start -> a -> end'],
    });
    const run = begin(model, { id: 1, secret: 'not asked for' });
    expect(run.variables).toEqual({ order: { id: 1 } });
    expect(run.working).toEqual(['a']);
  });

  test('start event: a payload that does not fit is an incident, before anything is done', () => {
    const wanted = { ...message('ordered'), payload: z.object({ id: z.number() }) };
    const model = drawProcess('p', {
      nodes: { start: startEvent(wanted, { result: 'order' }), a: serviceTask(), end },
      flows: ['start -> a -> end'],
    });
    const run = begin(model, { id: 'one' });
    expect(run.working).toEqual([]);
    expect(run.news().at(-1)).toContain('EXPRESSION_FAILED');
  });

  test('service task: its result becomes a variable', () => {
    const run = begin(
      drawProcess('p', {
        nodes: { start, a: serviceTask({ result: 'found' }), end },
        flows: ['start -> a -> end'],
        output: (v) => v.found,
      }),
    );
    expect(run.working).toEqual(['a']);
    run.complete('a', { price: 5 });
    expect(run.news()).toEqual([
      'started',
      'completed start',
      'entered a',
      'completed a',
      'completed end',
      'completed',
    ]);
    expect(run.effects?.ended?.output).toEqual({ price: 5 });
    expect(run.variables).toEqual({ input: {}, found: { price: 5 } });
  });

  test('service task: retries with growing delays, then an incident', () => {
    const run = begin(
      drawProcess('p', { nodes: { start, a: serviceTask(), end }, flows: ['start -> a -> end'] }),
    );
    const began = run.now;
    run.fail('a', {}).timer('a').fail('a', {}).timer('a');
    expect(run.now - began).toBe(3000);
    expect(run.waiting).toEqual([]);
    run.fail('a', {});
    expect(run.incidents).toEqual(['a: BROKEN']);
    run.retry('a').fail('a', { retryAfterMs: 9000 }).timer('a');
    expect(run.now - began).toBe(12_000);
    const { job } = run.at('a');
    expect(job).toMatchObject({ attempt: 5, phase: 'running', countsFrom: 3 });
    expect(job?.failed?.code).toBe('BROKEN');
    run.complete('a');
    expect(run.news().slice(3)).toEqual([
      'job failed a: BROKEN',
      'timer a',
      'job failed a: BROKEN',
      'timer a',
      'job failed a: BROKEN',
      'incident a: BROKEN',
      'retried a',
      'job failed a: BROKEN',
      'timer a',
      'completed a',
      'completed end',
      'completed',
    ]);
  });

  test('service task: a stale attempt or timer changes nothing', () => {
    const run = begin(
      drawProcess('p', { nodes: { start, a: serviceTask(), end }, flows: ['start -> a -> end'] }),
    );
    const { n } = run.at('a');
    run.fail('a', {});
    const [old] = run.at('a').waits ?? [];
    const due = old?.kind === 'timer' ? old.due : 0;
    const late = { type: 'job-completed', at: run.now, n, output: null } as const;
    expect(run.apply({ ...late, attempt: 1 })).toBe(false);
    run.timer('a').fail('a', {});
    expect(run.apply({ type: 'timer', at: run.now, n, on: 'a', due })).toBe(false);
    expect(run.apply({ ...late, attempt: 2 })).toBe(false);
    run.timer('a').complete('a');
    expect(run.status).toBe('completed');
    expect(run.apply({ ...late, attempt: 3 })).toBe(false);
  });

  test('service task: an unknown outcome stays unknown over later attempts', () => {
    const run = begin(
      drawProcess('p', { nodes: { start, a: serviceTask(), end }, flows: ['start -> a -> end'] }),
    );
    run.fail('a', { outcomeUnknown: true }).timer('a');
    expect(run.at('a').job?.unknown).toBe(true);
    run.fail('a', {}).timer('a').fail('a', { kind: 'terminal' }).retry('a');
    expect(run.at('a').job?.unknown).toBe(true);
  });

  test('service task: skipped with a reason and a result', () => {
    const run = begin(
      drawProcess('p', {
        nodes: { start, a: serviceTask({ result: 'x' }), end },
        flows: ['start -> a -> end'],
      }),
    );
    run.fail('a', { kind: 'terminal', code: 'GONE' }).skip('a', 7);
    expect(run.variables.x).toBe(7);
    expect(run.news().slice(3)).toEqual([
      'job failed a: GONE',
      'incident a: GONE',
      'skipped a',
      'completed a',
      'completed end',
      'completed',
    ]);
  });

  test('user task: a person completes it once', () => {
    const run = begin(
      drawProcess('p', {
        nodes: { start, a: userTask({ result: 'decision', due: constant(1000) }), end },
        flows: ['start -> a -> end'],
      }),
    );
    const { n, waits } = run.at('a');
    expect(waits).toEqual([
      {
        kind: 'task',
        on: 'a',
        roles: ['manager'],
        title: 'Decide',
        subject: null,
        dueAt: run.now + 1000,
      },
    ]);
    run.task('a', { approved: true });
    expect(run.apply({ type: 'task-completed', at: run.now, n, output: {}, by: 'another' })).toBe(
      false,
    );
    expect(run.variables.decision).toEqual({ approved: true });
    expect(run.news()).toEqual([
      'started',
      'completed start',
      'entered a',
      'task a',
      'completed a',
      'completed end',
      'completed',
    ]);
  });

  test('user task: a message that carries the decision completes it as well', () => {
    const decided = message('decided', 'order');
    const run = begin(
      drawProcess('p', {
        nodes: {
          start: startEvent(null, { result: 'order' }),
          a: userTask({ messages: [decided], result: 'decision' }),
          end,
        },
        flows: ['start -> a -> end'],
      }),
      'o-1',
    );
    expect(run.at('a').waits?.[1]).toEqual({
      kind: 'message',
      on: 'a',
      message: 'decided',
      key: 'order=o-1',
    });
    run.message('a', { approved: false });
    expect(run.status).toBe('completed');
    expect(run.variables.decision).toEqual({ approved: false });
  });

  test('receive task: the first of several messages ends the wait', () => {
    const run = begin(
      drawProcess('p', {
        nodes: { start, a: receiveTask([message('m1'), message('m2')], { result: 'got' }), end },
        flows: ['start -> a -> end'],
      }),
    );
    const { n } = run.at('a');
    const second = { type: 'message', at: run.now, n, on: 'a', message: 'm2', payload: 2 } as const;
    expect(run.apply({ ...second, message: 'm3' })).toBe(false);
    expect(run.apply(second)).toBe(true);
    expect(run.apply({ ...second, message: 'm1' })).toBe(false);
    expect(run.variables.got).toBe(2);
    expect(run.news().slice(2)).toEqual([
      'entered a',
      'message a',
      'completed a',
      'completed end',
      'completed',
    ]);
  });

  test('intermediate events: a message, then a time', () => {
    const run = begin(
      drawProcess('p', {
        nodes: {
          start,
          m: catchEvent(message('hello'), { result: 'said' }),
          t: catchEvent(timer(5000)),
          end,
        },
        flows: ['start -> m -> t -> end'],
      }),
    );
    const began = run.now;
    run.message('m', 'hi').timer('t');
    expect(run.now - began).toBe(5000);
    expect(run.variables.said).toBe('hi');
    expect(run.news().slice(2)).toEqual([
      'entered m',
      'message m',
      'completed m',
      'entered t',
      'timer t',
      'completed t',
      'completed end',
      'completed',
    ]);
  });

  test('exclusive gateway: the first condition that holds, else the default', () => {
    const model = drawProcess('p', {
      nodes: {
        start,
        g: exclusiveGateway('g -> small'),
        big: serviceTask(),
        huge: serviceTask(),
        small: serviceTask(),
        end,
      },
      flows: ['start -> g -> big -> end', 'g -> huge -> end', 'g -> small -> end'],
      when: {
        'g -> big': (v) => (v.input as number) > 10,
        'g -> huge': (v) => (v.input as number) > 100,
      },
    });
    expect(begin(model, 500).working).toEqual(['big']);
    expect(begin(model, 1).working).toEqual(['small']);
  });

  test('exclusive gateway: no way out is an incident, and a skip takes the first', () => {
    const run = begin(
      drawProcess('p', {
        nodes: { start, g: exclusiveGateway(), a: serviceTask(), end },
        flows: ['start -> g -> a -> end'],
        when: { 'g -> a': () => false },
      }),
    );
    expect(run.incidents).toEqual(['g: NO_FLOW_TAKEN']);
    run.retry('g');
    expect(run.incidents).toEqual(['g: NO_FLOW_TAKEN']);
    run.skip('g');
    expect(run.working).toEqual(['a']);
  });

  test('parallel gateway: forks, and joins when every branch has come', () => {
    const run = begin(
      drawProcess('p', {
        nodes: {
          start,
          fork: parallelGateway(),
          a: serviceTask(),
          b: serviceTask(),
          join: parallelGateway(),
          end,
        },
        flows: ['start -> fork -> a -> join -> end', 'fork -> b -> join'],
      }),
    );
    run.complete('b');
    expect(run.running).toEqual(['a', 'join']);
    run.complete('a');
    expect(run.news().slice(2)).toEqual([
      'completed fork',
      'entered a',
      'entered b',
      'completed b',
      'completed a',
      'completed join',
      'completed end',
      'completed',
    ]);
  });

  test('parallel gateway: a second token of one branch waits for the next round', () => {
    const run = begin(
      drawProcess('p', {
        nodes: {
          start,
          fork: parallelGateway(),
          a: serviceTask(),
          b: serviceTask(),
          c: serviceTask(),
          merge: exclusiveGateway(),
          d: serviceTask(),
          join: parallelGateway(),
          last: serviceTask(),
          end,
        },
        flows: [
          'start -> fork -> a -> merge -> join -> last -> end',
          'fork -> b -> merge',
          'fork -> c -> d -> join',
        ],
      }),
    );
    run.complete('a').complete('b');
    expect(run.at('join').arrived).toEqual({ 'merge -> join': 2 });
    run.complete('c').complete('d');
    expect(run.working).toEqual(['last']);
    expect(run.at('join').arrived).toEqual({ 'merge -> join': 1 });
    run.complete('last');
    expect(run.incidents).toEqual(['join: DEADLOCK']);
    run.skip('join').complete('last');
    expect(run.status).toBe('completed');
  });

  test('parallel gateway: a token that cannot come is an incident', () => {
    const run = begin(
      drawProcess('p', {
        nodes: {
          start,
          fork: parallelGateway(),
          a: serviceTask(),
          b: serviceTask(),
          choice: exclusiveGateway(),
          join: parallelGateway(),
          end,
          away: end,
          watch: subProcess(['ws', 'we'], { byEvent: true }),
          ws: startEvent(message('stop')),
          we: end,
        },
        flows: [
          'start -> fork -> a -> join -> end',
          'fork -> b -> choice -> join',
          'choice -> away',
          'ws -> we',
        ],
        when: { 'choice -> join': () => false },
      }),
    );
    run.complete('a');
    expect(run.incidents).toEqual([]);
    run.complete('b');
    expect(run.incidents).toEqual(['join: DEADLOCK']);
    run.retry('join');
    expect(run.incidents).toEqual(['join: DEADLOCK']);
    run.cancel();
    expect(run.status).toBe('cancelled');
  });

  test('event-based gateway: the first event wins, and the others are gone', () => {
    const model = drawProcess('p', {
      nodes: {
        start,
        g: eventBasedGateway(),
        paid: catchEvent(message('paid'), { result: 'payment' }),
        late: catchEvent(timer(1000)),
        told: receiveTask([message('told')], { result: 'news' }),
        a: serviceTask(),
        b: serviceTask(),
        c: serviceTask(),
        end,
      },
      flows: ['start -> g -> paid -> a -> end', 'g -> late -> b -> end', 'g -> told -> c -> end'],
    });
    const paid = begin(model).message('paid', 5);
    expect([paid.running, paid.waiting, paid.variables.payment]).toEqual([['a'], [], 5]);
    const late = begin(model).timer('late');
    expect([late.running, late.waiting]).toEqual([['b'], []]);
    const told = begin(model).message('told', 'x');
    expect([told.running, told.waiting, told.variables.news]).toEqual([['c'], [], 'x']);
    expect(told.news().slice(2)).toEqual(['entered g', 'message told', 'completed g', 'entered c']);
  });

  describe('boundary events', () => {
    const withBoundary = (
      event: Parameters<typeof boundaryEvent>[1],
      options: Parameters<typeof boundaryEvent>[2] = {},
      host = serviceTask(),
    ) =>
      drawProcess('p', {
        nodes: {
          start,
          a: host,
          on: boundaryEvent('a', event, { result: 'why', ...options }),
          b: serviceTask(),
          end,
          end2: end,
        },
        flows: ['start -> a -> end', 'on -> b -> end2'],
      });

    test('a message interrupts', () => {
      const run = begin(withBoundary(message('stop'))).message('on', 'enough');
      expect(run.effects?.jobsCancelled).toHaveLength(1);
      expect([run.running, run.waiting, run.variables.why]).toEqual([['b'], [], 'enough']);
      expect(run.complete('b').news().slice(2)).toEqual([
        'entered a',
        'message on',
        'cancelled a',
        'completed on',
        'entered b',
        'completed b',
        'completed end2',
        'completed',
      ]);
    });

    test('a message beside: each one starts the way anew, and the activity goes on', () => {
      const run = begin(withBoundary(message('note'), { interrupting: false }));
      run.message('on', 1).message('on', 2);
      expect(run.running).toEqual(['a', 'b', 'b']);
      run.complete('a');
      expect(run.waiting).toEqual([]);
      run.complete('b').complete('b');
      expect(run.status).toBe('completed');
    });

    test('a timer interrupts once, beside fires once', () => {
      expect(begin(withBoundary(timer(1000))).timer('on').running).toEqual(['b']);
      const beside = begin(withBoundary(timer(1000), { interrupting: false })).timer('on');
      expect([beside.running, beside.waiting]).toEqual([['a', 'b'], []]);
    });

    test('an error: the exact code before any, and what is not caught is an incident', () => {
      const run = begin(withBoundary(error('DECLINED'))).fail('a', 'DECLINED');
      expect(run.running).toEqual(['b']);
      expect(run.variables.why).toEqual({ code: 'DECLINED', message: 'it broke', data: null });
      expect(run.news().slice(3)).toEqual([
        'job failed a: DECLINED',
        'error a: DECLINED',
        'cancelled a',
        'completed on',
        'entered b',
      ]);
      const other = begin(withBoundary(error('DECLINED'))).fail('a', 'ANOTHER');
      expect(other.incidents).toEqual(['a: ANOTHER']);
      other.retry('a').fail('a', 'DECLINED');
      expect([other.running, other.incidents]).toEqual([['b'], []]);
      expect(begin(withBoundary(error())).fail('a', 'ANOTHER').running).toEqual(['b']);
    });

    test('an error inside a sub-process ends all of it', () => {
      const model = drawProcess('p', {
        nodes: {
          start,
          s: subProcess(['ss', 'fork', 'x', 'y', 'se']),
          ss: start,
          fork: parallelGateway(),
          x: serviceTask(),
          y: catchEvent(message('never')),
          se: end,
          on: boundaryEvent('s', error()),
          b: serviceTask(),
          end,
        },
        flows: ['start -> s -> end', 'ss -> fork -> x -> se', 'fork -> y -> se', 'on -> b -> end'],
      });
      const run = begin(model).fail('x', 'NO');
      expect([run.running, run.waiting]).toEqual([['b'], []]);
      expect(run.news().slice(7)).toEqual([
        'job failed x: NO',
        'error x: NO',
        'cancelled x',
        'cancelled y',
        'cancelled s',
        'completed on',
        'entered b',
      ]);
    });

    test('a message that does not fit is an incident beside the work, which goes on', () => {
      const strict = { ...message('stop'), payload: numberOnly };
      const run = begin(withBoundary(strict)).message('on', 'no number');
      expect([run.incidents, run.working, run.waiting]).toEqual([
        ['a: EXPRESSION_FAILED'],
        ['a'],
        ['on'],
      ]);
      run.retry('a');
      expect([run.incidents, run.working]).toEqual([[], ['a']]);
      run.message('on', 'again no number').skip('a').message('on', 5);
      expect([run.running, run.variables.why]).toEqual([['b'], 5]);
    });
  });

  describe('event sub-processes', () => {
    const withHandler = (
      event: Parameters<typeof startEvent>[0],
      options: Parameters<typeof startEvent>[1] = {},
    ) =>
      drawProcess('p', {
        nodes: {
          start,
          a: serviceTask(),
          b: serviceTask(),
          end,
          handler: subProcess(['hs', 'h', 'he'], { byEvent: true }),
          hs: startEvent(event, { result: 'why', ...options }),
          h: serviceTask(),
          he: end,
        },
        flows: ['start -> a -> b -> end', 'hs -> h -> he'],
      });

    test('a message interrupts the process, and the handler ends it', () => {
      const run = begin(withHandler(message('stop'))).message('hs', 'enough');
      expect([run.running, run.waiting]).toEqual([['handler', 'h'], []]);
      expect(run.seenAt('h').why).toBe('enough');
      expect(run.complete('h').news().slice(2)).toEqual([
        'entered a',
        'message hs',
        'cancelled a',
        'entered handler',
        'completed hs',
        'entered h',
        'completed h',
        'completed he',
        'completed handler',
        'completed',
      ]);
    });

    test('a message beside: as often as it comes, and the process waits for the handlers', () => {
      const run = begin(withHandler(message('note'), { interrupting: false }));
      run.message('hs', 1).message('hs', 2).complete('a').complete('b');
      expect([run.running, run.status]).toEqual([['handler', 'h', 'handler', 'h'], 'active']);
      expect([run.seenAt('h', 0).why, run.seenAt('h', 1).why]).toEqual([1, 2]);
      run.complete('h').complete('h');
      expect(run.status).toBe('completed');
    });

    test('a timer, interrupting or beside', () => {
      expect(begin(withHandler(timer(1000))).timer('hs').working).toEqual(['h']);
      const beside = begin(withHandler(timer(1000), { interrupting: false })).timer('hs');
      expect([beside.working, beside.waiting]).toEqual([['a', 'h'], []]);
    });

    test('an error of a job is handled, and the handler is not its own handler', () => {
      const run = begin(withHandler(error())).complete('a').fail('b', 'NO');
      expect(run.seenAt('h').why).toEqual({ code: 'NO', message: 'it broke', data: null });
      run.fail('h', 'NO AGAIN');
      expect(run.incidents).toEqual(['h: NO AGAIN']);
      run.retry('h').complete('h');
      expect(run.status).toBe('completed');
    });

    test('an error thrown by the end of a handler goes further out', () => {
      const model = drawProcess('p', {
        nodes: {
          start,
          s: subProcess(['ss', 'x', 'se', 'handler']),
          ss: start,
          x: serviceTask(),
          se: end,
          handler: subProcess(['hs', 'he'], { byEvent: true }),
          hs: startEvent(error()),
          he: endEvent(error('WORSE')),
          on: boundaryEvent('s', error('WORSE')),
          b: serviceTask(),
          end,
        },
        flows: ['start -> s -> end', 'ss -> x -> se', 'hs -> he', 'on -> b -> end'],
      });
      expect(begin(model).fail('x', 'BAD').running).toEqual(['b']);
    });

    test('one that interrupts its sub-process keeps the boundary events of that sub-process', () => {
      const model = drawProcess('p', {
        nodes: {
          start,
          s: subProcess(['ss', 'x', 'se', 'handler', 'other']),
          ss: start,
          x: serviceTask(),
          se: end,
          handler: subProcess(['hs', 'h', 'he'], { byEvent: true }),
          hs: startEvent(message('stop')),
          h: serviceTask(),
          he: end,
          other: subProcess(['os', 'oe'], { byEvent: true }),
          os: startEvent(timer(50)),
          oe: end,
          late: boundaryEvent('s', timer(1000)),
          b: serviceTask(),
          end,
        },
        flows: [
          'start -> s -> end',
          'ss -> x -> se',
          'hs -> h -> he',
          'os -> oe',
          'late -> b -> end',
        ],
      });
      const run = begin(model).message('hs');
      expect(run.waiting).toEqual(['late']);
      expect(run.timer('late').running).toEqual(['b']);
    });

    test('a correlation that cannot be read at the start is an incident, not a lost start', () => {
      const run = begin(withHandler(message('stop', 'unknown')));
      expect(run.incidents).toEqual(['process: EXPRESSION_FAILED']);
      run.retry('process');
      expect([run.incidents, run.working]).toEqual([['process: EXPRESSION_FAILED'], []]);
      run.cancel();
      expect(run.status).toBe('cancelled');
    });
  });

  describe('loops', () => {
    const looping = (
      loop: Parameters<typeof loopOver>[1] = {},
      list: readonly unknown[] | string = ['x', 'y', 'z'],
    ) =>
      drawProcess('p', {
        nodes: {
          start,
          a: serviceTask({ loop: loopOver(list, loop), result: 'all' }),
          end,
        },
        flows: ['start -> a -> end'],
      });

    test('in parallel: results keep the order of the items', () => {
      const run = begin(looping());
      expect(run.working).toEqual(['a', 'a', 'a']);
      expect(run.seenAt('a', 2)).toEqual({ input: {}, item: 'y', loopCounter: 1 });
      run.complete('a', 'third', 2).complete('a', 'first', 0).complete('a', 'second', 0);
      expect(run.variables.all).toEqual(['first', 'second', 'third']);
      expect(run.status).toBe('completed');
    });

    test('one after the other', () => {
      const run = begin(looping({ sequential: true }));
      for (const item of ['x', 'y', 'z']) {
        expect(run.working).toEqual(['a']);
        expect(run.seenAt('a', 1).item).toBe(item);
        run.complete('a', item.toUpperCase());
      }
      expect(run.variables.all).toEqual(['X', 'Y', 'Z']);
    });

    test('a completion condition ends the runs that are left', () => {
      const run = begin(
        looping({ completionCondition: expression((v) => v.completed === 2 && v.total === 3) }),
      );
      run.complete('a', 1, 0).complete('a', 3, 1);
      expect(run.effects?.jobsCancelled).toHaveLength(1);
      expect([run.variables.all, run.status]).toEqual([[1, null, 3], 'completed']);
    });

    test('what a run adds may be computed from its own variables', () => {
      const output = expression((v) => `${v.item}${v.loopCounter}${v.all}`);
      const run = begin(looping({ output }, ['x', 'y']));
      run.complete('a', '!').complete('a', '?');
      expect(run.variables.all).toEqual(['x0!', 'y1?']);
    });

    test('an empty list is done at once, and what is no list is an incident', () => {
      const empty = begin(looping({}, []));
      expect([empty.status, empty.variables.all]).toEqual(['completed', []]);
      const wrong = begin(looping({}, 'nothing'));
      expect(wrong.incidents).toEqual(['a: EXPRESSION_FAILED']);
      expect(wrong.skip('a', []).status).toBe('completed');
    });

    test('of sub-processes, each with variables of its own, and one boundary for all', () => {
      const model = drawProcess('p', {
        nodes: {
          start,
          s: subProcess(['ss', 'x', 'y', 'se'], {
            loop: loopOver('input'),
            result: 'all',
            output: (v) => `${v.item}:${v.got}`,
          }),
          ss: start,
          x: serviceTask({ result: 'got' }),
          y: serviceTask(),
          se: end,
          on: boundaryEvent('s', error('NO')),
          late: boundaryEvent('s', timer(1000)),
          b: serviceTask(),
          end,
        },
        flows: ['start -> s -> end', 'ss -> x -> y -> se', 'on -> b -> end', 'late -> b'],
      });
      const run = begin(model, [1, 2]);
      expect(run.waiting).toEqual(['late']);
      run.complete('x', 'b', 1).complete('x', 'a', 0).complete('y').complete('y');
      expect([run.variables.all, run.status]).toEqual([['1:a', '2:b'], 'completed']);
      expect(begin(model, [1, 2]).complete('x').fail('x', 'NO').running).toEqual(['b']);
      expect(begin(model, [1, 2]).timer('late').running).toEqual(['b']);
    });

    test('expressions of a loop that throw are incidents that can be tried again', () => {
      const flag = { isBroken: true };
      const broken = <T>(value: T) =>
        expression(() => {
          if (flag.isBroken) throw new Error('broken');
          return value;
        });
      const condition = begin(looping({ completionCondition: broken(false) }, ['x', 'y']));
      condition.complete('a', 1).complete('a', 2);
      // All are done, so the condition is not asked.
      expect(condition.status).toBe('completed');
      const one = begin(looping({ sequential: true, completionCondition: broken(true) }));
      one.complete('a', 1);
      expect([one.incidents, one.working]).toEqual([['a: EXPRESSION_FAILED'], []]);
      flag.isBroken = false;
      one.retry('a');
      expect([one.status, one.variables.all]).toEqual(['completed', [1, null, null]]);
      flag.isBroken = true;
      const output = begin(looping({ output: broken('made') }, ['x']));
      output.complete('a', 1);
      expect([output.incidents, output.working]).toEqual([['a: EXPRESSION_FAILED'], []]);
      flag.isBroken = false;
      output.retry('a');
      expect(output.variables.all).toEqual(['made']);
    });

    test('a run can be skipped', () => {
      const run = begin(looping({ sequential: true }, ['x', 'y']));
      run.fail('a', { kind: 'terminal' }).skip('a', 'by hand').complete('a', 'Y');
      expect(run.variables.all).toEqual(['by hand', 'Y']);
    });
  });

  describe('call activity', () => {
    const calling = drawProcess('p', {
      nodes: {
        start,
        c: callActivity('child', { result: 'got', input: (v) => ({ of: v.input }) }),
        on: boundaryEvent('c', error('NO')),
        b: serviceTask(),
        end,
      },
      flows: ['start -> c -> end', 'on -> b -> end'],
    });

    test('starts a child and takes over its output', () => {
      const run = begin(calling, 5);
      const { n } = run.at('c');
      expect(run.effects?.children).toEqual([
        { n, process: 'child', version: null, input: { of: 5 }, depth: 1 },
      ]);
      run.childEnds('c', 'done');
      expect([run.status, run.variables.got]).toEqual(['completed', 'done']);
    });

    test('a failed child is an error that may be caught, else an incident', () => {
      expect(begin(calling).childFails('c', 'NO').running).toEqual(['b']);
      const run = begin(calling).childFails('c', 'OTHER');
      expect(run.incidents).toEqual(['c: OTHER']);
      const again = { type: 'child-ended', at: run.now, status: 'failed', output: null } as const;
      expect(run.apply({ ...again, n: run.at('c').n, error: null })).toBe(false);
      run.retry('c');
      expect(run.effects?.children).toHaveLength(1);
      run.childEnds('c');
      expect(run.status).toBe('completed');
    });

    test('its child is cancelled with it', () => {
      const run = begin(calling);
      const { n } = run.at('c');
      run.cancel();
      expect(run.effects?.childrenCancelled).toEqual([n]);
      expect(run.childUndone('c').status).toBe('cancelled');
    });
  });

  describe('ends', () => {
    const ending = (event: Parameters<typeof endEvent>[0]) =>
      drawProcess('p', {
        nodes: {
          start,
          fork: parallelGateway(),
          a: serviceTask(),
          b: catchEvent(message('never')),
          stop: endEvent(event),
          end,
        },
        flows: ['start -> fork -> a -> stop', 'fork -> b -> end'],
      });

    test('terminate ends all that runs', () => {
      expect(
        begin(ending({ type: 'terminate' }))
          .complete('a')
          .news()
          .slice(5),
      ).toEqual(['completed a', 'cancelled b', 'completed stop', 'completed']);
    });

    test('an error that nobody catches fails the process', () => {
      const run = begin(ending({ type: 'error', code: 'LOST', message: constant('all is lost') }));
      run.complete('a');
      expect(run.effects?.ended).toEqual({
        status: 'failed',
        output: null,
        error: { code: 'LOST', message: 'all is lost' },
      });
      expect(run.news().slice(5)).toEqual([
        'completed a',
        'error stop: LOST',
        'cancelled b',
        'cancelled stop',
        'failed: LOST',
      ]);
    });

    test('terminate beside a token on its way to a join leaves no token behind', () => {
      const run = begin(
        drawProcess('p', {
          nodes: {
            start,
            fork: parallelGateway(),
            stop: endEvent({ type: 'terminate' }),
            join: parallelGateway(),
            x: serviceTask(),
            end,
          },
          flows: ['start -> fork -> stop', 'fork -> join -> end', 'fork -> x -> join'],
        }),
      );
      expect(run.status).toBe('completed');
    });
  });

  test('process: an output that throws is an incident at the process', () => {
    const flag = { isBroken: true };
    const model = drawProcess('p', {
      nodes: { start, a: serviceTask(), end },
      flows: ['start -> a -> end'],
      output: () => {
        if (flag.isBroken) throw new Error('broken');
        return 'made';
      },
    });
    const run = begin(model).complete('a');
    expect([run.status, run.incidents]).toEqual(['active', ['process: EXPRESSION_FAILED']]);
    flag.isBroken = false;
    expect(run.retry('process').effects?.ended?.output).toBe('made');
    flag.isBroken = true;
    expect(begin(model).complete('a').skip('process', 'by hand').effects?.ended?.output).toBe(
      'by hand',
    );
  });

  test('an expression that throws is an incident, and nothing of it is half done', () => {
    const flag = { isBroken: true };
    const subject = expression(() => {
      if (flag.isBroken) throw new Error('broken');
      return null;
    });
    const run = begin(
      drawProcess('p', {
        nodes: {
          start,
          a: userTask({ subject, messages: [message('done')] }),
          late: boundaryEvent('a', timer(1000)),
          end,
        },
        flows: ['start -> a -> end', 'late -> end'],
      }),
    );
    expect([run.incidents, run.waiting]).toEqual([['a: EXPRESSION_FAILED'], ['late']]);
    flag.isBroken = false;
    run.retry('a');
    expect([run.incidents, run.waiting]).toEqual([[], ['late', 'a', 'a']]);
    expect(run.task('a').status).toBe('completed');
  });

  test('a loop without a wait becomes an incident instead of running for ever', () => {
    const model = drawProcess('p', {
      nodes: { start, a: serviceTask(), g: exclusiveGateway(), h: exclusiveGateway(), end },
      flows: ['start -> a -> g -> h -> g', 'h -> end'],
    });
    const run = begin(model).complete('a', 5);
    expect(run.incidents).toEqual(['a: TRANSITION_FAILED']);
    expect(run.skip('a').incidents).toEqual(['a: TRANSITION_FAILED']);
    expect(run.cancel().status).toBe('cancelled');
  });
});
