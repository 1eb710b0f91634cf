/**
 * `orderloom webhooks`: who outside is told of events; tell somebody, stop telling, change the secret; see what was
 * sent and what came of it, and send it again.
 */
import type { z } from 'zod';
import type { deliverySchema } from '../../events/webhooks/delivery-procedures.ts';
import type { subscriptionSchema } from '../../events/webhooks/subscription.ts';
import { CommandError, type PageAnswer } from '../api-client.ts';
import type { CommandContext, ListOptions } from '../command-context.ts';
import { moment, pageText } from '../terminal.ts';

type Subscription = z.output<typeof subscriptionSchema>;
type Delivery = z.output<typeof deliverySchema>;

const many = ['webhook subscription', 'webhook subscriptions'] as const;

/** Lists the subscriptions, newest first, with what stops those that fail. */
export async function listWebhooks(
  { api, answer }: CommandContext,
  { limit, cursor, status }: ListOptions & { readonly status?: string },
): Promise<void> {
  const query = { limit, cursor, status };
  const page = await api.get<PageAnswer<Subscription>>('/webhook-subscriptions', query);
  const failing = page.items.find((one) => one.status !== 'active');
  answer(page, () => {
    const text = pageText(page, many, [
      { title: 'SUBSCRIPTION', value: ({ id }) => id },
      { title: 'URL', value: ({ url }) => url },
      { title: 'EVENTS', value: ({ events }) => events?.join(',') ?? 'all' },
      { title: 'STATUS', value: ({ status }) => status },
      { title: 'DELIVERED', value: ({ deliveredAt }) => moment(deliveredAt) },
      { title: 'NEXT TRY', value: ({ retryAt }) => moment(retryAt) },
      { title: 'WHY', value: (one) => one.disabledReason ?? one.lastError },
    ]);
    if (!failing) return text;
    return `${text}\nWhat was sent:  orderloom webhooks deliveries ${failing.id}`;
  });
}

/** Tells an address of events from now on. The secret is printed this once. */
export async function addWebhook(
  { api, answer }: CommandContext,
  url: string,
  options: { readonly events?: string; readonly keys?: string; readonly description?: string },
): Promise<void> {
  const { events, keys, description } = options;
  const made = await api.post<Subscription & { secret: string }>('/webhook-subscriptions', {
    url,
    ...(events !== undefined && { events: listOf(events) }),
    ...(keys !== undefined && { keys: listOf(keys) }),
    ...(description !== undefined && { description }),
  });
  const what = made.events?.join(', ') ?? 'all events';
  answer(made, () => `${made.url} is told of ${what} from now on.\n${secretText(made)}`);
}

/** Switches a subscription off, or on again: then open deliveries go on at once. */
export async function switchWebhook(
  { api, answer }: CommandContext,
  id: string,
  enabled: boolean,
): Promise<void> {
  const changed = await api.patch<Subscription>(pathOf(id), { enabled });
  const said = enabled ? 'is told again' : 'is told no more, until it is switched on';
  answer(changed, () => `${changed.url} ${said}.`);
}

/** Gives a subscription a new secret; the old one signs beside it for a while. */
export async function rotateWebhookSecret(
  { api, answer }: CommandContext,
  id: string,
  { overlapHours }: { readonly overlapHours?: string },
): Promise<void> {
  const body = overlapHours === undefined ? {} : { overlapHours: Number(overlapHours) };
  const path = `${pathOf(id)}/rotate-secret`;
  const rotated = await api.post<Subscription & { secret: string }>(path, body);
  const until = rotated.secretsValidUntil.find((at) => at !== null);
  const old = until ? `\nThe one before signs beside it until ${moment(until)}.` : '';
  answer(rotated, () => `${secretText(rotated)}${old}`);
}

/** Ends a subscription, with its deliveries and their log. */
export async function removeWebhook({ api, answer }: CommandContext, id: string): Promise<void> {
  const removed = await api.delete<unknown>(pathOf(id));
  answer(removed, () => `The subscription ${id} is gone, with what was kept of its deliveries.`);
}

/** Lists what was sent to a subscription, the newest first. */
export async function listDeliveries(
  { api, answer }: CommandContext,
  id: string,
  options: ListOptions & { readonly status?: string; readonly key?: string },
): Promise<void> {
  const { limit, cursor, status, key } = options;
  const query = { limit, cursor, status, key };
  const page = await api.get<PageAnswer<Delivery>>(`${pathOf(id)}/deliveries`, query);
  const open = page.items.find((one) => one.status !== 'delivered');
  answer(page, () => {
    const text = pageText(
      page,
      ['delivery', 'deliveries'],
      [
        { title: 'DELIVERY', value: (one) => one.id },
        { title: 'EVENT', value: ({ event }) => event },
        { title: 'KEY', value: (one) => one.key },
        { title: 'STATUS', value: (one) => one.status },
        { title: 'ATTEMPTS', value: ({ attempts }) => attempts, align: 'right' },
        { title: 'LAST', value: ({ log: [last] }) => moment(last?.at ?? null) },
        { title: 'NEXT', value: ({ nextAttemptAt }) => moment(nextAttemptAt) },
        { title: 'ANSWER', value: ({ log: [last] }) => last?.error ?? last?.status },
      ],
    );
    if (!open) return text;
    return `${text}\nSend it again:  orderloom webhooks replay ${id} ${open.id}`;
  });
}

/** What is sent again. */
export interface ReplayOptions {
  readonly after?: string;
  readonly since?: string;
  readonly failed?: boolean;
}

/** Sends one delivery again, or all from a position or a moment on. */
export async function replayWebhook(
  { api, answer }: CommandContext,
  id: string,
  deliveryId: string | undefined,
  { after, since, failed }: ReplayOptions,
): Promise<void> {
  const given = [deliveryId, after, since].filter((one) => one !== undefined);
  if (given.length !== 1) {
    throw new CommandError(
      'expected the id of a delivery, --after <position> or --since <time>; ' +
        `found ${given.length === 0 ? 'none of them' : 'several'}`,
    );
  }
  if (deliveryId !== undefined) {
    const path = `${pathOf(id)}/deliveries/${encodeURIComponent(deliveryId)}/replay`;
    const sent = await api.post<Delivery>(path, {});
    answer(sent, () => `${sent.event} of ${sent.key} is sent again.`);
    return;
  }
  const body = { ...(after === undefined ? { since } : { after }), onlyFailed: failed ?? false };
  const replayed = await api.post<Replayed>(`${pathOf(id)}/replay`, body);
  answer(replayed, () => {
    const { queued, next } = replayed;
    const text = `${queued} ${queued === 1 ? 'event is' : 'events are'} sent again.`;
    return next === null
      ? text
      : `${text}\nThere are more:  orderloom webhooks replay ${id} --after ${next}`;
  });
}

interface Replayed {
  readonly queued: number;
  readonly next: string | null;
}

function pathOf(id: string): string {
  return `/webhook-subscriptions/${encodeURIComponent(id)}`;
}

function listOf(text: string): string[] {
  return text.split(',').map((one) => one.trim());
}

function secretText({ id, secret }: { readonly id: string; readonly secret: string }): string {
  return `Subscription  ${id}\nSecret        ${secret}\nIt is shown this once; deliveries are signed with it.`;
}
