/** The biller's client against its sandbox behind a host, over real HTTP: what it does, loses and is told. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { systemClock } from '../../kernel/clock.ts';
import { startSandboxHost } from '../sandbox/host.ts';
import { sandboxApiKey } from '../sandbox/sandbox.ts';
import { control, eventually, recordingLog, testServer } from '../sandbox/test-support.ts';
import { contract, mbosBilling } from './provider.ts';

const log = recordingLog();
const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

async function start(options: { journal?: string; webhookUrl?: string } = {}) {
  const plays = { 'mbos-billing': async () => (await import('./sandbox.ts')).mbosBillingPlay };
  const host = await startSandboxHost(plays, { ...options, log, clock: systemClock });
  closing.push(host.stop);
  const baseUrl = host.systems['mbos-billing']!;
  // Made at the first call; what is tested is not how long that takes.
  await control(baseUrl, 'GET', '/sandbox/faults');
  const connect = (timeoutMs: number) => {
    const settings = { baseUrl, apiKey: sandboxApiKey, timeoutMs, retry: { attempts: 1 } };
    const mbos = mbosBilling({ settings, log });
    closing.push(mbos.close);
    return mbos;
  };
  return { host, baseUrl, connect, mbos: connect(10_000) };
}

let calls = 0;
const call = () => {
  calls += 1;
  const traceparent = `00-${'1'.repeat(32)}-${'2'.repeat(16)}-01`;
  return { idempotencyKey: `key-${calls}`, signal: new AbortController().signal, traceparent };
};
const account = {
  accountId: 'ACC-1',
  customerId: 'CUST-1',
  billingMode: 'MONTHLY',
  billingCycle: '01',
} as const;
const order = {
  orderId: 'ORD-1',
  accountId: 'ACC-1',
  customerId: 'CUST-1',
  lineItems: [{ mdn: '214-555-0123', plan: 'UNLIMITED_DATA', monthlyCharge: 75.1 }],
  promotions: [],
};
const recordsOf = async (baseUrl: string) =>
  (
    (await control(baseUrl, 'GET', '/sandbox/records')).body as {
      records: Record<string, object[]>;
    }
  ).records;

test('the same key acts once, another key meets what is there', async () => {
  const { mbos, baseUrl } = await start();
  const first = call();
  const made = await mbos.createAccount(account, first);
  expect(made).toMatchObject({ status: 'done', value: { accountId: 'ACC-1', status: 'ACTIVE' } });
  expect(await mbos.createAccount(account, first)).toEqual(made);
  expect(await mbos.createAccount(account, call())).toMatchObject({
    status: 'refused',
    code: 'ACCOUNT_EXISTS',
  });
  expect(await mbos.createAccount({ ...account, customerId: 'CUST-2' }, first)).toMatchObject({
    code: 'IDEMPOTENCY_KEY_REUSED',
  });
  expect((await recordsOf(baseUrl)).accounts).toHaveLength(1);
});

test('what is not there is found as nothing, and undone without ado', async () => {
  const { mbos } = await start();
  expect(await mbos.getAccount('nobody', call())).toBeNull();
  expect(await mbos.deleteAccount('nobody', call())).toMatchObject({ status: 'done' });
  expect(await mbos.submitBillingOrder(order, call())).toMatchObject({ code: 'NOT_FOUND' });
});

test('an answer that is lost leaves the outcome unknown, and can be asked for', async () => {
  const { mbos, baseUrl, connect } = await start();
  const faults = { operations: ['createAccount'], timeoutAfterCommitNext: 1 };
  await control(baseUrl, 'PUT', '/sandbox/faults', faults);
  await expect(connect(200).createAccount(account, call())).rejects.toMatchObject({
    code: 'MBOS_TIMEOUT',
    outcomeUnknown: true,
  });
  expect(await mbos.getAccount('ACC-1', call())).toMatchObject({ status: 'ACTIVE' });
});

test('a server error is a fault, a refusal is an answer', async () => {
  const { mbos, baseUrl } = await start();
  await control(baseUrl, 'PUT', '/sandbox/faults', { failNext: 1, status: 500 });
  await expect(mbos.createAccount(account, call())).rejects.toMatchObject({
    code: 'MBOS_UNAVAILABLE',
  });
  for (const status of [400, 422]) {
    await control(baseUrl, 'PUT', '/sandbox/faults', { failNext: 1, status });
    expect(await mbos.createAccount(account, call())).toMatchObject({ code: 'SANDBOX_FAULT' });
  }
});

test('a submitted order is written back, and its callback fits the document', async () => {
  const shop = await testServer((_received, response) => response.writeHead(204).end());
  closing.push(shop.stop);
  const { mbos, baseUrl } = await start({ webhookUrl: shop.url });
  await mbos.createAccount(account, call());
  await control(baseUrl, 'PUT', '/sandbox/later', { outcome: 'hold' });
  await mbos.submitBillingOrder(order, call());
  expect(await mbos.getOrderStatus('ORD-1', call())).toMatchObject({ status: 'SUBMITTED' });
  expect(await mbos.getAccountBillingInfo('ACC-1', call())).toMatchObject({ monthlyCharges: 75.1 });
  expect(await mbos.deleteAccount('ACC-1', call())).toMatchObject({ code: 'ACCOUNT_IN_USE' });
  await control(baseUrl, 'POST', '/sandbox/later/ORD-1', { outcome: 'succeed' });
  await eventually(() => shop.received.length === 1);
  const told: unknown = JSON.parse(shop.received[0]!.body);
  expect(contract().checkWebhook('writeBack', told)).toEqual([]);
  expect(await mbos.getOrderStatus('ORD-1', call())).toMatchObject({ status: 'COMPLETED' });
  expect(await control(baseUrl, 'POST', '/sandbox/later/ORD-1', { outcome: 'fail' })).toMatchObject(
    {
      status: 404,
    },
  );
});

test('what was there is there again after a restart, and what was not told is told', async () => {
  const journal = await mkdtemp(join(tmpdir(), 'host-journal-'));
  closing.push(() => rm(journal, { recursive: true }));
  const first = await start({ journal });
  await first.mbos.createAccount(account, call());
  await first.mbos.submitBillingOrder(order, call());
  await first.host.stop();
  const shop = await testServer((_received, response) => response.writeHead(204).end());
  closing.push(shop.stop);
  await start({ journal, webhookUrl: shop.url });
  await eventually(() => shop.received.length === 1);
});

test('a host says which systems it has', async () => {
  const { host } = await start();
  expect(await control(host.url, 'GET', '/other/accounts')).toMatchObject({
    status: 404,
    body: { code: 'NO_SUCH_SYSTEM', message: expect.stringContaining('mbos-billing') },
  });
});
