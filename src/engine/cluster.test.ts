/**
 * Several nodes on one database: they share the shards, hand them over without losing or doubling
 * anything, reach each other's instances, and go on when one of them dies or all of them lose PostgreSQL.
 */
import { describe, expect, onTestFinished, test } from 'vitest';
import { z } from 'zod';
import { testDatabase } from '../../test/support/database.ts';
import { processCaller } from '../kernel/caller.ts';
import { newId } from '../kernel/ids.ts';
import { defineTransactional, type Procedure } from '../kernel/procedure.ts';
import { newTrace } from '../kernel/tracing.ts';
import type { EngineOptions } from './engine.ts';
import type { ProcessModel } from './model/process-model.ts';
import { processProcedures } from './procedures/process-procedures.ts';
import { shardOf } from './store/shard.ts';
import {
  catchEvent,
  drawProcess,
  endEvent,
  message,
  serviceTask,
  startEvent,
  timer,
  userTask,
} from './testing/draw-process.ts';
import { type EngineInTest, EngineWorld, nothingOpen } from './testing/in-process-engine.ts';
import { endSessions } from './testing/mortal-database.ts';
import { plainRunner } from './testing/plain-runner.ts';
import { waitFor } from './testing/wait-for.ts';

const end = endEvent();
const start = startEvent(null, { result: 'order' });
/** Nothing but notices can explain what happens within the time of a test. */
const never = { leaseMs: 3_600_000, sweepMs: 3_600_000 };
const api = { ...never, node: { role: 'api' } } as const satisfies Partial<EngineOptions>;

const note = defineTransactional({
  name: 'notes.write',
  summary: 'Write a note',
  input: z.object({ text: z.string() }),
  output: z.object({}),
  access: ['service'],
  errors: [],
  async execute({ tx }, { text }) {
    await tx.query('insert into public.note (text) values ($1)', [text]);
    return {};
  },
});
const writes = (text: string) =>
  serviceTask({
    job: async ({ run, variables }) => run(note, { text: `${variables.order} ${text}` }),
  });

const decision = drawProcess('decision', {
  nodes: { start, t: userTask(), end },
  flows: ['start -> t -> end'],
});
const payment = drawProcess('payment', {
  nodes: { start, paid: catchEvent(message('paid', 'order')), a: writes('a'), end },
  flows: ['start -> paid -> a -> end'],
});
const steps = drawProcess('steps', {
  nodes: { start, a: writes('a'), b: writes('b'), c: writes('c'), end },
  flows: ['start -> a -> b -> c -> end'],
});

async function world(processes: readonly ProcessModel[]) {
  const { database, connectionString } = await testDatabase({
    migrations: [{ schema: 'engine', folder: new URL('./store/migrations/', import.meta.url) }],
  });
  await database.query('create table public.note (text text not null)');
  const made = new EngineWorld({ database, connectionString, processes, procedures: [note] });
  onTestFinished(() => made.end());
  const notes = async () => {
    const { rows } = await database.query<{ text: string }>('select text from public.note');
    return rows.map(({ text }) => text).sort();
  };
  /** Shards by owner, most first; all of them are owned by somebody. */
  const spread = async () => {
    const { rows } = await database.query<{ n: number }>(
      'select count(*)::int as n from engine.shard where owner is not null group by owner',
    );
    return rows.map(({ n }) => n).sort((a, b) => b - a);
  };
  const isSpread = (...expected: readonly number[]) =>
    waitFor(`shards spread ${expected}`, async () => `${await spread()}` === `${expected}`);
  return { world: made, database, notes, isSpread };
}

const shards = ({ engine }: EngineInTest) => engine.counts.shards;

