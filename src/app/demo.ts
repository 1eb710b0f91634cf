/** Demo mode: who acts when nobody said who they are, and what the shop has at first. */
import { anonymousCaller, type Caller, type Role } from '../kernel/caller.ts';
import type { Access } from '../kernel/procedure.ts';
import { seedProducts } from '../modules/catalog/index.ts';
import { seedStock } from '../modules/inventory/index.ts';
import { demoUsers, seedUsers } from '../modules/users/index.ts';
import type { Database } from '../postgres/index.ts';

type DemoRole = keyof typeof demoUsers;

/** The demo user that a route needs: the first of its roles that a demo user has. */
export function demoCallerFor(access: Access): Caller {
  if (access === 'public') return anonymousCaller;
  if (access === 'authenticated') return callerOf('customer');
  const known = access.find((role): role is DemoRole => role in demoUsers);
  return callerOf(known ?? 'admin');
}

function callerOf(role: DemoRole): Caller {
  const { id, roles } = demoUsers[role];
  return { kind: 'user', userId: id, roles: roles as readonly Role[], demo: true };
}

/** Adds demo users, products and stock that are missing; what is there stays as it is. */
export async function seedDemo(
  database: Database,
  has: (module: string) => boolean = () => true,
): Promise<void> {
  await database.transaction(
    async (tx) => {
      if (has('users')) await seedUsers(tx);
      if (has('catalog')) await seedProducts(tx);
      if (has('inventory')) await seedStock(tx);
    },
    { name: 'seed' },
  );
}
