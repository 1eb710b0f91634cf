/**
 * Runs a peer's program in a process of its own. Peers live in a package of their own, which is
 * installed when a benchmark first needs it, so that the product's install stays light. A peer that
 * cannot run is reported as such; its figures are never made up.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Figures } from './engine/figures.ts';
import type { PeerTask } from './peers/measure-peer.ts';

const folder = join(import.meta.dirname, 'peers');
const longestInstallMs = 300_000;
/** A peer that stalls must not hold up the run: its time is this many times the measured time. */
const patience = 3;

/** Figures of a peer, or why there are none. */
export type PeerResult =
  | { readonly figures: Figures; readonly version: string }
  | { readonly unavailable: string };

/** Installs the peers' package; resolves to null, or to the reason why it cannot be installed. */
export async function installPeers(): Promise<string | null> {
  const [wanted, found] = await Promise.all([
    readFile(join(folder, 'package-lock.json'), 'utf8'),
    readFile(join(folder, 'node_modules', '.package-lock.json'), 'utf8').catch(() => null),
  ]);
  if (found !== null && isSubset(found, wanted)) return null;
  console.error('installing the peers into bench/peers (once, about 240 MB) ...');
  const npm = spawn('npm', ['ci', '--no-audit', '--no-fund'], {
    cwd: folder,
    stdio: ['ignore', 'ignore', 'pipe'],
    detached: true,
  });
  const { code, output } = await finish(npm, longestInstallMs);
  if (code === 0) return null;
  return `npm ci in bench/peers failed: ${lastLine(output.err) || `exit code ${code}`}`;
}

/** True when everything that is installed is what the lock names. */
function isSubset(installed: string, wanted: string): boolean {
  const versionsOf = (text: string) =>
    (JSON.parse(text) as { packages: Record<string, { version?: string }> }).packages;
  const lock = versionsOf(wanted);
  const packages = Object.entries(versionsOf(installed));
  return (
    packages.length > 0 && packages.every(([name, { version }]) => lock[name]?.version === version)
  );
}

/** Measures one peer: `program` is the name of its file, `packageName` says which version ran. */
export async function runPeer(
  program: string,
  packageName: string,
  task: PeerTask,
): Promise<PeerResult> {
  const child = spawn(
    process.execPath,
    ['--no-deprecation', join(folder, `${program}.ts`), JSON.stringify(task)],
    { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'], detached: true },
  );
  const { warmUpMs, roundMs, rounds } = task.rounds;
  const measuredMs = task.inFlight.length * (warmUpMs + roundMs * rounds);
  const { code, output } = await finish(child, 60_000 + patience * measuredMs);
  if (code !== 0) {
    return { unavailable: `it ended with ${code}: ${lastLine(output.err) || 'no message'}` };
  }
  const about = join(folder, 'node_modules', packageName, 'package.json');
  const { version } = JSON.parse(await readFile(about, 'utf8')) as { version: string };
  return { figures: JSON.parse(lastLine(output.out)) as Figures, version };
}

/** Waits for a process to end and ends it, with everything it started, when its time is up. */
async function finish(child: ChildProcess, longestMs: number) {
  const output = { out: '', err: '' };
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    output.out += text;
  });
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    output.err += text;
  });
  const end = () => {
    if (child.pid === undefined) return;
    try {
      process.kill(-child.pid, 'SIGKILL');
    } catch {
      // The group is gone already.
    }
  };
  const timer = setTimeout(end, longestMs);
  process.once('exit', end);
  const code = await new Promise<number | string>((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('close', (status, signal) => resolve(status ?? signal ?? 'an unknown end'));
  });
  clearTimeout(timer);
  process.off('exit', end);
  return { code, output };
}

function lastLine(text: string): string {
  return text.trimEnd().split('\n').at(-1)?.trim() ?? '';
}
