/**
 * Carries the events of the log to one cluster: every event that declares a topic there, at least
 * once, in order for each key. It is a consumer group of the log, so one node carries at a time, the
 * cursor moves after the cluster has stored the events, and while the cluster is down they wait in
 * the log.
 *
 * A cluster may have a fallback:
 *
 * - *Direct*: events go to the cluster itself. Left when it has failed for `fallbackAfterMs` without a
 *   success in between.
 * - *Diverted*: events go to the fallback, marked with the cluster that they were meant for. Every
 *   `probeEveryMs` the cluster is asked; when it answers, the relay is direct again.
 *
 * An event whose outcome is not known (a request without an answer, a change of cluster in the middle)
 * is sent again and marked as a possible repetition. Events that are known to be stored are not, as
 * long as this node lives.
 */
import type { Clock } from '../../kernel/clock.ts';
import { RetryableFault } from '../../kernel/errors.ts';
import { type EventDefinition, topicOn } from '../../kernel/event.ts';
import type { Log } from '../../kernel/procedure.ts';
import type { Consumer } from '../consumers.ts';
import type { EventLog } from '../event-log.ts';
import type { LoggedEvent } from '../logged-event.ts';
import { toKafkaMessage } from './cloud-events.ts';
import { type KafkaCluster, reasonOf } from './cluster.ts';
import type { Publisher } from './publisher.ts';

/** How a relay stands. */
export interface RelayState {
  readonly cluster: string;
  /** `waiting`: the last attempt failed; events wait in the log. */
  readonly status: 'direct' | 'diverted' | 'waiting';
  /** Where events go now. */
  readonly target: string;
  /** True when it is this node that carries. */
  readonly isHere: boolean;
  /** Since when the cluster fails; null while it works. */
  readonly failingSince: string | null;
  readonly lastError: string | null;
  /** Events that this node has carried since it started. */
  readonly carried: number;
}

/** A running relay. */
export interface Relay {
  readonly group: string;
  readonly state: RelayState;
  /** Ends after the events at hand. */
  stop(): Promise<void>;
}

/** What a relay is made of. */
export interface RelayOptions {
  readonly cluster: KafkaCluster;
  readonly publisher: Publisher;
  /** The cluster that stands in, with its publisher. */
  readonly fallback?: { readonly cluster: KafkaCluster; readonly publisher: Publisher } | undefined;
  readonly events: readonly EventDefinition[];
  readonly eventLog: Pick<EventLog, 'consume'>;
  readonly clock: Clock;
  readonly log: Log;
  /** How long a cluster may fail before its fallback takes over, in milliseconds. */
  readonly fallbackAfterMs: number;
  /** How often a failed cluster is asked again, in milliseconds. @defaultValue 5000 */
  readonly probeEveryMs?: number;
  /** Told of every request that was stored, and of every failure. */
  readonly counted?: (what: 'carried' | 'failed', cluster: string, events: number) => void;
}

/** Events read and sent together. */
const batch = 2_000;

/** Name of the consumer group that carries to a cluster. */
function relayGroup(cluster: string): string {
  return `kafka.${cluster}`;
}

/** Starts to carry; undefined when no event declares a topic on the cluster. */
export function startRelay(options: RelayOptions): Relay | undefined {
  const { cluster, events, eventLog } = options;
  const carried = events.filter(({ topic }) => topicOn(topic, cluster.name) !== undefined);
  if (carried.length === 0) return undefined;
  const carrier = new Carrier(options);
  // Also when nothing happens: a cluster that is back is not to look as if it were down until the next event.
  const probing = setInterval(
    () => void carrier.returnWhenBack(),
    probeEveryMs(options) / 5,
  ).unref();
  const group = relayGroup(cluster.name);
  const consumer: Consumer = eventLog.consume({
    group,
    names: carried.map(({ name }) => name),
    batch,
    retry: { firstMs: 250, longestMs: 5_000 },
    deliver: (list, { signal }) => carrier.carry(list, signal),
  });
  return {
    group,
    get state() {
      return carrier.state(consumer.isOwner);
    },
    stop() {
      clearInterval(probing);
      return consumer.stop();
    },
  };
}

function probeEveryMs({ probeEveryMs: given = 5_000 }: RelayOptions): number {
  return given;
}

class Carrier {
  readonly #options: RelayOptions;
  readonly #topics: ReadonlyMap<string, EventDefinition['topic']>;
  /** Of the events at hand: stored for certain, and sent with an unknown outcome. */
  #stored = new Set<string>();
  #sent = new Set<string>();
  /** Before the first success of this node it is unknown what the node before it has sent. */
  #isFirst = true;
  #diverted = false;
  #probedAt = 0;
  #failingSince: Date | null = null;
  #lastError: string | null = null;
  #carried = 0;

