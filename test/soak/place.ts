/**
 * Where the soak takes place: a durable PostgreSQL that can be stopped and started, outside systems
 * with faults, several nodes of the program, and one address in front of them.
 */
import { rm } from 'node:fs/promises';
import { scratchFolder } from '../../bench/scratch-server.ts';
import { seedDemo } from '../../src/app/demo.ts';
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
import {
  type Database,
  type EmbeddedServer,
  openDatabase,
  startEmbedded,
} from '../../src/postgres/index.ts';
import { freePort } from '../support/free-port.ts';
import { realUseEnvironment, testSecrets } from '../support/real-use.ts';
import { type FrontDoor, startFrontDoor } from './front-door.ts';
import { SoakNode } from './node-process.ts';

const silent = () => undefined;
const quiet: Log = { debug: silent, info: silent, warn: silent, error: silent };

/** The lease of the nodes: short, so that a sleeping node is replaced within the soak. */
export const leaseMs = 3_000;
/** Enough for every order of a long soak. */
const plenty = 1_000_000;

/** Everything that takes part. */
export interface Place {
  readonly nodes: readonly SoakNode[];
  readonly door: FrontDoor;
  readonly gateway: PaymentGatewaySandbox;
  readonly courier: CourierSandbox;
  readonly mail: MailSandbox;
  /** For looking on; what it is asked while PostgreSQL is down fails. */
  readonly database: Database;
  stopPostgres(): Promise<void>;
  startPostgres(): Promise<void>;
  /** Ends everything and removes the data. */
  close(): Promise<void>;
}

/** Opens it with so many nodes; resolves when all of them are ready and there is something to sell. */
export async function openPlace(nodeCount: number): Promise<Place> {
  const dataFolder = scratchFolder();
  let server: EmbeddedServer | undefined = await startEmbedded({ dataFolder, log: quiet });
  const { connectionString } = server;
  const database = openDatabase({ connectionString, maxConnections: 4, applicationName: 'soak' });
  const ports = await Promise.all(Array.from({ length: nodeCount }, freePort));
  const nodes: SoakNode[] = [];
  const door = await startFrontDoor(() => nodes.map(({ url }) => url));
  const common = {
    log: quiet,
    clock: systemClock,
    callbackRetry: { attempts: 10_000, baseDelayMs: 50, maxDelayMs: 500 },
  };
  const [gateway, courier, mail] = await Promise.all([
    startPaymentGatewaySandbox({
      ...common,
      webhookUrl: `${door.url}/webhooks/payment`,
      webhookSecret: testSecrets.paymentWebhook,
    }),
    startCourierSandbox({
      ...common,
      webhookUrl: `${door.url}/webhooks/delivery`,
      webhookSecret: testSecrets.deliveryWebhook,
    }),
    startMailSandbox(common),
  ]);
  const env = {
    ...realUseEnvironment(connectionString),
    LEASE_MS: String(leaseMs),
    DATABASE_MAX_CONNECTIONS: '12',
    PAYMENT_GATEWAY_URL: gateway.url,
    PAYMENT_GATEWAY_KEY: sandboxApiKey,
    COURIER_URL: courier.url,
    COURIER_KEY: sandboxApiKey,
    SMTP_URL: mail.smtpUrl,
    PAYMENT_CHECK_AFTER_MS: '2000',
    DELIVERY_CHECK_AFTER_MS: '2000',
    SHUTDOWN_GRACE_MS: '3000',
  };
  for (const [index, port] of ports.entries())
    nodes.push(new SoakNode(`node ${index + 1}`, port, env));

  const place: Place = {
    nodes,
    door,
    gateway,
    courier,
    mail,
    database,
    async stopPostgres() {
      await server?.stop();
      server = undefined;
    },
    async startPostgres() {
      server ??= await startEmbedded({ dataFolder, log: quiet });
    },
    async close() {
      for (const node of nodes) node.signal('SIGCONT');
      await Promise.all(nodes.map((node) => node.kill()));
      await door.stop();
      await Promise.all([gateway, courier, mail].map((system) => system.stop()));
      await database.close();
      await server?.stop();
      await rm(dataFolder, { recursive: true, force: true });
    },
  };
  try {
    // The first one makes the tables.
    nodes[0]?.start();
    await nodes[0]?.ready();
    await seedDemo(database);
    await database.query(`update inventory.stock set on_hand = $1 where product_id = 'prod-100'`, [
      plenty,
    ]);
    for (const node of nodes.slice(1)) node.start();
    await Promise.all(nodes.map((node) => node.ready()));
    return place;
  } catch (error) {
    await place.close();
    throw error;
  }
}
