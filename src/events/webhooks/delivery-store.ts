/**
 * The rows of deliveries. A delivery is claimed for the length of one attempt, by whichever node comes
 * first; one whose node died is free again when its claim has run out. Each claim has the number of its
 * attempt, and only the newest one can write an outcome. Of each key only the oldest open delivery of a
 * subscription can be claimed, which keeps their order.
 */
import { newId } from '../../kernel/ids.ts';
import type { Transaction } from '../../kernel/transaction.ts';
import type { Statements } from '../consumer-group-store.ts';
import {
  type LoggedEvent,
  type LoggedEventRow,
  loggedEventColumns,
  toLoggedEvent,
} from '../logged-event.ts';
import type { AttemptOutcome } from './send-webhook.ts';

/** A secret as it is stored. */
export interface StoredSecret {
  readonly sealed: string;
  /** Until when it signs; null for the newest one. */
  readonly until: string | null;
}

/** A delivery that this node may now attempt. */
export interface ClaimedDelivery {
  readonly id: string;
  readonly subscriptionId: string;
  readonly url: string;
  readonly secrets: readonly StoredSecret[];
  /** The attempt that is to be made, from 1. */
  readonly attempt: number;
  readonly rejections: number;
  /** Failures of the receiver before this attempt. */
  readonly failures: number;
  readonly failingSince: Date | null;
  /** Null when retention has deleted the event. */
  readonly event: LoggedEvent | null;
}

/** Attempts that a delivery keeps. */
const attemptsKept = 10;

/** Deliveries looked at per subscription for one that may go next. */
const lookedAt = 500;

/**
 * Makes a delivery of each event for each subscription that wants it. An event that comes twice makes
 * one. Gives the number of deliveries made.
 */
export async function makeDeliveries(
  tx: Transaction,
  events: readonly LoggedEvent[],
): Promise<number> {
  const { rows } = await tx.query<{ id: string; position: string }>(
    `select s.id, e.position from events.webhook_subscription s
       join unnest($1::bigint[], $2::text[], $3::text[]) as e (position, name, key) on true
      where s.enabled and e.position > s.start_position
        and (s.event_names is null or e.name = any(s.event_names))
        and (s.keys is null or e.key = any(s.keys))`,
    [
      events.map(({ position }) => position),
      events.map(({ name }) => name),
      events.map(({ key }) => key),
    ],
  );
  const byPosition = new Map(events.map((event) => [event.position, event]));
  return await addDeliveries(
    tx,
    rows.map(({ id, position }) => ({ subscriptionId: id, event: byPosition.get(position)! })),
  );
}

/** Adds deliveries; settled ones of the same event begin anew, open ones stay as they are. */
export async function addDeliveries(
  tx: Transaction,
  deliveries: readonly { readonly subscriptionId: string; readonly event: LoggedEvent }[],
  again = false,
): Promise<number> {
  if (deliveries.length === 0) return 0;
  const { rowCount } = await tx.query(
    `insert into events.webhook_delivery as d (id, subscription_id, position, event_id, event_name, key,
       status, next_attempt_at, created_at)
     select n.id, n.subscription_id, n.position, n.event_id, n.event_name, n.key, 'pending',
       -- Behind one of the same key that waits for its next attempt.
       coalesce((select greatest(max(b.next_attempt_at), clock_timestamp())
                   from events.webhook_delivery b
                  where b.subscription_id = n.subscription_id and b.key = n.key
                    and b.status = 'pending'), clock_timestamp()),
       clock_timestamp()
       from unnest($1::uuid[], $2::uuid[], $3::bigint[], $4::uuid[], $5::text[], $6::text[])
         as n (id, subscription_id, position, event_id, event_name, key)
      order by n.position
     on conflict (subscription_id, position) do update
        set status = 'pending', rejections = 0, next_attempt_at = clock_timestamp(),
            settled_at = null, claimed_until = null
      where $7 and d.status <> 'pending'`,
    [
      deliveries.map(() => newId()),
      deliveries.map(({ subscriptionId }) => subscriptionId),
      deliveries.map(({ event }) => event.position),
      deliveries.map(({ event }) => event.id),
      deliveries.map(({ event }) => event.name),
      deliveries.map(({ event }) => event.key),
      again,
    ],
  );
  return rowCount;
}

interface ClaimedRow extends Partial<LoggedEventRow> {
  readonly delivery_id: string;
  readonly subscription_id: string;
  readonly url: string;
  readonly secrets: readonly StoredSecret[];
  readonly attempts: number;
  readonly rejections: number;
  readonly failures: number;
  readonly failing_since: Date | null;
}

/**
 * Claims up to `most` deliveries that may go now. A subscription gets `perSubscription` at a time, and
 * one while its receiver is not well.
 */
