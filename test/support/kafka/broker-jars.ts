/**
 * Finds the jars of a Kafka broker, or says why there is none. They are looked for in `KAFKA_LIBS`
 * (the `libs` folder of an unpacked Kafka), else in a cache below `node_modules`, which Maven fills
 * once, as it is configured on this machine.
 */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { access, mkdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Kafka 4 brokers need at least this Java. */
const oldestJava = 17;

/** What the first download may take; later runs find the cache. */
const longestDownloadMs = 300_000;

const pom = new URL('./pom.xml', import.meta.url).pathname;
const cache = new URL('../../../node_modules/.cache/kafka-broker/', import.meta.url).pathname;

/** Where the jars are, or what is missing. */
export type BrokerJars =
  | { readonly folder: string; readonly missing: null }
  | { readonly folder: null; readonly missing: string };

let found: Promise<BrokerJars> | undefined;

/** Looks once per process. Never rejects: what goes wrong is the reason why there is no broker. */
export function brokerJars(): Promise<BrokerJars> {
  found ??= find().catch((error: unknown) => none(String(error)));
  return found;
}

/** Rejects with the reason when there is no broker: for what cannot be skipped. */
export async function expectBroker(): Promise<string> {
  const { folder, missing } = await brokerJars();
  if (folder === null) throw new Error(`no Kafka broker: ${missing}`);
  return folder;
}

async function find(): Promise<BrokerJars> {
  const java = await javaVersion();
  if (java === null) return none('there is no `java` on the PATH');
  if (java < oldestJava) {
    return none(`Kafka 4 needs Java ${oldestJava} or newer, and \`java\` is version ${java}`);
  }
  const given = process.env.KAFKA_LIBS;
  if (given !== undefined) {
    if (await exists(given)) return { folder: given, missing: null };
    return none(`KAFKA_LIBS names ${given}, which does not exist`);
  }
  // A changed pom gets a folder of its own, so that no jar of another version is left in it.
  const version = createHash('sha256')
    .update(await readFile(pom))
    .digest('hex')
    .slice(0, 12);
  const folder = join(cache, version);
  if (!(await exists(folder))) {
    const problem = await download(folder);
    if (problem !== null) return none(problem);
  }
  return { folder, missing: null };
}

function none(missing: string): BrokerJars {
  return { folder: null, missing };
}

async function exists(path: string): Promise<boolean> {
  return await access(path).then(
    () => true,
    () => false,
  );
}

async function javaVersion(): Promise<number | null> {
  try {
    const { stderr } = await run('java', ['-version']);
    const [, major = '0'] = /version "(\d+)/.exec(stderr) ?? [];
    return Number(major);
  } catch {
    return null;
  }
}

/** Downloads beside the folder and renames it when complete, so that a killed run leaves no half one. */
async function download(folder: string): Promise<string | null> {
  const draft = `${folder}.${process.pid}`;
  await mkdir(draft, { recursive: true });
  try {
    const goal = 'dependency:copy-dependencies';
    const options = ['-B', '-q', '-ntp', '-f', pom, '-DincludeScope=runtime'];
    await run('mvn', [...options, goal, `-DoutputDirectory=${draft}`], {
      timeout: longestDownloadMs,
    });
    await rename(draft, folder);
    return null;
  } catch (error) {
    // Another worker may have been quicker: its folder is as good.
    if (await exists(folder)) return null;
    const { code, stdout = '' } = error as { code?: unknown; stdout?: string };
    if (code === 'ENOENT') return 'there is no `mvn` on the PATH to get the broker with';
    return `Maven could not get the broker: ${stdout.slice(0, 500) || String(error)}`;
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
}
