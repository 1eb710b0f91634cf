/**
 * The delivery module on a database of its own, with a courier that plays what a test asks for, and
 * with orders as the port shows them.
 */
import { assert, isRefusal, type Refusal, RetryableFault } from '../../src/kernel/errors.ts';
import { newId } from '../../src/kernel/ids.ts';
import { deliveryModule } from '../../src/modules/delivery/index.ts';
import type {
  CourierNews,
  CourierProvider,
  CourierShipment,
} from '../../src/modules/delivery/provider.ts';
import { type CallResult, callProcedure, type TestCall } from './context.ts';
import { testDatabase } from './database.ts';
import { homeAddress, people } from './orders.ts';

/** What the courier does next. */
export type CourierPlay = 'book' | 'refuse' | 'time-out-after' | 'time-out-before' | 'picked-up';

/** A courier with the promises of the port: the same key books once and answers the same. */
function scriptedCourier() {
  const booked = new Map<string, CourierShipment>();
  const cancelled = new Set<string>();
  const news = new Map<string, CourierNews>();
  let play: CourierPlay = 'book';
  let beforeAnswer: () => Promise<unknown> = async () => undefined;

  function fault(): never {
    throw new RetryableFault('COURIER_TIMEOUT', 'the courier did not answer in time', {
      outcomeUnknown: true,
    });
  }

  const courier: CourierProvider = {
    name: 'scripted',
    async createShipment(_request, { idempotencyKey }) {
      if (play === 'time-out-before') fault();
      if (play === 'refuse') return { status: 'refused', reason: 'No service to this place' };
      const shipment = booked.get(idempotencyKey) ?? {
        courierShipmentId: `c-${idempotencyKey}`,
        trackingNumber: `T-${idempotencyKey}`,
        trackingUrl: null,
        estimatedDeliveryAt: new Date('2026-03-04T12:00:00.000Z'),
      };
      booked.set(idempotencyKey, shipment);
      const before = beforeAnswer;
      beforeAnswer = async () => undefined;
      await before();
      if (play === 'time-out-after') fault();
      return { status: 'booked', shipment };
    },
    async cancelShipment({ courierShipmentId }) {
      if (play === 'picked-up') return { status: 'picked-up' };
      cancelled.add(courierShipmentId);
      return { status: 'cancelled' };
    },
    async lookUpShipment({ courierShipmentId }) {
      if (play === 'time-out-before') fault();
      return news.get(courierShipmentId) ?? null;
    },
    findByIdempotencyKey: async ({ idempotencyKey }) => booked.get(idempotencyKey) ?? null,
  };
  return {
    courier,
    plays: (next: CourierPlay) => {
      play = next;
    },
    /** Runs once before the courier's next answer to a booking. */
    meanwhile: (work: () => Promise<unknown>) => {
      beforeAnswer = work;
    },
    /** What the courier answers when it is asked where a parcel is. */
    isAt: (courierShipmentId: string, where: CourierNews) => {
      news.set(courierShipmentId, where);
    },
    /** How many parcels will be carried. */
    carried: () => booked.size - cancelled.size,
  };
}

/** The delivery module on a fresh database, with its courier and one order after another. */
export async function deliveryOnDatabase() {
  const orders = new Map<string, { userId: string; status: string; paid: boolean }>();
  const scripted = scriptedCourier();
  const manifest = deliveryModule({
    courier: scripted.courier,
    orders: { find: async (_tx, orderId) => orders.get(orderId) ?? null },
    payments: { isPaid: async (_tx, orderId) => orders.get(orderId)?.paid ?? false },
  });
  const { database } = await testDatabase({
    migrations: [{ schema: 'delivery', folder: manifest.migrations! }],
  });
  type Output = Record<string, unknown>;
  const call = async (
    name: string,
    input: unknown,
    more: TestCall = {},
  ): Promise<CallResult<Output>> => {
    const procedure = manifest.procedures.find((candidate) => candidate.name === name);
    assert(procedure, `expected a procedure of the delivery module, found ${name}`);
    return (await callProcedure(database, procedure, input, more)) as CallResult<Output>;
  };
  const succeed = async (name: string, input: unknown, more?: TestCall): Promise<Output> => {
    const { result } = await call(name, input, more);
    assert(!isRefusal(result), `expected success, found ${JSON.stringify(result)}`);
    return result;
  };
  const refused = async (name: string, input: unknown, more?: TestCall): Promise<Refusal> => {
    const { result } = await call(name, input, more);
    assert(isRefusal(result), `expected a refusal, found ${JSON.stringify(result)}`);
    return result;
  };
  /** An order of the buyer, confirmed unless said otherwise; gives its id. */
  const order = (status = 'confirmed', paid = status !== 'pending'): string => {
    const id = newId();
    orders.set(id, { userId: people.buyer, status, paid });
    return id;
  };
  const ship = (orderId: string) =>
    call('delivery.create-shipment', { orderId, address: homeAddress });
  const webhook = (body: object) => call('delivery.receive-webhook', body);
  return { ...scripted, database, manifest, call, succeed, refused, order, ship, webhook };
}
