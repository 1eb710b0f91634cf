/**
 * Takes the messages of a partition through a trigger, in their order, until each was acted upon or is
 * a dead letter. Only then may the offset be committed.
 *
 * Messages go together in one transaction while all is well. When one of them fails, they go one by
 * one: a fault that may pass is tried for ever, poison goes to the dead-letter topic, and so does what
 * has failed `attempts` times for another reason.
 */
import type { Clock } from '../../kernel/clock.ts';
import { RetryableFault, TerminalFault } from '../../kernel/errors.ts';
import type { Log } from '../../kernel/procedure.ts';
import type { TopicTrigger } from '../../kernel/topic-trigger.ts';
import { describeFailure, mayPass, pauseAfter, usualRetryRule } from '../failures.ts';
import { deadLetterOf } from './dead-letter-message.ts';
import type { Publisher } from './publisher.ts';
import {
  PoisonMessage,
  type PreparedMessage,
  prepareMessage,
  type ReceiveMessages,
} from './receive-messages.ts';
import type { RawMessage } from './topic-reader.ts';

/** How messages ended, for figures. */
export type MessageOutcome = 'acted' | 'repeated' | 'ignored' | 'dead-letter';

/** What messages go through. */
export interface ActingParts {
  readonly receive: ReceiveMessages;
  /** Of the cluster that the messages come from. */
  readonly publisher: Publisher;
  readonly clock: Clock;
  readonly log: Log;
  readonly counted: (trigger: string, outcome: MessageOutcome, messages: number) => void;
  /** Told of a failure that is tried again. */
  readonly failed: (error: unknown) => void;
  /** Resolves after the pause, or earlier when there is something to stop for. */
  readonly pause: (ms: number) => Promise<void>;
  /** True when the partition is no longer this node's, or the program stops. */
  readonly isOver: () => boolean;
}

/** Messages that share a transaction at most. */
const together = 200;

/** Attempts of a message that fails for a reason that is not known to pass. */
const attempts = 5;

/** Resolves to false when it was over before every message was dealt with. */
export async function actUpon(
  trigger: TopicTrigger,
  messages: readonly RawMessage[],
  parts: ActingParts,
): Promise<boolean> {
  let ready: PreparedMessage[] = [];
  for (const message of messages) {
    if (parts.isOver()) return false;
    const prepared = checked(trigger, message, parts);
    if (prepared === null) {
      parts.counted(trigger.name, 'ignored', 1);
    } else if (prepared instanceof PoisonMessage) {
      // What came before it goes first, so that a dead letter never overtakes.
      if (!(await receiveAll(ready, parts))) return false;
      ready = [];
      if (!(await bury(trigger, message, prepared, parts))) return false;
    } else {
      ready.push(prepared);
    }
    if (ready.length === together) {
      if (!(await receiveAll(ready, parts))) return false;
      ready = [];
    }
  }
  return await receiveAll(ready, parts);
}

function checked(
  trigger: TopicTrigger,
  message: RawMessage,
  { clock }: ActingParts,
): PreparedMessage | PoisonMessage | null {
  try {
    return prepareMessage(trigger, message, clock.now());
  } catch (error) {
    if (error instanceof PoisonMessage) return error;
    // A function of the declaration failed; it is pure, so it would fail again.
    return new PoisonMessage('failed', describeFailure(error));
  }
}

async function receiveAll(
  messages: readonly PreparedMessage[],
  parts: ActingParts,
): Promise<boolean> {
  const [first] = messages;
  if (first === undefined) return true;
  if (messages.length > 1) {
    try {
      return await receive(messages, parts);
    } catch (error) {
      if (!(error instanceof PoisonMessage)) parts.failed(error);
    }
  }
  for (const message of messages) if (!(await receiveOne(message, parts))) return false;
  return true;
}

async function receive(
  messages: readonly PreparedMessage[],
  { receive, counted }: ActingParts,
): Promise<true> {
  const { acted, repeated } = await receive(messages);
  const name = messages[0]!.trigger.name;
  if (acted > 0) counted(name, 'acted', acted);
  if (repeated > 0) counted(name, 'repeated', repeated);
  return true;
}

async function receiveOne(prepared: PreparedMessage, parts: ActingParts): Promise<boolean> {
  const { trigger, message } = prepared;
  let counts = 0;
  for (let failures = 1; !parts.isOver(); failures += 1) {
    try {
      return await receive([prepared], parts);
    } catch (error) {
      const poison = error instanceof PoisonMessage ? error : null;
      if (poison) return await bury(trigger, message, poison, parts);
      parts.failed(error);
      if (!mayPass(error)) counts += 1;
      if (error instanceof TerminalFault || counts >= attempts) {
        const dead = new PoisonMessage('failed', describeFailure(error), codeOf(error));
        return await bury(trigger, message, dead, parts);
      }
      await parts.pause(pauseAfter(failures, error, usualRetryRule));
    }
  }
  return false;
}

/** Puts the message into the dead-letter topic; for as long as that fails, nothing goes on. */
async function bury(
  trigger: TopicTrigger,
  message: RawMessage,
  poison: PoisonMessage,
  parts: ActingParts,
): Promise<boolean> {
  const { publisher, clock, log, counted } = parts;
  const letter = deadLetterOf(trigger.name, message, poison, clock.now());
  for (let failures = 1; !parts.isOver(); failures += 1) {
    try {
      await publisher.send([letter]);
      const { topic, partition, offset } = message;
      const { poisonCause: cause, code, message: detail } = poison;
      log.error(
        { trigger: trigger.name, topic, partition, offset, cause, code, detail },
        `a message could not be acted upon and is in ${letter.topic}`,
      );
      counted(trigger.name, 'dead-letter', 1);
      return true;
    } catch (error) {
      parts.failed(error);
      await parts.pause(pauseAfter(failures, error, usualRetryRule));
    }
  }
  return false;
}

function codeOf(error: unknown): string | null {
  return error instanceof RetryableFault || error instanceof TerminalFault ? error.code : null;
}
