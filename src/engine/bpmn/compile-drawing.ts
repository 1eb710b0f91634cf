/**
 * Drawings as process models: reads a file, checks all of it, and makes a model of each executable
 * process. With one problem anywhere in the file there are no models.
 */
import type { ModdleElement } from 'bpmn-moddle';
import type { ProcessModel } from '../model/process-model.ts';
import { adviceOf } from './advice.ts';
import { checkCollaboration } from './check-collaboration.ts';
import { translateDialect } from './dialect/translate.ts';
import { checkProperties } from './known-properties.ts';
import { elementsOf, kindOf } from './moddle-values.ts';
import type { DrawingProblem } from './problem.ts';
import { type DrawingFile, inertRoots, readFile } from './read-file.ts';
import { type ReadOptions, readProcess } from './read-process.ts';
import { checkScripts } from './read-script.ts';
import type { Report } from './report.ts';

export type { DrawingFile } from './read-file.ts';

/** What a drawing is checked against. */
export interface CompileOptions extends ReadOptions {
  /** Whether `warnings` is wanted: what people would draw otherwise. */
  readonly isAdvised?: boolean;
}

/** What became of a file: its models, or what is wrong with it. */
export interface CompiledDrawing {
  readonly problems: readonly DrawingProblem[];
  /** Of version 1; `withVersion` gives them another. Empty when there are problems. */
  readonly models: readonly ProcessModel[];
  /** What runs, and could be drawn better; empty where it was not asked for. */
  readonly warnings: readonly DrawingProblem[];
}

/** Reads and checks a file. Never throws for what is in it. */
export async function compileDrawing(
  file: DrawingFile,
  options: CompileOptions = {},
): Promise<CompiledDrawing> {
  const { definitions, report } = await readFile(file);
  const models: ProcessModel[] = [];
  let warnings: readonly DrawingProblem[] = [];
  if (definitions) {
    if (options.isAdvised) warnings = await adviceOf(definitions, report);
    translateDialect(definitions, report, file.delegates);
    checkProperties(definitions, report);
    checkCollaboration(definitions, report);
    await checkScripts(definitions, report, options.scripts);
    const roots = elementsOf(definitions, 'rootElements');
    for (const root of roots) checkRoot(root, report);
    const processes = roots.filter(
      (root) => kindOf(root) === 'process' && root.isExecutable === true,
    );
    if (processes.length === 0) {
      report.add(
        'nothing-executable',
        '',
        'expected a process with isExecutable="true", found none',
        'mark the process as executable',
      );
    }
    for (const process of processes) {
      const model = readProcess(process, report, options);
      if (model) models.push(model);
    }
  }
  const problems = report.problems.toSorted((a, b) => a.line - b.line);
  return { problems, models: problems.length === 0 ? models : [], warnings };
}

/** The model as the version that it was deployed as. */
export function withVersion(model: ProcessModel, version: number): ProcessModel {
  return Object.freeze({ ...model, version });
}

function checkRoot(root: ModdleElement, report: Report): void {
  const kind = kindOf(root);
  checkProperties(root, report);
  if (inertRoots.has(kind) || kind.endsWith('EventDefinition')) return;
  report.add(
    'element-unsupported',
    root,
    `expected processes, and messages, errors, signals and escalations, found a ${kind}`,
    'take it out, or draw it as a process',
  );
}
