/**
 * Every model that runs, on real nodes and PostgreSQL: at each state in which all scripts wait, the node is
 * killed as `kill -9` would and another one goes on; and once two nodes share the instances. The history
 * is each time the one that stands beside the model.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { testDatabase } from '../../../../test/support/database.ts';
import { type EngineInTest, EngineWorld } from '../../testing/in-process-engine.ts';
import { virtualClock } from '../../testing/virtual-clock.ts';
import { waitFor } from '../../testing/wait-for.ts';
import { Stage } from './stage.ts';

/**
 * Nothing but notices, timers and deaths can explain what happens within the time of a test. A job that
 * the scripts have not answered yet keeps no other one waiting.
 */
const options = { leaseMs: 3_600_000, sweepMs: 3_600_000, jobConcurrency: 1_000 };

const stage = await Stage.open();

/** How many scripts stand beside the models: one is missed by no mistake of whoever reads them for the stage. */
function scriptsOnDisk(): number {
  const folder = new URL('./runs/', import.meta.url);
  return readdirSync(folder)
    .filter((name) => name.endsWith('.history'))
    .flatMap((name) => readFileSync(new URL(name, folder), 'utf8').split(/^again$/m)).length;
}

async function newWorld() {
  const { database, connectionString } = await testDatabase({
    migrations: [{ schema: 'engine', folder: new URL('../../store/migrations/', import.meta.url) }],
  });
  const { processes, procedures } = stage;
  const clock = virtualClock('2026-01-01T00:00:00.000Z');
  const world = new EngineWorld({ database, connectionString, processes, procedures, clock });
  return { world, performance: stage.performance(world, database) };
}

test('each wait state is crossed with a death', { timeout: 120_000 }, async () => {
  const { world, performance } = await newWorld();
  const dead: EngineInTest[] = [];
  const { longest } = performance;
  let node = await world.start(options);
  while (performance.left > 0) {
    await performance.round([node]);
    await node.kill();
    stage.forgetCalls();
    dead.push(node);
    node = await world.start(options);
  }
  expect(performance.instances).toBe(scriptsOnDisk());
  expect(dead.length).toBeGreaterThanOrEqual(longest);
  stage.forgetCalls();
  await node.stop();
  await Promise.all(dead.map((one) => one.bury()));
});

test('two nodes play them together', { timeout: 120_000 }, async () => {
  const { world, performance } = await newWorld();
  const here = await world.start(options);
  const there = await world.start(options);
  const shares = () => [here, there].map(({ engine }) => engine.counts.shards);
  await waitFor('both to own shards', () => shares().every((count) => count === 128));
  while (performance.left > 0) await performance.round([here, there]);
  expect(shares()).toEqual([128, 128]);
  stage.forgetCalls();
  await world.end();
});
