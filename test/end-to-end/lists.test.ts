/**
 * Lists, tasks and moments: pages meet every row once while rows are being added, counts stop at a
 * thousand, each row says what its reader may do and why not, any moment of an instance can be asked
 * for, and a decision on a task takes a second pair of eyes.
 */
import { beforeAll, describe, expect, test } from 'vitest';
import type { PageAnswer, TaskAnswer } from '../../src/app/api-client.ts';
import { demoUsers } from '../../src/modules/users/index.ts';
import { waitUntil } from '../support/wait-until.ts';
import { type OrderStory, placeOrder, riskyOrder } from './order-story.ts';
import { pathOf, routesOf } from './routes.ts';
import { startShop } from './shop.ts';

interface Row {
  readonly id?: string;
  readonly productId?: string;
  readonly can?: readonly { action: string; allowed: boolean; reason?: string }[];
}

const shop = await startShop();
const routes = await routesOf(shop);
/** Of a program with a broker; the walk through it is with the tests of Kafka. */
const elsewhere = ['kafka-dead-letters.list'];
const lists = routes
  .filter(({ parameters }) => parameters.some(({ name }) => name === 'cursor'))
  .filter(({ name }) => !elsewhere.includes(name));

const stories: OrderStory[] = [];
let operationId = '';
let subscriptionId = '';
let instanceId = '';
let taskId = '';
beforeAll(async () => {
  subscriptionId = await subscribe();
  for (let count = 0; count < 7; count += 1) stories.push(await placeOrder(shop));
  for (const story of stories) await story.standsAt('wait-payment');
  for (const story of stories.slice(0, 4)) {
    await story.payOnPage('tok_visa');
    await story.standsAt('wait-delivery');
    await story.deliveryWebhook('failed', { detail: 'Nobody at home' });
    await story.standsAt('wait-late-delivery');
  }
  for (let count = 0; count < 4; count += 1) {
    const risky = await placeOrder(shop, riskyOrder);
    await risky.standsAt('wait-approval');
    stories.push(risky);
  }
  // One of the sandboxes' own, which needs nobody.
  const billed = { mboOrderId: 'ORD-12345', accountId: 'ACC-98765' };
  expect((await shop.post('/api/workflow/start', { body: billed })).status).toBe(202);
  await waitUntil('the billing order to be complete', async () => {
    const { body } = await shop.get('/api/orders/ORD-12345/status');
    return body.status === 'COMPLETED';
  });
  instanceId = (await stories[0]!.process()).id;
  taskId = await talkedAbout(stories.at(-1)!.id);
  for (const action of ['suspend', 'resume'])
    operationId = await inBulk(action, stories.at(-1)!.id);
  await waitUntil('a delivery of each order', async () => {
    const { count } = await page(`/api/v1/webhook-subscriptions/${subscriptionId}/deliveries`, {
      limit: '1',
    });
    return count.value === stories.length;
  });
});

/** A task that several things were said about and attached to; gives its id. */
async function talkedAbout(orderId: string): Promise<string> {
  const [task] = (await page('/api/v1/tasks', { businessKey: orderId })).items;
  const path = `/api/v1/tasks/${task!.id}`;
  for (let n = 1; n <= 4; n += 1) {
    const said = { as: 'admin', body: { text: `${n}` } };
    expect((await shop.post(`${path}/comments`, said)).status).toBe(201);
    const attached = { as: 'admin', body: { name: `${n}`, url: `https://files.example/${n}` } };
    expect((await shop.post(`${path}/attachments`, attached)).status).toBe(201);
  }
  return task!.id!;
}

/** Somebody who wants to hear of every order, and is not there: deliveries are made, and wait. */
async function subscribe(): Promise<string> {
  const { body } = await shop.post<{ id: string }>('/api/v1/webhook-subscriptions', {
    as: 'admin',
    body: { url: 'http://127.0.0.1:9/hooks', events: ['order.created'] },
  });
  return body.id;
}

