/** What metrics tell of the engine. */
import type { Engine } from '../engine/index.ts';
import type { Database } from '../postgres/index.ts';
import type { Metrics } from '../telemetry/index.ts';

/** Adds the figures of this node, and how many incidents are open in all; both are read when they are asked for. */
export function addEngineGauges(metrics: Metrics, engine: Engine, database: Database): void {
  metrics.addGauge({
    name: 'orderloom_engine',
    help: 'Figures of the engine on this node, by name',
    labels: ['figure'],
    read: () =>
      Object.entries(engine.counts).map(([figure, value]) => ({ labels: { figure }, value })),
  });
  metrics.addGauge({
    name: 'orderloom_open_incidents',
    help: 'Incidents that wait for a person',
    async read() {
      const { rows } = await database.query<{ n: number }>(
        'select count(*)::int as n from engine.incident where closed_at is null',
      );
      return rows[0]?.n ?? 0;
    },
  });
}
