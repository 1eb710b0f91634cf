/** Facts that the users module publishes. They carry ids and roles; never an email or a hash. */
import { z } from 'zod';
import { roles } from '../../kernel/caller.ts';
import { defineEvent } from '../../kernel/event.ts';
import { idSchema } from '../../kernel/ids.ts';

/** A new account exists and can log in. */
export const userRegistered = defineEvent({
  name: 'user.registered',
  version: 1,
  summary: 'A user registered',
  payload: z.object({
    userId: idSchema,
    roles: z.array(z.enum(roles)),
    registeredAt: z.iso.datetime(),
  }),
  key: (payload) => payload.userId,
});

/** An admin replaced the roles of a user; tokens issued before keep the old ones until they expire. */
export const userRolesChanged = defineEvent({
  name: 'user.roles-changed',
  version: 1,
  summary: 'The roles of a user changed',
  payload: z.object({
    userId: idSchema,
    before: z.array(z.enum(roles)),
    after: z.array(z.enum(roles)),
    changedBy: idSchema.nullable(),
    changedAt: z.iso.datetime(),
  }),
  key: (payload) => payload.userId,
});
