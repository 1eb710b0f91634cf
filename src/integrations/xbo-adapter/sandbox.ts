/**
 * The sandbox of the other way to the biller. An order is `ACCEPTED` until it is written back by force, or
 * that fails; at once, unless the sandbox is told to hold it.
 */
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

type Schemas = components['schemas'];
type KeptOrder = Schemas['AdapterOrder'] & { readonly accountId: string };

function shown({ accountId, ...order }: KeptOrder): Schemas['AdapterOrder'] {
  return order;
}

function handlers(tools: RecordTools): Handlers<Omit<operations, 'writeBack'>> {
  const orders = tools.records<KeptOrder>('orders');
  return {
    submitOrder: (request) =>
      tools.once(request, () => {
        const { orderId } = request.body;
        if (orders.get(orderId)) {
          const message = `expected a new order, found ${orderId} there already`;
          return { answer: conflict('ORDER_EXISTS', message) };
        }
        const adapterOrderId = `XBO-${newId().slice(-12)}`;
        const order: KeptOrder = { ...request.body, adapterOrderId, status: 'ACCEPTED' };
        return {
          answer: { status: 201, body: shown(order) } as const,
          keep: [orders.put(orderId, order)],
          later: orderId,
        };
      }),
    checkOrderStatus({ path }) {
      const order = orders.get(path.orderId);
      if (!order) return notThere(`expected an order, found none with id ${path.orderId}`);
      return { status: 200, body: shown(order) };
    },
  };
}

/** The played system. */
export const xboAdapterPlay: RecordPlay = {
  name: 'xbo-adapter',
  contract,
  kinds: ['orders'],
  handlers,
  end(tools, orderId, succeeds) {
    const orders = tools.records<KeptOrder>('orders');
    const order = orders.get(orderId);
    if (order?.status !== 'ACCEPTED') return null;
    const ended: KeptOrder = { ...order, status: succeeds ? 'WRITTEN_BACK' : 'FAILED' };
    const tell: Schemas['WriteBack'] = {
      eventId: newId(),
      eventType: 'WRITEBACK_COMPLETE',
      timestamp: tools.clock.now().toISOString(),
      mboOrderId: orderId,
      accountId: order.accountId,
      orderReference: order.orderReference,
      writebackStatus: succeeds ? 'SUCCESS' : 'FAILED',
    };
    return { keep: [orders.put(orderId, ended)], callbackKey: orderId, tell: { ...tell } };
  },
};
