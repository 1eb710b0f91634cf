/** Procedures over webhook subscriptions: making, seeing, changing, ending them, and their secrets. */
import { z } from 'zod';
import { type Refusal, refuse } from '../../kernel/errors.ts';
import { idSchema } from '../../kernel/ids.ts';
import { cursorValue, pageOf, pageQueryBy, toPage } from '../../kernel/page.ts';
import { defineRead, defineTransactional } from '../../kernel/procedure.ts';
import type { Transaction } from '../../kernel/transaction.ts';
import { readKeysetPage, tables } from '../../postgres/index.ts';
import { eventUnknown } from '../procedures/errors.ts';
import { refuseUnknownEvents } from '../procedures/event-procedures.ts';
import type { StoredSecret } from './delivery-store.ts';
import {
  webhookSubscriptionLimit,
  webhookSubscriptionNotFound,
  webhookTargetRefused,
} from './errors.ts';
import { newWebhookSecret, sealSecret } from './sealed-secret.ts';
import {
  filterSchema,
  mostSubscriptions,
  ownSecretSchema,
  type SubscriptionRow,
  subscriptionSchema,
  subscriptionView,
  targetSchema,
  webhookStaff,
} from './subscription.ts';
import { objectionToTarget } from './target-guard.ts';

/** What the procedures over webhooks need; looked up when one runs. */
export interface WebhookParts {
  /** Tells this node's and the other nodes' deliveries that something changed. */
  readonly changed: () => void;
  /** The end of the log, where a new subscription begins. */
  readonly horizon: () => Promise<string>;
  readonly positionBefore: (moment: Date) => Promise<string>;
  /** Names of all events of the program. */
  readonly eventNames: () => ReadonlySet<string>;
  readonly allowPrivate: boolean;
  readonly encryptionKey: Uint8Array;
}

/** How long an old secret goes on signing beside the new one, when nothing is said, in hours. */
const usualOverlapHours = 24;

const withSecret = subscriptionSchema.extend({
  secret: z.string().describe('Shown this once; deliveries are signed with it'),
});

const one = z.object({ subscriptionId: idSchema });

