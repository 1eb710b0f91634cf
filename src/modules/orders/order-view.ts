/** How an order is shown: amounts in major units, times as ISO 8601 in UTC. */

import type { z } from 'zod';
import { toWire } from '../../kernel/money.ts';
import type { Order, OrderItem, OrderView, orderItemSchema } from './order.ts';

/** The lines of an order as the API shows them. */
export function itemView(order: Order, item: OrderItem): z.input<typeof orderItemSchema> {
  return {
    id: item.id,
    orderId: order.id,
    productId: item.productId,
    productName: item.productName,
    quantity: item.quantity,
    price: toWire(item.price),
    subtotal: toWire(item.subtotal),
  };
}

/** The order as the API shows it. */
export function orderView(order: Order): OrderView {
  return {
    id: order.id,
    userId: order.userId,
    status: order.status,
    totalAmount: toWire(order.total),
    currency: order.total.currency,
    items: order.items.map((item) => itemView(order, item)),
    shippingAddress: order.shippingAddress,
    billingAddress: order.billingAddress,
    requiresShipping: order.requiresShipping,
    createdAt: order.createdAt.toISOString(),
    updatedAt: order.updatedAt.toISOString(),
    completedAt: order.completedAt?.toISOString() ?? null,
    cancelledAt: order.cancelledAt?.toISOString() ?? null,
    cancelReason: order.cancelReason,
    risk: order.risk && {
      score: order.risk.score,
      level: order.risk.level,
      factors: order.risk.factors.map((factor) => ({ ...factor })),
    },
    approval: order.approval,
    approvalReason: order.approvalReason,
    decidedBy: order.decidedBy,
    newCustomer: order.newCustomer,
    paymentId: order.paymentId,
    trackingNumber: order.trackingNumber,
  };
}
