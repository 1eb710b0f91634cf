/** How definitions of events become waits, and how what a trigger carries becomes a variable. */
import { waitKey } from '../model/correlation.ts';
import {
  definitionsIn,
  type EventDefinitionModel,
  type MessageEventDefinition,
  type PatternMoments,
  type SingleEventDefinition,
  type TimerCycle,
  type TimerEventDefinition,
} from '../model/event-definitions.ts';
import type { Variables } from '../model/expression.ts';
import { asJson } from '../model/json.ts';
import type { MessageWait, TimerWait, Wait } from '../model/state.ts';
import { cronMoments } from '../time/cron.ts';
import type { Trigger } from './element.ts';

/**
 * The waits that an event opens, one for each definition that is waited for; throws when one cannot be
 * computed. Errors and escalations are looked for when they are thrown, and need no wait.
 */
export function waitsFor(
  on: string,
  event: EventDefinitionModel | null,
  variables: Variables,
  at: number,
): readonly Wait[] {
  if (event?.type !== 'multiple') return waitOf(on, event, variables, at);
  return event.events.flatMap((one, part) =>
    waitOf(on, one, variables, at).map((wait) => ({ ...wait, part })),
  );
}

function waitOf(
  on: string,
  event: SingleEventDefinition | null,
  variables: Variables,
  at: number,
): readonly Wait[] {
  switch (event?.type) {
    case 'message':
      return [messageWait(on, event, variables)];
    case 'timer':
      return [timerWait(on, event, variables, at)];
    case 'signal':
      return [{ kind: 'signal', on, signal: event.signal }];
    case 'conditional':
      return [{ kind: 'condition', on, met: false }];
    default:
      return [];
  }
}

/** What a trigger carries, read as the event's definition asks for; null when it carries nothing. */
export function payloadOf(event: EventDefinitionModel | null, trigger: Trigger): unknown {
  if (trigger.kind === 'signal') return trigger.payload;
  if (trigger.kind === 'gathered') return trigger.payloads;
  if (trigger.kind !== 'message') return null;
  const definition = definitionsIn(event)[trigger.part ?? 0];
  return definition?.type === 'message'
    ? readPayload(definition, trigger.payload)
    : trigger.payload;
}

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
  if (typeof due === 'object' && !(due instanceof Date)) return cycleWait(on, due, at);
  const moment = Math.round(due instanceof Date ? due.getTime() : at + due);
  if (!Number.isFinite(moment) || Math.abs(moment) > lastMoment) {
    throw new Error(
      `timer "${on}" needs milliseconds or a date before the year 10000, but got ${String(due)}`,
    );
  }
  return { kind: 'timer', on, due: moment };
}

/** The first moment of a cycle that is still to come; throws when there is none. */
function cycleWait(on: string, cycle: TimerCycle, at: number): TimerWait {
  if ('cron' in cycle) {
    const due = nextOfPattern(cycle, at);
    if (due === null) throw new Error(`timer "${on}" has no moment left: its last one has passed`);
    return { kind: 'timer', on, due, again: cycle };
  }
  const { everyMs, times, firstAt } = cycle;
  const first = firstAt ?? at + everyMs;
  const passed = first >= at ? 0 : Math.ceil((at - first) / everyMs);
  const left = times === null ? null : times - 1 - passed;
  const due = first + passed * everyMs;
  if (left !== null && left < 0) {
    throw new Error(`timer "${on}" has no moment left: its last one was before it was set`);
  }
  if (due > lastMoment) throw new Error(`timer "${on}" begins after the year 9999`);
  return { kind: 'timer', on, due, again: { everyMs, left } };
}

function nextOfPattern({ cron, timeZone }: PatternMoments, at: number): number | null {
  return cronMoments(cron, timeZone).next(new Date(at))?.getTime() ?? null;
}

/**
 * The wait behind one whose moment has come; null behind the last. Moments that have passed by then are
 * left out: nobody was there, and they are made up for by the one that has come.
 */
export function nextOfCycle(wait: TimerWait, at: number): TimerWait | null {
  if (!wait.again) return null;
  if ('cron' in wait.again) {
    const due = nextOfPattern(wait.again, Math.max(at, wait.due));
    return due === null ? null : { ...wait, due };
  }
  const { everyMs, left } = wait.again;
  const steps = Math.max(1, Math.floor((at - wait.due) / everyMs) + 1);
  const due = wait.due + steps * everyMs;
  if ((left !== null && left < steps) || due > lastMoment) return null;
  return { ...wait, due, again: { everyMs, left: left === null ? null : left - steps } };
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
