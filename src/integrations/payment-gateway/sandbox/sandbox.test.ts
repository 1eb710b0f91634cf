/**
 * The payment gateway's sandbox: sessions and their webhooks, its memory, and its life as a
 * process.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterEach, expect, test } from 'vitest';
import { systemClock } from '../../../kernel/clock.ts';
import { newId } from '../../../kernel/ids.ts';
import { money } from '../../../kernel/money.ts';
import { checkWebhookSignature } from '../../../kernel/webhook-signature.ts';
import { chargeRequest, paymentCall } from '../../port-suites/payment-provider-suite.ts';
import { type SandboxOptions, sandboxApiKey, sandboxWebhookSecret } from '../../sandbox/sandbox.ts';
import {
  control,
  eventually,
  type Received,
  recordingLog,
  testServer,
} from '../../sandbox/test-support.ts';
import { paymentGatewayContract } from '../client.ts';
import { paymentGatewayProvider } from '../provider.ts';
import { startPaymentGatewaySandbox } from './sandbox.ts';

const log = recordingLog();
const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

async function start(options: Partial<SandboxOptions> = {}) {
  const sandbox = await startPaymentGatewaySandbox({
    log,
    clock: systemClock,
    callbackRetry: { baseDelayMs: 1, maxDelayMs: 5 },
    ...options,
  });
  closing.push(sandbox.stop);
  return sandbox;
}

function connect(baseUrl: string) {
  const provider = paymentGatewayProvider({ baseUrl, apiKey: sandboxApiKey }, { log });
  closing.push(provider.close);
  return provider;
}

/** A merchant that takes webhooks, after refusing the first few. */
async function merchant(refuse = 0) {
  let left = refuse;
  const server = await testServer((_received, response) => {
    left -= 1;
    response.writeHead(left >= 0 ? 500 : 204).end();
  });
  closing.push(server.stop);
  return server;
}

async function openSession(url: string, orderId = newId()) {
  const request = { orderId, paymentId: newId(), userId: newId(), amount: money(9999, 'USD') };
  return connect(url).createSession(request, paymentCall());
}
const pay = (url: string, sessionId: string, cardToken: string) =>
  control(url, 'POST', `/sessions/${sessionId}/pay`, { cardToken });
const bodyOf = (received: Received | undefined) => JSON.parse(received?.body ?? 'null');

test('a paid session is told of by one signed webhook that fits the document', async () => {
  const shop = await merchant();
  const sandbox = await start({ webhookUrl: `${shop.url}/webhooks/payment` });
  const { sessionId } = await openSession(sandbox.url, 'order-1');
  expect(await pay(sandbox.url, sessionId, 'tok_visa')).toMatchObject({
    status: 200,
    body: { status: 'completed' },
  });
  await eventually(() => sandbox.inspect().callbacks[0]?.status === 'delivered');
  const [webhook] = shop.received;
  expect(webhook?.url).toBe('/webhooks/payment');
  expect(bodyOf(webhook)).toEqual({
    eventId: expect.any(String),
    orderId: 'order-1',
    sessionId,
    reference: expect.any(String),
    status: 'completed',
    transactionId: sandbox.inspect().charges[0]?.id,
    amount: 99.99,
    currency: 'USD',
    paymentMethod: 'credit_card',
    method: { brand: 'visa', last4: '4242', holder: null },
  });
  expect(paymentGatewayContract().checkWebhook('paymentResult', bodyOf(webhook))).toEqual([]);
  const signature = checkWebhookSignature({
    secrets: [sandboxWebhookSecret],
    header: webhook?.headers['orderloom-signature']?.toString(),
    rawBody: webhook?.body ?? '',
    now: new Date(),
  });
  expect(signature).toBe('valid');
  expect(shop.received).toHaveLength(1);
});

test('a declined card fails the session for good, and the webhook says why', async () => {
  const shop = await merchant();
  const sandbox = await start({ webhookUrl: shop.url });
  const { sessionId } = await openSession(sandbox.url);
  await pay(sandbox.url, sessionId, 'tok_insufficient_funds');
  await eventually(() => shop.received.length === 1);
  expect(bodyOf(shop.received[0])).toMatchObject({
    status: 'failed',
    failureReason: 'Insufficient funds',
    failureCode: 'INSUFFICIENT_FUNDS',
  });
  expect(await pay(sandbox.url, sessionId, 'tok_visa')).toMatchObject({
    status: 409,
    body: { code: 'SESSION_NOT_OPEN' },
  });
  expect(sandbox.inspect().charges).toHaveLength(1);
});

