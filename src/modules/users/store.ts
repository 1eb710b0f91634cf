/**
 * The only SQL of the users module. A password hash leaves this file by `findCredentials` alone.
 */
import { type Kysely, sql } from 'kysely';
import type { Role } from '../../kernel/caller.ts';
import type { Transaction } from '../../kernel/transaction.ts';
import { readKeysetPage, tables } from '../../postgres/index.ts';
import type { User } from './user.ts';

interface UserRow {
  id: string;
  email: string;
  name: string;
  phone: string | null;
  roles: Role[];
  created_at: Date;
}

interface UsersTables {
  'users.accounts': UserRow & { password_hash: string; updated_at: Date };
}

const columns = ['id', 'email', 'name', 'phone', 'roles', 'created_at'] as const;
const columnList = columns.join(', ');

function toUser(row: UserRow): User {
  const { id, email, name, phone, roles, created_at } = row;
  return { id, email, name, phone, roles, createdAt: created_at };
}

/** Adds the account; false, and nothing is written, when its id or email is taken. */
export async function insertUser(
  tx: Transaction,
  user: User,
  passwordHash: string,
): Promise<boolean> {
  const { rowCount } = await tx.query(
    `insert into users.accounts
       (id, email, name, phone, password_hash, roles, created_at, updated_at)
     values ($1, $2, $3, $4, $5, $6, $7, $7)
     on conflict do nothing`,
    [user.id, user.email, user.name, user.phone, passwordHash, user.roles, user.createdAt],
  );
  return rowCount === 1;
}

/** The user of this id. */
export async function findUser(tx: Transaction, userId: string): Promise<User | undefined> {
  const { rows } = await tx.query<UserRow>(
    `select ${columnList} from users.accounts where id = $1`,
    [userId],
  );
  return rows[0] && toUser(rows[0]);
}

/** The user of this email, whatever its case. */
export async function findUserByEmail(tx: Transaction, email: string): Promise<User | undefined> {
  const { rows } = await tx.query<UserRow>(
    `select ${columnList} from users.accounts where lower(email) = lower($1)`,
    [email],
  );
  return rows[0] && toUser(rows[0]);
}

/** Those of these ids that exist already. */
export async function findExistingIds(
  tx: Transaction,
  userIds: readonly string[],
): Promise<ReadonlySet<string>> {
  const { rows } = await tx.query<{ id: string }>(
    'select id from users.accounts where id = any($1)',
    [userIds],
  );
  return new Set(rows.map((row) => row.id));
}

/** The user of this email, whatever its case, with the hash to verify a password against. */
export async function findCredentials(
  tx: Transaction,
  email: string,
): Promise<{ user: User; passwordHash: string } | undefined> {
  const { rows } = await tx.query<UserRow & { password_hash: string }>(
    `select ${columnList}, password_hash from users.accounts where lower(email) = lower($1)`,
    [email],
  );
  return rows[0] && { user: toUser(rows[0]), passwordHash: rows[0].password_hash };
}

/** The user of this id, locked until the transaction ends. */
export async function lockUser(tx: Transaction, userId: string): Promise<User | undefined> {
  const { rows } = await tx.query<UserRow>(
    `select ${columnList} from users.accounts where id = $1 for update`,
    [userId],
  );
  return rows[0] && toUser(rows[0]);
}

/**
 * The ids of all admins, locked in the order of their ids, so that two admins who demote each other
 * at the same moment wait for one another and the second one finds a single admin left.
 */
export async function lockAdmins(tx: Transaction): Promise<readonly string[]> {
  const { rows } = await tx.query<{ id: string }>(
    `select id from users.accounts where 'admin' = any (roles) order by id for update`,
  );
  return rows.map((row) => row.id);
}

/** Replaces the roles. */
export async function updateRoles(
  tx: Transaction,
  change: { userId: string; roles: readonly Role[]; at: Date },
): Promise<void> {
  await tx.query('update users.accounts set roles = $2, updated_at = $3 where id = $1', [
    change.userId,
    change.roles,
    change.at,
  ]);
}

/** Which users a list shows. */
export interface UserFilter {
  readonly role?: Role | undefined;
  readonly email?: string | undefined;
}

function filtered(db: Kysely<UsersTables>, filter: UserFilter) {
  let query = db.selectFrom('users.accounts');
  if (filter.role !== undefined) {
    query = query.where(sql<boolean>`${filter.role} = any (roles)`);
  }
  if (filter.email !== undefined) {
    query = query.where(sql<boolean>`lower(email) = lower(${filter.email})`);
  }
  return query;
}

/** One page of users, newest first, read with one row more than `limit`, and the capped count. */
export async function readUserPage(
  tx: Transaction,
  options: { filter: UserFilter; afterId: string | undefined; limit: number },
): Promise<{ users: User[]; counted: number }> {
  const { filter, afterId: after, limit } = options;
  const rows = filtered(tables<UsersTables>(tx), filter);
  const page = { rows, by: 'id', after, limit };
  const { found, counted } = await readKeysetPage(tx, page, (one) => one.select([...columns]));
  return { users: found.map(toUser), counted };
}
