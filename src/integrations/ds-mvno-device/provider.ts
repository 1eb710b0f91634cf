/** The operator's domain of devices, as the port of billing orders wants it. */
import type { MvnoDevices } from '../../modules/billing-orders/provider.ts';
import { lazyContract } from '../openapi/document.ts';
import { type OperationClientOptions, operationClient } from '../transport/operation-client.ts';
import type { operations } from './generated/openapi.ts';

/** The document that this client and its sandbox are both held to. */
export const contract = lazyContract(new URL('openapi.yaml', import.meta.url));

/** Connects lazily: nothing is sent before the first call. */
export function dsMvnoDevice(
  options: OperationClientOptions,
): MvnoDevices & { close(): Promise<void> } {
  const { act, undo, close } = operationClient<operations>({
    ...options,
    contract,
    system: 'ds-mvno-device',
    codePrefix: 'DS_DEVICE',
  });
  return {
    close,
    async assignDevice(imei, body, call) {
      const outcome = await act('assignDevice', { path: { imei }, body }, call);
      return outcome.status === 'done' ? { status: 'done', value: null } : outcome;
    },
    async updateDeviceStatus(imei, status, call) {
      const outcome = await undo('updateDeviceStatus', { path: { imei }, body: { status } }, call);
      return outcome.status === 'done' ? { status: 'done', value: null } : outcome;
    },
  };
}
