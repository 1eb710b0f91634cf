/**
 * The clients of all nine billing systems against their sandboxes, over real HTTP and as the program wires
 * them: every operation of every document, the system's no, its failures, an answer that is lost, how long a
 * failing system is left alone, and that keys stay secret. Then the steps, which ask before they tell again.
 */
import { inspect } from 'node:util';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { testDatabase } from '../../test/support/database.ts';
import { createOutbox } from '../events/index.ts';
import { dsMvnoAccount } from '../integrations/ds-mvno-account/provider.ts';
import { startSandboxHost } from '../integrations/sandbox/host.ts';
import { sandboxApiKey } from '../integrations/sandbox/sandbox.ts';
import { control, recordingLog, testServer } from '../integrations/sandbox/test-support.ts';
import type { BreakerState } from '../integrations/transport/observer.ts';
import { processCaller } from '../kernel/caller.ts';
import { systemClock } from '../kernel/clock.ts';
import { newId } from '../kernel/ids.ts';
import type { Log } from '../kernel/procedure.ts';
import { billingEventSchema } from '../modules/billing-orders/billing-event.ts';
import type { BillingSystems } from '../modules/billing-orders/index.ts';
import { billingOrdersModule } from '../modules/billing-orders/index.ts';
import type { SystemCall } from '../modules/billing-orders/provider.ts';
import { createProcedureRunner } from '../procedures/index.ts';
import { readShippedDrawings } from '../processes/index.ts';
import { billingAddresses, billingPlays, connectBillingSystems } from './billing-systems.ts';
import { type BillingSystemName, billingSystemNames } from './settings/outside-systems.ts';

/** Long enough for any answer, and short enough to wait for one that does not come. */
const [patientMs, impatientMs] = [10_000, 150];

