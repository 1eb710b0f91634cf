/**
 * Jars of a `pom.xml`, got by Maven as it is configured on this machine and kept below `node_modules`; or the
 * reason why there are none.
 */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { access, mkdir, readFile, rename, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** What the first download may take; later runs find what was kept. */
const longestDownloadMs = 300_000;

const cache = new URL('../../node_modules/.cache/maven-jars/', import.meta.url).pathname;

/** Where the jars are, or what is missing. */
export type Jars =
  | { readonly folder: string; readonly missing: null }
  | { readonly folder: null; readonly missing: string };

/** There are no jars, for this reason. */
export function noJars(missing: string): Jars {
  return { folder: null, missing };
}

/** The reason why `what` cannot run with the Java of this machine; null when it can. */
export async function javaProblem(what: string, oldestJava: number): Promise<string | null> {
  const java = await javaVersion();
  if (java === null) return 'there is no `java` on the PATH';
  if (java >= oldestJava) return null;
  return `${what} needs Java ${oldestJava} or newer, and \`java\` is version ${java}`;
}

/** Gets the jars unless they are kept. What goes wrong is the reason why there are none. */
export async function mavenJars(pom: string): Promise<Jars> {
  // A changed pom gets a folder of its own, so that no jar of another version is left in it.
  const version = createHash('sha256')
    .update(await readFile(pom))
    .digest('hex')
    .slice(0, 12);
  const folder = join(cache, `${basename(pom, '.pom.xml')}-${version}`);
  const problem = (await exists(folder)) ? null : await download(pom, folder);
  return problem === null ? { folder, missing: null } : noJars(problem);
}

/** True when there is something at the path. */
export async function exists(path: string): Promise<boolean> {
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
async function download(pom: string, folder: string): Promise<string | null> {
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
    if (code === 'ENOENT') return 'there is no `mvn` on the PATH to get the jars with';
    return `Maven could not get the jars: ${stdout.slice(0, 500) || String(error)}`;
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
}
