/**
 * Requests whose owner has not answered in time. They are stored and not lost, so that asking again is
 * never needed; but nobody knows yet whether they move the instance, and the answer says so.
 */
import { z } from 'zod';

/** Part of the answer to a request to an instance. */
export const pendingField = {
  pending: z
    .literal(true)
    .optional()
    .describe(
      'The request is stored, but the node that owns the instance has not answered in time. Whoever ' +
        'owns it next handles the request; look at the instance to see what came of it',
    ),
};

/** What the answer says of a request that did not come too late. */
export function pendingOf(taken: true | 'stored'): { readonly pending?: true } {
  return taken === 'stored' ? { pending: true } : {};
}
