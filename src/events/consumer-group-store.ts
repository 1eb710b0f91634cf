/**
 * The rows of consumer groups and their dead letters. Every write of an owner names its node and the
 * epoch under which it holds the group, and tells whether it was still so: false means that the group
 * belongs to somebody else by now, or was moved, and nothing was written.
 */
import type { Database } from '../postgres/index.ts';
import { livingNodes, nodeKey } from './log-wire.ts';
import {
  type LoggedEvent,
  type LoggedEventRow,
  loggedEventColumns,
  toLoggedEvent,
} from './logged-event.ts';

/** Runs a statement: a database, or a transaction. */
export type Statements = Pick<Database, 'query'>;

/** A claim on a group: its writes carry it. */
export interface Claim {
  readonly group: string;
  readonly node: string;
  readonly epoch: string;
}

/** A group as the tending of claims sees it. */
export interface HeldGroup {
  readonly name: string;
  readonly epoch: string;
  readonly paused: boolean;
  /** True when somebody asked for dead letters to be tried again. */
  readonly replaying: boolean;
}

/** What an owner needs to know when it begins. */
export interface GroupState {
  readonly position: string;
  readonly attempts: number;
  readonly hasLetters: boolean;
}

/** Makes the group's row where there is none, reading from `position` on. */
export async function ensureGroup(on: Statements, name: string, position: string): Promise<void> {
  await on.query(
    `insert into events.consumer_group (name, position) values ($1, $2) on conflict do nothing`,
    [name, position],
  );
}

/**
 * Renews the claims of a node on these groups, and takes those that are free: without an owner, with a
 * claim that ran out, or owned by a node whose session PostgreSQL has seen end. A row that is locked
 * is left for the next time, so that a node which was stopped in the middle of a commit holds nobody
 * up.
 */
export async function tendClaims(
  on: Statements,
  node: string,
  names: readonly string[],
  leaseMs: number,
): Promise<readonly HeldGroup[]> {
  const { rows } = await on.query<HeldGroup>(
    `with living as (${livingNodes}),
     wanted as (
       select name from events.consumer_group
        where name = any($2)
          and (owner = $1 or owner is null or lease_until < clock_timestamp()
               or ${nodeKey('owner')} not in (select key from living))
        order by name for update skip locked)
     update events.consumer_group g
        set owner = $1,
            epoch = case when g.owner = $1 then g.epoch else g.epoch + 1 end,
            lease_until = clock_timestamp() + $3 * interval '1 millisecond'
       from wanted where g.name = wanted.name
     returning g.name, g.epoch, g.paused_at is not null as paused,
       exists (select 1 from events.dead_letter d
                where d.consumer_group = g.name and d.replay_at is not null) as replaying`,
    [node, names, leaseMs],
  );
  return rows;
}

/** Gives groups back, so that another node need not wait. */
export async function releaseClaims(
  on: Statements,
  node: string,
  names: readonly string[],
): Promise<void> {
  await on.query(
    `update events.consumer_group set owner = null, lease_until = null
      where owner = $1 and name = any($2)`,
    [node, names],
  );
}

/** Where the group stands; undefined when the claim no longer holds. */
export async function readGroupState(
  on: Statements,
  claim: Claim,
): Promise<GroupState | undefined> {
  const { rows } = await on.query<GroupState>(
    `select position, attempts,
            exists (select 1 from events.dead_letter d where d.consumer_group = g.name) as "hasLetters"
       from events.consumer_group g where name = $1 and owner = $2 and epoch = $3`,
    [claim.group, claim.node, claim.epoch],
  );
  return rows[0];
}

/** Whether the group is paused at this moment; undefined when the claim no longer holds. */
export async function isPaused(on: Statements, claim: Claim): Promise<boolean | undefined> {
  const { rows } = await on.query<{ paused: boolean }>(
    `select paused_at is not null as paused
       from events.consumer_group where name = $1 and owner = $2 and epoch = $3`,
    [claim.group, claim.node, claim.epoch],
  );
  return rows[0]?.paused;
}

/** How events came to be done with: by the consumer, as dead letters, or as no business of the group. */
export type Outcome = 'handled' | 'parked' | 'passed over';

/** Moves the cursor: everything up to `position` is done with. */
export async function moveCursor(
  on: Statements,
  claim: Claim,
  position: string,
  outcome: Outcome,
): Promise<boolean> {
  const { rowCount } = await on.query(
    `update events.consumer_group
        set position = $4, attempts = 0,
            last_error = case when $5 = 'passed over' then last_error end,
            last_error_at = case when $5 = 'passed over' then last_error_at end,
            handled_at = case when $5 = 'handled' then clock_timestamp() else handled_at end
      where name = $1 and owner = $2 and epoch = $3`,
    [claim.group, claim.node, claim.epoch, position, outcome],
  );
  return rowCount === 1;
}

