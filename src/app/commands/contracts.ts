/** `orderloom contracts`: writes the files that are derived from the code, or says which differ. */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Command } from 'commander';
import { derivedFiles } from '../contracts/derived-files.ts';
import { integrationFiles, keptDocument, writeFiles } from '../integrate/write-integration.ts';
import { ownIntegrations } from '../services/topology.ts';

const root = fileURLToPath(new URL('../../../', import.meta.url));

/** Without `write` only compares; the exit code is then 1 when a file is not as it would be written. */
export async function contracts(
  program: Command,
  options: { readonly write?: boolean },
): Promise<number> {
  const different = await differentFiles(program);
  if (different.length === 0 && !(options.write && (await refreshOwnServices()))) {
    console.log('Every derived file is as it should be.');
    return 0;
  }
  if (!options.write) {
    console.error(
      `orderloom: not as the code says: ${different.map(([path]) => path).join(', ')}. ` +
        'Run `npm run contracts` and commit what it writes.',
    );
    return 1;
  }
  for (const [path, text] of different) {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), text);
    console.log(`wrote ${path}`);
  }
  await refreshOwnServices();
  return 0;
}

/** The document that our own services are integrated from: theirs are parts of it. */
export const ownDocument = 'contracts/openapi.yaml';

/** Integrates our own services anew where the document says something else; true when it wrote any. */
async function refreshOwnServices(): Promise<boolean> {
  let changed = false;
  for (const name of ownIntegrations) {
    const kept = await keptDocument(root, name);
    if (kept?.origin.source !== ownDocument) continue;
    const source = join(root, ownDocument);
    const files = await integrationFiles({ root, name, source, only: kept.origin.only });
    for (const path of await writeFiles(root, files)) {
      console.log(`wrote ${path}`);
      changed = true;
    }
  }
  return changed;
}

/** Paths and right texts of the files that are missing or say something else. */
export async function differentFiles(
  program: Command,
): Promise<readonly (readonly [path: string, text: string])[]> {
  const files = [...(await derivedFiles(program))];
  const kept = await Promise.all(
    files.map(([path]) => readFile(join(root, path), 'utf8').catch(() => null)),
  );
  return files.filter(([, text], at) => kept[at] !== text);
}
