/** The operator's domain of lines, as the port of billing orders wants it. */
import type { MvnoLines } from '../../modules/billing-orders/provider.ts';
import { lazyContract } from '../openapi/document.ts';
import { type OperationClientOptions, operationClient } from '../transport/operation-client.ts';
import type { operations } from './generated/openapi.ts';

/** The document that this client and its sandbox are both held to. */
export const contract = lazyContract(new URL('openapi.yaml', import.meta.url));

/** Connects lazily: nothing is sent before the first call. */
export function dsMvnoLine(
  options: OperationClientOptions,
): MvnoLines & { close(): Promise<void> } {
  const { find, act, undo, close } = operationClient<operations>({
    ...options,
    contract,
    system: 'ds-mvno-line',
    codePrefix: 'DS_LINE',
  });
  return {
    close,
    activateLine: (lineId, body, call) => act('activateLine', { path: { lineId }, body }, call),
    getLine: (lineId, call) => find('getLine', { path: { lineId } }, call),
    deactivateLine: (lineId, call) => undo('deactivateLine', { path: { lineId } }, call),
    updateLineStatus: (lineId, status, call) =>
      act('updateLineStatus', { path: { lineId }, body: { status } }, call),
  };
}
