/** `orderloom deploy` and `orderloom export`: drawings into a running program, and out of it. */
import { basename } from 'node:path';
import type { z } from 'zod';
import { mostDeployedBytes, mostDeployedFiles } from '../../engine/procedures/deployment-limits.ts';
import type {
  definitionSchema,
  deploymentSchema,
} from '../../engine/procedures/deployment-procedures.ts';
import { CommandError, type PageAnswer } from '../api-client.ts';
import type { CommandContext } from '../command-context.ts';
import { readDelegates } from '../delegates.ts';
import { readDrawingFiles } from '../drawing-files.ts';
import { table } from '../terminal.ts';

type Deployment = z.output<typeof deploymentSchema>;
type Definition = z.output<typeof definitionSchema>;

/** Deploys files, and all that lie in folders: all of them or none. */
export async function deploy(
  { api, answer }: CommandContext,
  paths: readonly string[],
  options: { readonly dryRun: boolean; readonly delegates?: string },
): Promise<void> {
  const read = await readDrawingFiles(paths);
  if (read.length > mostDeployedFiles) {
    throw tooMuch(`${mostDeployedFiles} files`, `${read.length}`);
  }
  const files = read.map(({ path, xml }) => ({ name: basename(path), xml }));
  const { dryRun } = options;
  const delegates = await readDelegates(
    read.map(({ path }) => path),
    options.delegates,
  );
  const told = delegates ? { delegates } : {};
  const body = { files, ...told, dryRun };
  const bytes = Buffer.byteLength(JSON.stringify(body));
  if (bytes > mostDeployedBytes) throw tooMuch(`${mostDeployedBytes} bytes`, `${bytes}`);
  const result = await api.post<Deployment>('/deployments', body);
  const { deployed, decisions } = result;
  const rows = [
    ...deployed.map((one) => ({ ...one, name: one.process })),
    ...decisions.map((one) => ({ ...one, name: one.decision })),
  ];
  answer(result, () =>
    table(rows, [
      { title: 'PROCESS OR DECISION', value: ({ name }) => name },
      { title: 'VERSION', align: 'right', value: ({ version }) => version ?? '-' },
      { title: 'FILE', value: ({ file }) => file },
      {
        title: 'WHAT',
        value: ({ existing }) =>
          dryRun ? 'can be deployed' : existing ? 'was deployed before' : 'deployed',
      },
    ]),
  );
}

function tooMuch(expected: string, found: string): CommandError {
  return new CommandError(
    `Expected at most ${expected} to be deployed together, found ${found}: nothing was deployed. Deploy ` +
      'the folders one after another, decisions before the drawings that ask them.',
  );
}

/** Prints a version of a process as BPMN. */
export async function exportProcess(
  { api, answer }: CommandContext,
  process: string,
  version: string | undefined,
): Promise<void> {
  const wanted = version ?? (await newestOf(api, process));
  const path = `/process-definitions/${encodeURIComponent(process)}/versions/${encodeURIComponent(wanted)}/bpmn`;
  const result = await api.get<{ readonly xml: string }>(path);
  answer(result, () => result.xml.trimEnd());
}

/** The newest version of a process that was deployed. */
export async function newestOf(api: CommandContext['api'], process: string): Promise<string> {
  let newest: number | null = null;
  let cursor: string | null = null;
  do {
    const page: PageAnswer<Definition> = await api.get('/process-definitions', {
      limit: 200,
      ...(cursor === null ? {} : { cursor }),
    });
    for (const one of page.items) if (one.process === process) newest = one.version;
    cursor = page.nextCursor;
  } while (cursor !== null);
  if (newest !== null) return String(newest);
  throw new CommandError(`Expected a process that was deployed, found none called "${process}".`);
}