/** The procedures over subscriptions. */
export function subscriptionProcedures(parts: WebhookParts) {
  function objection(input: {
    readonly url?: string | undefined;
    readonly events?: readonly string[] | null | undefined;
  }): Refusal<'WEBHOOK_TARGET_REFUSED' | 'EVENT_UNKNOWN'> | null {
    const target =
      input.url === undefined ? null : objectionToTarget(input.url, parts.allowPrivate);
    if (target !== null) {
      return refuse(
        webhookTargetRefused,
        `${target}: ${input.url}; an operator can allow it with WEBHOOK_PRIVATE_TARGETS=on`,
      );
    }
    return refuseUnknownEvents(input.events ?? [], parts.eventNames());
  }

  const create = defineTransactional({
    name: 'webhook-subscriptions.create',
    summary: 'Subscribe an address to events: it is sent each of them, signed',
    description:
      'Deliveries are `POST`s of CloudEvents in JSON, signed in `Orderloom-Signature` over the raw body ' +
      '(`t=<unix seconds>,v1=<hex of HMAC-SHA256 of "<t>.<body>">`). They begin with the events that ' +
      'come from now on, keep the order of each key, and come at least once: `id` tells repeats.',
    input: z.object({
      url: targetSchema,
      events: filterSchema.optional().describe('Names of events; all when absent'),
      keys: filterSchema.optional().describe('Only events of these keys'),
      description: z.string().max(500).optional(),
      enabled: z.boolean().default(true),
      secret: ownSecretSchema.optional(),
    }),
    output: withSecret,
    access: webhookStaff,
    http: { method: 'POST', path: '/webhook-subscriptions', status: 201 },
    errors: [webhookTargetRefused, eventUnknown, webhookSubscriptionLimit],
    async execute({ tx, clock, caller, newId }, input) {
      const refused = objection(input);
      if (refused) return refused;
      const { rows: counted } = await tx.query<{ n: number }>(
        'select count(*)::int as n from events.webhook_subscription',
      );
      if (counted[0]!.n >= mostSubscriptions) {
        return refuse(
          webhookSubscriptionLimit,
          `expected fewer than ${mostSubscriptions} subscriptions, found as many; delete unused ones`,
        );
      }
      const id = newId();
      const secret = input.secret ?? newWebhookSecret();
      const now = clock.now();
      const { rows } = await tx.query<SubscriptionRow>(
        `insert into events.webhook_subscription (id, url, description, event_names, keys, secrets,
           enabled, start_position, created_by, created_at, updated_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $10) returning *`,
        [
          id,
          input.url,
          input.description ?? null,
          input.events ?? null,
          input.keys ?? null,
          JSON.stringify([{ sealed: sealSecret(parts.encryptionKey, id, secret), until: null }]),
          input.enabled,
          await parts.horizon(),
          caller.userId ?? caller.kind,
          now,
        ],
      );
      tx.afterCommit(parts.changed);
      return { ...subscriptionView(rows[0]!, now), secret };
    },
  });

  const list = defineRead({
    name: 'webhook-subscriptions.list',
    summary: 'List webhook subscriptions, newest first',
    input: pageQueryBy([idSchema]).extend({
      status: z.enum(['active', 'failing', 'disabled']).optional(),
    }),
    output: pageOf(subscriptionSchema),
    access: webhookStaff,
    http: { method: 'GET', path: '/webhook-subscriptions' },
    errors: [],
    async execute({ tx, clock }, { limit, cursor, status }) {
      let wanted = tables<{ 'events.webhook_subscription': SubscriptionRow }>(tx).selectFrom(
        'events.webhook_subscription',
      );
      if (status !== undefined) wanted = wanted.where('enabled', '=', status !== 'disabled');
      if (status === 'failing') wanted = wanted.where('failures', '>', 0);
      if (status === 'active') wanted = wanted.where('failures', '=', 0);
      const after = cursorValue(cursor);
      const page = { rows: wanted, by: 'id', after, limit };
      const { found, counted } = await readKeysetPage(tx, page, (one) => one.selectAll());
      const now = clock.now();
      return toPage({
        rows: found,
        limit,
        counted,
        cursorOf: (row) => [row.id],
        itemOf: (row) => subscriptionView(row, now),
      });
    },
  });

  const get = defineRead({
    name: 'webhook-subscriptions.get',
    summary: 'Show one webhook subscription',
    input: one,
    output: subscriptionSchema,
    access: webhookStaff,
    http: { method: 'GET', path: '/webhook-subscriptions/{subscriptionId}' },
    errors: [webhookSubscriptionNotFound],
    async execute({ tx, clock }, { subscriptionId }) {
      const row = await readSubscription(tx, subscriptionId);
      return row ? subscriptionView(row, clock.now()) : noSubscription(subscriptionId);
    },
  });

  const update = defineTransactional({
    name: 'webhook-subscriptions.update',
    summary: 'Change a webhook subscription, or switch it on or off',
    description:
      'While it is off, events are not queued for it; a replay brings them afterwards. Switching it on ' +
      'forgets the failures of its receiver, and open deliveries go on.',
    input: one.extend({
      url: targetSchema.optional(),
      events: filterSchema.nullable().optional(),
      keys: filterSchema.nullable().optional(),
      description: z.string().max(500).nullable().optional(),
      enabled: z.boolean().optional(),
    }),
    output: subscriptionSchema,
    access: webhookStaff,
    http: { method: 'PATCH', path: '/webhook-subscriptions/{subscriptionId}' },
    errors: [webhookSubscriptionNotFound, webhookTargetRefused, eventUnknown],
    async execute({ tx, clock }, { subscriptionId, ...input }) {
      const refused = objection(input);
      if (refused) return refused;
      const row = await readSubscription(tx, subscriptionId, 'for update');
      if (!row) return noSubscription(subscriptionId);
      const now = clock.now();
      const off = input.enabled === false;
      const { rows } = await tx.query<SubscriptionRow>(
        `update events.webhook_subscription
            set url = $2, event_names = $3, keys = $4, description = $5, enabled = $6, updated_at = $7,
                disabled_at = case when $6 then null else coalesce(disabled_at, $7) end,
                disabled_reason = case when $6 then null else coalesce(disabled_reason, $8) end,
                failures = case when $9 then 0 else failures end,
                failing_since = case when $9 then null else failing_since end,
                retry_at = case when $9 then null else retry_at end
          where id = $1 returning *`,
        [
          subscriptionId,
          input.url ?? row.url,
          input.events === undefined ? row.event_names : input.events,
          input.keys === undefined ? row.keys : input.keys,
          input.description === undefined ? row.description : input.description,
          input.enabled ?? row.enabled,
          now,
          off ? 'switched off by a person' : null,
          input.enabled === true || input.url !== undefined,
        ],
      );
      tx.afterCommit(parts.changed);
      return subscriptionView(rows[0]!, now);
    },
  });

  const remove = defineTransactional({
    name: 'webhook-subscriptions.delete',
    summary: 'End a webhook subscription, with its deliveries and their log',
    input: one,
    output: z.object({ subscriptionId: idSchema, deleted: z.literal(true) }),
    access: webhookStaff,
    http: { method: 'DELETE', path: '/webhook-subscriptions/{subscriptionId}' },
    errors: [webhookSubscriptionNotFound],
    async execute({ tx }, { subscriptionId }) {
      const { rowCount } = await tx.query('delete from events.webhook_subscription where id = $1', [
        subscriptionId,
      ]);
      if (rowCount === 0) return noSubscription(subscriptionId);
      tx.afterCommit(parts.changed);
      return { subscriptionId, deleted: true as const };
    },
  });

  const rotate = defineTransactional({
    name: 'webhook-subscriptions.rotate-secret',
    summary: 'Give a webhook subscription a new secret; the old one signs beside it for a while',
    input: one.extend({
      overlapHours: z
        .number()
        .min(0)
        .max(24 * 30)
        .default(usualOverlapHours)
        .describe('How long deliveries are signed with both'),
      secret: ownSecretSchema.optional(),
    }),
    output: withSecret,
    access: webhookStaff,
    http: { method: 'POST', path: '/webhook-subscriptions/{subscriptionId}/rotate-secret' },
    errors: [webhookSubscriptionNotFound],
    async execute({ tx, clock }, { subscriptionId, overlapHours, secret: own }) {
      const row = await readSubscription(tx, subscriptionId, 'for update');
      if (!row) return noSubscription(subscriptionId);
      const now = clock.now();
      const secret = own ?? newWebhookSecret();
      const until = new Date(now.getTime() + overlapHours * 3_600_000).toISOString();
      const [newest] = row.secrets;
      // Two at most are valid: the new one, and the one that it takes the place of.
      const secrets: StoredSecret[] = [
        { sealed: sealSecret(parts.encryptionKey, subscriptionId, secret), until: null },
        ...(newest && overlapHours > 0 ? [{ sealed: newest.sealed, until }] : []),
      ];
      const { rows } = await tx.query<SubscriptionRow>(
        `update events.webhook_subscription set secrets = $2, updated_at = $3
          where id = $1 returning *`,
        [subscriptionId, JSON.stringify(secrets), now],
      );
      return { ...subscriptionView(rows[0]!, now), secret };
    },
  });

  return [create, list, get, update, remove, rotate];
}

/** A subscription's row; undefined when there is none. */
export async function readSubscription(
  tx: Transaction,
  id: string,
  lock: '' | 'for update' = '',
): Promise<SubscriptionRow | undefined> {
  const { rows } = await tx.query<SubscriptionRow>(
    `select * from events.webhook_subscription where id = $1 ${lock}`,
    [id],
  );
  return rows[0];
}

/** The refusal when there is no such subscription. */
export function noSubscription(id: string) {
  return refuse(
    webhookSubscriptionNotFound,
    `expected the id of a webhook subscription, found none with id ${id}; list them with ` +
      'GET /api/v1/webhook-subscriptions',
  );
}
