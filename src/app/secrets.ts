/**
 * Secrets of the demo: made at the first start, kept beside the embedded data so that tokens and
 * encrypted details survive a restart. Real use brings its own by configuration.
 */
import { randomBytes } from 'node:crypto';
import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { Config } from './config.ts';

/** The secrets that the program works with. */
export interface Secrets {
  readonly tokens: readonly string[];
  readonly encryptionKey: Uint8Array;
  readonly idempotency: string;
  /** Of webhook senders, by webhook name. */
  readonly webhooks: Readonly<Record<'payment' | 'delivery' | 'billing', readonly string[]>>;
}

const storedSchema = z.object({
  token: z.string(),
  encryptionKey: z.string(),
  idempotency: z.string(),
  paymentWebhook: z.string(),
  deliveryWebhook: z.string(),
  billingWebhook: z.string(),
});
type Stored = z.infer<typeof storedSchema>;

/** The configured secrets; in demo mode those of the data folder stand in for missing ones. */
export async function readSecrets(config: Config, dataFolder: string | null): Promise<Secrets> {
  const own = config.demo && dataFolder !== null ? await demoSecrets(dataFolder) : null;
  // A service needs only what its modules use; what it needs was checked with the configuration.
  const isWhole = config.ORDERLOOM_SERVICE === undefined;
  const given = <T>(value: T | undefined, demo: T | undefined, unused?: T): T => {
    const chosen = value ?? demo ?? (isWhole ? undefined : unused);
    if (chosen === undefined)
      throw new Error('a secret is missing although the configuration is checked');
    return chosen;
  };
  return {
    tokens: given(config.ORDERLOOM_TOKEN_SECRETS, own ? [own.token] : undefined),
    encryptionKey: given(
      config.ORDERLOOM_ENCRYPTION_KEY,
      own ? new Uint8Array(Buffer.from(own.encryptionKey, 'base64')) : undefined,
    ),
    idempotency: given(config.ORDERLOOM_IDEMPOTENCY_SECRET, own?.idempotency),
    webhooks: {
      payment: given(config.PAYMENT_WEBHOOK_SECRETS, own ? [own.paymentWebhook] : undefined, []),
      delivery: given(config.DELIVERY_WEBHOOK_SECRETS, own ? [own.deliveryWebhook] : undefined, []),
      // Without a secret of their own only sandboxes send them, and those are told this one.
      billing: config.BILLING_WEBHOOK_SECRETS ?? [own?.billingWebhook ?? random()],
    },
  };
}

const random = () => randomBytes(32).toString('base64');

async function demoSecrets(folder: string): Promise<Stored> {
  const file = join(folder, 'demo-secrets.json');
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null;
    throw error;
  });
  // What an earlier program did not know of is made now.
  const known = text === null ? {} : storedSchema.partial().parse(JSON.parse(text));
  const made = storedSchema.parse({
    token: random(),
    encryptionKey: random(),
    idempotency: random(),
    paymentWebhook: random(),
    deliveryWebhook: random(),
    billingWebhook: random(),
    ...known,
  });
  if (Object.keys(known).length === Object.keys(made).length) return made;
  // Renamed into place, so that a program killed here leaves no half-written file.
  await writeFile(`${file}.new`, JSON.stringify(made, null, 2), { mode: 0o600 });
  await rename(`${file}.new`, file);
  return made;
}
