/**
 * The four services for tests, as their user runs them: `orderloom services`, with a database of their own
 * each, and with the outside world in the process of the test. A service can be killed; the command starts
 * it again.
 */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { seedDemo } from '../../src/app/demo.ts';
import {
  type Environment,
  serviceEnvironments,
} from '../../src/app/services/service-environments.ts';
import { partOf, type ServiceName, serviceNames } from '../../src/app/services/topology.ts';
import { demoUsers } from '../../src/modules/users/index.ts';
import type { Database } from '../../src/postgres/index.ts';
import { laterCleanup } from './cleanup.ts';
import type { Scene } from './crash-stories.ts';
import { temporaryDataFolder } from './data-folder.ts';
import { testDatabase } from './database.ts';
import { freePort } from './free-port.ts';
import { startOutsideWorld } from './outside-world.ts';
import { patientClient } from './patient-client.ts';
import { realUseEnvironment, tokenOf } from './real-use.ts';
import { type ProgramProcess, runProgram } from './running-program.ts';
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
  /** The one command that runs the four. */
  readonly program: ProgramProcess;
}

async function byService<T>(
  make: (name: ServiceName) => Promise<T>,
): Promise<Readonly<Record<ServiceName, T>>> {
  const entries = await Promise.all(
    serviceNames.map(async (name) => [name, await make(name)] as const),
  );
  return Object.fromEntries(entries) as Record<ServiceName, T>;
}

/** Starts them with the demo's users, products and stock, as `orderloom services` does. */
export async function startFourServices(): Promise<FourServices> {
  const ports = await byService(() => freePort());
  const urls = await byService(async (name) => `http://127.0.0.1:${ports[name]}`);
  // The gateway knocks at the order service, which passes it on; the courier knocks at the right door.
  const world = await startOutsideWorld(urls.order, urls.delivery);
  const opened = await byService(() => testDatabase({ maxConnections: 4 }));
  const databases = await byService(async (name) => opened[name].database);
  const folder = await temporaryDataFolder();
  await writeFile(join(folder, 'services-secret'), secret);
  const { DATABASE_URL: _, ...common } = realUseEnvironment('');
  const program = runProgram({
    args: ['services'],
    env: {
      ...common,
      ...world.env,
      ...ownSettings('PORT', (name) => String(ports[name])),
      ...ownSettings('DATABASE_URL', (name) => opened[name].connectionString),
      ORDERLOOM_DATA: folder,
      DATABASE_MAX_CONNECTIONS: '8',
      LOG_LEVEL: 'warn',
      // Receivers of webhooks are on this machine.
      WEBHOOK_PRIVATE_TARGETS: 'on',
    },
  });
  laterCleanup(async () => void (await program.stop()));
  const died = program.ended.then(({ code, signal }) => {
    throw new Error(`the services ended (${code ?? signal}):\n${program.output()}`);
  });
  died.catch(() => undefined);
  const ready = waitUntil(
    'the services to be ready',
    () => program.output().includes(' is ready'),
    {
      timeoutMs: 60_000,
      explain: program.output,
    },
  );
  await Promise.race([ready, died]);
  for (const name of serviceNames) await seedDemo(databases[name], partOf(name).has);
  const client = patientClient(urls.order);
  return {
    ...{ client, world, urls, databases, program },
    environments: serviceEnvironments({ secret, ports }),
    database: databases.order,
    everywhere: { query: (text, values) => databases[ownerOf(text)].query(text, values) },
    kill: (service) => kill(urls[service]),
    answers: (service) => answers(urls[service]),
  };
}

/** From which everything that is secret between the services is derived. */
const secret = 'a secret of tests, long enough for all of the services';

function ownSettings(setting: string, value: (name: ServiceName) => string) {
  const entries = serviceNames.map((name) => [`${name.toUpperCase()}__${setting}`, value(name)]);
  return Object.fromEntries(entries) as Record<string, string>;
}

/** Whose tables a question is about. */
function ownerOf(question: string): ServiceName {
  if (/\bpayments\.\w/.test(question)) return 'payment';
  if (/\binventory\.\w/.test(question)) return 'warehouse';
  return /\bdelivery\.\w/.test(question) ? 'delivery' : 'order';
}

/** Kills the process that answers there, and resolves when it is gone. */
async function kill(url: string): Promise<void> {
  await answers(url);
  const headers = { authorization: `Bearer ${await tokenOf(demoUsers.admin)}` };
  const cluster = (await (await fetch(`${url}/api/v1/cluster`, { headers })).json()) as Cluster;
  const pid = cluster.nodes.find(({ id }) => id === cluster.askedNode)?.pid;
  if (pid === undefined) throw new Error(`expected the process at ${url}, found none`);
  process.kill(pid, 'SIGKILL');
  await waitUntil(`the process at ${url} to be gone`, () => !isAlive(pid));
}

interface Cluster {
  readonly askedNode: string;
  readonly nodes: readonly { readonly id: string; readonly pid: number }[];
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

async function answers(url: string): Promise<void> {
  await waitUntil(`${url} to answer`, async () => {
    const response = await fetch(`${url}/actuator/health`).catch(() => null);
    return response?.ok ?? false;
  });
}