const log = recordingLog();
const host = await startSandboxHost(billingPlays({}), { log, clock: systemClock });
const played = { systems: host.systems, apiKey: sandboxApiKey };
const closing: (() => Promise<unknown>)[] = [host.stop];
afterAll(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

/** Clients as the program makes them, and what is seen of their calls. */
function connect(timeoutMs: number, { apiKey = sandboxApiKey, log: heard = log as Log } = {}) {
  const attempts: string[] = [];
  const states: BreakerState[] = [];
  const addresses = billingAddresses({}, {}, { ...played, apiKey });
  const systems = connectBillingSystems(addresses, {
    ...{ billerTimeoutMs: timeoutMs, domainTimeoutMs: timeoutMs, log: heard },
    observer: {
      attempt: ({ outcome }) => attempts.push(outcome),
      breaker: ({ state }) => states.push(state),
    },
  });
  closing.push(systems.close);
  return { systems, attempts, states };
}

function callOf(idempotencyKey: string = newId()): SystemCall {
  const traceparent = `00-${'1'.repeat(32)}-${'2'.repeat(16)}-01`;
  return { idempotencyKey, signal: new AbortController().signal, traceparent };
}

const faults = (system: BillingSystemName, body: object) =>
  control(host.systems[system]!, 'PUT', '/sandbox/faults', body);
const records = async (system: BillingSystemName) =>
  (
    (await control(host.systems[system]!, 'GET', '/sandbox/records')).body as {
      readonly records: Readonly<Record<string, readonly object[]>>;
    }
  ).records;

const [accountId, customerId] = ['ACC-1', 'CUST-1'];
const orderId = 'ORD-1';
const billed = { mdn: '214-555-0123', plan: 'UNLIMITED_DATA', monthlyCharge: 75 };
const changed = { ...billed, plan: 'UNLIMITED_PLUS', monthlyCharge: 90 };
const money = { orderId, accountId, amount: 60, currency: 'USD' };
const network = { mdn: billed.mdn, imei: '35', iccid: '89', plan: billed.plan };
const done = (value: unknown) => ({ status: 'done', value });
const refused = (code: string) => ({ status: 'refused', code });

type Calling = (systems: BillingSystems, call: SystemCall) => Promise<unknown>;

/** One operation: its id in the document, how the port calls it, and what comes of it. */
interface Operation {
  readonly id: string;
  readonly call: Calling;
  readonly gives: unknown;
  /** What the same gives, said once more under another key. @defaultValue the same again */
  readonly again?: unknown;
  /** Absent: it changes nothing. */
  readonly changes?: true;
}

const reads = (id: string, call: Calling, gives: unknown): Operation => ({ id, call, gives });
const writes = (id: string, call: Calling, gives: unknown, again = gives): Operation => ({
  ...{ id, call, gives, again },
  changes: true,
});

/** Every system with its operations, in an order in which each finds what it needs. */
const operations: Readonly<Record<BillingSystemName, readonly Operation[]>> = {
  'mbos-billing': [
    reads('getAccount', ({ mbos }, call) => mbos.getAccount(accountId, call), null),
    writes(
      'createAccount',
      ({ mbos }, call) =>
        mbos.createAccount(
          { accountId, customerId, billingMode: 'MONTHLY', billingCycle: '01' },
          call,
        ),
      done({ accountId, customerId, status: 'ACTIVE' }),
      refused('ACCOUNT_EXISTS'),
    ),
    writes(
      'submitBillingOrder',
      ({ mbos }, call) =>
        mbos.submitBillingOrder(
          { orderId, accountId, customerId, lineItems: [billed], promotions: [] },
          call,
        ),
      done({ orderId, status: 'SUBMITTED' }),
      refused('ORDER_EXISTS'),
    ),
    reads('getOrderStatus', ({ mbos }, call) => mbos.getOrderStatus(orderId, call), {
      status: 'COMPLETED',
    }),
    reads(
      'getAccountBillingInfo',
      ({ mbos }, call) => mbos.getAccountBillingInfo(accountId, call),
      { monthlyCharges: 75, openOrders: 1 },
    ),
    writes(
      'cancelBillingOrder',
      ({ mbos }, call) => mbos.cancelBillingOrder(orderId, call),
      done({ status: 'CANCELLED' }),
    ),
    writes(
      'deleteAccount',
      ({ mbos }, call) => mbos.deleteAccount(accountId, call),
      // What is gone is gone, whoever asks again.
      done(null),
    ),
  ],
  'xoms-biller': [
    writes(
      'createOrder',
      ({ xoms }, call) => xoms.createOrder({ orderId, accountId, lineItems: [billed] }, call),
      done({ orderId, status: 'OPEN', changes: [] }),
      refused('ORDER_EXISTS'),
    ),
    writes(
      'changeOrder',
      ({ xoms }, call) =>
        xoms.changeOrder(orderId, { changeId: 'CHG-1', lineItems: [changed] }, call),
      done({ lineItems: [changed], changes: ['CHG-1'] }),
    ),
    reads('getOrder', ({ xoms }, call) => xoms.getOrder(orderId, call), { status: 'OPEN' }),
    writes(
      'cancelOrder',
      ({ xoms }, call) => xoms.cancelOrder(orderId, call),
      done({ status: 'CANCELLED' }),
    ),
  ],
  'xbo-adapter': [
    reads('checkOrderStatus', ({ xbo }, call) => xbo.checkOrderStatus(orderId, call), null),
    writes(
      'submitOrder',
      ({ xbo }, call) => xbo.submitOrder({ orderId, accountId, orderReference: 'AMDOCS-1' }, call),
      done({ orderId, status: 'ACCEPTED' }),
      refused('ORDER_EXISTS'),
    ),
  ],
  'matrix-connector': [
    reads(
      'queryBillingMatrix',
      ({ matrix }, call) =>
        matrix.queryBillingMatrix({ plan: billed.plan, promoCode: 'SUMMER2025' }, call),
      { eligible: true, discount: 15 },
    ),
  ],
  'ds-mvno-order': [
    reads('getOrder', ({ orders }, call) => orders.getOrder('ORD-12345', call), {
      accountId: 'ACC-98765',
    }),
    writes(
      'updateOrder',
      ({ orders }, call) => orders.updateOrder('ORD-12345', { status: 'IN_PROGRESS' }, call),
      done(null),
    ),
  ],
  'ds-mvno-line': [
    reads('getLine', ({ lines }, call) => lines.getLine('ITEM-1', call), null),
    writes(
      'activateLine',
      ({ lines }, call) =>
        lines.activateLine('ITEM-1', { orderId, accountId, simType: 'eSIM', ...network }, call),
      done({ lineId: 'ITEM-1', status: 'PENDING' }),
    ),
    writes(
      'updateLineStatus',
      ({ lines }, call) => lines.updateLineStatus('ITEM-1', 'CHANGE_PENDING', call),
      done({ status: 'CHANGE_PENDING' }),
    ),
    writes(
      'deactivateLine',
      ({ lines }, call) => lines.deactivateLine('ITEM-1', call),
      done({ status: 'DEACTIVATED' }),
    ),
  ],
  'ds-mvno-account': [
    reads('getAccount', ({ accounts }, call) => accounts.getAccount(accountId, call), null),
    writes(
      'createAccount',
      ({ accounts }, call) =>
        accounts.createAccount(
          { accountId, customerId, amdocsRef: 'AMDOCS-ACC-1', status: 'ACTIVE' },
          call,
        ),
      done({ accountId, status: 'ACTIVE' }),
      refused('ACCOUNT_EXISTS'),
    ),
    writes(
      'updateAccount',
      ({ accounts }, call) => accounts.updateAccount(accountId, { status: 'VOID' }, call),
      done({ status: 'VOID' }),
    ),
  ],
  'ds-mvno-device': [
    writes(
      'assignDevice',
      ({ devices }, call) =>
        devices.assignDevice(
          '35',
          { orderId, lineId: 'ITEM-1', accountId, deviceModel: 'iPhone 13' },
          call,
        ),
      done(null),
    ),
    writes(
      'updateDeviceStatus',
      ({ devices }, call) => devices.updateDeviceStatus('35', 'AVAILABLE', call),
      done(null),
    ),
  ],
  'mvno-payment': [
    writes(
      'validatePaymentMethod',
      ({ payments }, call) =>
        payments.validatePaymentMethod(
          { accountId, method: 'CREDIT_CARD', token: 'tok_invalid' },
          call,
        ),
      done({ valid: false }),
    ),
    reads('getPayment', ({ payments }, call) => payments.getPayment('p-1', call), null),
    writes(
      'processPayment',
      ({ payments }, call) =>
        payments.processPayment({ ...money, reference: 'p-1', token: 'tok_visa' }, call),
      done({ amount: 60, status: 'PROCESSED' }),
      refused('REFERENCE_USED'),
    ),
    writes(
      'applyCredit',
      ({ payments }, call) =>
        payments.applyCredit({ ...money, reference: 'c-1', promoCode: 'SUMMER2025' }, call),
      done({ status: 'CREDITED' }),
      refused('REFERENCE_USED'),
    ),
    writes(
      'reversalPayment',
      ({ payments }, call) => payments.reversalPayment('p-1', call),
      done({ status: 'REVERSED' }),
    ),
  ],
};

/** Operations of the documents that other programs call, and no billing order. */
const notOurs: Partial<Record<BillingSystemName, readonly string[]>> = {
  'mbos-billing': ['updateAccount', 'getSubscriptionDetails'],
  'ds-mvno-order': ['createOrder'],
  'ds-mvno-device': ['getDevice'],
};

beforeEach(async () => {
  for (const name of billingSystemNames) {
    await control(host.systems[name]!, 'DELETE', '/sandbox/faults');
  }
});

describe.each(billingSystemNames)('%s', (name) => {
  test('has every operation of its document called, or left to others', async () => {
    const contract = (await billingPlays({})[name]!()).contract();
    const tested = operations[name].map(({ id }) => id);
    const documented = contract.operations.map(({ operationId }) => operationId);
    expect([...tested, ...(notOurs[name] ?? [])].sort()).toEqual(documented.toSorted());
  });

  test('does what it is asked, once under one key; says no; and fails', async () => {
    const { systems } = connect(patientMs);
    const contract = (await billingPlays({})[name]!()).contract();
    for (const { id, call, gives, again = gives, changes } of operations[name]) {
      const documented = contract.operations.find(({ operationId }) => operationId === id);
      const isNo = (status: number) =>
        documented?.checkResponse(status, { code: 'A_CODE', message: 'why' }).length === 0;
      expect(isNo(400), id).toBe(true);
      for (const status of [500, 503]) {
        await faults(name, { operations: [id], failNext: 1, status });
        await expect(call(systems, callOf()), `${id} ${status}`).rejects.toMatchObject({
          code: expect.stringMatching(/_UNAVAILABLE$/),
          // "Not now" has done nothing; what broke may have.
          outcomeUnknown: changes === true && status === 500,
        });
      }
      for (const status of [400, 409, 422].filter(isNo)) {
        await faults(name, { operations: [id], failNext: 1, status });
        const said = call(systems, callOf());
        if (changes) expect(await said, id).toMatchObject(refused('SANDBOX_FAULT'));
        else await expect(said, id).rejects.toMatchObject({ name: 'TerminalFault' });
      }
      const key = callOf();
      const first = await call(systems, key);
      if (gives === null) expect(first, id).toBeNull();
      else expect(first, id).toMatchObject(gives as object);
      if (!changes) continue;
      expect(await call(systems, key), `${id} under the same key`).toEqual(first);
      expect(await call(systems, callOf()), `${id} under another key`).toMatchObject(
        again as object,
      );
    }
  });

  test('is left alone for 30 seconds when 20 calls of 20 have failed, and not before', async () => {
    const { systems, attempts, states } = connect(patientMs);
    const [{ id, call }] = operations[name] as [Operation];
    await faults(name, { operations: [id], failNext: 100, status: 503 });
    for (let time = 1; time <= 20; time += 1) {
      expect(states).toEqual([]);
      await expect(call(systems, callOf())).rejects.toThrow();
    }
    // Each call was one attempt: how often a step is tried again is said in the drawings.
    expect(attempts).toHaveLength(20);
    expect(states).toEqual(['open']);
    await expect(call(systems, callOf())).rejects.toMatchObject({
      code: expect.stringMatching(/_CIRCUIT_OPEN$/),
      ...{ retryAfterMs: 30_000, outcomeUnknown: false },
    });
    const left = (await control(host.systems[name]!, 'GET', '/sandbox/faults')).body;
    expect(left).toMatchObject({ failNext: 80 });
  });

  test('is told no secret by what is written of its failures', async () => {
    const written: unknown[] = [];
    const hears = (fields: unknown, message: string) => void written.push(fields, message);
    const own: Log = { debug: hears, info: hears, warn: hears, error: hears };
    const apiKey = `the-key-of-${name}`;
    const { systems } = connect(patientMs, { apiKey, log: own });
    const [{ call }] = operations[name] as [Operation];
    const failure: unknown = await call(systems, callOf()).catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: expect.stringMatching(/_UNAUTHORIZED$/) });
    expect(inspect([failure, written], { depth: 20 })).not.toContain(apiKey);
  });
});

