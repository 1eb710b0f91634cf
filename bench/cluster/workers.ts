/** The nodes of the `cluster` benchmark as their parent sees them. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { WorkerAnswer, WorkerOrder } from './worker.ts';

/** A node in a process of its own. */
export interface Worker {
  /** Its id among the nodes. */
  readonly node: string;
  tell(order: WorkerOrder): void;
  /** Steps that it has begun, and shards that it holds. */
  count(): Promise<{ readonly steps: number; readonly shards: number }>;
  /** Ends it as `kill -9` does, and resolves when it is gone. */
  kill(): Promise<void>;
  /** Stops it cleanly. */
  stop(): Promise<void>;
}

/** Starts a node and resolves when it takes part. */
export async function startWorker(connectionString: string): Promise<Worker> {
  const child = fork(join(import.meta.dirname, 'worker.ts'), [connectionString]);
  const ended = once(child, 'exit');
  const kill = () => child.kill('SIGKILL');
  process.once('exit', kill);
  const answers = new Map<WorkerAnswer['is'], (answer: WorkerAnswer) => void>();
  const next = <Is extends WorkerAnswer['is']>(is: Is) =>
    new Promise<WorkerAnswer & { is: Is }>((resolve, reject) => {
      answers.set(is, (answer) => resolve(answer as WorkerAnswer & { is: Is }));
      void ended.then(() => reject(new Error('expected a living node, found one that has ended')));
    });
  child.on('message', (answer: WorkerAnswer) => answers.get(answer.is)?.(answer));
  const end = async (signal: 'SIGKILL' | 'SIGTERM') => {
    child.kill(signal);
    await ended;
    process.off('exit', kill);
  };
  const { node } = await next('ready');
  return {
    node,
    tell: (order) => void child.send(order),
    async count() {
      const counted = next('counted');
      child.send({ do: 'count' } satisfies WorkerOrder);
      return await counted;
    },
    kill: () => end('SIGKILL'),
    stop: () => end('SIGTERM'),
  };
}
