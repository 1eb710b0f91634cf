/** Which billing systems a configuration names, and what it is refused for. */
import { describe, expect, test } from 'vitest';
import { readConfig } from './config.ts';
import { ConfigError } from './config-error.ts';
import { billingSystemNames } from './settings/outside-systems.ts';

const all = (value: (name: string) => string, names: readonly string[] = billingSystemNames) =>
  names.map((name) => `${name}=${value(name)}`).join(',');
const urls = all((name) => `https://${name}.example`);
const keys = all(() => 'a-key');
/** Real use, with addresses for all that has nothing to do with billing. */
const real = {
  NODE_ENV: 'production',
  ORDERLOOM_TOKEN_SECRETS: 'a-token-secret-of-32-characters-and-more',
  ORDERLOOM_ENCRYPTION_KEY: Buffer.alloc(32, 7).toString('base64'),
  ORDERLOOM_IDEMPOTENCY_SECRET: 'an idempotency secret, long enough for it',
  PAYMENT_WEBHOOK_SECRETS: 'a-payment-webhook-secret',
  DELIVERY_WEBHOOK_SECRETS: 'a-delivery-webhook-secret',
  ...{ PAYMENT_GATEWAY_URL: 'https://pay.example', PAYMENT_GATEWAY_KEY: 'a-key' },
  ...{ COURIER_URL: 'https://courier.example', COURIER_KEY: 'a-key' },
};

function problems(env: Readonly<Record<string, string>>): readonly string[] {
  try {
    readConfig(env);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return error.problems.map(({ variable, message }) => `${variable}: ${message}`);
  }
  return [];
}

describe('billing orders are taken', () => {
  test.each([
    ['in demo mode, from sandboxes', {}, true],
    ['in real use, when nothing is said of them: not', real, false],
    ['in real use, with sandboxes', { ...real, ORDERLOOM_SANDBOXES: 'on' }, true],
    [
      'in real use, with all nine addresses',
      {
        ...real,
        ...{ BILLING_SYSTEM_URLS: urls, BILLING_SYSTEM_KEYS: keys },
        BILLING_WEBHOOK_SECRETS: 'a-billing-webhook-secret',
      },
      true,
    ],
    ['not by a service without processes', { ORDERLOOM_SERVICE: 'warehouse' }, false],
  ])('%s', (_what, env, expected) => {
    expect(readConfig(env).billing).toBe(expected);
  });

  test('within the figures of the reference', () => {
    const { BILLER_TIMEOUT_MS, DOMAIN_TIMEOUT_MS } = readConfig({});
    expect([BILLER_TIMEOUT_MS, DOMAIN_TIMEOUT_MS]).toEqual([10_000, 5_000]);
  });
});

describe('what is missing is told by its name', () => {
  test('addresses, keys and the secret of the webhooks', () => {
    const some = billingSystemNames.slice(1);
    const found = problems({
      ...real,
      BILLING_SYSTEM_URLS: all((name) => `https://${name}.example`, some),
      BILLING_SYSTEM_KEYS: all(() => 'a-key', some.slice(1)),
    });
    expect(found).toEqual([
      expect.stringMatching(/^BILLING_SYSTEM_URLS: expected mbos-billing=…, found none/),
      expect.stringMatching(/^BILLING_SYSTEM_KEYS: expected xoms-biller=…, found none/),
      expect.stringMatching(/^BILLING_WEBHOOK_SECRETS: expected a value/),
    ]);
  });

  test('a system that there is none of', () => {
    const found = problems({ BILLING_SYSTEM_URLS: 'mbos=https://mbos.example' });
    expect(found).toEqual([
      expect.stringMatching(/^BILLING_SYSTEM_URLS: expected names among .*found "mbos"/),
    ]);
  });
});
