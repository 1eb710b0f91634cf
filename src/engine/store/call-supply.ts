/** The rates for outside systems as all nodes on one database share them: one row for each system. */
import type { CallSupply } from '../../kernel/shared-bucket.ts';
import type { Statements } from './commit-group.ts';

/** Supplies the nodes on this database; each take is one statement, durable before calls are made. */
export function callSupply(database: Statements): CallSupply {
  return {
    async take(system, { perSecond, burst }, { wanted, made }) {
      const { rows } = await database.query<{ taken: number; again: number }>(
        `select taken, again_in_ms as again
           from engine.take_calls($1, $2::float8, $3::float8, $4::float8, $5::float8)`,
        [system, perSecond, burst, wanted, made],
      );
      const { taken = 0, again = 0 } = rows[0] ?? {};
      return { calls: taken, againInMs: again };
    },
  };
}
