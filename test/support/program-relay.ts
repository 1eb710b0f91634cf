/**
 * One address at which the program always comes back: when the process that serves it dies, another
 * one that stood by takes over, as a supervisor would see to it. Everything that the program must not
 * lose is outside of these processes: its database, and the systems that it calls.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { type CrashableBundle, crashableBundle } from './crashable-bundle.ts';
import type { Command, Report } from './crashable-program.ts';

/** One place at which the program can be killed: the nth time that a crash point is passed. */
export interface CrashPlace {
  readonly point: string;
  readonly nth: number;
}

/** The processes of one address. */
export interface ProgramRelay {
  /** How many processes have died so far. */
  readonly deaths: number;
  /** Resolves when a process is ready; at once while one is. */
  ready(): Promise<void>;
  /** Kills the process that serves when it passes this place. */
  arm(place: CrashPlace): Promise<void>;
  /** Kills the process that serves right now. */
  kill(): Promise<void>;
  /** Begins to write down what the process that serves passes. */
  trace(): Promise<void>;
  /** The points passed since `trace`, in their order. */
  points(): Promise<readonly string[]>;
  /** Kills all processes. */
  stop(): Promise<void>;
  /** What the processes printed on their error output. */
  output(): string;
  /** Rejects when no process can take over; pending until then. */
  readonly failure: Promise<never>;
}

/** Starts the first process and puts a second one on standby; `env` is the configuration of all. */
export async function startRelay(env: Readonly<Record<string, string>>): Promise<ProgramRelay> {
  const bundle = await crashableBundle();
  let deaths = 0;
  let stopping = false;
  let printed = '';
  const failure = Promise.withResolvers<never>();
  failure.promise.catch(() => undefined);
  const living = new Set<Crashable>();

  function standby(): Crashable {
    const process = new Crashable(bundle, (text) => {
      printed += text;
    });
    living.add(process);
    void process.ended.then(() => living.delete(process));
    return process;
  }

  let current = standby();
  let next: Crashable;
  let becoming = begin();
  becoming.catch((error: Error) => fail(error));

  function fail({ message }: Error): void {
    failure.reject(new Error(`the program does not start: ${message}\n${printed}`));
  }

  async function begin(): Promise<void> {
    const process = current;
    await process.ask({ do: 'start', env }, 'ready');
    next = standby();
    void process.ended.then(() => {
      deaths += 1;
      if (stopping) return;
      current = next;
      becoming = begin();
      becoming.catch((error: Error) => fail(error));
    });
  }

  async function ready(): Promise<void> {
    await becoming.catch(() => failure.promise);
  }

  await ready();
  return {
    get deaths() {
      return deaths;
    },
    ready,
    async arm({ point, nth }) {
      await ready();
      await current.ask({ do: 'arm', point, nth }, 'armed');
    },
    async kill() {
      const { ended } = current;
      current.kill();
      await ended;
    },
    async trace() {
      await ready();
      await current.ask({ do: 'trace' }, 'tracing');
    },
    points: async () => (await current.ask({ do: 'report' }, 'points')).points,
    async stop() {
      stopping = true;
      await becoming.catch(() => undefined);
      const all = [...living];
      for (const process of all) process.kill();
      await Promise.all(all.map(({ ended }) => ended));
    },
    output: () => printed,
    failure: failure.promise,
  };
}

/** One process of the program. */
class Crashable {
  readonly ended: Promise<void>;
  readonly #child: ChildProcess;
  readonly #standby: Promise<unknown>;

  constructor({ entry, compileCache }: CrashableBundle, print: (text: string) => void) {
    const { PATH = '', HOME = '/' } = process.env;
    this.#child = fork(entry, [], {
      env: { PATH, HOME, NODE_COMPILE_CACHE: compileCache },
      // Loading makes much short-lived garbage; room for it saves a tenth of the time.
      execArgv: ['--max-semi-space-size=64'],
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    });
    this.#child.stderr?.setEncoding('utf8').on('data', print);
    this.ended = new Promise((resolve) => this.#child.once('exit', () => resolve()));
    this.#standby = this.#heard('standby');
    this.#standby.catch(() => undefined);
  }

  /** Says something and waits for the answer; rejects when the process ends instead. */
  async ask<Is extends Report['is']>(
    command: Command,
    is: Is,
  ): Promise<Extract<Report, { is: Is }>> {
    await this.#standby;
    const heard = this.#heard(is);
    this.#child.send(command);
    return (await heard) as Extract<Report, { is: Is }>;
  }

  kill(): void {
    this.#child.kill('SIGKILL');
  }

  #heard(is: Report['is']): Promise<Report> {
    return new Promise((resolve, reject) => {
      const listen = (report: Report) => {
        if (report.is !== is) return;
        this.#child.off('message', listen);
        resolve(report);
      };
      this.#child.on('message', listen);
      this.#child.once('exit', (code, signal) =>
        reject(new Error(`expected "${is}", found the end of the process (${code ?? signal})`)),
      );
    });
  }
}
