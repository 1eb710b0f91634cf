/**
 * The program under its launchers: a wish to stop is heard once however often it is delivered, exit
 * codes reach whoever asked, and nothing lives on after its launcher was killed.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { laterCleanup } from '../support/cleanup.ts';
import { postgresPid, usedDataFolder } from '../support/data-folder.ts';
import { freePort } from '../support/free-port.ts';
import { runProgram, startServer } from '../support/running-program.ts';
import { waitUntil } from '../support/wait-until.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));

/** Starts the program under some launcher, and resolves when it is ready. */
async function launch(command: string, args: readonly string[], stdio: 'pipe' | 'ipc' = 'pipe') {
  const dataFolder = await usedDataFolder();
  const port = await freePort();
  const { PATH = '', HOME = '/' } = process.env;
  const child = spawn(command, args, {
    cwd: root,
    env: { PATH, HOME, PORT: String(port), ORDERLOOM_DATA: dataFolder, NODE_ENV: 'test' },
    stdio: ['ignore', 'pipe', 'inherit', stdio === 'ipc' ? 'ipc' : 'ignore'],
  });
  laterCleanup(async () => void child.kill('SIGKILL'));
  let printed = '';
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    printed += text;
  });
  await waitUntil('the program to be ready', () => printed.includes('is ready in'), {
    explain: () => printed,
  });
  return { child, port, dataFolder, printed: () => printed };
}

async function answers(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

test('Ctrl-C, which comes from the terminal and once more from npm, is one wish', async () => {
  const server = await startServer({ env: { ORDERLOOM_DATA: await usedDataFolder() } });
  server.signal('SIGINT');
  server.signal('SIGINT');
  expect(await server.ended).toEqual({ code: 0, signal: null });
  expect(server.output()).toContain('stopped');
});

test('a signal to npm drains the program, and npm waits for it', async () => {
  const { child, printed, dataFolder } = await launch('npm', ['start']);
  child.kill('SIGTERM');
  const [code] = await once(child, 'close');
  expect(code).toBe(0);
  expect(printed()).toContain('stopped');
  expect(await postgresPid(dataFolder)).toBeNull();
});

test('npm killed by -9: the program stops by itself and leaves its port', async () => {
  const { child, port, dataFolder, printed } = await launch('npm', ['start']);
  child.kill('SIGKILL');
  await waitUntil('the program to stop', () => printed().includes('"msg":"stopped"'));
  expect(printed()).toContain('launcher gone');
  expect(await answers(port)).toBe(false);
  expect(await postgresPid(dataFolder)).toBeNull();
});

test('a launcher that holds a channel and is gone: the program stops by itself', async () => {
  const { child, printed } = await launch(
    `${root}/node_modules/node/bin/node`,
    ['src/app/main.ts', 'serve'],
    'ipc',
  );
  child.disconnect();
  const [code] = await once(child, 'exit');
  expect(code).toBe(0);
  expect(printed()).toContain('launcher gone');
});

test('a wrong configuration ends with 1 and names the variable', async () => {
  const program = runProgram({ env: { PORT: 'http' } });
  expect(await program.ended).toEqual({ code: 1, signal: null });
  expect(program.output()).toMatch(
    /^ {2}PORT: expected a whole number from 1 to 65535, found "http"/m,
  );
});
