/**
 * Which account PostgreSQL runs under. It refuses to run as root, for good reason; so a program that
 * is root lends it an unprivileged account, and everybody else runs it as himself.
 */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { Account } from './run-as.ts';
import { runAs } from './run-as.ts';

const run = promisify(execFile);

/** Tried in this order: the account that a system package of PostgreSQL made, else the one everybody has. */
const candidates = ['postgres', '_postgres', 'nobody'];

/** The account to switch to, or null when the program is an ordinary user and none is needed. */
export async function findAccount(): Promise<Account | null> {
  if (process.getuid?.() !== 0) return null;
  for (const name of candidates) {
    const account = await lookUp(name);
    if (!account) continue;
    const { code, output } = await runAs(account, 'true', []);
    if (code === 0) return account;
    throw new Error(
      `embedded PostgreSQL: running as root, which PostgreSQL refuses, and switching to the account "${name}" ` +
        `is not allowed here (${output}); start Orderloom as an ordinary user, or set DATABASE_URL`,
    );
  }
  throw new Error(
    'embedded PostgreSQL: running as root, which PostgreSQL refuses, and there is no account ' +
      `${candidates.join(' or ')} to run it under; create one (useradd --system postgres), start ` +
      'Orderloom as an ordinary user, or set DATABASE_URL to a PostgreSQL server',
  );
}

/** Asks the system's own account database, wherever it is kept. */
async function lookUp(name: string): Promise<Account | null> {
  try {
    const [uid, gid] = await Promise.all([run('id', ['-u', name]), run('id', ['-g', name])]);
    const account = { name, uid: Number(uid.stdout), gid: Number(gid.stdout) };
    return account.uid > 0 ? account : null;
  } catch {
    return null;
  }
}
