/**
 * The contract suite of the payment gateway port: what every provider must do, whoever the vendor
 * is. A provider's test calls it with a way to reach a gateway that moves no money.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { newId } from '../../kernel/ids.ts';
import { money } from '../../kernel/money.ts';
import type {
  ChargeRequest,
  PaymentProvider,
  ProviderCall,
} from '../../modules/payments/provider.ts';

/** What the suite needs of a vendor's test gateway. */
export interface PaymentProviderHarness {
  readonly provider: PaymentProvider;
  /** Card tokens of the vendor's test gateway. */
  readonly cards: {
    readonly succeeds: string;
    readonly insufficientFunds: string;
    readonly invalid: string;
    /** Charged, but never answered; null when the vendor has no such card. */
    readonly chargedWithoutAnswer: string | null;
  };
  /** Does what the customer does on the hosted page. */
  pay(sessionId: string, cardToken: string): Promise<void>;
  stop(): Promise<void>;
}

/** A call as the payments module makes it. */
export function paymentCall(idempotencyKey: string = newId()): ProviderCall {
  return { idempotencyKey, signal: AbortSignal.timeout(60_000) };
}

/** A charge of 99.99 USD. */
export function chargeRequest(cardToken: string): ChargeRequest {
  return {
    orderId: newId(),
    paymentId: newId(),
    userId: newId(),
    amount: money(9999, 'USD'),
    paymentMethod: 'credit_card',
    cardToken,
  };
}

