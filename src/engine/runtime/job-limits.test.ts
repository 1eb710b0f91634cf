/**
 * Limits of work on the running engine: what waits for one holds nothing, nobody starves, and however
 * many instances are due, memory holds only as many as stand in line.
 */
import { expect, onTestFinished, test, vi } from 'vitest';
import { z } from 'zod';
import { testDatabase } from '../../../test/support/database.ts';
import { Limits, type LimitsOptions, type ProcedureLimits } from '../../kernel/limits.ts';
import { defineExternal, type Procedure } from '../../kernel/procedure.ts';
import { expression } from '../model/expression.ts';
import type { JobContext } from '../model/job.ts';
import type { Priority } from '../model/priority.ts';
import type { ProcessModel } from '../model/process-model.ts';
import { callSupply } from '../store/call-supply.ts';
import { drawProcess, endEvent, serviceTask, startEvent } from '../testing/draw-process.ts';
import { EngineWorld } from '../testing/in-process-engine.ts';
import { waitFor } from '../testing/wait-for.ts';

async function world(processes: readonly ProcessModel[], procedures: readonly Procedure[] = []) {
  const { database, connectionString } = await testDatabase({
    migrations: [{ schema: 'engine', folder: new URL('../store/migrations/', import.meta.url) }],
  });
  const made = new EngineWorld({ database, connectionString, processes, procedures });
  onTestFinished(() => made.end());
  const limits = (options: Omit<LimitsOptions, 'clock'> = {}) =>
    new Limits({ clock: made.clock, ...options });
  const countOf = async (process: string, status: string) => {
    const { rows } = await database.query<{ n: number }>(
      'select count(*)::int as n from engine.instance where process = $1 and status = $2',
      [process, status],
    );
    return rows[0]?.n ?? 0;
  };
  return { world: made, database, limits, countOf };
}

/** Work that the test lets go on, one by one, and what of it is at work. */
function desk() {
  const waiting: { readonly what: string; readonly go: () => void }[] = [];
  const begun: string[] = [];
  let most = 0;
  return {
    begun,
    get atWork(): readonly string[] {
      return waiting.map(({ what }) => what);
    },
    get most(): number {
      return most;
    },
    async work(what: string): Promise<string> {
      begun.push(what);
      const { promise, resolve } = Promise.withResolvers<void>();
      const entry = { what, go: resolve };
      waiting.push(entry);
      most = Math.max(most, waiting.length);
      await promise;
      waiting.splice(waiting.indexOf(entry), 1);
      return what;
    },
    /** Lets the first one at work end, of those that are meant. */
    finish(what?: string): void {
      waiting.find((entry) => what === undefined || entry.what === what)?.go();
    },
    async finishAll(count: number): Promise<void> {
      await waitFor(`${count} to have begun`, () => {
        for (const { go } of waiting) go();
        return begun.length >= count && waiting.length === 0;
      });
    },
  };
}

const inputOf = (context: JobContext) => context.variables.input as Record<string, string>;

function process(
  key: string,
  work: (context: JobContext) => Promise<unknown>,
  more: Partial<ProcessModel> & { concurrency?: { limit: number; key?: string } } = {},
): ProcessModel {
  const { concurrency, ...rest } = more;
  const { limit = 0, key: field } = concurrency ?? {};
  const limited = concurrency && {
    concurrency: {
      limit,
      ...(field && { key: expression((v) => (v.input as Record<string, string>)[field]) }),
    },
  };
  const model = drawProcess(key, {
    nodes: { start: startEvent(), work: serviceTask({ job: work, ...limited }), end: endEvent() },
    flows: ['start -> work -> end'],
  });
  return { ...model, ...rest };
}

function procedure(work: (what: string) => Promise<string>, limits?: ProcedureLimits) {
  return defineExternal({
    name: 'outside.call',
    summary: 'Call',
    input: z.object({ what: z.string(), customer: z.string() }),
    output: z.string(),
    access: ['service'],
    errors: [],
    ...(limits && { limits }),
    execute: (_context, { what }) => work(what),
  });
}

const calls = (context: JobContext) => context.run('outside.call', inputOf(context));

