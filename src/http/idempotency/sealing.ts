/**
 * Keeps secrets out of the idempotency table. Requests are kept only as keyed digests, so that nobody
 * who reads the table can try passwords against it; answers that hold a secret (a token) are sealed.
 */
import { createCipheriv, createDecipheriv, createHmac, hkdfSync, randomBytes } from 'node:crypto';
import { isSecretName } from '../../kernel/secrets.ts';
import { canonicalJson } from '../canonical-json.ts';

/** Digests requests and seals answers under the server's secret. */
export interface Sealing {
  /** The same for equal inputs, and of no use without the server's secret. */
  digest(input: unknown): Buffer;
  /** The text as it is kept: sealed when one of its fields is a secret. */
  seal(body: string): { readonly body: string; readonly sealed: boolean };
  open(body: string, sealed: boolean): string;
}

const nonceBytes = 12;
const tagBytes = 16;

/** Makes the digests and seals of one secret. */
export function createSealing(secret: string): Sealing {
  const digestKey = derive(secret, 'orderloom idempotency digest');
  const sealKey = derive(secret, 'orderloom idempotency seal');
  return {
    digest: (input) => createHmac('sha256', digestKey).update(canonicalJson(input)).digest(),
    seal: (body) =>
      holdsSecret(body) ? { body: encrypt(sealKey, body), sealed: true } : { body, sealed: false },
    open: (body, sealed) => (sealed ? decrypt(sealKey, body) : body),
  };
}

function derive(secret: string, purpose: string): Buffer {
  return Buffer.from(hkdfSync('sha256', secret, '', purpose, 32));
}

/** Looks at the names in the text; a text that merely resembles one is sealed as well, which is fine. */
function holdsSecret(json: string): boolean {
  for (const [, name = ''] of json.matchAll(/"([\w-]{1,60})":/g)) {
    if (isSecretName(name)) return true;
  }
  return false;
}

function encrypt(key: Buffer, text: string): string {
  const nonce = randomBytes(nonceBytes);
  const cipher = createCipheriv('aes-256-gcm', key, nonce);
  const sealed = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
  return Buffer.concat([nonce, cipher.getAuthTag(), sealed]).toString('base64');
}

function decrypt(key: Buffer, text: string): string {
  const bytes = Buffer.from(text, 'base64');
  const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, nonceBytes));
  decipher.setAuthTag(bytes.subarray(nonceBytes, nonceBytes + tagBytes));
  const sealed = bytes.subarray(nonceBytes + tagBytes);
  return Buffer.concat([decipher.update(sealed), decipher.final()]).toString('utf8');
}