/** One thing done to the process of an order, by a bulk operation; gives its id when it has ended. */
async function inBulk(action: string, businessKey: string): Promise<string> {
  const path = '/api/v1/processes/bulk-operations';
  const asked = { action, filter: { businessKey }, reason: 'for the list' };
  const { body } = await shop.post<{ operation: { id: string } }>(path, {
    as: 'admin',
    body: asked,
  });
  const { id } = body.operation;
  await waitUntil(`the bulk ${action} to end`, async () => {
    const operation = await shop.get<{ done: number; endedAt: string | null }>(`${path}/${id}`, {
      as: 'admin',
    });
    return operation.body.endedAt !== null && operation.body.done === 1;
  });
  return id;
}

/** What lists below something else are asked of. */
const idsOfRows = () => ({
  ...{ orderId: stories[0]!.id, operationId, subscriptionId, instanceId, taskId },
});

const keyOf = (row: Row) => row.id ?? row.productId ?? JSON.stringify(row);

async function page(path: string, query: Record<string, string>): Promise<PageAnswer<Row>> {
  const answer = await shop.get<PageAnswer<Row>>(`${path}?${new URLSearchParams(query)}`, {
    as: 'admin',
  });
  expect(answer.status, answer.text).toBe(200);
  return answer.body;
}

/** Walks the pages to their end; something may happen between two of them. */
async function walk(path: string, between: () => Promise<unknown> = async () => undefined) {
  const rows: Row[] = [];
  let cursor: string | null = null;
  do {
    const next: PageAnswer<Row> = await page(path, { limit: '3', ...(cursor ? { cursor } : {}) });
    expect(next.items.length).toBeLessThanOrEqual(3);
    rows.push(...next.items);
    cursor = next.nextCursor;
    if (cursor) await between();
  } while (cursor);
  return rows.map(keyOf);
}

/** Lists of what goes wrong, or of what only people begin: a healthy shop has none. */
const mayBeEmpty = [
  'incidents.list',
  'incidents.groups',
  'consumer-groups.list',
  'dead-letters.list',
  'external-tasks.list',
  'decisions.list',
  'decision-evaluations.list',
  'schedules.list',
  'timers.list',
];

describe('pages', () => {
  test('there are lists to walk', () => {
    expect(lists.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['orders.list', 'processes.list', 'tasks.list', 'trace-events.list']),
    );
  });

  test.each(lists)(
    '$name: every row once, in a stable order, as many as were counted',
    async (route) => {
      const path = pathOf(route, idsOfRows());
      const whole = await page(path, { limit: '200' });
      const walked = await walk(path);
      expect(new Set(walked).size).toBe(walked.length);
      expect(walked).toEqual(whole.items.map(keyOf));
      expect(whole.count).toEqual({ value: walked.length, capped: false });
      expect(whole.nextCursor).toBeNull();
      if (!mayBeEmpty.includes(route.name)) expect(walked.length).toBeGreaterThan(0);
    },
  );

  test.each([
    '/api/v1/orders',
    '/api/v1/processes',
    '/api/v1/trace-events',
    '/api/v1/notifications',
  ])('%s: while rows are being added, those that were there are met once', async (path) => {
    const before = (await page(path, { limit: '200' })).items.map(keyOf);
    const walked = await walk(path, () => placeOrder(shop));
    expect(new Set(walked).size).toBe(walked.length);
    expect(walked.filter((key) => before.includes(key))).toEqual(before);
  });

  test('there is no offset, and a cursor of another list is refused', async () => {
    const trace = await page('/api/v1/trace-events', { limit: '1' });
    const answer = await shop.get(`/api/v1/orders?cursor=${trace.nextCursor}`);
    expect(answer).toMatchObject({ status: 400, body: { errors: [{ pointer: '/cursor' }] } });
    for (const { parameters } of lists) {
      expect(parameters.map(({ name }) => name)).not.toContain('offset');
    }
  });

  test('counting stops at a thousand', async () => {
    await shop.database.query(
      `insert into catalog.products
       select (jsonb_populate_record(p, jsonb_build_object('id', 'bulk-' || n, 'sku', null))).*
         from catalog.products p, generate_series(1, 1100) n where p.id = 'prod-100'`,
    );
    const { count, items } = await page('/api/v1/products', { limit: '1', search: 'bulk-' });
    expect({ count, shown: items.length }).toEqual({
      count: { value: 1_000, capped: true },
      shown: 1,
    });
    await shop.database.query(`delete from catalog.products where id like 'bulk-%'`);
  });
});

