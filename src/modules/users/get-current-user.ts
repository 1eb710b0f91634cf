/** Who am I: the account behind the caller's token. */
import type { Caller } from '../../kernel/caller.ts';
import { type Refusal, refuse } from '../../kernel/errors.ts';
import type { Transaction } from '../../kernel/transaction.ts';
import { userNotFound } from './errors.ts';
import { findUser } from './store.ts';
import type { User } from './user.ts';

/** The caller's own account; services and processes have none. */
export async function getCurrentUser(context: {
  readonly tx: Transaction;
  readonly caller: Caller;
}): Promise<User | Refusal<'USER_NOT_FOUND'>> {
  const { caller, tx } = context;
  const user = caller.userId === null ? undefined : await findUser(tx, caller.userId);
  return (
    user ??
    refuse(
      userNotFound,
      `Expected a caller with an account, found a ${caller.kind} without one; log in as a user.`,
    )
  );
}
