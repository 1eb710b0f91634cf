/** The public face of the users module. */
export { userRegistered, userRolesChanged } from './events.ts';
export { usersModule } from './module.ts';
export { demoPassword, demoUsers, seedUsers } from './seed-users.ts';
export { createTokenService, type TokenSecret, type TokenService } from './tokens.ts';
export type { User } from './user.ts';
