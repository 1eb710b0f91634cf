/** What ended long ago goes: processes with their history, and trace events, by one policy. */
import { sweepHistory } from '../engine/index.ts';
import { processCaller } from '../kernel/caller.ts';
import type { Clock } from '../kernel/clock.ts';
import { isRefusal } from '../kernel/errors.ts';
import type { Log, ProcedureRunner } from '../kernel/procedure.ts';
import { newTrace } from '../kernel/tracing.ts';
import type { Database } from '../postgres/index.ts';

const dayMs = 86_400_000;
/** Trace events that one transaction removes, and transactions of one sweep. */
const traceEventsPerBatch = 2_000;
const batchesPerSweep = 20;

/** The moment before which what has ended goes. */
export function retentionStart(clock: Clock, days: number): Date {
  return new Date(clock.now().getTime() - days * dayMs);
}

/** Removes processes that ended before a moment, as many as one sweep may. */
export async function purgeProcesses(
  { database, clock, log }: { database: Database; clock: Clock; log: Log },
  before: Date,
): Promise<void> {
  const { instances, partitions } = await sweepHistory(database, { before, now: clock.now() });
  if (instances === 0 && partitions.length === 0) return;
  log.info({ instances, partitions, before }, 'removed processes that ended long ago');
}

/** Removes trace events from before a moment, as many as one sweep may. */
export async function purgeTraceEvents(runner: ProcedureRunner, before: Date): Promise<void> {
  for (let batch = 0; batch < batchesPerSweep; batch += 1) {
    const input = { before: before.toISOString(), limit: traceEventsPerBatch };
    const call = { caller: processCaller, trace: newTrace() };
    const purged = await runner.run('trace-events.purge', input, call);
    if (isRefusal(purged)) throw new Error(`trace-events.purge was refused: ${purged.detail}`);
    if (!(purged as { readonly more: boolean }).more) return;
  }
}
