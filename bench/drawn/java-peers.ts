/**
 * Other engines that run drawings, in Java, on the same ten steps and the same PostgreSQL. Each runs in a
 * Java process of its own; where it cannot, the reason is reported.
 */
import { execFile } from 'node:child_process';
import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { javaProblem, mavenJars } from '../../test/support/maven-jars.ts';
import { median } from '../statistics.ts';

const run = promisify(execFile);
const folder = join(import.meta.dirname, 'java');
/** What both peers need. */
const oldestJava = 17;

/** The engines, by the names of their poms. */
export const javaPeers = [
  { name: 'flowable', title: 'Flowable', program: 'FlowableSteps', jar: 'flowable-engine-' },
  { name: 'operaton', title: 'Operaton', program: 'OperatonSteps', jar: 'operaton-engine-' },
] as const;

/** Figures of a peer, or why there are none. */
export type JavaPeerResult =
  | {
      readonly version: string;
      readonly stepsPerSecond: number;
      readonly instancesPerSecond: number;
      readonly roundsStepsPerSecond: readonly number[];
    }
  | { readonly unavailable: string };

/** Measures a peer on an empty database. */
export async function measureJavaPeer(
  peer: (typeof javaPeers)[number],
  task: {
    readonly connectionString: string;
    readonly inFlight: number;
    readonly warmUpMs: number;
    readonly roundMs: number;
    readonly rounds: number;
  },
): Promise<JavaPeerResult> {
  const problem = await javaProblem(peer.title, oldestJava);
  if (problem !== null) return { unavailable: problem };
  const jars = await mavenJars(join(folder, `${peer.name}.pom.xml`));
  if (jars.folder === null) return { unavailable: jars.missing };
  try {
    const classes = join(jars.folder, 'classes');
    const classpath = join(jars.folder, '*');
    await mkdir(classes, { recursive: true });
    const sources = ['ClosedLoop', 'TenSteps', peer.program].map((name) =>
      join(folder, `${name}.java`),
    );
    await run('javac', ['-d', classes, '-cp', classpath, ...sources]);
    const { warmUpMs, roundMs, rounds } = task;
    const { stdout } = await run(
      'java',
      [
        ...['-cp', `${classes}:${classpath}`, peer.program, jdbcOf(task.connectionString)],
        ...[task.inFlight, warmUpMs, roundMs, rounds].map(String),
      ],
      { timeout: 60_000 + 3 * (warmUpMs + roundMs * rounds) },
    );
    const seen = JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '') as readonly {
      readonly steps: number;
      readonly instances: number;
    }[];
    const jar = (await readdir(jars.folder)).find((name) => name.startsWith(peer.jar)) ?? '';
    return {
      version: jar.slice(peer.jar.length, -'.jar'.length),
      stepsPerSecond: Math.round(median(seen.map(({ steps }) => steps))),
      instancesPerSecond: Math.round(median(seen.map(({ instances }) => instances))),
      roundsStepsPerSecond: seen.map(({ steps }) => Math.round(steps)),
    };
  } catch (error) {
    const { stderr = '' } = error as { stderr?: string };
    return { unavailable: stderr.trim().split('\n')[0] || String(error) };
  }
}

/** The same socket of the file system that everybody uses, as JDBC says it. */
function jdbcOf(connectionString: string): string {
  const { searchParams, pathname, username, password } = new URL(connectionString);
  const socket = `${searchParams.get('host')}/.s.PGSQL.5432`;
  const parameters = new URLSearchParams({
    user: username,
    password,
    socketFactory: 'org.newsclub.net.unix.AFUNIXSocketFactory$FactoryArg',
    socketFactoryArg: socket,
  });
  return `jdbc:postgresql://localhost${pathname}?${parameters}`;
}
