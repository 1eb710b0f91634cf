/**
 * Moving instances and checking a deployment on a real PostgreSQL: what moves is durable and goes on,
 * what does not fit stays untouched, and the gate says beforehand what would happen.
 */
import { describe, expect, onTestFinished, test } from 'vitest';
import { testDatabase } from '../../../test/support/database.ts';
import { TerminalFault } from '../../kernel/errors.ts';
import { newId } from '../../kernel/ids.ts';
import { expression } from '../model/expression.ts';
import type { MessageEventDefinition, ProcessModel } from '../model/process-model.ts';
import {
  boundaryEvent,
  catchEvent,
  type Drawing,
  drawProcess,
  endEvent,
  loopOver,
  message,
  parallelGateway,
  receiveTask,
  serviceTask,
  startEvent,
  timer,
  undoTask,
} from '../testing/draw-process.ts';
import { type EngineInTest, EngineWorld, nothingOpen } from '../testing/in-process-engine.ts';
import { waitFor } from '../testing/wait-for.ts';
import { checkDeploy } from './check-deploy.ts';
import { readTransitions } from './open-instances.ts';
import { replay } from './replay.ts';

const start = startEvent(null, { result: 'order' });
const end = endEvent();

function draw(version: number, nodes: Drawing['nodes'], ...flows: string[]): ProcessModel {
  return drawProcess('p', { version, nodes: { start, end, ...nodes }, flows });
}

async function world() {
  const { database, connectionString } = await testDatabase({
    migrations: [{ schema: 'engine', folder: new URL('../store/migrations/', import.meta.url) }],
  });
  const made = new EngineWorld({ database, connectionString, processes: [] });
  onTestFinished(() => made.end());
  const check = (candidate: readonly ProcessModel[]) =>
    checkDeploy({ db: database, candidate, now: made.clock.now(), samples: 2 });
  const versionOf = async (id: string) => {
    const { rows } = await database.query<{ version: number }>(
      'select version from engine.instance where id = $1',
      [id],
    );
    return rows[0]?.version;
  };
  return { database, world: made, check, versionOf };
}

const tell = (w: EngineWorld, on: EngineInTest, name: string, payload: object) =>
  w.publish(on, { id: newId(), name, payload });

const waits = (version: number, ...fields: string[]) =>
  draw(version, { wait: catchEvent(message('paid', ...fields)) }, 'start -> wait -> end');

/** Waits under another id for another message, with a deadline, and does one thing more. */
const second = draw(
  2,
  {
    pay: receiveTask([message('settled', 'order', 'shop')]),
    late: boundaryEvent('pay', timer(60_000)),
    ship: serviceTask({ result: 'shipped', job: async () => 'done' }),
  },
  'start -> pay -> ship -> end',
  'late -> end',
);
const first = draw(1, { wait: receiveTask([message('paid', 'order')]) }, 'start -> wait -> end');
const toSecond: ProcessModel = {
  ...second,
  migrations: { 1: { elements: { wait: 'pay' }, variables: () => ({ shop: 'b' }) } },
};

