/**
 * The outside of the program for tests: the sandboxes of payment gateway, courier and mail, living in
 * the process of the test. They keep what the program did to them whatever becomes of the program.
 */
import {
  type CourierSandbox,
  startCourierSandbox,
} from '../../src/integrations/courier/sandbox/sandbox.ts';
import { type MailSandbox, startMailSandbox } from '../../src/integrations/mail/sandbox/sandbox.ts';
import {
  type PaymentGatewaySandbox,
  startPaymentGatewaySandbox,
} from '../../src/integrations/payment-gateway/sandbox/sandbox.ts';
import { sandboxApiKey } from '../../src/integrations/sandbox/sandbox.ts';
import { systemClock } from '../../src/kernel/clock.ts';
import type { Log } from '../../src/kernel/procedure.ts';
import { laterCleanup } from './cleanup.ts';
import { testSecrets } from './real-use.ts';

/** The running sandboxes. */
export interface OutsideWorld {
  readonly gateway: PaymentGatewaySandbox;
  readonly courier: CourierSandbox;
  readonly mail: MailSandbox;
  /** Configuration that points the program at them. */
  readonly env: Readonly<Record<string, string>>;
  /** The customer pays a session on the gateway's page. */
  pay(sessionId: string, cardToken: string): Promise<void>;
  /** The courier moves a shipment. */
  advance(shipmentId: string, status: string): Promise<void>;
  /** Switches faults of a sandbox on, as `PUT /sandbox/faults` does; null switches them off. */
  setFaults(system: 'gateway' | 'courier' | 'mail', faults: object | null): Promise<void>;
}

const silent = () => undefined;
const log: Log = { debug: silent, info: silent, warn: silent, error: silent };

/** Starts them; callbacks go to the program at `programUrl`, signed with the secrets of tests. */
export async function startOutsideWorld(
  programUrl: string,
  /** Who hears the courier. @defaultValue the same program */
  courierTellsUrl: string = programUrl,
): Promise<OutsideWorld> {
  const common = {
    log,
    clock: systemClock,
    callbackRetry: { attempts: 1_000, baseDelayMs: 25, maxDelayMs: 100 },
  };
  const [gateway, courier, mail] = await Promise.all([
    startPaymentGatewaySandbox({
      ...common,
      webhookUrl: `${programUrl}/webhooks/payment`,
      webhookSecret: testSecrets.paymentWebhook,
    }),
    startCourierSandbox({
      ...common,
      webhookUrl: `${courierTellsUrl}/webhooks/delivery`,
      webhookSecret: testSecrets.deliveryWebhook,
    }),
    startMailSandbox(common),
  ]);
  const systems = { gateway, courier, mail };
  laterCleanup(async () => {
    await Promise.all(Object.values(systems).map((system) => system.stop()));
  });

  async function send(method: string, url: string, body?: unknown): Promise<void> {
    const response = await fetch(url, {
      method,
      headers: {
        authorization: `Bearer ${sandboxApiKey}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${url} was answered ${response.status}: ${text}`);
  }

  return {
    ...systems,
    env: {
      PAYMENT_GATEWAY_URL: gateway.url,
      PAYMENT_GATEWAY_KEY: sandboxApiKey,
      COURIER_URL: courier.url,
      COURIER_KEY: sandboxApiKey,
      SMTP_URL: mail.smtpUrl,
    },
    pay: (id, cardToken) => send('POST', `${gateway.url}/sessions/${id}/pay`, { cardToken }),
    advance: (id, status) =>
      send('POST', `${courier.url}/sandbox/shipments/${id}/advance`, { status }),
    setFaults: (system, faults) =>
      send(
        faults === null ? 'DELETE' : 'PUT',
        `${systems[system].url}/sandbox/faults`,
        faults ?? undefined,
      ),
  };
}
