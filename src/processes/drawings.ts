/**
 * The drawings that the program brings: every `*.bpmn` in this folder and below, deployed at its start. Those
 * of billing orders are left out where none are taken: their procedures are not there then.
 */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { DrawingFile } from '../engine/index.ts';

const folder = fileURLToPath(new URL('./', import.meta.url));

/** Reads them, in the order of their paths. */
export async function readShippedDrawings(options: {
  readonly billing: boolean;
}): Promise<readonly DrawingFile[]> {
  const paths = (await readdir(folder, { recursive: true })).filter(
    (path) =>
      path.endsWith('.bpmn') && (options.billing || !path.startsWith(join('billing-orders', '/'))),
  );
  return await Promise.all(
    paths
      .sort()
      .map(async (path) => ({ name: path, xml: await readFile(join(folder, path), 'utf8') })),
  );
}
