/**
 * `relay`: from the event log to a real Kafka broker. The log is full before the relay starts, so that
 * nothing but the relay is measured: reading the log, making CloudEvents, having them stored by the
 * broker (`acks=all`, idempotent), and moving the cursor, batch by batch. Broker and PostgreSQL run on
 * the same machine.
 */

import {
  createEventLog,
  createOutbox,
  eventMigrations,
  type Outbox,
} from '../../src/events/index.ts';
import { createPublisher } from '../../src/events/kafka/publisher.ts';
import { startRelay } from '../../src/events/kafka/relay.ts';
import { closeConsumer, createConsumer, rangesOf } from '../../src/events/kafka/topic-reader.ts';
import { systemClock } from '../../src/kernel/clock.ts';
import type { RecordedEvent } from '../../src/kernel/event.ts';
import { newId } from '../../src/kernel/ids.ts';
import { orderCreated } from '../../src/modules/orders/index.ts';
import { type Database, migrate, openDatabase } from '../../src/postgres/index.ts';
import { expectBroker } from '../../test/support/kafka/broker-jars.ts';
import { startTestBroker, type TestBroker } from '../../test/support/kafka/test-broker.ts';
import type { BenchResult, BenchSettings } from '../bench.ts';
import { describeMachine } from '../machine.ts';
import { quietLog, startScratchServer } from '../scratch-server.ts';
import { median, quantile } from '../statistics.ts';

/** What the project holds itself to. */
const target = { eventsPerSecond: 20_000 };

const partitions = 12;
/** Aggregates whose events follow each other. */
const keys = 10_000;
/** Events recorded in one transaction while the log is filled. */
const together = 1_000;
/** Events carried alone, to see how long one takes. */
const alone = 200;

/** Runs the benchmark; fails when the topic does not hold every event. */
export async function relayBench({ rounds, report }: BenchSettings): Promise<BenchResult> {
  await expectBroker();
  const machine = await describeMachine();
  const server = await startScratchServer();
  const broker = await startTestBroker();
  const database = openDatabase({
    connectionString: await server.createDatabase('relay'),
    maxConnections: 8,
    applicationName: 'bench relay',
  });
  try {
    await migrate(database, [eventMigrations]);
    // A round is as many events as the target allows for its time, three times over.
    const perRound = Math.round((target.eventsPerSecond * 3 * rounds.roundMs) / 1_000);
    const seen = await relayed({ database, broker, rounds: rounds.rounds, perRound, report });
    const eventsPerSecond = Math.round(median(seen.rounds));
    report(
      `median: ${eventsPerSecond} events/s; one alone: p50 ${seen.aloneMs.p50} ms, ` +
        `p99 ${seen.aloneMs.p99} ms from its commit to the broker`,
    );
    return {
      machine,
      figures: { eventsPerSecond, eventsPerRound: perRound, ...seen },
      ratios: {
        eventsPerSecondToTarget: Number((eventsPerSecond / target.eventsPerSecond).toFixed(2)),
      },
    };
  } finally {
    await database.close();
    await broker.stop();
    await server.stop();
  }
}

interface Seen {
  readonly rounds: readonly number[];
  readonly aloneMs: { readonly p50: number; readonly p99: number };
}

async function relayed(run: {
  readonly database: Database;
  readonly broker: TestBroker;
  readonly rounds: number;
  readonly perRound: number;
  readonly report: (line: string) => void;
}): Promise<Seen> {
  const { database, broker, rounds, perRound, report } = run;
  const eventLog = createEventLog({ database, clock: systemClock, log: quietLog });
  const outbox = createOutbox({ subscribers: [eventLog.subscriber] });
  // The first round is the warm-up.
  const all = (rounds + 1) * perRound;
  await fill(database, outbox, all);
  const cluster = { name: 'main', brokers: [broker.address] };
  const publisher = createPublisher({ cluster, createTopicPartitions: partitions });
  const marks: number[] = [];
  let carried = 0;
  let reached = Promise.withResolvers<void>();
  let goal = all;
  await eventLog.start();
  const relay = startRelay({
    ...{ cluster, publisher, eventLog, clock: systemClock, log: quietLog, fallbackAfterMs: 0 },
    events: [orderCreated],
    counted(_what, _cluster, events) {
      carried += events;
      if (carried >= (marks.length + 1) * perRound) marks.push(performance.now());
      if (carried >= goal) reached.resolve();
    },
  });
  try {
    await reached.promise;
    const perSecond = marks.slice(1, rounds + 1).map((at, n) => {
      const seconds = (at - marks[n]!) / 1_000;
      report(`round ${n + 1}: ${Math.round(perRound / seconds)} events/s`);
      return perRound / seconds;
    });
    const aloneMs: number[] = [];
    for (let n = 0; n < alone; n += 1) {
      goal = carried + 1;
      reached = Promise.withResolvers<void>();
      await fill(database, outbox, 1);
      const committed = performance.now();
      await reached.promise;
      aloneMs.push(performance.now() - committed);
    }
    await checkTopic(cluster, all + alone);
    const at = (share: number) => Number(quantile(aloneMs, share).toFixed(2));
    return { rounds: perSecond, aloneMs: { p50: at(0.5), p99: at(0.99) } };
  } finally {
    await relay?.stop();
    await eventLog.stop();
    await publisher.close();
  }
}

async function fill(database: Database, outbox: Outbox, count: number): Promise<void> {
  for (let done = 0; done < count; done += together) {
    const events = Array.from({ length: Math.min(together, count - done) }, orderEvent);
    await database.transaction((tx) => outbox.append(tx, events));
  }
}

const aggregates = Array.from({ length: keys }, newId);

function orderEvent(): RecordedEvent {
  const orderId = aggregates[Math.floor(Math.random() * keys)]!;
  const occurredAt = new Date();
  return {
    id: newId(),
    name: orderCreated.name,
    version: orderCreated.version,
    key: orderId,
    payload: {
      orderId,
      userId: orderId,
      status: 'pending',
      totalAmount: 99.99,
      currency: 'USD',
      itemCount: 3,
      createdAt: occurredAt.toISOString(),
    },
    occurredAt,
    traceId: 'a'.repeat(32),
  };
}

async function checkTopic(
  cluster: { readonly name: string; readonly brokers: readonly string[] },
  expected: number,
): Promise<void> {
  const consumer = createConsumer(cluster, 'bench');
  try {
    const ranges = await rangesOf(consumer, orderCreated.name);
    const found = ranges.reduce((sum, { first, end }) => sum + Number(end - first), 0);
    if (found === expected) return;
    throw new Error(`expected ${expected} messages in ${orderCreated.name}, found ${found}`);
  } finally {
    await closeConsumer(consumer);
  }
}
