/** Who may call what: the one place where `access` is judged. */
import { type Caller, hasRole } from '../kernel/caller.ts';
import { type Refusal, refuse } from '../kernel/errors.ts';
import type { Procedure } from '../kernel/procedure.ts';
import { forbidden, unauthenticated } from './errors.ts';

/** Null when the caller may call the procedure; else the refusal that says why not. */
export function checkAccess({ name, access }: Procedure, caller: Caller): Refusal | null {
  if (access === 'public' || caller.kind === 'process') return null;
  if (caller.kind === 'anonymous') {
    return refuse(
      unauthenticated,
      `expected a caller with credentials for ${name}, found none; ` +
        'send "Authorization: Bearer <token>" with a token from POST /users/login',
    );
  }
  if (access === 'authenticated' || hasRole(caller, ...access)) return null;
  return refuse(
    forbidden,
    `expected a caller with the role ${access.join(' or ')} for ${name}, ` +
      `found ${caller.roles.length === 0 ? 'no role' : caller.roles.join(', ')}`,
  );
}
