/**
 * The configuration of real use for tests: a PostgreSQL server, secrets of our own, tokens and signed
 * webhooks. None of the secrets here guards anything.
 */
import { type Clock, systemClock } from '../../src/kernel/clock.ts';
import { signWebhook, webhookSignatureHeader } from '../../src/kernel/webhook-signature.ts';
import { createTokenService, type demoUsers } from '../../src/modules/users/index.ts';

/** Secrets of the tests. */
export const testSecrets = {
  token: 'a-token-secret-of-tests-of-32-characters-and-more',
  encryptionKey: Buffer.alloc(32, 7).toString('base64'),
  idempotency: 'an idempotency secret of tests, long enough',
  paymentWebhook: 'payment-webhook-secret-of-tests',
  deliveryWebhook: 'delivery-webhook-secret-of-tests',
  billingWebhook: 'billing-webhook-secret-of-tests',
} as const;

/** Environment of a program in real use, except for the addresses of outside systems. */
export function realUseEnvironment(databaseUrl: string): Record<string, string> {
  return {
    DATABASE_URL: databaseUrl,
    ORDERLOOM_TOKEN_SECRETS: testSecrets.token,
    ORDERLOOM_ENCRYPTION_KEY: testSecrets.encryptionKey,
    ORDERLOOM_IDEMPOTENCY_SECRET: testSecrets.idempotency,
    PAYMENT_WEBHOOK_SECRETS: testSecrets.paymentWebhook,
    DELIVERY_WEBHOOK_SECRETS: testSecrets.deliveryWebhook,
    BILLING_WEBHOOK_SECRETS: testSecrets.billingWebhook,
    RATE_LIMIT: '0',
  };
}

/** Headers of a webhook with this body, signed now by the sender. */
export function signedHeaders(
  sender: 'payment' | 'delivery',
  rawBody: string,
): Record<string, string> {
  const secret = sender === 'payment' ? testSecrets.paymentWebhook : testSecrets.deliveryWebhook;
  return {
    'content-type': 'application/json',
    [webhookSignatureHeader]: signWebhook(secret, rawBody, new Date()),
  };
}

/** A token of this user, as the program itself would issue it at the moment of this clock. */
export async function tokenOf(
  user: (typeof demoUsers)[keyof typeof demoUsers],
  clock: Clock = systemClock,
): Promise<string> {
  const tokens = createTokenService({
    secrets: [{ id: 'k1', algorithm: 'HS256', secret: testSecrets.token }],
    issuer: 'orderloom',
    clock,
  });
  return (await tokens.issue(user)).token;
}
