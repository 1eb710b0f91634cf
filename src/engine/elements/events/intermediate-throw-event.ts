/** Intermediate throw event: a token passes, once what it throws is thrown and what it undoes is undone. */
import type { ElementDefinition } from '../element.ts';
import { throwDefinitions } from './throw-definitions.ts';

/** A token passes, and may have things undone first. */
export const intermediateThrowEvent: ElementDefinition<'intermediateThrowEvent'> = {
  type: 'intermediateThrowEvent',
  doc: 'Throws a message, signal, escalation, compensation or link, or marks a point that was passed.',
  enter(context, n, node) {
    if (!throwDefinitions(context, n, node.event)) context.leave(n);
  },
  compensated(context, n) {
    context.leave(n);
  },
};
