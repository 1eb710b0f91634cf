/** Figures of the event log for Prometheus: how far consumers are behind, and what needs a person. */
import type { Database } from '../postgres/index.ts';
import type { Metrics } from '../telemetry/index.ts';

/** Adds the gauges. Each asks the database when it is read, at a cost that does not grow with the log. */
export function addEventGauges(metrics: Metrics, database: Database): void {
  metrics.addGauge({
    name: 'orderloom_consumer_group_lag',
    help: 'Positions between a consumer group and the end of the event log',
    labels: ['group'],
    async read() {
      const { rows } = await database.query<{ name: string; lag: string }>(
        `select g.name, greatest(0, case when s.is_called then s.last_value else 0 end - g.position) as lag
           from events.consumer_group g, events.event_position s`,
      );
      return rows.map(({ name, lag }) => ({ labels: { group: name }, value: Number(lag) }));
    },
  });
  metrics.addGauge({
    name: 'orderloom_consumer_group_failing',
    help: '1 while the last attempt of a consumer group has failed',
    labels: ['group'],
    async read() {
      const { rows } = await database.query<{ name: string; failing: boolean }>(
        'select name, last_error is not null as failing from events.consumer_group',
      );
      return rows.map(({ name, failing }) => ({ labels: { group: name }, value: Number(failing) }));
    },
  });
  metrics.addGauge({
    name: 'orderloom_dead_letters',
    help: 'Events that consumer groups have parked, counted up to 10000',
    async read() {
      const { rows } = await database.query<{ n: number }>(
        'select count(*)::int as n from (select 1 from events.dead_letter limit 10000) as c',
      );
      return rows[0]?.n ?? 0;
    },
  });
  metrics.addGauge({
    name: 'orderloom_webhook_subscriptions',
    help: 'Subscriptions of outgoing webhooks by status',
    labels: ['status'],
    async read() {
      const { rows } = await database.query<{ status: string; n: number }>(
        `select case when not enabled then 'disabled' when failures > 0 then 'failing' else 'active' end
                  as status, count(*)::int as n
           from events.webhook_subscription group by 1`,
      );
      return rows.map(({ status, n }) => ({ labels: { status }, value: n }));
    },
  });
}
