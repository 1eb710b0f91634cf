/** What the payments module offers, as data: who may call what, where, and which use case answers. */
import { z } from 'zod';
import { isRefusal, type Refusal, refuse } from '../../kernel/errors.ts';
import { idSchema } from '../../kernel/ids.ts';
import { amountSchema, currencySchema, toWire } from '../../kernel/money.ts';
import { cursorValue, pageOf, pageQueryBy, toPage } from '../../kernel/page.ts';
import {
  type CallContext,
  defineExternal,
  defineRead,
  defineTransactional,
  type Procedure,
  type ReadContext,
  type TransactionalContext,
} from '../../kernel/procedure.ts';
import { textSchema } from '../../kernel/text.ts';
import { announcementSchema } from './announcement.ts';
import { checkSessions } from './check-sessions.ts';
import { createSession } from './create-session.ts';
import * as errors from './errors.ts';
import * as events from './events.ts';
import {
  maySeePayment,
  type Payment,
  paymentActions,
  paymentRowSchema,
  paymentSchema,
  paymentView,
} from './payment.ts';
import { paymentStatuses } from './payment-states.ts';
import type { PaymentsOptions } from './ports.ts';
import { processPayment, reconcilePayment } from './process-payment.ts';
import { paymentMethods } from './provider.ts';
import { type PaymentWebhook, receiveWebhook } from './receive-webhook.ts';
import { refundPayment } from './refund-payment.ts';
import { settleOrder } from './settle-order.ts';
import { findPayment, readPaymentPage } from './store.ts';

/** The ids of a call, read leniently: the trace event of a failed call may have any input. */
const tracedSchema = z.object({
  input: z
    .object({
      orderId: idSchema.optional().catch(undefined),
      amount: amountSchema.optional().catch(undefined),
      paymentMethod: z.enum(paymentMethods).optional().catch(undefined),
    })
    .catch({}),
  output: z
    .object({
      id: idSchema.optional(),
      paymentId: idSchema.optional(),
      orderId: idSchema,
      userId: idSchema.optional(),
      status: z.string(),
    })
    .optional()
    .catch(undefined),
});

/** What the trace event keeps of a payment: ids and the amount, and nothing of how it was paid. */
function describePayment(call: { input: unknown; output?: unknown }) {
  const { input, output } = tracedSchema.parse(call);
  const facts = {
    orderId: output?.orderId ?? input.orderId,
    userId: output?.userId,
    paymentId: output?.id ?? output?.paymentId,
    amount: input.amount,
    paymentMethod: input.paymentMethod,
    paymentStatus: output?.status,
  };
  return Object.fromEntries(Object.entries(facts).filter(([, fact]) => fact !== undefined));
}

const trace = {
  type: 'payment_processing',
  service: 'Payment Service',
  describe: describePayment,
} as const;

const settledEvents = [
  events.paymentProcessed,
  events.paymentFailed,
  events.triggerCompleted,
  events.triggerPaidAfterCancel,
];

function viewerOf({ encryptionKey }: PaymentsOptions) {
  return <Code extends string>(context: CallContext, result: Payment | Refusal<Code>) =>
    isRefusal(result)
      ? (result as Refusal<Code>)
      : paymentView(result as Payment, context.caller, encryptionKey);
}

const sessionSchema = z.object({
  paymentId: idSchema,
  orderId: idSchema,
  status: z.enum(paymentStatuses),
  amount: z.number(),
  currency: z.string(),
  sessionId: z.string().nullable(),
  url: z.string().nullable().describe('Where the customer pays; null when nothing is to be paid'),
  expiresAt: z.iso.datetime().nullable(),
});

function sessionView(payment: Payment): z.input<typeof sessionSchema> {
  return {
    paymentId: payment.id,
    orderId: payment.orderId,
    status: payment.status,
    amount: toWire(payment.amount),
    currency: payment.amount.currency,
    sessionId: payment.sessionId,
    url: payment.status === 'pending' ? payment.sessionUrl : null,
    expiresAt: payment.sessionExpiresAt?.toISOString() ?? null,
  };
}

