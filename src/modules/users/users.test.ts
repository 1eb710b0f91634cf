/** Accounts, log-in and roles, through the module's own procedures on real PostgreSQL. */
import { expect, test } from 'vitest';
import {
  callProcedure,
  fixedClock,
  migrationsOf,
  mustRefuse,
  mustSucceed,
  userCaller,
} from '../../../test/support/context.ts';
import { testDatabase } from '../../../test/support/database.ts';
import { anonymousCaller, processCaller } from '../../kernel/caller.ts';
import { isRefusal } from '../../kernel/errors.ts';
import { newId } from '../../kernel/ids.ts';
import type { TraceDeclaration } from '../../kernel/trace.ts';
import type { Database } from '../../postgres/index.ts';
import { usersModule } from './module.ts';
import {
  getProcedure,
  listProcedure,
  loginProcedure,
  meProcedure,
  registerProcedure,
  setRolesProcedure,
} from './procedures.ts';
import { demoPassword, demoUsers, seedUsers } from './seed-users.ts';
import { createTokenService } from './tokens.ts';

const clock = fixedClock();
const tokens = createTokenService({
  secrets: [{ id: 'one', algorithm: 'HS256', secret: 'x'.repeat(32) }],
  issuer: 'orderloom-test',
  clock,
});
const migrations = migrationsOf(usersModule({ tokens }));
const login = loginProcedure(tokens);
const { database } = await testDatabase({ migrations });

const password = 'correct horse battery';

function register(email: string, into: Database = database) {
  return callProcedure(
    into,
    registerProcedure,
    { email, password, name: ' Ada Lovelace ', phone: '+49 30 1234567' },
    { caller: anonymousCaller, clock },
  );
}

test('registering makes a customer and publishes it, without email or password', async () => {
  const { result, events } = await register('Ada@Example.com');
  if (isRefusal(result)) throw new Error(result.detail);
  expect(result).toEqual({
    id: expect.any(String),
    email: 'Ada@Example.com',
    name: 'Ada Lovelace',
    phone: '+49 30 1234567',
    roles: ['customer'],
    createdAt: clock.now().toISOString(),
  });
  expect(events).toEqual([
    {
      name: 'user.registered',
      payload: {
        userId: result.id,
        roles: ['customer'],
        registeredAt: clock.now().toISOString(),
      },
    },
  ]);
  const { rows } = await database.query<{ password_hash: string }>(
    'select password_hash from users.accounts where id = $1',
    [result.id],
  );
  expect(rows[0]?.password_hash).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
});

test('an email belongs to one account, whatever its case, also when two register at once', async () => {
  const outcomes = await Promise.all([
    register('Twice@example.com'),
    register('twice@EXAMPLE.com'),
  ]);
  const refusals = outcomes.map(({ result }) => result).filter(isRefusal);
  expect(refusals.map((refusal) => refusal.code)).toEqual(['EMAIL_TAKEN']);
  expect(refusals[0]?.issues[0]?.pointer).toBe('/email');
});

test('bad registrations never reach the use case', () => {
  const good = { email: 'a@example.com', password, name: 'Ada' };
  const bad = [
    { ...good, email: 'not an email' },
    { ...good, password: 'short' },
    { ...good, password: 'x'.repeat(201) },
    { ...good, name: '   ' },
    { ...good, name: 'A\0da' },
    { ...good, phone: 'call me' },
    { ...good, name: 7 },
  ];
  expect(registerProcedure.input.safeParse(good).success).toBe(true);
  for (const input of bad) expect(registerProcedure.input.safeParse(input).success).toBe(false);
});

test('logging in answers a token that names the user, for one hour', async () => {
  const user = await mustSucceed(register('login@example.com'));
  const answer = await mustSucceed(
    callProcedure(
      database,
      login,
      { email: 'LOGIN@example.com', password },
      { caller: anonymousCaller, clock },
    ),
  );
  expect(answer.user).toEqual(user);
  expect(answer.tokenType).toBe('Bearer');
  expect(Date.parse(answer.expiresAt) - clock.now().getTime()).toBe(3_600_000);
  expect(await tokens.verify(answer.accessToken)).toEqual({
    kind: 'user',
    userId: user.id,
    roles: ['customer'],
    demo: false,
  });
});

test('unknown user and wrong password look alike outside, and differ in the trace alone', async () => {
  const user = await mustSucceed(register('alike@example.com'));
  const attempt = (email: string) =>
    mustRefuse(
      callProcedure(
        database,
        login,
        { email, password: 'wrong password' },
        { caller: anonymousCaller },
      ),
    );
  const wrongPassword = await attempt('alike@example.com');
  const unknownUser = await attempt('nobody@example.com');
  const outside = ({ definition, detail, issues, data }: typeof wrongPassword) => ({
    definition,
    detail,
    issues,
    data,
  });
  expect(outside(wrongPassword)).toEqual(outside(unknownUser));
  expect(wrongPassword.definition).toMatchObject({ code: 'INVALID_CREDENTIALS', status: 401 });
  expect(wrongPassword.traceDetails).toEqual({ cause: 'WRONG_PASSWORD', userId: user.id });
  expect(unknownUser.traceDetails).toEqual({ cause: 'USER_UNKNOWN' });
});

