/** What the users module offers, as data: who may call what, where, and which use case answers. */
import { z } from 'zod';
import { roles } from '../../kernel/caller.ts';
import { isRefusal, type Refusal, refuse } from '../../kernel/errors.ts';
import { idSchema } from '../../kernel/ids.ts';
import { pageOf, pageQueryBy } from '../../kernel/page.ts';
import {
  defineExternal,
  defineRead,
  defineTransactional,
  type Procedure,
} from '../../kernel/procedure.ts';
import { emailTaken, invalidCredentials, lastAdmin, userNotFound } from './errors.ts';
import { userRegistered, userRolesChanged } from './events.ts';
import { getCurrentUser } from './get-current-user.ts';
import { getUser } from './get-user.ts';
import { listUsers } from './list-users.ts';
import { logIn } from './log-in.ts';
import { registerUser } from './register-user.ts';
import { setRoles } from './set-roles.ts';
import { findUser, findUserByEmail } from './store.ts';
import type { TokenService } from './tokens.ts';
import {
  assignableRoles,
  emailSchema,
  nameSchema,
  passwordSchema,
  phoneSchema,
  type User,
  userActions,
  userRowSchema,
  userSchema,
  userView,
} from './user.ts';

function viewUnlessRefused<Code extends string>(result: User | Refusal<Code>) {
  return isRefusal(result) ? (result as Refusal<Code>) : userView(result as User);
}

export const registerProcedure = defineTransactional({
  name: 'users.register',
  summary: 'Register a new customer',
  input: z.object({
    email: emailSchema,
    password: passwordSchema,
    name: nameSchema,
    phone: phoneSchema.optional(),
  }),
  output: userSchema,
  access: 'public',
  http: { method: 'POST', path: '/users', status: 201 },
  errors: [emailTaken],
  emits: [userRegistered],
  execute: async (context, input) => viewUnlessRefused(await registerUser(context, input)),
});

/** What `describe` may see of a log-in; the input may be anything, since failures are described too. */
const loginTraceSchema = z.object({
  input: z.object({ email: z.string().max(254).optional() }).catch({}),
  output: z
    .object({ user: z.object({ id: z.string() }) })
    .optional()
    .catch(undefined),
});

/** The log-in that answers with tokens of this token service. */
export function loginProcedure(tokens: TokenService) {
  return defineExternal({
    name: 'users.login',
    summary: 'Log in with email and password',
    description:
      'Answers a bearer token that is valid for one hour. An unknown email and a wrong password ' +
      'get the same answer.',
    input: z.object({
      email: emailSchema,
      password: z.string().min(1).max(200).meta({ format: 'password' }),
    }),
    output: z.object({
      accessToken: z.string(),
      tokenType: z.literal('Bearer'),
      expiresAt: z.iso.datetime(),
      user: userSchema,
    }),
    access: 'public',
    http: { method: 'POST', path: '/users/login' },
    errors: [invalidCredentials],
    trace: {
      type: 'user_login',
      service: 'User Service',
      describe: (call) => {
        const { input, output } = loginTraceSchema.parse(call);
        return {
          ...(input.email === undefined ? {} : { email: input.email }),
          ...(output === undefined ? {} : { userId: output.user.id }),
        };
      },
    },
    async execute(context, input) {
      const result = await logIn(context, tokens, input);
      if (isRefusal(result)) return result;
      return {
        accessToken: result.token,
        tokenType: 'Bearer' as const,
        expiresAt: result.expiresAt.toISOString(),
        user: userView(result.user),
      };
    },
  });
}

export const meProcedure = defineRead({
  name: 'users.me',
  summary: 'Show the account of the caller',
  input: z.object({}),
  output: userSchema,
  access: 'authenticated',
  http: { method: 'GET', path: '/users/me' },
  errors: [userNotFound],
  execute: async (context) => viewUnlessRefused(await getCurrentUser(context)),
});

const lookupTraceSchema = z.object({ userId: idSchema.optional().catch(undefined) }).catch({});

export const getProcedure = defineRead({
  name: 'users.get',
  summary: 'Get a user by id',
  description: 'Users see themselves; staff and processes see everybody.',
  input: z.object({ userId: idSchema }),
  output: userSchema,
  access: 'authenticated',
  http: { method: 'GET', path: '/users/{userId}' },
  errors: [userNotFound],
  // Found by its key: what takes longer than this does not come at all.
  timeoutMs: 2_000,
  trace: {
    type: 'data_lookup',
    service: 'Data Service',
    describe: ({ input }) => {
      const { userId } = lookupTraceSchema.parse(input);
      return { lookup: 'user', ...(userId === undefined ? {} : { userId }) };
    },
  },
  execute: async (context, input) => viewUnlessRefused(await getUser(context, input.userId)),
});

const findProcedure = defineRead({
  name: 'users.find',
  summary: 'Find a user by id or email',
  description: 'For other modules, which may know somebody by either.',
  input: z.object({ reference: z.string().min(1).max(254) }),
  output: userSchema,
  access: ['service', 'admin'],
  http: { method: 'GET', path: '/users/find' },
  errors: [userNotFound],
  timeoutMs: 2_000,
  async execute({ tx }, { reference }) {
    const user = idSchema.safeParse(reference).success
      ? await findUser(tx, reference)
      : await findUserByEmail(tx, reference);
    if (user) return userView(user);
    return refuse(userNotFound, `Expected the id or email of a user, found "${reference}".`);
  },
});

export const listProcedure = defineRead({
  name: 'users.list',
  summary: 'List users, newest first',
  input: pageQueryBy([idSchema]).extend({
    role: z.enum(roles).optional(),
    email: emailSchema.optional().describe('Exactly this email, whatever its case'),
  }),
  output: pageOf(userRowSchema),
  access: ['admin'],
  http: { method: 'GET', path: '/users' },
  errors: [],
  async execute(context, input) {
    const page = await listUsers(context, input);
    const can = userActions(context.caller);
    return { ...page, items: page.items.map((user) => ({ ...userView(user), can })) };
  },
});

export const setRolesProcedure = defineTransactional({
  name: 'users.set-roles',
  summary: 'Replace the roles of a user',
  description: 'Tokens that were issued before keep the old roles until they expire.',
  input: z.object({ userId: idSchema, roles: z.array(z.enum(assignableRoles)).min(1).max(5) }),
  output: userSchema,
  access: ['admin'],
  http: { method: 'PUT', path: '/users/{userId}/roles' },
  errors: [userNotFound, lastAdmin],
  emits: [userRolesChanged],
  execute: async (context, input) => viewUnlessRefused(await setRoles(context, input)),
});

/** Every procedure of the module. */
export function usersProcedures(options: { readonly tokens: TokenService }): readonly Procedure[] {
  return [
    registerProcedure,
    loginProcedure(options.tokens),
    meProcedure,
    getProcedure,
    findProcedure,
    listProcedure,
    setRolesProcedure,
  ];
}
