/**
 * A dead letter: a poison message in the topic `<topic>.dlq` of the same cluster, with its key, value
 * and headers as they came, and headers that say where it came from and what was wrong.
 */
import type { OutgoingMessage } from './cloud-events.ts';
import type { PoisonMessage } from './receive-messages.ts';
import type { RawMessage } from './topic-reader.ts';

const prefix = 'dlq_';

/** Longest description that is kept, in characters. */
const longestDetail = 2_000;

/** The topic that takes the dead letters of a topic. */
export function deadLetterTopic(topic: string): string {
  return `${topic}.dlq`;
}

/** The dead letter of a message. */
export function deadLetterOf(
  trigger: string,
  message: RawMessage,
  poison: PoisonMessage,
  failedAt: Date,
): OutgoingMessage {
  const headers = new Map<Buffer, Buffer>(
    // A header name may come twice; the last one counts, as everywhere here.
    message.headerBytes.filter(([name]) => !name.toString().startsWith(prefix)),
  );
  const add = (name: string, value: string) =>
    headers.set(Buffer.from(`${prefix}${name}`), Buffer.from(value));
  add('trigger', trigger);
  add('cause', poison.poisonCause);
  if (poison.code !== null) add('code', poison.code);
  add('detail', poison.message.slice(0, longestDetail));
  add('topic', message.topic);
  add('partition', String(message.partition));
  add('offset', message.offset);
  add('produced_at', message.producedAt.toISOString());
  add('failed_at', failedAt.toISOString());
  return {
    topic: deadLetterTopic(message.topic),
    key: message.keyBytes,
    value: message.value,
    headers,
    timestamp: BigInt(failedAt.getTime()),
  };
}

/** A dead letter as it was read. */
export interface DeadLetter {
  /** `cluster/topic/partition/offset` of the letter itself. */
  readonly id: string;
  readonly trigger: string;
  readonly cause: string;
  readonly code: string | null;
  readonly detail: string;
  readonly failedAt: string;
  /** The letter's own place. */
  readonly place: {
    readonly cluster: string;
    readonly topic: string;
    readonly partition: number;
    readonly offset: string;
  };
  /** The message as it came to the trigger. */
  readonly message: RawMessage;
}

/** Reads a message of a dead-letter topic; null when it is none of ours. */
export function readDeadLetter(found: RawMessage): DeadLetter | null {
  const header = (name: string) => found.headers[`${prefix}${name}`];
  const [trigger, topic] = [header('trigger'), header('topic')];
  if (trigger === undefined || topic === undefined) return null;
  const { cluster, partition, offset } = found;
  const isOurs = (name: string) => name.startsWith(prefix);
  return {
    id: `${cluster}/${found.topic}/${partition}/${offset}`,
    trigger,
    cause: header('cause') ?? 'failed',
    code: header('code') ?? null,
    detail: header('detail') ?? '',
    failedAt: header('failed_at') ?? found.producedAt.toISOString(),
    place: { cluster, topic: found.topic, partition, offset },
    message: {
      ...found,
      topic,
      partition: Number(header('partition') ?? 0),
      offset: header('offset') ?? '0',
      producedAt: momentOf(header('produced_at')) ?? found.producedAt,
      headers: Object.fromEntries(Object.entries(found.headers).filter(([name]) => !isOurs(name))),
      headerBytes: found.headerBytes.filter(([name]) => !isOurs(name.toString())),
    },
  };
}

function momentOf(text: string | undefined): Date | null {
  const moment = new Date(text ?? Number.NaN);
  return Number.isNaN(moment.getTime()) ? null : moment;
}
