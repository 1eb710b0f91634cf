/**
 * Password hashes: argon2id with the parameters that OWASP recommends (19 MiB, two passes, one lane).
 * Hashing takes about 25 ms of one core, on a worker thread.
 */
import { randomBytes } from 'node:crypto';
import { hash, type Options, verify } from '@node-rs/argon2';

/** `algorithm` is left out: argon2id is the library's default, and its const enum cannot be erased. */
const parameters: Options = { memoryCost: 19_456, timeCost: 2, parallelism: 1 };

/** A salted argon2id hash in PHC text form. */
export function hashPassword(password: string): Promise<string> {
  return hash(password, parameters);
}

let hashOfNobody: Promise<string> | undefined;

/**
 * True when the password belongs to the hash. Without a hash (an unknown user) the same work is done
 * on a hash that no password fits, so that the time of the answer tells nothing.
 */
export async function verifyPassword(
  passwordHash: string | undefined,
  password: string,
): Promise<boolean> {
  hashOfNobody ??= hashPassword(randomBytes(32).toString('base64'));
  const matches = await verify(passwordHash ?? (await hashOfNobody), password);
  return matches && passwordHash !== undefined;
}
