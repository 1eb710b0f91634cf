/**
 * Triggers: what a message of a Kafka topic sets off. A message is checked against the trigger's
 * schema and then becomes an event, which starts and moves processes, or the input of a procedure. The
 * note that it was received commits with what it set off, so a message that comes twice acts once.
 */
import type { z } from 'zod';
import type { EventDefinition, Topic } from './event.ts';

/** A message as it was read from a topic. */
export interface TopicMessage {
  /** The cluster's name in the settings. */
  readonly cluster: string;
  readonly topic: string;
  readonly partition: number;
  /** A whole number as text. */
  readonly offset: string;
  readonly key: string | null;
  /** Headers as text; of a header that came twice, the last one. */
  readonly headers: Readonly<Record<string, string>>;
  /** When it was produced, as its producer or the broker says. */
  readonly producedAt: Date;
}

/** What a trigger does with a message. */
export type TriggerAction<Value> =
  | {
      /** Recorded in the event log. Its own `topic` must not be one that a trigger reads. */
      readonly event: EventDefinition;
      /** The event's payload. @defaultValue the message's value */
      payload?(value: Value, message: TopicMessage): unknown;
    }
  | {
      /** Name of a transactional procedure, called as a service. A refusal is a dead letter. */
      readonly procedure: string;
      /** The procedure's input. @defaultValue the message's value */
      input?(value: Value, message: TopicMessage): unknown;
    };

/** A trigger; made by `defineTopicTrigger`. */
export interface TopicTrigger<Value extends z.ZodType = z.ZodType> {
  /** Lower case, with dots: `billing.fulfillment`. Unique across the program, and fixed for ever. */
  readonly name: string;
  readonly summary: string;
  /** The topic, or its name on each cluster that is to be read. */
  readonly topic: Topic;
  /**
   * Picks from a topic that carries messages of several kinds; the others are passed over.
   * @defaultValue every message
   */
  wants?(value: unknown, message: TopicMessage): boolean;
  /** The message's value, as JSON. What does not fit is a dead letter. */
  readonly value: Value;
  /**
   * The sender's id of a message, by which repeats are recognised. When it is absent or gives null,
   * the CloudEvents source and id serve, and without those topic, partition and offset.
   */
  messageId?(value: z.output<Value>): string | null;
  readonly does: TriggerAction<z.output<Value>>;
}

/** Declares a trigger. The definition is frozen. */
export function defineTopicTrigger<Value extends z.ZodType>(
  definition: TopicTrigger<Value>,
): TopicTrigger<Value> {
  return Object.freeze(definition);
}
