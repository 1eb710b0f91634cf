/** Handing out roles: admins replace the whole set of a user's roles. */
import type { Role } from '../../kernel/caller.ts';
import { type Refusal, refuse } from '../../kernel/errors.ts';
import type { TransactionalContext } from '../../kernel/procedure.ts';
import { lastAdmin, userNotFound } from './errors.ts';
import { userRolesChanged } from './events.ts';
import { lockAdmins, lockUser, updateRoles } from './store.ts';
import type { User } from './user.ts';

/**
 * Sets the roles of a user; the same roles again change nothing and publish nothing. At least one
 * admin remains whatever happens at the same time. Admins are locked before the user, always in the
 * order of ids, so that two changes cannot block each other.
 */
export async function setRoles(
  context: TransactionalContext,
  input: { userId: string; roles: readonly Role[] },
): Promise<User | Refusal<'USER_NOT_FOUND' | 'LAST_ADMIN'>> {
  const { tx } = context;
  const staysAdmin = input.roles.includes('admin');
  const admins = staysAdmin ? [] : await lockAdmins(tx);
  const user = await lockUser(tx, input.userId);
  if (!user) {
    return refuse(userNotFound, `Expected the id of a user, found ${input.userId}; check the id.`, {
      data: { userId: input.userId },
    });
  }
  if (admins.length === 1 && admins[0] === user.id) {
    return refuse(
      lastAdmin,
      'Expected another admin to remain, found none; make somebody else an admin first.',
      { data: { userId: user.id } },
    );
  }
  const after = [...new Set(input.roles)].sort();
  const before = [...user.roles].sort();
  if (before.join() === after.join()) return user;
  const at = context.clock.now();
  await updateRoles(tx, { userId: user.id, roles: after, at });
  await context.emit(userRolesChanged, {
    userId: user.id,
    before,
    after,
    changedBy: context.caller.userId,
    changedAt: at.toISOString(),
  });
  return { ...user, roles: after };
}
