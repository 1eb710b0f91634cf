/** Calls of another service: what is sent, and what each answer means. */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { z } from 'zod';
import { defineError, isRefusal, RetryableFault, TerminalFault } from '../../kernel/errors.ts';
import type { ExternalContext, Log } from '../../kernel/procedure.ts';
import { type ConnectedService, connectService } from './connect.ts';
import { defineRemoteProcedure, defineRemoteService, type RemoteRequest } from './service.ts';

const soldOut = defineError({ code: 'SOLD_OUT', status: 409, title: 'Sold out' });
const notYours = defineError({ code: 'NOT_YOURS', status: 403, title: 'Not yours' });
const unprocessable = defineError({ code: 'SHOP_422', status: 422, title: 'Not possible' });
const request: RemoteRequest = {
  method: 'POST',
  path: '/shops/{shop}/orders',
  placement: {
    path: ['shop'],
    query: ['tag'],
    headers: { 'X-Lane': 'X-Lane' },
    body: 'rest',
  },
  repeatable: true,
  byStatus: { 422: unprocessable },
};
const order = (name: string, more: Partial<RemoteRequest> = {}) =>
  defineRemoteProcedure({
    name,
    summary: 'Order',
    input: z.looseObject({}),
    output: z.object({ id: z.string() }),
    errors: [soldOut, notYours, unprocessable],
    request: { ...request, ...more },
  });
const service = defineRemoteService({
  name: 'shop',
  title: 'Shop',
  basePath: '/v1',
  credential: { header: 'x-api-key', prefix: '' },
  procedures: [order('shop.order'), order('shop.order-once', { repeatable: false })],
  events: [],
});

interface Seen {
  readonly method: string | undefined;
  readonly url: string | undefined;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}
let seen: Seen[] = [];
let answer: (response: ServerResponse, nth: number) => void;
const server = createServer(async (incoming, response) => {
  let body = '';
  for await (const chunk of incoming) body += chunk;
  seen.push({ method: incoming.method, url: incoming.url, headers: incoming.headers, body });
  answer(response, seen.length);
});
let connected: ConnectedService;
const silent = () => undefined;
const log: Log = { debug: silent, info: silent, warn: silent, error: silent };

beforeAll(async () => {
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  connected = connectService(service, {
    url: `http://127.0.0.1:${port}/`,
    apiKey: 'the-key',
    log,
  });
});
afterAll(async () => {
  await connected.close();
  server.close();
});
beforeEach(() => {
  seen = [];
});

const json = (status: number, body: unknown) => (response: ServerResponse) => {
  response.writeHead(status, { 'content-type': 'application/problem+json' });
  response.end(JSON.stringify(body));
};

function run(input: unknown, name = 'shop.order'): Promise<unknown> {
  const context = {
    idempotencyKey: 'key-1',
    signal: new AbortController().signal,
    trace: { traceId: 'a'.repeat(32), spanId: 'b'.repeat(16) },
    log,
  } as ExternalContext;
  const procedure = connected.procedures.find((one) => one.name === name);
  return procedure!.execute(context, input);
}

const input = { shop: 'a/b', tag: ['x', 'y'], 'X-Lane': 'fast', items: [1], note: undefined };

test('each field goes to its place; key, trace and credentials go along', async () => {
  answer = json(201, { id: 'o-1', more: true });
  expect(await run(input)).toEqual({ id: 'o-1', more: true });
  expect(seen).toMatchObject([
    {
      method: 'POST',
      url: '/v1/shops/a%2Fb/orders?tag=x&tag=y',
      body: '{"items":[1]}',
      headers: {
        'idempotency-key': 'key-1',
        'x-api-key': 'the-key',
        'x-lane': 'fast',
        traceparent: `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`,
      },
    },
  ]);
});

test('a business no is the refusal that the document names', async () => {
  answer = json(409, { code: 'SOLD_OUT', detail: 'None left', status: 409, left: 0 });
  expect(await run(input)).toMatchObject({
    code: 'SOLD_OUT',
    detail: 'None left',
    data: { left: 0 },
  });
  answer = json(403, { code: 'NOT_YOURS', title: 'No' });
  expect(await run(input)).toMatchObject({ code: 'NOT_YOURS' });
  answer = json(422, { message: 'in words of their own' });
  const byStatus = await run(input);
  expect(isRefusal(byStatus) && byStatus.code).toBe('SHOP_422');
});

test.each([
  [
    'a refusal that the document does not name',
    json(404, { code: 'GONE' }),
    'SHOP_REQUEST_REFUSED',
  ],
  ['our own mistake', json(400, { code: 'INVALID_INPUT' }), 'SHOP_REQUEST_REFUSED'],
  ['a key without the right', json(403, { code: 'FORBIDDEN' }), 'SHOP_UNAUTHORIZED'],
  ['an answer that does not fit', json(201, { id: 7 }), 'SHOP_CONTRACT_BROKEN'],
  ['an answer that is no JSON', (one: ServerResponse) => one.end('<html>'), 'SHOP_CONTRACT_BROKEN'],
])('%s is for a person', async (_, given, code) => {
  answer = given;
  const failed = run(input);
  await expect(failed).rejects.toBeInstanceOf(TerminalFault);
  await expect(failed).rejects.toMatchObject({ code });
});

test('a service that is still at work is asked again, with the same key', async () => {
  answer = json(409, { code: 'IDEMPOTENCY_IN_FLIGHT' });
  await expect(run(input)).rejects.toMatchObject({ code: 'SHOP_IN_FLIGHT', outcomeUnknown: true });
  answer = (response, nth) => (nth === 2 ? response.destroy() : json(201, { id: 'o-2' })(response));
  expect(await run(input)).toEqual({ id: 'o-2' });
  expect(new Set(seen.map(({ headers }) => headers['idempotency-key']))).toEqual(
    new Set(['key-1']),
  );
  expect(seen).toHaveLength(3);
});

test('what may have been done and is not safe to repeat is sent once, and left to a person', async () => {
  answer = (response) => response.destroy();
  await expect(run(input, 'shop.order-once')).rejects.toMatchObject({
    name: 'TerminalFault',
    code: 'SHOP_OUTCOME_UNKNOWN',
  });
  expect(seen).toHaveLength(1);
  answer = json(503, {});
  await expect(run(input, 'shop.order-once')).rejects.toBeInstanceOf(RetryableFault);
});
