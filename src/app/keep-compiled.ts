/**
 * What Node.js compiles is kept for the next start when a program ends by itself. One that is killed
 * keeps nothing, and writing it takes a second or more, in which no request would be answered. So where
 * nothing is kept yet, another process loads the program and keeps what it compiled.
 */
import { spawn } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { getCompileCacheDir } from 'node:module';
import { fileURLToPath } from 'node:url';

/** Has what is compiled of the program kept, unless that was done before. Returns at once. */
export function keepCompiled(): void {
  const folder = getCompileCacheDir();
  // This process writes there only when it ends.
  if (folder === undefined || readdirSync(folder).length > 0) return;
  const tool = fileURLToPath(new URL('../../bin/keep-compiled.js', import.meta.url));
  spawn(process.execPath, [tool], { detached: true, stdio: 'ignore' })
    .on('error', () => {})
    .unref();
}
