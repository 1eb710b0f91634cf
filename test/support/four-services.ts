/**
 * The four services as four processes for tests, each on a database of its own, with the outside world in
 * the process of the test. A service can be killed; it is started again as its supervisor does it.
 */
import { seedDemo } from '../../src/app/demo.ts';
import {
  type Environment,
  serviceEnvironments,
} from '../../src/app/services/service-environments.ts';
import { type Supervised, superviseServices } from '../../src/app/services/supervise.ts';
import { partOf, type ServiceName, serviceNames } from '../../src/app/services/topology.ts';
import type { Database } from '../../src/postgres/index.ts';
import { laterCleanup } from './cleanup.ts';
import type { Scene } from './crash-stories.ts';
import { testDatabase } from './database.ts';
import { startOutsideWorld } from './outside-world.ts';
import { patientClient } from './patient-client.ts';
import { realUseEnvironment } from './real-use.ts';
import { freePort } from './running-program.ts';
import { waitUntil } from './wait-until.ts';

/** The four, told as one scene: its client and its database are those of the order service. */
export interface FourServices extends Scene {
  readonly urls: Readonly<Record<ServiceName, string>>;
  readonly databases: Readonly<Record<ServiceName, Database>>;
  readonly environments: Readonly<Record<ServiceName, Environment>>;
  /** Asks the database of the service that owns the tables. */
  readonly everywhere: Pick<Database, 'query'>;
  /** Kills a service as `kill -9` does, and resolves when it is gone. */
  kill(service: ServiceName): Promise<void>;
  /** Resolves when the service answers. */
  answers(service: ServiceName): Promise<void>;
  /** What all of them printed. */
  output(): string;
}

/** For tests a dead service stays dead long enough for calls to fail, and no longer. */
const restartAfterMs = 500;

async function byService<T>(
  make: (name: ServiceName) => Promise<T>,
): Promise<Readonly<Record<ServiceName, T>>> {
  const entries = await Promise.all(
    serviceNames.map(async (name) => [name, await make(name)] as const),
  );
  return Object.fromEntries(entries) as Record<ServiceName, T>;
}

/** Starts them with the demo's users, products and stock. */
export async function startFourServices(): Promise<FourServices> {
  const ports = await byService(() => freePort());
  const urls = await byService(async (name) => `http://127.0.0.1:${ports[name]}`);
  // The gateway knocks at the order service, which passes it on; the courier knocks at the right door.
  const world = await startOutsideWorld(urls.order, urls.delivery);
  const opened = await byService(() => testDatabase({ maxConnections: 4 }));
  const databases = await byService(async (name) => opened[name].database);
  const together = serviceEnvironments({ secret: 'a secret of tests, long enough for all', ports });
  const environments = await byService(async (name) => ({
    PATH: process.env.PATH ?? '',
    ...together[name],
    ...realUseEnvironment(opened[name].connectionString),
    ...world.env,
    DATABASE_MAX_CONNECTIONS: '8',
    // Receivers of webhooks are on this machine.
    WEBHOOK_PRIVATE_TARGETS: 'on',
    LOG_LEVEL: 'warn',
  }));
  let printed = '';
  const supervised = superviseServices({
    environments,
    restartAfterMs,
    line(service, text) {
      printed += `${service} | ${text}\n`;
    },
  });
  laterCleanup(() => supervised.stop());
  await supervised.ready.catch((error: unknown) => {
    throw new Error(`the services did not start:\n${printed}`, { cause: error });
  });
  for (const name of serviceNames) await seedDemo(databases[name], partOf(name).has);
  const client = patientClient(urls.order);
  return {
    ...{ client, world, urls, databases, environments },
    database: databases.order,
    everywhere: { query: (text, values) => databases[ownerOf(text)].query(text, values) },
    kill: (service) => kill(supervised, service),
    answers: (service) => answers(urls[service]),
    output: () => printed,
  };
}

/** Whose tables a question is about. */
function ownerOf(question: string): ServiceName {
  if (/\bpayments\.\w/.test(question)) return 'payment';
  if (/\binventory\.\w/.test(question)) return 'warehouse';
  return /\bdelivery\.\w/.test(question) ? 'delivery' : 'order';
}

async function kill(supervised: Supervised, service: ServiceName): Promise<void> {
  const pid = await waitUntil(`the ${service} service to run`, () => supervised.pidOf(service));
  process.kill(pid, 'SIGKILL');
  await waitUntil(`the ${service} service to be gone`, () => supervised.pidOf(service) !== pid);
}

async function answers(url: string): Promise<void> {
  await waitUntil(`${url} to answer`, async () => {
    const response = await fetch(`${url}/actuator/health`).catch(() => null);
    return response?.ok ?? false;
  });
}
