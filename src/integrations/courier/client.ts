/**
 * The courier's client: its OpenAPI document and the types generated from it, on the shared
 * transport. Faults have codes that begin with `COURIER_`.
 */
import { type Contract, loadContract } from '../openapi/document.ts';
import { type ContractClient, contractClient } from '../transport/contract-client.ts';
import type { HttpTransportOptions } from '../transport/http-transport.ts';
import type { CourierSettings } from './config.ts';
import type { paths } from './generated/openapi.ts';

/** The courier's document, which the client and the sandbox are both held to. */
export function courierContract(): Contract {
  contract ??= loadContract(new URL('openapi.yaml', import.meta.url));
  return contract;
}
let contract: Contract | undefined;

/** What the client needs besides its settings. */
export type ClientTools = Pick<HttpTransportOptions, 'log' | 'observer' | 'random'>;

/** Connects lazily: nothing is sent before the first call. */
export function courierClient(
  settings: CourierSettings,
  tools: ClientTools,
): ContractClient<paths> {
  return contractClient<paths>({
    ...tools,
    settings,
    contract: courierContract(),
    system: 'courier',
    codePrefix: 'COURIER',
  });
}
