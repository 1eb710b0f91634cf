/**
 * A configuration that cannot be meant stops the program before it begins, with every problem told at
 * once by the name of its variable; and nothing turns demo mode on where it could do harm.
 */
import { expect, test } from 'vitest';
import { testDatabase } from '../support/database.ts';
import { freePort } from '../support/free-port.ts';
import { realUseEnvironment, testSecrets } from '../support/real-use.ts';
import { runProgram, startServer } from '../support/running-program.ts';

const timeout = 120_000;

async function refused(env: Readonly<Record<string, string>>): Promise<string> {
  const program = runProgram({ env });
  expect(await program.ended).toEqual({ code: 1, signal: null });
  return program.output();
}

const wrong: readonly (readonly [variable: string, value: string, says: string])[] = [
  ['PORT', 'abc', 'expected a whole number from 1 to 65535, found "abc"'],
  ['PORT', '70000', 'expected a whole number from 1 to 65535, found "70000"'],
  ['NODE_ENV', 'prod', 'expected development, test or production, found "prod"'],
  ['DATABASE_URL', 'mysql://nowhere', 'expected a URL that begins with postgres://'],
  ['DATABASE_MAX_CONNECTIONS', '1', 'expected a whole number from 4 to 1000, found "1"'],
  ['ORDERLOOM_DEMO', 'yes', 'expected on or off, found "yes"'],
  ['ORDERLOOM_TOKEN_SECRETS', 'short', 'expected secrets of at least 32 characters each'],
  ['ORDERLOOM_ENCRYPTION_KEY', 'AAAA', 'expected 32 bytes in base64'],
  ['PAYMENT_GATEWAY_URL', 'ftp://gateway', 'expected a URL that begins with http://'],
  ['SMTP_URL', 'localhost', 'expected a URL that begins with smtp://'],
  ['LOG_LEVEL', 'loud', 'expected one of'],
  ['LEASE_MS', '3', 'expected a whole number from 1000 to 600000, found "3"'],
  ['ORDERLOOM_DATTA', '/x', 'no such setting; is it misspelt?'],
];

test('every wrong value is told at once, by its name', { timeout }, async () => {
  const byName = new Map(wrong.map(([variable, value]) => [variable, value]));
  const output = await refused(Object.fromEntries(byName));
  for (const [variable, value, says] of wrong) {
    if (byName.get(variable) !== value) continue;
    expect(output).toMatch(new RegExp(`^ {2}${variable}: .*${RegExp.escape(says)}`, 'm'));
  }
  expect(output).toContain('Run `orderloom config` for the list.');
  expect(output).not.toMatch(/^ {4}at /m);
  expect(output).not.toContain('AAAA');
});

test.each([
  ['DATABASE_URL', { DATABASE_URL: 'postgres://localhost:1/x' }],
  ['HOST=0.0.0.0', { HOST: '0.0.0.0' }],
  ['NODE_ENV=production', { NODE_ENV: 'production' }],
])(
  'demo mode and %s together are refused, and alone it ends demo mode',
  { timeout },
  async (sign, env) => {
    const both = await refused({ ...env, ORDERLOOM_DEMO: 'on' });
    expect(both).toMatch(new RegExp(`^ {2}ORDERLOOM_DEMO: .*${RegExp.escape(sign)}`, 'm'));
    const alone = await refused(env);
    for (const variable of [
      'ORDERLOOM_TOKEN_SECRETS',
      'ORDERLOOM_ENCRYPTION_KEY',
      'ORDERLOOM_IDEMPOTENCY_SECRET',
      'PAYMENT_WEBHOOK_SECRETS',
      'DELIVERY_WEBHOOK_SECRETS',
      'PAYMENT_GATEWAY_URL',
      'COURIER_URL',
    ]) {
      expect(alone).toMatch(new RegExp(`^ {2}${variable}: expected`, 'm'));
    }
  },
);

test('a server that cannot be reached is told without its password', { timeout }, async () => {
  const port = await freePort();
  const output = await refused({
    ...realUseEnvironment(`postgres://orderloom:very-secret@127.0.0.1:${port}/orderloom`),
    ORDERLOOM_SANDBOXES: 'on',
    PORT: String(await freePort()),
  });
  expect(output).toContain('DATABASE_URL');
  expect(output).not.toContain('very-secret');
  expect(output).not.toMatch(/^ {4}at /m);
});

test('real use: on a PostgreSQL server, nobody is let in without credentials', {
  timeout,
}, async () => {
  const { connectionString, database } = await testDatabase();
  const program = await startServer({
    env: { ...realUseEnvironment(connectionString), ORDERLOOM_SANDBOXES: 'on' },
  });
  expect(program.dataFolder).toBeNull();
  expect(program.output()).not.toContain('DEMO MODE');
  expect(program.output()).not.toContain(testSecrets.token);
  const statusOf = async (path: string, init?: RequestInit) =>
    (await fetch(program.url + path, init)).status;
  expect(await statusOf('/api/v1/orders')).toBe(401);
  const webhook = { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{}' };
  expect(await statusOf('/webhooks/payment', webhook)).toBe(401);
  expect(await statusOf('/actuator/health')).toBe(200);
  const { rows } = await database.query('select count(*)::int as n from users.accounts');
  expect(rows).toEqual([{ n: 0 }]);
  expect(await program.stop()).toEqual({ code: 0, signal: null });
});

test('`orderloom config` lists every setting and hides secrets', { timeout }, async () => {
  const forPeople = runProgram({
    args: ['config'],
    env: { ORDERLOOM_TOKEN_SECRETS: testSecrets.token, PORT: '4000' },
  });
  expect((await forPeople.ended).code).toBe(0);
  expect(forPeople.output()).toMatch(/^PORT\n {2}.*\n {2}set to 4000$/m);
  expect(forPeople.output()).toMatch(/^ORDERLOOM_TOKEN_SECRETS\n {2}.*\n {2}set \(not shown\)$/m);
  const program = runProgram({
    args: ['config', '--json'],
    env: { ORDERLOOM_TOKEN_SECRETS: testSecrets.token, PORT: '4000' },
  });
  expect((await program.ended).code).toBe(0);
  const { settings } = JSON.parse(program.output()) as {
    settings: { variable: string; given: string | null }[];
  };
  const given = Object.fromEntries(settings.map(({ variable, given }) => [variable, given]));
  expect(given).toMatchObject({ PORT: '4000', ORDERLOOM_TOKEN_SECRETS: 'set (not shown)' });
  expect(Object.keys(given)).toEqual(
    expect.arrayContaining(['HOST', 'DATABASE_URL', 'ORDERLOOM_DATA', 'ORDERLOOM_DEMO']),
  );
});
