/** End event: a token ends; it may end its whole scope, throw something, or compensate first. */
import { definitionsIn, type EventDefinitionModel } from '../../model/event-definitions.ts';
import type { NodeOf } from '../../model/process-model.ts';
import type { ElementContext, ElementDefinition } from '../element.ts';
import { throwDefinitions } from './throw-definitions.ts';

/** The end of a token, of a scope, or of the process. */
export const endEvent: ElementDefinition<'endEvent'> = {
  type: 'endEvent',
  doc: 'Ends a token: none, message, signal, escalation, error, compensation, cancel or terminate.',
  enter(context, n, node) {
    if (!throwDefinitions(context, n, node.event)) finish(context, n, node);
  },
  compensated(context, n, node) {
    finish(context, n, node);
  },
};

/** What ends more than the token comes last, when all else is thrown and undone. */
function finish(context: ElementContext, n: number, node: NodeOf<'endEvent'>): void {
  const last = definitionsIn(node.event).find(isLast);
  if (last?.type === 'error') {
    const message = last.message?.evaluate(context.variables(n)) ?? node.name;
    context.endWithError(n, last.code ?? 'PROCESS_FAILED', message);
    return;
  }
  if (last?.type === 'cancel') {
    context.cancelTransaction(n);
    return;
  }
  if (last) context.terminateChildren(context.element(n).parent, n);
  context.consume(n);
}

function isLast({ type }: EventDefinitionModel): boolean {
  return type === 'error' || type === 'cancel' || type === 'terminate';
}
