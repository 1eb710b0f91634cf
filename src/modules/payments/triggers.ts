/**
 * The topics on which other payment services tell how payments of our orders ended. The messages are those
 * of the order management contracts, to the letter: the same that this module publishes itself.
 *
 * The module's own messages come back by these topics, and are passed over by their source. Each payment of
 * another service acts once, also when it is published on several clusters.
 */
import { z } from 'zod';
import { cloudEventSource } from '../../events/index.ts';
import { idSchema } from '../../kernel/ids.ts';
import { amountSchema, currencySchema } from '../../kernel/money.ts';
import { textSchema } from '../../kernel/text.ts';
import {
  defineTopicTrigger,
  type TopicMessage,
  type TopicTrigger,
} from '../../kernel/topic-trigger.ts';

const procedure = 'payments.receive-announcement';

/** True for messages that this program, or another node of it, did not publish itself. */
function isForeign(_value: unknown, { headers }: TopicMessage): boolean {
  return headers.ce_source !== cloudEventSource;
}

const subject = {
  paymentId: textSchema(200),
  orderId: idSchema,
  amount: amountSchema,
  currency: currencySchema,
};

const processed = defineTopicTrigger({
  name: 'payments.processed-elsewhere',
  summary: 'Another payment service has taken the money for an order',
  topic: 'payment.processed',
  wants: isForeign,
  value: z.object({
    ...subject,
    paymentMethod: textSchema(100),
    transactionId: textSchema(200).describe('Id of the charge at the payment gateway'),
    processedAt: z.iso.datetime({ offset: true }),
  }),
  messageId: ({ paymentId }) => paymentId,
  does: {
    procedure,
    input: ({ paymentId: _, ...payment }) => ({ ...payment, status: 'completed' }),
  },
});

const failed = defineTopicTrigger({
  name: 'payments.failed-elsewhere',
  summary: 'Another payment service could not take the money for an order',
  topic: 'payment.failed',
  wants: isForeign,
  value: z.object({
    ...subject,
    failureReason: textSchema(500),
    failureCode: textSchema(100),
    failedAt: z.iso.datetime({ offset: true }),
  }),
  // A payment may fail, be tried again, and fail again.
  messageId: ({ paymentId, failedAt }) => `${paymentId} ${failedAt}`,
  does: {
    procedure,
    input: ({ paymentId: _, ...payment }) => ({ ...payment, status: 'failed' }),
  },
});

/** All of them, for the manifest. */
export const paymentTriggers = [processed, failed] as readonly TopicTrigger[];