test.each([
  ['mbos-billing', 'writeBack'],
  ['xbo-adapter', 'writeBack'],
  ['ds-mvno-line', 'provisioned'],
] as const)('what %s reports later fits its document, and what is taken in', async (name, id) => {
  const contract = (await billingPlays({})[name]!()).contract();
  const { body } = await control(host.systems[name]!, 'GET', '/sandbox/callbacks');
  const { items } = body as { readonly items: readonly { readonly body: object }[] };
  expect(items.length).toBeGreaterThan(0);
  for (const told of items) {
    expect(contract.checkWebhook(id, told.body)).toEqual([]);
    expect(billingEventSchema.parse(told.body)).toMatchObject({ mboOrderId: orderId });
  }
});

test('a call carries its key, its trace and the key of its system, and nothing twice', async () => {
  const system = await testServer((_received, response) =>
    response.writeHead(204, { 'content-type': 'application/json' }).end(),
  );
  closing.push(system.stop);
  const accounts = dsMvnoAccount({
    settings: { baseUrl: system.url, apiKey: 'the-key', retry: { attempts: 1 } },
    log,
  });
  closing.push(accounts.close);
  await accounts
    .updateAccount(accountId, { status: 'VOID' }, callOf('idempotency-1'))
    .catch(() => null);
  expect(system.received).toMatchObject([
    {
      ...{ method: 'PUT', url: `/accounts/${accountId}` },
      headers: {
        authorization: 'Bearer the-key',
        'idempotency-key': 'idempotency-1',
        traceparent: `00-${'1'.repeat(32)}-${'2'.repeat(16)}-01`,
        ...{ 'x-trace-id': '1'.repeat(32), 'x-span-id': '2'.repeat(16) },
      },
    },
  ]);
});

