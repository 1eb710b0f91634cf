/**
 * What the payments module tells the world. The payloads of `payment.processed` and `payment.failed`
 * are those of the order management contracts, to the letter.
 */
import { z } from 'zod';
import { defineEvent } from '../../kernel/event.ts';
import { idSchema } from '../../kernel/ids.ts';

const moment = z.iso.datetime();
const byOrder = (payload: { orderId: string }) => payload.orderId;
const subject = { paymentId: idSchema, orderId: idSchema, userId: idSchema };

/** The money was taken. */
export const paymentProcessed = defineEvent({
  name: 'payment.processed',
  version: 1,
  topic: 'payment.processed',
  summary: 'A payment succeeded',
  payload: z.object({
    ...subject,
    amount: z.number(),
    currency: z.string(),
    paymentMethod: z.string(),
    transactionId: z
      .string()
      .describe("The gateway's id of the charge, or of the session when it named no charge"),
    processedAt: moment,
  }),
  key: byOrder,
  forOwner: true,
});

/** No money was taken. */
export const paymentFailed = defineEvent({
  name: 'payment.failed',
  version: 1,
  topic: 'payment.failed',
  summary: 'A payment failed',
  payload: z.object({
    ...subject,
    amount: z.number(),
    currency: z.string(),
    failureReason: z.string(),
    failureCode: z.string(),
    failedAt: moment,
  }),
  key: byOrder,
  forOwner: true,
});

/** Money went back, all of it or a part. */
export const paymentRefunded = defineEvent({
  name: 'payment.refunded',
  version: 1,
  topic: 'payment.refunded',
  summary: 'A payment was refunded, in whole or in part',
  payload: z.object({
    ...subject,
    amount: z.number().describe('What went back this time'),
    currency: z.string(),
    refundedAmount: z.number().describe('What went back so far'),
    fullyRefunded: z.boolean(),
    reason: z.string(),
    refundedAt: moment,
  }),
  key: byOrder,
  forOwner: true,
});

/** Resumes what waits for the outcome of a payment. */
export const triggerCompleted = defineEvent({
  name: 'payments.trigger.completed',
  version: 1,
  summary: 'Trigger: the outcome of a payment is known',
  payload: z.object({
    orderId: idSchema,
    paymentId: idSchema,
    status: z.enum(['completed', 'failed']),
    failureReason: z.string().optional(),
    failureCode: z.string().optional(),
  }),
  key: byOrder,
});

/** Money came for an order that was given up: it has to go back. */
export const triggerPaidAfterCancel = defineEvent({
  name: 'payments.trigger.paid-after-cancel',
  version: 1,
  summary: 'Trigger: a payment arrived for an order that was given up',
  payload: z.object({ orderId: idSchema, paymentId: idSchema }),
  key: byOrder,
});

/** All of them, for the manifest. */
export const paymentEvents = [
  paymentProcessed,
  paymentFailed,
  paymentRefunded,
  triggerCompleted,
  triggerPaidAfterCancel,
] as const;
