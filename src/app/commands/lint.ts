/**
 * `orderloom lint`: everything that is wrong with drawings and decisions, and what could be drawn better, without a
 * program that runs and without deploying them. The exit code is 1 when something is wrong, and 2 when a file could
 * not be opened; warnings change nothing.
 */
import {
  compileDrawing,
  type FileProblem,
  isDecisionFile,
  readDecisions,
  ScriptRunner,
} from '../../engine/index.ts';
import { workflows } from '../../processes/index.ts';
import { CommandError } from '../api-client.ts';
import { readManifests } from '../contracts/manifests.ts';
import { readDelegates } from '../delegates.ts';
import { type DrawingText, readDrawingFiles } from '../drawing-files.ts';
import { printable } from '../terminal.ts';

interface Found {
  readonly problems: readonly FileProblem[];
  readonly warnings: readonly FileProblem[];
}

/** Checks files, and all that lie in folders; gives the exit code. */
export async function lint(
  paths: readonly string[],
  options: { readonly json?: boolean; readonly delegates?: string },
): Promise<number> {
  let files: readonly DrawingText[];
  let delegates: Awaited<ReturnType<typeof readDelegates>>;
  try {
    files = await readDrawingFiles(paths);
    delegates = await readDelegates(
      files.map(({ path }) => path),
      options.delegates,
    );
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    console.error(`orderloom: ${error.message}`);
    return 2;
  }
  const { problems, warnings } = await check(files, delegates);
  console.log(
    options.json
      ? JSON.stringify({ files: files.length, problems, warnings }, null, 2)
      : report(files.length, { problems, warnings }),
  );
  return problems.length === 0 ? 0 : 1;
}

async function check(
  files: readonly DrawingText[],
  delegates: Readonly<Record<string, string>> | undefined,
): Promise<Found> {
  const names = new Set(
    readManifests().flatMap(({ procedures }) => procedures.map(({ name }) => name)),
  );
  const scripts = process.env.JAVASCRIPT_SCRIPTS === 'on' ? new ScriptRunner() : undefined;
  const problems: FileProblem[] = [];
  const warnings: FileProblem[] = [];
  for (const { path, xml } of files) {
    if (isDecisionFile(xml)) {
      const read = await readDecisions({ name: path, xml });
      if ('problems' in read) problems.push(...read.problems);
      continue;
    }
    const checked = await compileDrawing(
      { name: path, xml, ...(delegates ? { delegates } : {}) },
      {
        ...{ isAdvised: true, scripts, knowsProcedure: (name) => names.has(name) },
        code: (key, version) =>
          workflows.find(({ model }) => model.key === key && model.version === version)?.model,
      },
    );
    problems.push(...checked.problems);
    warnings.push(...checked.warnings);
  }
  await scripts?.close();
  return { problems, warnings };
}

/** What was found for people: file by file, line by line, with what to do below each. */
function report(files: number, { problems, warnings }: Found): string {
  const all = [
    ...problems.map((one) => ({ ...one, kind: 'error' })),
    ...warnings.map((one) => ({ ...one, kind: 'warning' })),
  ];
  const blocks = [...Map.groupBy(all, ({ file }) => file).values()].map((ofFile) =>
    ofFile
      .toSorted((a, b) => a.line - b.line)
      .map(({ file, line, element, kind, rule, message, remedy }) => {
        const place = `${file}${line > 0 ? `:${line}` : ''}`;
        const head = `${place}  ${kind}  ${rule}${element === '' ? '' : `  ${element}`}`;
        return [head, `    ${message}`, `    -> ${remedy}`].map(printable).join('\n');
      })
      .join('\n'),
  );
  const isWell = problems.length === 0;
  const counted = [
    ...(isWell ? [] : [amount(problems.length, 'error')]),
    ...(warnings.length > 0 ? [amount(warnings.length, 'warning')] : []),
  ].join(' and ');
  const told = isWell
    ? `${files === 1 ? 'The file' : `All ${files} files`} can be deployed${counted === '' ? '' : `, with ${counted}`}.`
    : `${counted} in ${amount(files, 'file')}; nothing can be deployed.`;
  return [...blocks, told].join('\n\n');
}

function amount(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}
