/** The biller's own orders, as the port of billing orders wants them. */
import type { XomsBiller } from '../../modules/billing-orders/provider.ts';
import { lazyContract } from '../openapi/document.ts';
import { type OperationClientOptions, operationClient } from '../transport/operation-client.ts';
import type { operations } from './generated/openapi.ts';

/** The document that this client and its sandbox are both held to. */
export const contract = lazyContract(new URL('openapi.yaml', import.meta.url));

/** Connects lazily: nothing is sent before the first call. */
export function xomsBiller(
  options: OperationClientOptions,
): XomsBiller & { close(): Promise<void> } {
  const { find, act, undo, close } = operationClient<operations>({
    ...options,
    contract,
    system: 'xoms-biller',
    codePrefix: 'XOMS',
  });
  return {
    close,
    createOrder: ({ lineItems, ...order }, call) =>
      act('createOrder', { body: { ...order, lineItems: [...lineItems] } }, call),
    getOrder: (orderId, call) => find('getOrder', { path: { orderId } }, call),
    changeOrder: (orderId, { changeId, lineItems }, call) =>
      act(
        'changeOrder',
        { path: { orderId }, body: { changeId, lineItems: [...lineItems] } },
        call,
      ),
    cancelOrder: (orderId, call) => undo('cancelOrder', { path: { orderId } }, call),
  };
}
