/** Procedures over deliveries: what was sent, what came of it, and sending it again. */
import { z } from 'zod';
import { refuse } from '../../kernel/errors.ts';
import { idSchema } from '../../kernel/ids.ts';
import { actionSchema, cursorValue, pageOf, pageQueryBy, toPage } from '../../kernel/page.ts';
import { defineRead, defineTransactional } from '../../kernel/procedure.ts';
import type { Transaction } from '../../kernel/transaction.ts';
import { readKeysetPage, tables } from '../../postgres/index.ts';
import { type LoggedEventRow, loggedEventColumns, toLoggedEvent } from '../logged-event.ts';
import { positionSchema } from '../procedures/event-procedures.ts';
import { addDeliveries } from './delivery-store.ts';
import { webhookDeliveryNotFound, webhookSubscriptionNotFound } from './errors.ts';
import { webhookStaff } from './subscription.ts';
import { noSubscription, readSubscription, type WebhookParts } from './subscription-procedures.ts';

const attemptSchema = z.object({
  at: z.iso.datetime(),
  durationMs: z.number(),
  status: z.number().int().nullable().describe('HTTP status; null when none came'),
  error: z.string().nullable(),
  response: z.string().nullable().describe('The beginning of the answer'),
});

/** A delivery as its readers see it. */
export const deliverySchema = z.object({
  id: idSchema,
  subscriptionId: idSchema,
  position: positionSchema,
  eventId: z.uuid(),
  event: z.string(),
  key: z.string(),
  status: z.enum(['pending', 'delivered', 'failed']),
  attempts: z.number().int(),
  nextAttemptAt: z.iso.datetime().nullable(),
  createdAt: z.iso.datetime(),
  settledAt: z.iso.datetime().nullable(),
  log: z.array(attemptSchema).describe('The latest attempts, newest first'),
  can: z.array(actionSchema),
});

interface DeliveryRow {
  id: string;
  subscription_id: string;
  position: string;
  event_id: string;
  event_name: string;
  key: string;
  status: 'pending' | 'delivered' | 'failed';
  attempts: number;
  next_attempt_at: Date;
  created_at: Date;
  settled_at: Date | null;
  log: z.output<typeof attemptSchema>[];
}

/** Events that one replay queues; a longer range is asked for in parts. */
const mostReplayed = 10_000;

