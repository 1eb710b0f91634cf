/**
 * What is done now and then without anybody asking: what has expired is swept out, and outside systems
 * are asked about what nothing was heard of. One node of a cluster does it at a time; a chore that
 * fails is tried again and keeps no other from being done.
 */
import { purgeDeliveries, purgeEvents, purgeReceived } from '../events/index.ts';
import { purgeIdempotencyKeys, purgeWebhookReceipts } from '../http/index.ts';
import { processCaller } from '../kernel/caller.ts';
import type { Clock } from '../kernel/clock.ts';
import { isRefusal } from '../kernel/errors.ts';
import type { Log } from '../kernel/procedure.ts';
import { newTrace } from '../kernel/tracing.ts';
import type { Database } from '../postgres/index.ts';
import type { Runner } from '../procedures/index.ts';
import type { Config } from './config.ts';
import { purgeProcesses, purgeTraceEvents, retentionStart } from './retention.ts';

const usualPauseMs = 60_000;
/** Rows that one call of a chore works on. */
const limit = 100;

/** Procedures that do a part of a chore and say whether there is more, by the module that has them. */
const chores = [
  ['inventory', 'inventory.expire-reservations'],
  ['payments', 'payments.check-sessions'],
  ['delivery', 'delivery.check-shipments'],
  ['engine', 'tasks.escalate-overdue'],
] as const satisfies readonly (readonly [string, string])[];

/** Begins to keep house; gives what stops it, which resolves when nothing is under way any more. */
export function keepHouse(options: {
  readonly config: Pick<
    Config,
    | 'PAYMENT_CHECK_AFTER_MS'
    | 'DELIVERY_CHECK_AFTER_MS'
    | 'HISTORY_RETENTION_DAYS'
    | 'EVENT_RETENTION_DAYS'
  >;
  readonly runner: Runner;
  readonly database: Database;
  readonly clock: Clock;
  readonly log: Log;
  /** Whether a module runs here; the chores of another service's modules are its own. */
  readonly has: (module: string) => boolean;
  /** True while this node is the one that keeps house. */
  readonly mayWork: () => boolean;
}): () => Promise<void> {
  const { config, runner, database, clock, log, has, mayWork } = options;
  let stopped = false;

  async function chore(procedure: string): Promise<void> {
    let more = true;
    while (more && !stopped) {
      const call = { caller: processCaller, trace: newTrace() };
      const done = await runner.run(procedure, { limit }, call);
      if (isRefusal(done)) throw new Error(`${procedure} was refused: ${done.detail}`);
      more = (done as { readonly more: boolean }).more;
    }
  }

  async function attempt(name: string, work: () => Promise<unknown>): Promise<void> {
    try {
      await work();
    } catch (error) {
      log.warn({ chore: name, error }, 'a chore failed; it will be tried again');
    }
  }

  async function purgeOldEvents(): Promise<void> {
    if (config.EVENT_RETENTION_DAYS === 0) return;
    const before = retentionStart(clock, config.EVENT_RETENTION_DAYS);
    await purgeDeliveries(database, before);
    await purgeEvents(database, before);
  }

  async function allChores(): Promise<void> {
    for (const [module, procedure] of chores) {
      if (has(module)) await attempt(procedure, () => chore(procedure));
    }
    await attempt('idempotency keys', () => purgeIdempotencyKeys(database, clock.now()));
    await attempt('webhook receipts', () => purgeWebhookReceipts(database, clock.now()));
    await attempt('received messages', () => purgeReceived(database, clock.now()));
    await attempt('old events', () => purgeOldEvents());
    const days = config.HISTORY_RETENTION_DAYS;
    if (days === 0) return;
    const before = retentionStart(clock, days);
    await attempt('ended processes', () => purgeProcesses({ database, clock, log }, before));
    if (has('trace-events')) {
      await attempt('trace events', () => purgeTraceEvents(runner, before));
    }
  }

  let running: Promise<void> | undefined;
  const pauseMs = Math.min(
    usualPauseMs,
    config.PAYMENT_CHECK_AFTER_MS,
    config.DELIVERY_CHECK_AFTER_MS,
  );
  const timer = setInterval(() => {
    if (!mayWork()) return;
    running ??= allChores().finally(() => {
      running = undefined;
    });
  }, pauseMs);
  timer.unref();
  return async () => {
    stopped = true;
    clearInterval(timer);
    await running;
  };
}
