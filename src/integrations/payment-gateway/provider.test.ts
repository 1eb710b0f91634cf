/**
 * The payment gateway's client against its sandbox, over real HTTP: the port's contract, then
 * every fault.
 */
import {
  afterAll,
  afterEach,
  beforeAll,
  beforeEach,
  describe,
  expect,
  onTestFinished,
  test,
} from 'vitest';
import { systemClock } from '../../kernel/clock.ts';
import { newId } from '../../kernel/ids.ts';
import {
  chargeRequest,
  describePaymentProvider,
  paymentCall,
} from '../port-suites/payment-provider-suite.ts';
import { sandboxApiKey } from '../sandbox/sandbox.ts';
import { control, recordingLog, testServer } from '../sandbox/test-support.ts';
import { paymentGatewayProvider } from './provider.ts';
import { type PaymentGatewaySandbox, startPaymentGatewaySandbox } from './sandbox/sandbox.ts';

const log = recordingLog();
const startSandbox = () => startPaymentGatewaySandbox({ log, clock: systemClock });
const connect = (baseUrl: string, more: { timeoutMs?: number; apiKey?: string } = {}) =>
  paymentGatewayProvider(
    {
      name: 'sandbox',
      baseUrl,
      apiKey: sandboxApiKey,
      timeoutMs: 10_000,
      retry: { attempts: 3, baseDelayMs: 1, maxDelayMs: 5 },
      ...more,
    },
    { log },
  );
/** For calls that are never answered. */
const soon = { timeoutMs: 300 };

describePaymentProvider('payment-gateway sandbox', async () => {
  const sandbox = await startSandbox();
  const provider = connect(sandbox.url, soon);
  return {
    provider,
    cards: {
      succeeds: 'tok_visa',
      insufficientFunds: 'tok_insufficient_funds',
      invalid: 'tok_invalid',
      chargedWithoutAnswer: 'tok_timeout_after_charge',
    },
    async pay(sessionId, cardToken) {
      await control(sandbox.url, 'POST', `/sessions/${sessionId}/pay`, { cardToken });
    },
    async stop() {
      await provider.close();
      await sandbox.stop();
    },
  };
});

