/**
 * Changes what an order carries for others: the ids that warehouse and provisioning have for it, and where it
 * is shipped to. They go out with its provisioning, so only an order under way can take them; lines and plans
 * are changed by an order of their own.
 */
import { type Refusal, refuse } from '../../kernel/errors.ts';
import type { TransactionalContext } from '../../kernel/procedure.ts';
import type { BillingOrder } from './billing-order.ts';
import { billingOrderNotChangeable, billingOrderNotFound } from './errors.ts';
import { changeOrder, lockOrder } from './store.ts';

/** What is to be changed; what is absent stays. */
export interface References {
  readonly fulfillmentOrderId?: string | undefined;
  readonly shipmentId?: string | undefined;
  readonly provisionId?: string | undefined;
  readonly shipping?: BillingOrder['shipping'] | undefined;
}

/** The changed order. The same again changes nothing. */
export async function changeReferences(
  context: TransactionalContext,
  { orderId, ...references }: References & { readonly orderId: string },
): Promise<BillingOrder | Refusal<'BILLING_ORDER_NOT_FOUND' | 'BILLING_ORDER_NOT_CHANGEABLE'>> {
  const order = await lockOrder(context.tx, orderId);
  if (!order) {
    return refuse(billingOrderNotFound, `Expected the id of a billing order, found ${orderId}.`);
  }
  const isOpen = order.status === 'CREATED' || order.status === 'IN_PROGRESS';
  if (isOpen && !order.cancelRequestedAt) return await noteReferences(context, order, references);
  const found = isOpen ? 'being cancelled' : order.status;
  return refuse(
    billingOrderNotChangeable,
    `Expected an order under way, found ${order.orderId} ${found}. Other plans are an order of their ` +
      'own: start it with "salesChangeOrder".',
  );
}

/** Writes down what is new in an order that this transaction has locked. */
export async function noteReferences(
  context: TransactionalContext,
  order: BillingOrder,
  references: References,
): Promise<BillingOrder> {
  const told = Object.entries(references).filter(([, value]) => value !== undefined);
  const isNews = told.some(
    ([name, value]) => JSON.stringify(order[name as keyof References]) !== JSON.stringify(value),
  );
  return isNews ? await changeOrder(context, order, Object.fromEntries(told)) : order;
}
