/** The operator's domain of accounts, as the port of billing orders wants it. */
import type { MvnoAccounts } from '../../modules/billing-orders/provider.ts';
import { lazyContract } from '../openapi/document.ts';
import { type OperationClientOptions, operationClient } from '../transport/operation-client.ts';
import type { operations } from './generated/openapi.ts';

/** The document that this client and its sandbox are both held to. */
export const contract = lazyContract(new URL('openapi.yaml', import.meta.url));

/** Connects lazily: nothing is sent before the first call. */
export function dsMvnoAccount(
  options: OperationClientOptions,
): MvnoAccounts & { close(): Promise<void> } {
  const { find, act, undo, close } = operationClient<operations>({
    ...options,
    contract,
    system: 'ds-mvno-account',
    codePrefix: 'DS_ACCOUNT',
  });
  return {
    close,
    getAccount: (accountId, call) => find('getAccount', { path: { accountId } }, call),
    createAccount: (body, call) => act('createAccount', { body }, call),
    updateAccount: (accountId, body, call) =>
      undo('updateAccount', { path: { accountId }, body }, call),
  };
}