export async function claimDeliveries(
  on: Statements,
  options: {
    readonly most: number;
    readonly perSubscription: number;
    readonly claimMs: number;
  },
): Promise<readonly ClaimedDelivery[]> {
  const { rows } = await on.query<ClaimedRow>(
    `with ready as materialized (
       select s.id, (case when s.failures > 0 then 1 else $2::int end)
           - (select count(*) from events.webhook_delivery c
               where c.subscription_id = s.id and c.status = 'pending'
                 and c.claimed_until > clock_timestamp()) as room
         from events.webhook_subscription s
        where s.enabled and (s.retry_at is null or s.retry_at <= clock_timestamp())),
     heads as (
       select h.id from ready r cross join lateral (
         select d.id from (
           select * from events.webhook_delivery w
            where w.subscription_id = r.id and w.status = 'pending'
              and w.next_attempt_at <= clock_timestamp()
            order by w.next_attempt_at, w.position limit ${lookedAt}) as d
          where (d.claimed_until is null or d.claimed_until <= clock_timestamp())
            and not exists (select 1 from events.webhook_delivery b
                             where b.subscription_id = d.subscription_id and b.key = d.key
                               and b.status = 'pending' and b.position < d.position)
          limit greatest(r.room, 0)) as h
        limit $1),
     locked as (
       select l.id from events.webhook_delivery l join heads on heads.id = l.id
        where l.status = 'pending' and (l.claimed_until is null or l.claimed_until <= clock_timestamp())
        for update of l skip locked),
     claimed as (
       update events.webhook_delivery u
          set claimed_until = clock_timestamp() + $3 * interval '1 millisecond',
              attempts = u.attempts + 1
         from locked where u.id = locked.id
       returning u.*)
     select c.id as delivery_id, c.subscription_id, s.url, s.secrets, c.attempts, c.rejections,
            s.failures, s.failing_since, ${loggedEventColumns}
       from claimed c
       join events.webhook_subscription s on s.id = c.subscription_id
       left join events.event e on e.position = c.position
      order by c.position`,
    [options.most, options.perSubscription, options.claimMs],
  );
  return rows.map((row) => ({
    id: row.delivery_id,
    subscriptionId: row.subscription_id,
    url: row.url,
    secrets: row.secrets,
    attempt: row.attempts,
    rejections: row.rejections,
    failures: row.failures,
    failingSince: row.failing_since,
    event: row.position == null ? null : toLoggedEvent(row as LoggedEventRow),
  }));
}

/** What is written down about an attempt. */
export interface SettledAttempt {
  readonly id: string;
  /** Its number, as it was claimed. */
  readonly attempt: number;
  readonly at: Date;
  readonly outcome: AttemptOutcome;
  /** `pending` is tried again after the pause, and so are the later ones of its key. */
  readonly status: 'pending' | 'delivered' | 'failed';
  /** In milliseconds, counted by the database, like all times that claims are judged by. */
  readonly pauseMs: number;
}

/**
 * Writes down what came of an attempt, and frees the claim. False when somebody else has claimed the
 * delivery since, because this node slept past its claim: nothing was written.
 */
export async function settleAttempt(on: Statements, settled: SettledAttempt): Promise<boolean> {
  const { id, attempt, at, outcome, status, pauseMs } = settled;
  const { durationMs, error, response } = outcome;
  const entry = { at: at.toISOString(), durationMs, status: outcome.status, error, response };
  const { rows } = await on.query<{ settled: boolean }>(
    `with settled as (
       update events.webhook_delivery d
          set status = $2, claimed_until = null,
              next_attempt_at = clock_timestamp() + $3 * interval '1 millisecond',
              rejections = d.rejections + $4,
              settled_at = case when $2 = 'pending' then null else clock_timestamp() end,
              log = jsonb_path_query_array(jsonb_build_array($5::jsonb) || d.log,
                '$[0 to ${attemptsKept - 1}]')
        where d.id = $1 and d.attempts = $6 and d.status = 'pending'
       returning d.subscription_id, d.key, d.position, d.next_attempt_at),
     behind as (
       update events.webhook_delivery l set next_attempt_at = s.next_attempt_at
         from settled s
        where $2 = 'pending' and l.subscription_id = s.subscription_id and l.key = s.key
          and l.status = 'pending' and l.position > s.position
          and l.next_attempt_at < s.next_attempt_at)
     select exists (select 1 from settled) as settled`,
    [id, status, pauseMs, outcome.result === 'rejected' ? 1 : 0, JSON.stringify(entry), attempt],
  );
  return rows[0]!.settled;
}

/** The receiver of a subscription works. Written down now and then only, while it goes on working. */
export async function receiverWorks(on: Statements, subscriptionId: string): Promise<void> {
  await on.query(
    `update events.webhook_subscription
        set failures = 0, failing_since = null, retry_at = null, last_error = null,
            delivered_at = clock_timestamp()
      where id = $1 and (failures > 0 or delivered_at is null
                         or delivered_at < clock_timestamp() - interval '5 seconds')`,
    [subscriptionId],
  );
}

/**
 * The receiver of a subscription does not work; it is left alone for the pause. Attempts that were under
 * way together count as one failure.
 */
export async function receiverFails(
  on: Statements,
  subscriptionId: string,
  failure: { readonly error: string; readonly pauseMs: number },
): Promise<void> {
  await on.query(
    `update events.webhook_subscription
        set failures = failures + case when retry_at > clock_timestamp() then 0 else 1 end,
            failing_since = coalesce(failing_since, clock_timestamp()), last_error = $2,
            retry_at = greatest(retry_at, clock_timestamp() + $3 * interval '1 millisecond')
      where id = $1`,
    [subscriptionId, failure.error, failure.pauseMs],
  );
}

/** Switches a subscription off; true for the one who did it. */
export async function disableSubscription(
  on: Statements,
  subscriptionId: string,
  at: Date,
  reason: string,
): Promise<boolean> {
  const { rowCount } = await on.query(
    `update events.webhook_subscription
        set enabled = false, disabled_reason = $3, disabled_at = $2, updated_at = $2
      where id = $1 and enabled`,
    [subscriptionId, at, reason],
  );
  return rowCount === 1;
}
