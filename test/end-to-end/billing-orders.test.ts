/**
 * Billing orders from the REST call to the published provisioning event, through the drawn processes and
 * the sandboxes of the nine systems: as it should be, and in every way in which it fails. What was undone is
 * read from the sandboxes themselves.
 */
import { afterEach, describe, expect, test } from 'vitest';
import type { IncidentAnswer, PageAnswer, TaskAnswer } from '../../src/app/api-client.ts';
import { demoUsers } from '../../src/modules/users/index.ts';
import { jumpingClock } from '../support/jumping-clock.ts';
import { tokenOf } from '../support/real-use.ts';
import { waitUntil } from '../support/wait-until.ts';
import { BillingStory, billingSystem, faults, later, lineItem } from './billing-story.ts';
import { placeOrder } from './order-story.ts';
import { startShop } from './shop.ts';

const clock = jumpingClock();
const shop = await startShop({ clock, env: { BILLER_TIMEOUT_MS: '1000' } });
const minuteMs = 60_000;

afterEach(async () => {
  const faulty = ['mbos-billing', 'xoms-biller', 'ds-mvno-line', 'ds-mvno-device', 'mvno-payment'];
  for (const name of faulty) {
    await faults(shop, name, null);
  }
  for (const name of ['mbos-billing', 'xbo-adapter', 'ds-mvno-line']) {
    await later(shop, name, 'succeed');
  }
});

/** Everything that an order of one line leaves when it is complete. */
const whole = {
  account: ['ACTIVE'],
  domainAccount: ['ACTIVE'],
  billingOrder: ['COMPLETED'],
  billerOrder: ['OPEN'],
  forced: [],
  domainOrder: ['COMPLETED'],
  lines: ['ACTIVE'],
  devices: ['ASSIGNED'],
  payments: ['credit:SUMMER2025 CREDITED', 'payment PROCESSED'],
};
/** What is left of it when all of it was undone. */
const undone = {
  account: ['CLOSED'],
  domainAccount: ['VOID'],
  billingOrder: ['CANCELLED'],
  billerOrder: ['CANCELLED'],
  forced: [],
  domainOrder: ['FAILED'],
  lines: ['DEACTIVATED'],
  devices: ['AVAILABLE'],
  payments: ['credit:SUMMER2025 REVERSED', 'payment REVERSED'],
};

