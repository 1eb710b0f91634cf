/**
 * Generates the TypeScript types of an OpenAPI document, and keeps them next to it. Guarantees that
 * what is committed under `generated/` is what this file makes of the document beside it: the test
 * compares them, and `npm run generate:clients` writes them anew.
 */
import { glob, mkdir, readFile, writeFile } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import openapiTypescript, { astToString } from 'openapi-typescript';

const repository = fileURLToPath(new URL('../../', import.meta.url));

/** The types of one document, as the text of a TypeScript file. */
export async function clientTypes(document: string): Promise<string> {
  const nodes = await openapiTypescript(pathToFileURL(resolve(document)), { alphabetize: true });
  const header = `// Generated from ../${basename(document)} by \`npm run generate:clients\`; not to be edited.\n\n`;
  return header + astToString(nodes);
}

/** Where the types of a document are kept: `openapi.yaml` has them in `generated/openapi.ts`. */
function generatedFile(document: string): string {
  return join(dirname(document), 'generated', basename(document).replace(/\.yaml$/, '.ts'));
}

/** Every OpenAPI document of the integrations, as absolute paths in a stable order. */
export async function documents(): Promise<string[]> {
  const found: string[] = [];
  for await (const path of glob('src/integrations/**/*openapi.yaml', { cwd: repository })) {
    found.push(join(repository, path));
  }
  return found.sort();
}

/** The generated file that is kept for a document, or null when there is none. */
export async function keptTypes(document: string): Promise<string | null> {
  return readFile(generatedFile(document), 'utf8').catch(() => null);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const document of await documents()) {
    const file = generatedFile(document);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, await clientTypes(document));
    process.stdout.write(`${file.slice(repository.length)}\n`);
  }
}
