/** Events: named, versioned, typed facts in the past tense. */
import type { z } from 'zod';

/** What is known of an event before it happens. Its payload is validated when it is emitted. */
export interface EventDefinition<
  Name extends string = string,
  Payload extends z.ZodType = z.ZodType,
> {
  /** Dotted, past tense: `order.created`. Unique across the program. */
  readonly name: Name;
  /** Raised when the payload changes incompatibly. */
  readonly version: number;
  readonly summary: string;
  readonly payload: Payload;
  /** The aggregate whose events keep their order, e.g. the order's id. */
  readonly key: (payload: z.output<Payload>) => string;
  /** Where it goes in Kafka. Absent: it stays in the event log. */
  readonly topic?: Topic;
  /**
   * The user whom it is about, named by `userId` in its payload, may follow it. Only for payloads that tell
   * of nobody else and of nothing internal. @defaultValue false: staff and services alone
   */
  readonly forOwner?: boolean;
}

/**
 * A topic of Kafka: one name on every cluster, or a name for each cluster that has it:
 * `{ cloud: 'billing-events-cloud', comcast: 'billing-events-comcast' }`.
 */
export type Topic = string | Readonly<Record<string, string>>;

/** The name of a topic on a cluster; undefined when it is not declared for that cluster. */
export function topicOn(topic: Topic | undefined, cluster: string): string | undefined {
  return typeof topic === 'object' ? topic[cluster] : topic;
}

/** Declares an event. The definition is frozen. */
export function defineEvent<const Name extends string, Payload extends z.ZodType>(
  definition: EventDefinition<Name, Payload>,
): EventDefinition<Name, Payload> {
  return Object.freeze(definition);
}

/** An event as it was recorded. */
export interface RecordedEvent {
  /** UUIDv7; the de-duplication id of every delivery of this event. */
  readonly id: string;
  readonly name: string;
  readonly version: number;
  readonly key: string;
  readonly payload: unknown;
  readonly occurredAt: Date;
  readonly traceId: string | null;
}
