/**
 * The program in its three roles on one database: requests go to a node that only answers, processes are
 * moved by nodes that only work, and one of these is killed in the middle of an order.
 */
import { expect, test } from 'vitest';
import type { ClusterAnswer } from '../../src/app/api-client.ts';
import { seedDemo } from '../../src/app/demo.ts';
import { demoUsers } from '../../src/modules/users/index.ts';
import { approvedOrder, happyPath } from '../support/crash-stories.ts';
import { testDatabase } from '../support/database.ts';
import { freePort } from '../support/free-port.ts';
import { startOutsideWorld } from '../support/outside-world.ts';
import { patientClient } from '../support/patient-client.ts';
import { realUseEnvironment, tokenOf } from '../support/real-use.ts';
import { runProgram, startServer } from '../support/running-program.ts';
import { waitUntil } from '../support/wait-until.ts';

test('an order crosses an API node and workers, one of which dies', async () => {
  const { connectionString, database } = await testDatabase();
  const port = await freePort();
  const world = await startOutsideWorld(`http://127.0.0.1:${port}`);
  const env = {
    ...realUseEnvironment(connectionString),
    ...world.env,
    DATABASE_MAX_CONNECTIONS: '8',
    // So long that only the free lock of a dead node explains that others go on.
    LEASE_MS: '600000',
  };
  // All at once on an empty database: whoever comes first migrates it.
  const [front, first, second] = await Promise.all([
    startServer({ args: ['api'], env: { ...env, PORT: String(port) } }),
    startServer({ args: ['worker'], env }),
    startServer({ args: ['worker'], env }),
  ]);
  await seedDemo(database);
  const token = await tokenOf(demoUsers.operator);
  const cluster = async () => {
    const headers = { authorization: `Bearer ${token}` };
    const answer = await fetch(`${front.url}/api/v1/cluster`, { headers });
    return (await answer.json()) as ClusterAnswer;
  };
  const shares = async () =>
    Object.fromEntries(
      (await cluster()).nodes.map(({ pid, role, shards }) => [pid, `${role} ${shards}`]),
    );
  await waitUntil(
    'even shares',
    async () =>
      JSON.stringify(Object.values(await shares()).sort()) ===
      JSON.stringify(['api 0', 'worker 128', 'worker 128']),
  );

  const answered = async (url: string) => (await fetch(url)).status;
  expect(await answered(`${first.url}/actuator/health/readiness`)).toBe(200);
  expect(await answered(`${first.url}/actuator/prometheus`)).toBe(200);
  expect(await answered(`${first.url}/api/v1/orders`)).toBe(404);

  const scene = { client: patientClient(front.url), database, world };
  const stories = Promise.all([happyPath(scene, 'plain'), approvedOrder(scene, 'risky')]);
  await waitUntil('a process at work', async () => {
    const { rows } = await database.query('select 1 from engine.history limit 1');
    return rows.length > 0;
  });
  await first.kill();
  const told = await stories;
  expect(new Set(told.map(({ orderId }) => orderId)).size).toBe(2);
  expect(await shares()).toMatchObject({ [second.pid]: 'worker 256' });

  const shown = runProgram({
    args: ['cluster', '--url', front.url],
    env: { ORDERLOOM_TOKEN: token },
  });
  expect((await shown.ended).code, shown.output()).toBe(0);
  expect(shown.output()).toMatch(/worker +\S+ +up .* 256 /);
  expect(shown.output()).toMatch(/worker +\S+ +dead /);
  expect(shown.output()).toMatch(/Shards without a node +none/);

  expect(await second.stop()).toEqual({ code: 0, signal: null });
  const left = await cluster();
  expect(left.shards.unowned).toBe(256);
  expect(left.nodes.map(({ role, state }) => `${role} ${state}`).sort()).toEqual([
    'api up',
    'worker dead',
  ]);
  expect(await front.stop()).toEqual({ code: 0, signal: null });
}, 120_000);

test('a worker without a server to share is told what it needs', async () => {
  const program = runProgram({ args: ['worker'] });
  expect((await program.ended).code).not.toBe(0);
  expect(program.output()).toContain(
    'DATABASE_URL: expected the PostgreSQL server that all nodes share',
  );
}, 30_000);
