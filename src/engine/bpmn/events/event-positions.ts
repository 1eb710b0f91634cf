/** Where events stand, what triggers them there, and which definitions may stand together. */
import type { ModdleElement } from 'bpmn-moddle';
import { elementsOf, kindOf } from '../moddle-values.ts';

/** Where an event stands. */
export type EventPosition =
  | 'process start'
  | 'sub-process start'
  | 'event sub-process start'
  | 'intermediate catch'
  | 'boundary'
  | 'intermediate throw'
  | 'end';

const several = ['multiple', 'parallel multiple'];

/** Which definitions each position takes; `none` is an event without one, `multiple` one with several. */
export const positions: Readonly<Record<EventPosition, readonly string[]>> = {
  'process start': ['none', 'message', 'timer', 'conditional', 'signal', ...several],
  'sub-process start': ['none'],
  'event sub-process start': [
    ...['message', 'timer', 'error', 'escalation', 'compensate', 'conditional', 'signal'],
    ...several,
  ],
  'intermediate catch': ['message', 'timer', 'conditional', 'link', 'signal', ...several],
  boundary: [
    ...['message', 'timer', 'error', 'escalation', 'cancel', 'compensate', 'conditional'],
    ...['signal', ...several],
  ],
  'intermediate throw': [
    ...['none', 'message', 'escalation', 'compensate', 'link', 'signal', 'multiple'],
  ],
  end: [
    ...['none', 'message', 'escalation', 'error', 'cancel', 'compensate', 'signal', 'multiple'],
    'terminate',
  ],
};

/** Which definitions may stand together at one event. */
export const together: Readonly<
  Record<EventPosition | 'all of them' | 'all at a start', readonly string[]>
> = {
  'process start': ['message', 'signal'],
  'sub-process start': [],
  'event sub-process start': ['message', 'timer', 'signal', 'conditional', 'error', 'escalation'],
  'intermediate catch': ['message', 'timer', 'signal', 'conditional'],
  boundary: ['message', 'timer', 'signal', 'conditional', 'error', 'escalation'],
  'intermediate throw': ['message', 'signal', 'escalation', 'compensate'],
  end: ['message', 'signal', 'escalation', 'compensate', 'error', 'cancel', 'terminate'],
  'all of them': ['message', 'timer', 'signal', 'conditional'],
  // Nothing else says which instance it is for.
  'all at a start': ['message'],
};

/** Kinds of which one event has one definition at most. */
export const onceOf: readonly (readonly string[])[] = [
  ['compensate'],
  ['error', 'cancel', 'terminate'],
];

/** `message` of `messageEventDefinition`. */
export function triggerOf(definition: ModdleElement): string {
  return kindOf(definition).replace(/EventDefinition$/, '');
}

/** The definitions of an event: contained, or defined once and referred to. */
export function definitionsOf(event: ModdleElement): readonly ModdleElement[] {
  return [...elementsOf(event, 'eventDefinitions'), ...elementsOf(event, 'eventDefinitionRef')];
}

/** The name of an event's trigger: `none`, `message`, ..., `multiple` and `parallel multiple` of several. */
export function eventTrigger(event: ModdleElement): string {
  const [definition, second] = definitionsOf(event);
  if (!definition) return 'none';
  if (!second) return triggerOf(definition);
  return event.parallelMultiple === true ? 'parallel multiple' : 'multiple';
}
