/**
 * Stories of one order, told by somebody outside of the program who repeats what was not answered.
 * Each ends when nothing more will happen by itself; how often the program dies meanwhile makes no
 * difference to it.
 */
import { demoUsers } from '../../src/modules/users/index.ts';
import type { Database } from '../../src/postgres/index.ts';
import type { OutsideWorld } from './outside-world.ts';
import type { PatientClient } from './patient-client.ts';
import { tokenOf } from './real-use.ts';
import { waitUntil } from './wait-until.ts';

/** Where stories take place. */
export interface Scene {
  readonly client: PatientClient;
  readonly database: Database;
  readonly world: OutsideWorld;
}

/** The order of a story, and the request that made it. */
export interface ToldOrder {
  readonly orderId: string;
  readonly key: string;
  readonly body: unknown;
  readonly token: string;
}

/** Tells a story to its end. */
export type Story = (scene: Scene, key: string) => Promise<ToldOrder>;

const address = {
  line1: 'Hafenstr. 1',
  city: 'Hamburg',
  postalCode: '20457',
  country: 'DE',
};

/** An order is placed, paid and delivered. */
export const happyPath: Story = async (scene, key) => {
  const order = await place(scene, key, { productId: 'prod-100' });
  await pay(scene, order, 'tok_visa');
  await deliver(scene, order, 'delivered');
  await settled(scene, order, 'completed');
  return order;
};

/** A manager approves a risky order; from there it goes on like any other. */
export const approvedOrder: Story = async (scene, key) => {
  const order = await place(scene, key, { productId: 'prod-roaster-60', newCustomer: true });
  await waitUntil('a task for the manager', () =>
    one(scene, `select 1 from engine.task where business_key = $1 and status = 'open'`, order),
  );
  const approved = await scene.client.post('/api/v1/orders/approve', {
    token: await tokenOf(demoUsers.manager),
    body: { orderId: order.orderId, approved: true },
  });
  expectStatus(approved, 200);
  await pay(scene, order, 'tok_visa');
  await deliver(scene, order, 'delivered');
  await settled(scene, order, 'completed');
  return order;
};

/** The bank says no. */
export const paymentFailed: Story = async (scene, key) => {
  const order = await place(scene, key, { productId: 'prod-100' });
  await pay(scene, order, 'tok_declined');
  await settled(scene, order, 'completed');
  return order;
};

/** The customer changes their mind after paying, while no courier can be booked. */
export const cancelledAfterPayment: Story = async (scene, key) => {
  const { world, client } = scene;
  const noCourier = { operations: ['createShipment'], errorRate: 1 };
  await world.setFaults('courier', noCourier);
  const order = await place(scene, key, { productId: 'prod-100' });
  await pay(scene, order, 'tok_visa');
  await waitUntil('a confirmed order', () =>
    one(scene, `select 1 from orders.orders where id::text = $1 and status = 'confirmed'`, order),
  );
  const cancelled = await client.post(`/api/v1/orders/${order.orderId}/cancel`, {
    token: order.token,
    body: { reason: 'Changed my mind' },
  });
  expectStatus(cancelled, 200);
  await settled(scene, order, 'completed');
  // The refund tells a process of its own.
  await waitUntil('a refunded order', () =>
    one(
      scene,
      `select 1 from orders.orders where id::text = $1 and status = 'refunded' and not exists (
         select 1 from engine.instance where business_key = $1 and status in ('running', 'waiting'))`,
      order,
    ),
  );
  await world.setFaults('courier', null);
  return order;
};

/** The courier cannot deliver; somebody has to look after it, and the order waits. */
export const deliveryFailed: Story = async (scene, key) => {
  const order = await place(scene, key, { productId: 'prod-100' });
  await pay(scene, order, 'tok_visa');
  await deliver(scene, order, 'failed');
  await waitUntil('an order that waits for another delivery', () =>
    one(
      scene,
      `select 1 from engine.message_wait w join engine.instance i on i.id = w.instance_id
        where i.business_key = $1 and w.node = 'wait-late-delivery'`,
      order,
    ),
  );
  return order;
};

async function place(
  { client }: Scene,
  key: string,
  { productId, newCustomer }: { productId: string; newCustomer?: boolean },
): Promise<ToldOrder> {
  const token = await tokenOf(demoUsers.customer);
  const body = {
    items: [{ productId, quantity: 1 }],
    shippingAddress: address,
    ...(newCustomer === undefined ? {} : { newCustomer }),
  };
  const placed = await client.post('/api/v1/orders', { token, key, body });
  expectStatus(placed, 201);
  return { orderId: placed.body.id as string, key, body, token };
}

/** The customer waits for the payment page and pays there. */
async function pay({ world }: Scene, { orderId }: ToldOrder, card: string): Promise<void> {
  const session = await waitUntil('a payment session', () =>
    world.gateway.inspect().sessions.find((session) => session.orderId === orderId),
  );
  await world.pay(session.id, card);
}

/** The courier fetches the parcel once it is on its way, and brings it, or does not. */
async function deliver(
  scene: Scene,
  order: ToldOrder,
  outcome: 'delivered' | 'failed',
): Promise<void> {
  const { world } = scene;
  const { id } = await waitUntil('a shipment', () =>
    world.courier.inspect().shipments.find(({ orderId }) => orderId === order.orderId),
  );
  const way = outcome === 'delivered' ? ['in_transit', 'out_for_delivery'] : ['in_transit'];
  for (const status of [...way, outcome]) {
    await world.advance(id, status);
    await outsideIsHeard(scene);
  }
}

/**
 * What the outside had to say was taken, also what was said again after a crash. A courier that says
 * the next thing meanwhile would be heard in another order, and stale news is ignored.
 */
export async function outsideIsHeard({ world }: Scene): Promise<void> {
  await waitUntil('every callback to be delivered', () =>
    [...world.gateway.inspect().callbacks, ...world.courier.inspect().callbacks].every(
      ({ status }) => status === 'delivered',
    ),
  );
}

/** The order process has ended, and all callbacks of the outside were taken. */
async function settled(scene: Scene, order: ToldOrder, status: string): Promise<void> {
  await waitUntil(
    `the end of process-order (${status})`,
    () =>
      one(
        scene,
        `select 1 from engine.instance
          where business_key = $1 and process = 'process-order' and status = '${status}'`,
        order,
      ),
    {
      explain: async () =>
        JSON.stringify(
          await scene.database.query(
            'select process, status, state from engine.instance where business_key = $1',
            [order.orderId],
          ),
        ),
    },
  );
}

async function one({ database }: Scene, question: string, order: ToldOrder): Promise<boolean> {
  return ((await database.query(question, [order.orderId])).rowCount ?? 0) > 0;
}

function expectStatus(answer: { status: number; body: unknown }, status: number): void {
  if (answer.status === status) return;
  throw new Error(
    `expected status ${status}, found ${answer.status}: ${JSON.stringify(answer.body)}`,
  );
}
