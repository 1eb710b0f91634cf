/**
 * The program as its user runs it: `orderloom serve` in a process of its own, started, spoken to over
 * HTTP, stopped or killed. Nothing is inherited from the environment of the tests but what a process
 * needs to run, and nothing is left behind: a process still running when its test is over is killed.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { fileURLToPath } from 'node:url';
import { laterCleanup } from './cleanup.ts';
import { freePort } from './free-port.ts';

const projectFolder = fileURLToPath(new URL('../../', import.meta.url));
const pinnedNode = 'node_modules/node/bin/node';

/** How a process ended. */
export interface ProcessEnd {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** A command of the program that runs or ran. */
export interface ProgramProcess {
  readonly pid: number;
  /** Resolves when the process is gone and all that it printed was read. */
  readonly ended: Promise<ProcessEnd>;
  /** What it printed so far, on both outputs. */
  output(): string;
  /** Sends a signal; nothing happens when the process is gone. */
  signal(signal: NodeJS.Signals): void;
  /** Ends it as `kill -9` does, and resolves when it is gone. */
  kill(): Promise<ProcessEnd>;
  /** Asks it to stop by SIGTERM, and resolves when it is gone. */
  stop(): Promise<ProcessEnd>;
}

/** A server that takes requests. */
export interface RunningProgram extends ProgramProcess {
  /** Without a slash at the end. */
  readonly url: string;
  readonly port: number;
  /** From the birth of the process to its being ready. */
  readonly readyInMs: number;
  /** Addresses of the sandboxes inside of the process, by name as the banner has them. */
  readonly sandboxes: Readonly<Record<string, string>>;
  /** Folder of the embedded data, as the banner has it; null with `DATABASE_URL`. */
  readonly dataFolder: string | null;
}

/** What a command is run with. */
export interface ProgramOptions {
  /** Besides what a process needs to run. */
  readonly env?: Readonly<Record<string, string>>;
  /** The project, or a copy of it. @defaultValue this project */
  readonly folder?: string;
  /** What is run. @defaultValue ['serve'] */
  readonly args?: readonly string[];
  /** Put in front of the command, e.g. `setpriv` with its options. */
  readonly prefix?: readonly string[];
}

/** A process that takes longer than this to be ready, or to end when asked to, has failed. */
const patienceMs = 60_000;

/** Runs a command of the program; it may end by itself. */
export function runProgram(options: ProgramOptions = {}): ProgramProcess {
  const { folder = projectFolder, args = ['serve'], prefix = [] } = options;
  const command = [...prefix, `${folder}/${pinnedNode}`, `${folder}/bin/orderloom.js`, ...args];
  const [file, ...rest] = command;
  const child = spawn(file!, rest, {
    cwd: folder,
    env: { ...neededEnvironment(), ...options.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  return watch(child);
}

/** Starts the server and resolves when it is ready; one that ends before is an error with its output. */
export async function startServer(options: ProgramOptions = {}): Promise<RunningProgram> {
  const port = Number(options.env?.PORT ?? (await freePort()));
  const program = runProgram({ ...options, env: { PORT: String(port), ...options.env } });
  return await whenReady(program, port);
}

/** Resolves when a process that was started as a server is ready. */
async function whenReady(program: ProgramProcess, port: number): Promise<RunningProgram> {
  await until(
    'the program to become ready',
    () => /^Orderloom is ready in .*$/m.test(program.output()) && /\n\n/.test(program.output()),
    program,
  );
  const output = program.output();
  const seconds = /is ready in ([\d.]+) s/.exec(output)?.[1] ?? 'NaN';
  const sandboxes = [...output.matchAll(/^ {2}Sandbox +(.+) at (\S+)$/gm)];
  return {
    ...program,
    port,
    url: `http://127.0.0.1:${port}`,
    readyInMs: Number(seconds) * 1000,
    sandboxes: Object.fromEntries(sandboxes.map(([, name, url]) => [name!, url!])),
    dataFolder: /^ {2}Data +(\S.*)$/m.exec(output)?.[1] ?? null,
  };
}

/** Nothing of the tests' own settings reaches the program, except what every process needs. */
function neededEnvironment(): Record<string, string> {
  const { PATH = '', HOME = '/', TMPDIR } = process.env;
  return { PATH, HOME, ...(TMPDIR === undefined ? {} : { TMPDIR }) };
}

function watch(child: ChildProcess): ProgramProcess {
  let printed = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (text: string) => {
      printed += text;
    });
  }
  let gone = false;
  const ended = once(child, 'close').then(([code, signal]): ProcessEnd => {
    gone = true;
    return { code: code as number | null, signal: signal as NodeJS.Signals | null };
  });
  const signal = (name: NodeJS.Signals) => {
    if (!gone) child.kill(name);
  };
  const kill = () => {
    signal('SIGKILL');
    return ended;
  };
  laterCleanup(async () => void (await kill()));
  return {
    pid: child.pid ?? -1,
    ended,
    output: () => printed,
    signal,
    kill,
    async stop() {
      signal('SIGTERM');
      const timer = setTimeout(() => signal('SIGKILL'), patienceMs);
      return await ended.finally(() => clearTimeout(timer));
    },
  };
}

/** Waits for a condition on a program that must go on running. */
async function until(what: string, holds: () => boolean, program: ProgramProcess): Promise<void> {
  let end: ProcessEnd | undefined;
  void program.ended.then((found) => {
    end = found;
  });
  const deadline = performance.now() + patienceMs;
  while (!holds()) {
    if (end || performance.now() > deadline) {
      const found = end ? `its end (${JSON.stringify(end)})` : `nothing in ${patienceMs} ms`;
      throw new Error(`expected ${what}, found ${found}. It printed:\n${program.output()}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** Whether something listens on this port of the loopback address. */
export async function isTaken(port: number): Promise<boolean> {
  const socket = connect({ port, host: '127.0.0.1' });
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}
