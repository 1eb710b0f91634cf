/** End event: a token ends; it may end its whole scope, raise an error, or compensate first. */
import type { ElementDefinition } from '../element.ts';

/** The end of a token, of a scope, or of the process. */
export const endEvent: ElementDefinition<'endEvent'> = {
  type: 'endEvent',
  doc: 'Ends a token: none, terminate, error or compensation.',
  enter(context, n, node) {
    const scope = context.element(n).parent;
    switch (node.event?.type) {
      case 'terminate':
        context.terminateChildren(scope, n);
        context.consume(n);
        return;
      case 'error':
        context.endWithError(
          n,
          node.event.code ?? 'PROCESS_FAILED',
          node.event.message?.evaluate(context.variables(n)) ?? node.name,
        );
        return;
      case 'compensation':
        context.compensate(n, context.compensationScope(n), node.event.activity);
        return;
      default:
        context.consume(n);
    }
  },
  compensated(context, n) {
    context.consume(n);
  },
};
