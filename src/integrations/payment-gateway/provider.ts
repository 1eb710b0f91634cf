/**
 * The payments module's port, over the payment gateway's own interface. Every method sends the
 * call's idempotency key, and turns an answer of the gateway into one of the port; see the port
 * for what is returned and what is thrown.
 */
import { TerminalFault } from '../../kernel/errors.ts';
import { toWire } from '../../kernel/money.ts';
import type {
  ChargeResult,
  PaymentProvider,
  ProviderCall,
  ProviderSession,
  SessionClosing,
  SessionNews,
} from '../../modules/payments/provider.ts';
import { callOptions } from '../transport/contract-client.ts';
import { type ClientTools, paymentGatewayClient } from './client.ts';
import { type PaymentGatewayConfig, paymentGatewaySettings } from './config.ts';
import type { components } from './generated/openapi.ts';

type Schemas = components['schemas'];

/** The port, and the closing of its connections. */
export interface ConnectedPaymentProvider extends PaymentProvider {
  close(): Promise<void>;
}

/** Makes the provider. Settings that do not fit are thrown as a `ZodError`. */
export function paymentGatewayProvider(
  config: PaymentGatewayConfig,
  tools: ClientTools,
): ConnectedPaymentProvider {
  const settings = paymentGatewaySettings.parse(config);
  const { api, close } = paymentGatewayClient(settings, tools);
  const keyed = (call: ProviderCall) => ({ header: { 'Idempotency-Key': call.idempotencyKey } });

  /** Why a session failed is said by the charge that was tried on it. */
  async function failureOf(
    { transactionId }: Schemas['Session'],
    call: ProviderCall,
  ): Promise<SessionNews> {
    const failure = {
      status: 'failed',
      failureCode: 'CARD_DECLINED',
      failureReason: 'The bank declined the payment',
      transactionId,
    } as const;
    if (transactionId === null) return failure;
    const { data, error, response } = await api.GET('/charges/{chargeId}', {
      ...callOptions(call),
      params: { path: { chargeId: transactionId } },
    });
    if (response.status === 404) return failure;
    if (!data) throw unusable('getCharge', error);
    return {
      ...failure,
      failureCode: data.failureCode ?? failure.failureCode,
      failureReason: data.failureReason ?? failure.failureReason,
    };
  }

  return {
    name: settings.name,
    close,

    async createSession({ orderId, paymentId, userId, amount }, call) {
      const { data, error } = await api.POST('/sessions', {
        ...callOptions(call),
        params: keyed(call),
        body: {
          orderId,
          reference: paymentId,
          customerId: userId,
          amount: toWire(amount),
          currency: amount.currency,
        },
      });
      if (data) return sessionOf(data);
      throw unusable('createSession', error);
    },

    async expireSession({ sessionId }, call) {
      const { data, error, response } = await api.POST('/sessions/{sessionId}/expire', {
        ...callOptions(call),
        params: { ...keyed(call), path: { sessionId } },
      });
      if (data) return closingOf(data);
      if (response.status === 404) return { status: 'unknown' };
      throw unusable('expireSession', error);
    },

    async lookUpSession({ sessionId }, call) {
      const { data, error, response } = await api.GET('/sessions/{sessionId}', {
        ...callOptions(call),
        params: { path: { sessionId } },
      });
      if (response.status === 404) return { status: 'unknown' };
      if (!data) throw unusable('getSession', error);
      if (data.status === 'failed') return await failureOf(data, call);
      if (data.status !== 'completed') return { status: data.status };
      const closing = closingOf(data);
      return closing.status === 'completed' ? closing : { status: 'expired' };
    },

    async charge({ orderId, paymentId, userId, amount, paymentMethod, cardToken }, call) {
      const { data, error, response } = await api.POST('/charges', {
        ...callOptions(call),
        params: keyed(call),
        body: {
          orderId,
          reference: paymentId,
          customerId: userId,
          amount: toWire(amount),
          currency: amount.currency,
          paymentMethod,
          cardToken,
        },
      });
      if (data) return chargeOf(data);
      if (response.status === 422) return { status: 'invalid', failureReason: error.message };
      throw unusable('createCharge', error);
    },

    async refund({ refundId, transactionId, amount, reason }, call) {
      const { data, error, response } = await api.POST('/charges/{chargeId}/refunds', {
        ...callOptions(call),
        params: { ...keyed(call), path: { chargeId: transactionId } },
        body: { reference: refundId, amount: toWire(amount), currency: amount.currency, reason },
      });
      if (data) return { status: 'refunded', providerRefundId: data.id };
      if (response.status === 422 || response.status === 404) {
        return { status: 'refused', failureCode: error.code, failureReason: error.message };
      }
      throw unusable('createRefund', error);
    },

    async findByIdempotencyKey(call) {
      const { data, error, response } = await api.GET('/idempotency-keys/{key}', {
        ...callOptions(call),
        params: { path: { key: call.idempotencyKey } },
      });
      if (response.status === 404) return null;
      if (!data) throw unusable('getOutcome', error);
      switch (data.kind) {
        case 'session':
          return { kind: 'session', session: sessionOf(data.session) };
        case 'charge':
          return { kind: 'charge', result: chargeOf(data.charge) };
        case 'refund':
          return {
            kind: 'refund',
            result: { status: 'refunded', providerRefundId: data.refund.id },
          };
      }
    },
  };
}

function sessionOf(session: Schemas['Session']): ProviderSession {
  return { sessionId: session.id, url: session.url, expiresAt: new Date(session.expiresAt) };
}

function closingOf(session: Schemas['Session']): SessionClosing {
  if (session.status !== 'completed') return { status: 'expired' };
  if (session.transactionId !== null) {
    return { status: 'completed', transactionId: session.transactionId };
  }
  throw new TerminalFault(
    'GATEWAY_CONTRACT_BROKEN',
    `session ${session.id} is completed, but names no charge that paid it; ask the payment gateway`,
  );
}

function chargeOf(charge: Schemas['Charge']): ChargeResult {
  if (charge.status === 'succeeded') {
    return { status: 'succeeded', transactionId: charge.id, method: charge.method };
  }
  return {
    status: 'declined',
    failureCode: charge.failureCode ?? 'CARD_DECLINED',
    failureReason: charge.failureReason ?? 'The bank declined the payment',
    transactionId: charge.id,
    method: charge.method,
  };
}

/** An answer that the document allows, but that cannot come of what this program asks. */
function unusable(operation: string, problem: Schemas['Problem'] | undefined): TerminalFault {
  return new TerminalFault(
    `GATEWAY_${problem?.code === 'IDEMPOTENCY_KEY_REUSED' ? 'KEY_REUSED' : 'REQUEST_REFUSED'}`,
    `the payment gateway refused ${operation}: ${problem?.code} ${problem?.message}`,
  );
}
