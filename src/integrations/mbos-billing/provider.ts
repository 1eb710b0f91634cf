/** The billing system of record, as the port of billing orders wants it. */
import type { MbosBilling } from '../../modules/billing-orders/provider.ts';
import { lazyContract } from '../openapi/document.ts';
import { type OperationClientOptions, operationClient } from '../transport/operation-client.ts';
import type { operations } from './generated/openapi.ts';

/** The document that this client and its sandbox are both held to. */
export const contract = lazyContract(new URL('openapi.yaml', import.meta.url));

/** Connects lazily: nothing is sent before the first call. */
export function mbosBilling(
  options: OperationClientOptions,
): MbosBilling & { close(): Promise<void> } {
  const { find, act, undo, close } = operationClient<operations>({
    ...options,
    contract,
    system: 'mbos-billing',
    codePrefix: 'MBOS',
  });
  return {
    close,
    createAccount: (body, call) => act('createAccount', { body }, call),
    getAccount: (accountId, call) => find('getAccount', { path: { accountId } }, call),
    deleteAccount: (accountId, call) => undo('deleteAccount', { path: { accountId } }, call),
    getAccountBillingInfo: (accountId, call) =>
      find('getAccountBillingInfo', { path: { accountId } }, call),
    submitBillingOrder: ({ lineItems, promotions, ...order }, call) =>
      act(
        'submitBillingOrder',
        { body: { ...order, lineItems: [...lineItems], promotions: [...promotions] } },
        call,
      ),
    getOrderStatus: (orderId, call) => find('getOrderStatus', { path: { orderId } }, call),
    cancelBillingOrder: (orderId, call) => undo('cancelBillingOrder', { path: { orderId } }, call),
  };
}
