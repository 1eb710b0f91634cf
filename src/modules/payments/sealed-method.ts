/**
 * Details of a payment method at rest: AES-256-GCM with a random nonce, bound to the payment, so that
 * a sealed text copied to another payment's row does not open. Layout: one byte of version, 12 bytes
 * nonce, 16 bytes tag, ciphertext.
 */
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { assert } from '../../kernel/errors.ts';
import type { MethodDetails } from './provider.ts';

const algorithm = 'aes-256-gcm';
const version = 1;
const nonceBytes = 12;
const tagBytes = 16;

/** Encrypts the details for one payment. */
export function sealMethod(
  key: Uint8Array,
  paymentId: string,
  { brand, last4, holder }: MethodDetails,
): Buffer {
  const nonce = randomBytes(nonceBytes);
  const cipher = createCipheriv(algorithm, key, nonce, { authTagLength: tagBytes });
  cipher.setAAD(Buffer.from(paymentId));
  const text = JSON.stringify({ brand, last4, holder });
  const sealed = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
  return Buffer.concat([Buffer.of(version), nonce, cipher.getAuthTag(), sealed]);
}

/** Decrypts the details of one payment; another key, payment or a changed byte throws. */
export function openMethod(key: Uint8Array, paymentId: string, sealed: Buffer): MethodDetails {
  assert(
    sealed[0] === version,
    `expected sealed details of version ${version}, found ${sealed[0]}`,
  );
  const nonceEnd = 1 + nonceBytes;
  const tagEnd = nonceEnd + tagBytes;
  const decipher = createDecipheriv(algorithm, key, sealed.subarray(1, nonceEnd), {
    authTagLength: tagBytes,
  });
  decipher.setAAD(Buffer.from(paymentId));
  decipher.setAuthTag(sealed.subarray(nonceEnd, tagEnd));
  const text = Buffer.concat([decipher.update(sealed.subarray(tagEnd)), decipher.final()]);
  return JSON.parse(text.toString('utf8')) as MethodDetails;
}
