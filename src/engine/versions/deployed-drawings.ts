/**
 * The drawings that a database has, read by a program that is not the one that runs on it: with their
 * models, and with what that program lacks of what they need. Drawings are kept as they were deployed,
 * so what can break them is the code around them: a procedure that is gone, a reader that has become
 * stricter.
 */
import { type CompileOptions, compileDrawing, withVersion } from '../bpmn/compile-drawing.ts';
import type { DrawingProblem } from '../bpmn/problem.ts';
import type { ProcessModel } from '../model/process-model.ts';
import type { Statements } from '../store/commit-group.ts';
import { hasDrawings, readDrawings } from '../store/drawing-store.ts';

/** A version of a process that was deployed as a drawing. */
export interface DeployedDrawing {
  readonly process: string;
  readonly version: number;
  /** Undefined when the program cannot read the drawing; `problems` says why. */
  readonly model: ProcessModel | undefined;
  /** With a model: each element whose procedure the program does not have. */
  readonly problems: readonly DrawingProblem[];
}

/** What a program knows that drawings refer to. */
export type DrawingReader = Required<Pick<CompileOptions, 'code' | 'knowsProcedure'>>;

/** Drawings that one statement reads. */
const drawingsPerRead = 100;

/** Every version of every deployed drawing. Reads only. */
export async function readDeployedDrawings(
  db: Statements,
  program: DrawingReader,
): Promise<readonly DeployedDrawing[]> {
  if (!(await hasDrawings(db))) return [];
  const drawings: DeployedDrawing[] = [];
  for (let after = '0'; ; ) {
    const rows = await readDrawings(db, after, drawingsPerRead);
    for (const { process, version, name, xml, delegates } of rows) {
      const file = { name, xml, ...(delegates ? { delegates } : {}) };
      drawings.push({ process, version, ...(await readDrawing(file, process, version, program)) });
    }
    const last = rows.at(-1);
    if (!last || rows.length < drawingsPerRead) return drawings;
    after = last.number;
  }
}

async function readDrawing(
  file: Parameters<typeof compileDrawing>[0],
  process: string,
  version: number,
  { code, knowsProcedure }: DrawingReader,
): Promise<Pick<DeployedDrawing, 'model' | 'problems'>> {
  const { problems } = await compileDrawing(file, { code, knowsProcedure, scripts: 'off' });
  // As a program reads what is deployed: with the names of procedures that it does not have.
  const read = await compileDrawing(file, { code, scripts: 'off' });
  const model = read.models.find(({ key }) => key === process);
  if (!model) return { model, problems: read.problems };
  const own = problems.filter(({ element }) => model.nodes[element]);
  return { model: withVersion(model, version), problems: own };
}
