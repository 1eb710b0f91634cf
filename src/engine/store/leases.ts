/**
 * Leases on shards. A node writes only under leases that it holds; a lease names an epoch that grows
 * with every change of owner, so that a node which lost a shard without noticing is refused.
 *
 * Owners renew one row of their own, `engine.node`, not a row for each shard. A node that dies loses its
 * advisory lock with its session, and its shards are free at once; one that is cut off or sleeps keeps
 * them until its lease is over.
 */
import { setTimeout as delay } from 'node:timers/promises';
import type { Database } from '../../postgres/index.ts';
import type { Lease } from './commit-group.ts';
import type { NodeSession } from './node-session.ts';

/** `serve`: API and engine. `worker`: the engine alone. `api`: the API alone; it takes no shards. */
export type NodeRole = 'serve' | 'worker' | 'api';

/** What a node tells of itself, for people and for the other nodes. */
export interface NodeFacts {
  readonly name: string;
  readonly host: string;
  readonly pid: number;
  readonly role: NodeRole;
  readonly version: string;
  /** What PostgreSQL calls the sessions of this node and of no other; null when that is not so. */
  readonly sessionName: string | null;
}

/** What changes from one call to the next. */
export interface NodeState {
  readonly startedAt: Date;
  readonly draining: boolean;
  readonly figures: Readonly<Record<string, number>>;
}

/** How things stand after a node has told that it is here. */
export interface Tended {
  /** Shards that this node owns now. */
  readonly leases: readonly Lease[];
  /** How many it should own. */
  readonly share: number;
  /** Other nodes that live. */
  readonly peers: number;
  /** Jobs that stand in line at the other node with the fewest; null without another one. */
  readonly leastQueued: number | null;
  /** Session names of nodes that shards were taken from. */
  readonly displaced: readonly string[];
}

interface TendAnswer {
  readonly share: number;
  readonly peers: number;
  readonly leastQueued: number | null;
  readonly shards: readonly (readonly [shard: number, epoch: number | string])[];
  readonly displaced: readonly string[];
}

/** Tells that the node is here, renews its lease, and takes free shards up to its share. */
export async function tendLeases(
  session: NodeSession,
  node: string,
  options: {
    readonly facts: NodeFacts;
    readonly state: NodeState;
    readonly leaseMs: number;
    /** False: other nodes are not called dead, since they may not have found the server again yet. */
    readonly judges: boolean;
  },
): Promise<Tended> {
  const { facts, state, leaseMs, judges } = options;
  const { rows } = await session.query<{ tended: TendAnswer }>(
    'select engine.tend($1, $2, $3, $4) as tended',
    [node, JSON.stringify({ ...facts, ...state }), leaseMs, judges],
  );
  const answer = rows[0]?.tended;
  const { share = 0, peers = 0, leastQueued = null, shards = [], displaced = [] } = answer ?? {};
  const leases = shards.map(([shard, epoch]) => ({ shard, epoch: BigInt(epoch) }));
  return { leases, share, peers, leastQueued, displaced };
}

/** Gives shards back, so that others may take them at once. */
export async function releaseShards(
  session: NodeSession,
  node: string,
  shards: readonly number[],
): Promise<void> {
  await session.query(
    'update engine.shard set owner = null where owner = $1 and shard = any($2::smallint[])',
    [node, shards],
  );
}

/** Gives back whatever is left and takes the node's row away: it is gone, and by its own will. */
export async function leaveCluster(session: NodeSession, node: string): Promise<void> {
  await session.query(
    `with given as (update engine.shard set owner = null where owner = $1)
     delete from engine.node where id = $1`,
    [node],
  );
}

/** How long the end of the sessions of a deposed node is waited for at most. */
const sessionEndMs = 2_000;
const sessionLookMs = 5;

/**
 * Ends the sessions of nodes whose shards were taken, and waits until what they had under way is
 * committed or rolled back: what is read afterwards is what the new owner goes on from, and no
 * transaction of a node that sleeps holds a row against it.
 */
export async function endSessions(
  database: Database,
  names: readonly string[],
  patienceMs: number,
): Promise<number> {
  const until = performance.now() + Math.min(sessionEndMs, patienceMs);
  for (let ended = 0; ; ) {
    const { rowCount } = await database.query(
      `select pg_terminate_backend(pid) from pg_stat_activity
        where application_name = any($1::text[]) and datname = current_database()
          and usename = current_user and pid <> pg_backend_pid()`,
      [names],
    );
    ended = Math.max(ended, rowCount);
    if (rowCount === 0 || performance.now() > until) return ended;
    await delay(sessionLookMs);
  }
}

/** Rows of dead nodes are shown for this long. */
const deadShownFor = '10 minutes';

/** Removes the rows of nodes that died long ago and own nothing any more. */
export async function forgetDeadNodes(database: Database): Promise<void> {
  await database.query(
    `delete from engine.node n where heartbeat_at < clock_timestamp() - $1::interval
        and not exists (select 1 from engine.shard s where s.owner = n.id)`,
    [deadShownFor],
  );
}