test('a step and a procedure are bounded, others pass meanwhile, and waiting takes no place', async () => {
  const at = desk();
  const other = desk();
  const { world: w, limits } = await world(
    [process('calls', calls), process('free', (context) => other.work(context.instanceId))],
    [procedure((what) => at.work(what), { concurrency: 2 })],
  );
  const engine = await w.start({ limits: limits(), jobConcurrency: 4 });
  for (let n = 0; n < 10; n += 1) {
    await w.begin(engine, 'calls', { what: `${n}`, customer: 'c' });
  }
  await waitFor('two to be at work', () => at.atWork.length === 2);
  for (let n = 0; n < 2; n += 1) await w.begin(engine, 'free');
  await waitFor('the other process to have the other places', () => other.atWork.length === 2);
  expect(engine.engine.counts.jobsAtWork).toBe(4);
  await other.finishAll(2);
  await at.finishAll(10);
  expect(at.most).toBe(2);
  expect(at.begun).toHaveLength(10);
  expect(new Set(at.begun).size, 'each call was made once').toBe(10);
});

test('a setting stands for what the procedure declares', async () => {
  const at = desk();
  const { world: w, limits } = await world(
    [process('calls', calls)],
    [procedure((what) => at.work(what))],
  );
  const one = limits({ concurrency: { 'outside.call': 1 } });
  const engine = await w.start({ limits: one });
  for (const what of ['a', 'b', 'c']) await w.begin(engine, 'calls', { what, customer: 'c' });
  await at.finishAll(3);
  expect(at.most).toBe(1);
});

test('one at a time for each customer: by the step, and by the procedure', async () => {
  for (const declaredBy of ['step', 'procedure'] as const) {
    const at = desk();
    const ofStep = { concurrency: { limit: 1, key: 'customer' } };
    const { world: w, limits } = await world(
      [process('calls', calls, declaredBy === 'step' ? ofStep : {})],
      [
        procedure(
          (what) => at.work(what),
          declaredBy === 'procedure'
            ? { perKey: { field: 'customer', concurrency: 1 } }
            : undefined,
        ),
      ],
    );
    const engine = await w.start({ limits: limits(), jobConcurrency: 8 });
    for (const what of ['a1', 'a2', 'a3', 'b1', 'b2']) {
      await w.begin(engine, 'calls', { what, customer: what.charAt(0) });
    }
    await waitFor('one of each to be at work', () => at.atWork.length === 2);
    expect([...at.atWork].sort()).toEqual(['a1', 'b1']);
    at.finish('a1');
    await waitFor('the next of the first customer', () => at.atWork.includes('a2'));
    expect([...at.atWork].sort()).toEqual(['a2', 'b1']);
    await at.finishAll(5);
    expect(at.most).toBe(2);
    await w.end();
  }
});

test('so many calls a second to a system: the clock lets the next ones through', async () => {
  const made: number[] = [];
  const { world: w, limits } = await world(
    [process('calls', calls)],
    [
      procedure(
        async (what) => {
          made.push(w.clock.now().getTime());
          return what;
        },
        { system: 'far-away' },
      ),
    ],
  );
  const rate = limits({ rates: { 'far-away': { perSecond: 10, burst: 3 } } });
  const engine = await w.start({ limits: rate });
  const began = w.clock.now().getTime();
  for (let n = 0; n < 20; n += 1) {
    await w.begin(engine, 'calls', { what: `${n}`, customer: 'c' });
  }
  await waitFor('the burst', () => made.length === 3);
  rate.countCall('far-away');
  while (made.length < 20) {
    const before = made.length;
    w.clock.advanceBy(100);
    // A repeated call of the client has taken the first token that came.
    if (before === 3 && w.clock.now().getTime() === began + 100) continue;
    await waitFor('the next one', () => made.length === before + 1);
  }
  const times = made.map((at) => at - began);
  expect(times.slice(0, 4)).toEqual([0, 0, 0, 200]);
  expect(times.at(-1)).toBe(1_800);
});

test('a rate is that of all nodes together, one without shards included, and a new one gets no burst', async () => {
  const made: number[] = [];
  const far = procedure(
    (what) => {
      made.push(performance.now());
      return Promise.resolve(what);
    },
    { system: 'far-away' },
  );
  const { world: w, database, limits, countOf } = await world([process('calls', calls)], [far]);
  const shared = () =>
    limits({
      rates: { 'far-away': { perSecond: 40, burst: 4 } },
      supply: callSupply(database),
    });
  const [first, second] = [
    await w.start({ limits: shared() }),
    await w.start({ limits: shared() }),
  ];
  const front = shared();
  const began = performance.now();
  for (let n = 0; n < 20; n += 1) {
    await w.begin(n % 2 === 0 ? first : second, 'calls', { what: `${n}`, customer: 'c' });
  }
  // Nobody stands in line at the front, so whoever calls there comes again when it is told to.
  let told = 0;
  const atFront = await waitFor('ten calls at the front', async () => {
    const entered = await front.enter(far, {});
    if ('leave' in entered) {
      entered.leave();
      made.push(performance.now());
      told += 1;
    } else expect(entered.retryAfterMs).toBeLessThanOrEqual(1_000);
    return told === 10;
  });
  expect(atFront).toBe(true);
  await waitFor('all', async () => (await countOf('calls', 'completed')) === 20);
  expect(made).toHaveLength(30);
  // 4 at once, 26 at 40 a second; no moment has more than a second's calls before its time.
  expect(Math.max(...made) - began).toBeGreaterThanOrEqual(650);
});

