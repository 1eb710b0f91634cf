/** Definitions as they were deployed, and the partitions that history is written to. */
import type { Database } from '../../postgres/index.ts';

/** A process version as the database keeps it. */
export interface DeployedDefinition {
  readonly process: string;
  readonly version: number;
  readonly name: string;
  readonly digest: string;
  readonly graph: unknown;
}

/**
 * Records definitions. A version whose structure changed while instances of it are open is refused:
 * those instances could not go on; the change needs a new version.
 */
export async function deployDefinitions(
  database: Database,
  definitions: readonly DeployedDefinition[],
): Promise<void> {
  await database.transaction(async (tx) => {
    for (const { process, version, name, digest, graph } of definitions) {
      const { rows } = await tx.query<{ digest: string }>(
        'select digest from engine.definition where process = $1 and version = $2 for update',
        [process, version],
      );
      if (rows[0]?.digest === digest) continue;
      if (rows[0]) await refuseIfOpen(tx, process, version);
      await tx.query(
        `insert into engine.definition (process, version, name, digest, graph)
         values ($1, $2, $3, $4, $5)
         on conflict (process, version)
         do update set name = $3, digest = $4, graph = $5, deployed_at = now()`,
        [process, version, name, digest, JSON.stringify(graph)],
      );
    }
  });
}

async function refuseIfOpen(
  tx: { query: Database['query'] },
  process: string,
  version: number,
): Promise<void> {
  const { rows } = await tx.query<{ open: number }>(
    `select count(*)::int as open from (
       select 1 from engine.instance
        where process = $1 and version = $2 and status in ('running', 'waiting', 'suspended') limit 1000) as o`,
    [process, version],
  );
  const open = rows[0]?.open ?? 0;
  if (open === 0) return;
  throw new Error(
    `process "${process}" version ${version} has another structure than the one deployed, and ` +
      `${open} open instances are on it; give the changed process version ${version + 1} and keep ` +
      `version ${version} beside it until they have ended`,
  );
}

/** Makes the history partitions of this month and the next. Safe to call at any time, on any node. */
export async function ensureHistoryPartitions(database: Database, now: Date): Promise<void> {
  for (const offset of [0, 1]) {
    const from = new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + offset, 1));
    const until = new Date(Date.UTC(from.getUTCFullYear(), from.getUTCMonth() + 1, 1));
    const name = `history_${from.toISOString().slice(0, 7).replace('-', '_')}`;
    await database.transaction(async (tx) => {
      await tx.query("select pg_advisory_xact_lock(hashtext('engine.history partitions'))");
      const { rows } = await tx.query('select to_regclass($1) as known', [`engine.${name}`]);
      if ((rows[0] as { known: unknown }).known !== null) return;
      const range = [from, until];
      const early = await tx.query(
        'select 1 from engine.history_default where at >= $1 and at < $2 limit 1',
        range,
      );
      // A month that was written to before it had a partition stays where it is.
      if (early.rowCount > 0) return;
      await tx.query(
        `create table engine.${name} partition of engine.history
           for values from ('${from.toISOString()}') to ('${until.toISOString()}')`,
      );
    });
  }
}