/** Declares the tests of the port for one provider. */
export function describePaymentProvider(
  name: string,
  start: () => Promise<PaymentProviderHarness>,
): void {
  describe(`payment provider contract: ${name}`, () => {
    let harness: PaymentProviderHarness;
    beforeAll(async () => {
      harness = await start();
    });
    afterAll(() => harness.stop());

    const openSession = (key?: string) => {
      const request = { orderId: newId(), paymentId: newId(), userId: newId() };
      return harness.provider.createSession(
        { ...request, amount: money(9999, 'USD') },
        paymentCall(key),
      );
    };

    test('has a short lower-case name', () => {
      expect(harness.provider.name).toMatch(/^[a-z][a-z0-9-]*$/);
    });

    test('opens a session with an address to pay at', async () => {
      const session = await openSession();
      expect(session.sessionId).not.toBe('');
      expect(() => new URL(session.url)).not.toThrow();
    });

    test('closes an open session, also twice', async () => {
      const { sessionId } = await openSession();
      for (let time = 0; time < 2; time += 1) {
        const closing = await harness.provider.expireSession({ sessionId }, paymentCall());
        expect(closing).toEqual({ status: 'expired' });
      }
    });

    test('says that a session was paid before it was closed', async () => {
      const { sessionId } = await openSession();
      await harness.pay(sessionId, harness.cards.succeeds);
      const closing = await harness.provider.expireSession({ sessionId }, paymentCall());
      expect(closing).toEqual({ status: 'completed', transactionId: expect.any(String) });
    });

    test('says that it does not know a session', async () => {
      const closing = harness.provider.expireSession({ sessionId: 'sess_none' }, paymentCall());
      expect(await closing).toEqual({ status: 'unknown' });
    });

    test('tells what became of a session: open, paid, refused by the bank, closed, unknown', async () => {
      const [open, paid, refused, closed] = await Promise.all(
        [1, 2, 3, 4].map(async () => (await openSession()).sessionId),
      );
      await harness.pay(paid!, harness.cards.succeeds);
      await harness.pay(refused!, harness.cards.insufficientFunds);
      await harness.provider.expireSession({ sessionId: closed! }, paymentCall());
      const ask = (sessionId: string) =>
        harness.provider.lookUpSession({ sessionId }, paymentCall());
      expect(await ask(open!)).toEqual({ status: 'open' });
      expect(await ask(paid!)).toEqual({ status: 'completed', transactionId: expect.any(String) });
      expect(await ask(refused!)).toEqual({
        status: 'failed',
        failureCode: 'INSUFFICIENT_FUNDS',
        failureReason: expect.any(String),
        transactionId: expect.any(String),
      });
      expect(await ask(closed!)).toEqual({ status: 'expired' });
      expect(await ask('sess_none')).toEqual({ status: 'unknown' });
    });

    test('charges once under one key', async () => {
      const request = chargeRequest(harness.cards.succeeds);
      const call = paymentCall();
      const first = await harness.provider.charge(request, call);
      expect(first).toMatchObject({ status: 'succeeded', transactionId: expect.any(String) });
      expect(await harness.provider.charge(request, call)).toEqual(first);
    });

    test('returns a declined charge with code and reason', async () => {
      const request = chargeRequest(harness.cards.insufficientFunds);
      expect(await harness.provider.charge(request, paymentCall())).toMatchObject({
        status: 'declined',
        failureCode: 'INSUFFICIENT_FUNDS',
        failureReason: 'Insufficient funds',
      });
    });

    test('returns that details are invalid, and nothing was tried', async () => {
      const call = paymentCall();
      const result = await harness.provider.charge(chargeRequest(harness.cards.invalid), call);
      expect(result).toEqual({ status: 'invalid', failureReason: expect.any(String) });
      expect(await harness.provider.findByIdempotencyKey(call)).toBeNull();
    });

    test('gives a charge back in parts, each once, and never more than was taken', async () => {
      const charged = await harness.provider.charge(
        chargeRequest(harness.cards.succeeds),
        paymentCall(),
      );
      if (charged.status !== 'succeeded') throw new Error('expected a charge that succeeded');
      const refund = (minor: number, call: ProviderCall) =>
        harness.provider.refund(
          {
            paymentId: newId(),
            // The same work under the same key.
            refundId: call.idempotencyKey,
            transactionId: charged.transactionId,
            amount: money(minor, 'USD'),
            reason: 'customer request',
          },
          call,
        );
      const call = paymentCall();
      const first = await refund(9000, call);
      expect(first).toEqual({ status: 'refunded', providerRefundId: expect.any(String) });
      expect(await refund(9000, call)).toEqual(first);
      expect(await refund(1000, paymentCall())).toMatchObject({ status: 'refused' });
      expect(await refund(999, paymentCall())).toMatchObject({ status: 'refunded' });
      expect(await harness.provider.findByIdempotencyKey(call)).toEqual({
        kind: 'refund',
        result: first,
      });
    });

    test('finds what was done under a key, and nothing under another', async () => {
      const key = newId();
      const session = await openSession(key);
      const found = await harness.provider.findByIdempotencyKey(paymentCall(key));
      expect(found).toEqual({ kind: 'session', session });
      expect(await harness.provider.findByIdempotencyKey(paymentCall())).toBeNull();
    });

    test('refuses a key that was used for another request, as a fault', async () => {
      const key = newId();
      await harness.provider.charge(chargeRequest(harness.cards.succeeds), paymentCall(key));
      const other = harness.provider.charge(
        chargeRequest(harness.cards.succeeds),
        paymentCall(key),
      );
      await expect(other).rejects.toMatchObject({ name: 'TerminalFault' });
    });

    test('throws that the outcome is unknown when no answer came, and can then find it', async () => {
      const { chargedWithoutAnswer } = harness.cards;
      if (chargedWithoutAnswer === null) return;
      const call = paymentCall();
      const charge = harness.provider.charge(chargeRequest(chargedWithoutAnswer), call);
      await expect(charge).rejects.toMatchObject({ name: 'RetryableFault', outcomeUnknown: true });
      expect(await harness.provider.findByIdempotencyKey(call)).toMatchObject({
        kind: 'charge',
        result: { status: 'succeeded' },
      });
    });

    test('a caller who gives up leaves the outcome unknown', async () => {
      const call = { idempotencyKey: newId(), signal: AbortSignal.abort() };
      const charge = harness.provider.charge(chargeRequest(harness.cards.succeeds), call);
      await expect(charge).rejects.toMatchObject({ name: 'RetryableFault', outcomeUnknown: true });
    });
  });
}