describe('an order of new lines', () => {
  test('comes by the API: account, lines, promotion, payment, biller, provisioning', async () => {
    const story = await BillingStory.start(shop);
    const { id, order } = story;
    expect(story.started).toMatchObject({
      status: 202,
      body: {
        processInstanceId: expect.any(String),
        processDefinitionId: 'billingOrchestration_v2:1',
        businessKey: id,
        status: 'ACTIVE',
        self: `/api/orders/${id}`,
      },
    });
    expect(await story.becomes('COMPLETED')).toMatchObject({
      ...{ currentStep: 'DONE', progress: 100, error: null },
      estimatedCompletion: null,
    });
    expect(await story.world()).toEqual(whole);
    const [published, ...more] = await story.events('billing-order.provisioning-requested');
    expect(more).toEqual([]);
    const { plan, monthlyCharge, ...line } = order.lineItems[0]!;
    expect(published?.payload).toMatchObject({
      eventType: 'PROVISIONING_ORDER_CREATED',
      ...{ orderId: id, accountId: order.accountId, customerId: order.customerId },
      lineItems: [line],
      billing: { monthlyCharges: 75, promotionalCredit: -15, totalDue: 60 },
      shipping: order.shipping,
      ...{ status: 'READY_FOR_PROVISIONING', network: 'cloud' },
    });
    expect(await story.process()).toMatchObject({ status: 'completed', openIncidents: 0 });
  });

  test('is started once, whoever asks again', async () => {
    const story = await BillingStory.start(shop);
    const { orderId: mboOrderId, accountId } = story.order;
    const again = await shop.post('/api/workflow/start', { body: { mboOrderId, accountId } });
    expect(again).toMatchObject({
      status: 409,
      body: {
        code: 'WORKFLOW_ALREADY_STARTED',
        processInstanceId: story.started.body.processInstanceId,
      },
    });
    await story.becomes('COMPLETED');
  });

  test('is worked on by its own process alone, though its drawing is started by name', async () => {
    const story = await BillingStory.start(shop);
    await story.becomes('COMPLETED');
    const { orderId, accountId } = story.order;
    const again = { orderId, accountId, isChangeOrder: false, network: 'cloud' };
    const started = await shop.post('/api/v1/processes', {
      body: { process: 'billingOrchestration_v2', input: again },
    });
    expect(started.status).toBe(202);
    await expect
      .poll(async () => {
        const { elements } = (await story.process())!;
        return elements.map(({ element, incident }) => [element, incident?.code]);
      })
      .toEqual([['failOrder', 'BILLING_ORDER_NOT_FOUND']]);
    expect((await story.status()).status).toBe('COMPLETED');
    expect(await story.world()).toEqual(whole);
  });

  test('comes by an event; its trace goes out with its provisioning', async () => {
    const order = await BillingStory.known(shop);
    const event = {
      ...{ eventId: `evt-${order.orderId}`, eventType: 'FULFILLMENT_COMPLETE' },
      ...{ mboOrderId: order.orderId, accountId: order.accountId, network: 'comcast' },
      ...{ fulfillmentStatus: 'SHIPPED', traceId: 'trace-123', spanId: 'span-456' },
    };
    const told = await shop.post('/webhooks/billing', { body: event });
    expect(told).toMatchObject({ status: 200, body: { received: true, duplicate: false } });
    const story = BillingStory.of(shop, order, told);
    await story.becomes('COMPLETED');
    const [published] = await story.events('billing-order.provisioning-requested');
    expect(published?.payload).toMatchObject({
      ...{ network: 'comcast', traceId: 'trace-123', spanId: 'span-456' },
    });
  });

  test('comes by an event that does not say whose it is: the domain knows', async () => {
    const order = await BillingStory.known(shop);
    const [{ mdn, imei }] = order.lineItems as [ReturnType<typeof lineItem>];
    const event = { eventId: `provisioned-${order.orderId}`, eventType: 'PROVISIONING_COMPLETE' };
    const body = { ...event, mboOrderId: order.orderId, mdn, imei };
    const told = await shop.post('/webhooks/billing', { body });
    expect(told).toMatchObject({ status: 200, body: { result: { started: true } } });
    const story = BillingStory.of(shop, order, told);
    await story.becomes('COMPLETED');
    expect(await story.world()).toEqual(whole);
    expect((await shop.get(`/api/orders/${order.orderId}`)).body).toMatchObject({
      accountId: order.accountId,
    });
  });

  test('is read where orders of the shop are, by either of its ids, by those who may', async () => {
    const story = await BillingStory.start(shop);
    await story.becomes('COMPLETED');
    const found = await shop.get(`/api/orders/${story.id}`);
    expect(found).toMatchObject({
      status: 200,
      body: { orderId: story.id, status: 'COMPLETED', billing: { totalDue: 60 } },
    });
    expect((await shop.get(`/api/v1/orders/${found.body.id}`)).body).toEqual(found.body);
    expect((await shop.get(`/api/orders/${found.body.id}/status`)).body.orderId).toBe(story.id);
    const bought = await placeOrder(shop);
    expect((await shop.get(`/api/orders/${bought.id}`)).body).toMatchObject({ totalAmount: 100 });
    expect(await shop.get('/api/orders/ORD-none')).toMatchObject({
      ...{ status: 404, body: { code: 'BILLING_ORDER_NOT_FOUND' } },
    });
    const as = await tokenOf(demoUsers.customer, clock);
    expect((await shop.get(`/api/orders/${found.body.id}`, { as })).body.code).toBe(
      'ORDER_NOT_FOUND',
    );
  });

  test('is changed on its way: where it goes, and what others call it', async () => {
    await later(shop, 'ds-mvno-line', 'hold');
    const story = await BillingStory.start(shop);
    await story.standsAt('awaitLine', 'lineActivation');
    const shipping = { address: '1 Other St, City, State 12345', method: 'STANDARD' };
    const change = (body: object) => shop.call('PUT', `/api/orders/${story.id}`, { body });
    expect(await change({ shipping, provisionId: 'PROV-001' })).toMatchObject({
      ...{ status: 200, body: { provisionId: 'PROV-001' } },
    });
    const shipped = { eventType: 'FULFILLMENT_COMPLETE', fulfillmentStatus: 'SHIPPED' };
    const body = { ...shipped, mboOrderId: story.id, shipmentId: 'SHIP-001' };
    expect((await shop.post('/webhooks/billing', { body })).body).toMatchObject({
      result: { started: false },
    });
    await billingSystem(shop, 'ds-mvno-line').post(
      `/sandbox/later/${story.order.lineItems[0]!.lineItemId}`,
      { body: { outcome: 'succeed' } },
    );
    await story.becomes('COMPLETED');
    const [published] = await story.events('billing-order.provisioning-requested');
    expect(published?.payload).toMatchObject({ shipping });
    expect((await shop.get(`/api/orders/${story.id}`)).body).toMatchObject({
      ...{ provisionId: 'PROV-001', shipmentId: 'SHIP-001' },
    });
    expect(await change({ shipmentId: 'SHIP-002' })).toMatchObject({
      ...{ status: 409, body: { code: 'BILLING_ORDER_NOT_CHANGEABLE' } },
    });
  });

  test('of several lines has them activated side by side; its status says how far it is', async () => {
    await later(shop, 'ds-mvno-line', 'hold');
    const lineItems = [
      lineItem('9001'),
      lineItem('9002', { plan: 'BY_THE_GIG', monthlyCharge: 30 }),
    ];
    const story = await BillingStory.start(shop, { lineItems });
    await story.standsAt('awaitLine', 'lineActivation');
    const waiting = await story.status();
    expect(waiting).toMatchObject({
      ...{ status: 'IN_PROGRESS', currentStep: 'ACTIVATE_LINE', progress: 45 },
    });
    expect(Date.parse(waiting.estimatedCompletion!)).toBeGreaterThan(
      Date.parse(waiting.lastUpdate),
    );
    const body = { outcome: 'succeed' };
    const activate = () =>
      billingSystem(shop, 'ds-mvno-line').post('/sandbox/later/ITEM-9002', { body });
    await expect.poll(async () => (await activate()).status).toBe(204);
    // The other one is told as another network does: by its number alone.
    const told = { eventType: 'PROVISIONING_COMPLETE', mboOrderId: story.id, mdn: '214-555-9001' };
    expect((await shop.post('/webhooks/billing', { body: told })).status).toBe(200);
    await story.becomes('COMPLETED');
    expect((await story.world()).lines.sort()).toEqual(['ACTIVE', 'PENDING']);
  });
});