test('calls that a client made by itself are paid for by the next ones, whichever node makes them', async () => {
  const { database, limits } = await world([]);
  const supply = callSupply(database);
  const rate = { perSecond: 0.001, burst: 3 };
  const node = limits({ rates: { 'far-away': rate }, supply });
  for (let n = 0; n < 2; n += 1) node.countCall('far-away');
  const take = (wanted: number) => supply.take('far-away', rate, { wanted, made: 0 });
  await waitFor('them to be counted', async () => {
    const { rows } = await database.query<{ calls: number }>('select calls from engine.call_rate');
    return rows[0] && rows[0].calls < 1.5;
  });
  expect(await take(5)).toEqual({ calls: 1, againInMs: expect.any(Number) });
  const { calls: none, againInMs } = await take(1);
  expect(none).toBe(0);
  expect(againInMs).toBeGreaterThan(900_000);
  await database.query("update engine.call_rate set filled_at = filled_at - interval '1 day'");
  expect((await take(5)).calls).toBe(3);
});

test('while the supply does not answer no call is let in, and the next is told to wait', async () => {
  const { limits } = await world([]);
  const supply = { take: () => Promise.reject(new Error('away')) };
  const node = limits({ rates: { 'far-away': { perSecond: 5, burst: 3 } }, supply });
  const far = procedure((what) => Promise.resolve(what), { system: 'far-away' });
  const refused = await node.enter(far, {});
  expect(refused).toEqual({ retryAfterMs: expect.any(Number) });
  expect((refused as { retryAfterMs: number }).retryAfterMs).toBeGreaterThan(500);
});

test('a flood of one process delays another by no more than its share', async () => {
  const at = desk();
  const name = (context: JobContext) => at.work(inputOf(context).what ?? '');
  const { world: w } = await world([process('flood', name), process('small', name)]);
  const engine = await w.start({ jobConcurrency: 8 });
  for (let n = 0; n < 300; n += 1) await w.begin(engine, 'flood', { what: 'flood' });
  await waitFor('the flood to have its places', () => at.atWork.length === 7);
  for (let n = 0; n < 3; n += 1) await w.begin(engine, 'small', { what: 'small' });
  await waitFor('the other to begin at once', () => at.atWork.includes('small'));
  for (let turns = 0; at.begun.filter((what) => what === 'small').length < 3; turns += 1) {
    expect(turns).toBeLessThan(3);
    at.finish('flood');
    await waitFor('the next one', () => at.atWork.length === 7);
  }
  await at.finishAll(303);
});

test.each([
  ['its steps', undefined],
  ['its calls, one at a time', { perKey: { field: 'customer', concurrency: 1 } }],
])('a customer who floods a process with %s delays others by one turn', async (_, perKey) => {
  const at = desk();
  const fairBy = expression((v) => (v.input as Record<string, string>).customer);
  const {
    world: w,
    limits,
    countOf,
  } = await world(
    [process('calls', calls, { fairBy })],
    [procedure((what) => at.work(what), perKey)],
  );
  const engine = await w.start({
    ...{ limits: limits(), jobsInLine: 100, jobConcurrency: 2, sweepMs: 60_000 },
  });
  const flood = async (count: number) => {
    const one = () => w.begin(engine, 'calls', { what: 'flood', customer: 'flood' });
    for (let n = 0; n < count; n += 50) await Promise.all(Array.from({ length: 50 }, one));
  };
  await flood(200);
  await waitFor('the flood to be at work', () => at.begun.length > 0);
  // The line is full of it, and more of it is on disk. A step that met a limit on its way came back in line.
  const { jobsQueued, jobsOverflowed } = engine.engine.counts;
  expect(jobsQueued).toBeGreaterThanOrEqual(100);
  expect(jobsOverflowed).toBe(1);
  for (const what of ['a', 'b', 'c']) await w.begin(engine, 'calls', { what, customer: what });
  expect(engine.engine.counts.jobsQueued).toBeLessThanOrEqual(jobsQueued);
  const others = () => at.begun.filter((what) => what !== 'flood').length;
  const begunBefore = at.begun.length;
  await waitFor('the others', () => {
    at.finish();
    return others() === 3;
  });
  expect(at.begun.length - begunBefore).toBeLessThanOrEqual(8);
  // What had to make room is not forgotten, and nothing runs twice.
  await at.finishAll(203);
  await waitFor('all of them', async () => (await countOf('calls', 'completed')) === 203);
  expect(at.begun).toHaveLength(203);
});