test('an answer that does not come in time leaves open what was done, and the same key does it once', async () => {
  const impatient = connect(impatientMs).systems;
  const patient = connect(patientMs).systems;
  await Promise.all(
    billingSystemNames.map(async (name) => {
      const [read] = operations[name].filter(({ changes }) => !changes);
      if (read) {
        await faults(name, { operations: [read.id], latencyMs: 2_000 });
        await expect(read.call(impatient, callOf()), name).rejects.toMatchObject({
          code: expect.stringMatching(/_TIMEOUT$/),
          outcomeUnknown: false,
        });
      }
      const written = operations[name].find(({ changes }) => changes);
      if (!written) return;
      const call = callOf();
      await faults(name, { operations: [written.id], timeoutAfterCommitNext: 1 });
      await expect(written.call(impatient, call), name).rejects.toMatchObject({
        code: expect.stringMatching(/_TIMEOUT$/),
        outcomeUnknown: true,
      });
      const before = await records(name);
      await written.call(patient, call);
      expect(await records(name), name).toEqual(before);
    }),
  );
});

describe('a step whose answer was lost asks before it tells again', () => {
  const [order, account, customer] = ['ORD-12345', 'ACC-98765', 'CUST-555'];
  const line = {
    ...{ lineItemId: 'ITEM-001', mdn: billed.mdn, imei: '36', iccid: '89' },
    ...{ deviceModel: 'iPhone 13', simType: 'eSIM', plan: billed.plan, monthlyCharge: 75 },
  };
  const promotion = { promoCode: 'SUMMER2025', discount: 15 };
  const common = { orderId: order, accountId: account };

  /** Each step that can be asked for, with where its answer is lost and what it finds out. */
  const steps: readonly (readonly [
    step: string,
    system: BillingSystemName,
    operation: string,
    input: object,
    finds: object,
  ])[] = [
    [
      ...(['create-biller-account', 'mbos-billing', 'createAccount'] as const),
      { ...common, customerId: customer },
      { amdocsAccountRef: expect.stringMatching(/^AMDOCS-ACC-/), created: true },
    ],
    [
      ...(['create-biller-order', 'xoms-biller', 'createOrder'] as const),
      { ...common, lines: [line] },
      { billerOrderId: expect.stringMatching(/^XOMS-/) },
    ],
    [
      ...(['submit-billing-order', 'mbos-billing', 'submitBillingOrder'] as const),
      { ...common, customerId: customer, lines: [line], promotions: [promotion] },
      { amdocsOrderRef: expect.stringMatching(/^AMDOCS-ORD-/) },
    ],
    [
      ...(['apply-change', 'xoms-biller', 'changeOrder'] as const),
      {
        ...{ orderId: 'ORD-2', originalOrderId: order, changeId: 'ORD-2', lineItems: [changed] },
      },
      { orderId: 'ORD-2' },
    ],
    [
      ...(['activate-line', 'ds-mvno-line', 'activateLine'] as const),
      { ...common, line },
      { lineId: 'ITEM-001' },
    ],
    [
      ...(['apply-promotion', 'mvno-payment', 'applyCredit'] as const),
      { ...common, promotion },
      { reference: `${order}:credit:SUMMER2025` },
    ],
    [
      ...(['take-payment', 'mvno-payment', 'processPayment'] as const),
      { ...common, totalDue: 60 },
      { reference: `${order}:payment` },
    ],
  ];
  const unused = () => Promise.reject(new Error('expected steps only, found a start'));
  const moduleOver = (systems: BillingSystems) => {
    const module = billingOrdersModule({ systems, workflows: { start: unused } });
    // What has a route shares one with the orders of the shop, which are not here.
    return { ...module, procedures: module.procedures.filter(({ http }) => !http) };
  };

  test('every one that can be asked for', () => {
    const { procedures } = moduleOver(connect(patientMs).systems);
    const asking = procedures.filter((one) => one.effect === 'external' && one.reconcile);
    expect(asking.map(({ name }) => name).toSorted()).toEqual(
      steps.map(([step]) => `billing-orders.${step}`).toSorted(),
    );
  });

  test('and finds what was done, although its system takes nothing new', async () => {
    const { schema, migrations } = moduleOver(connect(patientMs).systems);
    const { database } = await testDatabase({
      migrations: [{ schema: schema!, folder: migrations! }],
    });
    const runnerOf = (timeoutMs: number) =>
      createProcedureRunner({
        modules: [moduleOver(connect(timeoutMs).systems)],
        outbox: createOutbox({ subscribers: [] }),
        ...{ database, clock: systemClock, log },
      });
    const [impatient, patient] = [runnerOf(impatientMs), runnerOf(patientMs)];
    const trace = { traceId: '1'.repeat(32), spanId: '2'.repeat(16) };
    for (const [step, system, operation, input, finds] of steps) {
      const name = `billing-orders.${step}`;
      const options = { caller: processCaller, trace };
      await faults(system, { operations: [operation], timeoutAfterCommitNext: 1 });
      const lost = impatient.run(name, input, { ...options, idempotencyKey: newId() });
      await expect(lost, step).rejects.toMatchObject({ outcomeUnknown: true });
      const before = await records(system);
      await faults(system, { operations: [operation], failNext: 1, status: 500 });
      // Under another key, so that nothing is answered because it is remembered.
      const again = { ...options, idempotencyKey: newId(), reconcileFirst: true };
      expect(await patient.run(name, input, again), step).toEqual(finds);
      expect(await records(system), step).toEqual(before);
    }
  });
});

