/**
 * Kafka as the program uses it: a relay to each cluster, a reader of each cluster for triggers, and the
 * dead letters. Nothing here waits for a broker to start: a cluster that is away is tried again for as
 * long as the program runs, and events wait in the log.
 */
import type { Clock } from '../../kernel/clock.ts';
import type { EventDefinition } from '../../kernel/event.ts';
import type { Log } from '../../kernel/procedure.ts';
import type { TopicTrigger } from '../../kernel/topic-trigger.ts';
import type { Database } from '../../postgres/index.ts';
import type { EventLog } from '../event-log.ts';
import type { Outbox } from '../outbox.ts';
import type { MessageOutcome } from './act-upon.ts';
import { checkDeclarations } from './check-declarations.ts';
import type { KafkaCluster } from './cluster.ts';
import { createDeadLetters, type DeadLetters } from './dead-letters.ts';
import { createPublisher } from './publisher.ts';
import { createReceiveMessages, type TriggerRunner } from './receive-messages.ts';
import { type Relay, type RelayState, startRelay } from './relay.ts';
import {
  type ConsumerState,
  startTriggerConsumer,
  type TriggerConsumer,
} from './trigger-consumer.ts';

/** What Kafka is made of. */
export interface KafkaOptions {
  readonly clusters: readonly KafkaCluster[];
  readonly events: readonly EventDefinition[];
  readonly triggers: readonly TopicTrigger[];
  readonly eventLog: EventLog;
  readonly outbox: Outbox;
  readonly runner: TriggerRunner;
  readonly database: Database;
  readonly clock: Clock;
  readonly log: Log;
  /** The consumer group that reads for triggers. */
  readonly group: string;
  readonly createTopicPartitions: number;
  readonly fallbackAfterMs: number;
  /** False: nothing is carried or read here; dead letters can be asked for. @defaultValue true */
  readonly isWorking?: boolean;
  /** Figures. */
  readonly figures?: {
    readonly relayed: (what: 'carried' | 'failed', cluster: string, events: number) => void;
    readonly received: (trigger: string, outcome: MessageOutcome, messages: number) => void;
  };
}

/** How everything stands. */
export interface KafkaState {
  readonly relays: readonly RelayState[];
  readonly consumers: readonly ConsumerState[];
  /** True when every relay and every reader works, as far as this node can tell. */
  readonly isWell: boolean;
}

/** Kafka at work. */
export interface Kafka {
  readonly state: KafkaState;
  readonly deadLetters: DeadLetters;
  /** How many positions of the log each cluster is behind. */
  relayLags(): Promise<readonly { readonly cluster: string; readonly lag: number }[]>;
  /** Ends after the events and messages at hand. May be called twice. */
  stop(): Promise<void>;
}

/** Starts everything; throws when the declarations do not fit together or with the clusters. */
export function startKafka(options: KafkaOptions): Kafka {
  checkDeclarations(options);
  const { clusters, triggers, eventLog, database, clock, log, figures, isWorking = true } = options;
  const publishers = new Map(
    clusters.map((cluster) => [
      cluster.name,
      createPublisher({ cluster, createTopicPartitions: options.createTopicPartitions }),
    ]),
  );
  const receive = createReceiveMessages(options);
  const relays: Relay[] = [];
  const consumers: TriggerConsumer[] = [];
  for (const cluster of isWorking ? clusters : []) {
    const publisher = publishers.get(cluster.name)!;
    const standIn = clusters.find(({ name }) => name === cluster.fallback);
    const relay = cluster.standby
      ? undefined
      : startRelay({
          ...options,
          cluster,
          publisher,
          fallback: standIn && { cluster: standIn, publisher: publishers.get(standIn.name)! },
          ...(figures ? { counted: figures.relayed } : {}),
        });
    if (relay) relays.push(relay);
    const consumer = startTriggerConsumer({
      ...{ cluster, triggers, publisher, receive, clock, log },
      group: options.group,
      counted: (...what) => figures?.received(...what),
    });
    if (consumer) consumers.push(consumer);
  }
  let stopped: Promise<void> | undefined;
  async function stop(): Promise<void> {
    await Promise.all([...relays, ...consumers].map((one) => one.stop()));
    await Promise.all([...publishers.values()].map((publisher) => publisher.close()));
  }
  return {
    get state() {
      return stateOf(relays, consumers);
    },
    deadLetters: createDeadLetters({ ...options, receive }),
    async relayLags() {
      const groups = relays.map(({ group }) => group);
      const { rows } = await database.query<{ name: string; position: string }>(
        'select name, position from events.consumer_group where name = any($1)',
        [groups],
      );
      const horizon = BigInt(await eventLog.horizon());
      return relays.flatMap(({ group, state: { cluster } }) => {
        const row = rows.find(({ name }) => name === group);
        const lag = Number(horizon - BigInt(row?.position ?? 0));
        return [{ cluster, lag: Math.max(0, lag) }];
      });
    },
    stop() {
      stopped ??= stop();
      return stopped;
    },
  };
}

function stateOf(relays: readonly Relay[], consumers: readonly TriggerConsumer[]): KafkaState {
  const relaying = relays.map(({ state }) => state);
  const reading = consumers.map(({ state }) => state);
  const isWell =
    relaying.every(({ lastError, failingSince }) => lastError === null && failingSince === null) &&
    reading.every(({ lastError }) => lastError === null);
  return { relays: relaying, consumers: reading, isWell };
}
