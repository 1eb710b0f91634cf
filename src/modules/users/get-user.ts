/** Looking up one user: oneself, or anybody for staff and processes. */
import { type Caller, mayAccessUserData } from '../../kernel/caller.ts';
import { type Refusal, refuse } from '../../kernel/errors.ts';
import type { Transaction } from '../../kernel/transaction.ts';
import { userNotFound } from './errors.ts';
import { findUser } from './store.ts';
import type { User } from './user.ts';

/**
 * The user, when the caller may know of it. A foreign user is refused like one that does not exist,
 * so that ids cannot be tried out; the trace event says which it was.
 */
export async function getUser(
  context: { readonly tx: Transaction; readonly caller: Caller },
  userId: string,
): Promise<User | Refusal<'USER_NOT_FOUND'>> {
  const allowed = mayAccessUserData(context.caller, userId);
  const user = allowed ? await findUser(context.tx, userId) : undefined;
  if (user) return user;
  return refuse(
    userNotFound,
    `Expected the id of a user that you may see, found ${userId}; check the id.`,
    { data: { userId }, traceDetails: { cause: allowed ? 'USER_UNKNOWN' : 'FOREIGN_USER' } },
  );
}
