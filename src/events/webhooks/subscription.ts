/** Subscriptions as their owners see them, and the rows that they are kept in. */
import { z } from 'zod';
import type { Role } from '../../kernel/caller.ts';
import { idSchema } from '../../kernel/ids.ts';
import { actionSchema } from '../../kernel/page.ts';
import type { StoredSecret } from './delivery-store.ts';

/** Who may see and change subscriptions: whoever can subscribe can read every event. */
export const webhookStaff = ['operator', 'admin'] as const satisfies readonly Role[];

/** Most subscriptions; each of them is asked for with every event. */
export const mostSubscriptions = 1_000;

/** A filter of names or keys. */
export const filterSchema = z.array(z.string().min(1).max(200)).min(1).max(100);

/** The address of a receiver. */
export const targetSchema = z
  .url({ protocol: /^https?$/, error: 'expected an http:// or https:// URL' })
  .max(2_000)
  .meta({ examples: ['https://shop.example/hooks/orders'] });

/** A secret that the subscriber brings. */
export const ownSecretSchema = z
  .string()
  .min(24, 'expected at least 24 characters')
  .max(200)
  .describe('Signs deliveries; made for you when absent');

/** A subscription as it is answered; never with its secret. */
export const subscriptionSchema = z.object({
  id: idSchema,
  url: z.string(),
  description: z.string().nullable(),
  events: filterSchema.nullable().describe('Names of events; null is all'),
  keys: filterSchema.nullable().describe('Keys such as the ids of orders; null is all'),
  enabled: z.boolean(),
  status: z
    .enum(['active', 'failing', 'disabled'])
    .describe('`failing`: the receiver is not well and is tried again at `retryAt`'),
  disabledReason: z.string().nullable(),
  disabledAt: z.iso.datetime().nullable(),
  failures: z.number().int().describe('Failures of the receiver in a row'),
  failingSince: z.iso.datetime().nullable(),
  retryAt: z.iso.datetime().nullable(),
  lastError: z.string().nullable(),
  deliveredAt: z.iso.datetime().nullable().describe('When a delivery last succeeded'),
  secretsValidUntil: z
    .array(z.iso.datetime().nullable())
    .describe('The secrets that sign now, newest first; null has no end'),
  createdBy: z.string(),
  createdAt: z.iso.datetime(),
  updatedAt: z.iso.datetime(),
  can: z.array(actionSchema),
});

/** Whoever sees a subscription may do everything with it, in whatever state it is. */
const can = [
  'webhook-subscriptions.update',
  'webhook-subscriptions.rotate-secret',
  'webhook-deliveries.replay-range',
  'webhook-subscriptions.delete',
].map((action) => ({ action, allowed: true }));

/** A row of `events.webhook_subscription`. */
export interface SubscriptionRow {
  id: string;
  url: string;
  description: string | null;
  event_names: string[] | null;
  keys: string[] | null;
  secrets: readonly StoredSecret[];
  enabled: boolean;
  disabled_reason: string | null;
  disabled_at: Date | null;
  start_position: string;
  failures: number;
  failing_since: Date | null;
  retry_at: Date | null;
  last_error: string | null;
  delivered_at: Date | null;
  created_by: string;
  created_at: Date;
  updated_at: Date;
}

/** The subscription for its reader. */
export function subscriptionView(row: SubscriptionRow, now: Date) {
  const working = row.failures > 0 ? ('failing' as const) : ('active' as const);
  return {
    id: row.id,
    url: row.url,
    description: row.description,
    events: row.event_names,
    keys: row.keys,
    enabled: row.enabled,
    status: row.enabled ? working : ('disabled' as const),
    disabledReason: row.disabled_reason,
    disabledAt: row.disabled_at?.toISOString() ?? null,
    failures: row.failures,
    failingSince: row.failing_since?.toISOString() ?? null,
    retryAt: row.retry_at?.toISOString() ?? null,
    lastError: row.last_error,
    deliveredAt: row.delivered_at?.toISOString() ?? null,
    secretsValidUntil: row.secrets
      .map(({ until }) => until)
      .filter((until) => until === null || new Date(until) > now),
    createdBy: row.created_by,
    createdAt: row.created_at.toISOString(),
    updatedAt: row.updated_at.toISOString(),
    can,
  };
}
