/**
 * Checks made from OpenAPI documents: every part of a message, and references to other documents.
 */
import { expect, test } from 'vitest';
import { loadContract } from './document.ts';

const gateway = loadContract(new URL('../payment-gateway/openapi.yaml', import.meta.url));
const operation = (id: string) => {
  const found = gateway.operations.find(({ operationId }) => operationId === id);
  if (!found) throw new Error(`no operation ${id}`);
  return found;
};
const good = {
  path: { sessionId: 's' },
  query: {},
  header: {},
  body: { cardToken: 'tok_visa' },
};

test('a message that fits has no issues', () => {
  expect(operation('paySession').checkRequest(good)).toEqual([]);
});

test.each([
  ['a missing path parameter', { path: {} }, 'path/sessionId', 'a value', 'nothing'],
  ['an unknown query parameter', { query: { x: '1' } }, 'query/x', 'no such field', 'a field'],
  ['no body', { body: undefined }, 'body', 'a JSON body', 'nothing'],
  ['a body of another type', { body: [] }, 'body', 'object', 'a list'],
  ['a missing field', { body: {} }, 'body/cardToken', 'a value', 'nothing'],
])('%s is told with what was expected and found', (_name, change, pointer, expected, found) => {
  expect(operation('paySession').checkRequest({ ...good, ...change })).toEqual([
    { pointer, expected, found },
  ]);
});

test('secrets are not shown', () => {
  const request = { ...good, body: { cardToken: '4242424242424242' } };
  const [issue] = operation('paySession').checkRequest(request);
  expect(issue).toMatchObject({ pointer: 'body/cardToken', found: '[redacted]' });
});

test('a missing header, a list of what is allowed', () => {
  const request = {
    ...{ path: {}, query: {}, header: {} },
    body: {
      ...{ orderId: 'o', reference: 'r', customerId: 'c', amount: 1, currency: 'USD' },
      ...{ paymentMethod: 'cash', cardToken: 'tok_visa' },
    },
  };
  const issues = operation('createCharge').checkRequest(request);
  expect(issues).toEqual([
    { pointer: 'header/idempotency-key', expected: 'a value', found: 'nothing' },
    {
      pointer: 'body/paymentMethod',
      expected: 'one of credit_card, debit_card, paypal, bank_transfer, apple_pay, google_pay',
      found: 'cash',
    },
  ]);
});

test('which operations need the API key is in the document', () => {
  expect(operation('paySession').secured).toBe(false);
  expect(operation('createCharge').secured).toBe(true);
});

test('answers are checked too, their status included', () => {
  const { checkResponse } = operation('getSession');
  expect(checkResponse(418, {})[0]).toMatchObject({ pointer: 'status', found: '418' });
  expect(checkResponse(404, { code: 'A', message: 'b' })).toEqual([]);
  expect(checkResponse(404, { code: 1 }).map(({ pointer }) => pointer)).toContain('body/message');
});

test('a reference to another document is followed', () => {
  const url = new URL('../payment-gateway/sandbox/openapi.yaml', import.meta.url);
  const inspect = loadContract(url).operations.find((one) => one.operationId === 'inspectCharges');
  expect(inspect?.checkResponse(200, { charges: [], refunds: [] })).toEqual([]);
  expect(inspect?.checkResponse(200, { charges: [{}], refunds: [] })).not.toEqual([]);
});

test('a webhook that the document does not name is a bug', () => {
  expect(() => gateway.checkWebhook('other', {})).toThrow('no webhook "other"');
  expect(gateway.checkWebhook('paymentResult', {})).not.toEqual([]);
});

test.each([
  '../payment-gateway/openapi.yaml',
  '../payment-gateway/sandbox/openapi.yaml',
  '../courier/openapi.yaml',
  '../courier/sandbox/openapi.yaml',
  '../mail/sandbox/openapi.yaml',
  '../sandbox/openapi.yaml',
])('every schema of %s can be compiled', (path) => {
  for (const { checkRequest, checkResponse } of loadContract(new URL(path, import.meta.url))
    .operations) {
    checkRequest({ path: {}, query: {}, header: {}, body: {} });
    for (let status = 200; status < 600; status += 1) checkResponse(status, {});
  }
});
