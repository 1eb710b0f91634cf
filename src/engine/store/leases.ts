/**
 * Leases on shards. A node writes only under leases that it holds; a lease names an epoch that grows
 * with every change of owner, so that a node which lost a shard without noticing is refused.
 *
 * A living node also holds an advisory lock of its session. When a node dies, PostgreSQL frees that
 * lock at once, and its shards can be taken over without waiting for the lease to run out; a node
 * that is merely cut off keeps its shards until then.
 */
import type { Connection, Database } from '../../postgres/index.ts';
import type { Lease } from './commit-group.ts';

/** First key of the advisory locks that say "this node lives". */
const livenessLocks = 0x6f6c;

/** Second key: 32 bits of the node's id, as PostgreSQL computes them. */
const nodeKey = 'hashtext($1::text)';

/** The shards of one node, and what it does to keep them. */
export interface LeaseHolder {
  /** Shards held, by number. */
  readonly held: ReadonlyMap<number, Lease>;
  /** Renews what is held and takes what is free. Gives the shards gained and lost. */
  tend(): Promise<{ gained: number[]; lost: number[] }>;
  /** Gives every shard back, so that another node need not wait. */
  release(): Promise<void>;
}

/** Opens the leases of a node. Nothing is held before the first `tend`. */
export async function openLeases(
  database: Database,
  node: string,
  leaseMs: number,
): Promise<LeaseHolder> {
  const held = new Map<number, Lease>();
  let liveness: Connection | undefined;

  async function proveLife(): Promise<void> {
    if (liveness) {
      try {
        await liveness.query('select 1');
        return;
      } catch {
        liveness.release({ close: true });
        liveness = undefined;
      }
    }
    const connection = await database.connect();
    await connection.query(`select pg_advisory_lock(${livenessLocks}, ${nodeKey})`, [node]);
    liveness = connection;
  }

  async function tend(): Promise<{ gained: number[]; lost: number[] }> {
    await proveLife();
    const { rows } = await database.query<{ shard: number; epoch: string | bigint }>(
      `with dead as (
         select owner from (select distinct owner from engine.shard
                             where owner is not null and owner <> $1) as o
          where not exists (
            select 1 from pg_locks l
             where l.locktype = 'advisory' and l.classid = ${livenessLocks} and l.objsubid = 2
               and l.database = (select oid from pg_database where datname = current_database())
               and l.objid::bigint = (hashtext(o.owner::text)::bigint & 4294967295)))
       update engine.shard s
          set owner = $1,
              epoch = case when s.owner = $1 then s.epoch else s.epoch + 1 end,
              lease_until = clock_timestamp() + $2 * interval '1 millisecond'
        where s.owner = $1 or s.owner is null or s.lease_until < clock_timestamp()
           or s.owner in (select owner from dead)
       returning s.shard, s.epoch`,
      [node, leaseMs],
    );
    const gained: number[] = [];
    const now = new Map(rows.map((row) => [row.shard, BigInt(row.epoch)] as const));
    const lost = [...held.keys()].filter((shard) => !now.has(shard));
    for (const shard of lost) held.delete(shard);
    for (const [shard, epoch] of now) {
      const before = held.get(shard);
      if (before?.epoch === epoch) continue;
      gained.push(shard);
      // Somebody else held it in between: what is in memory of it is out of date.
      if (before) lost.push(shard);
      held.set(shard, { shard, epoch });
    }
    return { gained, lost };
  }

  async function release(): Promise<void> {
    held.clear();
    try {
      await database.query(
        'update engine.shard set owner = null, lease_until = null where owner = $1',
        [node],
      );
    } finally {
      liveness?.release({ close: true });
      liveness = undefined;
    }
  }

  return { held, tend, release };
}