describe('moving one instance', () => {
  test('it waits as the new version does, and goes on with it', async () => {
    const { world: w, versionOf } = await world();
    const id = await begunOn(w, first);
    const on = await w.start({ processes: [first, toSecond] });
    const dry = await on.engine.migrateInstance({ instanceId: id, by: 'ada', dryRun: true });
    expect(dry).toMatchObject({
      outcome: 'fits',
      from: 1,
      to: 2,
      changes: { renamed: { wait: 'pay' }, waitsOpened: ['late'], variables: ['shop'] },
    });
    expect(await versionOf(id)).toBe(1);

    // Comes before anybody waits for it.
    await tell(w, on, 'settled', { order: '7', shop: 'b' });
    expect(await on.engine.migrateInstance({ instanceId: id, by: 'ada' })).toMatchObject({
      outcome: 'migrated',
    });
    const { state } = await w.until(id, 'completed');
    expect(state.elements[1]?.vars).toMatchObject({ shop: 'b', shipped: 'done' });
    expect(await versionOf(id)).toBe(2);
    expect((await w.lines(id)).slice(2)).toEqual([
      'entered wait',
      'migrated to 2',
      'message pay',
      'completed pay',
      'entered ship',
      'completed ship',
      'completed end',
      'completed',
    ]);
    expect(await w.open()).toEqual(nothingOpen);
  });

  test('its new deadline is held by the node that moved it', async () => {
    const { world: w } = await world();
    const id = await begunOn(w, first);
    const on = await w.start({ processes: [first, toSecond] });
    await on.engine.migrateInstance({ instanceId: id, by: 'ada' });
    w.clock.advanceBy(60_000);
    await w.until(id, 'completed');
    expect(await w.lines(id)).toContain('timer late');
    expect(await w.open()).toEqual(nothingOpen);
  });

  test('one that does not fit stays as it is, and says why', async () => {
    const { world: w, versionOf } = await world();
    const id = await begunOn(w, first);
    const on = await w.start({ processes: [first, second] });
    const before = await w.stored(id);
    const refused = await on.engine.migrateInstance({ instanceId: id, by: 'ada', to: 2 });
    expect(refused).toMatchObject({ outcome: 'refused', problems: [{ code: 'ELEMENT_GONE' }] });
    const unknown = await on.engine.migrateInstance({ instanceId: id, by: 'ada', to: 3 });
    expect(unknown?.problems[0]?.code).toBe('VERSION_MISSING');
    expect(await on.engine.migrateInstance({ instanceId: newId(), by: 'ada' })).toBeNull();
    expect(await w.stored(id)).toEqual(before);
    expect(await versionOf(id)).toBe(1);
    await tell(w, on, 'paid', { order: '7' });
    await w.until(id, 'completed');
    const ended = await on.engine.migrateInstance({ instanceId: id, by: 'ada' });
    expect(ended?.problems[0]?.code).toBe('INSTANCE_ENDED');
    expect(await w.open()).toEqual(nothingOpen);
  });

  test('a step at work is waited for', async () => {
    const { world: w } = await world();
    const gate = Promise.withResolvers<void>();
    const begun = Promise.withResolvers<void>();
    const working = (version: number) =>
      draw(
        version,
        {
          a: serviceTask({
            job: async () => {
              begun.resolve();
              await gate.promise;
              return null;
            },
          }),
          wait: catchEvent(message('paid', 'order')),
        },
        'start -> a -> wait -> end',
      );
    const [one, two] = [working(1), working(2)];
    const before = await w.start({ processes: [one] });
    const id = await w.begin(before, 'p', '7');
    await begun.promise;
    await before.kill();
    const on = await w.start({ processes: [one, two] });
    await w.untilAt(id, 'a');
    const busy = await on.engine.migrateInstance({ instanceId: id, by: 'ada' });
    expect(busy).toMatchObject({
      outcome: 'refused',
      problems: [{ code: 'JOB_AT_WORK', element: 'a' }],
    });
    gate.resolve();
    await before.bury();
    await w.untilAt(id, 'wait');
    expect((await on.engine.migrateInstance({ instanceId: id, by: 'ada' }))?.outcome).toBe(
      'migrated',
    );
  });

  test('the code of its version may be gone, also with a step that was at work', async () => {
    const { world: w } = await world();
    const keys: string[] = [];
    const charging = (version: number, id: string, hangs: boolean) =>
      draw(
        version,
        {
          [id]: serviceTask({
            job: async ({ idempotencyKey, signal }) => {
              keys.push(idempotencyKey);
              if (hangs) await new Promise((resolve) => signal.addEventListener('abort', resolve));
              return null;
            },
          }),
        },
        `start -> ${id} -> end`,
      );
    const old = charging(1, 'charge', true);
    const before = await w.start({ processes: [old] });
    const id = await w.begin(before, 'p', '7');
    await w.untilAt(id, 'charge', ({ job }) => job !== undefined);
    await expect.poll(() => keys.length).toBe(1);
    await before.kill();
    await before.bury();

    const next = charging(2, 'pay', false);
    const after = await w.start({ processes: [next] });
    const moved = await after.engine.migrateInstance({
      ...{ instanceId: id, by: 'ada' },
      elements: { charge: 'pay' },
    });
    expect(moved?.problems).toEqual([]);
    await w.until(id, 'completed');
    // The outside sees the same key, although the step has another name now.
    expect(keys).toEqual([`${id}/charge/3`, `${id}/charge/3`]);
  });

  test('an open incident moves along, and the figures with it', async () => {
    const { database, world: w } = await world();
    let broken = true;
    const charging = (version: number, id: string) =>
      draw(
        version,
        {
          [id]: serviceTask({
            job: async () => {
              if (broken) throw new TerminalFault('BROKEN', 'it is broken');
              return null;
            },
          }),
        },
        `start -> ${id} -> end`,
      );
    const [one, two] = [charging(1, 'charge'), charging(2, 'pay')];
    const before = await w.start({ processes: [one] });
    const id = await w.begin(before, 'p', '7');
    const { n } = await w.untilAt(id, 'charge', ({ incident }) => incident !== undefined);
    await before.stop();
    const on = await w.start({ processes: [one, two] });
    const elements = { charge: 'pay' };
    const moved = await on.engine.migrateInstance({ instanceId: id, by: 'ada', elements });
    expect(moved?.outcome).toBe('migrated');
    const { rows } = await database.query(
      'select node, n from engine.incident where closed_at is null',
    );
    expect(rows).toEqual([{ node: 'pay', n }]);
    expect((await database.query('select * from engine.count_difference')).rows).toEqual([]);
    broken = false;
    await on.engine.request(id, { type: 'incident-retry', n, by: 'ada' });
    await w.until(id, 'completed');
    expect((await database.query('select * from engine.count_difference')).rows).toEqual([]);
  });

  test('asked of another node, it is moved by the one that holds it', async () => {
    const { world: w, versionOf } = await world();
    const id = await begunOn(w, first);
    await w.start({ processes: [first, toSecond] });
    const other = await w.start({ processes: [first, toSecond], leaseMs: 60_000 });
    const result = await other.engine.migrateInstance({ instanceId: id, by: 'ada' });
    expect(result).toMatchObject({ outcome: 'migrated', to: 2 });
    expect(await versionOf(id)).toBe(2);
    await tell(w, other, 'settled', { order: '7', shop: 'b' });
    await w.until(id, 'completed');
  });
});