/** Notes a failure of what comes after the cursor. `attempts` counts towards parking. */
export async function recordFailure(
  on: Statements,
  claim: Claim,
  attempts: number,
  error: string,
): Promise<boolean> {
  const { rowCount } = await on.query(
    `update events.consumer_group
        set attempts = $4, last_error = $5, last_error_at = clock_timestamp()
      where name = $1 and owner = $2 and epoch = $3`,
    [claim.group, claim.node, claim.epoch, attempts, error],
  );
  return rowCount === 1;
}

/** Which of these keys have dead letters in the group, and the first letter of each. */
export async function blockedKeys(
  on: Statements,
  group: string,
  keys: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const { rows } = await on.query<{ key: string; first: string }>(
    `select key, min(position) as first from events.dead_letter
      where consumer_group = $1 and key = any($2) group by key`,
    [group, keys],
  );
  return new Map(rows.map(({ key, first }) => [key, first]));
}

/** An event to be parked, and why. */
export interface ParkedEvent {
  readonly event: LoggedEvent;
  readonly attempts: number;
  readonly error: string;
  /** Position of the letter that it waits behind; null when it failed itself. */
  readonly behind: string | null;
}

/** Parks events as dead letters; those that are parked already stay as they are. */
export async function parkEvents(
  on: Statements,
  group: string,
  parked: readonly ParkedEvent[],
  at: Date,
): Promise<void> {
  await on.query(
    `insert into events.dead_letter
       (consumer_group, position, event_id, event_name, key, attempts, error, behind, parked_at)
     select $1, position, event_id, event_name, key, attempts, error, behind, $2
       from unnest($3::bigint[], $4::uuid[], $5::text[], $6::text[], $7::int[], $8::text[], $9::bigint[])
         as list (position, event_id, event_name, key, attempts, error, behind)
     on conflict do nothing`,
    [
      group,
      at,
      parked.map(({ event }) => event.position),
      parked.map(({ event }) => event.id),
      parked.map(({ event }) => event.name),
      parked.map(({ event }) => event.key),
      parked.map(({ attempts }) => attempts),
      parked.map(({ error }) => error),
      parked.map(({ behind }) => behind),
    ],
  );
}

/** A letter that somebody wants tried again, with its event. */
export interface DueLetter {
  readonly event: LoggedEvent;
  readonly attempts: number;
}

/** The first letter of each key that is to be tried again, oldest first. */
export async function dueLetters(
  on: Statements,
  group: string,
  limit: number,
): Promise<readonly DueLetter[]> {
  const { rows } = await on.query<LoggedEventRow & { attempts: number }>(
    `select ${loggedEventColumns}, d.attempts
       from events.dead_letter d join events.event e on e.position = d.position
      where d.consumer_group = $1 and d.replay_at is not null
        and not exists (select 1 from events.dead_letter b
                         where b.consumer_group = $1 and b.key = d.key and b.position < d.position)
      order by d.position limit $2`,
    [group, limit],
  );
  return rows.map((row) => ({ event: toLoggedEvent(row), attempts: row.attempts }));
}

/** Takes a letter away after it was handled, if the claim still holds. */
export async function deleteLetter(
  on: Statements,
  claim: Claim,
  position: string,
): Promise<boolean> {
  const { rowCount } = await on.query(
    `with held as (
       select name from events.consumer_group where name = $1 and owner = $2 and epoch = $3 for update)
     delete from events.dead_letter d using held
      where d.consumer_group = held.name and d.position = $4`,
    [claim.group, claim.node, claim.epoch, position],
  );
  return rowCount === 1;
}

/**
 * Keeps a letter that failed again; it and those behind it wait until somebody asks anew. Does nothing
 * when the claim no longer holds.
 */
export async function returnLetter(
  on: Statements,
  claim: Claim,
  letter: { readonly key: string; readonly position: string },
  error: string,
): Promise<void> {
  await on.query(
    `with held as (
       select name from events.consumer_group where name = $1 and owner = $2 and epoch = $3 for update)
     update events.dead_letter d
        set replay_at = null,
            attempts = attempts + case when position = $5 then 1 else 0 end,
            error = case when position = $5 then $6 else error end
       from held where d.consumer_group = held.name and d.key = $4`,
    [claim.group, claim.node, claim.epoch, letter.key, letter.position, error],
  );
}

/** True when the group has any dead letter. */
export async function hasLetters(on: Statements, group: string): Promise<boolean> {
  const { rows } = await on.query<{ found: boolean }>(
    'select exists (select 1 from events.dead_letter where consumer_group = $1) as found',
    [group],
  );
  return rows[0]!.found;
}
