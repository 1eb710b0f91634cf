/**
 * Logging in. An unknown email and a wrong password get the same answer after the same work; which of
 * the two it was is seen by staff alone, in the trace event.
 *
 * No transaction is held while the password is verified: that takes tens of milliseconds of a core,
 * and a flood of log-ins must not take the database connections away from orders.
 */
import { type Refusal, refuse } from '../../kernel/errors.ts';
import type { ExternalContext } from '../../kernel/procedure.ts';
import { invalidCredentials } from './errors.ts';
import { verifyPassword } from './passwords.ts';
import { findCredentials } from './store.ts';
import type { TokenService } from './tokens.ts';
import type { User } from './user.ts';

/** A token for the user of this email and password. */
export async function logIn(
  context: ExternalContext,
  tokens: TokenService,
  input: { email: string; password: string },
): Promise<{ user: User; token: string; expiresAt: Date } | Refusal<'INVALID_CREDENTIALS'>> {
  const found = await context.transaction(({ tx }) => findCredentials(tx, input.email));
  const matches = await verifyPassword(found?.passwordHash, input.password);
  if (!found || !matches) {
    return refuse(
      invalidCredentials,
      'Expected the email and the password of one account, found a pair that belongs to none; ' +
        'check both, or register.',
      {
        traceDetails: found
          ? { cause: 'WRONG_PASSWORD', userId: found.user.id }
          : { cause: 'USER_UNKNOWN' },
      },
    );
  }
  const { token, expiresAt } = await tokens.issue(found.user);
  return { user: found.user, token, expiresAt };
}
