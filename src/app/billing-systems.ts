/**
 * The nine systems that a billing order needs: their sandboxes behind one port, and their clients with the
 * patience that each deserves. A call is sent once here: the drawings say how often a step is tried again.
 */
import { dsMvnoAccount } from '../integrations/ds-mvno-account/provider.ts';
import { dsMvnoDevice } from '../integrations/ds-mvno-device/provider.ts';
import { dsMvnoLine } from '../integrations/ds-mvno-line/provider.ts';
import { dsMvnoOrder } from '../integrations/ds-mvno-order/provider.ts';
import { matrixConnector } from '../integrations/matrix-connector/provider.ts';
import { mbosBilling } from '../integrations/mbos-billing/provider.ts';
import { mvnoPayment } from '../integrations/mvno-payment/provider.ts';
import type { LoadPlay } from '../integrations/sandbox/host.ts';
import type { OutsideCallObserver } from '../integrations/transport/observer.ts';
import { xboAdapter } from '../integrations/xbo-adapter/provider.ts';
import { xomsBiller } from '../integrations/xoms-biller/provider.ts';
import type { Log } from '../kernel/procedure.ts';
import type { BillingSystems } from '../modules/billing-orders/index.ts';
import { type BillingSystemName, billingSystemNames } from './settings/outside-systems.ts';

/** How a system is played where it is not there; loaded when it is first spoken to. */
const plays: Readonly<Record<BillingSystemName, LoadPlay>> = {
  'mbos-billing': async () =>
    (await import('../integrations/mbos-billing/sandbox.ts')).mbosBillingPlay,
  'xoms-biller': async () =>
    (await import('../integrations/xoms-biller/sandbox.ts')).xomsBillerPlay,
  'xbo-adapter': async () =>
    (await import('../integrations/xbo-adapter/sandbox.ts')).xboAdapterPlay,
  'matrix-connector': async () =>
    (await import('../integrations/matrix-connector/sandbox.ts')).matrixConnectorPlay,
  'ds-mvno-order': async () =>
    (await import('../integrations/ds-mvno-order/sandbox.ts')).dsMvnoOrderPlay,
  'ds-mvno-line': async () =>
    (await import('../integrations/ds-mvno-line/sandbox.ts')).dsMvnoLinePlay,
  'ds-mvno-account': async () =>
    (await import('../integrations/ds-mvno-account/sandbox.ts')).dsMvnoAccountPlay,
  'ds-mvno-device': async () =>
    (await import('../integrations/ds-mvno-device/sandbox.ts')).dsMvnoDevicePlay,
  'mvno-payment': async () =>
    (await import('../integrations/mvno-payment/sandbox.ts')).mvnoPaymentPlay,
};

/** What plays the systems that have no address of their own. */
export function billingPlays(
  addresses: Readonly<Record<string, string>>,
): Readonly<Record<string, LoadPlay>> {
  return Object.fromEntries(
    Object.entries(plays).filter(([name]) => addresses[name] === undefined),
  );
}

/** Where each system is, and the key that it knows us by. */
export type BillingAddresses = Readonly<
  Record<BillingSystemName, { readonly baseUrl: string; readonly apiKey: string }>
>;

/** The addresses of all nine: those that are given, and those of the sandboxes for the others. */
export function billingAddresses(
  given: Readonly<Record<string, string>>,
  keys: Readonly<Record<string, string>>,
  played: { readonly systems: Readonly<Record<string, string>>; readonly apiKey: string },
): BillingAddresses {
  const entries = billingSystemNames.map((name) => {
    const own = given[name];
    const address =
      own === undefined
        ? { baseUrl: played.systems[name] ?? '', apiKey: played.apiKey }
        : { baseUrl: own, apiKey: keys[name] ?? '' };
    return [name, address] as const;
  });
  return Object.fromEntries(entries) as BillingAddresses;
}

/** More than half of twenty calls in ten seconds failing, a system is left alone for half a minute. */
const breaker = { volumeThreshold: 20, errorPercentage: 50, halfOpenAfterMs: 30_000 };

/** Makes the clients. Nothing is called before the first use. */
export function connectBillingSystems(
  addresses: BillingAddresses,
  options: {
    readonly billerTimeoutMs: number;
    readonly domainTimeoutMs: number;
    readonly log: Log;
    readonly observer: OutsideCallObserver;
  },
): BillingSystems & { close(): Promise<void> } {
  const { billerTimeoutMs, domainTimeoutMs, log, observer } = options;
  const within = (name: BillingSystemName, timeoutMs: number) => ({
    settings: { ...addresses[name], timeoutMs, retry: { attempts: 1 }, breaker },
    ...{ log, observer },
  });
  const systems = {
    mbos: mbosBilling(within('mbos-billing', billerTimeoutMs)),
    xoms: xomsBiller(within('xoms-biller', billerTimeoutMs)),
    xbo: xboAdapter(within('xbo-adapter', billerTimeoutMs)),
    matrix: matrixConnector(within('matrix-connector', billerTimeoutMs)),
    orders: dsMvnoOrder(within('ds-mvno-order', domainTimeoutMs)),
    lines: dsMvnoLine(within('ds-mvno-line', domainTimeoutMs)),
    accounts: dsMvnoAccount(within('ds-mvno-account', domainTimeoutMs)),
    devices: dsMvnoDevice(within('ds-mvno-device', domainTimeoutMs)),
    payments: mvnoPayment(within('mvno-payment', domainTimeoutMs)),
  };
  return {
    ...systems,
    async close() {
      await Promise.all(Object.values(systems).map((system) => system.close()));
    },
  };
}
