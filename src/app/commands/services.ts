/**
 * `orderloom services`: the four services as four processes, with one command. Each has a database of
 * its own: an embedded PostgreSQL in a folder of its own, or the server that `ORDER__DATABASE_URL` and
 * the like name. A setting whose name begins with a service and two underscores is that service's alone.
 */
import { randomBytes } from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { defaultDataFolder } from '../../postgres/index.ts';
import { CommandError } from '../api-client.ts';
import { demoLines } from '../banner.ts';
import { type Config, readConfig } from '../config.ts';
import { ConfigError } from '../config-error.ts';
import { type Environment, serviceEnvironments } from '../services/service-environments.ts';
import { superviseServices } from '../services/supervise.ts';
import { type ServiceName, serviceNames, services } from '../services/topology.ts';
import { settings } from '../settings.ts';
import { stopRequested } from '../stop-request.ts';

const projectFolder = fileURLToPath(new URL('../../../', import.meta.url));

/** Resolves with the exit code once all four have stopped. */
export async function runServices(env: NodeJS.ProcessEnv): Promise<number> {
  assertOwnDatabases(env);
  assertKnownServices(env);
  const stopAsked = stopRequested(env);
  const folder = dataFolderOf(env);
  const environments = environmentsOf(env, folder, await secretIn(folder));
  const configs = serviceNames.map((name) => configOf(name, environments[name], env));
  const width = Math.max(...serviceNames.map(({ length }) => length));
  const supervised = superviseServices({
    environments,
    line: (service, text) => console.log(`${service.padEnd(width)} | ${text}`),
  });
  const reason = await Promise.race([stopAsked, supervised.ready.then(() => null)]).catch(
    async (error: unknown) => {
      await supervised.stop();
      // What that service had to say of it was printed by itself.
      throw error instanceof Error ? new CommandError(error.message) : error;
    },
  );
  if (reason === null) {
    console.log(
      banner(
        environments,
        folder,
        configs.every(({ demo }) => demo),
      ),
    );
    await stopAsked;
  }
  await supervised.stop();
  return 0;
}

/** One database for all would let them read each other's tables. */
function assertOwnDatabases(env: NodeJS.ProcessEnv): void {
  if (!env.DATABASE_URL && !env.ORDERLOOM_SERVICE && !env.PORT) return;
  throw new ConfigError(
    (['DATABASE_URL', 'ORDERLOOM_SERVICE', 'PORT'] as const)
      .filter((variable) => env[variable])
      .map((variable) => ({
        variable,
        message: `expected one for each service, found one for all; set ORDER__${variable}, PAYMENT__${variable} and so on, or none`,
      })),
  );
}

/** A setting for a service that does not exist would be without effect, and nobody would know. */
function assertKnownServices(env: NodeJS.ProcessEnv): void {
  const prefixes = serviceNames.map(prefixOf);
  const unknown = Object.keys(env).filter((name) => {
    const [, setting] = /^[A-Z]+__(\w+)$/.exec(name) ?? [];
    const isSetting = setting !== undefined && setting in settings;
    return isSetting && !prefixes.some((prefix) => name.startsWith(prefix));
  });
  if (unknown.length === 0) return;
  throw new ConfigError(
    unknown.map((variable) => ({
      variable,
      message: `expected the name of a service before the underscores (${prefixes.join(', ')})`,
    })),
  );
}

/** What is wrong with a service's own setting is told under the name that it was given by. */
function configOf(service: ServiceName, environment: Environment, env: NodeJS.ProcessEnv): Config {
  try {
    return readConfig(environment);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    const own = (variable: string) => `${prefixOf(service)}${variable}`;
    throw new ConfigError(
      error.problems.map(({ variable, message }) => ({
        variable: env[own(variable)] === undefined ? variable : own(variable),
        message,
      })),
    );
  }
}

function prefixOf(service: ServiceName): string {
  return `${service.toUpperCase()}__`;
}

function dataFolderOf(env: NodeJS.ProcessEnv): string {
  if (env.ORDERLOOM_DATA) return env.ORDERLOOM_DATA;
  const asRoot = process.getuid?.() === 0;
  const { port } = services.order;
  return `${defaultDataFolder({ projectFolder, port, asRoot })}-services`;
}

/** The environment of each: what was given to all, what follows from the four, what is its own. */
function environmentsOf(
  env: NodeJS.ProcessEnv,
  folder: string,
  secret: string,
): Readonly<Record<ServiceName, Environment>> {
  const own = (service: ServiceName) => {
    const prefix = prefixOf(service);
    return defined(env)
      .filter(([name]) => name.startsWith(prefix))
      .map(([name, value]) => [name.slice(prefix.length), value] as const);
  };
  const ports = Object.fromEntries(
    serviceNames.flatMap((name) => {
      const port = Number(new Map(own(name)).get('PORT'));
      return port > 0 ? [[name, port]] : [];
    }),
  );
  const common = defined(env).filter(([name]) => !name.includes('__'));
  const together = serviceEnvironments({ secret, ports });
  const terminal: Environment = process.stdout.isTTY
    ? { LOG_LEVEL: 'warn', LOG_FORMAT: 'pretty' }
    : {};
  return Object.fromEntries(
    serviceNames.map((name) => [
      name,
      {
        ...terminal,
        ...together[name],
        ...Object.fromEntries(common),
        ORDERLOOM_DATA: join(folder, name),
        ...Object.fromEntries(own(name)),
      },
    ]),
  ) as unknown as Record<ServiceName, Environment>;
}

function defined(env: NodeJS.ProcessEnv): [string, string][] {
  return Object.entries(env).filter((entry): entry is [string, string] => entry[1] !== undefined);
}

/** Kept beside the data, so that the four still know each other after a restart. */
async function secretIn(folder: string): Promise<string> {
  const file = join(folder, 'services-secret');
  const kept = await readFile(file, 'utf8').catch(() => null);
  if (kept !== null && kept.length >= 32) return kept;
  await mkdir(folder, { recursive: true, mode: 0o755 });
  const made = randomBytes(32).toString('hex');
  // Renamed into place, so that a program killed here leaves no half-written file.
  await writeFile(`${file}.new`, made, { mode: 0o600 });
  await rename(`${file}.new`, file);
  return made;
}

function banner(
  environments: Readonly<Record<ServiceName, Environment>>,
  folder: string,
  demo: boolean,
): string {
  const at = (name: ServiceName) => `http://localhost:${environments[name].PORT}`;
  const lines = serviceNames.map(
    (name) => `  ${name.padEnd(10)}${at(name)}/docs   ${services[name].modules.join(', ')}`,
  );
  return [
    '',
    `Orderloom is ready: four services, in ${(performance.now() / 1000).toFixed(1)} s`,
    '',
    ...lines,
    `  Data      ${folder}`,
    ...(demo ? demoLines(at('order')) : []),
    '',
  ].join('\n');
}
