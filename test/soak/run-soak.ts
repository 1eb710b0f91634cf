/**
 * One soak: a steady load of orders on several nodes while everything breaks, then quiet, and a look
 * at whether all of it came out right.
 */
import { waitUntil } from '../support/wait-until.ts';
import { beginChaos, type ChaosCounts } from './chaos.ts';
import { beginCustomers } from './customers.ts';
import { drawFrom } from './draw.ts';
import { findOutcome, type Outcome } from './findings.ts';
import { openPlace } from './place.ts';

/** What to do. */
export interface SoakOptions {
  /** How long things break. */
  readonly seconds: number;
  /** They go on until so many have broken, however long a slow machine takes for each. @defaultValue 0 */
  readonly leastBroken?: number;
  /** What breaks when, and who orders what. Timing itself is the machine's, so a run is alike, not equal. */
  readonly seed: number;
  readonly nodes: number;
  readonly ordersPerSecond: number;
  /** How long orders may take to come to their end once nothing breaks any more. */
  readonly settleSeconds: number;
  readonly report: (line: string) => void;
}

/** What came of it. */
export interface SoakResult extends Outcome {
  readonly placed: number;
  readonly chaos: ChaosCounts;
}

/** Runs one soak. An order that is neither ended nor explained by an incident is a finding. */
export async function runSoak(options: SoakOptions): Promise<SoakResult> {
  const { seconds, leastBroken = 0, seed, nodes, ordersPerSecond, settleSeconds, report } = options;
  const begin = performance.now();
  const told = (line: string) =>
    report(`${((performance.now() - begin) / 1_000).toFixed(1).padStart(7)} s  ${line}`);
  told(`seed ${seed}, ${nodes} nodes, ${ordersPerSecond} orders a second, ${seconds} s of trouble`);
  const place = await openPlace(nodes);
  try {
    const customers = await beginCustomers(place, drawFrom(seed), ordersPerSecond);
    const chaos = beginChaos(place, drawFrom(seed + 1), told);
    await new Promise((resolve) => setTimeout(resolve, seconds * 1_000));
    const broken = () => Object.values(chaos.counts).reduce((sum, count) => sum + count);
    await waitUntil(`${leastBroken} things to break`, () => broken() >= leastBroken);
    await chaos.end();
    told(`quiet; ${customers.placed.length} orders were placed`);
    const { unsettled, troubles } = await customers.finish(settleSeconds * 1_000);
    told('looking at what came of it');
    const outcome = await findOutcome(place, customers.placed);
    const stuck = await Promise.all(unsettled.map((id) => describeStuck(place.database, id)));
    return {
      ...outcome,
      findings: [...troubles, ...stuck, ...outcome.findings],
      placed: customers.placed.length,
      chaos: chaos.counts,
    };
  } finally {
    await place.close();
  }
}

async function describeStuck(
  database: import('../../src/postgres/index.ts').Database,
  orderId: string,
): Promise<string> {
  const { rows } = await database.query<{ state: string }>(
    `select json_build_object('order', o.status, 'instances', (
       select json_agg(json_build_object('process', i.process, 'status', i.status, 'id', i.id,
         'at', (select json_agg(e.value->>'node') from jsonb_each(i.state::jsonb->'elements') e)))
       from engine.instance i where i.business_key = $1))::text as state
     from orders.orders o where o.id::text = $1`,
    [orderId],
  );
  return `order ${orderId} came to no end: ${rows[0]?.state ?? 'it is gone'}`;
}
