/** The SQL of idempotency keys. Times are the caller's, so that tests can move them. */
import { createHash } from 'node:crypto';
import type { Transaction } from '../../kernel/transaction.ts';

/** Whose key this is, and of which request. */
export interface RequestKey {
  /** Caller, method and route. */
  readonly scope: string;
  readonly key: string;
  readonly hash: Buffer;
}

/** An answer as it is kept. */
export interface StoredAnswer {
  readonly status: number;
  readonly body: string | null;
  readonly sealed: boolean;
}

/** What is known of a key. */
export interface KeyRow {
  readonly requestHash: Buffer;
  /** Null while the first attempt runs. */
  readonly answer: StoredAnswer | null;
}

interface Row {
  readonly request_hash: Buffer;
  readonly status: number | null;
  readonly body: string | null;
  readonly sealed: boolean;
}

/** How long an answer is kept for repeats. */
const keptMs = 24 * 60 * 60 * 1000;

const expiry = (now: Date) => new Date(now.getTime() + keptMs);

/**
 * Takes the key for this transaction, and reads what is known of it. `locked` is false while another
 * transaction works with the same key; it is free again when that one ends, however it ends.
 */
export async function lockKey(
  tx: Transaction,
  { scope, key }: RequestKey,
  now: Date,
): Promise<{ readonly locked: boolean; readonly row: KeyRow | null }> {
  const { rows } = await tx.query<Row & { locked: boolean }>(
    `select attempt.locked, known.request_hash, known.status, known.body, known.sealed
     from (select pg_try_advisory_xact_lock($3::bigint) as locked) attempt
     left join http.idempotency_key known
       on known.scope = $1 and known.key = $2 and known.expires_at > $4`,
    [scope, key, lockNumber(scope, key), now],
  );
  const row = rows[0]!;
  return { locked: row.locked, row: row.request_hash === null ? null : toKeyRow(row) };
}

/** Reads what is known of a key, without taking it. */
export async function readKey(
  tx: Transaction,
  { scope, key }: RequestKey,
  now: Date,
): Promise<KeyRow | null> {
  const { rows } = await tx.query<Row>(
    `select request_hash, status, body, sealed from http.idempotency_key
     where scope = $1 and key = $2 and expires_at > $3`,
    [scope, key, now],
  );
  return rows[0] ? toKeyRow(rows[0]) : null;
}

/**
 * Keeps the answer. False when somebody else was first: the statement that looked for the key saw the
 * world from just before that commit. The caller then rolls back and looks again.
 */
export async function keepAnswer(
  tx: Transaction,
  { scope, key, hash }: RequestKey,
  { status, body, sealed }: StoredAnswer,
  now: Date,
): Promise<boolean> {
  const { rowCount } = await tx.query(
    `insert into http.idempotency_key as known
       (scope, key, request_hash, state, status, body, sealed, created_at, expires_at)
     values ($1, $2, $3, 'done', $4, $5, $6, $7, $8)
     on conflict (scope, key) do update set
       request_hash = excluded.request_hash, state = 'done', status = excluded.status,
       body = excluded.body, sealed = excluded.sealed, outward_key = null, attempts = 1,
       lease_until = null, created_at = excluded.created_at, expires_at = excluded.expires_at
     where known.expires_at <= $7`,
    [scope, key, hash, status, body, sealed, now, expiry(now)],
  );
  return rowCount === 1;
}

/** A claim on a key whose procedure reaches outside. */
export interface Claim {
  /** What the outside sees: the same on every attempt of this request. */
  readonly outwardKey: string;
  /** More than one: an earlier attempt began and its outcome is not known. */
  readonly attempt: number;
}

/**
 * Claims a key until the lease ends. Null when it is not to be had: answered, or being worked on. A
 * claim whose lease has ended, or whose program has no session left because it died, is taken over,
 * with the same outward key, by the same request only.
 */
export async function claimKey(
  tx: Transaction,
  { scope, key, hash }: RequestKey,
  options: { readonly outwardKey: string; readonly now: Date; readonly leaseUntil: Date },
): Promise<Claim | null> {
  const { outwardKey, now, leaseUntil } = options;
  const { rows } = await tx.query<{ outward_key: string; attempts: number }>(
    `insert into http.idempotency_key as known
       (scope, key, request_hash, state, outward_key, lease_until, created_at, expires_at, owner)
     values ($1, $2, $3, 'running', $4, $5, $6, $7, current_setting('application_name'))
     on conflict (scope, key) do update set
       request_hash = excluded.request_hash, state = 'running', status = null, body = null,
       sealed = false, lease_until = excluded.lease_until, expires_at = excluded.expires_at,
       owner = excluded.owner,
       outward_key = case when known.expires_at <= $6 then excluded.outward_key
                          else known.outward_key end,
       attempts = case when known.expires_at <= $6 then 1 else known.attempts + 1 end
     where known.expires_at <= $6
        or (known.state = 'running' and known.request_hash = $3
            and (known.lease_until <= $6 or not exists (
                  select 1 from pg_stat_activity as session
                   where session.application_name = known.owner)))
     returning outward_key, attempts`,
    [scope, key, hash, outwardKey, leaseUntil, now, expiry(now)],
  );
  const [row] = rows;
  return row ? { outwardKey: row.outward_key, attempt: row.attempts } : null;
}

/** Keeps the answer of a claim that is still ours; a claim that was taken over is left alone. */
export async function settleClaim(
  tx: Transaction,
  { scope, key }: RequestKey,
  claim: Claim,
  { status, body, sealed }: StoredAnswer,
): Promise<void> {
  await tx.query(
    `update http.idempotency_key
     set state = 'done', status = $5, body = $6, sealed = $7, lease_until = null
     where scope = $1 and key = $2 and outward_key = $3 and attempts = $4 and state = 'running'`,
    [scope, key, claim.outwardKey, claim.attempt, status, body, sealed],
  );
}

/** Gives a claim back, so that a repeat may begin at once. */
export async function releaseClaim(
  tx: Transaction,
  { scope, key }: RequestKey,
  claim: Claim,
  options: { readonly now: Date; readonly outcomeUnknown: boolean },
): Promise<void> {
  await tx.query(
    `update http.idempotency_key set lease_until = $5, attempts = $6
     where scope = $1 and key = $2 and outward_key = $3 and attempts = $4 and state = 'running'`,
    [
      scope,
      key,
      claim.outwardKey,
      claim.attempt,
      options.now,
      options.outcomeUnknown ? claim.attempt : 0,
    ],
  );
}

/** Forgets a claim of a request that was never executed. */
export async function forgetClaim(
  tx: Transaction,
  { scope, key }: RequestKey,
  claim: Claim,
): Promise<void> {
  await tx.query(
    `delete from http.idempotency_key
     where scope = $1 and key = $2 and outward_key = $3 and state = 'running'`,
    [scope, key, claim.outwardKey],
  );
}

function toKeyRow({ request_hash, status, body, sealed }: Row): KeyRow {
  return { requestHash: request_hash, answer: status === null ? null : { status, body, sealed } };
}

function lockNumber(scope: string, key: string): string {
  const digest = createHash('sha256').update(`idempotency\n${scope}\n${key}`).digest();
  return digest.readBigInt64BE(0).toString();
}
