/**
 * The orders module on a database of its own, with a small catalog and the users that tests act as.
 * Users and products stand in for the modules that own them; the orders are real.
 */
import { type Caller, processCaller } from '../../src/kernel/caller.ts';
import { assert, isRefusal, type Refusal } from '../../src/kernel/errors.ts';
import { money } from '../../src/kernel/money.ts';
import { type CatalogProduct, ordersModule } from '../../src/modules/orders/index.ts';
import type { OrderView } from '../../src/modules/orders/order.ts';
import { type CallResult, callProcedure, type TestCall, userCaller } from './context.ts';
import { testDatabase } from './database.ts';

/** The people of the tests. */
export const people = {
  buyer: '01900000-0000-7000-8000-000000000001',
  manager: '01900000-0000-7000-8000-000000000002',
  operator: '01900000-0000-7000-8000-000000000003',
  stranger: '01900000-0000-7000-8000-000000000009',
} as const;

/** Who places the orders of the tests. */
export const buyer = userCaller(people.buyer);
/** Who may approve them. */
export const manager = userCaller(people.manager, 'manager');
/** Who may change the status of any order, and not approve. */
export const operator = userCaller(people.operator, 'operator');
/** A customer to whom the orders do not belong. */
export const stranger = userCaller(people.stranger);

/** The buyer as demo mode lends the identity. */
export const demoBuyer: Caller = { ...buyer, demo: true };

const product = (id: string, minor: number, more: Partial<CatalogProduct> = {}) => ({
  id,
  name: `The ${id}`,
  price: money(minor, 'USD'),
  physical: true,
  active: true,
  ...more,
});

const products: readonly CatalogProduct[] = [
  product('lamp', 4999),
  product('desk', 10_000),
  product('server', 5_000_000),
  product('ebook', 1200, { physical: false }),
  product('gift', 0, { physical: false }),
  product('old', 100, { active: false }),
  product('tea', 300, { price: money(300, 'EUR') }),
];

/** An address for physical goods. */
export const homeAddress = {
  line1: '350 Fifth Avenue',
  city: 'New York',
  postalCode: '10118',
  country: 'US',
};

/** The module under test, with users and a catalog that know the people and products above. */
const ordersManifest = ordersModule({
  users: {
    exists: async (_tx, userId) => Object.values(people).some((known) => known === userId),
  },
  catalog: {
    getProducts: async (_tx, ids) => products.filter(({ id }) => ids.includes(id)),
  },
});

/** The orders module on a fresh database; `call` runs one procedure by name. */
export async function ordersOnDatabase() {
  const { database } = await testDatabase({
    migrations: [{ schema: 'orders', folder: ordersManifest.migrations! }],
  });
  const call = async <Output = OrderView>(
    name: string,
    input: unknown,
    options: TestCall = { caller: buyer },
  ): Promise<CallResult<Output>> => {
    const procedure = ordersManifest.procedures.find((candidate) => candidate.name === name);
    assert(procedure, `expected a procedure of the orders module, found ${name}`);
    return (await callProcedure(database, procedure, input, options)) as CallResult<Output>;
  };
  const succeed = async <Output = OrderView>(
    name: string,
    input: unknown,
    options?: TestCall,
  ): Promise<Output> => {
    const { result } = await call<Output>(name, input, options);
    assert(!isRefusal(result), `expected success, found ${JSON.stringify(result)}`);
    return result as Output;
  };
  const refused = async (name: string, input: unknown, options?: TestCall): Promise<Refusal> => {
    const { result } = await call(name, input, options);
    assert(isRefusal(result), `expected a refusal, found ${JSON.stringify(result)}`);
    return result;
  };
  const place = (items: readonly unknown[] = [{ productId: 'desk', quantity: 1 }], more = {}) =>
    succeed('orders.create', { items, shippingAddress: homeAddress, ...more });
  /** Moves an order on as the process does. */
  const advance = async (orderId: string, ...statuses: readonly string[]) => {
    for (const status of statuses) {
      const paymentId = '01900000-0000-7000-8000-0000000000aa';
      await succeed(
        'orders.update-status',
        { orderId, status, paymentId },
        { caller: processCaller },
      );
    }
  };
  const count = async () => {
    const { rows } = await database.query<{ count: string }>('select count(*) from orders.orders');
    return Number(rows[0]!.count);
  };
  return { database, call, succeed, refused, place, advance, count };
}
