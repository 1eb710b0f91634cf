/**
 * What goes wrong during the soak, drawn from the seed: nodes are killed, put to sleep beyond their
 * lease, told to stop; PostgreSQL is stopped and started; outside systems fail, answer late or not at
 * all, lose their callbacks, send them twice and in another order.
 */
import type { Draw } from './draw.ts';
import { leaseMs, type Place } from './place.ts';

/** How often each thing was done. */
export type ChaosCounts = Record<'kill' | 'sleep' | 'stop' | 'postgres', number>;

/** The running chaos. */
export interface Chaos {
  readonly counts: Readonly<ChaosCounts>;
  /** Ends it, mends everything, and resolves when all nodes are ready. */
  end(): Promise<void>;
}

/** Part of the calls of outside systems that fail. */
const errorRate = 0.3;

/** Begins to break things. */
export function beginChaos(place: Place, draw: Draw, report: (line: string) => void): Chaos {
  const counts: ChaosCounts = { kill: 0, sleep: 0, stop: 0, postgres: 0 };
  const ending = new AbortController();
  const isOver = () => ending.signal.aborted;
  const pause = (forMs: number) =>
    new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, forMs);
      const now = () => {
        clearTimeout(timer);
        resolve();
      };
      if (isOver()) now();
      else ending.signal.addEventListener('abort', now, { once: true });
    });

  const strikes = {
    async kill() {
      const node = place.nodes[draw.between(0, place.nodes.length - 1)]!;
      report(`kill -9 ${node.name}`);
      await node.kill();
      await pause(draw.between(0, 1_500));
      node.start();
    },
    async sleep() {
      const node = place.nodes[draw.between(0, place.nodes.length - 1)]!;
      const forMs = draw.between(leaseMs / 2, leaseMs * 2);
      report(`${node.name} sleeps for ${forMs} ms`);
      node.signal('SIGSTOP');
      await pause(forMs);
      node.signal('SIGCONT');
    },
    async stop() {
      const node = place.nodes[draw.between(0, place.nodes.length - 1)]!;
      report(`${node.name} is told to stop`);
      await node.stop();
      node.start();
    },
    async postgres() {
      const forMs = draw.between(100, 1_500);
      report(`PostgreSQL is gone for ${forMs} ms`);
      await place.stopPostgres();
      await pause(forMs);
      await place.startPostgres();
    },
  } satisfies Record<keyof ChaosCounts, () => Promise<void>>;

  async function strike(): Promise<void> {
    while (!isOver()) {
      await pause(draw.between(500, 2_500));
      if (isOver()) return;
      const kind = draw.oneOf<keyof ChaosCounts>([
        [4, 'kill'],
        [2, 'sleep'],
        [1, 'stop'],
        [2, 'postgres'],
      ]);
      counts[kind] += 1;
      await strikes[kind]();
    }
  }

  async function spoil(): Promise<void> {
    while (!isOver()) {
      for (const system of [place.gateway, place.courier]) {
        await setFaults(system.url, {
          errorRate,
          latencyMs: draw.between(0, 50),
          timeoutAfterCommitNext: draw.between(0, 1),
          callbacks: {
            lose: draw.between(0, 1),
            duplicate: draw.between(0, 2),
            reorder: draw.between(0, 1),
            delayMs: draw.between(0, 200),
          },
        });
      }
      await setFaults(place.mail.url, { errorRate });
      await pause(1_000);
    }
  }

  const running = Promise.all([strike(), spoil()]);
  running.catch(() => undefined);
  return {
    counts,
    async end() {
      ending.abort();
      await running;
      for (const { url } of [place.gateway, place.courier, place.mail]) await setFaults(url, {});
      await place.startPostgres();
      for (const node of place.nodes) if (!node.runs) node.start();
      await Promise.all(place.nodes.map((node) => node.ready()));
    },
  };
}

async function setFaults(url: string, faults: object): Promise<void> {
  const answer = await fetch(`${url}/sandbox/faults`, {
    method: 'PUT',
    headers: { 'content-type': 'application/json', authorization: 'Bearer sandbox-key' },
    body: JSON.stringify(faults),
  });
  if (!answer.ok)
    throw new Error(`faults of ${url} were answered ${answer.status}: ${await answer.text()}`);
}
