/** What a throwing event does: all of its definitions, what is undone last. */

import {
  type CompensationEventDefinition,
  definitionsIn,
  type EventDefinitionModel,
  type SingleEventDefinition,
  type ToldDefinition,
} from '../../model/event-definitions.ts';
import { asJson } from '../../model/json.ts';
import type { ElementContext } from '../element.ts';

/** True for what is told to others and needs nothing back. */
export function isTold(definition: SingleEventDefinition): definition is ToldDefinition {
  return ['message', 'signal', 'escalation'].includes(definition.type);
}

/**
 * Throws the messages, signals and escalations of an event, then begins its compensation. False: nothing
 * is to be waited for, and the token can go on.
 */
export function throwDefinitions(
  context: ElementContext,
  n: number,
  event: EventDefinitionModel | null,
): boolean {
  const definitions = definitionsIn(event);
  for (const definition of definitions) {
    if (!isTold(definition)) continue;
    tell(context, n, definition, asJson(definition.content?.evaluate(context.variables(n))));
  }
  const undo = definitions.find(
    (one): one is CompensationEventDefinition => one.type === 'compensation',
  );
  if (undo) context.compensate(n, context.compensationScope(n), undo.activity);
  return undo !== undefined;
}

/** Throws one message, signal or escalation with what it carries. */
export function tell(
  context: Pick<ElementContext, 'throwMessage' | 'throwSignal' | 'throwEscalation'>,
  n: number,
  definition: ToldDefinition,
  payload: unknown,
): void {
  if (definition.type === 'message') context.throwMessage(n, definition.message, payload);
  else if (definition.type === 'signal') context.throwSignal(n, definition.signal, payload);
  else context.throwEscalation(n, definition.code ?? '', payload);
}
