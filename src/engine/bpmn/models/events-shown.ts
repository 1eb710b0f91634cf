/**
 * Which events, in which positions, the models that run hold: what the page about BPMN says of events is
 * taken from here, and a test asks that nothing is missing that the reader of drawings lets through.
 */
import { Parser } from 'saxen';
import { type EventPosition, positions } from '../events/event-positions.ts';

/** An event as a table lists it: its position, what it waits for or throws, and whether it interrupts. */
export interface ShownEvent {
  readonly position: EventPosition;
  readonly trigger: string;
  /** False for what runs beside its activity or scope. */
  readonly isInterrupting: boolean;
}

interface Open {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly triggers: string[];
}

const positionOf: Readonly<Record<string, EventPosition>> = {
  intermediateCatchEvent: 'intermediate catch',
  intermediateThrowEvent: 'intermediate throw',
  boundaryEvent: 'boundary',
  endEvent: 'end',
};

/** The events of a model, as they stand in its file. An event whose definition is only referred to is left out. */
export function eventsShown(xml: string): readonly ShownEvent[] {
  const shown: ShownEvent[] = [];
  const open: Open[] = [];
  const parser = new Parser();
  parser.on('openTag', (name, attributes) => {
    const [, trigger] = /^(\w+)EventDefinition$/.exec(name) ?? [];
    if (trigger !== undefined) open.at(-1)?.triggers.push(trigger);
    if (name === 'eventDefinitionRef') open.at(-1)?.triggers.push('referred');
    open.push({ name, attributes: { ...attributes() }, triggers: [] });
  });
  parser.on('closeTag', () => {
    const closed = open.pop();
    const position = closed && (positionOf[closed.name] ?? startPosition(closed, open.at(-1)));
    if (!closed || position === undefined || closed.triggers.includes('referred')) return;
    const { cancelActivity, isInterrupting } = closed.attributes;
    shown.push({
      position,
      trigger: triggerOf(closed),
      isInterrupting: (cancelActivity ?? isInterrupting) !== 'false',
    });
  });
  parser.parse(xml);
  return shown;
}

function startPosition({ name }: Open, around: Open | undefined): EventPosition | undefined {
  if (name !== 'startEvent') return undefined;
  if (around?.name === 'process') return 'process start';
  return around?.attributes.triggeredByEvent === 'true'
    ? 'event sub-process start'
    : 'sub-process start';
}

function triggerOf({ triggers, attributes }: Open): string {
  if (triggers.length < 2) return triggers[0] ?? 'none';
  return attributes.parallelMultiple === 'true' ? 'parallel multiple' : 'multiple';
}

/** What never runs beside its activity or scope, by the standard. */
const alwaysInterrupting: ReadonlySet<string> = new Set(['error', 'cancel', 'compensate']);

/** Every event in every position that is let through, interrupting and, where the standard has it, beside. */
export function eventsToShow(): readonly ShownEvent[] {
  return (Object.keys(positions) as EventPosition[]).flatMap((position) =>
    positions[position].flatMap((trigger) => {
      const mayRunBeside =
        (position === 'boundary' || position === 'event sub-process start') &&
        !alwaysInterrupting.has(trigger);
      return [
        { position, trigger, isInterrupting: true },
        ...(mayRunBeside ? [{ position, trigger, isInterrupting: false }] : []),
      ];
    }),
  );
}
