/** What a throwing event does: all of its definitions, what is undone last. */

import {
  type CompensationEventDefinition,
  definitionsIn,
  type EscalationEventDefinition,
  type EventDefinitionModel,
  type MessageEventDefinition,
  type SignalEventDefinition,
  type SingleEventDefinition,
} from '../../model/event-definitions.ts';
import { asJson } from '../../model/json.ts';
import type { ElementContext } from '../element.ts';

type Told = MessageEventDefinition | SignalEventDefinition | EscalationEventDefinition;

function isTold(definition: SingleEventDefinition): definition is Told {
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
    const payload = asJson(definition.content?.evaluate(context.variables(n)));
    if (definition.type === 'message') context.throwMessage(n, definition.message, payload);
    else if (definition.type === 'signal') context.throwSignal(n, definition.signal, payload);
    else context.throwEscalation(n, definition.code ?? '', payload);
  }
  const undo = definitions.find(
    (one): one is CompensationEventDefinition => one.type === 'compensation',
  );
  if (undo) context.compensate(n, context.compensationScope(n), undo.activity);
  return undo !== undefined;
}
