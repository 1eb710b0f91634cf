/** What the program knows of a Kafka cluster, and how its clients are made. */
import type { ConnectionOptions } from 'node:tls';

/** Ways to prove who we are. */
export const saslMechanisms = ['PLAIN', 'SCRAM-SHA-256', 'SCRAM-SHA-512'] as const;

/** A cluster as the settings describe it. */
export interface KafkaCluster {
  /** Lower case; declarations name their topics by it. */
  readonly name: string;
  /** `host:port` of some of its brokers; the others are learnt from them. */
  readonly brokers: readonly string[];
  /** Encrypt; with `ca` trust these certificates (PEM) instead of the system's. */
  readonly tls?: { readonly ca?: string };
  readonly sasl?: {
    readonly mechanism: (typeof saslMechanisms)[number];
    readonly username: string;
    readonly password: string;
  };
  /** The cluster that takes this one's events while it is down. */
  readonly fallback?: string;
  /** True when it takes no events of its own, only those of clusters that it is the fallback of. */
  readonly standby?: boolean;
}

/** A connection that is not made in this time has failed, in milliseconds. */
const connectTimeoutMs = 3_000;

/** What a broker may take for one request before it says so itself, in milliseconds. */
const requestTimeoutMs = 5_000;

/** The options that every client of a cluster begins with. */
export function clientOptions(cluster: KafkaCluster, retries: number) {
  const { brokers, tls, sasl } = cluster;
  return {
    clientId: 'orderloom',
    bootstrapBrokers: [...brokers],
    connectTimeout: connectTimeoutMs,
    timeout: requestTimeoutMs,
    retries,
    retryDelay: 250,
    autocreateTopics: false,
    ...(tls === undefined ? {} : { tls: tlsOptions(tls) }),
    ...(sasl === undefined ? {} : { sasl }),
  };
}

function tlsOptions({ ca }: { readonly ca?: string }): ConnectionOptions {
  return ca === undefined ? {} : { ca };
}

/** What went wrong, on one line, with the innermost reason: clients wrap errors in errors. */
export function reasonOf(error: unknown): string {
  if (error instanceof AggregateError) {
    const last: unknown = error.errors.at(-1);
    if (last !== undefined) return reasonOf(last);
  }
  if (!(error instanceof Error)) return String(error);
  if (error.cause instanceof Error) return `${error.message}: ${reasonOf(error.cause)}`;
  return error.message;
}
