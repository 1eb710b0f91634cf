/**
 * The payment gateway's client: its OpenAPI document and the types generated from it, on the shared
 * transport. Faults have codes that begin with `GATEWAY_`.
 */
import { type Contract, loadContract } from '../openapi/document.ts';
import { type ContractClient, contractClient } from '../transport/contract-client.ts';
import type { HttpTransportOptions } from '../transport/http-transport.ts';
import type { PaymentGatewaySettings } from './config.ts';
import type { paths } from './generated/openapi.ts';

/** The gateway's document, which the client and the sandbox are both held to. */
export function paymentGatewayContract(): Contract {
  contract ??= loadContract(new URL('openapi.yaml', import.meta.url));
  return contract;
}
let contract: Contract | undefined;

/** What the client needs besides its settings. */
export type ClientTools = Pick<HttpTransportOptions, 'log' | 'observer' | 'random'>;

/** Connects lazily: nothing is sent before the first call. */
export function paymentGatewayClient(
  settings: PaymentGatewaySettings,
  tools: ClientTools,
): ContractClient<paths> {
  return contractClient<paths>({
    ...tools,
    settings,
    contract: paymentGatewayContract(),
    system: 'payment-gateway',
    codePrefix: 'GATEWAY',
  });
}
