/**
 * The sandbox of the domain of orders. It begins with one order, `ORD-12345`, so that a billing order can be
 * tried at once; further ones are created as any other program would.
 */
import type { Handlers } from '../sandbox/contract-server.ts';
import {
  conflict,
  notThere,
  type RecordPlay,
  type RecordTools,
} from '../sandbox/record-sandbox.ts';
import type { components, operations } from './generated/openapi.ts';
import { contract } from './provider.ts';

type Schemas = components['schemas'];
type Order = Schemas['Order'];

const firstOrder: Order = {
  orderId: 'ORD-12345',
  orderType: 'CREATE',
  accountId: 'ACC-98765',
  customerId: 'CUST-555',
  lineItems: [
    {
      lineItemId: 'ITEM-001',
      mdn: '214-555-0123',
      imei: '350000000000001',
      iccid: '8900000000000000001',
      deviceModel: 'iPhone 13',
      simType: 'eSIM',
      plan: 'UNLIMITED_DATA',
      monthlyCharge: 75,
    },
  ],
  promotions: [{ promoCode: 'SUMMER2025', discount: 15 }],
  payment: { method: 'CREDIT_CARD', token: 'tok_visa' },
  shipping: { address: '123 Main St, City, State 12345', method: 'OVERNIGHT' },
  status: 'NEW',
};

function handlers(tools: RecordTools): Handlers<operations> {
  const orders = tools.records<Order>('orders');
  if (!orders.get(firstOrder.orderId)) {
    tools.journal.commit(orders.put(firstOrder.orderId, firstOrder));
  }
  const noOrder = (id: string) => notThere(`expected an order, found none with id ${id}`);
  return {
    createOrder: (request) =>
      tools.once(request, () => {
        const { orderId } = request.body;
        if (orders.get(orderId)) {
          const message = `expected a new order, found ${orderId} there already`;
          return { answer: conflict('ORDER_EXISTS', message) };
        }
        const order: Order = { ...request.body, status: 'NEW' };
        return {
          answer: { status: 201, body: order } as const,
          keep: [orders.put(orderId, order)],
        };
      }),
    getOrder({ path }) {
      const order = orders.get(path.orderId);
      return order ? { status: 200, body: order } : noOrder(path.orderId);
    },
    updateOrder: (request) =>
      tools.once(request, () => {
        const order = orders.get(request.path.orderId);
        if (!order) return { answer: noOrder(request.path.orderId) };
        const updated: Order = { ...order, ...request.body };
        return {
          answer: { status: 200, body: updated } as const,
          keep: [orders.put(order.orderId, updated)],
        };
      }),
  };
}

/** The played system. */
export const dsMvnoOrderPlay: RecordPlay = {
  name: 'ds-mvno-order',
  contract,
  kinds: ['orders'],
  handlers,
};
