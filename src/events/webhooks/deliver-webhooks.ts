/**
 * Delivers webhooks, on every node. A consumer group turns events into deliveries, exactly once each;
 * the nodes then claim deliveries and attempt them, at least once each.
 *
 * - A receiver that is not well is left alone for a growing time, and then tried with one delivery.
 *   Others are not held up: each subscription has its own places.
 * - A delivery that the receiver refuses is tried again by itself; after `mostRejections` it has
 *   failed, is kept for a replay, and the later ones of its key go on.
 * - A subscription that has failed for `disableAfterMs` without a success is switched off, with an
 *   event and a line in the log; what was open stays open until it is switched on again.
 *
 * While nobody subscribes, the group does not read.
 */
import type { Clock } from '../../kernel/clock.ts';
import { newId } from '../../kernel/ids.ts';
import type { Log } from '../../kernel/procedure.ts';
import type { Transaction } from '../../kernel/transaction.ts';
import type { Database } from '../../postgres/index.ts';
import { createBell } from '../bell.ts';
import { ensureGroup } from '../consumer-group-store.ts';
import type { Consumer } from '../consumers.ts';
import type { EventLog } from '../event-log.ts';
import type { Outbox } from '../outbox.ts';
import {
  type ClaimedDelivery,
  claimDeliveries,
  disableSubscription,
  makeDeliveries,
  receiverFails,
  receiverWorks,
  type StoredSecret,
  settleAttempt,
} from './delivery-store.ts';
import { webhookSubscriptionDisabled } from './events.ts';
import { openSecret } from './sealed-secret.ts';
import { type AttemptOutcome, createWebhookSender } from './send-webhook.ts';

/** How deliveries are made. */
export interface WebhookOptions {
  readonly database: Database;
  readonly log: EventLog;
  readonly outbox: Outbox;
  readonly clock: Clock;
  readonly logger: Log;
  /** 32 bytes; opens the secrets of subscriptions. */
  readonly encryptionKey: Uint8Array;
  /** Of the program, told to receivers. */
  readonly version: string;
  /** Allow targets on this machine and its network, and plain http. */
  readonly allowPrivate: boolean;
  /** Attempts at the same time on this node. @defaultValue 32 */
  readonly concurrency?: number;
  /** Of them for one subscription, over all nodes. @defaultValue 8 */
  readonly perSubscription?: number;
  /** Longest time of one attempt, in milliseconds. @defaultValue 10000 */
  readonly timeoutMs?: number;
  /** Pause after a first failure, in milliseconds; it doubles. @defaultValue 1000 */
  readonly firstPauseMs?: number;
  /** Longest pause, in milliseconds. @defaultValue 900000 */
  readonly longestPauseMs?: number;
  /** Refusals of one delivery after which it has failed. @defaultValue 10 */
  readonly mostRejections?: number;
  /** Failing for this long switches a subscription off, in milliseconds. @defaultValue three days */
  readonly disableAfterMs?: number;
  /** How often an idle node looks for deliveries, in milliseconds. @defaultValue 1000 */
  readonly pollMs?: number;
}

/** The deliveries of a node. */
export interface WebhookDelivery {
  /** Looks at once: a subscription or a delivery was changed. */
  wake(): void;
  /** Lets attempts end, or aborts them after a while. May be called twice. */
  stop(): Promise<void>;
}

/** The consumer group that makes deliveries. */
const webhookGroup = 'webhooks';

const threeDaysMs = 3 * 24 * 3_600_000;
/** A claim outlives its attempt by this, to write the outcome down. */
const claimMarginMs = 10_000;
/** How long `stop` waits for attempts under way. */
const longestEndMs = 5_000;

