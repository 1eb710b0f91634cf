/** Secret names are recognised in every spelling, and ordinary names are not. */
import { expect, test } from 'vitest';
import { isSecretName } from './secrets.ts';

test.each([
  'password',
  'newPassword',
  'PASSWORD_HASH',
  'token',
  'accessToken',
  'access_token',
  'cardToken',
  'cardNumber',
  'card-number',
  'cvc',
  'CVV',
  'Authorization',
  'X-API-Key',
  'clientSecret',
  'set-cookie',
])('%s holds a secret', (name) => {
  expect(isSecretName(name)).toBe(true);
});

test.each(['tokens', 'tokenType', 'orderId', 'cardLast4', 'spinner', 'status', 'idempotencyKey'])(
  '%s holds none',
  (name) => {
    expect(isSecretName(name)).toBe(false);
  },
);
