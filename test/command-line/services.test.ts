/** `orderloom services` when it cannot do what is asked: it says what is wrong, and leaves nothing running. */
import { createServer } from 'node:net';
import { expect, test } from 'vitest';
import { serviceNames } from '../../src/app/services/topology.ts';
import { laterCleanup } from '../support/cleanup.ts';
import { temporaryDataFolder } from '../support/data-folder.ts';
import { testDatabase } from '../support/database.ts';
import { freePort } from '../support/free-port.ts';
import { realUseEnvironment } from '../support/real-use.ts';
import { isTaken, runProgram } from '../support/running-program.ts';

const dataFolder = await temporaryDataFolder();

test.each([
  [
    { DATABASE_URL: 'postgres://localhost/one', PORT: '3001' },
    /DATABASE_URL: .*one for each service.*ORDER__.*\n {2}PORT: expected one for each service/,
  ],
  [{ PAYMENT__PORT: 'http' }, /PAYMENT__PORT: expected a whole number .*found "http"/],
  [{ LOG_LEVEL: 'loud' }, /^ {2}LOG_LEVEL: expected/m],
  [{ PAYMENTS__LOG_LEVEL: 'debug' }, /PAYMENTS__LOG_LEVEL: expected .*ORDER__, PAYMENT__/],
])('%j is refused before anything is started', async (env, message) => {
  const program = runProgram({ args: ['services'], env: { ORDERLOOM_DATA: dataFolder, ...env } });
  expect(await program.ended).toEqual({ code: 1, signal: null });
  expect(program.output()).toMatch(message);
  expect(program.output()).not.toContain('    at ');
});

test('an argument that it does not know is refused', async () => {
  const program = runProgram({ args: ['services', 'order'] });
  expect(await program.ended).toEqual({ code: 1, signal: null });
  expect(program.output()).toMatch(/too many arguments/);
});

test('one service that cannot start: the others are stopped, and the exit code says so', {
  timeout: 180_000,
}, async () => {
  const taken = createServer();
  const port = await freePort();
  await new Promise<void>((resolve) => taken.listen(port, '127.0.0.1', resolve));
  laterCleanup(async () => void taken.close());
  const ports = await Promise.all(
    serviceNames.map((name) => (name === 'warehouse' ? port : freePort())),
  );
  const databases = await Promise.all(serviceNames.map(() => testDatabase({ maxConnections: 1 })));
  const { DATABASE_URL: _, ...common } = realUseEnvironment('');
  const own = serviceNames.flatMap((name, at) => [
    [`${name.toUpperCase()}__PORT`, String(ports[at])],
    [`${name.toUpperCase()}__DATABASE_URL`, databases[at]!.connectionString],
  ]);
  const program = runProgram({
    args: ['services'],
    env: {
      ...common,
      ORDERLOOM_SANDBOXES: 'on',
      ORDERLOOM_DATA: dataFolder,
      ...Object.fromEntries(own),
    },
  });
  expect((await program.ended).code).toBe(1);
  const told = /^orderloom: the warehouse service ended with code 1 before it was ready$/m;
  expect(program.output()).toMatch(told);
  expect(program.output()).toMatch(/^warehouse \| .*another program has port/m);
  const others = ports.filter((one) => one !== port);
  expect(await Promise.all(others.map(isTaken))).toEqual(others.map(() => false));
});
