/** Runs small commands under the account of PostgreSQL, with an environment free of surprises. */
import { execFile } from 'node:child_process';

/** An account that PostgreSQL's processes run under and that owns its files. */
export interface Account {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
}

/** How it ended: exit code (null when it could not be started or was killed) and all it printed. */
export interface CommandResult {
  readonly code: number | null;
  readonly output: string;
}

/** What PostgreSQL's programs get to see: no PG* variables, messages in English. */
export const cleanEnvironment: NodeJS.ProcessEnv = Object.freeze({
  PATH: process.env.PATH ?? '/usr/bin:/bin',
  LC_ALL: 'C',
  TZ: 'UTC',
});

/** Options of `spawn` that switch to the account; empty when no switch is needed. */
export function identityOf(account: Account | null): { uid?: number; gid?: number } {
  return account ? { uid: account.uid, gid: account.gid } : {};
}

/** Runs a command to its end; never rejects. The working folder is `/`, which everybody can enter. */
export function runAs(
  account: Account | null,
  file: string,
  args: readonly string[],
): Promise<CommandResult> {
  return new Promise((resolve) => {
    const options = { cwd: '/', env: cleanEnvironment, ...identityOf(account), timeout: 120_000 };
    execFile(file, args, options, (error, stdout, stderr) => {
      const output = `${stdout}${stderr}`.trim();
      if (!error) return resolve({ code: 0, output });
      const code = typeof error.code === 'number' ? error.code : null;
      resolve({ code, output: output || error.message });
    });
  });
}

/**
 * True when the account can really do what the `test` operators ask of the paths, e.g.
 * `['-x', '/data']`. Asks the kernel itself, so that ACLs and mounts count.
 */
export async function accountCan(
  account: Account | null,
  ...checks: readonly (readonly ['-r' | '-w' | '-x', string])[]
): Promise<boolean> {
  const script = checks.map(([operator], index) => `test ${operator} "$${index + 1}"`).join(' && ');
  const { code } = await runAs(account, '/bin/sh', [
    '-c',
    script,
    'sh',
    ...checks.map(([, p]) => p),
  ]);
  return code === 0;
}
