/** A sandbox cannot start without a handler for each operation, nor with one for none. */
import { expect, test } from 'vitest';
import { systemClock } from '../../kernel/clock.ts';
import { loadContract } from '../openapi/document.ts';
import { contractServer } from './contract-server.ts';
import { faultPlan } from './faults.ts';
import { recordingLog } from './test-support.ts';

const contract = loadContract(new URL('openapi.yaml', import.meta.url));
const names = contract.operations.map(({ operationId }) => operationId);
const make = (operationIds: readonly string[], answer: unknown = { status: 204 }) =>
  contractServer({
    control: [contract],
    handlers: Object.fromEntries(operationIds.map((name) => [name, () => answer])),
    apiKey: 'key',
    faults: faultPlan(),
    clock: systemClock,
    log: recordingLog(),
  });

test('an operation without a handler fails at start', () => {
  expect(() => make(names.slice(1))).toThrow(`operation ${names[0]} has no handler`);
});

test('a handler without an operation fails at start', () => {
  expect(() => make([...names, 'doNothing'])).toThrow('handlers without an operation: doNothing');
});

test('an answer that does not fit the document is seen as a bug', async () => {
  const server = make(names, { status: 200, body: { items: 'none' } });
  const answer = await server.inject({ method: 'GET', url: '/sandbox/callbacks' });
  expect(answer.statusCode).toBe(500);
  expect(answer.json()).toMatchObject({ code: 'SANDBOX_BROKEN' });
  await server.close();
});

test('what is no operation is answered 404', async () => {
  const server = make(names);
  const answer = await server.inject({ method: 'GET', url: '/nothing' });
  expect(answer.statusCode).toBe(404);
  expect(answer.json()).toMatchObject({ code: 'NO_SUCH_OPERATION' });
  await server.close();
});
