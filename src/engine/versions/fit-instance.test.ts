/**
 * Carrying an instance over to another version: what fits goes on as if it had always been there, what
 * does not is a named problem. The rules are tried on small changes one by one, and then on every state
 * that nasty processes can come to.
 */
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { constant, expression } from '../model/expression.ts';
import type { MigrationPlan, ProcessModel } from '../model/process-model.ts';
import { structureOf } from '../model/structure.ts';
import {
  boundaryEvent,
  callActivity,
  catchEvent,
  type Drawing,
  drawProcess,
  endEvent,
  error,
  eventBasedGateway,
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
import { explore, possibleEvents } from '../testing/explore.ts';
import { historyLine } from '../testing/history-lines.ts';
import { Play, play } from '../testing/play.ts';
import { Fitting } from './fit-instance.ts';

const start = startEvent(null, { result: 'order' });
const end = endEvent();

function draw(version: number, nodes: Drawing['nodes'], ...flows: string[]): ProcessModel {
  return drawProcess('p', { version, nodes: { start, end, ...nodes }, flows });
}

function carry(from: Play, to: ProcessModel, plan: MigrationPlan = {}) {
  return new Fitting(structureOf(from.model), to, plan).carry(from.state, from.now);
}

/** Problems as `CODE element`. */
function problems(from: Play, to: ProcessModel, plan: MigrationPlan = {}): string[] {
  return carry(from, to, plan).problems.map(({ code, element }) => `${code} ${element}`);
}

const paid = catchEvent(message('paid', 'order'), { result: 'payment' });

describe('elements', () => {
  test('a step that was added behind is done by the instance that has moved', () => {
    const one = play(draw(1, { wait: paid }, 'start -> wait -> end'), '7');
    one.migrate(draw(2, { wait: paid, b: serviceTask() }, 'start -> wait -> b -> end'));
    expect(one.effects?.waitsAdded).toEqual([]);
    expect(one.effects?.waitsRemoved).toEqual([]);
    one.message('wait').complete('b');
    expect(one.status).toBe('completed');
    expect(one.news()).toEqual([
      'started',
      'completed start',
      'entered wait',
      'migrated to 2',
      'message wait',
      'completed wait',
      'entered b',
      'completed b',
      'completed end',
      'completed',
    ]);
  });

  test('one that is gone must be mapped, and to one of its kind that is there', () => {
    const one = play(draw(1, { wait: paid }, 'start -> wait -> end'), '7');
    const next = draw(2, { other: paid, job: serviceTask() }, 'start -> job -> other -> end');
    expect(problems(one, next)).toEqual(['ELEMENT_GONE wait']);
    expect(problems(one, next, { elements: { wait: 'nowhere' } })).toContain('PLAN_INVALID wait');
    expect(problems(one, next, { elements: { never: 'other' } })).toContain('PLAN_INVALID never');
    expect(problems(one, next, { elements: { wait: 'job' } })).toContain('ELEMENT_KIND wait');
    expect(problems(one, next, { elements: { wait: null } })).toContain('ELEMENT_GONE wait');
    one.migrate(next, { elements: { wait: 'other' } }).message('other');
    expect(one.status).toBe('completed');
  });

  test('a message wait is no timer, under whatever id', () => {
    const one = play(draw(1, { wait: paid }, 'start -> wait -> end'), '7');
    const next = draw(2, { wait: catchEvent(timer(1000)) }, 'start -> wait -> end');
    expect(problems(one, next)).toEqual(['ELEMENT_KIND wait']);
  });

  test('nothing is moved into a sub-process or out of one', () => {
    const one = play(draw(1, { wait: paid }, 'start -> wait -> end'), '7');
    const within = draw(
      2,
      { sub: subProcess(['s', 'wait', 'e']), s: startEvent(), wait: paid, e: end },
      'start -> sub -> end',
      's -> wait -> e',
    );
    expect(problems(one, within)).toEqual(['ELEMENT_MOVED wait']);
    const inside = play(within, '7');
    expect(problems(inside, one.model)).toContain('ELEMENT_GONE sub');
  });

  test('a loop stays a loop, of the same kind', () => {
    const looping = (loop: object) => draw(1, { a: serviceTask(loop) }, 'start -> a -> end');
    const one = play(looping({ loop: loopOver('order') }), [1, 2]);
    expect(problems(one, looping({ loop: loopOver('order') }))).toEqual([]);
    expect(problems(one, looping({}))).toContain('LOOP_CHANGED a');
    expect(problems(one, looping({ loop: loopOver('order', { sequential: true }) }))).toContain(
      'LOOP_CHANGED a',
    );
  });

  test('a loop half way goes on with what its runs have given, under other names', () => {
    const looping = (version: number, id: string) =>
      draw(
        version,
        { [id]: serviceTask({ loop: loopOver('order'), result: 'all' }) },
        `start -> ${id} -> end`,
      );
    const one = play(looping(1, 'a'), [1, 2, 3]).complete('a', 'first').complete('a', 'second', 1);
    one.migrate(looping(2, 'b'), { elements: { a: 'b' } }).complete('b', 'third');
    expect(one.status).toBe('completed');
    expect(one.variables).toMatchObject({ all: ['first', 'third', 'second'] });
  });

  test('a transaction that is revoked undoes the rest in the new version, and stays a transaction', () => {
    const trip = (
      version: number,
      id: string,
      undo: string,
      more: object = { transaction: true },
    ) =>
      draw(
        version,
        {
          [id]: subProcess(['s', 'hotel', 'flight', 'off'], more),
          s: startEvent(),
          hotel: serviceTask({ undo }),
          flight: serviceTask({ undo: 'unflight' }),
          off: endEvent({ type: 'cancel' }),
          revoked: boundaryEvent(id, { type: 'cancel' }),
          [undo]: undoTask(),
          unflight: undoTask(),
        },
        `start -> ${id} -> end`,
        's -> hotel -> flight -> off',
        'revoked -> end',
      );
    const one = play(trip(1, 'trip', 'unhotel'), '7')
      .complete('hotel')
      .complete('flight');
    expect(problems(one, trip(2, 'trip', 'unhotel', {}))).toContain('ELEMENT_KIND trip');
    one.migrate(trip(2, 'tour', 'return'), { elements: { trip: 'tour', unhotel: 'return' } });
    one.complete('unflight').complete('return');
    expect(one.status).toBe('completed');
    expect(one.history.map(historyLine)).toContain('completed revoked');
  });

  test('what waits for its turn in an ad-hoc sub-process keeps it', () => {
    const care = (version: number, first: string, last: string) =>
      draw(
        version,
        {
          care: subProcess([first, last], {
            adHoc: { sequential: true, cancelRemaining: true, activate: constant([first, last]) },
          }),
          [first]: serviceTask(),
          [last]: serviceTask(),
        },
        'start -> care -> end',
      );
    const one = play(care(1, 'call', 'visit'), '7');
    expect(problems(one, care(2, 'call', 'write'))).toContain('ELEMENT_GONE visit');
    one.migrate(care(2, 'call', 'write'), { elements: { visit: 'write' } });
    one.complete('call').complete('write');
    expect(one.status).toBe('completed');
  });

  test('a child under way stays the child of its activity', () => {
    const calls = (process: string) => draw(1, { c: callActivity(process) }, 'start -> c -> end');
    const one = play(calls('ship'), '7');
    expect(problems(one, calls('ship'))).toEqual([]);
    expect(problems(one, calls('fly'))).toEqual(['CHILD_CHANGED c']);
  });
});

describe('waits', () => {
  test('a message is waited for under the new correlation, and the row is exchanged', () => {
    const one = play(draw(1, { wait: paid }, 'start -> wait -> end'), '7');
    const next = draw(
      2,
      { wait: catchEvent(message('paid', 'order', 'shop')) },
      'start -> wait -> end',
    );
    expect(problems(one, next)).toEqual(['WAIT_INVALID wait']);
    one.migrate(next, { variables: () => ({ shop: 'b' }) });
    const { n } = one.at('wait');
    expect(one.effects?.waitsRemoved).toEqual([{ n, on: 'wait' }]);
    expect(one.effects?.waitsAdded.map(({ wait }) => wait)).toEqual([
      { kind: 'message', on: 'wait', message: 'paid', key: 'order=7&shop=b' },
    ]);
    expect(one.variables).toEqual({ order: '7', shop: 'b' });
  });

  test('a timer keeps its moment unless it is to begin anew', () => {
    const timed = (version: number, ms: number) =>
      draw(version, { t: catchEvent(timer(ms)) }, 'start -> t -> end');
    const one = play(timed(1, 1000));
    const due = one.now + 1000;
    one.now += 500;
    const kept = carry(one, timed(2, 9000));
    expect(kept.state.elements[one.at('t').n]?.waits).toEqual([{ kind: 'timer', on: 't', due }]);
    expect(kept.effects.waitsAdded).toEqual([]);
    const anew = carry(one, timed(2, 9000), { restartTimers: ['t'] });
    expect(anew.effects.waitsAdded[0]?.wait).toMatchObject({ due: one.now + 9000 });
    expect(problems(one, timed(2, 9000), { restartTimers: ['start'] })).toEqual([
      'PLAN_INVALID start',
    ]);
  });

  test('boundary events: new ones listen, lost ones are closed, one that fired stays quiet', () => {
    const host = receiveTask([message('paid', 'order')]);
    const reminder = boundaryEvent('wait', timer(1000), { interrupting: false });
    const withReminder = (version: number, more: Drawing['nodes'] = {}, ...flows: string[]) =>
      draw(
        version,
        { wait: host, remind: reminder, mail: endEvent(), ...more },
        'start -> wait -> end',
        'remind -> mail',
        ...flows,
      );
    const deadline = { late: boundaryEvent('wait', timer(5000)), gone: endEvent() };
    const fired = play(withReminder(1), '7').timer('remind');
    fired.migrate(withReminder(2, deadline, 'late -> gone'));
    expect(fired.waiting.toSorted()).toEqual(['late', 'wait']);
    fired.timer('late');
    expect(fired.status).toBe('completed');

    const plain = draw(2, { wait: host }, 'start -> wait -> end');
    const listening = play(withReminder(1), '7');
    expect(carry(listening, plain).changes).toMatchObject({ waitsClosed: ['remind'] });
    expect(listening.migrate(plain).waiting).toEqual(['wait']);
  });

  test('what is built from a mapped id follows it', () => {
    const version = (n: number, id: string) =>
      draw(
        n,
        {
          [id]: receiveTask([message('paid', 'order')]),
          [`${id}.timeout`]: boundaryEvent(id, timer(1000)),
          gone: endEvent(),
        },
        `start -> ${id} -> end`,
        `${id}.timeout -> gone`,
      );
    const one = play(version(1, 'wait'), '7');
    one.migrate(version(2, 'pay'), { elements: { wait: 'pay' } });
    expect(one.waiting.toSorted()).toEqual(['pay', 'pay.timeout']);
  });

  test('an event-based gateway waits for what is behind it now', () => {
    const race = (version: number, other: string) =>
      draw(
        version,
        { g: eventBasedGateway(), wait: paid, [other]: catchEvent(timer(1000)), e: endEvent() },
        'start -> g -> wait -> end',
        `g -> ${other} -> e`,
      );
    const one = play(race(1, 'late'), '7');
    const { due } = (one.at('g').waits ?? []).find((wait) => wait.kind === 'timer') as never;
    one.migrate(race(2, 'timeout'), { elements: { late: 'timeout' } });
    expect(one.at('g').waits).toContainEqual({ kind: 'timer', on: 'timeout', due });
    one.timer('timeout');
    expect(one.status).toBe('completed');
  });

  test('a task keeps its due date; its row is exchanged only when the task is another', () => {
    const asking = (version: number, title: string) =>
      draw(
        version,
        { ask: userTask({ title: constant(title), due: constant(5) }) },
        'start -> ask -> end',
      );
    const one = play(asking(1, 'Decide'));
    expect(carry(one, asking(2, 'Decide')).effects.waitsAdded).toEqual([]);
    const { effects } = carry(one, asking(2, 'Look at it'));
    expect(effects.waitsRemoved).toHaveLength(1);
    expect(effects.waitsAdded[0]?.wait).toMatchObject({ title: 'Look at it', dueAt: one.now + 5 });
  });

  test('a handler that was added listens, unless another has interrupted the scope', () => {
    const handled = (version: number, names: string[]) =>
      draw(
        version,
        {
          wait: paid,
          ...Object.fromEntries(
            names.flatMap((name) => [
              [name, subProcess([`${name}.s`, `${name}.w`, `${name}.e`], { byEvent: true })],
              [`${name}.s`, startEvent(message(name, 'order'))],
              [`${name}.w`, catchEvent(timer(1000))],
              [`${name}.e`, endEvent()],
            ]),
          ),
        },
        'start -> wait -> end',
        ...names.map((name) => `${name}.s -> ${name}.w -> ${name}.e`),
      );
    const quiet = play(handled(1, ['stop']), '7');
    quiet.migrate(handled(2, ['stop', 'halt']));
    expect(quiet.waiting.toSorted()).toEqual(['halt.s', 'stop.s', 'wait']);
    const stopped = play(handled(1, ['stop']), '7').message('stop.s');
    expect(stopped.migrate(handled(2, ['stop', 'halt'])).waiting).toEqual(['stop.w']);
  });
});

test('a suspended instance moves along with its waits closed, and opens the new ones later', () => {
  const one = play(draw(1, { wait: paid }, 'start -> wait -> end'), '7');
  one.apply({ type: 'suspend', at: one.now, reason: 'look at it', by: 'ada' });
  const other = catchEvent(message('paid', 'order', 'shop'));
  const next = draw(2, { wait: other }, 'start -> wait -> end');
  one.migrate(next, { variables: () => ({ shop: 'b' }) });
  expect(one.effects?.waitsAdded).toEqual([]);
  one.apply({ type: 'resume', at: one.now, by: 'ada' });
  expect(one.effects?.waitsAdded.map(({ wait }) => wait)).toEqual([
    { kind: 'message', on: 'wait', message: 'paid', key: 'order=7&shop=b' },
  ]);
  one.message('wait');
  expect(one.status).toBe('completed');
});

describe('tokens side by side', () => {
  const forked = (version: number, branches: string[]) =>
    draw(
      version,
      {
        fork: parallelGateway(),
        join: parallelGateway(),
        ...Object.fromEntries(branches.map((id) => [id, serviceTask()])),
      },
      'start -> fork',
      ...branches.map((id) => `fork -> ${id} -> join`),
      'join -> end',
    );

  test('a branch that was added would never come to the join', () => {
    const one = play(forked(1, ['a', 'b']));
    expect(problems(one, forked(2, ['a', 'b', 'c']))).toEqual(['JOIN_CHANGED a']);
    one.complete('a');
    expect(problems(one, forked(2, ['a', 'b', 'c']))).toHaveLength(1);
    expect(problems(one, forked(2, ['a', 'b']))).toEqual([]);
  });

  test('a token that has arrived needs its flow', () => {
    const one = play(forked(1, ['a', 'b', 'c'])).complete('a');
    expect(problems(one, forked(2, ['b', 'c']))).toContain('JOIN_CHANGED join');
  });

  test('branches that became a sequence would run the second step twice', () => {
    const one = play(forked(1, ['a', 'b']));
    const next = draw(2, { a: serviceTask(), b: serviceTask() }, 'start -> a -> b -> end');
    expect(problems(one, next)).toEqual(['ORDER_CHANGED a']);
  });

  test('one that has not come to the fork yet may be given another branch', () => {
    const forkBehind = (version: number, branches: string[]) => {
      const { nodes, flows, ...model } = forked(version, branches);
      const drawn = draw(
        version,
        {
          wait: paid,
          fork: parallelGateway(),
          join: parallelGateway(),
          ...Object.fromEntries(branches.map((id) => [id, serviceTask()])),
        },
        'start -> wait -> fork',
        ...branches.map((id) => `fork -> ${id} -> join`),
        'join -> end',
      );
      return { ...model, ...drawn };
    };
    const one = play(forkBehind(1, ['a', 'b']), '7')
      .migrate(forkBehind(2, ['a', 'b', 'c']))
      .message('wait');
    expect(one.complete('a').complete('b').complete('c').status).toBe('completed');
  });
});

describe('undoing', () => {
  const booking = (version: number, undo: string | null, id = 'book') =>
    draw(
      version,
      {
        [id]: serviceTask(undo === null ? {} : { undo }),
        ...(undo === null ? {} : { [undo]: undoTask() }),
        wait: paid,
      },
      `start -> ${id} -> wait -> end`,
    );

  test('what was done keeps its undo under the new name', () => {
    const one = play(booking(1, 'unbook'), '7').complete('book');
    one.migrate(booking(2, 'cancel-it', 'reserve'), { elements: { book: 'reserve' } });
    one.cancel();
    expect(one.working).toEqual(['cancel-it']);
    one.complete('cancel-it');
    expect(one.status).toBe('cancelled');
  });

  test('an undo is lost only when somebody says so', () => {
    const one = play(booking(1, 'unbook'), '7').complete('book');
    expect(problems(one, booking(2, null))).toEqual(['UNDO_GONE book']);
    one.migrate(booking(2, null), { elements: { book: null } }).cancel();
    expect(one.status).toBe('cancelled');
  });

  test('an undo that waits for its next attempt goes on after the move', () => {
    const one = play(booking(1, 'unbook'), '7').complete('book').cancel().fail('unbook');
    one.migrate(booking(2, 'unbook'));
    one.timer('unbook').complete('unbook');
    expect(one.status).toBe('cancelled');
  });
});

describe('variables and work', () => {
  test('outputs follow their step; the transform gives, changes and takes away', () => {
    const version = (n: number, id: string) =>
      draw(n, { [id]: serviceTask({ result: id }), wait: paid }, `start -> ${id} -> wait -> end`);
    const one = play(version(1, 'price'), '7').complete('price', 12);
    const plan: MigrationPlan = {
      elements: { price: 'quote' },
      variables: (old) => ({ quote: { amount: old.quote }, added: true, order: '7' }),
    };
    expect(carry(one, version(2, 'quote'), plan).changes.variables.toSorted()).toEqual([
      'added',
      'price',
      'quote',
    ]);
    expect(one.migrate(version(2, 'quote'), plan).variables).toEqual({
      order: '7',
      quote: { amount: 12 },
      added: true,
    });
    expect(
      problems(one, version(3, 'quote'), {
        variables: () => {
          throw new Error('no');
        },
      }),
    ).toEqual(['TRANSFORM_FAILED ']);
  });

  test('what the code takes for certain must be there and fit', () => {
    const one = play(draw(1, { wait: paid }, 'start -> wait -> end'), '7');
    const next: ProcessModel = {
      ...draw(2, { wait: paid }, 'start -> wait -> end'),
      contract: { schemas: { risk: z.number() }, knows: { wait: ['order', 'risk'] } },
    };
    expect(problems(one, next)).toEqual(['VARIABLE_MISSING wait']);
    expect(problems(one, next, { variables: () => ({ risk: 'high' }) })).toEqual([
      'VARIABLE_INVALID ',
    ]);
    expect(problems(one, next, { variables: () => ({ risk: 3 }) })).toEqual([]);
  });

  test('the input of a step that failed is read again by its new schema', () => {
    const paying = (version: number, schema?: z.ZodType) =>
      draw(version, { pay: withInput(serviceTask(), schema) }, 'start -> pay -> end');
    const withInput = (draft: ReturnType<typeof serviceTask>, schema?: z.ZodType) => ({
      node: {
        ...draft.node,
        input: { value: expression((v) => v.order), ...(schema && { schema }) },
      },
    });
    const one = play(paying(1), '7').fail('pay', { kind: 'terminal' });
    expect(problems(one, paying(2, z.string()))).toEqual([]);
    expect(problems(one, paying(2, z.object({ id: z.string() })))).toEqual(['INPUT_INVALID pay']);
  });

  test('work that has begun keeps the name that the outside knows', () => {
    const version = (n: number, id: string) =>
      draw(n, { [id]: serviceTask() }, `start -> ${id} -> end`);
    const one = play(version(1, 'charge'), '7').fail('charge');
    one.migrate(version(2, 'pay'), { elements: { charge: 'pay' } });
    expect(one.at('pay')).toMatchObject({ keyNode: 'charge', job: { phase: 'backoff' } });
    one.timer('pay').complete('pay');
    expect(one.status).toBe('completed');
  });
});

/** Small processes whose states are nasty to carry over. */
const nasty: readonly ProcessModel[] = [
  draw(
    1,
    { g: eventBasedGateway(), m: catchEvent(message('m')), t: catchEvent(timer(5)), e: endEvent() },
    'start -> g -> m -> end',
    'g -> t -> e',
  ),
  draw(
    1,
    {
      fork: parallelGateway(),
      a: serviceTask({ undo: 'un-a' }),
      'un-a': undoTask(),
      w: receiveTask([message('m')]),
      late: boundaryEvent('w', timer(5)),
      join: parallelGateway(),
      e: endEvent(),
    },
    'start -> fork -> a -> join -> end',
    'fork -> w -> join',
    'late -> e',
  ),
  draw(
    1,
    {
      sub: subProcess(['s', 'x', 'e', 'h']),
      s: startEvent(),
      x: serviceTask({ undo: 'un-x' }),
      'un-x': undoTask(),
      y: userTask(),
      e: endEvent(),
      h: subProcess(['hs', 'hx', 'he'], { byEvent: true }),
      hs: startEvent(message('stop')),
      hx: serviceTask(),
      he: endEvent(),
      caught: boundaryEvent('sub', error()),
      ce: endEvent(),
    },
    'start -> sub -> y -> end',
    's -> x -> e',
    'hs -> hx -> he',
    'caught -> ce',
  ),
  draw(
    1,
    {
      l: serviceTask({ loop: loopOver([1, 2]), undo: 'un-l' }),
      'un-l': undoTask(),
      c: callActivity('q'),
    },
    'start -> l -> c -> end',
  ),
];

/** The same process under other ids. */
function renamed(model: ProcessModel): { to: ProcessModel; elements: Record<string, string> } {
  const ids = Object.keys(model.nodes);
  const elements = Object.fromEntries(ids.map((id) => [id, `${id}-new`]));
  // Longest ids first, so that none is taken for the beginning of another.
  const text = (value: string) => elements[value] ?? value;
  const flowOf = (id: string) => id.split(' -> ').map(text).join(' -> ');
  const nodes = Object.values(model.nodes).map((node) => {
    const known = node as unknown as Record<string, unknown>;
    const refer = (key: string) =>
      typeof known[key] === 'string' ? { [key]: text(known[key] as string) } : {};
    return {
      ...known,
      id: text(node.id),
      ...refer('parent'),
      ...refer('attachedTo'),
      ...refer('compensation'),
      incoming: node.incoming.map(flowOf),
      outgoing: node.outgoing.map(flowOf),
      ...('boundary' in node ? { boundary: node.boundary.map(text) } : {}),
    };
  });
  const flows = Object.values(model.flows).map((flow) => ({
    ...flow,
    id: flowOf(flow.id),
    source: text(flow.source),
    target: text(flow.target),
  }));
  const to = {
    ...model,
    version: 2,
    nodes: Object.fromEntries(nodes.map((node) => [node.id, node])),
    flows: Object.fromEntries(flows.map((flow) => [flow.id, flow])),
  } as unknown as ProcessModel;
  return { to, elements };
}

/** Goes on by the first thing that can happen, until the end. */
function driven(one: Play): string[] {
  for (let moves = 0; one.status === 'active' && moves < 50; moves += 1) {
    const [event] = possibleEvents(one, { cancels: false });
    if (event) one.apply(event);
  }
  return [one.status, ...one.history.map(historyLine)];
}

test('every state of a process fits the process itself, and nothing of it changes', () => {
  let looked = 0;
  for (const model of nasty) {
    explore(model, {
      errors: ['NO'],
      retries: true,
      people: true,
      depth: 6,
      underWay(one) {
        looked += 1;
        const { state, effects, problems: found } = carry(one, model);
        expect(found).toEqual([]);
        expect(state).toEqual(one.state);
        expect([...effects.waitsAdded, ...effects.waitsRemoved]).toEqual([]);
      },
    });
  }
  expect(looked).toBeGreaterThan(1_000);
});

test('every state can be carried over to other ids, and goes on as it would have', () => {
  let carried = 0;
  for (const model of nasty) {
    const { to, elements } = renamed(model);
    explore(model, {
      errors: ['NO'],
      retries: true,
      depth: 5,
      underWay(one) {
        const stayed = copyOf(one);
        const moved = copyOf(one).migrate(to, { elements });
        const lines = driven(moved).filter((text) => text !== 'migrated to 2');
        expect(lines.map((text) => text.replaceAll('-new', ''))).toEqual(driven(stayed));
        carried += 1;
      },
    });
  }
  expect(carried).toBeGreaterThan(200);
});

function copyOf(one: Play): Play {
  const copy = new Play(one.model);
  for (const event of one.events) copy.apply(event);
  return copy;
}
