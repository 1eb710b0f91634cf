/**
 * The sandbox of the payment service. The tokens `tok_invalid` and `tok_declined` cannot be used, and are
 * declined by the bank; every other one pays.
 */
import { newId } from '../../kernel/ids.ts';
import type { Handlers } from '../sandbox/contract-server.ts';
import {
  conflict,
  notThere,
  type RecordPlay,
  type RecordTools,
  refused,
} from '../sandbox/record-sandbox.ts';
import type { components, operations } from './generated/openapi.ts';
import { contract } from './provider.ts';

type Payment = components['schemas']['Payment'];

function handlers(tools: RecordTools): Handlers<operations> {
  const payments = tools.records<Payment>('payments');
  const noPayment = (id: string) => notThere(`expected a payment, found none with reference ${id}`);
  const made = (payment: Payment) => ({
    answer: { status: 201, body: payment } as const,
    keep: [payments.put(payment.reference, payment)],
  });
  const taken = (reference: string) =>
    conflict('REFERENCE_USED', `expected a new reference, found ${reference} used already`);
  return {
    validatePaymentMethod: (request) =>
      tools.once(request, () => {
        const valid = request.body.token !== 'tok_invalid';
        const body = valid ? { valid } : { valid, reason: 'the token cannot be used' };
        return { answer: { status: 200, body } as const };
      }),
    processPayment: (request) =>
      tools.once(request, () => {
        const { token, ...payment } = request.body;
        if (payments.get(payment.reference)) return { answer: taken(payment.reference) };
        if (token === 'tok_declined') {
          return { answer: refused('PAYMENT_DECLINED', 'the bank has declined the payment') };
        }
        return made({ ...payment, paymentId: `PAY-${newId().slice(-12)}`, status: 'PROCESSED' });
      }),
    applyCredit: (request) =>
      tools.once(request, () => {
        const { promoCode: _, ...credit } = request.body;
        if (payments.get(credit.reference)) return { answer: taken(credit.reference) };
        return made({ ...credit, paymentId: `CRE-${newId().slice(-12)}`, status: 'CREDITED' });
      }),
    getPayment({ path }) {
      const payment = payments.get(path.reference);
      return payment ? { status: 200, body: payment } : noPayment(path.reference);
    },
    reversalPayment: (request) =>
      tools.once(request, () => {
        const payment = payments.get(request.path.reference);
        if (!payment) return { answer: noPayment(request.path.reference) };
        const reversed: Payment = { ...payment, status: 'REVERSED' };
        return {
          answer: { status: 200, body: reversed } as const,
          keep: [payments.put(payment.reference, reversed)],
        };
      }),
  };
}

/** The played system. */
export const mvnoPaymentPlay: RecordPlay = {
  name: 'mvno-payment',
  contract,
  kinds: ['payments'],
  handlers,
};
