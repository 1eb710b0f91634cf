/** The real program, started as a user starts it, with data of its own that is removed afterwards. */
import { spawn } from 'node:child_process';
import { rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { scratchFolder } from '../scratch-server.ts';

/** A running program. */
export interface ServerProcess {
  readonly url: string;
  stop(): Promise<void>;
}

const longestStartMs = 60_000;
const longestStopMs = 30_000;

/** Starts `orderloom serve` in demo mode on a free port and waits until it is ready. */
export async function startServerProcess(): Promise<ServerProcess> {
  const port = await freePort();
  const dataFolder = scratchFolder();
  const main = join(import.meta.dirname, '../../src/app/main.ts');
  const child = spawn(process.execPath, [...process.execArgv, main, 'serve'], {
    stdio: ['ignore', 'ignore', 'inherit'],
    env: {
      PATH: process.env.PATH,
      HOME: process.env.HOME,
      PORT: String(port),
      ORDERLOOM_DATA: dataFolder,
      LOG_LEVEL: 'warn',
    },
  });
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const kill = () => child.kill('SIGTERM');
  process.once('exit', kill);
  const url = `http://127.0.0.1:${port}`;
  const deadline = Date.now() + longestStartMs;
  while (!(await answers(`${url}/actuator/health`))) {
    if (Date.now() > deadline || child.exitCode !== null) {
      kill();
      throw new Error(`expected the program to answer at ${url}, found no answer; see above`);
    }
    await delay(100);
  }
  return {
    url,
    async stop() {
      process.off('exit', kill);
      kill();
      const forced = setTimeout(() => child.kill('SIGKILL'), longestStopMs);
      await ended;
      clearTimeout(forced);
      await rm(dataFolder, { recursive: true, force: true });
    },
  };
}

async function answers(url: string): Promise<boolean> {
  const answer = await fetch(url).catch(() => null);
  await answer?.body?.cancel();
  return answer?.ok === true;
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('no free port was given');
  return address.port;
}
