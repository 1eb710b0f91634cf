/** The operator's domain of orders, as the port of billing orders wants it. */
import type { MvnoOrders } from '../../modules/billing-orders/provider.ts';
import { lazyContract } from '../openapi/document.ts';
import { type OperationClientOptions, operationClient } from '../transport/operation-client.ts';
import type { operations } from './generated/openapi.ts';

/** The document that this client and its sandbox are both held to. */
export const contract = lazyContract(new URL('openapi.yaml', import.meta.url));

/** Connects lazily: nothing is sent before the first call. */
export function dsMvnoOrder(
  options: OperationClientOptions,
): MvnoOrders & { close(): Promise<void> } {
  const { find, act, close } = operationClient<operations>({
    ...options,
    contract,
    system: 'ds-mvno-order',
    codePrefix: 'DS_ORDER',
  });
  return {
    close,
    getOrder: (orderId, call) => find('getOrder', { path: { orderId } }, call),
    async updateOrder(orderId, body, call) {
      const outcome = await act('updateOrder', { path: { orderId }, body }, call);
      return outcome.status === 'done' ? { status: 'done', value: null } : outcome;
    },
  };
}
