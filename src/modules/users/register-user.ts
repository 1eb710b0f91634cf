/**
 * Registering: anybody may become a customer. The account and its event commit together; a taken
 * email is refused without a write.
 */
import type { Refusal } from '../../kernel/errors.ts';
import { refuse } from '../../kernel/errors.ts';
import type { TransactionalContext } from '../../kernel/procedure.ts';
import { emailTaken } from './errors.ts';
import { userRegistered } from './events.ts';
import { hashPassword } from './passwords.ts';
import { insertUser } from './store.ts';
import type { User } from './user.ts';

/** Adds a customer. The password is hashed before the first statement, so no row waits for it. */
export async function registerUser(
  context: TransactionalContext,
  input: { email: string; password: string; name: string; phone?: string | undefined },
): Promise<User | Refusal<'EMAIL_TAKEN'>> {
  const passwordHash = await hashPassword(input.password);
  const user: User = {
    id: context.newId(),
    email: input.email,
    name: input.name,
    phone: input.phone ?? null,
    roles: ['customer'],
    createdAt: context.clock.now(),
  };
  if (!(await insertUser(context.tx, user, passwordHash))) {
    return refuse(
      emailTaken,
      'Expected an email without an account, found one that has one; log in, or use another email.',
      { issues: [emailIssue(input.email)] },
    );
  }
  await context.emit(userRegistered, {
    userId: user.id,
    roles: [...user.roles],
    registeredAt: user.createdAt.toISOString(),
  });
  return user;
}

function emailIssue(email: string) {
  return {
    pointer: '/email',
    expected: 'an email without an account',
    found: email,
    message: 'This email already belongs to an account.',
  };
}
