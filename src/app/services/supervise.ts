/**
 * Runs the four services as four processes, each with a configuration and data of its own. One that dies
 * is started again after a moment, for as long as the supervisor lives; when the supervisor dies, by
 * whatever signal, they notice it and stop.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Environment } from './service-environments.ts';
import { type ServiceName, serviceNames } from './topology.ts';

const main = fileURLToPath(new URL('../main.ts', import.meta.url));

/** A dead service is started again after this long, unless told otherwise. */
const usualRestartMs = 1_000;

/** The running services. */
export interface Supervised {
  /** Resolves when all of them answer requests; rejects when one ends before it ever did. */
  readonly ready: Promise<void>;
  /** The process of a service at this moment; undefined while it is being started again. */
  pidOf(service: ServiceName): number | undefined;
  /** Asks all of them to stop, and resolves when they are gone. May be called twice. */
  stop(): Promise<void>;
}

/** Starts them. `line` is given each line that they print. */
export function superviseServices(options: {
  /** The complete environment of each. */
  readonly environments: Readonly<Record<ServiceName, Environment>>;
  readonly line: (service: ServiceName, text: string) => void;
  /** @defaultValue 1000 */
  readonly restartAfterMs?: number;
}): Supervised {
  const { environments, line, restartAfterMs = usualRestartMs } = options;
  const children = new Map<ServiceName, ChildProcess>();
  const stopped = new AbortController();

  function start(service: ServiceName): ChildProcess {
    const child = fork(main, ['serve', '--quiet'], {
      env: environments[service],
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    children.set(service, child);
    for (const stream of [child.stdout, child.stderr]) {
      if (stream) createInterface({ input: stream }).on('line', (text) => line(service, text));
    }
    return child;
  }

  /** Keeps one service running. Rejects when it never became ready; resolves once all was stopped. */
  async function keepRunning(service: ServiceName, isReady: () => void): Promise<void> {
    for (let everReady = false; !stopped.signal.aborted; ) {
      const child = start(service);
      child.once('message', () => {
        everReady = true;
        isReady();
      });
      const [code, signal] = await once(child, 'exit');
      children.delete(service);
      if (stopped.signal.aborted) return;
      const how = signal === null ? `with code ${code}` : `by ${signal}`;
      if (!everReady) throw new Error(`the ${service} service ended ${how} before it was ready`);
      line(service, `ended ${how}; it is started again`);
      await pause(restartAfterMs, undefined, { signal: stopped.signal }).catch(() => undefined);
    }
  }

  const running: Promise<void>[] = [];
  const ready = Promise.all(
    serviceNames.map(
      (service) =>
        new Promise<void>((resolve, reject) => {
          const kept = keepRunning(service, resolve);
          running.push(kept.catch(() => undefined));
          kept.then(resolve, reject);
        }),
    ),
  ).then(() => undefined);
  return {
    ready,
    pidOf: (service) => children.get(service)?.pid,
    async stop() {
      stopped.abort();
      for (const child of children.values()) child.kill('SIGTERM');
      await Promise.all(running);
    },
  };
}