describe('sharing', () => {
  test('nodes that join take their share, and one that leaves gives it back at once', async () => {
    const { world: w, isSpread } = await world([]);
    const first = await w.start(never);
    expect(shards(first)).toBe(256);
    const second = await w.start(never);
    await isSpread(128, 128);
    const third = await w.start(never);
    await isSpread(86, 85, 85);
    await waitFor('what nodes know', () => [first, second, third].every((n) => shards(n) <= 86));
    expect([first, second, third].filter(({ engine }) => engine.keepsHouse)).toHaveLength(1);
    await first.stop();
    await isSpread(128, 128);
    await second.stop();
    await isSpread(256);
    expect([third.engine.keepsHouse, third.engine.isReady]).toEqual([true, true]);
  });

  test('a node of the API takes no shards', async () => {
    const { world: w, isSpread } = await world([]);
    const front = await w.start(api);
    const worker = await w.start(never);
    await isSpread(256);
    expect([shards(front), shards(worker), front.engine.isReady]).toEqual([0, 256, true]);
  });

  test('shards change hands while instances run: each step happens once', async () => {
    const { world: w, database, notes, isSpread } = await world([steps]);
    const first = await w.start(never);
    const orders = Array.from({ length: 300 }, (_, i) => `o-${i}`);
    const begun = Promise.all(orders.map((order) => w.begin(first, 'steps', order)));
    const second = await w.start(never);
    const third = await w.start(never);
    await begun;
    await first.stop();
    await isSpread(128, 128);
    await second.stop();
    await waitFor('the end of all', async () => {
      const { rows } = await database.query(
        `select 1 from engine.instance where status = 'completed'`,
      );
      return rows.length === orders.length;
    });
    expect(shards(third)).toBe(256);
    const expected = orders.flatMap((order) => ['a', 'b', 'c'].map((step) => `${order} ${step}`));
    expect(await notes()).toEqual(expected.sort());
    expect(await w.open()).toEqual(nothingOpen);
  });

  test('a shard whose job takes long stays until the job is through', async () => {
    const begun = Promise.withResolvers<void>();
    const release = Promise.withResolvers<void>();
    let calls = 0;
    const slow = drawProcess('slow', {
      nodes: {
        start,
        a: serviceTask({
          job: async () => {
            calls += 1;
            begun.resolve();
            await release.promise;
          },
        }),
        end,
      },
      flows: ['start -> a -> end'],
    });
    const { world: w, isSpread } = await world([slow]);
    const first = await w.start(never);
    const id = await w.begin(first, 'slow');
    await begun.promise;
    await w.start(never);
    await isSpread(128, 128);
    release.resolve();
    await w.until(id, 'completed');
    expect(calls).toBe(1);
  });
});

describe('reaching instances of other nodes', () => {
  test('a task is completed through any node, and who comes second is told so', async () => {
    const { world: w } = await world([decision]);
    const worker = await w.start(never);
    const front = await w.start(api);
    const id = await w.begin(worker, 'decision');
    const { n } = await w.untilAt(id, 't');
    const complete = { type: 'task-completed', n, output: 1, by: 'ada' } as const;
    expect(await front.engine.request(id, complete)).toBe(true);
    expect((await w.stored(id)).status).toBe('completed');
    expect(await front.engine.request(id, complete)).toBe(false);
    expect(await front.engine.request(newId(), complete)).toBe(false);
    expect(await w.open()).toEqual(nothingOpen);
  });

  test('while its owner is silent nobody is told that a request was taken; it is kept and handled later', async () => {
    const { world: w, database } = await world([decision]);
    const worker = await w.start(never);
    const front = await w.start({ ...api, requestPatienceMs: 200 });
    const [id, other] = [await w.begin(worker, 'decision'), await w.begin(worker, 'decision')];
    const { n } = await w.untilAt(id, 't');
    await w.untilAt(other, 't');
    const procedures = processProcedures(() => front.engine) as unknown as readonly Procedure[];
    const runner = plainRunner({ database, procedures, clock: w.clock });
    const cancel = { instanceId: other, reason: 'no longer wanted' };
    const complete = { type: 'task-completed', n, output: 1, by: 'ada' } as const;
    await database.transaction(async (tx) => {
      // Its owner cannot commit what it is asked for.
      await tx.query('select from engine.instance for update');
      expect(await front.engine.request(id, complete)).toBe('stored');
      const call = { caller: processCaller, trace: newTrace() };
      expect(await runner.run('processes.cancel', cancel, call)).toEqual({
        ...{ instanceId: other, accepted: true, pending: true },
      });
    });
    await w.until(id, 'completed');
    await w.until(other, 'cancelled');
    expect(await w.open()).toEqual(nothingOpen);
  });

  test('of two who decide at the same moment through two nodes, one is told that it was too late', async () => {
    const { world: w, isSpread } = await world([decision]);
    const nodes = [await w.start(never), await w.start(never), await w.start(api)];
    await isSpread(128, 128);
    const ids = await Promise.all(
      nodes.flatMap((n) => [1, 2, 3].map(() => w.begin(n, 'decision'))),
    );
    for (const id of ids) {
      const { n } = await w.untilAt(id, 't');
      const complete = { type: 'task-completed', n, output: 1, by: 'ada' } as const;
      const answers = await Promise.all(nodes.map(({ engine }) => engine.request(id, complete)));
      expect(answers.filter((taken) => taken)).toHaveLength(1);
    }
    expect((await w.open()).inbox).toBe(0);
  });

  test('what a node without shards starts is begun by its owner at once, timers and all', async () => {
    const timed = drawProcess('timed', {
      nodes: { start, wait: catchEvent(timer(20_000)), a: writes('late'), end },
      flows: ['start -> wait -> a -> end'],
    });
    const { world: w, notes } = await world([steps, timed]);
    await w.start(never);
    const front = await w.start(api);
    const id = await w.begin(front, 'steps', 'o');
    await w.until(id, 'completed');
    const parked = await w.begin(front, 'timed', 'p');
    await waitFor('the timer in memory', () => w.clock.scheduled > 2);
    w.clock.advanceBy(21_000);
    await w.until(parked, 'completed');
    expect(await notes()).toEqual(['o a', 'o b', 'o c', 'p late']);
  });

  test('an attempt that was never begun anywhere is not taken for an unknown one', async () => {
    const unknown: boolean[] = [];
    const model = drawProcess('asks', {
      nodes: {
        start,
        a: serviceTask({ job: async ({ outcomeUnknown }) => void unknown.push(outcomeUnknown) }),
        end,
      },
      flows: ['start -> a -> end'],
    });
    const { world: w } = await world([model]);
    await w.start(never);
    const front = await w.start(api);
    await w.until(await w.begin(front, 'asks'), 'completed');
    expect(unknown).toEqual([false]);
  });

  test('a message that one node keeps wakes the instance of another', async () => {
    const { world: w, isSpread } = await world([payment]);
    const nodes = [await w.start(never), await w.start(never), await w.start(api)];
    await isSpread(128, 128);
    const orders = Array.from({ length: 30 }, (_, i) => `o-${i}`);
    const ids = await Promise.all(
      orders.map((order, i) => w.begin(nodes[i % 3]!, 'payment', order)),
    );
    await Promise.all(
      orders.map((order, i) =>
        w.publish(nodes[(i + 1) % 3]!, { id: newId(), name: 'paid', payload: { order } }),
      ),
    );
    for (const id of ids) await w.until(id, 'completed');
    expect(await w.open()).toEqual(nothingOpen);
  });

  test('a notice that nobody heard is made up for by looking', async () => {
    const { world: w, database } = await world([payment]);
    const worker = await w.start({ sweepMs: 100 });
    const id = await w.begin(worker, 'payment', 'o');
    // As a node does that dies between its commit and its notice.
    await database.query(
      `insert into engine.message (id, process, name, key, payload, received_at, expires_at)
       select $1, process, message, key, '{"order":"o"}', now(), now() + interval '1 day'
         from engine.message_wait`,
      [newId()],
    );
    await w.until(id, 'completed');
  });

  test('new instances live with the node that starts them, as long as it has room', async () => {
    const { world: w, database, isSpread } = await world([decision]);
    const first = await w.start(never);
    await w.start(never);
    await isSpread(128, 128);
    await waitFor('what it knows', () => shards(first) === 128);
    const ids = await Promise.all(Array.from({ length: 20 }, () => w.begin(first, 'decision')));
    const { rows } = await database.query<{ shard: number }>(
      'select shard from engine.shard where owner = $1',
      [first.engine.nodeId],
    );
    const own = new Set(rows.map(({ shard }) => shard));
    expect(ids.every((id) => own.has(shardOf(id)))).toBe(true);
  });
});

