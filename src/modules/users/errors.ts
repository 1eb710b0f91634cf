/** How the users module says no. */
import { defineError } from '../../kernel/errors.ts';

/** The email already belongs to an account. */
export const emailTaken = defineError({
  code: 'EMAIL_TAKEN',
  status: 409,
  title: 'The email already belongs to an account.',
});

/** One answer for an unknown email and for a wrong password, so that neither can be told apart. */
export const invalidCredentials = defineError({
  code: 'INVALID_CREDENTIALS',
  status: 401,
  title: 'The email or the password is wrong.',
});

/** No such user, or none that this caller may know of. */
export const userNotFound = defineError({
  code: 'USER_NOT_FOUND',
  status: 404,
  title: 'The user does not exist.',
});

/** Somebody must stay able to hand out roles. */
export const lastAdmin = defineError({
  code: 'LAST_ADMIN',
  status: 409,
  title: 'The last admin cannot lose the role.',
});

/** The bearer token is not one of ours, was changed, or is signed with a retired secret. */
export const tokenInvalid = defineError({
  code: 'TOKEN_INVALID',
  status: 401,
  title: 'The access token is not valid.',
});

/** The bearer token was ours, but its time is over. */
export const tokenExpired = defineError({
  code: 'TOKEN_EXPIRED',
  status: 401,
  title: 'The access token has expired.',
});

/** Every refusal of the module. */
export const usersErrors = [
  emailTaken,
  invalidCredentials,
  userNotFound,
  lastAdmin,
  tokenInvalid,
  tokenExpired,
] as const;