/** The procedures over deliveries. */
export function deliveryProcedures(parts: WebhookParts) {
  const list = defineRead({
    name: 'webhook-deliveries.list',
    summary: 'List the deliveries of a webhook subscription with their attempts, newest first',
    input: pageQueryBy([positionSchema]).extend({
      subscriptionId: idSchema,
      status: z.enum(['pending', 'delivered', 'failed']).optional(),
      key: z.string().max(200).optional(),
    }),
    output: pageOf(deliverySchema),
    access: webhookStaff,
    http: { method: 'GET', path: '/webhook-subscriptions/{subscriptionId}/deliveries' },
    errors: [webhookSubscriptionNotFound],
    async execute({ tx }, { subscriptionId, limit, cursor, status, key }) {
      if (!(await readSubscription(tx, subscriptionId))) return noSubscription(subscriptionId);
      let wanted = tables<{ 'events.webhook_delivery': DeliveryRow }>(tx)
        .selectFrom('events.webhook_delivery')
        .where('subscription_id', '=', subscriptionId);
      if (status !== undefined) wanted = wanted.where('status', '=', status);
      if (key !== undefined) wanted = wanted.where('key', '=', key);
      const after = cursorValue(cursor);
      const page = { rows: wanted, by: 'position', after, limit };
      const { found, counted } = await readKeysetPage(tx, page, (one) => one.selectAll());
      return toPage({
        rows: found,
        limit,
        counted,
        cursorOf: (row) => [row.position],
        itemOf: deliveryView,
      });
    },
  });

  const replay = defineTransactional({
    name: 'webhook-deliveries.replay',
    summary: 'Send one delivery again',
    input: z.object({ subscriptionId: idSchema, deliveryId: idSchema }),
    output: deliverySchema,
    access: webhookStaff,
    http: {
      method: 'POST',
      path: '/webhook-subscriptions/{subscriptionId}/deliveries/{deliveryId}/replay',
      status: 202,
    },
    errors: [webhookDeliveryNotFound],
    async execute({ tx }, { subscriptionId, deliveryId }) {
      const { rows } = await tx.query<DeliveryRow>(
        `update events.webhook_delivery
            set status = 'pending', rejections = 0, next_attempt_at = clock_timestamp(),
                settled_at = null
          where id = $1 and subscription_id = $2 returning *`,
        [deliveryId, subscriptionId],
      );
      const [row] = rows;
      if (!row) {
        return refuse(
          webhookDeliveryNotFound,
          `expected the id of a delivery of subscription ${subscriptionId}, found none with id ` +
            `${deliveryId}; list them with GET /api/v1/webhook-subscriptions/${subscriptionId}/deliveries`,
        );
      }
      await askAgainNow(tx, subscriptionId);
      tx.afterCommit(parts.changed);
      return deliveryView(row);
    },
  });

  const replayRange = defineTransactional({
    name: 'webhook-deliveries.replay-range',
    summary: 'Send the events of a range to a webhook subscription again, or for the first time',
    description:
      `Queues up to ${mostReplayed} events that the subscription wants, in the order of the log. ` +
      '`next` is where a further call goes on; null when the range is done.',
    input: z
      .object({
        subscriptionId: idSchema,
        after: positionSchema.optional().describe('Events after this position'),
        since: z.iso.datetime().optional().describe('Events that occurred at this time or later'),
        upTo: positionSchema.optional().describe('The last position of the range'),
        onlyFailed: z.boolean().default(false).describe('Only deliveries that have failed'),
      })
      .refine(({ after, since }) => (after === undefined) !== (since === undefined), {
        message: 'expected either `after` or `since`',
      }),
    output: z.object({ queued: z.number().int(), next: positionSchema.nullable() }),
    access: webhookStaff,
    http: { method: 'POST', path: '/webhook-subscriptions/{subscriptionId}/replay', status: 202 },
    errors: [webhookSubscriptionNotFound],
    async execute({ tx }, input) {
      const { subscriptionId, upTo, onlyFailed } = input;
      const subscription = await readSubscription(tx, subscriptionId);
      if (!subscription) return noSubscription(subscriptionId);
      const after = input.after ?? (await parts.positionBefore(new Date(input.since!)));
      const horizon = await parts.horizon();
      const last = upTo !== undefined && BigInt(upTo) < BigInt(horizon) ? upTo : horizon;
      const { rows } = await tx.query<LoggedEventRow>(
        `select ${loggedEventColumns} from events.event e
          where e.position > $1 and e.position <= $2
            and ($3::text[] is null or e.name = any($3)) and ($4::text[] is null or e.key = any($4))
            and (not $5 or exists (select 1 from events.webhook_delivery d
                                    where d.subscription_id = $6 and d.position = e.position
                                      and d.status = 'failed'))
          order by e.position limit $7`,
        [
          after,
          last,
          subscription.event_names,
          subscription.keys,
          onlyFailed,
          subscriptionId,
          mostReplayed,
        ],
      );
      const events = rows.map(toLoggedEvent);
      const queued = await addDeliveries(
        tx,
        events.map((event) => ({ subscriptionId, event })),
        true,
      );
      await askAgainNow(tx, subscriptionId);
      tx.afterCommit(parts.changed);
      return { queued, next: rows.length < mostReplayed ? null : rows.at(-1)!.position };
    },
  });

  return [list, replay, replayRange];
}

/** Ends the pause of a receiver that failed: a person says that it is well. When it is not, the next pause is longer. */
async function askAgainNow(tx: Transaction, subscriptionId: string): Promise<void> {
  await tx.query(
    'update events.webhook_subscription set retry_at = null where id = $1 and retry_at is not null',
    [subscriptionId],
  );
}

function deliveryView(row: DeliveryRow) {
  return {
    id: row.id,
    subscriptionId: row.subscription_id,
    position: row.position,
    eventId: row.event_id,
    event: row.event_name,
    key: row.key,
    status: row.status,
    attempts: row.attempts,
    nextAttemptAt: row.status === 'pending' ? row.next_attempt_at.toISOString() : null,
    createdAt: row.created_at.toISOString(),
    settledAt: row.settled_at?.toISOString() ?? null,
    log: row.log,
    // One that waits is then tried at once.
    can: [{ action: 'webhook-deliveries.replay', allowed: true }],
  };
}
