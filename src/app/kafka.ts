/** Kafka as this program's settings want it: its clusters, its figures and its health. */
import { readFileSync } from 'node:fs';
import {
  type EventLog,
  type Kafka,
  type KafkaCluster,
  type Outbox,
  startKafka,
} from '../events/index.ts';
import type { HealthCheck } from '../http/index.ts';
import type { Clock } from '../kernel/clock.ts';
import type { ModuleDefinition } from '../kernel/module.ts';
import type { Log } from '../kernel/procedure.ts';
import type { Database } from '../postgres/index.ts';
import type { Runner } from '../procedures/index.ts';
import type { Metrics } from '../telemetry/index.ts';
import type { Config } from './config.ts';
import { ConfigError } from './config-error.ts';

/** The name of the cluster that `KAFKA_BROKERS` describes. */
const mainCluster = 'main';

/** Starts what the settings ask for; null when they name no cluster. */
export async function openKafka(parts: {
  readonly config: Config;
  readonly modules: readonly ModuleDefinition[];
  readonly eventLog: EventLog;
  readonly outbox: Outbox;
  readonly runner: Runner;
  readonly database: Database;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
  /** False on a node that only answers requests. */
  readonly isWorking: boolean;
}): Promise<Kafka | null> {
  const { config, modules, metrics } = parts;
  const clusters = clustersOf(config);
  if (clusters.length === 0) return null;
  const kafka = await startKafka({
    ...parts,
    clusters,
    events: modules.flatMap(({ events }) => events),
    triggers: modules.flatMap(({ triggers = [] }) => triggers),
    group: config.KAFKA_GROUP,
    createTopicPartitions: config.KAFKA_CREATE_TOPICS,
    fallbackAfterMs: config.KAFKA_FALLBACK_AFTER_MS,
    figures: counters(metrics),
  });
  addGauges(metrics, kafka);
  return kafka;
}

/**
 * What Kafka adds to the health of a node. A cluster that is away is shown and counts against nobody:
 * orders go on, and their events wait in the log.
 */
export function kafkaHealth(kafka: Kafka): HealthCheck {
  return async () => ({
    status: kafka.state.isWell ? 'UP' : 'DOWN',
    essential: false,
    details: { relays: kafka.state.relays, consumers: kafka.state.consumers },
  });
}

/** The clusters that the settings describe. Throws `ConfigError` when a file cannot be read. */
export function clustersOf(config: Config): readonly KafkaCluster[] {
  const { KAFKA_BROKERS: brokers, KAFKA_CLUSTERS: others = [] } = config;
  const given = [
    ...(brokers === undefined
      ? []
      : [
          {
            name: mainCluster,
            brokers,
            tls: config.KAFKA_TLS === 'on',
            caFile: config.KAFKA_CA_FILE,
            username: config.KAFKA_USERNAME,
            password: config.KAFKA_PASSWORD,
            mechanism: config.KAFKA_SASL_MECHANISM,
            fallback: config.KAFKA_FALLBACK,
            standby: false,
          },
        ]),
    ...others,
  ];
  return given.map((one) => ({
    name: one.name,
    brokers: one.brokers,
    ...(one.tls || one.caFile !== undefined
      ? { tls: one.caFile === undefined ? {} : { ca: readCertificates(one.caFile) } }
      : {}),
    ...(one.username === undefined || one.password === undefined
      ? {}
      : {
          sasl: { mechanism: one.mechanism, username: one.username, password: one.password },
        }),
    ...(one.fallback === undefined ? {} : { fallback: one.fallback }),
    standby: one.standby,
  }));
}

function readCertificates(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new ConfigError([
      {
        variable: 'KAFKA_CA_FILE',
        message: `expected a file with certificates (PEM), found ${file}: ${(error as Error).message}`,
      },
    ]);
  }
}

function counters(metrics: Metrics) {
  const relayed = metrics.addCounter({
    name: 'orderloom_kafka_relayed_total',
    help: 'Events that this node has brought to a cluster',
    labels: ['cluster'],
  });
  const failures = metrics.addCounter({
    name: 'orderloom_kafka_relay_failures_total',
    help: 'Attempts to bring events to a cluster that failed; the events wait in the log',
    labels: ['cluster'],
  });
  const received = metrics.addCounter({
    name: 'orderloom_kafka_received_total',
    help: 'Messages that this node has read for a trigger, by what became of them',
    labels: ['trigger', 'outcome'],
  });
  return {
    relayed(what: 'carried' | 'failed', cluster: string, events: number) {
      if (what === 'carried') relayed({ cluster }, events);
      else failures({ cluster });
    },
    received: (trigger: string, outcome: string, messages: number) =>
      received({ trigger, outcome }, messages),
  };
}

function addGauges(metrics: Metrics, kafka: Kafka): void {
  metrics.addGauge({
    name: 'orderloom_kafka_relay_lag',
    help: 'Positions of the event log that a cluster is behind',
    labels: ['cluster'],
    read: async () =>
      (await kafka.relayLags()).map(({ cluster, lag }) => ({ labels: { cluster }, value: lag })),
  });
  metrics.addGauge({
    name: 'orderloom_kafka_consumer_lag',
    help: 'Messages still to be read, of the partitions that this node reads',
    labels: ['cluster'],
    read: () =>
      kafka.state.consumers.map(({ cluster, lag }) => ({ labels: { cluster }, value: lag })),
  });
}