describe('the biller fails', () => {
  test('for a moment: the step is tried again, and nothing is there twice', async () => {
    await faults(shop, 'mbos-billing', { operations: ['createAccount'], failNext: 2, status: 500 });
    const story = await BillingStory.start(shop);
    await story.fails('createBillerAccount', 1, 'createAccount');
    clock.jump(1_000);
    await story.fails('createBillerAccount', 2, 'createAccount');
    clock.jump(2_000);
    await story.becomes('COMPLETED');
    expect(await story.world()).toEqual(whole);
  });

  test('and its answer is lost: it is asked before it is told again', async () => {
    const operations = ['submitBillingOrder'];
    await faults(shop, 'mbos-billing', { operations, timeoutAfterCommitNext: 1 });
    const story = await BillingStory.start(shop);
    await story.fails('submitBillingOrder', 1);
    clock.jump(1_000);
    await story.becomes('COMPLETED');
    expect(await story.world()).toEqual(whole);
  });

  test('by a no: nothing was done yet, and nothing is left', async () => {
    await faults(shop, 'mbos-billing', { operations: ['createAccount'], failNext: 1, status: 422 });
    const story = await BillingStory.start(shop);
    expect(await story.becomes('FAILED')).toMatchObject({
      currentStep: 'CREATE_ACCOUNT',
      estimatedCompletion: null,
      error: { code: 'ACCOUNT_CREATION_ERROR', message: expect.stringContaining('SANDBOX_FAULT') },
    });
    await expect
      .poll(() => story.world())
      .toEqual({
        ...whole,
        ...{ account: [], domainAccount: [], billingOrder: [], billerOrder: [], lines: [] },
        ...{ devices: [], payments: [], domainOrder: ['FAILED'] },
      });
    expect(await story.events('billing-order.failed')).toHaveLength(1);
    expect(await story.events('billing-order.provisioning-requested')).toEqual([]);
  });

  test('for good, at the last step: all that was done is undone', async () => {
    const operations = ['submitBillingOrder'];
    await faults(shop, 'mbos-billing', { operations, failNext: 3, status: 500 });
    const story = await BillingStory.start(shop);
    await story.fails('submitBillingOrder', 1);
    clock.jump(1_000);
    await story.fails('submitBillingOrder', 2);
    clock.jump(2_000);
    expect(await story.becomes('FAILED')).toMatchObject({
      currentStep: 'SUBMIT_BILLING_ORDER',
      error: { code: 'BILLER_UNAVAILABLE' },
    });
    await expect.poll(() => story.world()).toEqual({ ...undone, billingOrder: [] });
  });

  test.each([
    ['the network takes no line', 'ds-mvno-line', 'activateLine', 'LINE_ACTIVATION_ERROR'],
    ['the device goes into no line', 'ds-mvno-device', 'assignDevice', 'LINE_ACTIVATION_ERROR'],
    ['a credit is not given', 'mvno-payment', 'applyCredit', 'PROMOTION_ERROR'],
    ['the biller charges for no lines', 'xoms-biller', 'createOrder', 'BILLING_ORDER_ERROR'],
    ['the biller takes no order', 'mbos-billing', 'submitBillingOrder', 'BILLING_ORDER_ERROR'],
  ])('or another system does, when %s: nothing is left', async (_what, system, operation, code) => {
    await faults(shop, system, { operations: [operation], failNext: 1, status: 422 });
    const story = await BillingStory.start(shop);
    expect(await story.becomes('FAILED')).toMatchObject({ error: { code } });
    await expect
      .poll(async () => {
        const { account, domainAccount, domainOrder, ...others } = await story.world();
        const states = Object.values(others).flat();
        const left = states.filter(
          (state) => !/(?:DEACTIVATED|AVAILABLE|CANCELLED|REVERSED)$/.test(String(state)),
        );
        return { account, domainAccount, domainOrder, left };
      })
      .toEqual({
        ...{ account: ['CLOSED'], domainAccount: ['VOID'], domainOrder: ['FAILED'], left: [] },
      });
    expect(await story.events('billing-order.provisioning-requested')).toEqual([]);
    await expect
      .poll(() => story.process())
      .toMatchObject({ status: 'completed', openIncidents: 0 });
  });

  test('by a payment that is declined: lines, credit and account go back', async () => {
    const payment = { method: 'CREDIT_CARD', token: 'tok_declined' };
    const story = await BillingStory.start(shop, { payment });
    expect(await story.becomes('FAILED')).toMatchObject({
      error: {
        code: 'BILLING_PAYMENT_ERROR',
        message: expect.stringContaining('PAYMENT_DECLINED'),
      },
    });
    await expect
      .poll(() => story.world())
      .toEqual({
        ...undone,
        ...{ billingOrder: [], billerOrder: [], payments: ['credit:SUMMER2025 REVERSED'] },
      });
  });
});

