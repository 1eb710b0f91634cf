/** The demo's users: fixed ids, one for each role that the tour needs. Seeded in demo mode only. */
import type { Transaction } from '../../kernel/transaction.ts';
import { hashPassword } from './passwords.ts';
import { findExistingIds, insertUser } from './store.ts';
import type { User } from './user.ts';

/** The password of every demo user. It protects nothing: demo mode listens on the loopback alone. */
export const demoPassword = 'orderloom-demo';

const createdAt = new Date('2026-01-01T00:00:00.000Z');

/** The demo's users by the role that they play; in demo mode requests are lent these identities. */
export const demoUsers = {
  customer: {
    id: '01900000-0000-7000-8000-000000000001',
    email: 'demo@orderloom.example',
    name: 'Demo Customer',
    phone: '+1 555 0100',
    roles: ['customer'],
    createdAt,
  },
  manager: {
    id: '01900000-0000-7000-8000-000000000002',
    email: 'manager@orderloom.example',
    name: 'Demo Manager',
    phone: null,
    roles: ['manager'],
    createdAt,
  },
  operator: {
    id: '01900000-0000-7000-8000-000000000003',
    email: 'operator@orderloom.example',
    name: 'Demo Operator',
    phone: null,
    roles: ['operator'],
    createdAt,
  },
  admin: {
    id: '01900000-0000-7000-8000-000000000004',
    email: 'admin@orderloom.example',
    name: 'Demo Admin',
    phone: null,
    roles: ['admin'],
    createdAt,
  },
} as const satisfies Record<string, User>;

/**
 * Adds the demo users that are missing and leaves the others as they are. Nothing is hashed when all
 * are there, so that a second start costs one query.
 */
export async function seedUsers(tx: Transaction): Promise<void> {
  const wanted: readonly User[] = Object.values(demoUsers);
  const existing = await findExistingIds(
    tx,
    wanted.map((user) => user.id),
  );
  const missing = wanted.filter((user) => !existing.has(user.id));
  if (missing.length === 0) return;
  const passwordHash = await hashPassword(demoPassword);
  for (const user of missing) await insertUser(tx, user, passwordHash);
}
