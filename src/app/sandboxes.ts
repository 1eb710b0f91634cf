/** Starts the sandboxes of outside systems that the configuration names no real one for. */
import { mkdir } from 'node:fs/promises';
import { startCourierSandbox } from '../integrations/courier/sandbox/sandbox.ts';
import { startMailSandbox } from '../integrations/mail/sandbox/sandbox.ts';
import { startPaymentGatewaySandbox } from '../integrations/payment-gateway/sandbox/sandbox.ts';
import { startSandboxHost } from '../integrations/sandbox/host.ts';
import { sandboxApiKey } from '../integrations/sandbox/sandbox.ts';
import type { Clock } from '../kernel/clock.ts';
import type { Log } from '../kernel/procedure.ts';
import { type BillingAddresses, billingAddresses, billingPlays } from './billing-systems.ts';
import type { Config } from './config.ts';
import type { Secrets } from './secrets.ts';
import { partOf } from './services/topology.ts';

/** Where the outside systems are, real or played. */
export interface OutsideSystems {
  readonly paymentGateway: { readonly baseUrl: string; readonly apiKey: string };
  readonly courier: { readonly baseUrl: string; readonly apiKey: string };
  /** Null: no billing orders are taken. */
  readonly billing: BillingAddresses | null;
  /** Null: mails are stored and not sent. */
  readonly smtpUrl: string | null;
  /** URLs of the sandboxes that run, for the banner. */
  readonly sandboxes: Readonly<Record<string, string>>;
  stop(): Promise<void>;
}

/** The first port tried for sandboxes: they keep their place next to the program's own port. */
const sandboxPortOffset = 100;

/** Callbacks of an earlier run wait until the program has started: reading nine documents takes a while. */
const billingResumeMs = 5_000;

/** Resolves when every outside system can be called. */
export async function openOutsideSystems(options: {
  readonly config: Config;
  readonly secrets: Secrets;
  /** Where sandboxes keep what they know; null: in memory. */
  readonly folder: string | null;
  readonly clock: Clock;
  readonly log: Log;
}): Promise<OutsideSystems> {
  const { config, secrets, folder, clock, log } = options;
  if (folder !== null) await mkdir(folder, { recursive: true });
  const base = `http://127.0.0.1:${config.PORT}/webhooks`;
  const journal = folder === null ? {} : { journal: folder };
  const { has } = partOf(config.ORDERLOOM_SERVICE);
  const wanted = (address: string | undefined, module: string) =>
    config.sandboxes && address === undefined && has(module);
  const { BILLING_SYSTEM_URLS: billingUrls = {}, BILLING_SYSTEM_KEYS: billingKeys = {} } = config;
  const played = config.billing ? billingPlays(billingUrls) : {};
  const [gateway, courier, mail, billing] = await Promise.all([
    wanted(config.PAYMENT_GATEWAY_URL, 'payments')
      ? nearPort(config.PORT + sandboxPortOffset, (port) =>
          startPaymentGatewaySandbox({
            ...journal,
            port,
            clock,
            log,
            webhookUrl: `${base}/payment`,
            webhookSecret: secrets.webhooks.payment[0] ?? '',
          }),
        )
      : null,
    wanted(config.COURIER_URL, 'delivery')
      ? nearPort(config.PORT + sandboxPortOffset + 1, (port) =>
          startCourierSandbox({
            ...journal,
            port,
            clock,
            log,
            webhookUrl: `${base}/delivery`,
            webhookSecret: secrets.webhooks.delivery[0] ?? '',
          }),
        )
      : null,
    wanted(config.SMTP_URL, 'notifications')
      ? nearPort(config.PORT + sandboxPortOffset + 2, (port) =>
          startMailSandbox({ ...journal, port, clock, log }),
        )
      : null,
    config.sandboxes && Object.keys(played).length > 0
      ? nearPort(config.PORT + sandboxPortOffset + 3, (port) =>
          startSandboxHost(played, {
            ...journal,
            port,
            clock,
            log,
            resumeAfterMs: billingResumeMs,
            webhookUrl: `${base}/billing`,
            webhookSecret: secrets.webhooks.billing[0] ?? '',
          }),
        )
      : null,
  ]);
  const running = [gateway, courier, mail, billing].filter((sandbox) => sandbox !== null);
  return {
    paymentGateway: {
      baseUrl: gateway?.url ?? config.PAYMENT_GATEWAY_URL ?? '',
      apiKey: gateway ? sandboxApiKey : (config.PAYMENT_GATEWAY_KEY ?? ''),
    },
    courier: {
      baseUrl: courier?.url ?? config.COURIER_URL ?? '',
      apiKey: courier ? sandboxApiKey : (config.COURIER_KEY ?? ''),
    },
    billing: config.billing
      ? billingAddresses(billingUrls, billingKeys, {
          systems: billing?.systems ?? {},
          apiKey: sandboxApiKey,
        })
      : null,
    smtpUrl: mail?.smtpUrl ?? config.SMTP_URL ?? null,
    sandboxes: {
      ...(gateway ? { 'payment gateway': gateway.url } : {}),
      ...(courier ? { courier: courier.url } : {}),
      ...(mail ? { mail: mail.url } : {}),
      ...(billing ? { 'billing systems': billing.url } : {}),
    },
    async stop() {
      await Promise.all(running.map((sandbox) => sandbox.stop()));
    },
  };
}

/** A taken port is no reason not to start: any free one will do. */
async function nearPort<T>(port: number, start: (port: number) => Promise<T>): Promise<T> {
  try {
    return await start(port > 65_535 ? 0 : port);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
    return await start(0);
  }
}
