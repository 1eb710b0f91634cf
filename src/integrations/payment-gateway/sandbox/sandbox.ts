/**
 * The payment gateway's sandbox: sessions, charges and refunds behind the gateway's own OpenAPI
 * document, with signed webhooks. Every handler is one commit of the journal, so that a charge,
 * the session that it pays, the key that asked for it and the webhook that tells of it are there
 * together or not at all.
 *
 * A session is `open` until it is paid (`completed`), the bank says no (`failed`), or it is closed
 * or its time is up (`expired`); it never leaves those three.
 */
import { assert } from '../../../kernel/errors.ts';
import { newId } from '../../../kernel/ids.ts';
import { add, toWire } from '../../../kernel/money.ts';
import { loadContract } from '../../openapi/document.ts';
import type { CallbackRecord } from '../../sandbox/callbacks.ts';
import { type Handlers, neverAnswered } from '../../sandbox/contract-server.ts';
import { idempotencyKeys, keyReused } from '../../sandbox/idempotency-keys.ts';
import {
  type RunningSandbox,
  type SandboxOptions,
  type SandboxTools,
  startSandbox,
} from '../../sandbox/sandbox.ts';
import { paymentGatewayContract } from '../client.ts';
import type { components, operations } from '../generated/openapi.ts';
import { cardOf } from './cards.ts';
import { moneyOf, refundedOf, refusalOfRefund, tryCard } from './charge.ts';
import type { operations as controlOperations } from './generated/openapi.ts';
import { paymentPage, unknownSessionPage } from './payment-page.ts';

type Schemas = components['schemas'];
type Charge = Schemas['Charge'];
type Refund = Schemas['Refund'];
/** The address of the page follows the sandbox's own, which may change when it is started again. */
type KeptSession = Omit<Schemas['Session'], 'url'>;

/** What happened in the sandbox so far, for demonstrations and tests. */
export interface PaymentGatewayInspection {
  readonly sessions: readonly Schemas['Session'][];
  readonly charges: readonly Charge[];
  readonly refunds: readonly Refund[];
  readonly callbacks: readonly CallbackRecord[];
}

/** A running payment gateway's sandbox. */
export interface PaymentGatewaySandbox extends RunningSandbox {
  inspect(): PaymentGatewayInspection;
}

const sessionLifeMs = 24 * 60 * 60 * 1000;

/** Starts the sandbox; resolves when it takes calls. */
export async function startPaymentGatewaySandbox(
  options: SandboxOptions,
): Promise<PaymentGatewaySandbox> {
  let ledger: Ledger | undefined;
  const sandbox = await startSandbox({
    ...options,
    name: 'payment-gateway',
    system: paymentGatewayContract(),
    control: loadContract(new URL('openapi.yaml', import.meta.url)),
    handlers(tools) {
      ledger = openLedger(tools);
      return { ...systemHandlers(tools, ledger), ...controlHandlers(ledger) };
    },
  });
  const { url, stop, sendCallbacksTo, tools } = sandbox;
  return {
    url,
    stop,
    sendCallbacksTo,
    inspect: () => ({
      sessions: ledger?.sessions() ?? [],
      charges: ledger?.charges.values() ?? [],
      refunds: ledger?.refunds.values() ?? [],
      callbacks: tools.callbacks.list(),
    }),
  };
}

type Ledger = ReturnType<typeof openLedger>;

/** The state of the sandbox. */
function openLedger({ journal, clock, url }: SandboxTools) {
  const kept = journal.collection<KeptSession>('sessions');
  const shown = (session: KeptSession): Schemas['Session'] => ({
    ...session,
    status:
      session.status === 'open' && clock.now() >= new Date(session.expiresAt)
        ? 'expired'
        : session.status,
    url: `${url()}/pay/${session.id}`,
  });
  return {
    keys: idempotencyKeys(journal),
    charges: journal.collection<Charge>('charges'),
    refunds: journal.collection<Refund>('refunds'),
    putSession: (session: KeptSession) => kept.put(session.id, session),
    sessions: () => kept.values().map(shown),
    session(id: string): Schemas['Session'] | undefined {
      const session = kept.get(id);
      return session && shown(session);
    },
  };
}

type SystemHandlers = Handlers<Omit<operations, 'paymentResult'>>;

