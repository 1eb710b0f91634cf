/** The sandbox of the biller's own orders. An order is `OPEN` until it is cancelled; a change acts once. */
import { newId } from '../../kernel/ids.ts';
import type { Handlers } from '../sandbox/contract-server.ts';
import {
  conflict,
  notThere,
  type RecordPlay,
  type RecordTools,
} from '../sandbox/record-sandbox.ts';
import type { components, operations } from './generated/openapi.ts';
import { contract } from './provider.ts';

type BillerOrder = components['schemas']['BillerOrder'];

function handlers(tools: RecordTools): Handlers<operations> {
  const orders = tools.records<BillerOrder>('orders');
  const noOrder = (id: string) =>
    notThere(`expected an order of the biller, found none with id ${id}`);
  return {
    createOrder: (request) =>
      tools.once(request, () => {
        const { orderId } = request.body;
        if (orders.get(orderId)?.status === 'OPEN') {
          const message = `expected a new order, found ${orderId} there already`;
          return { answer: conflict('ORDER_EXISTS', message) };
        }
        const billerOrderId = `XOMS-${newId().slice(-12)}`;
        const order: BillerOrder = { ...request.body, billerOrderId, status: 'OPEN', changes: [] };
        return {
          answer: { status: 201, body: order } as const,
          keep: [orders.put(orderId, order)],
        };
      }),
    getOrder({ path }) {
      const order = orders.get(path.orderId);
      return order ? { status: 200, body: order } : noOrder(path.orderId);
    },
    changeOrder: (request) =>
      tools.once(request, () => {
        const order = orders.get(request.path.orderId);
        if (!order) return { answer: noOrder(request.path.orderId) };
        if (order.status !== 'OPEN') {
          const message = `expected an open order, found one that is ${order.status}`;
          return { answer: conflict('ORDER_LOCKED', message) };
        }
        const { changeId, lineItems } = request.body;
        const changes = order.changes.includes(changeId)
          ? order.changes
          : [...order.changes, changeId];
        const others = order.lineItems.filter(({ mdn }) => !lineItems.some((l) => l.mdn === mdn));
        const changed: BillerOrder = { ...order, lineItems: [...others, ...lineItems], changes };
        return {
          answer: { status: 200, body: changed } as const,
          keep: [orders.put(order.orderId, changed)],
        };
      }),
    cancelOrder: (request) =>
      tools.once(request, () => {
        const order = orders.get(request.path.orderId);
        if (!order) return { answer: noOrder(request.path.orderId) };
        const cancelled: BillerOrder = { ...order, status: 'CANCELLED' };
        return {
          answer: { status: 200, body: cancelled } as const,
          keep: [orders.put(order.orderId, cancelled)],
        };
      }),
  };
}

/** The played system. */
export const xomsBillerPlay: RecordPlay = {
  name: 'xoms-biller',
  contract,
  kinds: ['orders'],
  handlers,
};
