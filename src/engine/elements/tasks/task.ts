/**
 * Task without a kind, manual task, and a send task that throws its message itself: a token passes at once.
 */

import type { ElementDefinition } from '../element.ts';
import { throwDefinitions } from '../events/throw-definitions.ts';

/** Passed at once, and noted. */
export const task: ElementDefinition<'task'> = {
  type: 'task',
  doc: 'A step that the program has no part in, or that only throws a message.',
  enter(context, n, node) {
    if (node.sends) throwDefinitions(context, n, node.sends);
    context.leave(n);
  },
};