function systemHandlers(tools: SandboxTools, ledger: Ledger): SystemHandlers {
  const { journal, clock } = tools;
  const { keys, charges } = ledger;
  const now = () => clock.now().toISOString();
  return {
    ...refundHandlers(tools, ledger),

    createSession({ idempotencyKey, body }) {
      const used = keys.check(idempotencyKey, { createSession: body });
      if (used.use === 'other-request') return keyReused;
      const made = used.use === 'repeated' ? ledger.session(used.id) : undefined;
      if (made) return { status: 201, body: made };
      const amount = moneyOf(body);
      if (!amount) return invalidAmount(body);
      const { orderId, reference, currency } = body;
      const session: KeptSession = {
        ...{ id: `sess_${newId()}`, status: 'open', orderId, reference, currency },
        amount: toWire(amount),
        createdAt: now(),
        expiresAt: new Date(clock.now().getTime() + sessionLifeMs).toISOString(),
        transactionId: null,
      };
      journal.commit(
        ledger.putSession(session),
        keys.remember(idempotencyKey, { createSession: body }, { kind: 'session', id: session.id }),
      );
      return { status: 201, body: found(ledger.session(session.id)) };
    },

    getSession({ path }) {
      const session = ledger.session(path.sessionId);
      return session ? { status: 200, body: session } : notFound('session', path.sessionId);
    },

    paySession({ path, body }) {
      const session = ledger.session(path.sessionId);
      if (!session) return notFound('session', path.sessionId);
      if (session.status !== 'open') {
        const message = `expected an open session, found one that is ${session.status}; open a new one`;
        return { status: 409, body: { code: 'SESSION_NOT_OPEN', message } };
      }
      const tried = tryCard({ ...session, ...body, paymentMethod: 'credit_card' }, now());
      if (tried.kind === 'invalid') return invalidDetails;
      if (tried.kind === 'hangs') return neverAnswered;
      const charge: Charge = { ...tried.charge, sessionId: session.id };
      const status = charge.status === 'succeeded' ? 'completed' : 'failed';
      const { url: _, ...kept } = { ...session, status, transactionId: charge.id } as const;
      const callback = tools.callbacks.prepare(session.orderId, resultOf(kept, charge));
      journal.commit(charges.put(charge.id, charge), ledger.putSession(kept), callback.change);
      callback.send();
      if (tried.kind === 'charges-then-hangs') return neverAnswered;
      return { status: 200, body: found(ledger.session(session.id)) };
    },

    expireSession({ path, idempotencyKey }) {
      const session = ledger.session(path.sessionId);
      if (!session) return notFound('session', path.sessionId);
      const { url: _, ...kept } = session;
      const closed: KeptSession = session.status === 'open' ? { ...kept, status: 'expired' } : kept;
      const made = { kind: 'session', id: session.id };
      journal.commit(
        ledger.putSession(closed),
        keys.remember(idempotencyKey, { expireSession: session.id }, made),
      );
      return { status: 200, body: found(ledger.session(session.id)) };
    },

    createCharge({ idempotencyKey, body }) {
      const hangs = cardOf(body.cardToken).behaviour.kind === 'charges-then-hangs';
      const used = keys.check(idempotencyKey, { createCharge: body });
      if (used.use === 'other-request') return keyReused;
      const made = used.use === 'repeated' ? charges.get(used.id) : undefined;
      if (made) return hangs ? neverAnswered : { status: 201, body: made };
      if (!moneyOf(body)) return invalidAmount(body);
      const tried = tryCard(body, now());
      if (tried.kind === 'invalid') return invalidDetails;
      if (tried.kind === 'hangs') return neverAnswered;
      const { charge } = tried;
      journal.commit(
        charges.put(charge.id, charge),
        keys.remember(idempotencyKey, { createCharge: body }, { kind: 'charge', id: charge.id }),
      );
      return hangs ? neverAnswered : { status: 201, body: charge };
    },

    listCharges({ query }) {
      const byKey = query.idempotencyKey === undefined ? null : keys.find(query.idempotencyKey);
      const items = charges
        .values()
        .filter((charge) => byKey === null || charge.id === byKey?.id)
        .filter((charge) => query.orderId === undefined || charge.orderId === query.orderId);
      return { status: 200, body: { items } };
    },

    getCharge({ path }) {
      const charge = charges.get(path.chargeId);
      return charge ? { status: 200, body: charge } : notFound('charge', path.chargeId);
    },

    getOutcome({ path }) {
      const made = keys.find(path.key);
      const charge = made && charges.get(made.id);
      const refund = made && ledger.refunds.get(made.id);
      const session = made && ledger.session(made.id);
      if (charge) return { status: 200, body: { kind: 'charge', charge } };
      if (refund) return { status: 200, body: { kind: 'refund', refund } };
      if (session) return { status: 200, body: { kind: 'session', session } };
      return notFound('work under the idempotency key', path.key);
    },
  };
}

