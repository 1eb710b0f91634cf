/** What goes wrong below the dialect is told in its words, with when to come again. */
import { expect, test } from 'vitest';
import { RetryableFault, TerminalFault } from '../kernel/errors.ts';
import { knownError } from './rest-error.ts';

test('what may be done later says when, in the header and in words', () => {
  const busy = new RetryableFault('PROCEDURE_BUSY', 'busy', { retryAfterMs: 2_500 });
  expect(knownError(busy)).toMatchObject({
    status: 503,
    type: 'RestException',
    message: 'PROCEDURE_BUSY: it may be done a little later; try again in 3 s',
    headers: { 'retry-after': '3' },
  });
  const unsaid = new RetryableFault('DATABASE_UNAVAILABLE', 'away');
  expect(knownError(unsaid)?.headers).toEqual({ 'retry-after': '1' });
});

test('what will never be done says so, and what nobody expected says nothing', () => {
  expect(knownError(new TerminalFault('GATEWAY_REFUSED', 'no'))).toMatchObject({
    status: 502,
    headers: {},
  });
  expect(knownError(new Error('a secret'))).toBeNull();
});