test('details that cannot be used leave the session open', async () => {
  const sandbox = await start();
  const { sessionId } = await openSession(sandbox.url);
  expect(await pay(sandbox.url, sessionId, 'tok_invalid')).toMatchObject({ status: 422 });
  expect(await pay(sandbox.url, sessionId, 'tok_visa')).toMatchObject({ status: 200 });
});

test('a closed session, and one whose day is over, cannot be paid', async () => {
  let now = new Date();
  const sandbox = await start({ clock: { ...systemClock, now: () => now } });
  const provider = connect(sandbox.url);
  const closed = await openSession(sandbox.url);
  await provider.expireSession({ sessionId: closed.sessionId }, paymentCall());
  expect(await pay(sandbox.url, closed.sessionId, 'tok_visa')).toMatchObject({ status: 409 });
  const old = await openSession(sandbox.url);
  now = new Date(now.getTime() + 25 * 60 * 60 * 1000);
  expect(await pay(sandbox.url, old.sessionId, 'tok_visa')).toMatchObject({ status: 409 });
  expect(sandbox.inspect().charges).toEqual([]);
});

test('webhooks are repeated with the same id until they are taken', async () => {
  const shop = await merchant(3);
  const sandbox = await start({ webhookUrl: shop.url });
  const { sessionId } = await openSession(sandbox.url);
  await pay(sandbox.url, sessionId, 'tok_visa');
  await eventually(() => sandbox.inspect().callbacks[0]?.status === 'delivered');
  const ids = shop.received.map((received) => bodyOf(received).eventId);
  expect(ids).toHaveLength(4);
  expect(new Set(ids).size).toBe(1);
  expect(sandbox.inspect().callbacks[0]).toMatchObject({ attempts: 4, lastAnswer: '204' });
});

test('webhooks that nobody takes are given up, and that is seen', async () => {
  const shop = await merchant(100);
  const retry = { attempts: 2, baseDelayMs: 1, maxDelayMs: 1 };
  const sandbox = await start({ webhookUrl: shop.url, callbackRetry: retry });
  const { sessionId } = await openSession(sandbox.url);
  await pay(sandbox.url, sessionId, 'tok_visa');
  await eventually(() => sandbox.inspect().callbacks[0]?.status === 'given-up');
  expect(shop.received).toHaveLength(2);
});

test('callbacks can be lost, doubled and put in another order', async () => {
  const shop = await merchant();
  const sandbox = await start({ webhookUrl: shop.url });
  const payNew = async (orderId: string) => {
    const { sessionId } = await openSession(sandbox.url, orderId);
    await pay(sandbox.url, sessionId, 'tok_visa');
  };
  const orders = () => shop.received.map((received) => bodyOf(received).orderId);
  const faults = (callbacks: unknown) =>
    control(sandbox.url, 'PUT', '/sandbox/faults', { callbacks });

  await faults({ lose: 1 });
  await payNew('lost');
  await faults({ duplicate: 1 });
  await payNew('double');
  await eventually(() => orders().length === 2);
  expect(orders()).toEqual(['double', 'double']);

  shop.received.length = 0;
  await faults({ reorder: 2 });
  for (const order of ['first', 'second', 'third']) await payNew(order);
  await eventually(() => orders().length === 3);
  expect(orders()).toEqual(['third', 'second', 'first']);

  shop.received.length = 0;
  await faults({ reorder: 1, delayMs: 1 });
  await payNew('held');
  expect(sandbox.inspect().callbacks.at(-1)?.status).toBe('held');
  await control(sandbox.url, 'DELETE', '/sandbox/faults');
  await eventually(() => orders().includes('held'));
  expect(sandbox.inspect().callbacks.filter(({ status }) => status === 'lost')).toHaveLength(1);
});

test('callbacks wait until they are told where to go', async () => {
  const shop = await merchant();
  const sandbox = await start();
  const { sessionId } = await openSession(sandbox.url);
  await pay(sandbox.url, sessionId, 'tok_visa');
  expect(sandbox.inspect().callbacks[0]?.status).toBe('pending');
  const target = { url: shop.url, secret: 'another' };
  await control(sandbox.url, 'PUT', '/sandbox/callbacks/target', target);
  await eventually(() => shop.received.length === 1);
});

