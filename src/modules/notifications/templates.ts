/**
 * The texts of all notifications, as data. Each type says which facts its text needs, so that a
 * missing fact is found before anything is stored. Adding a type is adding one entry here.
 */
import { z } from 'zod';
import { idSchema } from '../../kernel/ids.ts';
import { textSchema } from '../../kernel/text.ts';

interface Template<Data extends z.ZodType> {
  /** The facts that the text needs besides order and name. */
  readonly data: Data;
  readonly subject: (facts: Facts) => string;
  readonly text: (facts: Facts, data: z.output<Data>) => string;
}

/** What every text may use. */
export interface Facts {
  readonly orderId: string;
  /** How the recipient is greeted. */
  readonly name: string;
}

/** Ties the type of the facts to the text that uses them. */
function template<Data extends z.ZodType>(definition: Template<Data>): Template<Data> {
  return Object.freeze(definition);
}

const reason = textSchema(500).nullish();
const none = z.object({});
const because = (given: string | null | undefined) => (given ? `\nReason: ${given}\n` : '');

/** Every type of notification and its text. */
export const templates = {
  'order-received': template({
    data: z.object({
      totalAmount: z.number().nullish(),
      currency: textSchema(3).nullish(),
      paymentUrl: textSchema(2000).pipe(z.url()).nullish(),
    }),
    subject: ({ orderId }) => `We received your order ${orderId}`,
    text: ({ name, orderId }, { totalAmount, currency, paymentUrl }) =>
      letter(
        name,
        `thank you for your order ${orderId}${total(totalAmount, currency)}.` +
          (paymentUrl ? `\n\nPay here: ${paymentUrl}` : ''),
      ),
  }),
  'order-confirmed': template({
    data: z.object({
      totalAmount: z.number().nullish(),
      currency: textSchema(3).nullish(),
    }),
    subject: ({ orderId }) => `Your order ${orderId} is confirmed`,
    text: ({ name, orderId }, { totalAmount, currency }) =>
      letter(name, `your order ${orderId}${total(totalAmount, currency)} is confirmed.`),
  }),
  'order-shipped': template({
    data: z.object({
      trackingNumber: textSchema(100).nullish(),
      trackingUrl: textSchema(2000).pipe(z.url()).nullish(),
      estimatedDeliveryAt: z.iso.datetime().nullish(),
    }),
    subject: ({ orderId }) => `Your order ${orderId} is on its way`,
    text: ({ name, orderId }, { trackingNumber, trackingUrl, estimatedDeliveryAt }) =>
      letter(
        name,
        `your order ${orderId} is on its way.` +
          (trackingNumber ? `\n\nTracking number: ${trackingNumber}` : '') +
          (trackingUrl ? `\nFollow it: ${trackingUrl}` : '') +
          (estimatedDeliveryAt ? `\nExpected on ${estimatedDeliveryAt.slice(0, 10)}` : ''),
      ),
  }),
  'order-completed': template({
    data: none,
    subject: ({ orderId }) => `Your order ${orderId} has arrived`,
    text: ({ name, orderId }) =>
      letter(name, `your order ${orderId} was delivered. We hope that you enjoy it.`),
  }),
  'order-cancelled': template({
    data: z.object({ reason }),
    subject: ({ orderId }) => `Your order ${orderId} was cancelled`,
    text: ({ name, orderId }, data) =>
      letter(
        name,
        `your order ${orderId} was cancelled.${because(data.reason)}\n` +
          'If you have paid, the money is on its way back to you.',
      ),
  }),
  'order-rejected': template({
    data: z.object({ reason }),
    subject: ({ orderId }) => `We cannot accept your order ${orderId}`,
    text: ({ name, orderId }, data) =>
      letter(name, `we are sorry, we cannot accept your order ${orderId}.${because(data.reason)}`),
  }),
  'payment-failed': template({
    data: z.object({ failureReason: textSchema(500).nullish() }),
    subject: ({ orderId }) => `The payment of your order ${orderId} failed`,
    text: ({ name, orderId }, { failureReason }) =>
      letter(name, `the payment of your order ${orderId} failed.${because(failureReason)}`),
  }),
  'payment-refunded': template({
    data: z.object({
      refundedAmount: z.number().nullish(),
      currency: textSchema(3).nullish(),
    }),
    subject: ({ orderId }) => `The money for your order ${orderId} is on its way back`,
    text: ({ name, orderId }, { refundedAmount, currency }) =>
      letter(
        name,
        `we returned the money for your order ${orderId}${total(refundedAmount, currency)}.`,
      ),
  }),
  'delivery-failed': template({
    data: z.object({
      detail: textSchema(500).nullish(),
      ticketId: idSchema.nullish(),
    }),
    subject: ({ orderId }) => `The delivery of your order ${orderId} failed`,
    text: ({ name, orderId }, { detail, ticketId }) =>
      letter(
        name,
        `the delivery of your order ${orderId} failed.${because(detail)}\n` +
          `We are looking into it${ticketId ? ` (ticket ${ticketId})` : ''}.`,
      ),
  }),
} as const;

/** A type that has a text. */
export type NotificationType = keyof typeof templates;

/** Every type of notification. */
export const notificationTypes = Object.keys(templates) as [
  NotificationType,
  ...NotificationType[],
];

/** A written notification. */
export interface Written {
  readonly subject: string;
  readonly text: string;
}

/** The text of one type, or what of its facts is missing or wrong. */
export function write(
  type: NotificationType,
  facts: Facts,
  data: unknown,
): Written | { readonly issues: readonly z.core.$ZodIssue[] } {
  return fill(templates[type] as Template<z.ZodType>, facts, data);
}

function fill<Data extends z.ZodType>(
  { data: schema, subject, text }: Template<Data>,
  facts: Facts,
  data: unknown,
) {
  const parsed = schema.safeParse(data);
  if (!parsed.success) return { issues: parsed.error.issues };
  return { subject: subject(facts), text: text(facts, parsed.data) };
}

function letter(name: string, body: string): string {
  return `Hello ${name},\n\n${body}\n\nOrderloom\n`;
}

function total(amount: number | null | undefined, currency: string | null | undefined): string {
  return typeof amount === 'number' && currency ? ` over ${amount} ${currency}` : '';
}