/** Begins to deliver on this node, beside all others; `stop` waits for attempts under way. */
export function deliverWebhooks(options: WebhookOptions): WebhookDelivery {
  const { database, log, logger, clock, pollMs = 1_000, concurrency = 32 } = options;
  const { timeoutMs = 10_000, perSubscription = 8 } = options;
  const sender = createWebhookSender({ ...options, timeoutMs });
  const bell = createBell();
  const abort = new AbortController();
  const underWay = new Set<Promise<void>>();
  let consumer: Consumer | undefined;
  let stopping = false;

  /** Reads the log while somebody subscribes, and only then. */
  async function followSubscriptions(): Promise<void> {
    const { rows } = await database.query<{ start: string | null }>(
      'select min(start_position) as start from events.webhook_subscription where enabled',
    );
    const start = rows[0]?.start ?? null;
    if (start === null) {
      await consumer?.stop();
      consumer = undefined;
      // A group that nobody needs would keep old events from being deleted.
      await database.query(
        `delete from events.consumer_group g where name = $1 and owner is null
            and not exists (select 1 from events.webhook_subscription s where s.enabled)
            and not exists (select 1 from events.dead_letter d where d.consumer_group = g.name)`,
        [webhookGroup],
      );
      return;
    }
    if (consumer) return;
    await ensureGroup(database, webhookGroup, start);
    // What was recorded while nobody subscribed is nobody's.
    await database.query(
      `update events.consumer_group set position = greatest(position, $2)
        where name = $1 and owner is null`,
      [webhookGroup, start],
    );
    consumer = log.consume({
      group: webhookGroup,
      batch: 500,
      async handle(events, tx) {
        if ((await makeDeliveries(tx, events)) > 0) tx.afterCommit(() => bell.ring());
      },
    });
  }

  async function loop(): Promise<void> {
    while (!stopping) {
      try {
        await followSubscriptions();
        await startClaimed();
      } catch (error) {
        if (!stopping) logger.warn({ error }, 'webhooks could not be claimed; tried again');
      }
      await bell.wait(pollMs);
    }
  }

  async function startClaimed(): Promise<void> {
    while (!stopping && underWay.size < concurrency) {
      const most = concurrency - underWay.size;
      const claimMs = timeoutMs + claimMarginMs;
      const claimed = await claimDeliveries(database, { most, perSubscription, claimMs });
      for (const delivery of claimed) {
        const attempt = attemptOne(delivery).catch((error: unknown) =>
          logger.warn({ error, delivery: delivery.id }, 'the outcome of a webhook was not kept'),
        );
        underWay.add(attempt);
        void attempt.finally(() => {
          underWay.delete(attempt);
          bell.ring();
        });
      }
      if (claimed.length < most) return;
    }
  }

  async function attemptOne(delivery: ClaimedDelivery): Promise<void> {
    const at = clock.now();
    const outcome = await outcomeOf(delivery, at);
    const verdict = judge(options, delivery, outcome, at);
    const { id, attempt, subscriptionId } = delivery;
    await database.transaction(
      async (tx) => {
        // Of what a node did that slept past its claim nothing is kept, about the receiver neither.
        if (!(await settleAttempt(tx, { id, attempt, at, outcome, ...verdict }))) return;
        if (outcome.result === 'delivered' || outcome.result === 'rejected') {
          await receiverWorks(tx, subscriptionId);
        } else {
          const error = outcome.error ?? 'failed';
          await receiverFails(tx, subscriptionId, { error, pauseMs: verdict.pauseMs });
        }
        if (verdict.disable !== null) await disable(tx, delivery, verdict.disable, at);
      },
      { name: 'webhook' },
    );
  }

  async function outcomeOf(delivery: ClaimedDelivery, at: Date): Promise<AttemptOutcome> {
    const { event, url, id } = delivery;
    if (!event) return eventDeleted;
    const secrets = validSecrets(options.encryptionKey, delivery, at);
    return await sender.send({ url, deliveryId: id, secrets, event }, abort.signal);
  }

  async function disable(
    tx: Transaction,
    { subscriptionId, url }: ClaimedDelivery,
    reason: string,
    at: Date,
  ): Promise<void> {
    if (!(await disableSubscription(tx, subscriptionId, at, reason))) return;
    logger.error({ subscription: subscriptionId, url, reason }, 'a webhook was switched off');
    const payload = { subscriptionId, url, reason, disabledAt: at.toISOString() };
    const { name, version } = webhookSubscriptionDisabled;
    const event = { id: newId(), name, version, key: subscriptionId, payload };
    await options.outbox.append(tx, [{ ...event, occurredAt: at, traceId: null }]);
  }

  const running = loop();
  let stopped: Promise<void> | undefined;
  async function stop(): Promise<void> {
    stopping = true;
    bell.ring();
    await running;
    await consumer?.stop();
    const timer = setTimeout(() => abort.abort(), longestEndMs);
    await Promise.all(underWay);
    clearTimeout(timer);
    await sender.close();
  }

  return {
    wake: () => bell.ring(),
    stop() {
      stopped ??= stop();
      return stopped;
    },
  };
}

/** Retention took the event before it was delivered: nothing to send, and no fault of the receiver. */
const eventDeleted: AttemptOutcome = {
  result: 'rejected',
  status: null,
  durationMs: 0,
  error: 'the event is no longer in the log',
  response: null,
  retryAfterMs: null,
};

function validSecrets(
  key: Uint8Array,
  { subscriptionId, secrets }: { subscriptionId: string; secrets: readonly StoredSecret[] },
  at: Date,
): readonly string[] {
  return secrets
    .filter(({ until }) => until === null || new Date(until) > at)
    .map(({ sealed }) => openSecret(key, subscriptionId, sealed));
}

interface Verdict {
  readonly status: 'pending' | 'delivered' | 'failed';
  readonly pauseMs: number;
  /** Why the subscription is switched off; null when it is not. */
  readonly disable: string | null;
}

/** What follows from an attempt. */
function judge(
  options: WebhookOptions,
  delivery: ClaimedDelivery,
  { result, retryAfterMs }: AttemptOutcome,
  at: Date,
): Verdict {
  const { firstPauseMs = 1_000, longestPauseMs = 900_000 } = options;
  const { mostRejections = 10, disableAfterMs = threeDaysMs } = options;
  const failures = result === 'rejected' ? delivery.rejections : delivery.failures;
  const full = Math.min(firstPauseMs * 2 ** Math.min(failures, 30), longestPauseMs);
  // Jitter, so that what failed together does not come back together.
  const pauseMs = retryAfterMs ?? full * (0.75 + Math.random() / 4);
  const goesOn = { status: 'pending' as const, pauseMs, disable: null };
  if (result === 'delivered') return { ...goesOn, status: 'delivered', pauseMs: 0 };
  if (result === 'gone') {
    return { ...goesOn, disable: 'the receiver answered 410: it is gone for good' };
  }
  if (result === 'rejected') {
    const over = delivery.event === null || delivery.rejections + 1 >= mostRejections;
    return over ? { ...goesOn, status: 'failed', pauseMs: 0 } : goesOn;
  }
  const failingMs = at.getTime() - (delivery.failingSince ?? at).getTime();
  if (failingMs < disableAfterMs) return goesOn;
  const since = delivery.failingSince?.toISOString() ?? at.toISOString();
  return { ...goesOn, disable: `no delivery has succeeded since ${since}` };
}
