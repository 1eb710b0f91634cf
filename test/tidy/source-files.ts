/** The program's own TypeScript files, as the tidy tests look at them. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** One file: its path from the project's root, with `/` on every system, and its text. */
export interface SourceFile {
  readonly path: string;
  readonly text: string;
}

const root = fileURLToPath(new URL('../../', import.meta.url));
const folders = ['src', 'test', 'tools', 'bench'];
/** Written by programs or owned by another package. */
const foreign = /(^|\/)(node_modules|generated|peers)(\/|$)/;

/** Every TypeScript file of the project that a person has written, sorted by path. */
export async function readSourceFiles(): Promise<readonly SourceFile[]> {
  const lists = await Promise.all(folders.map(listFolder));
  const paths = lists.flat().sort();
  return Promise.all(
    paths.map(async (path) => ({ path, text: await readFile(join(root, path), 'utf8') })),
  );
}

async function listFolder(folder: string): Promise<string[]> {
  const names = await readdir(join(root, folder), { recursive: true }).catch(() => []);
  return names
    .map((name) => `${folder}/${name.replaceAll('\\', '/')}`)
    .filter((path) => path.endsWith('.ts') && !foreign.test(path));
}

/** True for files that Vitest or the compiler runs as tests. */
export function isTestFile(path: string): boolean {
  return /\.(test|test-d)\.ts$/.test(path);
}
