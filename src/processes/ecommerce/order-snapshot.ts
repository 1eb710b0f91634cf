/**
 * What the order process keeps of an order: what it was when it was placed. What changes later (its
 * status, its payment) is asked for when it is needed, never read from here.
 */
import { z } from 'zod';
import { orderSchema } from '../../modules/orders/index.ts';

/** The order as it was placed. */
export const orderSnapshot = z.object({
  ...orderSchema.pick({
    id: true,
    userId: true,
    totalAmount: true,
    currency: true,
    shippingAddress: true,
    requiresShipping: true,
  }).shape,
  items: z.array(
    orderSchema.shape.items.element.pick({ productId: true, productName: true, quantity: true }),
  ),
});
