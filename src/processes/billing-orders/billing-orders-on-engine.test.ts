/**
 * The drawn billing processes on the real engine, with nodes that die and procedures that the test answers
 * for. That the steps do to nine systems what they say is tested end to end.
 */
import { expect, test } from 'vitest';
import { compileDrawing, type ProcessModel } from '../../engine/index.ts';
import {
  answers,
  type Fake,
  fails,
  fake,
  type ProcessTest,
  refuses,
  testProcess,
} from '../../engine/testing/index.ts';
import { readShippedDrawings } from '../index.ts';

const compiled = await Promise.all(
  (await readShippedDrawings({ billing: true })).map((file) => compileDrawing(file)),
);
const processes: readonly ProcessModel[] = compiled.flatMap(({ models }) => models);

const orderId = 'ORD-1';
const line = (lineItemId: string) => ({ lineItemId, mdn: '214-555-0123', imei: lineItemId });
const promotion = { promoCode: 'SUMMER2025', discount: 15 };
const input = { orderId, accountId: 'ACC-1', isChangeOrder: false, network: 'cloud' };

/** Every step of an order of two lines, answered as on a good day. */
function goodDay(changed: Readonly<Record<string, Fake>> = {}) {
  const order = {
    ...{ orderId, accountId: 'ACC-1', customerId: 'CUST-1', originalOrderId: null },
    ...{ lines: [line('ITEM-1'), line('ITEM-2')], promotions: [promotion] },
  };
  const billing = { monthlyCharges: 75, promotionalCredit: -15, totalDue: 60 };
  const given: Readonly<Record<string, unknown>> = {
    'load-order': order,
    'find-account': { exists: false, amdocsAccountRef: null },
    'create-biller-account': { amdocsAccountRef: 'AMDOCS-ACC-1', created: true },
    'sync-account': null,
    'remove-account': { closed: true },
    'activate-line': { lineId: 'ITEM' },
    'check-line': { active: false, status: 'PENDING' },
    'assign-device': { lineId: 'ITEM' },
    'deactivate-line': null,
    'release-device': null,
    'release-line': null,
    'qualify-promotion': { ...promotion, eligible: true, reason: '' },
    'apply-promotion': { reference: `${orderId}:credit:SUMMER2025` },
    'reverse-payments': { reversed: 1 },
    'price-order': billing,
    'take-payment': { reference: `${orderId}:payment` },
    'create-biller-order': { billerOrderId: 'XOMS-1' },
    'cancel-biller-order': null,
    'submit-billing-order': { amdocsOrderRef: 'AMDOCS-ORD-1' },
    'cancel-billing-order': null,
    'check-write-back': { state: 'OPEN' },
    'force-write-back': null,
    'sync-order': { told: true },
    'complete-order': null,
    'end-order': null,
  };
  const fakes: Record<string, Fake> = {};
  for (const [name, output] of Object.entries(given)) {
    fakes[name] = changed[name] ?? fake(`billing-orders.${name}`, answers(output));
  }
  return fakes;
}

/** How many calls each procedure got, attempts of one step counted once. */
function steps(fakes: Readonly<Record<string, Fake>>) {
  const counted = Object.entries(fakes).map(
    ([name, { idempotencyKeys }]) => [name, new Set(idempotencyKeys).size] as const,
  );
  return Object.fromEntries(counted.filter(([, count]) => count > 0));
}

async function started(fakes: Readonly<Record<string, Fake>>) {
  const others = fake('billing-orders.set-line-status', answers(null));
  const more = ['evaluate-change', 'apply-change'].map((name) =>
    fake(`billing-orders.${name}`, answers(null)),
  );
  return await testProcess({ processes, fakes: [...Object.values(fakes), others, ...more] });
}

const activated = async (t: ProcessTest) => {
  for (const lineId of ['ITEM-1', 'ITEM-2']) {
    await t.publish('billing-order.line-provisioned', { orderId, lineId, succeeded: true });
  }
};
const writtenBack = (t: ProcessTest) =>
  t.publish('billing-order.written-back', { orderId, succeeded: true, reason: '' });

const whole = {
  ...{ 'load-order': 1, 'find-account': 1, 'create-biller-account': 1, 'sync-account': 1 },
  ...{ 'activate-line': 2, 'assign-device': 2, 'qualify-promotion': 1, 'apply-promotion': 1 },
  ...{ 'price-order': 1, 'take-payment': 1, 'create-biller-order': 1, 'submit-billing-order': 1 },
  ...{ 'sync-order': 1, 'complete-order': 1 },
};

// While account and lines are processes of their own, and near the end.
test.each([14, 34])('a node that dies at commit point %i repeats no step', async (point) => {
  const fakes = goodDay();
  const t = await started(fakes);
  t.killAtCommit(point);
  const run = await t.start('billingOrchestration_v2', input);
  await activated(t);
  await writtenBack(t);
  await run.ends('completed');
  expect(t.deaths).toBe(1);
  expect(steps(fakes)).toEqual(whole);
});

test.each([26, 46])(
  'a node that dies at commit point %i undoes each step once, the last one first',
  async (point) => {
    const take = fake('billing-orders.take-payment', refuses('BILLING_PAYMENT_ERROR', 'declined'));
    const fakes = goodDay({ 'take-payment': take });
    const t = await started(fakes);
    t.killAtCommit(point);
    const run = await t.start('billingOrchestration_v2', input);
    await activated(t);
    await run.ends('completed');
    expect(t.deaths).toBe(1);
    await run.didInOrder('undoing: releaseLine, releaseLine, takeCreditsBack, removeAccount');
    const { 'create-biller-order': _, 'submit-billing-order': __, ...begun } = whole;
    const { 'complete-order': ___, ...done } = begun;
    expect(steps(fakes)).toEqual({
      ...done,
      ...{ 'reverse-payments': 1, 'release-line': 2, 'remove-account': 1, 'end-order': 1 },
    });
  },
);

test('a biller that is not there is tried three times, the second and third time later each', async () => {
  const submit = fake('billing-orders.submit-billing-order', fails('MBOS_UNAVAILABLE'));
  const fakes = goodDay({ 'submit-billing-order': submit });
  const t = await started(fakes);
  const run = await t.start('billingOrchestration_v2', input);
  await activated(t);
  expect(submit.calls).toHaveLength(1);
  await t.passes('1s');
  expect(submit.calls).toHaveLength(2);
  await t.passes('2s');
  expect(submit.calls).toHaveLength(3);
  await run.ends('completed');
  expect(fakes['end-order']?.calls).toMatchObject([
    { outcome: 'FAILED', code: 'BILLER_UNAVAILABLE' },
  ]);
  expect(steps(fakes)).toMatchObject({ 'cancel-billing-order': 1, 'cancel-biller-order': 1 });
});

test('a domain that is not there is tried twice', async () => {
  const load = fake('billing-orders.load-order', fails('ORDERS_UNAVAILABLE'));
  const fakes = goodDay({ 'load-order': load });
  const t = await started(fakes);
  const run = await t.start('billingOrchestration_v2', input);
  await t.passes('1s');
  await run.ends('completed');
  expect(load.calls).toHaveLength(2);
  expect(steps(fakes)).toEqual({ 'load-order': 1, 'end-order': 1, 'sync-order': 1 });
});
