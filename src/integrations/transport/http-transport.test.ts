/** What the transport makes of answers and of silence, against a real server that misbehaves. */
import { afterEach, expect, test } from 'vitest';
import { recordingLog, testServer } from '../sandbox/test-support.ts';
import { httpTransport } from './http-transport.ts';
import { httpSettings } from './settings.ts';

const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

async function against(answer: Parameters<typeof testServer>[0], timeoutMs = 10_000) {
  const server = await testServer(answer);
  const settings = httpSettings.parse({
    ...{ baseUrl: server.url, apiKey: 'key', timeoutMs },
    retry: { attempts: 3, baseDelayMs: 1, maxDelayMs: 1 },
  });
  const transport = httpTransport({
    ...{ settings, system: 'test', codePrefix: 'TEST', log: recordingLog() },
  });
  closing.push(server.stop, transport.close);
  const send = (method: string, headers: Record<string, string> = {}) =>
    transport.fetch(
      new Request(`${server.url}/x`, {
        method,
        headers,
        ...(method === 'GET' ? {} : { body: '{"a":1}' }),
      }),
    );
  return { server, send };
}

test('a business no is given back, and asked once', async () => {
  const { server, send } = await against((_got, response) => response.writeHead(409).end('{}'));
  expect((await send('POST')).status).toBe(409);
  expect(server.received).toHaveLength(1);
});

test('without an idempotency key a doubtful change is not repeated', async () => {
  const { server, send } = await against((_got, response) => response.writeHead(500).end());
  await expect(send('POST')).rejects.toMatchObject({
    code: 'TEST_UNAVAILABLE',
    outcomeUnknown: true,
  });
  expect(server.received).toHaveLength(1);
});

test('with one it is, byte for byte', async () => {
  const { server, send } = await against((_got, response) => response.destroy());
  await expect(send('POST', { 'idempotency-key': 'k' })).rejects.toMatchObject({
    code: 'TEST_UNREACHABLE',
    outcomeUnknown: true,
  });
  expect(server.received.map(({ body }) => body)).toEqual(Array(3).fill('{"a":1}'));
  expect(server.received.every(({ headers }) => headers['idempotency-key'] === 'k')).toBe(true);
});

test('reads are repeated, and leave nothing in doubt', async () => {
  const { server, send } = await against(() => undefined, 100);
  await expect(send('GET')).rejects.toMatchObject({ code: 'TEST_TIMEOUT', outcomeUnknown: false });
  expect(server.received).toHaveLength(3);
});

test('an answer that stops half-way is a timeout', async () => {
  const { send } = await against((_got, response) => {
    response.writeHead(200, { 'content-length': '100' }).write('{');
  }, 100);
  await expect(send('GET')).rejects.toMatchObject({ code: 'TEST_TIMEOUT' });
});

test('an endless answer is cut off', async () => {
  const { send } = await against((_got, response) => {
    response.writeHead(200).end(Buffer.alloc(2 * 1024 * 1024));
  });
  await expect(send('GET')).rejects.toMatchObject({ code: 'TEST_CONTRACT_BROKEN' });
});

test('"not now" says when', async () => {
  const { send } = await against((_got, response) =>
    response.writeHead(429, { 'retry-after': '7' }).end(),
  );
  await expect(send('POST')).rejects.toMatchObject({
    code: 'TEST_OVERLOADED',
    retryAfterMs: 7_000,
    outcomeUnknown: false,
  });
});

test('a request that the system does not understand is for a person to mend', async () => {
  const { server, send } = await against((_got, response) =>
    response.writeHead(400).end('{"code":"INVALID"}'),
  );
  await expect(send('GET')).rejects.toMatchObject({
    name: 'TerminalFault',
    code: 'TEST_REQUEST_REFUSED',
    message: expect.stringContaining('INVALID'),
  });
  expect(server.received).toHaveLength(1);
});
