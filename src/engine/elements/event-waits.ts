/** How message and timer definitions become waits, and how a message's payload becomes a variable. */

import { waitKey } from '../model/correlation.ts';
import type { Variables } from '../model/expression.ts';
import { asJson } from '../model/json.ts';
import type { MessageEventDefinition, TimerEventDefinition } from '../model/process-model.ts';
import type { MessageWait, TimerWait } from '../model/state.ts';

/** The wait that a message definition opens; throws when its correlation has no value. */
export function messageWait(
  on: string,
  definition: MessageEventDefinition,
  variables: Variables,
): MessageWait {
  return {
    kind: 'message',
    on,
    message: definition.message,
    key: waitKey(definition, variables),
  };
}

/** The end of the year 9999; far beyond, PostgreSQL knows no date. */
const lastMoment = 253_402_300_799_999;

/** The wait that a timer definition opens; throws when it gives no moment. */
export function timerWait(
  on: string,
  definition: TimerEventDefinition,
  variables: Variables,
  at: number,
): TimerWait {
  const due = definition.due.evaluate(variables);
  const moment = Math.round(due instanceof Date ? due.getTime() : at + due);
  if (!Number.isFinite(moment) || Math.abs(moment) > lastMoment) {
    throw new Error(
      `timer "${on}" needs milliseconds or a date before the year 10000, but got ${String(due)}`,
    );
  }
  return { kind: 'timer', on, due: moment };
}

/** The definition among several that a message was meant for: same name, and payload that fits. */
export function definitionOf(
  definitions: readonly MessageEventDefinition[],
  message: string,
  payload: unknown,
): MessageEventDefinition | undefined {
  const named = definitions.filter((definition) => definition.message === message);
  return named.find((d) => d.payload?.safeParse(payload).success ?? true) ?? named[0];
}

/** The payload as the definition's schema reads it; throws with what was expected and found. */
export function readPayload(definition: MessageEventDefinition, payload: unknown): unknown {
  if (!definition.payload) return payload;
  const parsed = definition.payload.safeParse(payload);
  if (parsed.success) return asJson(parsed.data);
  const issues = parsed.error.issues.map(
    (issue) => `${issue.path.join('.') || 'payload'}: ${issue.message}`,
  );
  throw new Error(
    `message "${definition.message}" does not fit what the process expects: ${issues.join('; ')}`,
  );
}