describe('what a reader may do', () => {
  /** Rows that only tell what happened: nobody does anything with them. */
  const facts = [
    'trace-events.list',
    'notifications.list',
    'events.list',
    'bulk-operations.items',
    'process-definitions.list',
    'decisions.list',
    'decision-evaluations.list',
    'processes.variables',
    'tasks.comments',
    'tasks.attachments',
    'tasks.audit',
  ];
  const withActions = lists.filter(({ name }) => !facts.includes(name));

  test.each(withActions)('$name: each row says it, and why not', async (route) => {
    const path = pathOf(route, idsOfRows());
    const { items } = await page(path, { limit: '50' });
    for (const { can } of items) {
      expect(can?.length).toBeGreaterThan(0);
      for (const { action, allowed, reason } of can ?? []) {
        expect(routes.map(({ name }) => name)).toContain(action);
        if (allowed) expect(reason).toBeUndefined();
        else expect(reason).toMatch(/./);
      }
    }
  });

  test('it depends on the reader and on the state', async () => {
    const cancelOf = async (story: OrderStory, as: string) => {
      const { body } = await shop.get<Row>(`/api/v1/orders/${story.id}`, { as });
      return body.can?.find(({ action }) => action === 'orders.cancel');
    };
    const [shipped, , , , waiting] = stories;
    expect(await cancelOf(waiting!, 'customer')).toEqual({
      action: 'orders.cancel',
      allowed: true,
    });
    expect(await cancelOf(shipped!, 'customer')).toMatchObject({
      allowed: false,
      reason: expect.stringContaining('shipped'),
    });
  });
});

describe('moments of an instance', () => {
  test('each one can be asked for, and the last one is the present', async () => {
    const story = stories[0]!;
    const now = await story.process();
    const at = async (seq: number) =>
      (await shop.get<typeof now>(`/api/v1/processes/${now.id}?at=${seq}`)).body;
    expect(now.lastSeq).toBe(now.timeline.length);
    for (let seq = 1; seq <= now.lastSeq; seq += 1) {
      const moment = await at(seq);
      expect(moment.timeline).toEqual(now.timeline.slice(0, seq));
    }
    expect((await at(now.lastSeq)).elements).toEqual(now.elements);
    expect(await at(now.lastSeq)).toEqual(now);
    const begun = now.timeline.find(
      ({ element, kind }) => element === 'wait-payment' && kind === 'element.entered',
    );
    const waiting = await at(begun!.seq);
    expect(waiting.elements.map(({ element }) => element)).toContain('wait-payment');
    expect(Object.keys(waiting.variables)).not.toContain('create-shipment');
    const done = now.timeline.find(
      ({ element, kind }) => element === 'wait-payment' && kind === 'element.completed',
    );
    expect((await at(done!.seq)).elements.map(({ element }) => element)).not.toContain(
      'wait-payment',
    );
  });

  test('a history can be read in parts', async () => {
    const { id, timeline } = await stories[1]!.process();
    const { body } = await shop.get<{ timeline: unknown[] }>(`/api/v1/processes/${id}?from=5`);
    expect(body.timeline).toEqual(timeline.slice(4));
  });

  test.each(['at=0', 'at=-1', 'at=x', 'from=0'])('%s is refused', async (query) => {
    const { id } = await stories[0]!.process();
    const answer = await shop.get(`/api/v1/processes/${id}?${query}`);
    expect(answer).toMatchObject({ status: 400, body: { code: 'INVALID_INPUT' } });
  });
});

