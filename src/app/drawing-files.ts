/**
 * Files of drawings and decisions as people name them on the command line: files, and folders with all that is in
 * them. What is too large to be read is told by its size, and never taken into memory.
 */
import { readdir, readFile, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { mostFileBytes } from '../kernel/drawing-size.ts';
import { CommandError } from './api-client.ts';

const ofDrawings = /\.(?:bpmn|bpmn20\.xml|dmn|dmn11\.xml)$/i;
const mostFiles = 2_000;
const deepest = 20;

/** A file that was read. */
export interface DrawingText {
  /** As it was named, with the folders that it was found in. */
  readonly path: string;
  readonly xml: string;
}

/** The files, those of folders in the order of their names. Throws a `CommandError` when one cannot be read. */
export async function readDrawingFiles(named: readonly string[]): Promise<readonly DrawingText[]> {
  const paths: string[] = [];
  for (const path of named) await collect(path, paths, 0);
  const files: DrawingText[] = [];
  for (const path of paths) files.push({ path, xml: await textOf(path) });
  return files;
}

async function collect(path: string, into: string[], depth: number): Promise<void> {
  const found = await tried(path, () => stat(path));
  if (!found.isDirectory()) {
    // What somebody names is read whatever it is called.
    if (depth === 0 || ofDrawings.test(path)) into.push(path);
    if (into.length > mostFiles) {
      throw new CommandError(
        `Expected at most ${mostFiles} files, found more: name fewer of them.`,
      );
    }
    return;
  }
  if (depth > deepest) return;
  const before = into.length;
  const entries = await tried(path, () => readdir(path, { withFileTypes: true }));
  for (const entry of entries.toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
    const isLooked = entry.isDirectory()
      ? !entry.name.startsWith('.') && entry.name !== 'node_modules'
      : entry.isFile();
    if (isLooked) await collect(join(path, entry.name), into, depth + 1);
  }
  if (depth === 0 && into.length === before) {
    throw new CommandError(
      `Expected files such as order.bpmn and prices.dmn in ${path}, found none.`,
    );
  }
}

async function textOf(path: string): Promise<string> {
  const { size } = await tried(path, () => stat(path));
  if (size > mostFileBytes) {
    throw new CommandError(
      `Expected files of at most ${mostFileBytes} bytes, found ${size} in ${basename(path)}: divide it.`,
    );
  }
  return await tried(path, () => readFile(path, 'utf8'));
}

async function tried<Value>(path: string, act: () => Promise<Value>): Promise<Value> {
  try {
    return await act();
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new CommandError(
      `Expected ${path} to be a file or folder that can be read, found none: ${why}`,
    );
  }
}
