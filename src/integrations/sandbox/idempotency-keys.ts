/**
 * Idempotency keys of a sandbox. Guarantees that a key acts once: what was made under it is
 * remembered in the same commit, and a second request is told what was made, or that the key was
 * used for another one.
 */
import { createHash } from 'node:crypto';
import type { Change, Journal } from './journal.ts';

interface KeyRecord {
  readonly fingerprint: string;
  readonly kind: string;
  /** The id of what was made. */
  readonly id: string;
}

/** What a key was used for before. */
export type KeyUse =
  | { readonly use: 'new' }
  | { readonly use: 'repeated'; readonly id: string }
  | { readonly use: 'other-request' };

/** What was made under which key. */
export interface IdempotencyKeys {
  /** Compares this request with the one that the key was used for. */
  check(key: string, request: unknown): KeyUse;
  /** The change that remembers what was made under the key. */
  remember(key: string, request: unknown, made: { kind: string; id: string }): Change;
  find(key: string): { readonly kind: string; readonly id: string } | undefined;
}

/** The keys of one sandbox, kept in its journal. */
export function idempotencyKeys(journal: Journal): IdempotencyKeys {
  const keys = journal.collection<KeyRecord>('idempotency-keys');
  return {
    check(key, request) {
      const record = keys.get(key);
      if (!record) return { use: 'new' };
      return record.fingerprint === fingerprintOf(request)
        ? { use: 'repeated', id: record.id }
        : { use: 'other-request' };
    },
    remember: (key, request, made) =>
      keys.put(key, { ...made, fingerprint: fingerprintOf(request) }),
    find: (key) => keys.get(key),
  };
}

/** The refusal of a key that was used for another request. */
export const keyReused = {
  status: 409,
  body: {
    code: 'IDEMPOTENCY_KEY_REUSED',
    message:
      'expected the request that this idempotency key was first used for, found another; take a new key',
  },
} as const;

/** A digest, so that no card token is kept. Fields in another order are the same request. */
function fingerprintOf(request: unknown): string {
  const text = JSON.stringify(request, (_key, value: unknown) =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
      : value,
  );
  return createHash('sha256').update(text).digest('hex');
}
