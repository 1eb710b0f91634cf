/**
 * What was answered with success is there again after `kill -9`, whether PostgreSQL lived on or died
 * with the program; and a program whose PostgreSQL dies goes on by itself.
 */
import { expect, test } from 'vitest';
import { killPostgres, postgresPid, usedDataFolder } from '../support/data-folder.ts';
import { freePort } from '../support/free-port.ts';
import { type PatientAnswer, patientClient } from '../support/patient-client.ts';
import { type RunningProgram, startServer } from '../support/running-program.ts';
import { waitUntil } from '../support/wait-until.ts';

const timeout = 180_000;

async function start(env: Readonly<Record<string, string>>): Promise<RunningProgram> {
  return await startServer({ env });
}

async function environment() {
  return { ORDERLOOM_DATA: await usedDataFolder(), PORT: String(await freePort()) };
}

const total = 100;
const items = [{ productId: 'prod-100', quantity: 1 }];

async function place(url: string, key?: string): Promise<PatientAnswer> {
  const request = { body: { items, total }, ...(key === undefined ? {} : { key }) };
  const placed = await patientClient(url).post('/api/v1/orders', request);
  expect(placed.status).toBe(201);
  return placed;
}

async function webhook(url: string, name: string, body: object): Promise<void> {
  await waitUntil(`the ${name} webhook to be taken`, async () => {
    const answer = await fetch(`${url}/webhooks/${name}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    }).catch(() => null);
    return answer?.ok;
  });
}

/** Pays and delivers the order, and sees that it is complete. */
async function carryOn(url: string, orderId: string): Promise<void> {
  const client = patientClient(url);
  await webhook(url, 'payment', { orderId, status: 'completed' });
  await waitUntil('the order to be shipped', async () => {
    const { body } = await client.get(`/api/v1/orders/${orderId}`);
    return body.status === 'shipped';
  });
  await webhook(url, 'delivery', { orderId, status: 'delivered' });
  await waitUntil('the order to be complete', async () => {
    const { body } = await client.get(`/api/v1/orders/${orderId}`);
    return body.status === 'delivered' && body.completedAt !== null;
  });
}

test('PostgreSQL lived on: it is taken over, and the order goes on', { timeout }, async () => {
  const env = await environment();
  const first = await start(env);
  const { body } = await place(first.url, 'the-key');
  await first.kill();
  const survivor = await postgresPid(env.ORDERLOOM_DATA);
  expect(survivor).not.toBeNull();

  const second = await start(env);
  expect(await postgresPid(env.ORDERLOOM_DATA)).toBe(survivor);
  expect((await place(second.url, 'the-key')).body.id).toBe(body.id);
  await carryOn(second.url, body.id as string);
  expect(await second.stop()).toEqual({ code: 0, signal: null });
});

test('PostgreSQL died as well: it recovers, and the order goes on', { timeout }, async () => {
  const env = await environment();
  const first = await start(env);
  const { body } = await place(first.url, 'the-key');
  first.signal('SIGKILL');
  await killPostgres(env.ORDERLOOM_DATA);
  await first.ended;

  const second = await start(env);
  expect((await place(second.url, 'the-key')).body.id).toBe(body.id);
  await carryOn(second.url, body.id as string);
  expect(await second.stop()).toEqual({ code: 0, signal: null });
});

test('PostgreSQL alone dies, again and again: the program goes on by itself', {
  timeout,
}, async () => {
  const env = await environment();
  const program = await start(env);
  const { body: before } = await place(program.url);
  await killPostgres(env.ORDERLOOM_DATA);
  const { body: after } = await place(program.url);
  await killPostgres(env.ORDERLOOM_DATA);
  await carryOn(program.url, before.id as string);
  await carryOn(program.url, after.id as string);
  await waitUntil('the program to be healthy', async () => {
    return (await fetch(`${program.url}/actuator/health`)).status === 200;
  });
  expect(await program.stop()).toEqual({ code: 0, signal: null });
  expect(await postgresPid(env.ORDERLOOM_DATA)).toBeNull();
});

test('SIGTERM in the middle of many orders: those answered are there, and go on', {
  timeout,
}, async () => {
  const env = await environment();
  const first = await start(env);
  const answered: string[] = [];
  let stopped = false;
  const customers = Array.from({ length: 8 }, async () => {
    while (!stopped) {
      const answer = await fetch(`${first.url}/api/v1/orders`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ items, total }),
      }).catch(() => null);
      if (answer?.status === 201) answered.push(((await answer.json()) as { id: string }).id);
    }
  });
  await waitUntil('orders to come in', () => answered.length > 20);
  const end = await first.stop();
  stopped = true;
  await Promise.all(customers);
  expect(end).toEqual({ code: 0, signal: null });
  expect(await postgresPid(env.ORDERLOOM_DATA)).toBeNull();

  const second = await start(env);
  for (const orderId of answered) {
    const { status } = await patientClient(second.url).get(`/api/v1/orders/${orderId}`);
    expect(status).toBe(200);
  }
  await carryOn(second.url, answered.at(-1)!);
  expect((await second.stop()).code).toBe(0);
});
