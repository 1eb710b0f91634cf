/**
 * The payments module on a database of its own, with a gateway that plays what a test asks for and
 * keeps count of what it did under each key, and with orders as the port shows them.
 */
import { Buffer } from 'node:buffer';
import { assert, isRefusal, type Refusal, RetryableFault } from '../../src/kernel/errors.ts';
import { newId } from '../../src/kernel/ids.ts';
import { money, toWire } from '../../src/kernel/money.ts';
import type { Procedure } from '../../src/kernel/procedure.ts';
import { type PayableOrder, paymentsModule } from '../../src/modules/payments/index.ts';
import type {
  ChargeResult,
  PaymentMethod,
  PaymentProvider,
  ProviderOutcome,
  RefundResult,
  SessionNews,
} from '../../src/modules/payments/provider.ts';
import { type CallResult, callProcedure, type TestCall } from './context.ts';
import { testDatabase } from './database.ts';
import { buyer, people } from './orders.ts';

/** What the gateway does with the next charge or refund. */
export type Play =
  | 'succeed'
  | 'decline'
  | 'invalid'
  | 'time-out-after'
  | 'time-out-before'
  | 'unreachable';

const visa = { brand: 'visa', last4: '4242', holder: 'Ada Lovelace' };

/** A gateway with the promises of the port: the same key acts once and answers the same. */
function scriptedGateway() {
  const done = new Map<string, ProviderOutcome>();
  const sessions = new Map<
    string,
    { paidBy: string | null; open: boolean; failure?: SessionNews & { status: 'failed' } }
  >();
  const seen: string[] = [];
  let play: Play = 'succeed';
  let beforeAnswer: () => Promise<void> = async () => undefined;

  function fault(): never {
    throw new RetryableFault('GATEWAY_TIMEOUT', 'the gateway did not answer in time', {
      outcomeUnknown: play !== 'unreachable',
    });
  }

  /** Does the work once per key, and says nothing of it when it plays a time-out. */
  function once(key: string, work: () => ProviderOutcome): ProviderOutcome {
    seen.push(key);
    if (play === 'unreachable' || play === 'time-out-before') fault();
    const outcome = done.get(key) ?? work();
    done.set(key, outcome);
    if (play === 'time-out-after') fault();
    return outcome;
  }

  function charged(): ChargeResult {
    if (play === 'invalid') return { status: 'invalid', failureReason: 'Unknown card token' };
    if (play !== 'decline')
      return { status: 'succeeded', transactionId: `ch-${done.size}`, method: visa };
    return {
      status: 'declined',
      failureCode: 'INSUFFICIENT_FUNDS',
      failureReason: 'Insufficient funds',
      transactionId: null,
      method: visa,
    };
  }

  function refunded(): RefundResult {
    return play === 'decline'
      ? { status: 'refused', failureCode: 'TOO_OLD', failureReason: 'Too old' }
      : { status: 'refunded', providerRefundId: `re-${done.size}` };
  }

  const provider: PaymentProvider = {
    name: 'scripted',
    async createSession(_request, { idempotencyKey }) {
      const sessionId = `cs-${idempotencyKey}`;
      const session = { sessionId, url: `https://pay.example/${sessionId}`, expiresAt: null };
      const outcome = once(idempotencyKey, () => {
        sessions.set(sessionId, { paidBy: null, open: true });
        return { kind: 'session', session };
      });
      await beforeAnswer();
      assert(outcome.kind === 'session', 'expected a session under its own key');
      return outcome.session;
    },
    async expireSession({ sessionId }) {
      const session = sessions.get(sessionId);
      if (!session) return { status: 'unknown' };
      if (session.paidBy !== null) return { status: 'completed', transactionId: session.paidBy };
      session.open = false;
      return { status: 'expired' };
    },
    async lookUpSession({ sessionId }) {
      if (play === 'unreachable') fault();
      const session = sessions.get(sessionId);
      if (!session) return { status: 'unknown' };
      if (session.paidBy !== null) return { status: 'completed', transactionId: session.paidBy };
      return session.failure ?? { status: session.open ? 'open' : 'expired' };
    },
    async charge(_request, { idempotencyKey }) {
      const outcome = once(idempotencyKey, () => ({ kind: 'charge', result: charged() }));
      await beforeAnswer();
      assert(outcome.kind === 'charge', 'expected a charge under its own key');
      return outcome.result;
    },
    async refund(_request, { idempotencyKey }) {
      const outcome = once(idempotencyKey, () => ({ kind: 'refund', result: refunded() }));
      assert(outcome.kind === 'refund', 'expected a refund under its own key');
      return outcome.result;
    },
    findByIdempotencyKey: async ({ idempotencyKey }) => done.get(idempotencyKey) ?? null,
  };
  return {
    provider,
    /** Sets what the next calls come to. */
    plays: (next: Play) => {
      play = next;
    },
    /** Runs once before the gateway's next answer to a charge or session. */
    meanwhile: (work: () => Promise<void>) => {
      beforeAnswer = async () => {
        beforeAnswer = async () => undefined;
        await work();
      };
    },
    /** The customer pays on the page. */
    paySession: (sessionId: string, transactionId: string) => {
      sessions.set(sessionId, { paidBy: transactionId, open: false });
    },
    /** The bank says no to the customer on the page. */
    failSession: (sessionId: string, failure: SessionNews & { status: 'failed' }) => {
      sessions.set(sessionId, { paidBy: null, open: false, failure });
    },
    isOpen: (sessionId: string) => sessions.get(sessionId)?.open ?? false,
    /** How often money was taken. */
    charges: () =>
      [...done.values()].filter(
        (outcome) => outcome.kind === 'charge' && outcome.result.status === 'succeeded',
      ).length,
    /** Every key that was sent, repeats included. */
    keys: (): readonly string[] => seen,
  };
}

