/**
 * A copy of the project as a newcomer would have it, in a folder of a test's own: for trying what
 * depends on where the project lies and who may enter. Files are linked, not copied, where that can be.
 */
import { spawnSync } from 'node:child_process';
import { chmod, mkdtemp, realpath, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { laterCleanup } from './cleanup.ts';
import { folderOnDisk } from './throw-away-folder.ts';

const project = fileURLToPath(new URL('../../', import.meta.url));
/** What the program needs to run. */
const parts = ['bin', 'src', 'package.json', 'node_modules'];

/** Copies the project; `mode` is that of its folder. It is gone when the test is over. */
export async function copyOfProject(mode: number): Promise<string> {
  const folder = await mkdtemp(join(folderOnDisk, 'orderloom-project-'));
  laterCleanup(() => rm(folder, { recursive: true, force: true }));
  for (const part of parts) {
    const from = await realpath(join(project, part));
    const to = join(folder, part);
    const linked = spawnSync('cp', ['-al', from, to]);
    if (linked.status === 0) continue;
    await rm(to, { recursive: true, force: true });
    const copied = spawnSync('cp', ['-a', from, to], { encoding: 'utf8' });
    if (copied.status !== 0) throw new Error(`the project cannot be copied: ${copied.stderr}`);
  }
  await chmod(folder, mode);
  return folder;
}