describe('the gate before a deployment', () => {
  test('says what would break, why, and how many', async () => {
    const { world: w, check } = await world();
    const on = await w.start({ processes: [first] });
    const ids: string[] = [];
    for (let count = 0; count < 4; count += 1) ids.push(await w.begin(on, 'p', '7'));
    expect(await check([first])).toMatchObject({
      checked: 4,
      broken: 0,
      replayed: 4,
      breaks: [],
      differs: [],
    });
    // Kept beside the new one, nothing breaks.
    expect(await check([first, second])).toMatchObject({ broken: 0, breaks: [] });

    const gone = await check([toSecond]);
    expect(gone).toMatchObject({ broken: 4, breaks: [{ code: 'VERSION_MISSING', count: 4 }] });
    expect(gone.breaks[0]?.samples.map(({ id }) => id)).toEqual(ids.toSorted().slice(0, 2));
    expect(gone.breaks[0]?.message).toContain('orderloom migrate p --from 1 --to 2');
    const unfit = await check([second]);
    expect(unfit.breaks[0]?.message).toContain('ELEMENT_GONE at "wait"');

    const edited = await check([{ ...second, version: 1 }]);
    expect(edited.breaks.map(({ code }) => code).toSorted()).toEqual([
      'ELEMENT_GONE',
      'STRUCTURE_CHANGED',
    ]);
    expect(edited.broken).toBe(4);
  });

  test('sees another correlation, and data that the code does not take', async () => {
    const { world: w, check } = await world();
    const on = await w.start({ processes: [waits(1, 'order')] });
    await w.begin(on, 'p', '7');
    // The structure is as deployed: only the code that makes the key is another.
    const key: MessageEventDefinition = {
      ...message('paid', 'order'),
      correlation: [{ field: 'order', value: expression((v) => `order ${v.order}`) }],
    };
    const other = draw(1, { wait: catchEvent(key) }, 'start -> wait -> end');
    const [changed] = (await check([other])).breaks;
    expect(changed).toMatchObject({ code: 'WAIT_CHANGED', element: 'wait', count: 1 });
    expect(changed?.message).toContain('message "paid" (by order)');
    const certain = { ...waits(1, 'order'), contract: { schemas: {}, knows: { wait: ['risk'] } } };
    expect((await check([certain])).breaks).toMatchObject([
      { code: 'VARIABLE_MISSING', element: 'wait', count: 1 },
    ]);
  });

  test('tells where a history would have gone another way, without failing for it', async () => {
    const { world: w, check } = await world();
    const done = (after: string, other: string) =>
      draw(
        1,
        { a: serviceTask(), [after]: catchEvent(timer(1000)), [other]: catchEvent(timer(1000)) },
        `start -> a -> ${after} -> ${other} -> end`,
      );
    const on = await w.start({ processes: [done('x', 'y')] });
    const id = await w.begin(on, 'p', '7');
    await w.untilAt(id, 'x');
    const report = await check([done('y', 'x')]);
    expect(report.differs).toMatchObject([
      {
        code: 'HISTORY_DIFFERS',
        element: 'x',
        message:
          'its history has "element.entered x", the candidate would have "element.entered y"',
      },
    ]);
  });

  test('lists the instances whose history it cannot play again, each with the reason', async () => {
    const { database, world: w, check } = await world();
    const moved = await begunOn(w, first);
    const on = await w.start({ processes: [first, toSecond] });
    const begin = () => w.begin(on, 'p', { order: '7' });
    await on.engine.migrateInstance({ instanceId: moved, by: 'ada' });
    const [dropped, beheaded, odd, whole] = [
      await begin(),
      await begin(),
      await begin(),
      await begin(),
    ];
    await database.query('delete from engine.history where instance_id = $1', [dropped]);
    await database.query(
      `update engine.history set entries = replace(entries, '"seq":1,', '"seq":2,') where instance_id = $1`,
      [beheaded],
    );
    await database.query(
      `update engine.history set entries = replace(entries, 'process.started', 'process.dreamt')
        where instance_id = $1`,
      [odd],
    );
    const report = await check([first, toSecond]);
    expect(report).toMatchObject({
      checked: 5,
      broken: 0,
      replayed: 1,
      notReplayed: 4,
      breaks: [],
    });
    const listed = report.unreplayed.flatMap(({ code, element, samples }) =>
      samples.map(({ id }) => [id, code, element]),
    );
    expect(listed.toSorted()).toEqual(
      [
        [moved, 'HISTORY_OF_SEVERAL_VERSIONS', ''],
        [dropped, 'HISTORY_DROPPED', ''],
        [beheaded, 'HISTORY_DROPPED', ''],
        [odd, 'HISTORY_CAUSE_UNKNOWN', ''],
      ].toSorted(),
    );
    expect(listed.flat()).not.toContain(whole);
    const gone = await check([first]);
    expect(gone.unreplayed).toMatchObject([{ code: 'VERSION_MISSING', version: 2, count: 5 }]);
  });

  test('a history that the engine wrote is played again to the same end', async () => {
    const { database, world: w } = await world();
    let attempts = 0;
    const model = draw(
      1,
      {
        fork: parallelGateway(),
        a: serviceTask({
          undo: 'un-a',
          result: 'a',
          job: async () => {
            attempts += 1;
            if (attempts === 1) throw new Error('not yet');
            return 'a';
          },
        }),
        'un-a': undoTask(),
        each: serviceTask({ loop: loopOver([1, 2]), result: 'list' }),
        pay: receiveTask([message('paid', 'order'), message('refused', 'order')]),
        late: boundaryEvent('pay', timer(1000), { interrupting: false }),
        note: endEvent(),
        join: parallelGateway(),
      },
      'start -> fork -> a -> join -> end',
      'fork -> each -> pay -> join',
      'late -> note',
    );
    const on = await w.start({ processes: [model] });
    const id = await w.begin(on, 'p', '7');
    await w.untilAt(id, 'a', ({ job }) => job?.phase === 'backoff');
    await waitFor('the reminder and the second attempt', async () => {
      w.clock.advanceBy(1_000);
      const { state } = await w.stored(id);
      const open = Object.values(state.elements).flatMap(({ waits: own = [] }) => own);
      return attempts === 2 && open.length > 0 && open.every(({ kind }) => kind === 'message');
    });
    await w.publish(on, { id: newId(), name: 'refused', payload: { order: '7' } });
    await w.until(id, 'completed');
    const recorded = await readTransitions(database, [id], 100);
    expect(replay(model, recorded.get(id) ?? [])).toEqual({ outcome: 'same' });
  });
});

/** An instance that began when this version was the newest. */
async function begunOn(w: EngineWorld, model: ProcessModel): Promise<string> {
  const before = await w.start({ processes: [model] });
  const id = await w.begin(before, model.key, '7');
  await before.stop();
  return id;
}
