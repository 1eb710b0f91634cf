/**
 * The three scenarios of the reference, by its own curl lines: paths as written there, bodies completed
 * where it has `...`. The program runs as `npm start` runs it: in demo mode, with its own PostgreSQL
 * and the sandboxes. Nothing is sent that is not in the lines.
 */
import { describe, expect, test } from 'vitest';
import { usedDataFolder } from '../support/data-folder.ts';
import { startServer } from '../support/running-program.ts';
import { curlLine } from './curl-line.ts';
import { OrderStory } from './order-story.ts';
import { httpClient } from './shop.ts';

const program = await startServer({ env: { ORDERLOOM_DATA: await usedDataFolder() } });
const { url, sandboxes } = program;
const stage = {
  ...httpClient(url),
  gateway: httpClient(sandboxes['payment gateway']!),
  courier: httpClient(sandboxes.courier!),
  mail: httpClient(sandboxes.mail!),
};

/** A line of the reference, sent to where the program listens. */
const curl = (line: string) => curlLine(line.replace('http://localhost:3001', url));

async function place(line: string): Promise<OrderStory> {
  const { status, body } = await curl(line);
  expect(body).toMatchObject({ status: 'pending' });
  expect(status).toBe(201);
  return new OrderStory(stage, String(body.id), '');
}

const normalOrder = `curl -X POST http://localhost:3001/api/orders \\
  -d '{"items": [{"productId": "prod-100", "quantity": 1}], "total": 100}'`;
const suspiciousOrder = `curl -X POST http://localhost:3001/api/orders \\
  -d '{"items": [{"productId": "prod-roaster-60", "quantity": 1}], "total": 50000, "newCustomer": true}'`;
const approval = (id: string, approved: boolean) =>
  `curl -X POST http://localhost:3001/api/orders/approve \\
  -d '{"orderId": "${id}", "approved": ${approved}}'`;
const payment = (id: string, status: string) =>
  `curl -X POST http://localhost:3001/webhooks/payment \\
  -d '{"orderId": "${id}", "status": "${status}"}'`;
const delivery = (id: string, status: string) =>
  `curl -X POST http://localhost:3001/webhooks/delivery \\
  -d '{"orderId": "${id}", "status": "${status}"}'`;

/** Pays and delivers an order that waits for its payment, and looks at how it stands in the end. */
async function payAndDeliver(story: OrderStory, total: number): Promise<void> {
  await story.standsAt('wait-payment');
  expect(await story.sessions()).toMatchObject([{ status: 'open', amount: total }]);
  expect(await story.reservation()).toBe('held');
  expect(await story.shipments()).toEqual([]);

  expect((await curl(payment(story.id, 'completed'))).status).toBe(200);
  await story.standsAt('wait-delivery');
  const shipped = await story.order();
  const [shipment, ...more] = await story.shipments();
  expect(more).toEqual([]);
  expect(shipped).toMatchObject({
    status: 'shipped',
    trackingNumber: shipment?.trackingNumber,
    paymentId: (await story.payments())[0]?.id,
  });
  expect(await story.reservation()).toBe('consumed');

  expect((await curl(delivery(story.id, 'delivered'))).status).toBe(200);
  expect(await story.ended()).toMatchObject({ status: 'completed', openIncidents: 0 });
  expect(await story.order()).toMatchObject({
    status: 'delivered',
    completedAt: expect.any(String),
  });
  expect(await story.payments()).toMatchObject([{ status: 'processed', amount: total }]);
  expect(await story.shipments()).toHaveLength(1);
  expect(await story.subjects()).toEqual([
    'Your order ID is confirmed',
    'Your order ID has arrived',
  ]);
}

const walk = [
  'calculate-risk',
  'reserve-inventory',
  'create-payment-session',
  'mail-order-confirmed',
  'wait-payment',
  'confirm-order',
  'create-shipment',
  'mark-shipped',
  'until-shipped',
  'consume-stock',
  'wait-delivery',
  'complete-order',
  'mail-order-completed',
];
/** Steps of the walk in the order that they were done; the two that run side by side in a fixed one. */
async function walked(story: OrderStory, also: readonly string[] = []): Promise<string[]> {
  const steps = (await story.steps()).filter((step) => [...walk, ...also].includes(step));
  const pay = steps.indexOf('create-payment-session');
  const mail = steps.indexOf('mail-order-confirmed');
  steps[Math.min(pay, mail)] = 'create-payment-session';
  steps[Math.max(pay, mail)] = 'mail-order-confirmed';
  return steps;
}

