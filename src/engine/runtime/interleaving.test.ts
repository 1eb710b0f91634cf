/**
 * Every order of events, on processes that are small but nasty: races of waits, parallel branches,
 * interruptions, compensation. The figures are printed by a failing test only; a process whose number
 * of plays falls to nothing would prove nothing, so each says how many it needs.
 */
import { expect, test } from 'vitest';
import type { ProcessModel } from '../model/process-model.ts';
import {
  boundaryEvent,
  callActivity,
  catchEvent,
  compensateEvent,
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
  undoTask,
  userTask,
} from '../testing/draw-process.ts';
import { type Explored, type ExploreOptions, explore } from '../testing/explore.ts';
import { historyLine } from '../testing/history-lines.ts';
import type { Play } from '../testing/play.ts';

const start = startEvent();
const end = endEvent();

/** What was done and has an undo, oldest first; what was undone, oldest first. */
function ledger({ model, history }: Play) {
  const done: string[] = [];
  const undone: string[] = [];
  for (const { kind, node: id } of history) {
    const node = model.nodes[id];
    if (kind !== 'element.completed' || !node || !('boundary' in node)) continue;
    if (node.forCompensation) undone.push(id);
    else if (node.compensation !== undefined) done.push(node.compensation);
  }
  return { done, undone };
}

/** A cancelled process has undone all that it had done, each once; a completed one what it says. */
function undoesAll(play: Play): void {
  const { done, undone } = ledger(play);
  expect(new Set(undone).size, 'nothing is undone twice').toBe(undone.length);
  if (play.status !== 'cancelled') return;
  const lines = play.history.map(historyLine);
  const inFlight = undone.filter((undo) => !done.includes(undo));
  expect(undone.toSorted()).toEqual([...done, ...inFlight].toSorted());
  // Undone without having completed: only a job that was interrupted.
  for (const undo of inFlight) {
    const undoes = Object.values(play.model.nodes).find(
      (node) => 'compensation' in node && node.compensation === undo,
    );
    expect(lines).toContain(`cancelled ${undoes?.id}`);
  }
}

function all(model: ProcessModel, atLeast: number, options: ExploreOptions = {}): Explored {
  const explored = explore(model, options);
  expect(explored.transitions).toBeGreaterThanOrEqual(atLeast);
  return explored;
}

test('a race of message, message, timer and cancel has one winner', () => {
  const { ends } = all(
    drawProcess('race', {
      nodes: {
        start,
        g: eventBasedGateway(),
        paid: catchEvent(message('paid')),
        failed: catchEvent(message('failed')),
        late: catchEvent(timer(1000)),
        a: serviceTask(),
        b: serviceTask(),
        end,
      },
      flows: ['start -> g -> paid -> a -> end', 'g -> failed -> b -> end', 'g -> late -> b'],
    }),
    10,
    {
      errors: ['NO'],
      ended: (play) => {
        const won = play.history.filter(({ kind }) => /received|fired/.test(kind));
        expect(won.length).toBeLessThanOrEqual(1);
      },
    },
  );
  expect(ends.completed).toBe(3);
});

test('an approval, its message and its deadline: one outcome', () => {
  all(
    drawProcess('approval', {
      nodes: {
        start,
        t: userTask({ messages: [message('approved')], result: 'decision' }),
        late: boundaryEvent('t', timer(1000)),
        note: boundaryEvent('t', message('note'), { interrupting: false }),
        n: serviceTask(),
        a: serviceTask(),
        x: serviceTask(),
        end,
      },
      flows: ['start -> t -> a -> end', 'late -> x -> end', 'note -> n -> end'],
    }),
    200,
    {
      depth: 6,
      ended: ({ history }) => {
        const ran = (node: string) => history.some((entry) => entry.node === node);
        expect(ran('a') && ran('x')).toBe(false);
      },
    },
  );
});

test('parallel steps with undos, retries, errors and cancellation', () => {
  all(
    drawProcess('parallel', {
      nodes: {
        start,
        fork: parallelGateway(),
        a: serviceTask({ undo: 'ua' }),
        b: serviceTask({ undo: 'ub' }),
        ua: undoTask(),
        ub: undoTask(),
        wait: receiveTask([message('go')]),
        join: parallelGateway(),
        c: serviceTask({ undo: 'uc' }),
        uc: undoTask(),
        end,
      },
      flows: ['start -> fork -> a -> join -> c -> end', 'fork -> b -> wait -> join'],
    }),
    1000,
    { depth: 8, errors: ['NO'], retries: true, ended: undoesAll },
  );
});