function createSessionProcedure(options: PaymentsOptions) {
  return defineExternal({
    name: 'payments.create-session',
    summary: 'Open a page on which the customer pays an order',
    description: 'An order has one open session: asking again gives the same one.',
    input: z.object({
      orderId: idSchema,
      amount: amountSchema.optional().describe('Has to be the total of the order'),
      currency: currencySchema.optional(),
      userId: idSchema.optional().describe('Has to be the buyer'),
    }),
    output: sessionSchema,
    access: ['service', 'admin'],
    http: { method: 'POST', path: '/payments/sessions', status: 201 },
    limits: { system: 'payment-gateway' },
    errors: [
      errors.paymentOrderUnknown,
      errors.orderNotPayable,
      errors.paymentUserMismatch,
      errors.paymentAmountMismatch,
    ],
    async execute(context, input) {
      const payment = await createSession(context, options, input);
      return isRefusal(payment) ? payment : sessionView(payment);
    },
  });
}

function processProcedure(options: PaymentsOptions) {
  const view = viewerOf(options);
  return defineExternal({
    name: 'payments.process',
    summary: 'Pay an order',
    description:
      'Charges at once. The outcome also wakes the process of the order. When the gateway does not ' +
      'answer, send the same request again with the same Idempotency-Key: it never charges twice.',
    input: z.object({
      orderId: idSchema,
      userId: idSchema.optional().describe('Has to be the buyer'),
      amount: amountSchema.describe('Has to be the total of the order'),
      currency: currencySchema.optional(),
      paymentMethod: z.enum(paymentMethods),
      cardToken: textSchema(200)
        .meta({ format: 'password', examples: ['tok_xxxx'] })
        .describe("The gateway's token; neither stored nor logged"),
    }),
    output: paymentSchema,
    access: 'authenticated',
    http: { method: 'POST', path: '/payments' },
    limits: { system: 'payment-gateway' },
    errors: [
      errors.paymentOrderUnknown,
      errors.paymentForbidden,
      errors.paymentUserMismatch,
      errors.orderNotPayable,
      errors.paymentAmountMismatch,
      errors.paymentMethodInactive,
      errors.paymentAlreadyProcessed,
      errors.paymentInProgress,
      errors.paymentDeclined,
      errors.invalidPaymentDetails,
    ],
    emits: settledEvents,
    trace,
    execute: async (context, input) => view(context, await processPayment(context, options, input)),
    async reconcile(context, input) {
      const outcome = await reconcilePayment(context, options, input);
      return outcome && view(context, outcome);
    },
  });
}

function getProcedure(options: PaymentsOptions) {
  return defineRead({
    name: 'payments.get',
    summary: 'Get a payment',
    description: 'Details are masked for readers who may know of the payment but not of its card.',
    input: z.object({ paymentId: idSchema }),
    output: paymentRowSchema,
    access: 'authenticated',
    http: { method: 'GET', path: '/payments/{paymentId}' },
    errors: [errors.paymentNotFound, errors.paymentForbidden],
    async execute(context, { paymentId }) {
      const payment = await findPayment(context.tx, paymentId);
      if (!payment)
        return refuse(
          errors.paymentNotFound,
          `Expected the id of a payment, found ${paymentId}. Check the id.`,
        );
      if (!maySeePayment(context.caller, payment.userId)) return forbidden();
      return rowView(context, options, payment);
    },
  });
}

function rowView({ caller }: ReadContext, options: PaymentsOptions, payment: Payment) {
  const can = paymentActions(payment, caller);
  return { ...paymentView(payment, caller, options.encryptionKey), can };
}

function forbidden() {
  return refuse(
    errors.paymentForbidden,
    'Expected the own payment, found that of another user. Only the buyer and staff see it.',
  );
}

