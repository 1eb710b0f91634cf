/**
 * `orderloom integrate`: makes another service's operations procedures and its webhooks events, or says
 * how the service has drifted from what is kept of it.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CommandError } from '../api-client.ts';
import { compareDocuments, type Difference } from '../integrate/compare-documents.ts';
import { describeService } from '../integrate/describe-service.ts';
import { serviceSource } from '../integrate/integration-source.ts';
import { readServiceDocument } from '../integrate/read-service-document.ts';
import {
  describeKept,
  integrationFiles,
  integrationFolder,
  type KeptDocument,
  keptDocument,
  serviceListText,
  writeFiles,
} from '../integrate/write-integration.ts';

/** How the command was called. */
export interface IntegrateOptions {
  readonly name?: string;
  readonly only?: string;
  readonly check?: boolean;
  readonly json?: boolean;
}

const projectFolder = fileURLToPath(new URL('../../../', import.meta.url));
const listFile = 'src/app/integrated-services.ts';

/** Resolves with the exit code: 1 when a check found a difference. `root` is the project that is written to. */
export async function integrate(
  source: string,
  options: IntegrateOptions,
  root: string = projectFolder,
): Promise<number> {
  const name = options.name ?? (await nameOf(source));
  if (!/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(name) || name.length > 50) {
    throw new CommandError(
      `expected a name such as payment-service (--name), found "${name}"; it names a folder, procedures and a webhook`,
    );
  }
  const kept = await keptDocument(root, name);
  if (options.check) return await check({ source, name, kept, root, json: options.json ?? false });
  if (!kept) await refuseTakenName(name);
  const only = options.only?.split(',').map((one) => one.trim()) ?? kept?.origin.only;
  const files = await integrationFiles({ root, name, source, only });
  const list = await serviceListText(root, name);
  const written = await writeFiles(root, new Map([...files, [listFile, list]]));
  if (options.json) console.log(JSON.stringify({ name, written }));
  else if (written.length === 0) console.log(`${name}: nothing has changed.`);
  else {
    for (const path of written) console.log(`wrote ${path}`);
    console.log(
      `\nSet its address: ORDERLOOM_SERVICE_URLS=${name}=<address>, its key in ORDERLOOM_SERVICE_KEYS, and,\n` +
        `when it sends events to POST /webhooks/${name}, the secret in ORDERLOOM_SERVICE_SECRETS.`,
    );
  }
  return 0;
}

/** Refused before anything is written: the program would not start with two of one name. */
async function refuseTakenName(name: string): Promise<void> {
  const { readManifests } = await import('../contracts/manifests.ts');
  for (const { name: module, webhooks = [] } of readManifests()) {
    const webhook = webhooks.find((one) => one.name === name);
    if (module !== name && !webhook) continue;
    const what = module === name ? `the module "${name}"` : `the webhook "${name}" of ${module}`;
    throw new CommandError(
      `expected a name that is free (--name), found that of ${what}; such as ${name}-service`,
    );
  }
}

/** A name from the document's title: `Payment Service` is `payment-service`. */
async function nameOf(source: string): Promise<string> {
  const { document } = await readServiceDocument(source);
  const { title } = (document.info ?? {}) as { readonly title?: unknown };
  const words =
    String(title ?? '')
      .toLowerCase()
      .match(/[a-z0-9]+/g) ?? [];
  return words.join('-').replace(/^[0-9-]+/, '');
}

async function check(options: {
  readonly source: string;
  readonly name: string;
  readonly kept: KeptDocument | null;
  readonly root: string;
  readonly json: boolean;
}): Promise<number> {
  const { source, name, kept, root, json } = options;
  if (!kept) {
    throw new CommandError(`there is no ${integrationFolder(name)}; integrate the service first`);
  }
  const { only } = kept.origin;
  const now = await readServiceDocument(source);
  const taken = describeService({ document: now.document, name, only, source: now.source });
  const differences = compareDocuments(kept.document, taken.kept);
  const stale = await staleFiles(root, name, kept);
  if (json) console.log(JSON.stringify({ name, differences, stale }, null, 2));
  else print(name, now.source, differences, stale);
  return differences.length + stale.length > 0 ? 1 : 0;
}

/** Generated files that are not what the kept document gives. */
async function staleFiles(
  root: string,
  name: string,
  kept: KeptDocument,
): Promise<readonly string[]> {
  const service = describeKept(kept.document, name, kept.origin.only);
  const path = `${integrationFolder(name)}/generated/service.ts`;
  const text = await readFile(join(root, path), 'utf8').catch(() => null);
  return text === serviceSource(service) ? [] : [path];
}

function print(
  name: string,
  source: string,
  differences: readonly Difference[],
  stale: readonly string[],
): void {
  if (differences.length + stale.length === 0) {
    console.log(`${name} is as ${source} says.`);
    return;
  }
  for (const { kind, what, breaking, detail } of differences) {
    console.log(`${breaking ? 'breaking' : 'harmless'}  ${kind} ${what}: ${detail}`);
  }
  for (const path of stale)
    console.log(`stale     ${path} is not what openapi.yaml beside it gives`);
  console.error(
    `orderloom: ${name} has drifted from ${source}. Run \`orderloom integrate ${source} --name ${name}\`, ` +
      'and look at what changed.',
  );
}
