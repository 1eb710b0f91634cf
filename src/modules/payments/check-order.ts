/** The rules that an order has to satisfy before money is asked for. */
import { type FieldIssue, type Refusal, refuse } from '../../kernel/errors.ts';
import {
  type Currency,
  equals,
  formatMoney,
  parseMoney,
  toDecimal,
  toWire,
} from '../../kernel/money.ts';
import type { TransactionalContext } from '../../kernel/procedure.ts';
import {
  orderNotPayable,
  paymentAmountMismatch,
  paymentOrderUnknown,
  paymentUserMismatch,
} from './errors.ts';
import { isPayable, type OrdersPort, type PayableOrder } from './ports.ts';

/** What a payment says of its order. */
export interface Claimed {
  readonly orderId: string;
  readonly userId?: string | undefined;
  readonly amount?: number | string | undefined;
  readonly currency?: Currency | undefined;
}

/** The order of a payment, or that there is none. */
export async function findPaymentOrder(
  context: TransactionalContext,
  orders: OrdersPort,
  orderId: string,
): Promise<PayableOrder | Refusal<'PAYMENT_ORDER_UNKNOWN'>> {
  const order = await orders.find(context.tx, orderId, context.trace);
  return (
    order ??
    refuse(
      paymentOrderUnknown,
      `Expected the id of an order, found ${orderId}. Place the order first.`,
      { data: { orderId } },
    )
  );
}

/** What is wrong with the claim, if anything: state, buyer, currency and amount, in this order. */
export function checkClaim(
  order: PayableOrder,
  claimed: Claimed,
): Refusal<'ORDER_NOT_PAYABLE' | 'PAYMENT_USER_MISMATCH' | 'PAYMENT_AMOUNT_MISMATCH'> | undefined {
  if (!isPayable(order))
    return refuse(
      orderNotPayable,
      `Expected an order that is pending or payment_failed, found one that is ${order.status}.`,
      { data: { orderStatus: order.status } },
    );
  if (claimed.userId !== undefined && claimed.userId.toLowerCase() !== order.userId)
    return refuse(
      paymentUserMismatch,
      'Expected the buyer of the order, found another user. Leave userId out or correct it.',
      { issues: [issue('/userId', 'the buyer of the order', claimed.userId)] },
    );
  return checkAmount(order, claimed);
}

/** Refuses an amount or currency that is not the order's. */
export function checkAmount(
  order: Pick<PayableOrder, 'total'>,
  claimed: Claimed,
): Refusal<'PAYMENT_AMOUNT_MISMATCH'> | undefined {
  const { total } = order;
  const issues: FieldIssue[] = [];
  if (claimed.currency !== undefined && claimed.currency !== total.currency)
    issues.push(issue('/currency', total.currency, claimed.currency));
  else if (claimed.amount !== undefined) {
    const amount = parseMoney(claimed.amount, total.currency);
    if (!amount || !equals(amount, total))
      issues.push(issue('/amount', toDecimal(total), String(claimed.amount)));
  }
  const [first] = issues;
  if (!first) return undefined;
  return refuse(
    paymentAmountMismatch,
    `Expected ${formatMoney(total)}, the total of the order; found ${first.found}. Pay the whole order.`,
    { issues, data: { expectedAmount: toWire(total), currency: total.currency } },
  );
}

function issue(pointer: string, expected: string, found: string): FieldIssue {
  return { pointer, expected, found, message: `Expected ${expected}, found ${found}.` };
}
