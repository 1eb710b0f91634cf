/**
 * The sandbox of the billing system of record. A billing order is `SUBMITTED` until it is written back as
 * `COMPLETED` or `FAILED`, which happens at once unless the sandbox is told to hold it; `CANCELLED` is
 * final. An account with an open order cannot be closed.
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
type Account = Schemas['Account'];
type KeptOrder = Schemas['BillingOrder'] &
  Pick<Schemas['NewBillingOrder'], 'accountId' | 'lineItems'>;

const isOpen = ({ status }: KeptOrder) => status === 'SUBMITTED' || status === 'COMPLETED';

function shown({ accountId, lineItems, ...order }: KeptOrder): Schemas['BillingOrder'] {
  return order;
}

function handlers(tools: RecordTools): Handlers<Omit<operations, 'writeBack'>> {
  const accounts = tools.records<Account>('accounts');
  const orders = tools.records<KeptOrder>('orders');
  const noAccount = (id: string) => notThere(`expected an account, found none with id ${id}`);
  const noOrder = (id: string) => notThere(`expected a billing order, found none with id ${id}`);
  const openOrders = (accountId: string) =>
    orders.values().filter((order) => order.accountId === accountId && isOpen(order));
  const openAccount = (accountId: string) => {
    const account = accounts.get(accountId);
    return account?.status === 'ACTIVE' ? account : undefined;
  };
  return {
    createAccount: (request) =>
      tools.once(request, () => {
        const { accountId } = request.body;
        if (openAccount(accountId)) {
          const message = `expected a new account, found ${accountId} there already`;
          return { answer: conflict('ACCOUNT_EXISTS', message) };
        }
        const accountReference = `AMDOCS-ACC-${newId().slice(-12)}`;
        const account: Account = { ...request.body, accountReference, status: 'ACTIVE' };
        return {
          answer: { status: 201, body: account } as const,
          keep: [accounts.put(accountId, account)],
        };
      }),
    getAccount({ path }) {
      const account = openAccount(path.accountId);
      return account ? { status: 200, body: account } : noAccount(path.accountId);
    },
    updateAccount: (request) =>
      tools.once(request, () => {
        const account = openAccount(request.path.accountId);
        if (!account) return { answer: noAccount(request.path.accountId) };
        const changed = { ...account, ...request.body };
        return {
          answer: { status: 200, body: changed } as const,
          keep: [accounts.put(account.accountId, changed)],
        };
      }),
    deleteAccount: (request) =>
      tools.once(request, () => {
        const account = openAccount(request.path.accountId);
        if (!account) return { answer: noAccount(request.path.accountId) };
        if (openOrders(account.accountId).length > 0) {
          const message = 'expected an account without open billing orders, found some';
          return { answer: conflict('ACCOUNT_IN_USE', message) };
        }
        return {
          answer: { status: 204 } as const,
          keep: [accounts.put(account.accountId, { ...account, status: 'CLOSED' })],
        };
      }),
    getAccountBillingInfo({ path: { accountId } }) {
      if (!openAccount(accountId)) return noAccount(accountId);
      const open = openOrders(accountId);
      const cents = open
        .flatMap(({ lineItems }) => lineItems)
        .reduce((sum, { monthlyCharge }) => sum + Math.round(monthlyCharge * 100), 0);
      const body = { accountId, monthlyCharges: cents / 100, openOrders: open.length };
      return { status: 200, body };
    },
    getSubscriptionDetails({ path: { accountId } }) {
      if (!openAccount(accountId)) return noAccount(accountId);
      return {
        status: 200,
        body: { items: openOrders(accountId).flatMap(({ lineItems }) => lineItems) },
      };
    },
    submitBillingOrder: (request) =>
      tools.once(request, () => {
        const { orderId, accountId, lineItems } = request.body;
        const account = openAccount(accountId);
        if (!account) return { answer: noAccount(accountId) };
        const known = orders.get(orderId);
        if (known && isOpen(known)) {
          const message = `expected a new order, found ${orderId} submitted already`;
          return { answer: conflict('ORDER_EXISTS', message) };
        }
        const order: KeptOrder = {
          orderReference: `AMDOCS-ORD-${newId().slice(-12)}`,
          ...{ orderId, accountId, lineItems },
          status: 'SUBMITTED',
          accountReference: account.accountReference,
          effectiveDate: tools.clock.now().toISOString().slice(0, 10),
        };
        return {
          answer: { status: 201, body: shown(order) } as const,
          keep: [orders.put(orderId, order)],
          later: orderId,
        };
      }),
    getOrderStatus({ path }) {
      const order = orders.get(path.orderId);
      return order ? { status: 200, body: shown(order) } : noOrder(path.orderId);
    },
    cancelBillingOrder: (request) =>
      tools.once(request, () => {
        const order = orders.get(request.path.orderId);
        if (!order) return { answer: noOrder(request.path.orderId) };
        const cancelled: KeptOrder = { ...order, status: 'CANCELLED' };
        return {
          answer: { status: 200, body: shown(cancelled) } as const,
          keep: [orders.put(order.orderId, cancelled)],
        };
      }),
  };
}

/** The played system. */
export const mbosBillingPlay: RecordPlay = {
  name: 'mbos-billing',
  contract,
  kinds: ['accounts', 'orders'],
  handlers,
  end(tools, orderId, succeeds) {
    const orders = tools.records<KeptOrder>('orders');
    const order = orders.get(orderId);
    if (order?.status !== 'SUBMITTED') return null;
    const reason = succeeds ? undefined : 'the biller could not work on the order';
    const ended: KeptOrder = {
      ...order,
      status: succeeds ? 'COMPLETED' : 'FAILED',
      ...(reason === undefined ? {} : { reason }),
    };
    const tell: Schemas['WriteBack'] = {
      eventId: newId(),
      eventType: 'WRITEBACK_COMPLETE',
      timestamp: tools.clock.now().toISOString(),
      mboOrderId: orderId,
      accountId: order.accountId,
      orderReference: order.orderReference,
      writebackStatus: succeeds ? 'SUCCESS' : 'FAILED',
      ...(reason === undefined ? {} : { reason }),
    };
    return { keep: [orders.put(orderId, ended)], callbackKey: orderId, tell: { ...tell } };
  },
};
