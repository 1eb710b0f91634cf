/**
 * Which fields hold secrets, by their name. Logs, field issues and stored answers ask here, so that a
 * new name is added in one place. It guarantees nothing about secrets inside free text.
 */

/** Shown in the place of a secret. */
export const redacted = '[redacted]';

const exactNames = new Set([
  'authorization',
  'cookie',
  'setcookie',
  'pin',
  'pan',
  'cvc',
  'cvv',
  'jwt',
  'xapikey',
  'connectionstring',
  'databaseurl',
]);

const parts =
  /password|passwd|passphrase|secret|apikey|privatekey|credential|cardnumber|cardcvc|cardcvv|securitycode/;

/** `cardToken`, `access_token`, but not `tokenType`, `tokenCount` or the tokens of a process. */
const tokenAtEnd = /token$/;

const known = new Map<string, boolean>();
const mostKnown = 5_000;

/** True when a field of this name holds a secret or card data, in any spelling of the name. */
export function isSecretName(name: string): boolean {
  const cached = known.get(name);
  if (cached !== undefined) return cached;
  const plain = name.toLowerCase().replace(/[^a-z0-9]/g, '');
  const secret = exactNames.has(plain) || parts.test(plain) || tokenAtEnd.test(plain);
  if (known.size < mostKnown) known.set(name, secret);
  return secret;
}
