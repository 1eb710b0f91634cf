/**
 * What a billing order is.
 *
 * - `CREATED`: its process was started. Left when the order was loaded from the operator's domain.
 * - `IN_PROGRESS`: accounts, lines, payment and biller are being worked on.
 * - `COMPLETED`: written back and published. Left only by cancelling.
 * - `CANCELLING`: complete, and being taken back: lines, charges, the biller's orders.
 * - `FAILED`, `CANCELLED`: final; what was done is undone.
 */
import { z } from 'zod';
import { idSchema } from '../../kernel/ids.ts';
import type { Money } from '../../kernel/money.ts';
import { toWire } from '../../kernel/money.ts';
import { defineStateMachine } from '../../kernel/state-machine.ts';
import type { BilledPromotion, DomainOrder, OrderedLine } from './provider.ts';
import { type BillingStep, billingSteps } from './steps.ts';

/** The transitions of a billing order. */
export const billingOrderStates = defineStateMachine({
  name: 'billing-order',
  initial: 'CREATED',
  transitions: {
    CREATED: ['IN_PROGRESS', 'FAILED', 'CANCELLED'],
    IN_PROGRESS: ['COMPLETED', 'FAILED', 'CANCELLED'],
    COMPLETED: ['CANCELLING'],
    CANCELLING: ['CANCELLED'],
    FAILED: [],
    CANCELLED: [],
  },
});

/** A declared status; there is no other. */
export type BillingOrderStatus = keyof typeof billingOrderStates.transitions;

/** Every status, for schemas. */
export const billingOrderStatuses = [
  'CREATED',
  'IN_PROGRESS',
  'COMPLETED',
  'FAILED',
  'CANCELLING',
  'CANCELLED',
] as const satisfies readonly BillingOrderStatus[];

/** The networks that orders come from, and answers go to. */
export const networks = ['cloud', 'comcast'] as const;
export type Network = (typeof networks)[number];

/** The money of the biller. */
export const billingCurrency = 'USD';

/** Exact sums of an order. */
export interface Billing {
  readonly monthlyCharges: Money;
  /** Zero or less. */
  readonly promotionalCredit: Money;
  readonly totalDue: Money;
}

/** A billing order as it is now. */
export interface BillingOrder {
  readonly id: string;
  /** The customer's order, and the business key of its process. */
  readonly orderId: string;
  /** Null until the order is loaded, where an event started it that did not say. */
  readonly accountId: string | null;
  readonly customerId: string | null;
  /** The order that a change is for. */
  readonly originalOrderId: string | null;
  readonly type: 'CREATE' | 'CHANGE';
  readonly status: BillingOrderStatus;
  readonly network: Network;
  readonly fulfillmentOrderId: string | null;
  readonly shipmentId: string | null;
  readonly provisionId: string | null;
  readonly currentStep: BillingStep;
  readonly progress: number;
  readonly amdocsAccountRef: string | null;
  /** Whether the account was opened for this order, and goes with it. */
  readonly accountCreated: boolean;
  readonly amdocsOrderRef: string | null;
  readonly billing: Billing | null;
  readonly promotions: readonly BilledPromotion[];
  readonly shipping: DomainOrder['shipping'] | null;
  readonly errorCode: string | null;
  readonly errorMessage: string | null;
  readonly cancelRequestedAt: Date | null;
  readonly cancelReason: string | null;
  readonly traceId: string;
  readonly spanId: string | null;
  readonly processInstanceId: string | null;
  readonly processDefinitionId: string | null;
  readonly createdAt: Date;
  readonly updatedAt: Date;
  readonly completedAt: Date | null;
}

/** A line on the wire. */
export const lineSchema = z.object({
  lineItemId: z.string(),
  mdn: z.string(),
  imei: z.string(),
  iccid: z.string(),
  deviceModel: z.string(),
  simType: z.enum(['eSIM', 'SIM']),
  plan: z.string(),
  monthlyCharge: z.number(),
});

/** A promotion on the wire. */
export const promotionSchema = z.object({ promoCode: z.string(), discount: z.number() });

/** Sums on the wire. */
export const billingSchema = z.object({
  monthlyCharges: z.number(),
  promotionalCredit: z.number().describe('Zero or less'),
  totalDue: z.number(),
});

/** A billing order on the wire. */
export const billingOrderSchema = z.object({
  id: idSchema,
  orderId: z.string(),
  accountId: z.string().nullable().describe('Null until the order is loaded, if nobody said'),
  customerId: z.string().nullable(),
  originalOrderId: z.string().nullable().describe('The order that a change is for'),
  type: z.enum(['CREATE', 'CHANGE']),
  status: z.enum(billingOrderStatuses),
  network: z.enum(networks),
  fulfillmentOrderId: z.string().nullable(),
  shipmentId: z.string().nullable(),
  provisionId: z.string().nullable(),
  currentStep: z.enum(billingSteps),
  progress: z.number().int(),
  amdocsAccountRef: z.string().nullable(),
  amdocsOrderRef: z.string().nullable(),
  billing: billingSchema.nullable(),
  error: z.object({ code: z.string(), message: z.string() }).nullable(),
  traceId: z.string(),
  processInstanceId: idSchema.nullable(),
  processDefinitionId: z.string().nullable(),
  createdAt: z.iso.datetime(),
  updatedAt: z.iso.datetime(),
  completedAt: z.iso.datetime().nullable(),
});

/** Sums as the API shows them. */
export function billingView(billing: Billing): z.input<typeof billingSchema> {
  return {
    monthlyCharges: toWire(billing.monthlyCharges),
    promotionalCredit: toWire(billing.promotionalCredit),
    totalDue: toWire(billing.totalDue),
  };
}

/** The order as the API shows it. */
export function billingOrderView(order: BillingOrder): z.input<typeof billingOrderSchema> {
  const { errorCode, errorMessage, billing, createdAt, updatedAt, completedAt } = order;
  return {
    ...order,
    billing: billing && billingView(billing),
    error: errorCode === null ? null : { code: errorCode, message: errorMessage ?? '' },
    createdAt: createdAt.toISOString(),
    updatedAt: updatedAt.toISOString(),
    completedAt: completedAt?.toISOString() ?? null,
  };
}

/** The reference of the payment of an order; one order pays once. */
export const paymentReference = (orderId: string) => `${orderId}:payment`;

/** The reference of the credit of a promotion. */
export const creditReference = (orderId: string, promoCode: string) =>
  `${orderId}:credit:${promoCode}`;

/** Lines as the biller charges them. */
export function billedLines(lines: readonly OrderedLine[]) {
  return lines.map(({ mdn, plan, monthlyCharge }) => ({ mdn, plan, monthlyCharge }));
}