describe('tasks', () => {
  async function taskOf(story: OrderStory, as = 'manager'): Promise<TaskAnswer> {
    const path = `/api/v1/tasks?businessKey=${story.id}`;
    const { body } = await shop.get<PageAnswer<TaskAnswer>>(path, { as });
    return body.items[0]!;
  }
  const decide = (task: TaskAnswer, what: 'approve' | 'reject', as: string, reason?: string) =>
    shop.post(`/api/v1/tasks/${task.id}/${what}`, { body: reason ? { reason } : {}, as });

  const shippingAddress = { line1: '1 Main', city: 'Bern', postalCode: '3000', country: 'CH' };
  async function riskyOne(userId?: string): Promise<OrderStory> {
    const story = await placeOrder(
      shop,
      { ...riskyOrder, shippingAddress, ...(userId ? { userId } : {}) },
      userId ? { as: 'admin' } : {},
    );
    await story.standsAt('wait-approval');
    return story;
  }

  test('says what is to be decided, to those who may', async () => {
    const story = await riskyOne();
    expect(await taskOf(story)).toMatchObject({
      title: expect.stringContaining('50000'),
      subject: { orderId: story.id, risk: { level: 'high' } },
      status: 'open',
      dueAt: expect.any(String),
      can: expect.arrayContaining([
        { action: 'tasks.approve', allowed: true },
        { action: 'tasks.reject', allowed: true },
        { action: 'tasks.complete', allowed: true },
      ]),
    });
    expect(await taskOf(story, 'customer')).toBeUndefined();
    const tried = await decide(await taskOf(story), 'approve', 'customer');
    expect(tried).toMatchObject({ status: 403, body: { code: 'TASK_NOT_YOURS' } });
    expect((await story.order()).approval).toBe('pending');
  });

  test('approved: the order goes on, and the decision is on record', async () => {
    const story = await riskyOne();
    const task = await taskOf(story);
    expect((await decide(task, 'approve', 'manager', 'Known customer')).status).toBe(200);
    await story.standsAt('wait-payment');
    expect(await story.order()).toMatchObject({
      approval: 'approved',
      approvalReason: 'Known customer',
      decidedBy: demoUsers.manager.id,
    });
    const late = await decide(task, 'reject', 'admin');
    expect(late).toMatchObject({ status: 409, body: { code: 'TASK_CLOSED' } });
  });

  test('rejected: the order is cancelled, and its buyer reads why', async () => {
    const story = await riskyOne();
    const answer = await decide(await taskOf(story), 'reject', 'admin', 'Looks like fraud');
    expect(answer.status).toBe(200);
    await story.ended();
    expect(await story.order()).toMatchObject({ status: 'cancelled', approval: 'rejected' });
    expect((await story.mails()).at(-1)?.text).toContain('Looks like fraud');
  });

  test('four eyes: nobody decides on the own order', async () => {
    const story = await riskyOne(demoUsers.manager.id);
    const task = await taskOf(story);
    const own = await decide(task, 'approve', 'manager');
    expect(own.body).toMatchObject({ code: 'DECISION_REFUSED', reasonCode: 'APPROVER_IS_BUYER' });
    const body = { orderId: story.id, approved: true };
    const direct = await shop.post('/api/orders/approve', { body, as: 'manager' });
    expect(direct).toMatchObject({ status: 403, body: { code: 'APPROVER_IS_BUYER' } });
    const seen = await shop.get(`/api/v1/orders/${story.id}`, { as: 'admin' });
    expect(seen.body).toMatchObject({ approval: 'pending' });
    expect((await decide(task, 'approve', 'admin')).status).toBe(200);
    await story.standsAt('wait-payment');
  });

  test('two deciders at once: one decision', async () => {
    const story = await riskyOne();
    const task = await taskOf(story);
    const answers = await Promise.all([
      decide(task, 'approve', 'manager'),
      decide(task, 'reject', 'admin'),
    ]);
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    const approved = answers[0]?.status === 200;
    await waitUntil('the decision to take effect', async () => {
      const { status } = await story.order();
      const process = await story.process();
      return approved
        ? process.elements.some(({ element }) => element === 'wait-payment')
        : status === 'cancelled';
    });
    expect((await story.order()).approval).toBe(approved ? 'approved' : 'rejected');
  });

  test('a task that there is none of', async () => {
    const answer = await shop.post('/api/v1/tasks/01900000-0000-7000-8000-0000000000ff/approve', {
      body: {},
    });
    expect(answer).toMatchObject({ status: 404, body: { code: 'TASK_NOT_FOUND' } });
  });
});
