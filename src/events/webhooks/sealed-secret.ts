/**
 * Secrets of subscriptions at rest: AES-256-GCM under a key of their own, derived from the program's
 * encryption key, and bound to the subscription, so that a sealed text copied to another row does not
 * open. Layout: one byte of version, 12 bytes nonce, 16 bytes tag, ciphertext; in base64.
 */
import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';
import { assert } from '../../kernel/errors.ts';

const algorithm = 'aes-256-gcm';
const version = 1;
const nonceBytes = 12;
const tagBytes = 16;

/** A new secret: 256 random bits, with a prefix by which it is recognised where it leaks. */
export function newWebhookSecret(): string {
  return `whsec_${randomBytes(32).toString('base64url')}`;
}

/** Encrypts the secret of one subscription. */
export function sealSecret(key: Uint8Array, subscriptionId: string, secret: string): string {
  const nonce = randomBytes(nonceBytes);
  const cipher = createCipheriv(algorithm, ownKey(key), nonce, { authTagLength: tagBytes });
  cipher.setAAD(Buffer.from(subscriptionId));
  const sealed = Buffer.concat([cipher.update(secret, 'utf8'), cipher.final()]);
  return Buffer.concat([Buffer.of(version), nonce, cipher.getAuthTag(), sealed]).toString('base64');
}

/** Decrypts a secret of one subscription; another key, subscription or a changed byte throws. */
export function openSecret(key: Uint8Array, subscriptionId: string, text: string): string {
  const sealed = Buffer.from(text, 'base64');
  assert(sealed[0] === version, `expected a sealed secret of version ${version}, found another`);
  const nonceEnd = 1 + nonceBytes;
  const tagEnd = nonceEnd + tagBytes;
  const decipher = createDecipheriv(algorithm, ownKey(key), sealed.subarray(1, nonceEnd), {
    authTagLength: tagBytes,
  });
  decipher.setAAD(Buffer.from(subscriptionId));
  decipher.setAuthTag(sealed.subarray(nonceEnd, tagEnd));
  return Buffer.concat([decipher.update(sealed.subarray(tagEnd)), decipher.final()]).toString();
}

function ownKey(key: Uint8Array): Buffer {
  return Buffer.from(hkdfSync('sha256', key, '', 'orderloom webhook secrets', 32));
}
