/** Reads of how the nodes share the work and how far they are behind, for people. */
import type { Statements } from './commit-group.ts';
import type { NodeRole } from './leases.ts';

/** A node as it last told of itself. */
export interface NodeRow {
  readonly id: string;
  readonly name: string;
  readonly host: string;
  readonly pid: number;
  readonly role: NodeRole;
  readonly version: string;
  readonly startedAt: Date;
  /** Since it was last heard, by the clock of the server. */
  readonly heartbeatAgeMs: number;
  /** Its lock is held and its lease is not over. */
  readonly living: boolean;
  readonly draining: boolean;
  readonly shards: number;
  readonly figures: Readonly<Record<string, number>>;
}

/** Every node that was heard of lately, the oldest first. */
export async function readNodes(db: Statements): Promise<readonly NodeRow[]> {
  const { rows } = await db.query<NodeRow>(
    `select n.id, n.name, n.host, n.pid, n.role, n.version, n.started_at as "startedAt", n.draining,
            n.figures,
            round(extract(epoch from clock_timestamp() - n.heartbeat_at) * 1000)::int
              as "heartbeatAgeMs",
            n.lease_until > clock_timestamp() and engine.living_key(n.id) = any(k.keys) as living,
            (select count(*)::int from engine.shard s where s.owner = n.id) as shards
       from engine.node n, (select engine.living_keys() as keys) as k
      order by n.started_at, n.id limit 1000`,
  );
  return rows;
}

/** Who has a shard, and under which epoch. */
export interface ShardRow {
  readonly shard: number;
  readonly owner: string | null;
  readonly epoch: number;
}

/** Every shard, in the order of their numbers. */
export async function readShards(db: Statements): Promise<readonly ShardRow[]> {
  const { rows } = await db.query<{ shard: number; owner: string | null; epoch: string }>(
    'select shard, owner, epoch::text from engine.shard order by shard',
  );
  return rows.map(({ shard, owner, epoch }) => ({ shard, owner, epoch: Number(epoch) }));
}

/** What waits for a node to act. Counts stop at the cap. */
export interface LagRow {
  readonly inbox: number;
  readonly oldestInboxAt: Date | null;
  readonly timers: number;
  readonly oldestTimerAt: Date | null;
  readonly messages: number;
}

/**
 * How far the nodes are behind: inbox rows, timers that are due, and messages that no wait has taken yet.
 * Each count looks at no more rows of its index than the cap.
 */
export async function readLag(db: Statements, now: Date, cap: number): Promise<LagRow> {
  const { rows } = await db.query<LagRow>(
    `select (select count(*)::int from (
               select 1 from engine.inbox where refused_at is null limit $2) as i) as inbox,
            (select created_at from engine.inbox where refused_at is null order by id limit 1)
              as "oldestInboxAt",
            (select count(*)::int from (
               select 1 from engine.timer where due_at <= $1 limit $2) as t) as timers,
            (select due_at from engine.timer where due_at <= $1 order by due_at limit 1)
              as "oldestTimerAt",
            (select count(*)::int from (
               select 1 from engine.message where taken_at is null limit $2) as m) as messages`,
    [now, cap],
  );
  return rows[0] ?? { inbox: 0, oldestInboxAt: null, timers: 0, oldestTimerAt: null, messages: 0 };
}
