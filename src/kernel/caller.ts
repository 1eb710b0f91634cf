/** Who asks: the identity and roles that every procedure call carries. */

/** Every role of the program. A user holds any number of them. */
export const roles = ['customer', 'support', 'manager', 'operator', 'admin', 'service'] as const;
export type Role = (typeof roles)[number];

/** Who makes a call. Made by those who have checked it: authentication, the engine, a webhook's signature. */
export interface Caller {
  readonly kind: 'anonymous' | 'user' | 'service' | 'process';
  /** The user's id; null for anonymous callers, services and processes. */
  readonly userId: string | null;
  readonly roles: readonly Role[];
  /** True when demo mode lent this identity to a request without credentials. */
  readonly demo: boolean;
}

/** Somebody without credentials: may call what is public. */
export const anonymousCaller: Caller = Object.freeze<Caller>({
  kind: 'anonymous',
  userId: null,
  roles: [],
  demo: false,
});

/** The engine acting for a process: may do what the process's steps need. */
export const processCaller: Caller = Object.freeze<Caller>({
  kind: 'process',
  userId: null,
  roles: ['service'],
  demo: false,
});

/** True when the caller holds at least one of the roles. */
export function hasRole(caller: Caller, ...wanted: readonly Role[]): boolean {
  return wanted.some((role) => caller.roles.includes(role));
}

/** True for the owner of a thing and for those who may see everybody's (admins, staff, services). */
export function mayAccessUserData(caller: Caller, ownerId: string): boolean {
  return (
    caller.userId === ownerId ||
    hasRole(caller, 'admin', 'manager', 'support', 'operator', 'service')
  );
}