  constructor(options: RelayOptions) {
    this.#options = options;
    this.#topics = new Map(options.events.map(({ name, topic }) => [name, topic]));
  }

  /** A node that does not carry (any more) does not know how the cluster is: it reports no failure of its own. */
  state(isHere: boolean): RelayState {
    const { cluster, fallback } = this.#options;
    const { name } = cluster;
    const carried = this.#carried;
    if (!isHere) {
      const well = { status: 'direct', failingSince: null, lastError: null } as const;
      return { cluster: name, target: name, isHere, carried, ...well };
    }
    return {
      cluster: cluster.name,
      status: this.#lastError === null ? (this.#diverted ? 'diverted' : 'direct') : 'waiting',
      target: this.#diverted && fallback ? fallback.cluster.name : cluster.name,
      isHere,
      failingSince: this.#failingSince?.toISOString() ?? null,
      lastError: this.#lastError,
      carried: this.#carried,
    };
  }

  /** Resolves when every event is stored by the cluster or its fallback. */
  async carry(events: readonly LoggedEvent[], signal: AbortSignal): Promise<void> {
    await this.returnWhenBack();
    const { cluster, publisher, fallback } = this.#options;
    try {
      if (this.#diverted && fallback) await this.#sendTo(fallback, events, signal);
      else await this.#sendTo({ cluster, publisher }, events, signal);
    } catch (error) {
      this.#failed(error);
      throw error;
    }
    if (!this.#diverted) this.#failingSince = null;
    this.#lastError = null;
    this.#isFirst = false;
    for (const { id } of events) {
      this.#stored.delete(id);
      this.#sent.delete(id);
    }
  }

  async #sendTo(
    to: { readonly cluster: KafkaCluster; readonly publisher: Publisher },
    events: readonly LoggedEvent[],
    signal: AbortSignal,
  ): Promise<void> {
    const left = events.filter(({ id }) => !this.#stored.has(id));
    const messages = left.map((event) =>
      toKafkaMessage(event, {
        topic: this.#topicOf(event, to.cluster.name),
        isRedelivery: this.#isFirst || this.#sent.has(event.id),
        fallbackFor: to.cluster === this.#options.cluster ? null : this.#options.cluster.name,
      }),
    );
    // What is left over are events that another node carried on, or that were parked.
    if (this.#sent.size > 4 * batch) this.#sent = new Set();
    if (this.#stored.size > 4 * batch) this.#stored = new Set();
    for (const { id } of left) this.#sent.add(id);
    let done = 0;
    await to.publisher.send(messages, {
      signal,
      stored: (part) => {
        for (const { id } of left.slice(done, done + part.length)) this.#stored.add(id);
        done += part.length;
        this.#carried += part.length;
        this.#options.counted?.('carried', this.#options.cluster.name, part.length);
      },
    });
  }

  #topicOf(event: LoggedEvent, cluster: string): string {
    const topic = topicOn(this.#topics.get(event.name), cluster);
    if (topic !== undefined) return topic;
    throw new RetryableFault(
      'KAFKA_TOPIC_MISSING',
      `expected a topic for ${event.name} on cluster "${cluster}", which stands in for ` +
        `"${this.#options.cluster.name}"; found none declared, so its events wait`,
    );
  }

  #failed(error: unknown): void {
    const { clock, cluster, fallback, fallbackAfterMs, log, counted } = this.#options;
    const now = clock.now();
    this.#failingSince ??= now;
    this.#lastError = reasonOf(error);
    counted?.('failed', cluster.name, 0);
    if (this.#diverted || !fallback) return;
    if (!(error instanceof RetryableFault) || error.code !== 'KAFKA_UNAVAILABLE') return;
    if (now.getTime() - this.#failingSince.getTime() < fallbackAfterMs) return;
    this.#diverted = true;
    this.#probedAt = now.getTime();
    log.warn(
      { cluster: cluster.name, fallback: fallback.cluster.name, reason: this.#lastError },
      'a Kafka cluster is down; its events go to the fallback until it is back',
    );
  }

  /** Asks a cluster that was left whether it is there again, when it is time to. Never rejects. */
  async returnWhenBack(): Promise<void> {
    const { clock, cluster, publisher, log } = this.#options;
    const now = clock.now().getTime();
    if (!this.#diverted || now - this.#probedAt < probeEveryMs(this.#options)) return;
    this.#probedAt = now;
    try {
      await publisher.probe();
    } catch {
      this.#probedAt = clock.now().getTime();
      return;
    }
    if (!this.#diverted) return;
    this.#diverted = false;
    this.#failingSince = null;
    log.info({ cluster: cluster.name }, 'a Kafka cluster is back; its events go to it again');
  }
}
