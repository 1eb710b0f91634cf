/** Connects the clients of outside systems. Adding one is one line here and a folder of its own. */
import { courierProvider } from '../integrations/courier/provider.ts';
import { smtpMailTransport } from '../integrations/mail/provider.ts';
import { paymentGatewayProvider } from '../integrations/payment-gateway/provider.ts';
import type { OutsideCallObserver } from '../integrations/transport/observer.ts';
import type { Log } from '../kernel/procedure.ts';
import type { Metrics } from '../telemetry/index.ts';
import { connectBillingSystems } from './billing-systems.ts';
import type { Config } from './config.ts';
import type { OutsideSystems } from './sandboxes.ts';

/** The connected outside systems, by the port that they serve. */
export type Integrations = ReturnType<typeof connectIntegrations>;

/** Makes the clients. Nothing is called before the first use. */
export function connectIntegrations(options: {
  readonly systems: OutsideSystems;
  /** Which modules run here: what none of them uses is not connected. */
  readonly has: (module: string) => boolean;
  readonly config: Pick<Config, 'MAIL_FROM' | 'BILLER_TIMEOUT_MS' | 'DOMAIN_TIMEOUT_MS'>;
  readonly log: Log;
  readonly metrics: Metrics;
  /** Told when a call to a system was sent once more: it counts for the system's rate. */
  readonly repeated: (system: string) => void;
}) {
  const { systems, has, config, log, metrics, repeated } = options;
  const tools = { log, observer: observeIn(metrics, repeated) };
  const payments = has('payments')
    ? paymentGatewayProvider({ ...systems.paymentGateway }, tools)
    : null;
  const courier = has('delivery') ? courierProvider({ ...systems.courier }, tools) : null;
  const mail =
    systems.smtpUrl === null
      ? null
      : smtpMailTransport({ smtpUrl: systems.smtpUrl, from: config.MAIL_FROM }, tools);
  const billing =
    systems.billing &&
    connectBillingSystems(systems.billing, {
      ...tools,
      billerTimeoutMs: config.BILLER_TIMEOUT_MS,
      domainTimeoutMs: config.DOMAIN_TIMEOUT_MS,
    });
  return {
    payments,
    courier,
    mail,
    billing,
    observer: tools.observer,
    async close() {
      await Promise.all([payments?.close(), courier?.close(), mail?.close(), billing?.close()]);
    },
  };
}

const breakerStates = { closed: 0, 'half-open': 0.5, open: 1 } as const;

function observeIn(metrics: Metrics, repeated: (system: string) => void): OutsideCallObserver {
  const count = metrics.addCounter({
    name: 'orderloom_outside_calls_total',
    help: 'Attempts of calls to outside systems, by system and outcome (ok, or the code of the fault)',
    labels: ['system', 'outcome'],
  });
  const breakers = new Map<string, number>();
  metrics.addGauge({
    name: 'orderloom_circuit_breaker_open',
    help: '1 while the breaker of an outside system is open, 0.5 while it is half open',
    labels: ['system'],
    read: () => [...breakers].map(([system, value]) => ({ labels: { system }, value })),
  });
  return {
    attempt({ system, outcome, attempt }) {
      count({ system, outcome });
      if (attempt > 1) repeated(system);
    },
    breaker: ({ system, state }) => void breakers.set(system, breakerStates[state]),
  };
}
