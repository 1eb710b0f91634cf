/**
 * One order crosses four processes by HTTP. All its stories end as they do in one program, whichever
 * service is killed in the middle, and whatever is delivered twice: one charge, one reservation, one
 * shipment, one mail of each kind.
 */
import { randomUUID } from 'node:crypto';
import { afterEach, beforeAll, expect, test } from 'vitest';
import { type ServiceName, serviceNames } from '../../src/app/services/topology.ts';
import { cloudEventJson } from '../../src/events/index.ts';
import { signWebhook, webhookSignatureHeader } from '../../src/kernel/webhook-signature.ts';
import { demoUsers } from '../../src/modules/users/index.ts';
import {
  approvedOrder,
  happyPath,
  outsideIsHeard,
  paymentFailed,
  type Scene,
  type Story,
} from '../support/crash-stories.ts';
import { type FourServices, startFourServices } from '../support/four-services.ts';
import { type OrderEndState, orderEndState } from '../support/order-end-state.ts';
import { tokenOf } from '../support/real-use.ts';
import { isTaken } from '../support/running-program.ts';
import { waitUntil } from '../support/wait-until.ts';

const timeout = 120_000;
let four: FourServices;

beforeAll(async () => {
  four = await startFourServices();
}, timeout);

afterEach(({ task }) => {
  if (task.result?.state === 'fail') console.error(four.program.output());
});

async function told(story: Story, scene: Scene = four) {
  const { orderId } = await story(scene, randomUUID());
  await outsideIsHeard(scene);
  return { orderId, endState: await endStateOf(orderId) };
}

function endStateOf(orderId: string): Promise<OrderEndState> {
  return orderEndState(four.everywhere, four.world, orderId);
}

const onceEach = {
  order: [{ status: 'delivered', completed: true, tracked: true, paid: true }],
  payments: [{ status: 'processed', refunded_amount: 0 }],
  reservations: [{ status: 'consumed', quantity: 1 }],
  shipments: [{ status: 'delivered' }],
  processes: [{ process: 'process-order', status: 'completed' }],
  openIncidents: [],
  gateway: {
    sessions: [{ status: 'completed' }],
    charges: [{ status: 'succeeded' }],
    refunds: [],
  },
  courier: [{ status: 'delivered' }],
  mails: ['Your order ORDER has arrived', 'Your order ORDER is confirmed'],
};

let happyEnd: OrderEndState;

test('an order is placed, paid and delivered', { timeout }, async () => {
  const { orderId, endState } = await told(happyPath);
  expect(endState).toMatchObject(onceEach);
  happyEnd = endState;
  // The trace of the order went along to the services that it crossed.
  const traces = await Promise.all(
    (['order', 'payment', 'delivery'] as const).map(async (name) => {
      const { rows } = await four.databases[name].query<{ trace_id: string }>(
        `select distinct trace_id from events.event where key = $1 and trace_id in
           (select trace_id from events.event where key = $1 and name like '%.trigger.%')`,
        [orderId],
      );
      return rows.length;
    }),
  );
  expect(traces.every((count) => count > 0)).toBe(true);
});

test('a risky order waits for a manager', { timeout }, async () => {
  const { endState } = await told(approvedOrder);
  expect(endState).toMatchObject({
    ...onceEach,
    tasks: [{ status: 'completed', times: 1 }],
  });
});

test('a payment that fails gives the stock back and cancels the order', { timeout }, async () => {
  const { endState } = await told(paymentFailed);
  expect(endState).toMatchObject({
    order: [{ status: 'cancelled' }],
    payments: [{ status: 'failed' }],
    reservations: [{ status: 'released' }],
    shipments: [],
    openIncidents: [],
    gateway: { charges: [{ status: 'failed' }], refunds: [] },
    courier: [],
    mails: ['Your order ORDER was cancelled', 'Your order ORDER is confirmed'].sort(),
  });
});

test('no service has tables of another one, and each opens only what others need of it', async () => {
  const owned = {
    order: ['catalog', 'notifications', 'orders', 'support', 'trace_events', 'users'],
    payment: ['payments'],
    warehouse: ['inventory'],
    delivery: ['delivery'],
  };
  for (const name of serviceNames) {
    const { rows } = await four.databases[name].query<{ schema: string }>(
      `select nspname as schema from pg_namespace where nspname !~ '^pg_' order by 1`,
    );
    const schemas = rows.map(({ schema }) => schema);
    const others = Object.values(owned).flat();
    expect(schemas.filter((schema) => others.includes(schema))).toEqual(owned[name]);
  }
  const key = /order-service=([^,]+)/.exec(four.environments.payment.ORDERLOOM_SERVICE_KEYS ?? '');
  const asPaymentService = (path: string) =>
    fetch(four.urls.order + path, { headers: { 'x-api-key': key?.[1] ?? '' } });
  expect((await asPaymentService(`/api/v1/orders/${randomUUID()}`)).status).toBe(404);
  expect((await asPaymentService('/api/v1/users')).status).toBe(403);
});

