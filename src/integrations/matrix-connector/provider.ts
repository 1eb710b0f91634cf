/** The billing matrix, as the port of billing orders wants it. */
import type { MatrixConnector } from '../../modules/billing-orders/provider.ts';
import { lazyContract } from '../openapi/document.ts';
import { type OperationClientOptions, operationClient } from '../transport/operation-client.ts';
import type { operations } from './generated/openapi.ts';

/** The document that this client and its sandbox are both held to. */
export const contract = lazyContract(new URL('openapi.yaml', import.meta.url));

/** Connects lazily: nothing is sent before the first call. */
export function matrixConnector(
  options: OperationClientOptions,
): MatrixConnector & { close(): Promise<void> } {
  const { find, close } = operationClient<operations>({
    ...options,
    contract,
    system: 'matrix-connector',
    codePrefix: 'MATRIX',
  });
  return {
    close,
    queryBillingMatrix: (query, call) => find('queryBillingMatrix', { query }, call),
  };
}