function listForOrderProcedure(options: PaymentsOptions) {
  return defineRead({
    name: 'payments.list-for-order',
    summary: 'List the payments of an order, newest first',
    input: pageQueryBy([idSchema]).extend({ orderId: idSchema }),
    output: pageOf(paymentRowSchema),
    access: 'authenticated',
    http: { method: 'GET', path: '/payments/order/{orderId}' },
    errors: [errors.paymentOrderUnknown, errors.paymentForbidden],
    async execute(context, { orderId, limit, cursor }) {
      const order = await options.orders.find(context.tx, orderId, context.trace);
      if (!order)
        return refuse(
          errors.paymentOrderUnknown,
          `Expected the id of an order, found ${orderId}. Check the id.`,
        );
      if (!maySeePayment(context.caller, order.userId)) return forbidden();
      const afterId = cursorValue(cursor);
      const { payments, counted } = await readPaymentPage(context.tx, { orderId, afterId, limit });
      return toPage({
        rows: payments,
        limit,
        counted,
        cursorOf: (payment) => [payment.id],
        itemOf: (payment) => rowView(context, options, payment),
      });
    },
  });
}

function refundProcedure(options: PaymentsOptions) {
  const view = viewerOf(options);
  return defineExternal({
    name: 'payments.refund',
    summary: 'Give back all or part of a payment',
    input: z.object({
      paymentId: idSchema,
      amount: amountSchema.optional().describe('All that is left when absent'),
      reason: textSchema(500),
    }),
    output: paymentSchema,
    access: ['admin', 'manager', 'service'],
    http: { method: 'POST', path: '/payments/{paymentId}/refund' },
    limits: { system: 'payment-gateway' },
    errors: [
      errors.paymentNotFound,
      errors.paymentNotRefundable,
      errors.refundExceedsPayment,
      errors.refundRefused,
    ],
    emits: [events.paymentRefunded],
    execute: async (context, input) => view(context, await refundPayment(context, options, input)),
  });
}

function settleOrderProcedure(options: PaymentsOptions) {
  return defineExternal({
    name: 'payments.settle-order',
    summary: 'Settle the payment of an order that was given up',
    description: 'Closes an open session, gives back what was taken, and does nothing otherwise.',
    input: z.object({
      orderId: idSchema,
      reason: textSchema(500).default('The order was given up'),
    }),
    output: z.object({
      orderId: idSchema,
      outcome: z.enum(['nothing', 'session-closed', 'refunded']),
      paymentId: idSchema.nullable(),
      refundedAmount: z.number(),
    }),
    access: ['service', 'admin', 'manager'],
    http: { method: 'POST', path: '/payments/order/{orderId}/settle' },
    limits: { system: 'payment-gateway' },
    errors: [],
    emits: [...settledEvents, events.paymentRefunded],
    async execute(context, input) {
      const { outcome, payment } = await settleOrder(context, options, input);
      return {
        orderId: input.orderId,
        outcome,
        paymentId: payment?.id ?? null,
        refundedAmount: payment ? toWire(payment.refunded) : 0,
      };
    },
  });
}

function checkSessionsProcedure(options: PaymentsOptions) {
  return defineExternal({
    name: 'payments.check-sessions',
    summary: 'Ask the gateway about open sessions that nothing was heard of',
    description:
      'For webhooks that never come. Runs by itself now and then; what it learns is taken in like a webhook.',
    input: z.object({ limit: z.number().int().min(1).max(500).default(50) }),
    output: z.object({
      asked: z.number().int(),
      settled: z.number().int().describe('Payments that the answer settled'),
      more: z.boolean().describe('True when there may be further ones to ask about at once'),
    }),
    access: ['service', 'admin', 'operator'],
    http: { method: 'POST', path: '/payments/sessions/check' },
    limits: { system: 'payment-gateway' },
    errors: [],
    emits: settledEvents,
    execute: (context, input) => checkSessions(context, options, input),
  });
}