test('an undo that is refused waits for a person, and goes on when they say so', async () => {
  await faults(shop, 'mvno-payment', {
    ...{ operations: ['reversalPayment'], failNext: 1, status: 400 },
  });
  const payment = { method: 'CREDIT_CARD', token: 'tok_declined' };
  const story = await BillingStory.start(shop, { payment });
  const incident = await waitUntil(
    'the undo to need a person',
    async () => {
      const { body } = await shop.get<PageAnswer<IncidentAnswer>>('/api/v1/incidents');
      return body.items.find(({ businessKey }) => businessKey === story.id);
    },
    { explain: () => story.tell() },
  );
  expect(incident.code).toBe('BILLING_PAYMENT_ERROR');
  // Nothing is hurried over it: what was done before is still to be undone.
  expect((await story.status()).status).toBe('IN_PROGRESS');
  expect((await story.world()).account).toEqual(['ACTIVE']);
  const path = `/api/v1/processes/${incident.instanceId}/incidents/${incident.n}`;
  const retried = await shop.post(`${path}/retry`, { body: {} });
  expect(retried.status).toBe(202);
  await story.becomes('FAILED');
  await expect
    .poll(() => story.world())
    .toEqual({
      ...undone,
      ...{ billingOrder: [], billerOrder: [], payments: ['credit:SUMMER2025 REVERSED'] },
    });
});

