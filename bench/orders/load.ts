/**
 * The load of the `orders` benchmark, in a process of its own: connections that each place one order
 * after the other. Reads its task from the command line and prints what it saw as its last line.
 */
import { Pool } from 'undici';
import { quantile } from '../statistics.ts';

/** What the load program is told. */
export interface LoadTask {
  readonly url: string;
  readonly connections: number;
  /** Bearer tokens of customers, used in turn. */
  readonly tokens: readonly string[];
  readonly forMs: number;
}

/** What it saw. */
export interface LoadSeen {
  readonly placed: number;
  readonly seconds: number;
  readonly latencyMs: { readonly p50: number; readonly p95: number; readonly p99: number };
  /** Answers other than 201, by status; any of them voids the figures. */
  readonly otherAnswers: Readonly<Record<string, number>>;
}

const body = JSON.stringify({
  items: [{ productId: 'prod-100', quantity: 1 }],
  total: 100,
  currency: 'USD',
  shippingAddress: {
    line1: '1 Market Street',
    city: 'Springfield',
    postalCode: '12345',
    country: 'US',
  },
});

async function placeOrders(task: LoadTask): Promise<LoadSeen> {
  const { url, connections, tokens, forMs } = task;
  const pool = new Pool(url, { connections, pipelining: 1 });
  const latencies: number[] = [];
  const otherAnswers: Record<string, number> = {};
  const begin = performance.now();
  let turn = 0;
  const customer = async () => {
    while (performance.now() - begin < forMs) {
      const token = tokens[turn++ % tokens.length];
      const sent = performance.now();
      const answer = await pool.request({
        method: 'POST',
        path: '/api/v1/orders',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
        body,
      });
      await answer.body.dump();
      if (answer.statusCode === 201) latencies.push(performance.now() - sent);
      else otherAnswers[answer.statusCode] = (otherAnswers[answer.statusCode] ?? 0) + 1;
    }
  };
  await Promise.all(Array.from({ length: connections }, customer));
  const seconds = (performance.now() - begin) / 1_000;
  await pool.close();
  const at = (share: number) => Number(quantile(latencies, share).toFixed(2));
  return {
    placed: latencies.length,
    seconds,
    latencyMs: { p50: at(0.5), p95: at(0.95), p99: at(0.99) },
    otherAnswers,
  };
}

const seen = await placeOrders(JSON.parse(process.argv[2] ?? '') as LoadTask);
process.stdout.write(`${JSON.stringify(seen)}\n`);
