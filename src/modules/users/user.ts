/**
 * What a user is, and how a user is shown. The password hash is no part of it: only `store.ts` and
 * `passwords.ts` ever hold one, so it cannot slip into an answer.
 */
import { z } from 'zod';
import { type Caller, hasRole, type Role, roles } from '../../kernel/caller.ts';
import { idSchema } from '../../kernel/ids.ts';
import { type Action, actionSchema } from '../../kernel/page.ts';
import { textSchema } from '../../kernel/text.ts';

/** An account without its password hash. */
export interface User {
  readonly id: string;
  readonly email: string;
  readonly name: string;
  readonly phone: string | null;
  readonly roles: readonly Role[];
  readonly createdAt: Date;
}

/** An address that can receive mail; compared without regard to case, kept as it was written. */
export const emailSchema = z
  .email({ error: 'expected an email address such as ada@example.com' })
  .max(254)
  .meta({ examples: ['ada@example.com'] });

/**
 * Long enough to resist guessing, short enough that hashing cannot be abused. No rule on kinds of
 * characters: length is what counts.
 */
export const passwordSchema = z
  .string()
  .min(10)
  .max(200)
  .meta({ format: 'password', examples: ['correct horse battery'] });

/** A phone number as people write it. */
export const phoneSchema = z
  .string()
  .regex(/^\+?[0-9][0-9 ()/.-]{2,38}$/, 'expected a phone number such as +49 30 1234567')
  .meta({ examples: ['+49 30 1234567'] });

/** What the user wants to be called. */
export const nameSchema = textSchema(200).meta({ examples: ['Ada Lovelace'] });

/** Roles that an admin may hand out. `service` is for programs and is never held by a person. */
export const assignableRoles = [
  'customer',
  'support',
  'manager',
  'operator',
  'admin',
] as const satisfies readonly Role[];

/** A user on the wire. */
export const userSchema = z.object({
  id: idSchema,
  email: z.string(),
  name: z.string(),
  phone: z.string().nullable(),
  roles: z.array(z.enum(roles)),
  createdAt: z.iso.datetime(),
});

/** A user in a list, with what the reader may do with it. */
export const userRowSchema = userSchema.extend({ can: z.array(actionSchema) });

/** The user as the API shows it. */
export function userView(user: User): z.input<typeof userSchema> {
  return {
    id: user.id,
    email: user.email,
    name: user.name,
    phone: user.phone,
    roles: [...user.roles],
    createdAt: user.createdAt.toISOString(),
  };
}

/** What `caller` may do with a user. */
export function userActions(caller: Caller): Action[] {
  return [
    hasRole(caller, 'admin')
      ? { action: 'users.set-roles', allowed: true }
      : { action: 'users.set-roles', allowed: false, reason: 'Only an admin may change roles.' },
  ];
}
