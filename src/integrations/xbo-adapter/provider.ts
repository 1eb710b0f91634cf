/** The other way to the biller, as the port of billing orders wants it. */
import type { XboAdapter } from '../../modules/billing-orders/provider.ts';
import { lazyContract } from '../openapi/document.ts';
import { type OperationClientOptions, operationClient } from '../transport/operation-client.ts';
import type { operations } from './generated/openapi.ts';

/** The document that this client and its sandbox are both held to. */
export const contract = lazyContract(new URL('openapi.yaml', import.meta.url));

/** Connects lazily: nothing is sent before the first call. */
export function xboAdapter(
  options: OperationClientOptions,
): XboAdapter & { close(): Promise<void> } {
  const { find, act, close } = operationClient<operations>({
    ...options,
    contract,
    system: 'xbo-adapter',
    codePrefix: 'XBO',
  });
  return {
    close,
    submitOrder: (body, call) => act('submitOrder', { body }, call),
    checkOrderStatus: (orderId, call) => find('checkOrderStatus', { path: { orderId } }, call),
  };
}