test('urgent work comes before work that may wait, and that is not left out', async () => {
  const at = desk();
  const name = (context: JobContext) => at.work(inputOf(context).what ?? '');
  const priority = expression((v) => (v.input as { what: Priority }).what);
  const { world: w } = await world([process('p', name, { priority })]);
  const engine = await w.start({ jobConcurrency: 1 });
  await w.begin(engine, 'p', { what: 'normal' });
  for (let n = 0; n < 4; n += 1) await w.begin(engine, 'p', { what: 'batch' });
  for (let n = 0; n < 40; n += 1) await w.begin(engine, 'p', { what: 'interactive' });
  await at.finishAll(45);
  const firstBatch = at.begun.indexOf('batch');
  expect(at.begun.slice(0, 10).filter((what) => what === 'interactive').length).toBeGreaterThan(7);
  expect(firstBatch).toBeGreaterThan(0);
  expect(firstBatch).toBeLessThan(25);
});

test('more instances than fit in line stay on disk; each of them runs once, none is forgotten', async () => {
  const ran: string[] = [];
  const { promise: open, resolve } = Promise.withResolvers<void>();
  const work = async (context: JobContext) => {
    await open;
    expect(context.outcomeUnknown).toBe(false);
    ran.push(context.instanceId);
    return null;
  };
  const small = desk();
  const { world: w, countOf } = await world([
    process('flood', work),
    process('small', (context) => small.work(context.instanceId)),
  ]);
  // Of instances made while the node took their shards nobody knows whether they were at work before.
  const anHourAgo = vi.spyOn(Date, 'now').mockReturnValue(Date.now() - 3_600_000);
  const engine = await w.start({ jobsInLine: 200, jobConcurrency: 8, sweepMs: 60_000 });
  anHourAgo.mockRestore();
  const ids: string[] = [];
  for (let n = 0; n < 1_500; n += 50) {
    const started = Array.from({ length: 50 }, () => w.begin(engine, 'flood'));
    ids.push(...(await Promise.all(started)));
  }
  const { counts } = engine.engine;
  expect(await countOf('flood', 'running')).toBe(1_500);
  expect(counts.jobsQueued).toBe(100);
  expect(counts.instancesInMemory).toBeLessThan(120);
  expect(counts.jobsOverflowed).toBe(1);
  await w.begin(engine, 'small');
  await waitFor('the other process not to wait for them', () => small.atWork.length === 1);
  await small.finishAll(1);
  resolve();
  await waitFor('all of them', async () => (await countOf('flood', 'completed')) === 1_500);
  expect(ran).toHaveLength(1_500);
  expect(new Set(ran)).toEqual(new Set(ids));
  expect(engine.engine.counts.jobsOverflowed).toBe(0);
});

test('a node that takes over more than it can hold goes on with all of it', async () => {
  const { promise: open, resolve } = Promise.withResolvers<void>();
  const ran: string[] = [];
  const unknown: boolean[] = [];
  const { world: w, countOf } = await world([
    process('flood', async (context) => {
      await open;
      ran.push(context.instanceId);
      unknown.push(context.outcomeUnknown);
      return null;
    }),
  ]);
  const first = await w.start({ jobsInLine: 1_000 });
  for (let n = 0; n < 600; n += 50) {
    await Promise.all(Array.from({ length: 50 }, () => w.begin(first, 'flood')));
  }
  await first.kill();
  const second = await w.start({ jobsInLine: 100, sweepMs: 60_000 });
  expect(second.engine.counts.instancesInMemory).toBeLessThan(140);
  resolve();
  await waitFor('all of them', async () => (await countOf('flood', 'completed')) === 600);
  // Those at work when the first node died have run there as well, unheard.
  expect(new Set(ran).size).toBe(600);
  expect(unknown.filter((is) => is).length).toBe(600);
  await first.bury();
});