test('the trace of a log-in keeps email and user, and never a password or token', () => {
  const trace: TraceDeclaration | undefined = login.trace;
  const input = { email: 'a@example.com', password: 'secret secret' };
  expect(trace?.describe?.({ input })).toEqual({ email: 'a@example.com' });
  const output = { user: { id: 'some-id' }, accessToken: 'secret' };
  expect(trace?.describe?.({ input, output })).toEqual({
    email: 'a@example.com',
    userId: 'some-id',
  });
  expect(trace?.describe?.({ input: 'nonsense' })).toEqual({});
});

test('users see themselves, staff and processes see everybody, others see nobody', async () => {
  const user = await mustSucceed(register('self@example.com'));
  const get = (caller: Parameters<typeof userCaller> | typeof processCaller, userId = user.id) =>
    callProcedure(
      database,
      getProcedure,
      { userId },
      { caller: 'kind' in caller ? caller : userCaller(...caller) },
    );
  for (const caller of [[user.id], [newId(), 'support'], processCaller] as const) {
    expect((await get(caller as typeof processCaller)).result).toEqual(user);
  }
  const foreign = await mustRefuse(get([newId()]));
  expect(foreign.code).toBe('USER_NOT_FOUND');
  expect(foreign.traceDetails).toEqual({ cause: 'FOREIGN_USER' });
  const unknown = await mustRefuse(get(processCaller, newId()));
  expect(unknown.code).toBe('USER_NOT_FOUND');
  expect(unknown.traceDetails).toEqual({ cause: 'USER_UNKNOWN' });
});

test('me is the account of the caller; a process has none', async () => {
  const user = await mustSucceed(register('me@example.com'));
  const me = (caller = userCaller(user.id)) => callProcedure(database, meProcedure, {}, { caller });
  expect(await mustSucceed(me())).toEqual(user);
  expect((await mustRefuse(me(processCaller))).code).toBe('USER_NOT_FOUND');
});

test('lists users, newest first, page by page', async () => {
  const { database: own } = await testDatabase({ migrations });
  await own.transaction(seedUsers);
  const added = [await mustSucceed(register('one@example.com', own))];
  added.push(await mustSucceed(register('two@example.com', own)));
  const caller = userCaller(demoUsers.admin.id, 'admin');
  const list = (input: { limit?: number; cursor?: string; role?: 'customer'; email?: string }) =>
    mustSucceed(callProcedure(own, listProcedure, input, { caller }));
  const first = await list({ limit: 4 });
  expect(first.items.map((row) => row.id)).toEqual([
    added[1]?.id,
    added[0]?.id,
    demoUsers.admin.id,
    demoUsers.operator.id,
  ]);
  expect(first.count).toEqual({ value: 6, capped: false });
  expect(first.items[0]?.can).toEqual([{ action: 'users.set-roles', allowed: true }]);
  expect(JSON.stringify(first)).not.toContain('argon2');
  const second = await list({ limit: 4, cursor: first.nextCursor! });
  expect(second.items.map((row) => row.id)).toEqual([demoUsers.manager.id, demoUsers.customer.id]);
  expect(second.nextCursor).toBeNull();
  expect((await list({ role: 'customer' })).count.value).toBe(3);
  expect((await list({ email: 'ONE@example.com' })).items.map((row) => row.id)).toEqual([
    added[0]?.id,
  ]);
  expect(listProcedure.input.safeParse({ cursor: 'nonsense' }).success).toBe(false);
});

test('roles are replaced, published once, and unknown users refused', async () => {
  const user = await mustSucceed(register('roles@example.com'));
  const adminId = newId();
  const set = (userId: string, roles: ('customer' | 'support')[]) =>
    callProcedure(
      database,
      setRolesProcedure,
      { userId, roles },
      { caller: userCaller(adminId, 'admin'), clock },
    );
  const { result, events } = await set(user.id, ['support', 'customer', 'support']);
  expect(result).toMatchObject({ roles: ['customer', 'support'] });
  expect(events).toEqual([
    {
      name: 'user.roles-changed',
      payload: {
        userId: user.id,
        before: ['customer'],
        after: ['customer', 'support'],
        changedBy: adminId,
        changedAt: clock.now().toISOString(),
      },
    },
  ]);
  expect((await set(user.id, ['customer', 'support'])).events).toEqual([]);
  expect((await mustRefuse(set(newId(), ['customer']))).code).toBe('USER_NOT_FOUND');
  const input = { userId: user.id, roles: ['service'] };
  expect(setRolesProcedure.input.safeParse(input).success).toBe(false);
});

test('two admins who demote each other at once leave one admin', async () => {
  const { database: own } = await testDatabase({ migrations });
  await own.transaction(seedUsers);
  const { admin, manager } = demoUsers;
  const set = (userId: string, roles: ('admin' | 'manager')[]) =>
    callProcedure(own, setRolesProcedure, { userId, roles });
  await mustSucceed(set(manager.id, ['admin']));
  const outcomes = await Promise.all([set(manager.id, ['manager']), set(admin.id, ['manager'])]);
  const refusals = outcomes.map(({ result }) => result).filter(isRefusal);
  expect(refusals.map((refusal) => refusal.code)).toEqual(['LAST_ADMIN']);
});

test('the seed is idempotent, and its users can log in', async () => {
  const { database: own } = await testDatabase({ migrations });
  await own.transaction(seedUsers);
  await own.transaction(seedUsers);
  const answer = await mustSucceed(
    callProcedure(own, login, { email: demoUsers.manager.email, password: demoPassword }),
  );
  expect(answer.user).toMatchObject({ id: demoUsers.manager.id, roles: ['manager'] });
  const { rows } = await own.query('select 1 from users.accounts');
  expect(rows).toHaveLength(4);
});