function refundHandlers(
  { journal, clock }: SandboxTools,
  { keys, charges, refunds }: Ledger,
): Pick<SystemHandlers, 'createRefund' | 'listRefunds'> {
  return {
    createRefund({ path, idempotencyKey, body }) {
      const request = { createRefund: path.chargeId, body };
      const used = keys.check(idempotencyKey, request);
      if (used.use === 'other-request') return keyReused;
      const made = used.use === 'repeated' ? refunds.get(used.id) : undefined;
      if (made) return { status: 201, body: made };
      const charge = charges.get(path.chargeId);
      if (!charge) return notFound('charge', path.chargeId);
      const amount = moneyOf(body);
      if (!amount) return invalidAmount(body);
      const refused = refusalOfRefund(charge, amount);
      if (refused) return { status: 422, body: refused };
      const { reference, currency, reason } = body;
      const refund: Refund = {
        ...{ id: `re_${newId()}`, chargeId: charge.id, reference, currency, reason },
        amount: toWire(amount),
        createdAt: clock.now().toISOString(),
      };
      const given = add(refundedOf(charge, amount), amount);
      journal.commit(
        refunds.put(refund.id, refund),
        charges.put(charge.id, { ...charge, amountRefunded: toWire(given) }),
        keys.remember(idempotencyKey, request, { kind: 'refund', id: refund.id }),
      );
      return { status: 201, body: refund };
    },

    listRefunds({ path }) {
      if (!charges.get(path.chargeId)) return notFound('charge', path.chargeId);
      const items = refunds.values().filter((refund) => refund.chargeId === path.chargeId);
      return { status: 200, body: { items } };
    },
  };
}

function controlHandlers(ledger: Ledger): Handlers<controlOperations> {
  return {
    inspectCharges: () => ({
      status: 200,
      body: { charges: [...ledger.charges.values()], refunds: [...ledger.refunds.values()] },
    }),
    inspectSessions: () => ({ status: 200, body: { sessions: ledger.sessions() } }),
    showPaymentPage({ path }) {
      const session = ledger.session(path.sessionId);
      return session
        ? { status: 200, html: paymentPage(session) }
        : { status: 404, html: unknownSessionPage() };
    },
  };
}

/** The body of the webhook. */
function resultOf(session: KeptSession, charge: Charge): Schemas['PaymentResult'] {
  const { orderId, reference, amount, currency } = session;
  const { paymentMethod, method } = charge;
  return {
    ...{ eventId: newId(), orderId, sessionId: session.id, reference },
    ...{ transactionId: charge.id, amount, currency, paymentMethod, method },
    status: charge.status === 'succeeded' ? 'completed' : 'failed',
    ...(charge.failureReason === null ? {} : { failureReason: charge.failureReason }),
    ...(charge.failureCode === null ? {} : { failureCode: charge.failureCode }),
  };
}

function invalidAmount({ amount, currency }: { amount: number; currency: string }) {
  const message = `expected an amount with the digits of an ISO 4217 currency, found ${amount} ${currency}`;
  return { status: 400, body: { code: 'INVALID_REQUEST', message } } as const;
}

const invalidDetails = {
  status: 422,
  body: { code: 'INVALID_PAYMENT_DETAILS', message: 'Invalid payment details' },
} as const;

function notFound(what: string, id: string) {
  const message = `expected a ${what} that exists, found none with id ${id}`;
  return { status: 404, body: { code: 'NOT_FOUND', message } } as const;
}

/** For what was just put there. */
function found<T>(value: T | undefined | null): T {
  assert(value !== undefined && value !== null, 'the journal lost a change');
  return value;
}