describe('scenario 1: normal order', () => {
  test('is processed without a person, from order to delivery', async () => {
    const story = await place(normalOrder);
    await story.standsAt('wait-payment');
    const { risk, approval: state } = await story.order();
    expect({ score: risk?.score, state }).toEqual({ score: 30, state: 'not_required' });
    await payAndDeliver(story, 100);
    expect(await walked(story, ['wait-approval'])).toEqual(walk);
    const { timeline } = await story.process();
    expect(timeline.map(({ seq }) => seq)).toEqual(timeline.map((_, index) => index + 1));
    expect(timeline.map(({ text }) => text)).toEqual(
      expect.arrayContaining([
        'Process an order started',
        'Calculate risk: done',
        'Wait for the payment: message received',
        'Wait for the courier: message received',
        'Process an order completed',
      ]),
    );
  });
});

describe('scenario 2: high-risk order', () => {
  test('waits for a manager, and goes on when it is approved', async () => {
    const story = await place(suspiciousOrder);
    const paused = await story.standsAt('wait-approval');
    expect(paused.status).toBe('waiting');
    const { risk, approval: state } = await story.order();
    expect(risk?.score).toBeGreaterThan(70);
    expect(risk?.factors.map(({ name }) => name)).toEqual([
      'amount',
      'new_customer',
      'address_mismatch',
      'velocity',
      'quantity',
    ]);
    expect(state).toBe('pending');
    expect(await story.reservation()).toBeUndefined();
    const tasks = await stage.get<{ items: { roles: string[]; subject: unknown }[] }>(
      `/api/v1/tasks?businessKey=${story.id}`,
    );
    expect(tasks.body.items).toMatchObject([
      { roles: ['manager', 'admin'], subject: { orderId: story.id, totalAmount: 50_000 } },
    ]);

    expect((await curl(approval(story.id, true))).status).toBe(200);
    await payAndDeliver(story, 50_000);
    expect(await walked(story, ['wait-approval'])).toEqual([
      'calculate-risk',
      'wait-approval',
      ...walk.slice(1),
    ]);
  });

  test('is cancelled when it is rejected', async () => {
    const story = await place(suspiciousOrder);
    await story.standsAt('wait-approval');
    expect((await curl(approval(story.id, false))).status).toBe(200);
    await story.ended();
    expect(await story.order()).toMatchObject({ status: 'cancelled', approval: 'rejected' });
    expect(await story.subjects()).toEqual(['Your order ID was cancelled']);
    expect(await story.reservation()).toBeUndefined();
    expect(await story.sessions()).toEqual([]);
  });
});

describe('scenario 3: payment failure', () => {
  test('gives the stock back, cancels the order and says so', async () => {
    const story = await place(normalOrder);
    await story.standsAt('wait-payment');
    expect((await curl(payment(story.id, 'failed'))).status).toBe(200);
    expect(await story.ended()).toMatchObject({ status: 'completed', openIncidents: 0 });
    expect(await story.order()).toMatchObject({ status: 'cancelled' });
    expect(await story.reservation()).toBe('released');
    expect(await story.charges()).toEqual([]);
    expect(await story.shipments()).toEqual([]);
    expect(await story.subjects()).toEqual([
      'Your order ID is confirmed',
      'Your order ID was cancelled',
    ]);
    const steps = await story.steps();
    expect(steps.slice(steps.indexOf('mark-payment-failed'))).toEqual(
      expect.arrayContaining(['cancel-order', 'reserve-inventory.compensate', 'undo']),
    );
  });
});

test('the banner has these lines ready to paste', () => {
  const oneLine = (line: string) =>
    line
      .replace('http://localhost:3001', `http://localhost:${program.port}`)
      .replace(/ \\\n\s+/, ' ');
  const lines = [
    normalOrder,
    suspiciousOrder,
    approval('ID', true),
    payment('ID', 'completed'),
    payment('ID', 'failed'),
    delivery('ID', 'delivered'),
  ];
  for (const line of lines) expect(program.output()).toContain(oneLine(line));
});
