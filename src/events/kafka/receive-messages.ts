/**
 * Acts upon messages of a topic: checks them against their trigger, and in one transaction notes that
 * they were received and does what the trigger says. A message that was received before does nothing.
 *
 * A message that can never be acted upon is *poison*: it cannot be read, does not fit the trigger's
 * schema, or was refused by the procedure. Whatever else fails has kept nothing and may be tried again.
 */
import { createHash } from 'node:crypto';
import type { Caller } from '../../kernel/caller.ts';
import type { Clock } from '../../kernel/clock.ts';
import { isRefusal, refusalText } from '../../kernel/errors.ts';
import type { RecordedEvent } from '../../kernel/event.ts';
import { idOf } from '../../kernel/ids.ts';
import type { ProcedureRunner } from '../../kernel/procedure.ts';
import type { TopicTrigger } from '../../kernel/topic-trigger.ts';
import { newTrace } from '../../kernel/tracing.ts';
import type { Transaction } from '../../kernel/transaction.ts';
import type { Outbox } from '../outbox.ts';
import { fromKafkaMessage, type IncomingEvent } from './cloud-events.ts';
import type { RawMessage } from './topic-reader.ts';

/** Why a message is poison. */
export type PoisonCause = 'unreadable' | 'value' | 'refused' | 'failed';

/** A message that another attempt cannot help. */
export class PoisonMessage extends Error {
  override readonly name = 'PoisonMessage';
  readonly poisonCause: PoisonCause;
  /** Code of the refusal or fault; null where there is none. */
  readonly code: string | null;

  constructor(poisonCause: PoisonCause, message: string, code: string | null = null) {
    super(message);
    this.poisonCause = poisonCause;
    this.code = code;
  }
}

/** Runs procedures, several in one transaction. */
export interface TriggerRunner extends Pick<ProcedureRunner, 'run' | 'find'> {
  transaction<T>(name: string, work: (tx: Transaction) => Promise<T>): Promise<T>;
}

/** A checked message and what it will do. */
export interface PreparedMessage {
  readonly trigger: TopicTrigger;
  readonly message: RawMessage;
  readonly messageId: string;
  readonly traceId: string;
  readonly act:
    | { readonly event: RecordedEvent }
    | { readonly procedure: string; readonly input: unknown };
}

/** A topic's messages act as a service, never as a user. */
const topicCaller: Caller = Object.freeze<Caller>({
  kind: 'service',
  userId: null,
  roles: ['service'],
  demo: false,
});

/** Ids longer than this are kept as their digest, in characters. */
const longestId = 200;

/** Checks a message: ready to act, `null` when the trigger does not want it. Throws `PoisonMessage`. */
export function prepareMessage(
  trigger: TopicTrigger,
  message: RawMessage,
  now: Date,
): PreparedMessage | null {
  const incoming = read(message);
  if (trigger.wants && !trigger.wants(incoming.data, message)) return null;
  const parsed = trigger.value.safeParse(incoming.data);
  if (!parsed.success) throw mismatch(`trigger ${trigger.name}`, parsed.error.issues);
  const messageId = idOfMessage(trigger, parsed.data, incoming.identity, message);
  const traceId = incoming.traceId ?? newTrace().traceId;
  const { does } = trigger;
  if (!('event' in does)) {
    const input = does.input ? does.input(parsed.data, message) : parsed.data;
    return { trigger, message, messageId, traceId, act: { procedure: does.procedure, input } };
  }
  const { event } = does;
  const payload = event.payload.safeParse(
    does.payload ? does.payload(parsed.data, message) : parsed.data,
  );
  if (!payload.success) throw mismatch(`event ${event.name}`, payload.error.issues);
  const recorded: RecordedEvent = {
    // The same message is the same event, however often it comes.
    id: idOf(`${trigger.name} ${messageId}`),
    name: event.name,
    version: event.version,
    key: event.key(payload.data),
    payload: payload.data,
    occurredAt: now,
    traceId,
  };
  return { trigger, message, messageId, traceId, act: { event: recorded } };
}

function read(message: RawMessage): IncomingEvent {
  try {
    return fromKafkaMessage(message.headers, message.value);
  } catch (error) {
    throw new PoisonMessage('unreadable', (error as Error).message);
  }
}

function mismatch(
  what: string,
  issues: readonly { readonly path: readonly PropertyKey[]; readonly message: string }[],
): PoisonMessage {
  const list = issues.map(({ path, message }) => `/${path.map(String).join('/')}: ${message}`);
  return new PoisonMessage('value', `expected a value that fits ${what}; ${list.join('; ')}`);
}

function idOfMessage(
  trigger: TopicTrigger,
  value: unknown,
  identity: string | null,
  { cluster, topic, partition, offset }: RawMessage,
): string {
  const id = trigger.messageId?.(value) ?? identity ?? `${cluster}/${topic}/${partition}/${offset}`;
  return id.length <= longestId ? id : createHash('sha256').update(id).digest('hex');
}

/** What came of messages. */
export interface Received {
  readonly acted: number;
  /** Had been received before, and did nothing. */
  readonly repeated: number;
}

/** Acts upon prepared messages of one trigger, in their order, all in one transaction. */
export type ReceiveMessages = (
  messages: readonly PreparedMessage[],
  /** Written in the same transaction. */
  also?: (tx: Transaction) => Promise<void>,
) => Promise<Received>;

/** Makes the one function that all messages come in through. */
export function createReceiveMessages(parts: {
  readonly runner: TriggerRunner;
  readonly outbox: Outbox;
  readonly clock: Clock;
}): ReceiveMessages {
  const { runner, outbox, clock } = parts;

  return async (messages, also) => {
    const [first] = messages;
    if (first === undefined) return { acted: 0, repeated: 0 };
    return await runner.transaction(`trigger:${first.trigger.name}`, async (tx) => {
      const fresh = await noteReceived(tx, messages, clock.now());
      await also?.(tx);
      await outbox.append(
        tx,
        fresh.flatMap(({ act }) => ('event' in act ? [act.event] : [])),
      );
      for (const one of fresh) if ('procedure' in one.act) await call(tx, one, one.act);
      return { acted: fresh.length, repeated: messages.length - fresh.length };
    });
  };

  async function call(
    tx: Transaction,
    { traceId, messageId, trigger }: PreparedMessage,
    { procedure, input }: { readonly procedure: string; readonly input: unknown },
  ): Promise<void> {
    const result = await runner.run(procedure, input, {
      caller: topicCaller,
      trace: { traceId, spanId: newTrace().spanId },
      idempotencyKey: `${trigger.name} ${messageId}`,
      tx,
    });
    if (!isRefusal(result)) return;
    throw new PoisonMessage('refused', `${procedure} refused: ${refusalText(result)}`, result.code);
  }
}

/** Notes the messages, and gives those that were not known yet. Waits for whoever notes one just now. */
async function noteReceived(
  tx: Transaction,
  messages: readonly PreparedMessage[],
  now: Date,
): Promise<readonly PreparedMessage[]> {
  const byId = new Map(messages.map((one) => [one.messageId, one]));
  const { rows } = await tx.query<{ message_id: string }>(
    // In one order everywhere, so that two nodes with the same messages never wait for each other.
    `insert into kafka.received (trigger, message_id, received_at)
     select $1, id, $3 from unnest($2::text[]) as list (id) order by id
     on conflict do nothing returning message_id`,
    [messages[0]?.trigger.name, [...byId.keys()], now],
  );
  const fresh = new Set(rows.map(({ message_id }) => message_id));
  return messages.filter(({ messageId }) => fresh.delete(messageId));
}
