/**
 * `orderloom lint`: everything that is wrong with drawings and decisions, without a program that runs and without
 * deploying them. The exit code is 1 when there is a problem, and 2 when a file could not be opened.
 */
import { readFile } from 'node:fs/promises';
import {
  compileDrawing,
  type DrawingProblem,
  isDecisionFile,
  problemText,
  readDecisions,
  ScriptRunner,
} from '../../engine/index.ts';
import { workflows } from '../../processes/index.ts';
import { CommandError } from '../api-client.ts';
import { readManifests } from '../contracts/manifests.ts';
import { readDelegates } from '../delegates.ts';

/** Checks files; gives the exit code. */
export async function lint(
  files: readonly string[],
  options: { readonly json?: boolean; readonly delegates?: string },
): Promise<number> {
  const names = new Set(
    readManifests().flatMap(({ procedures }) => procedures.map(({ name }) => name)),
  );
  const problems: DrawingProblem[] = [];
  let delegates: Awaited<ReturnType<typeof readDelegates>>;
  try {
    delegates = await readDelegates(files, options.delegates);
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    console.error(`orderloom: ${error.message}`);
    return 2;
  }
  const scripts = process.env.JAVASCRIPT_SCRIPTS === 'on' ? new ScriptRunner() : undefined;
  for (const file of files) {
    let xml: string;
    try {
      xml = await readFile(file, 'utf8');
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      console.error(`orderloom: expected a file to check, found none that can be read: ${why}`);
      return 2;
    }
    if (isDecisionFile(xml)) {
      const read = await readDecisions({ name: file, xml });
      if ('problems' in read) problems.push(...read.problems);
      continue;
    }
    const checked = await compileDrawing(
      { name: file, xml, ...(delegates ? { delegates } : {}) },
      {
        knowsProcedure: (name) => names.has(name),
        scripts,
        code: (process, version) =>
          workflows.find(({ model }) => model.key === process && model.version === version)?.model,
      },
    );
    problems.push(...checked.problems);
  }
  if (options.json) console.log(JSON.stringify({ files: files.length, problems }, null, 2));
  else if (problems.length > 0) console.log(problems.map(problemText).join('\n'));
  else
    console.log(
      `${files.length === 1 ? 'The file' : `All ${files.length} files`} can be deployed.`,
    );
  return problems.length === 0 ? 0 : 1;
}
