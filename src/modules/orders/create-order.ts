/**
 * Places an order. Three reads and writes in all: the user, the products, and one statement that
 * writes the order with its lines; nothing is written before every rule has been checked.
 */
import { mayAccessUserData } from '../../kernel/caller.ts';
import { isRefusal, type Refusal, refuse } from '../../kernel/errors.ts';
import type { Currency } from '../../kernel/money.ts';
import { toWire } from '../../kernel/money.ts';
import type { TransactionalContext } from '../../kernel/procedure.ts';
import type { Address } from './address.ts';
import { demoAddress } from './demo-address.ts';
import { orderForbidden, shippingAddressRequired, userNotFound, userRequired } from './errors.ts';
import { orderCreated, triggerCreated } from './events.ts';
import type { Order } from './order.ts';
import type { OrdersPorts } from './ports.ts';
import { type PricingRequest, priceItems, type RequestedItem } from './price-items.ts';
import { insertOrder } from './store.ts';

/** What an order is made of; prices are only compared with the catalog. */
export interface CreateOrderInput extends PricingRequest {
  readonly userId?: string | undefined;
  readonly items: readonly RequestedItem[];
  readonly currency?: Currency | undefined;
  readonly newCustomer?: boolean | undefined;
  readonly shippingAddress?: Address | undefined;
  readonly billingAddress?: Address | undefined;
}

/** Places the order in this transaction and says so with `order.created`. */
export async function createOrder(
  context: TransactionalContext,
  ports: OrdersPorts,
  input: CreateOrderInput,
) {
  const { tx, trace } = context;
  const productIds = [...new Set(input.items.map((item) => item.productId))];
  // Neither needs the other's answer, so both questions travel together.
  const [userId, products] = await Promise.all([
    resolveUser(context, ports, input),
    ports.catalog.getProducts(tx, productIds, trace),
  ]);
  if (isRefusal(userId)) return userId;
  const priced = priceItems(input, products);
  if (isRefusal(priced)) return priced;
  const { items, total, requiresShipping } = priced;
  const shippingAddress = input.shippingAddress ?? (context.caller.demo ? demoAddress : null);
  if (requiresShipping && !shippingAddress) return addressMissing();
  const now = context.clock.now();
  const order: Order = {
    id: context.newId(),
    userId,
    status: 'pending',
    total,
    items,
    shippingAddress: requiresShipping ? shippingAddress : (input.shippingAddress ?? null),
    billingAddress: input.billingAddress ?? null,
    requiresShipping,
    createdAt: now,
    updatedAt: now,
    completedAt: null,
    cancelledAt: null,
    cancelReason: null,
    risk: null,
    approval: 'unknown',
    approvalReason: null,
    decidedBy: null,
    newCustomer: input.newCustomer ?? false,
    paymentId: null,
    trackingNumber: null,
  };
  insertOrder(tx, order);
  await announce(context, order);
  return order;
}

type UserCode = 'ORDER_USER_REQUIRED' | 'ORDER_FORBIDDEN' | 'ORDER_USER_NOT_FOUND';

/** Whom the order is for: oneself, or with staff's rights somebody else. */
async function resolveUser(
  context: TransactionalContext,
  ports: OrdersPorts,
  input: CreateOrderInput,
): Promise<string | Refusal<UserCode>> {
  const { caller } = context;
  const userId = (input.userId ?? caller.userId)?.toLowerCase();
  if (userId === undefined)
    return refuse(
      userRequired,
      `Expected a userId, since a ${caller.kind} caller is no user; found none. Name the user.`,
    );
  if (!mayAccessUserData(caller, userId))
    return refuse(
      orderForbidden,
      'Expected the own userId or none, found another one. Only staff order for others.',
    );
  if (await ports.users.exists(context.tx, userId, context.trace)) return userId;
  return refuse(
    userNotFound,
    `Expected the id of a user, found ${userId}. Register the user first.`,
    {
      issues: [
        {
          pointer: '/userId',
          expected: 'the id of a user',
          found: userId,
          message: 'There is no such user.',
        },
      ],
    },
  );
}

function addressMissing() {
  return refuse(
    shippingAddressRequired,
    'Expected a shipping address, since the order holds a physical product; found none. ' +
      'Add "shippingAddress".',
    {
      issues: [
        {
          pointer: '/shippingAddress',
          expected: 'an address with line1, city, postalCode and country',
          found: 'nothing',
          message: 'Physical products need a shipping address.',
        },
      ],
    },
  );
}

async function announce(context: TransactionalContext, order: Order): Promise<void> {
  await context.emit(orderCreated, {
    orderId: order.id,
    userId: order.userId,
    status: 'pending',
    totalAmount: toWire(order.total),
    currency: order.total.currency,
    itemCount: order.items.length,
    createdAt: order.createdAt.toISOString(),
  });
  await context.emit(triggerCreated, { orderId: order.id, userId: order.userId });
}
