/**
 * Event logs for tests: nodes on one database, events recorded through the real outbox, and a log that
 * keeps what was warned of instead of writing it.
 */
import { onTestFinished } from 'vitest';
import { z } from 'zod';
import {
  createEventLog,
  createOutbox,
  type EventLog,
  type EventLogOptions,
  eventMigrations,
} from '../../src/events/index.ts';
import { systemClock } from '../../src/kernel/clock.ts';
import { defineEvent, type EventDefinition, type RecordedEvent } from '../../src/kernel/event.ts';
import { newId } from '../../src/kernel/ids.ts';
import type { Log } from '../../src/kernel/procedure.ts';
import type { Database } from '../../src/postgres/index.ts';
import { testDatabase } from './database.ts';

export { openMortalDatabase } from '../../src/engine/testing/mortal-database.ts';

const silent = () => undefined;
/** A log that says nothing. */
export const silentLog: Log = { debug: silent, info: silent, warn: silent, error: silent };

/** An event of this name and key with a number as its payload. */
export function thing(n: number, key = 'k', name = 'thing.happened'): RecordedEvent {
  return {
    id: newId(),
    name,
    version: 1,
    key,
    payload: { n },
    occurredAt: new Date(),
    traceId: null,
  };
}

/** The definition of such an event, for what checks names. */
export function eventOfThing(name: string): EventDefinition {
  return defineEvent({
    ...{ name, version: 1, summary: 'Something became of a thing' },
    payload: z.object({ n: z.number() }),
    key: ({ n }) => String(n),
  });
}

/** An event log that is stopped at the end of the test. */
export async function startLog(
  database: Database,
  options: Partial<EventLogOptions> = {},
): Promise<EventLog> {
  const log = createEventLog({
    database,
    clock: systemClock,
    log: silentLog,
    pollMs: 50,
    longWaitMs: 20,
    ...options,
  });
  onTestFinished(() => log.stop());
  await log.start();
  return log;
}

/** A database with an event log, one node on it, and a way to record events. */
export async function eventLog(options: Partial<EventLogOptions> = {}) {
  const { database, connectionString } = await testDatabase({
    migrations: [eventMigrations],
    maxConnections: 12,
  });
  const log = await startLog(database, options);
  const outbox = createOutbox({ subscribers: [log.subscriber] });
  const record = (...events: readonly RecordedEvent[]) =>
    database.transaction((tx) => outbox.append(tx, events));
  return { database, connectionString, log, record };
}