test('undos that fail, are retried and skipped by people', () => {
  all(
    drawProcess('people', {
      nodes: {
        start,
        a: serviceTask({ undo: 'ua' }),
        ua: undoTask(),
        b: serviceTask({ undo: 'ub' }),
        ub: undoTask(),
        end,
      },
      flows: ['start -> a -> b -> end'],
    }),
    900,
    { depth: 8, errors: ['NO'], retries: true, people: true },
  );
});

test('compensation thrown in an error handler, interrupted by a deadline or a cancel', () => {
  all(
    drawProcess('saga', {
      nodes: {
        start,
        s: subProcess(['ss', 'a', 'b', 'se', 'ua', 'ub', 'handler']),
        ss: start,
        a: serviceTask({ undo: 'ua' }),
        b: serviceTask({ undo: 'ub' }),
        ua: undoTask(),
        ub: undoTask(),
        se: end,
        handler: subProcess(['hs', 'undo', 'he'], { byEvent: true }),
        hs: startEvent(error()),
        undo: compensateEvent(),
        he: endEvent(error('GIVEN_UP')),
        late: boundaryEvent('s', timer(1000)),
        gone: boundaryEvent('s', error('GIVEN_UP')),
        x: serviceTask(),
        end,
      },
      flows: [
        'start -> s -> end',
        'ss -> a -> b -> se',
        'hs -> undo -> he',
        'late -> x -> end',
        'gone -> x',
      ],
    }),
    500,
    { depth: 9, errors: ['NO'], retries: true, ended: undoesAll },
  );
});

test('event sub-processes beside and interrupting, with a join inside', () => {
  all(
    drawProcess('handlers', {
      nodes: {
        start,
        fork: parallelGateway(),
        a: serviceTask({ undo: 'ua' }),
        ua: undoTask(),
        b: catchEvent(timer(10)),
        join: parallelGateway(),
        end,
        beside: subProcess(['bs', 'bx', 'be'], { byEvent: true }),
        bs: startEvent(timer(50), { interrupting: false }),
        bx: serviceTask({ undo: 'ubx' }),
        ubx: undoTask(),
        be: end,
        stop: subProcess(['ps', 'undo', 'pe'], { byEvent: true }),
        ps: startEvent(message('stop')),
        undo: compensateEvent(),
        pe: end,
      },
      flows: [
        'start -> fork -> a -> join -> end',
        'fork -> b -> join',
        'bs -> bx -> be',
        'ps -> undo -> pe',
      ],
    }),
    200,
    { depth: 10, ended: undoesAll },
  );
});

test('loops in parallel and in sequence, with a boundary, an early end and undos', () => {
  for (const sequential of [false, true]) {
    all(
      drawProcess('loops', {
        nodes: {
          start,
          s: subProcess(['ss', 'a', 'se', 'ua'], {
            loop: loopOver([1, 2, 3], {
              sequential,
              completionCondition: {
                source: 'two are enough',
                evaluate: ({ completed }) => completed === 2,
              },
            }),
          }),
          ss: start,
          a: serviceTask({ undo: 'ua' }),
          ua: undoTask(),
          se: end,
          late: boundaryEvent('s', timer(1000)),
          wait: catchEvent(message('go')),
          end,
        },
        flows: ['start -> s -> wait -> end', 'ss -> a -> se', 'late -> wait'],
      }),
      80,
      {
        depth: 8,
        retries: sequential,
        ended: ({ status, history }) => {
          const count = (line: string) =>
            history.filter((entry) => historyLine(entry) === line).length;
          if (status !== 'cancelled') return;
          expect(count('completed ua')).toBe(count('completed a') + count('cancelled a'));
        },
      },
    );
  }
});

test('called processes that end, fail and are cancelled', () => {
  all(
    drawProcess('calls', {
      nodes: {
        start,
        fork: parallelGateway(),
        c: callActivity('child', { undo: 'uc' }),
        uc: undoTask(),
        d: callActivity('child'),
        no: boundaryEvent('c', error('NO')),
        join: parallelGateway(),
        merge: exclusiveGateway(),
        end,
      },
      flows: ['start -> fork -> c -> merge -> join -> end', 'fork -> d -> join', 'no -> merge'],
    }),
    100,
    { errors: ['NO', 'OTHER'], people: true, depth: 6 },
  );
});