describe('the network', () => {
  test('has not activated the line after 30 minutes: everything is undone', async () => {
    await later(shop, 'ds-mvno-line', 'hold');
    const story = await BillingStory.start(shop);
    await story.standsAt('awaitLine', 'lineActivation');
    clock.jump(30 * minuteMs - 10_000);
    expect((await story.status()).status).toBe('IN_PROGRESS');
    clock.jump(20_000);
    expect(await story.becomes('FAILED')).toMatchObject({
      ...{ currentStep: 'ACTIVATE_LINE', progress: 45 },
      error: {
        code: 'LINE_ACTIVATION_ERROR',
        message: 'The network has not activated the line within 30 minutes',
      },
    });
    await expect
      .poll(() => story.world())
      .toEqual({
        ...undone,
        ...{ billingOrder: [], billerOrder: [], payments: ['credit:SUMMER2025 REVERSED'] },
      });
  });

  test('has activated it, and its word was lost: it is asked, and the order goes on', async () => {
    await faults(shop, 'ds-mvno-line', { callbacks: { lose: 1 } });
    const story = await BillingStory.start(shop);
    await story.standsAt('awaitLine', 'lineActivation');
    await expect.poll(async () => (await story.world()).lines).toEqual(['ACTIVE']);
    clock.jump(30 * minuteMs);
    await story.becomes('COMPLETED');
    expect(await story.world()).toEqual(whole);
  });

  test('cannot activate one of two lines: the other one is taken out, too', async () => {
    await later(shop, 'ds-mvno-line', 'hold');
    const lineItems = [lineItem('9011'), lineItem('9012')];
    const story = await BillingStory.start(shop, { lineItems });
    await expect.poll(async () => (await story.world()).lines).toEqual(['PENDING', 'PENDING']);
    await story.standsAt('awaitLine', 'lineActivation');
    const outcome = 'fail';
    await billingSystem(shop, 'ds-mvno-line').post('/sandbox/later/ITEM-9012', {
      body: { outcome },
    });
    expect(await story.becomes('FAILED')).toMatchObject({
      error: { code: 'LINE_ACTIVATION_ERROR' },
    });
    await expect
      .poll(() => story.world())
      .toMatchObject({
        ...{ lines: ['DEACTIVATED', 'DEACTIVATED'], devices: ['AVAILABLE', 'AVAILABLE'] },
        account: ['CLOSED'],
      });
  });
});

