/** Task without a kind, and manual task: the program has no part in it, so a token passes at once. */
import type { ElementDefinition } from '../element.ts';

/** Passed at once, and noted. */
export const task: ElementDefinition<'task'> = {
  type: 'task',
  doc: 'A step that the program has no part in.',
  enter(context, n) {
    context.leave(n);
  },
};