test('the drawings try a step as often and as patiently as its system deserves', async () => {
  const module = billingOrdersModule({
    systems: connect(patientMs).systems,
    workflows: { start: () => Promise.reject(new Error('expected no start, found one')) },
  });
  const systemOf = new Map(module.procedures.map(({ name, limits }) => [name, limits?.system]));
  const billers = ['mbos-billing', 'xoms-biller', 'xbo-adapter', 'matrix-connector'];
  const found: string[] = [];
  for (const { name, xml } of await readShippedDrawings({ billing: true })) {
    for (const [, procedure = '', rest = ''] of xml.matchAll(
      /<orderloom:task procedure="([^"]+)"[^>]*\/>(.*?)<\/extensionElements>/gs,
    )) {
      const [, attempts, pauses] =
        /<orderloom:retry attempts="(\d)" ([^/]*?)(?: error="\w+")?\/>/.exec(rest) ?? [];
      if (attempts === undefined) continue;
      const expected = billers.includes(systemOf.get(procedure) ?? '') ? '3' : '2';
      found.push(`${name} ${procedure}`);
      expect([attempts, pauses], `${name} ${procedure}`).toEqual([
        expected,
        'delay="PT1S" factor="2" maxDelay="PT30S" jitter="0.5"',
      ]);
    }
  }
  expect(found.length).toBeGreaterThan(20);
});