describe('failure', () => {
  test('the shards of a dead node are taken at once, whatever its lease', async () => {
    const { world: w, isSpread, notes } = await world([payment]);
    const first = await w.start(never);
    const second = await w.start(never);
    await isSpread(128, 128);
    const ids = await Promise.all(['p', 'q', 'r'].map((order) => w.begin(first, 'payment', order)));
    await first.kill();
    await isSpread(256);
    for (const order of ['p', 'q', 'r']) {
      await w.publish(second, { id: newId(), name: 'paid', payload: { order } });
    }
    for (const id of ids) await w.until(id, 'completed');
    await first.bury();
    expect(await notes()).toEqual(['p a', 'q a', 'r a']);
  });

  test('when all lose all connections, each keeps its shards, and notices are heard again', async () => {
    const { world: w, database, isSpread } = await world([decision]);
    const nodes = [await w.start({ leaseMs: 10_000 }), await w.start({ leaseMs: 10_000 })];
    await isSpread(128, 128);
    const epochs = async () =>
      (await database.query('select shard, epoch, owner from engine.shard order by shard')).rows;
    const before = await epochs();
    for (const { applicationName } of nodes) await endSessions(database, applicationName);
    const ids = await waitFor('the nodes to come back', async () => {
      try {
        return await Promise.all(nodes.map((node) => w.begin(node, 'decision')));
      } catch {
        return false;
      }
    });
    for (const [i, id] of ids.entries()) {
      const { n } = await w.untilAt(id, 't');
      const other = nodes[(i + 1) % 2]!;
      const complete = { type: 'task-completed', n, output: 1, by: 'ada' } as const;
      expect(await other.engine.request(id, complete)).toBe(true);
    }
    expect(await epochs()).toEqual(before);
  });
});