describe('the biller does not write back', () => {
  const heldOrder = async () => {
    await later(shop, 'mbos-billing', 'hold');
    const story = await BillingStory.start(shop);
    await story.standsAt('awaitWriteback');
    expect(await story.status()).toMatchObject({ currentStep: 'AWAIT_WRITEBACK', progress: 80 });
    return story;
  };
  const operator = () => tokenOf(demoUsers.operator, clock);
  const taskOf = async ({ id }: BillingStory) => {
    const { body } = await shop.get<PageAnswer<TaskAnswer>>(`/api/v1/tasks?businessKey=${id}`, {
      as: await operator(),
    });
    return body.items[0]!;
  };
  test('for 45 minutes: it is asked, then forced, and the order goes on', async () => {
    const story = await heldOrder();
    clock.jump(45 * minuteMs);
    await story.becomes('COMPLETED');
    expect(await story.world()).toEqual({
      ...whole,
      ...{ billingOrder: ['SUBMITTED'], forced: ['WRITTEN_BACK'] },
    });
  });

  test('although it has: it is asked, and nothing is forced', async () => {
    await faults(shop, 'mbos-billing', { callbacks: { lose: 1 } });
    const story = await BillingStory.start(shop);
    await story.standsAt('awaitWriteback');
    clock.jump(45 * minuteMs);
    await story.becomes('COMPLETED');
    expect(await story.world()).toEqual(whole);
  });

  test.each([
    ['a person says that it did: the order goes on', 'approve', 'COMPLETED'],
    ['a person gives it up: everything is undone', 'reject', 'FAILED'],
  ])('nor when it is forced for 60 minutes; %s', async (_what, verb, status) => {
    await later(shop, 'xbo-adapter', 'hold');
    const story = await heldOrder();
    clock.jump(45 * minuteMs);
    await story.standsAt('awaitForcedWriteback');
    clock.jump(60 * minuteMs);
    await story.standsAt('decideOnWriteback');
    const task = await taskOf(story);
    expect(task).toMatchObject({ subject: { orderId: story.id }, status: 'open' });
    const body = { reason: 'asked the biller on the phone' };
    const decided = await shop.post(`/api/v1/tasks/${task.id}/${verb}`, {
      body,
      as: await operator(),
    });
    expect(decided.status).toBe(200);
    const ended = await story.becomes(status);
    const isLeft = status === 'COMPLETED';
    expect(ended.error).toEqual(
      isLeft
        ? null
        : {
            code: 'WRITEBACK_FAILED',
            message: `The biller has not written the order back: ${body.reason}`,
          },
    );
    await expect
      .poll(() => story.world())
      .toEqual({
        ...(isLeft ? { ...whole, billingOrder: ['SUBMITTED'] } : undone),
        forced: ['ACCEPTED'],
      });
  });

  test('because it cannot: everything is undone', async () => {
    await later(shop, 'mbos-billing', 'fail');
    const story = await BillingStory.start(shop);
    expect(await story.becomes('FAILED')).toMatchObject({ error: { code: 'WRITEBACK_FAILED' } });
    await expect.poll(() => story.world()).toEqual(undone);
  });
});

describe('a change of plans', () => {
  const changeOf = async (
    plan: string,
    monthlyCharge: number,
    inBetween: () => Promise<void> = async () => undefined,
  ) => {
    const original = await BillingStory.start(shop);
    await original.becomes('COMPLETED');
    await inBetween();
    const { accountId, customerId, lineItems, orderId: originalOrderId } = original.order;
    const change = await BillingStory.start(shop, {
      ...{ orderType: 'CHANGE', originalOrderId, accountId, customerId },
      lineItems: [{ ...lineItems[0]!, plan, monthlyCharge }],
      promotions: [{ promoCode: 'WELCOME5', discount: 5 }],
    });
    return { original, change };
  };
  const chargedFor = async ({ id }: BillingStory) => {
    const { body } = await billingSystem(shop, 'xoms-biller').get<{
      records: { orders: { orderId: string; lineItems: { plan: string }[]; changes: string[] }[] };
    }>('/sandbox/records');
    return body.records.orders.find(({ orderId }) => orderId === id);
  };

  test('is approved: the lines are charged for the other plan, and the sums are known', async () => {
    const { original, change } = await changeOf('UNLIMITED_PLUS', 90);
    await change.becomes('COMPLETED');
    expect(await chargedFor(original)).toMatchObject({
      lineItems: [{ plan: 'UNLIMITED_PLUS', monthlyCharge: 90 }],
      changes: [change.id],
    });
    expect(await change.world()).toMatchObject({
      ...{ domainOrder: ['COMPLETED'], payments: ['credit:WELCOME5 CREDITED'] },
    });
    expect((await original.world()).lines).toEqual(['ACTIVE']);
    const [published] = await change.events('billing-order.provisioning-requested');
    expect(published?.payload).toMatchObject({
      billing: { monthlyCharges: 90, promotionalCredit: -5, totalDue: 85 },
    });
  });

  test('is rejected: nothing is changed', async () => {
    const { original, change } = await changeOf('LEGACY_3G', 20);
    expect(await change.becomes('FAILED')).toMatchObject({
      currentStep: 'EVALUATE_CHANGE',
      error: {
        code: 'CHANGE_ORDER_ERROR',
        message: 'The change is rejected: the plan is no longer sold',
      },
    });
    expect(await chargedFor(original)).toMatchObject({
      ...{ lineItems: [{ plan: 'UNLIMITED_DATA' }], changes: [] },
    });
    expect(await original.world()).toEqual(whole);
    await expect.poll(async () => (await change.world()).domainOrder).toEqual(['FAILED']);
  });

  test('that the biller does not take: the lines are let go', async () => {
    const operations = ['changeOrder'];
    await faults(shop, 'xoms-biller', { operations, failNext: 1, status: 422 });
    const { original, change } = await changeOf('UNLIMITED_PLUS', 90);
    expect(await change.becomes('FAILED')).toMatchObject({ error: { code: 'CHANGE_ORDER_ERROR' } });
    expect(await original.world()).toEqual(whole);
  });

  test('whose promotion cannot be given: the lines are charged as before', async () => {
    const operations = ['applyCredit'];
    const { original, change } = await changeOf('UNLIMITED_PLUS', 90, () =>
      faults(shop, 'mvno-payment', { operations, failNext: 1, status: 422 }),
    );
    expect(await change.becomes('FAILED')).toMatchObject({ error: { code: 'CHANGE_ORDER_ERROR' } });
    expect(await chargedFor(original)).toMatchObject({
      ...{ lineItems: [{ plan: 'UNLIMITED_DATA' }], changes: [change.id, `${change.id}:undo`] },
    });
    expect(await original.world()).toEqual(whole);
  });
});

