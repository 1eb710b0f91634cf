/**
 * Signatures of webhooks, in the manner of Stripe: `t=<unix seconds>,v1=<hex>`, where the hex is the
 * HMAC-SHA256 of `<t>.<raw body>`. Several `v1` may stand in one header while a sender rotates its
 * secret, and a receiver may know several secrets while it does so. Signing covers the raw bytes, so
 * nothing is parsed before it is trusted.
 */
import { createHmac, timingSafeEqual } from 'node:crypto';

/** Name of the header that carries the signature. */
export const webhookSignatureHeader = 'Orderloom-Signature';

/** A signature older or newer than this is refused, which bounds how long a copy can be replayed. */
export const webhookToleranceSeconds = 300;

/** More `v1` parts than any rotation has; the rest is not looked at. */
const mostSignatures = 10;

/** What a check of a signature found. */
export type WebhookSignatureCheck = 'valid' | 'missing' | 'malformed' | 'mismatch' | 'expired';

function hmac(secret: string, seconds: number, rawBody: Uint8Array): Buffer {
  return createHmac('sha256', secret).update(`${seconds}.`).update(rawBody).digest();
}

function bytesOf(rawBody: Uint8Array | string): Uint8Array {
  return typeof rawBody === 'string' ? Buffer.from(rawBody, 'utf8') : rawBody;
}

/** The header value for this body at this moment; one `v1` for each secret given. */
export function signWebhook(
  secret: string | readonly string[],
  rawBody: Uint8Array | string,
  at: Date,
): string {
  const seconds = Math.floor(at.getTime() / 1000);
  const secrets = typeof secret === 'string' ? [secret] : secret;
  const body = bytesOf(rawBody);
  return [
    `t=${seconds}`,
    ...secrets.map((one) => `v1=${hmac(one, seconds, body).toString('hex')}`),
  ].join(',');
}

/**
 * Checks a signature header. The time is judged only after a secret has matched, so that a stranger
 * learns nothing about the clock; comparisons take the same time whatever they find.
 */
export function checkWebhookSignature(options: {
  readonly secrets: readonly string[];
  readonly header: string | undefined;
  readonly rawBody: Uint8Array | string;
  readonly now: Date;
  /** @defaultValue 300 */
  readonly toleranceSeconds?: number;
}): WebhookSignatureCheck {
  if (options.header === undefined || options.header.trim() === '') return 'missing';
  const parsed = parseHeader(options.header);
  if (!parsed) return 'malformed';
  const body = bytesOf(options.rawBody);
  let matched = false;
  for (const secret of options.secrets) {
    const expected = hmac(secret, parsed.seconds, body);
    for (const signature of parsed.signatures) {
      if (timingSafeEqual(expected, signature)) matched = true;
    }
  }
  if (!matched) return 'mismatch';
  const ageSeconds = Math.abs(options.now.getTime() / 1000 - parsed.seconds);
  return ageSeconds > (options.toleranceSeconds ?? webhookToleranceSeconds) ? 'expired' : 'valid';
}

function parseHeader(header: string): { seconds: number; signatures: readonly Buffer[] } | null {
  let seconds: number | undefined;
  const signatures: Buffer[] = [];
  for (const part of header.split(',')) {
    const [name, value = ''] = part.trim().split('=', 2);
    if (name === 't' && /^\d{1,12}$/.test(value)) seconds ??= Number(value);
    if (name === 'v1' && /^[0-9a-f]{64}$/i.test(value) && signatures.length < mostSignatures) {
      signatures.push(Buffer.from(value, 'hex'));
    }
  }
  return seconds === undefined || signatures.length === 0 ? null : { seconds, signatures };
}
