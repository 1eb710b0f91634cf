/** Nodes of the engine in processes of their own on one database, to be paused, killed and asked. */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { laterCleanup } from './cleanup.ts';
import type { Answer, Order } from './engine-process.ts';

const entry = fileURLToPath(new URL('./engine-process.ts', import.meta.url));

/** One node. */
export interface NodeProcess {
  readonly pid: number;
  /** Its id among the nodes. */
  readonly node: string;
  /** Starts an instance; rejects when the node does not answer that it did. */
  begin(process: string, order: string): Promise<string>;
  /** Publishes the message that an order waits for. */
  go(order: string): Promise<void>;
  signal(signal: NodeJS.Signals): void;
  /** Resolves with the exit code when the process is gone; null when a signal ended it. */
  readonly ended: Promise<number | null>;
  /** What it logged. */
  output(): string;
}

/** Starts a node and resolves when it takes part. It is killed when the test is over. */
export async function startNode(options: {
  readonly databaseUrl: string;
  readonly leaseMs: number;
  readonly role?: 'serve' | 'api';
}): Promise<NodeProcess> {
  const { databaseUrl, leaseMs, role = 'serve' } = options;
  const child = fork(entry, [], {
    stdio: ['ignore', 'inherit', 'pipe', 'ipc'],
    env: { ...process.env, DATABASE_URL: databaseUrl, LEASE_MS: String(leaseMs), ROLE: role },
  });
  let printed = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    printed += text;
  });
  const ended = once(child, 'exit').then(([code]) => code as number | null);
  laterCleanup(async () => {
    child.kill('SIGKILL');
    await ended;
  });
  const waiting = new Map<number, (answer: Answer) => void>();
  const ready = Promise.withResolvers<string>();
  void ended.then((code) => ready.reject(new Error(`the node ended with ${code}:\n${printed}`)));
  child.on('message', (answer: Answer) => {
    if (answer.is === 'ready') ready.resolve(answer.node);
    else waiting.get(answer.id)?.(answer);
  });
  const node = await ready.promise;
  const ask = asker(child, waiting, ended);
  return {
    pid: child.pid ?? -1,
    node,
    begin: (process, order) => ask({ do: 'begin', process, order }),
    go: async (order) => void (await ask({ do: 'go', order })),
    signal: (signal) => void child.kill(signal),
    ended,
    output: () => printed,
  };
}

type Asked<T = Order> = T extends Order ? Omit<T, 'id'> : never;

function asker(
  child: ChildProcess,
  waiting: Map<number, (answer: Answer) => void>,
  ended: Promise<number | null>,
): (order: Asked) => Promise<string> {
  let asked = 0;
  return async (order) => {
    asked += 1;
    const id = asked;
    const { promise, resolve } = Promise.withResolvers<Answer>();
    waiting.set(id, resolve);
    child.send({ ...order, id });
    const answer = await Promise.race([promise, ended.then(() => null)]);
    if (answer?.is === 'done') return answer.instanceId;
    const why = answer?.is === 'failed' ? answer.why : 'it ended';
    throw new Error(`expected the node to do what it was told, it did not: ${why}`);
  };
}
