/** Intermediate throw event: passes at once, or undoes what its scope has completed. */
import type { ElementDefinition } from '../element.ts';

/** A token passes, and may have things undone first. */
export const intermediateThrowEvent: ElementDefinition<'intermediateThrowEvent'> = {
  type: 'intermediateThrowEvent',
  doc: 'Throws compensation, or marks a point that was passed.',
  enter(context, n, node) {
    if (node.event === null) context.leave(n);
    else context.compensate(n, context.compensationScope(n), node.event.activity);
  },
  compensated(context, n) {
    context.leave(n);
  },
};