describe('somebody cancels', () => {
  test('an order under way: what was done is undone, and the answer says so', async () => {
    await later(shop, 'ds-mvno-line', 'hold');
    const story = await BillingStory.start(shop);
    await story.standsAt('awaitLine', 'lineActivation');
    const cancelled = await shop.call('DELETE', `/api/orders/${story.id}`);
    expect(cancelled.status).toBe(202);
    expect((await story.becomes('CANCELLED')).error).toBeNull();
    await expect
      .poll(() => story.world())
      .toEqual({
        ...undone,
        ...{ billingOrder: [], billerOrder: [], payments: ['credit:SUMMER2025 REVERSED'] },
        domainOrder: ['CANCELLED'],
      });
    const [answer] = await story.events('billing-order.cancel-answered');
    expect(answer?.payload).toMatchObject({ status: 'CANCELLED', orderId: story.id });
    // Nobody was asked to provision it.
    expect(await story.events('billing-order.deprovisioning-requested')).toEqual([]);
  });

  test('a complete order: charges, lines, payments and the account go', async () => {
    const story = await BillingStory.start(shop);
    await story.becomes('COMPLETED');
    const event = { eventId: `cancel-${story.id}`, eventType: 'CANCEL_ORDER_REQUEST' };
    const told = { ...event, mboOrderId: story.id, reason: 'moved away' };
    expect((await shop.post('/webhooks/billing', { body: told })).status).toBe(200);
    await story.becomes('CANCELLED');
    await expect.poll(() => story.world()).toEqual({ ...undone, domainOrder: ['CANCELLED'] });
    const [answer] = await story.events('billing-order.cancel-answered');
    expect(answer?.payload).toMatchObject({ status: 'CANCELLED', reason: 'moved away' });
    const [taken, ...more] = await story.events('billing-order.deprovisioning-requested');
    expect(more).toEqual([]);
    const { plan, monthlyCharge, ...line } = story.order.lineItems[0]!;
    expect(taken?.payload).toMatchObject({
      eventType: 'DEPROVISIONING_ORDER_CREATED',
      ...{ orderId: story.id, accountId: story.order.accountId, lineItems: [line] },
      ...{ status: 'READY_FOR_DEPROVISIONING', reason: 'moved away' },
    });
  });

  test('an order that there is none of', async () => {
    const none = await shop.call('DELETE', '/api/orders/ORD-none');
    expect(none).toMatchObject({ status: 404, body: { code: 'BILLING_ORDER_NOT_FOUND' } });
  });
});
