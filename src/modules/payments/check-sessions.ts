/**
 * Asks the gateway what became of pages that nothing was heard of for a while. A webhook may never
 * come; without asking, a paid order would stand still until its time is over and the money would go
 * back. What the gateway answers is taken in exactly as if it had said so itself.
 */
import { isRefusal } from '../../kernel/errors.ts';
import type { ExternalContext } from '../../kernel/procedure.ts';
import type { Payment } from './payment.ts';
import type { PaymentsOptions } from './ports.ts';
import type { SessionNews } from './provider.ts';
import { callOf } from './provider-keys.ts';
import { type PaymentWebhook, receiveWebhook } from './receive-webhook.ts';
import { claimUnheardSessions } from './store.ts';

/** How long nothing may be heard of an open page before the gateway is asked, unless told otherwise. */
const usualCheckAfterMs = 15 * 60_000;

/** What was done. */
export interface CheckedSessions {
  readonly asked: number;
  /** Payments that the answer settled. */
  readonly settled: number;
  /** True when there may be further pages to ask about at once. */
  readonly more: boolean;
}

/**
 * Asks about at most so many pages, those that were silent for longest first. Each is asked about by
 * one caller at a time, and not again before the same time has passed. A gateway that cannot be
 * reached ends the call with its fault; what was learnt until then is kept.
 */
export async function checkSessions(
  context: ExternalContext,
  options: PaymentsOptions,
  { limit }: { readonly limit: number },
): Promise<CheckedSessions> {
  const silentFor = options.checkAfterMs ?? usualCheckAfterMs;
  const now = context.clock.now();
  const payments = await context.transaction((inner) =>
    claimUnheardSessions(inner.tx, {
      provider: options.provider.name,
      now,
      silentSince: new Date(now.getTime() - silentFor),
      limit,
    }),
  );
  let settled = 0;
  for (const payment of payments) if (await check(context, options, payment)) settled += 1;
  return { asked: payments.length, settled, more: payments.length === limit };
}

async function check(
  context: ExternalContext,
  options: PaymentsOptions,
  payment: Payment,
): Promise<boolean> {
  const sessionId = payment.sessionId!;
  const call = callOf(context, `check-${payment.id}`);
  const body = webhookOf(payment, await options.provider.lookUpSession({ sessionId }, call));
  if (!body) return false;
  return await context.transaction(async (inner) => {
    const received = await receiveWebhook(inner, options, body);
    if (!isRefusal(received)) return received.applied;
    // Its webhook came in between and said something else, or it was settled otherwise.
    const { code, detail } = received;
    context.log.warn({ paymentId: payment.id, code, detail }, 'what the gateway says does not fit');
    return false;
  });
}

/** The news as the gateway's webhook would have told it; null when nothing has happened yet. */
function webhookOf({ id: paymentId }: Payment, news: SessionNews): PaymentWebhook | null {
  switch (news.status) {
    case 'completed':
      return { paymentId, status: 'completed', transactionId: news.transactionId };
    case 'failed': {
      const { failureCode, failureReason, transactionId } = news;
      const charge = transactionId === null ? {} : { transactionId };
      return { paymentId, status: 'failed', failureCode, failureReason, ...charge };
    }
    default:
      // Open: the customer may still pay. Expired or unknown: whoever waits for it has a time limit.
      return null;
  }
}