test.each([
  ['order', 'is about to pay'],
  ['payment', 'has just ordered'],
  ['warehouse', 'has just ordered'],
  ['delivery', 'is about to pay'],
] as const)(
  'the %s service is killed when the customer %s',
  {
    timeout,
  },
  async (service, moment) => {
    const scene = dyingScene(service, moment);
    const { endState } = await told(happyPath, scene);
    expect(scene.deaths()).toBe(1);
    expect(endState).toEqual(happyEnd);
    await four.answers(service);
  },
);

/** Kills the service at this moment of the story, which goes on while the service is away. */
function dyingScene(
  service: ServiceName,
  moment: 'has just ordered' | 'is about to pay',
): Scene & { deaths(): number } {
  let deaths = 0;
  const die = async () => {
    await four.kill(service);
    deaths += 1;
  };
  return {
    ...four,
    deaths: () => deaths,
    client: {
      ...four.client,
      async post(path, request) {
        const answer = await four.client.post(path, request);
        if (path === '/api/v1/orders' && moment === 'has just ordered') await die();
        return answer;
      },
    },
    world: {
      ...four.world,
      async pay(sessionId, cardToken) {
        if (moment === 'is about to pay') await die();
        await four.world.pay(sessionId, cardToken);
      },
    },
  };
}

test('events that are delivered again act once', { timeout }, async () => {
  const { orderId, endState } = await told(happyPath);
  let repeated = 0;
  for (const [from, integration] of [
    ['payment', 'payment-service'],
    ['delivery', 'delivery-service'],
  ] as const) {
    const secret = secretOf(integration);
    for (const body of await eventsOf(from, orderId)) {
      const answer = await fetch(`${four.urls.order}/webhooks/${integration}`, {
        method: 'POST',
        body,
        headers: { [webhookSignatureHeader]: signWebhook(secret, body, new Date()) },
      });
      expect([answer.status, await answer.json()]).toMatchObject([200, { duplicate: true }]);
      repeated += 1;
    }
  }
  expect(repeated).toBeGreaterThan(3);
  expect(await endStateOf(orderId)).toEqual(endState);
});

test('who is outside is told the same by a subscription; an order that hears both hears it once', {
  timeout,
}, async () => {
  const asAdmin = { authorization: `Bearer ${await tokenOf(demoUsers.admin)}` };
  const subscriptions = `${four.urls.payment}/api/v1/webhook-subscriptions`;
  const created = await fetch(subscriptions, {
    method: 'POST',
    headers: { ...asAdmin, 'content-type': 'application/json' },
    body: JSON.stringify({
      url: `${four.urls.order}/webhooks/payment-service`,
      events: ['payment.processed', 'payments.trigger.completed'],
      secret: secretOf('payment-service'),
    }),
  });
  expect(created.status).toBe(201);
  const { id } = (await created.json()) as { id: string };
  const { orderId, endState } = await told(happyPath);
  expect(endState).toEqual(happyEnd);
  const deliveries = await waitUntil('both events to be delivered', async () => {
    const url = `${subscriptions}/${id}/deliveries?key=${orderId}&status=delivered`;
    const page = (await (await fetch(url, { headers: asAdmin })).json()) as Deliveries;
    return page.items.length === 2 && page.items;
  });
  expect(deliveries.map(({ log }) => log[0]?.response)).toEqual(
    Array.from({ length: 2 }, () => expect.stringMatching(/"duplicate":(true|false)/)),
  );
  const heard = await four.databases.order.query(
    `select name from events.event where key = $1 and name = any($2) order by name`,
    [orderId, ['payment.processed', 'payments.trigger.completed']],
  );
  expect(heard.rows).toHaveLength(2);
  await fetch(`${subscriptions}/${id}`, { method: 'DELETE', headers: asAdmin });
});

test('what dies was started again and told so; SIGTERM stops all four', { timeout }, async () => {
  const { program, urls } = four;
  for (const name of serviceNames) {
    expect(program.output()).toMatch(
      new RegExp(`^${name} +\\| ended by SIGKILL; it is started again$`, 'm'),
    );
  }
  expect(await program.stop()).toEqual({ code: 0, signal: null });
  const open = await Promise.all(
    serviceNames.map((name) => isTaken(Number(new URL(urls[name]).port))),
  );
  expect(open).toEqual(serviceNames.map(() => false));
});

interface Deliveries {
  readonly items: readonly { readonly log: readonly { readonly response: string | null }[] }[];
}

/** What an integration's events are signed with. */
function secretOf(integration: string): string {
  const secrets = four.environments.order.ORDERLOOM_SERVICE_SECRETS ?? '';
  return new RegExp(`${integration}=([^,]+)`).exec(secrets)?.[1] ?? '';
}

/** The events of an order as its service sent them. */
async function eventsOf(service: ServiceName, orderId: string): Promise<string[]> {
  const { rows } = await four.databases[service].query<{
    position: string;
    id: string;
    name: string;
    version: number;
    key: string;
    payload: unknown;
    occurred_at: Date;
    trace_id: string;
  }>('select * from events.event where key = $1 order by position', [orderId]);
  return rows.map(({ occurred_at, trace_id, ...row }) =>
    cloudEventJson({
      ...row,
      payloadJson: JSON.stringify(row.payload),
      occurredAt: occurred_at,
      traceId: trace_id,
    }),
  );
}
