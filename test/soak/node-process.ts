/** One node of the cluster: the program in a process of its own, started, killed, put to sleep. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const main = fileURLToPath(new URL('../../src/app/main.ts', import.meta.url));
const readyPatienceMs = 60_000;
/** Of one question whether it is well, and between two. */
const askMs = 2_000;
const pauseMs = 50;

/** A node at one address; its process comes and goes. */
export class SoakNode {
  readonly name: string;
  readonly url: string;
  readonly #env: Readonly<Record<string, string>>;
  #child: ChildProcess | undefined;
  #gone: Promise<unknown> = Promise.resolve();
  /** What its processes said of warnings and errors; the last part, should it be asked for. */
  #said = '';

  constructor(name: string, port: number, env: Readonly<Record<string, string>>) {
    this.name = name;
    this.url = `http://127.0.0.1:${port}`;
    this.#env = { ...env, PORT: String(port) };
  }

  /** Starts a process; it is ready when `ready` resolves. */
  start(): void {
    const { PATH = '', HOME = '/' } = process.env;
    const child = spawn(process.execPath, [main, 'serve'], {
      env: { PATH, HOME, LOG_LEVEL: 'warn', ...this.#env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => {
        this.#said = (this.#said + text).slice(-100_000);
      });
    }
    this.#gone = once(child, 'exit').then(() => {
      if (this.#child === child) this.#child = undefined;
    });
    this.#child = child;
  }

  /** Resolves when it answers that it is well. */
  async ready(): Promise<void> {
    let askedMs = 0;
    for (;;) {
      const began = performance.now();
      const answer = await fetch(`${this.url}/actuator/health`, {
        signal: AbortSignal.timeout(askMs),
      }).catch(() => null);
      if (answer?.ok) return;
      // One that found PostgreSQL away while it started has ended, and is started again as by a supervisor.
      if (!this.runs) this.start();
      // A machine that slept in between has not waited meanwhile.
      askedMs += Math.min(performance.now() - began, askMs) + pauseMs;
      if (askedMs > readyPatienceMs) {
        throw new Error(
          `expected ${this.name} to be ready, found it is not. It said:\n${this.said}`,
        );
      }
      await new Promise((resolve) => setTimeout(resolve, pauseMs));
    }
  }

  get runs(): boolean {
    return this.#child !== undefined;
  }

  get said(): string {
    return this.#said;
  }

  signal(signal: NodeJS.Signals): void {
    this.#child?.kill(signal);
  }

  /** Ends it as `kill -9` does, and resolves when it is gone. */
  async kill(): Promise<void> {
    this.signal('SIGKILL');
    await this.#gone;
  }

  /** Asks it to stop; resolves when it is gone. */
  async stop(): Promise<void> {
    this.signal('SIGTERM');
    await this.#gone;
  }
}
