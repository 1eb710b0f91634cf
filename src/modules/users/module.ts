/** The users module: accounts, log-in and roles. */
import { defineModule, type ModuleDefinition } from '../../kernel/module.ts';
import { usersErrors } from './errors.ts';
import { userRegistered, userRolesChanged } from './events.ts';
import { usersProcedures } from './procedures.ts';
import type { TokenService } from './tokens.ts';

/** The manifest. Log-ins are answered with tokens of this token service. */
export function usersModule(options: { readonly tokens: TokenService }): ModuleDefinition {
  return defineModule({
    name: 'users',
    summary: 'Accounts, log-in and roles',
    schema: 'users',
    migrations: new URL('./migrations/', import.meta.url),
    procedures: usersProcedures(options),
    events: [userRegistered, userRolesChanged],
    errors: usersErrors,
  });
}
