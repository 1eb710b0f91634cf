/** The payment service, as the port of billing orders wants it. */
import type { MvnoPayments } from '../../modules/billing-orders/provider.ts';
import { lazyContract } from '../openapi/document.ts';
import { type OperationClientOptions, operationClient } from '../transport/operation-client.ts';
import type { operations } from './generated/openapi.ts';

/** The document that this client and its sandbox are both held to. */
export const contract = lazyContract(new URL('openapi.yaml', import.meta.url));

/** Connects lazily: nothing is sent before the first call. */
export function mvnoPayment(
  options: OperationClientOptions,
): MvnoPayments & { close(): Promise<void> } {
  const { find, act, undo, close } = operationClient<operations>({
    ...options,
    contract,
    system: 'mvno-payment',
    codePrefix: 'MVNO_PAYMENT',
  });
  return {
    close,
    validatePaymentMethod: (body, call) => act('validatePaymentMethod', { body }, call),
    processPayment: (body, call) => act('processPayment', { body }, call),
    applyCredit: (body, call) => act('applyCredit', { body }, call),
    getPayment: (reference, call) => find('getPayment', { path: { reference } }, call),
    reversalPayment: (reference, call) => undo('reversalPayment', { path: { reference } }, call),
  };
}
