/** What a multi-instance activity throws as its instances complete: `behavior`, and what it refers to. */
import type { ModdleElement } from 'bpmn-moddle';
import type { LoopThrow } from '../../model/process-model.ts';
import { definitionsOf } from '../events/event-positions.ts';
import { readTold } from '../events/read-definition.ts';
import { checkProperties } from '../known-properties.ts';
import { elementOf, elementsOf, textOf } from '../moddle-values.ts';
import { feelOf, type ProcessContext } from '../process-context.ts';

/** The property that each behavior needs, and that no other may have. */
const properties = {
  None: 'noneBehaviorEventRef',
  One: 'oneBehaviorEventRef',
  Complex: 'complexBehaviorDefinition',
} as const;

/** What is thrown, and when; empty for a loop that throws nothing, or where it cannot be read. */
export function readBehavior(
  context: ProcessContext,
  activity: ModdleElement,
  loop: ModdleElement,
): readonly LoopThrow[] {
  const behavior = textOf(loop, 'behavior') ?? 'All';
  const needed: string | undefined = properties[behavior as keyof typeof properties];
  const found = Object.values(properties).filter((name) => referred(loop, name).length > 0);
  if (found.some((name) => name !== needed) || (needed !== undefined && found.length === 0)) {
    context.report.add(
      'loop-behavior',
      activity,
      `expected ${needed ?? 'nothing that is thrown'} with the behavior ${behavior}, found ${found.join(' and ') || 'none'}`,
      'refer to what is thrown by noneBehaviorEventRef (each instance), oneBehaviorEventRef (the first) or complexBehaviorDefinition, with the behavior None, One or Complex',
    );
    return [];
  }
  if (needed === undefined) return [];
  if (behavior === 'Complex') {
    return elementsOf(loop, needed).flatMap((one) => readComplex(context, activity, one));
  }
  const when = behavior === 'None' ? 'each' : 'first';
  return thrown(context, activity, referred(loop, needed), when);
}

/** What a property refers to or holds. */
function referred(loop: ModdleElement, name: string): readonly ModdleElement[] {
  const one = elementOf(loop, name);
  return one ? [one] : elementsOf(loop, name);
}

function readComplex(
  context: ProcessContext,
  activity: ModdleElement,
  definition: ModdleElement,
): readonly LoopThrow[] {
  checkProperties(definition, context.report);
  const condition = elementOf(definition, 'condition');
  const event = elementOf(definition, 'event');
  if (event) checkProperties(event, context.report);
  const definitions = event ? definitionsOf(event) : [];
  if (!condition || definitions.length === 0) {
    context.report.add(
      'loop-behavior',
      activity,
      'expected a condition and an event with a definition, found one missing',
      'add both to the complexBehaviorDefinition',
    );
    return [];
  }
  const when = feelOf(context, activity, condition);
  return when ? thrown(context, activity, definitions, when) : [];
}

function thrown(
  context: ProcessContext,
  activity: ModdleElement,
  definitions: readonly ModdleElement[],
  when: LoopThrow['when'],
): readonly LoopThrow[] {
  const events = definitions.flatMap((one) => readTold(context, activity, one) ?? []);
  return events.length > 0 ? [{ when, events }] : [];
}