/** The body of a webhook. The curl lines of the reference send only `orderId` and `status`. */
const paymentWebhookSchema = z
  .object({
    orderId: idSchema.optional(),
    paymentId: idSchema.optional(),
    reference: idSchema
      .optional()
      .describe('Another name of `paymentId`, as gateways give it back'),
    sessionId: textSchema(200).optional(),
    status: z.enum(['completed', 'failed']),
    eventId: textSchema(200).optional().describe("The sender's id of this delivery"),
    transactionId: textSchema(200).optional(),
    failureReason: textSchema(500).optional(),
    failureCode: textSchema(100).optional(),
    amount: amountSchema.optional(),
    currency: currencySchema.optional(),
    paymentMethod: z.enum(paymentMethods).optional(),
    method: z
      .object({
        brand: textSchema(50).nullable().default(null),
        last4: z
          .string()
          .regex(/^\d{4}$/)
          .nullable()
          .default(null),
        holder: textSchema(200).nullable().default(null),
      })
      .optional(),
  })
  .refine(
    ({ orderId, paymentId, reference, sessionId }) =>
      (orderId ?? paymentId ?? reference ?? sessionId) !== undefined,
    { message: 'expected an orderId, a paymentId or a sessionId', path: ['orderId'] },
  );

const receivedSchema = z.object({
  orderId: idSchema,
  paymentId: idSchema,
  status: z.enum(paymentStatuses),
  applied: z.boolean().describe('False when this was known before'),
});

/** How news of a payment is refused, whoever brings it. */
const receivedErrors = [
  errors.paymentNotFound,
  errors.paymentOrderUnknown,
  errors.orderNotPayable,
  errors.paymentAmountMismatch,
  errors.paymentWebhookContradicts,
] as const;

async function receive(
  context: TransactionalContext,
  options: PaymentsOptions,
  news: PaymentWebhook,
) {
  const received = await receiveWebhook(context, options, news);
  if (isRefusal(received)) return received;
  const { payment, applied } = received;
  return { orderId: payment.orderId, paymentId: payment.id, status: payment.status, applied };
}

function receiveWebhookProcedure(options: PaymentsOptions) {
  return defineTransactional({
    name: 'payments.receive-webhook',
    summary: 'Take in what the payment gateway says',
    description: 'Called for verified webhooks. The same news twice acts once.',
    input: paymentWebhookSchema,
    output: receivedSchema,
    access: ['service'],
    errors: receivedErrors,
    emits: settledEvents,
    trace,
    execute: (context, { reference, ...body }) =>
      receive(context, options, { ...body, paymentId: body.paymentId ?? reference }),
  });
}

function receiveAnnouncementProcedure(options: PaymentsOptions) {
  return defineTransactional({
    name: 'payments.receive-announcement',
    summary: 'Take in what another payment service has published of a payment',
    description:
      'Called for messages of the topics `payment.processed` and `payment.failed`. The outcome is kept as ' +
      "that of the order's payment and moves the order's process. It is not published again.",
    input: announcementSchema,
    output: receivedSchema,
    access: ['service'],
    errors: receivedErrors,
    emits: [events.triggerCompleted, events.triggerPaidAfterCancel],
    trace,
    execute: (context, announcement) =>
      receive(context, options, { ...announcement, announced: true }),
  });
}

/** Every procedure of the module. */
export function paymentsProcedures(options: PaymentsOptions): readonly Procedure[] {
  return [
    createSessionProcedure(options),
    processProcedure(options),
    getProcedure(options),
    listForOrderProcedure(options),
    refundProcedure(options),
    settleOrderProcedure(options),
    checkSessionsProcedure(options),
    receiveWebhookProcedure(options),
    receiveAnnouncementProcedure(options),
  ];
}
