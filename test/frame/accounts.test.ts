/**
 * Whoever runs the program, and wherever the project lies: PostgreSQL refuses to run as root, and its
 * own account cannot enter a folder that only root may enter, so a place has to be found that works.
 */
import { spawnSync } from 'node:child_process';
import { chown, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { laterCleanup } from '../support/cleanup.ts';
import { killPostgres } from '../support/data-folder.ts';
import { copyOfProject } from '../support/project-copy.ts';
import { type RunningProgram, startServer } from '../support/running-program.ts';

const isRoot = process.getuid?.() === 0 && process.platform === 'linux';
const canBecomeNobody =
  isRoot && spawnSync('setpriv', ['--version']).status === 0 && nobody() !== null;
const timeout = 300_000;

/** The account and group that own nothing. */
function nobody(): { uid: number; gid: number } | null {
  const { stdout } = spawnSync('getent', ['passwd', 'nobody'], { encoding: 'utf8' });
  const [, , uid, gid] = (stdout ?? '').split(':');
  return uid && gid ? { uid: Number(uid), gid: Number(gid) } : null;
}

/** A copy of the project that only its owner may enter; each test makes an account its owner. */
let folder: string;

beforeAll(async () => {
  if (isRoot) folder = await copyOfProject(0o700);
}, timeout);

async function ordersAndStops(program: RunningProgram): Promise<void> {
  const placed = await fetch(`${program.url}/api/orders`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ items: [{ productId: 'prod-100', quantity: 1 }], total: 100 }),
  });
  expect(placed.status).toBe(201);
  expect(await program.stop()).toEqual({ code: 0, signal: null });
}

test.skipIf(!isRoot)(
  'as root, from a folder that only root may enter (needs root on Linux)',
  {
    timeout,
  },
  async () => {
    await chown(folder, 0, 0);
    const program = await startServer({ folder });
    const dataFolder = program.dataFolder!;
    laterCleanup(async () => {
      await killPostgres(dataFolder);
      await rm(dataFolder, { recursive: true, force: true });
    });
    expect(dataFolder.startsWith(folder)).toBe(false);
    await ordersAndStops(program);
  },
);

test.skipIf(!canBecomeNobody)(
  'as an ordinary user, in a folder of their own (needs root on Linux with setpriv, to become one)',
  {
    timeout,
  },
  async () => {
    const { uid, gid } = nobody()!;
    await chown(folder, uid, gid);
    const program = await startServer({
      folder,
      env: { HOME: folder },
      prefix: ['setpriv', `--reuid=${uid}`, `--regid=${gid}`, '--clear-groups'],
    });
    expect(program.dataFolder).toBe(join(folder, '.orderloom', String(program.port)));
    await ordersAndStops(program);
  },
);
