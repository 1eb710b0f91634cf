/**
 * `orders`: order creation over HTTP against the real program with its own embedded PostgreSQL. Each
 * order's process starts in the order's transaction, and the engine goes on with the processes
 * meanwhile: risk, stock, payment session, mail.
 */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { BenchResult, BenchSettings } from '../bench.ts';
import { describeMachine } from '../machine.ts';
import { median } from '../statistics.ts';
import type { LoadSeen, LoadTask } from './load.ts';
import { type ServerProcess, startServerProcess } from './server-process.ts';

const connections = 32;
const customers = 64;
/** As long as the peers of `engine` are put under load before anything counts: the first rounds of a
 * server that was just started are a fifth slower than those after ten seconds. */
const warmUpMs = 10_000;
/** What the project holds itself to. */
const target = { ordersPerSecond: 1_000, p95Ms: 50 };

const run = promisify(execFile);

/** Runs the benchmark; fails when any order was refused or any process did not start. */
export async function ordersBench({ rounds, report }: BenchSettings): Promise<BenchResult> {
  const machine = await describeMachine();
  const server = await startServerProcess();
  try {
    const tokens = await registerCustomers(server);
    await placeOrders({
      url: server.url,
      connections,
      tokens,
      forMs: Math.max(warmUpMs, rounds.warmUpMs),
    });
    const seen: (LoadSeen & { readonly transitionsPerSecond: number })[] = [];
    for (let round = 0; round < rounds.rounds; round += 1) {
      const before = await transitions(server);
      const load = await placeOrders({
        url: server.url,
        connections,
        tokens,
        forMs: rounds.roundMs,
      });
      const moved = (await transitions(server)) - before;
      seen.push({ ...load, transitionsPerSecond: Math.round(moved / load.seconds) });
      const { p50, p95, p99 } = load.latencyMs;
      report(
        `round ${round + 1}: ${Math.round(load.placed / load.seconds)} orders/s, ` +
          `p50 ${p50} ms, p95 ${p95} ms, p99 ${p99} ms; ${Math.round(moved / load.seconds)} ` +
          'process transitions/s beside it',
      );
    }
    const of = (value: (round: (typeof seen)[number]) => number) => median(seen.map(value));
    const figures = {
      connections,
      ordersPerSecond: Math.round(of(({ placed, seconds }) => placed / seconds)),
      latencyMs: {
        p50: of(({ latencyMs }) => latencyMs.p50),
        p95: of(({ latencyMs }) => latencyMs.p95),
        p99: of(({ latencyMs }) => latencyMs.p99),
      },
      processTransitionsPerSecond: of(({ transitionsPerSecond }) => transitionsPerSecond),
      rounds: seen,
    };
    report(
      `median: ${figures.ordersPerSecond} orders/s at ${connections} connections, ` +
        `p95 ${figures.latencyMs.p95} ms`,
    );
    return {
      machine,
      figures,
      ratios: {
        ordersPerSecondToTarget: Number(
          (figures.ordersPerSecond / target.ordersPerSecond).toFixed(2),
        ),
        p95ToLimit: Number((figures.latencyMs.p95 / target.p95Ms).toFixed(2)),
      },
    };
  } finally {
    await server.stop();
  }
}

async function placeOrders(task: LoadTask): Promise<LoadSeen> {
  const { stdout } = await run(process.execPath, [
    join(import.meta.dirname, 'load.ts'),
    JSON.stringify(task),
  ]);
  const seen = JSON.parse(stdout) as LoadSeen;
  if (Object.keys(seen.otherAnswers).length === 0) return seen;
  throw new Error(
    `expected every order to be answered with 201, found ${JSON.stringify(seen.otherAnswers)}`,
  );
}

/** Customers with tokens of their own, so that signatures and rights are checked as in real use. */
async function registerCustomers({ url }: ServerProcess): Promise<string[]> {
  const password = 'a long enough password';
  const tokens: string[] = [];
  for (let n = 1; n <= customers; n += 1) {
    const email = `customer-${n}@bench.example`;
    await post(`${url}/api/v1/users`, { email, password, name: `Customer ${n}` });
    const login = await post(`${url}/api/v1/users/login`, { email, password });
    tokens.push((login as { accessToken: string }).accessToken);
  }
  return tokens;
}

async function post(url: string, body: unknown): Promise<unknown> {
  const answer = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`POST ${url} was answered with ${answer.status}: ${text}`);
  return JSON.parse(text);
}

/** Transitions of processes that the engine has committed so far, their starts aside. */
async function transitions({ url }: ServerProcess): Promise<number> {
  const answer = await fetch(`${url}/actuator/health`);
  const health = (await answer.json()) as {
    components: { engine: { details: { transitions: number } } };
  };
  return health.components.engine.details.transitions;
}