describe('payment gateway client', () => {
  let sandbox: PaymentGatewaySandbox;
  let provider: ReturnType<typeof connect>;
  beforeAll(async () => {
    sandbox = await startSandbox();
  });
  // A breaker of its own for each test: one test's failures must not open that of the next.
  beforeEach(() => {
    provider = connect(sandbox.url);
  });
  afterEach(async () => {
    await provider.close();
    await control(sandbox.url, 'DELETE', '/sandbox/faults');
  });
  afterAll(() => sandbox.stop());
  /** One that gives up soon. */
  const impatient = () => {
    const hasty = connect(sandbox.url, soon);
    onTestFinished(() => hasty.close());
    return hasty;
  };
  const faults = (body: unknown) => control(sandbox.url, 'PUT', '/sandbox/faults', body);
  const charges = (orderId: string) =>
    sandbox.inspect().charges.filter((charge) => charge.orderId === orderId);

  test.each([
    ['tok_visa', { status: 'succeeded', method: { brand: 'visa', last4: '4242' } }],
    ['tok_mastercard', { status: 'succeeded', method: { brand: 'mastercard', last4: '4444' } }],
    ['tok_anything', { status: 'succeeded' }],
    ['tok_declined', { status: 'declined', failureCode: 'CARD_DECLINED' }],
    ['tok_expired', { status: 'declined', failureCode: 'CARD_EXPIRED' }],
    ['tok_insufficient_funds', { status: 'declined', failureReason: 'Insufficient funds' }],
    ['tok_invalid', { status: 'invalid', failureReason: 'Invalid payment details' }],
  ])('card %s', async (card, expected) => {
    expect(await provider.charge(chargeRequest(card), paymentCall())).toMatchObject(expected);
  });

  test('a card that gets no answer was not charged', async () => {
    const request = chargeRequest('tok_timeout');
    const call = paymentCall();
    await expect(impatient().charge(request, call)).rejects.toMatchObject({
      code: 'GATEWAY_TIMEOUT',
      outcomeUnknown: true,
    });
    expect(charges(request.orderId)).toEqual([]);
    expect(await provider.findByIdempotencyKey(call)).toBeNull();
  });

  test('an answer lost after the charge is asked for again with the same key: one charge', async () => {
    await faults({ timeoutAfterCommitNext: 1 });
    const request = chargeRequest('tok_visa');
    const result = await impatient().charge(request, paymentCall());
    expect(result).toMatchObject({ status: 'succeeded' });
    expect(charges(request.orderId)).toHaveLength(1);
  });

  test('two errors are tried again, the third is thrown', async () => {
    await faults({ failNext: 2, status: 503 });
    const request = chargeRequest('tok_visa');
    expect(await provider.charge(request, paymentCall())).toMatchObject({ status: 'succeeded' });
    await faults({ failNext: 3, status: 503 });
    await expect(provider.charge(chargeRequest('tok_visa'), paymentCall())).rejects.toMatchObject({
      name: 'RetryableFault',
      code: 'GATEWAY_UNAVAILABLE',
      outcomeUnknown: false,
    });
  });

  test('an error that may have come after the work leaves the outcome unknown', async () => {
    await faults({ failNext: 3, status: 500 });
    await expect(provider.charge(chargeRequest('tok_visa'), paymentCall())).rejects.toMatchObject({
      code: 'GATEWAY_UNAVAILABLE',
      outcomeUnknown: true,
    });
  });

  test('a slow answer is waited for, up to the time limit', async () => {
    await faults({ latencyMs: 30 });
    const result = await provider.charge(chargeRequest('tok_visa'), paymentCall());
    expect(result).toMatchObject({ status: 'succeeded' });
    await faults({ latencyMs: 5_000 });
    await expect(impatient().findByIdempotencyKey(paymentCall())).rejects.toMatchObject({
      code: 'GATEWAY_TIMEOUT',
      // Asking changes nothing, so nothing is in doubt.
      outcomeUnknown: false,
    });
  });

  test("a step whose time is up is a timeout, a stopping program isn't", async () => {
    await faults({ latencyMs: 5_000 });
    const timeUp = { idempotencyKey: newId(), signal: AbortSignal.timeout(20) };
    await expect(provider.charge(chargeRequest('tok_visa'), timeUp)).rejects.toMatchObject({
      code: 'GATEWAY_TIMEOUT',
    });
    const stopping = new AbortController();
    const call = { idempotencyKey: newId(), signal: stopping.signal };
    const charge = provider.charge(chargeRequest('tok_visa'), call);
    stopping.abort();
    await expect(charge).rejects.toMatchObject({ code: 'GATEWAY_CALL_ABORTED' });
  });

  test('a wrong API key is for a person to mend, and is not in the message', async () => {
    const wrong = connect(sandbox.url, { apiKey: 'not-the-key' });
    const charge = wrong.charge(chargeRequest('tok_visa'), paymentCall());
    const fault = await charge.then(
      () => null,
      (error: unknown) => error,
    );
    expect(fault).toMatchObject({ name: 'TerminalFault', code: 'GATEWAY_UNAUTHORIZED' });
    expect(String(fault)).not.toContain('not-the-key');
    await wrong.close();
  });

  test('a gateway that is not there was certainly not asked', async () => {
    const gone = await startSandbox();
    await gone.stop();
    const unreachable = connect(gone.url);
    const charge = unreachable.charge(chargeRequest('tok_visa'), paymentCall());
    await expect(charge).rejects.toMatchObject({
      name: 'RetryableFault',
      code: 'GATEWAY_UNREACHABLE',
      outcomeUnknown: false,
    });
    await unreachable.close();
  });

  test.each([
    ['no JSON', 200, '<html>'],
    ['another shape', 201, '{"id": 7}'],
    ['an undeclared status', 302, ''],
  ])(
    'an answer that breaks the contract (%s) is for a person to mend',
    async (_name, status, body) => {
      const odd = await testServer((_received, response) => response.writeHead(status).end(body));
      const confused = connect(odd.url);
      const charge = confused.charge(chargeRequest('tok_visa'), paymentCall());
      await expect(charge).rejects.toMatchObject({
        name: 'TerminalFault',
        code: 'GATEWAY_CONTRACT_BROKEN',
      });
      await confused.close();
      await odd.stop();
    },
  );

  test('the trace, the API key and the idempotency key are sent on every attempt', async () => {
    const silent = await testServer((_received, response) => response.writeHead(503).end());
    const traced = connect(silent.url);
    const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';
    const call = { ...paymentCall(), traceparent };
    await expect(traced.charge(chargeRequest('tok_visa'), call)).rejects.toThrow();
    expect(silent.received).toHaveLength(3);
    for (const { headers } of silent.received) {
      expect(headers).toMatchObject({
        traceparent,
        'idempotency-key': call.idempotencyKey,
        authorization: `Bearer ${sandboxApiKey}`,
      });
    }
    await traced.close();
    await silent.stop();
  });

  test('settings that do not fit are refused with the field', () => {
    expect(() => connect('ftp://gateway.example')).toThrow(/baseUrl/);
    expect(() => connect(sandbox.url, { timeoutMs: 0 })).toThrow(/timeoutMs/);
  });

  test('a fault asked for by header strikes that one call', async () => {
    const paid = (fault: string) =>
      fetch(`${sandbox.url}/charges?orderId=x`, {
        headers: { authorization: `Bearer ${sandboxApiKey}`, 'sandbox-fault': fault },
      });
    expect((await paid('error=503')).status).toBe(503);
    expect((await paid('latency=5')).status).toBe(200);
    expect(log.lines.filter((line) => line.startsWith('error'))).toEqual([]);
  });
});
