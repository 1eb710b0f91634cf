/** The node of the `parked` benchmark as its parent sees it. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { NodeAnswer, NodeOrder } from './node.ts';

type Ready = NodeAnswer & { readonly is: 'ready' };
type Outcome = NodeAnswer & { readonly is: 'seen' };

/** A node in a process of its own. */
export interface NodeProcess {
  readonly ready: Ready;
  /** Puts it under a load; rejects when the node cannot keep up or dies. */
  measure(order: NodeOrder): Promise<Outcome>;
  /** Stops it cleanly. */
  stop(): Promise<void>;
}

/** Starts a node on the database and resolves when it takes part. */
export async function startNode(connectionString: string, instances: number): Promise<NodeProcess> {
  const child = fork(join(import.meta.dirname, 'node.ts'), [connectionString, `${instances}`]);
  const kill = () => child.kill('SIGKILL');
  process.once('exit', kill);
  const ended = once(child, 'exit').finally(() => process.off('exit', kill));
  const answer = async () => {
    const died = ended.then(() => {
      throw new Error('expected a living node, found one that has ended');
    });
    const [given] = (await Promise.race([once(child, 'message'), died])) as [NodeAnswer];
    if (given.is === 'failed') throw new Error(given.why);
    return given;
  };
  return {
    ready: (await answer()) as Ready,
    async measure(order) {
      const seen = answer();
      child.send(order);
      return (await seen) as Outcome;
    },
    async stop() {
      child.kill('SIGTERM');
      await ended;
    },
  };
}