test('requests that do not fit the document are answered with what was expected', async () => {
  const sandbox = await start();
  const send = (body: unknown, headers: Record<string, string> = {}) =>
    fetch(`${sandbox.url}/charges`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        authorization: `Bearer ${sandboxApiKey}`,
        'idempotency-key': newId(),
        ...headers,
      },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    }).then(async (response) => ({ status: response.status, body: await response.json() }));
  const good = {
    ...{ orderId: 'o', reference: 'r', customerId: 'c', currency: 'USD', amount: 1 },
    ...{ paymentMethod: 'credit_card', cardToken: 'tok_visa' },
  };
  expect(await send(good)).toMatchObject({ status: 201 });
  const answer = await send({ ...good, amount: -1, cardToken: '4242424242424242', extra: true });
  expect(answer).toMatchObject({ status: 400, body: { code: 'INVALID_REQUEST' } });
  expect(answer).toMatchObject({
    body: {
      issues: expect.arrayContaining([
        { pointer: 'body/amount', expected: '> 0', found: '-1' },
        { pointer: 'body/extra', expected: 'no such field', found: 'a field' },
      ]),
    },
  });
  expect(JSON.stringify(answer)).not.toContain('4242');
  expect(await send({ ...good, amount: 1.234 })).toMatchObject({ status: 400 });
  expect(await send({ ...good, currency: 'XXQ' })).toMatchObject({ status: 400 });
  expect(await send('{')).toMatchObject({ status: 400 });
  expect(await send(good, { 'idempotency-key': '' })).toMatchObject({ status: 400 });
  expect(await send(good, { authorization: 'Bearer no' })).toMatchObject({ status: 401 });
  expect(sandbox.inspect().charges).toHaveLength(1);
});

test('the hosted page shows the amount, and escapes what came from outside', async () => {
  const sandbox = await start();
  const { url } = await openSession(sandbox.url, '<script>alert(1)</script>');
  const page = await (await fetch(url)).text();
  expect(page).toContain('99.99 USD');
  expect(page).not.toContain('<script>alert');
  expect((await fetch(`${sandbox.url}/pay/none`)).status).toBe(404);
});

test('everything can be inspected over HTTP', async () => {
  const sandbox = await start();
  const { sessionId } = await openSession(sandbox.url);
  await pay(sandbox.url, sessionId, 'tok_visa');
  const { sessions, charges, refunds, callbacks } = sandbox.inspect();
  const get = (path: string) => control(sandbox.url, 'GET', path);
  expect(await get('/sandbox/sessions')).toMatchObject({ body: { sessions } });
  expect(await get('/sandbox/charges')).toMatchObject({ body: { charges, refunds } });
  expect(await get('/sandbox/callbacks')).toMatchObject({ body: { items: callbacks } });
});

test('a process that is killed and started again knows its charges, keys and callbacks', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'gateway-journal-'));
  closing.push(() => rm(folder, { recursive: true }));
  const shop = await merchant();
  async function startProcess(...options: string[]) {
    const main = fileURLToPath(new URL('main.ts', import.meta.url));
    const child = spawn(process.execPath, [main, '--journal', folder, ...options], {
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    const [line] = await once(createInterface({ input: child.stdout }), 'line');
    const kill = async (signal: NodeJS.Signals) => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill(signal);
      await once(child, 'exit');
    };
    closing.push(() => kill('SIGKILL'));
    return { url: String(JSON.parse(String(line)).url), child, kill };
  }
  const request = chargeRequest('tok_visa');
  const call = paymentCall();
  const first = await startProcess();
  const charged = await connect(first.url).charge(request, call);
  const { sessionId } = await openSession(first.url);
  await pay(first.url, sessionId, 'tok_visa');
  await first.kill('SIGKILL');

  const second = await startProcess('--webhook-url', shop.url);
  expect(await connect(second.url).charge(request, call)).toEqual(charged);
  await eventually(() => shop.received.length === 1);
  expect(bodyOf(shop.received[0])).toMatchObject({ sessionId, status: 'completed' });
  expect(await control(second.url, 'GET', '/sandbox/charges')).toMatchObject({
    body: { charges: [{}, {}] },
  });
  await second.kill('SIGTERM');
  expect(second.child.exitCode).toBe(0);
});