/** The payments module on a fresh database, with its gateway and one order after another. */
export async function paymentsOnDatabase(
  options: { activeMethods?: readonly PaymentMethod[] } = {},
) {
  const orders = new Map<string, PayableOrder>();
  const gateway = scriptedGateway();
  const manifest = paymentsModule({
    provider: gateway.provider,
    orders: { find: async (_tx, orderId) => orders.get(orderId.toLowerCase()) ?? null },
    encryptionKey: Buffer.alloc(32, 7),
    ...options,
  });
  const { database } = await testDatabase({
    migrations: [{ schema: 'payments', folder: manifest.migrations! }],
  });
  const find = (name: string): Procedure => {
    const procedure = manifest.procedures.find((candidate) => candidate.name === name);
    assert(procedure, `expected a procedure of the payments module, found ${name}`);
    return procedure;
  };
  type Output = Record<string, unknown>;
  const call = async (
    name: string,
    input: unknown,
    more: TestCall = {},
  ): Promise<CallResult<Output>> =>
    (await callProcedure(database, find(name), input, more)) as CallResult<Output>;
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
  /** A pending order of the buyer over 99.98. */
  const order = (more: Partial<PayableOrder> = {}): PayableOrder => {
    const made = {
      id: newId(),
      userId: people.buyer,
      status: 'pending',
      total: money(9998, 'USD'),
      ...more,
    };
    orders.set(made.id, made);
    return made;
  };
  const setStatus = (orderId: string, status: string) => {
    orders.set(orderId, { ...orders.get(orderId)!, status });
  };
  /** The buyer pays by card. */
  const pay = ({ id, total }: PayableOrder, more: TestCall & { input?: object } = {}) =>
    call(
      'payments.process',
      {
        orderId: id,
        amount: toWire(total),
        paymentMethod: 'credit_card',
        cardToken: 'tok_secret',
        ...more.input,
      },
      { caller: buyer, ...more },
    );
  const webhook = (body: object) => call('payments.receive-webhook', body);
  return {
    database,
    manifest,
    gateway,
    find,
    call,
    succeed,
    refused,
    order,
    setStatus,
    pay,
    webhook,
  };
}
