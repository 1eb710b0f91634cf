/** Timers that events wait for, and the schedules by which processes start. */
import type { ModdleElement } from 'bpmn-moddle';
import type { Expression, Variables } from '../../model/expression.ts';
import type {
  SingleEventDefinition,
  TimerCycle,
  TimerEventDefinition,
} from '../../model/process-model.ts';
import { cronMoments } from '../../time/cron.ts';
import { durationMs } from '../../time/duration.ts';
import { elementOfPattern, startMoments } from '../../time/start-moments.ts';
import { cycleOf, momentOf } from '../../time/timer-cycle.ts';
import { elementOf, numberOf, textOf } from '../moddle-values.ts';
import { codeLanguage, feelOf, type ProcessContext, unread } from '../process-context.ts';
import { ElementExtension } from '../read-extension.ts';

/** When an event is due; null where it cannot be read, and then the report says why. */
export function readTimer(
  context: ProcessContext,
  event: ModdleElement,
  definition: ModdleElement,
): TimerEventDefinition | null {
  const invalid = (message: string, remedy: string) => {
    context.report.add('timer-invalid', event, message, remedy);
    return null;
  };
  const given = timerTexts(definition);
  const [first] = given;
  const example = 'such as PT30M or = duration("PT30M")';
  if (!first || given.length > 1) {
    const found = given.map(([name]) => name).join(' and ') || 'none of them';
    return invalid(
      `expected one time, found ${found}`,
      `give a duration, a date or a cycle, ${example}`,
    );
  }
  const [kind, expression] = first;
  if (textOf(expression, 'language') === codeLanguage) return { type: 'timer', due: unread };
  const text = (textOf(expression, 'body') ?? '').trim();
  const timeZone = new ElementExtension(event, context.report).text('event', 'timeZone') ?? 'UTC';
  if (text.startsWith('=') || /^[$#]\{/.test(text)) {
    const read = feelOf(context, event, expression);
    return { type: 'timer', due: read ? dueOf(read, kind, timeZone) : unread };
  }
  try {
    const due = timeOf(kind, text, timeZone);
    return { type: 'timer', due: { source: text, evaluate: () => due } };
  } catch (error) {
    return invalid(error instanceof Error ? error.message : String(error), `write it ${example}`);
  }
}

/** When a process starts; null where it cannot be read, and then the report says why. */
export function readCycle(
  context: ProcessContext,
  event: ModdleElement,
  definition: ModdleElement,
): SingleEventDefinition | null {
  const extension = new ElementExtension(event, context.report);
  const given = timerTexts(definition);
  const [first] = given;
  const cron = first ? (textOf(first[1], 'body') ?? '').trim() : '';
  const timeZone = extension.text('event', 'timeZone') ?? 'UTC';
  const catchUp = extension.text('event', 'catchUp') ?? 'once';
  const own = extension.one('event');
  const most = (own && numberOf(own, 'most')) ?? 100;
  try {
    if (!first || given.length > 1 || cron === '') {
      throw new Error(`${given.map(([name]) => name).join(' and ') || 'no time'}`);
    }
    if (elementOfPattern(cron) !== first[0]) throw new Error(`"${cron}" as ${first[0]}`);
    if (!/^(skip|once|all)$/.test(catchUp)) throw new Error(`catchUp is "${catchUp}"`);
    if (!Number.isSafeInteger(most) || most < 1) throw new Error(`most is ${most}`);
    startMoments({ cron, timeZone }, new Date(0));
  } catch (error) {
    context.report.add(
      'timer-invalid',
      event,
      `expected one time that needs no variables (a date, a duration, or a cycle of ISO 8601 or in cron's words), a time zone, and skip, once or all as catchUp; found: ${error instanceof Error ? error.message : String(error)}`,
      'write it such as 0 6 * * MON, R/PT1H, or 2026-12-24T18:00:00Z as a timeDate',
    );
    return null;
  }
  return { type: 'cycle', cron, timeZone, catchUp: catchUp as 'skip' | 'once' | 'all', most };
}

/** The texts of a timer, of which it must have one. */
function timerTexts(definition: ModdleElement): readonly (readonly [string, ModdleElement])[] {
  return ['timeDate', 'timeDuration', 'timeCycle'].flatMap((name) => {
    const expression = elementOf(definition, name);
    return expression ? [[name, expression] as const] : [];
  });
}

/** The time that a text says, by the name of the element that it stands in. Throws when it says none. */
function timeOf(kind: string, text: string, timeZone: string): number | Date | TimerCycle {
  if (kind === 'timeDate') return momentOf(text);
  if (kind === 'timeDuration') return durationMs(text as `P${string}`);
  if (!/^[*\d]\S*(\s+\S+){4,6}$/.test(text)) return cycleOf(text);
  cronMoments(text, timeZone);
  return { cron: text, timeZone };
}

function dueOf(
  { source, evaluate }: Expression,
  kind: string,
  timeZone: string,
): TimerEventDefinition['due'] {
  return {
    source,
    evaluate(variables: Variables) {
      const value = evaluate(variables);
      if (typeof value === 'string') return timeOf(kind, value, timeZone);
      const wanted =
        kind === 'timeDate' ? 'a date and time' : kind === 'timeCycle' ? 'a cycle' : 'a duration';
      throw new Error(`expected "${source}" to be ${wanted}, found ${JSON.stringify(value)}`);
    },
  };
}
