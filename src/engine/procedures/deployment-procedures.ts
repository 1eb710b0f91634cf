/** Procedures over definitions: deploying drawings, and looking at every version of every process. */
import { z } from 'zod';
import type { Role } from '../../kernel/caller.ts';
import { refuse } from '../../kernel/errors.ts';
import { countCap, decodeCursor, pageOf, pageQueryBy, toPage } from '../../kernel/page.ts';
import { defineRead, defineTransactional } from '../../kernel/procedure.ts';
import { nameSchema } from '../../kernel/text.ts';
import { isDecisionFile } from '../decisions/read-decisions.ts';
import type { Engine } from '../engine.ts';
import { PROCESS_NOT_FOUND } from '../errors.ts';
import { decisionKeys } from '../store/decision-store.ts';
import { readDrawing } from '../store/drawing-store.ts';
import { type FileProblem, problemText } from '../xml/file-problem.ts';
import { mostDeployedBytes, mostDeployedFiles } from './deployment-limits.ts';
import { drawingInvalid } from './errors.ts';
import { nameOf } from './process-procedures.ts';

const operators = ['operator', 'admin'] as const satisfies readonly Role[];
const watchers = ['operator', 'manager', 'support', 'admin'] as const satisfies readonly Role[];

const fileName = z.string().min(1).max(255);
/** Problems that one answer lists field by field; all of them are in `problems`. */
const listedIssues = 100;

const delegateTable = z
  .record(z.string().min(1).max(200), nameSchema)
  .refine((table) => Object.keys(table).length <= 500, 'expected at most 500 delegates')
  .describe(
    'For drawings made for Camunda 7 or Flowable: the procedure that stands for each Java class, bean or ' +
      'expression, by its name there',
  );

/** A version of a process as a list shows it. */
export const definitionSchema = z.object({
  process: z.string(),
  version: z.number().int(),
  name: z.string(),
  source: z.enum(['code', 'drawing']),
  deployedAt: z.iso.datetime(),
  deployedBy: z.string().nullable().describe('Who deployed the drawing; null for code'),
  file: z.string().nullable(),
  versionTag: z.string().nullable().describe('What the drawing calls this version'),
});

/** What a deployment gave. */
export const deploymentSchema = z.object({
  deployed: z.array(
    z.object({
      process: z.string(),
      version: z.number().int().nullable().describe('Null when nothing was deployed: `dryRun`'),
      file: z.string(),
      existing: z.boolean().describe('The same content was deployed before'),
    }),
  ),
  decisions: z.array(
    z.object({
      decision: z.string(),
      version: z.number().int().nullable().describe('Null when nothing was deployed: `dryRun`'),
      file: z.string(),
      existing: z.boolean().describe('The same content was deployed before'),
    }),
  ),
});

interface DefinitionRow {
  readonly process: string;
  readonly version: number;
  readonly name: string;
  readonly deployed_at: Date;
  readonly deployed_by: string | null;
  readonly file: string | null;
}

/** The procedures over definitions of an engine. */
export function deploymentProcedures(engine: () => Engine) {
  const deploy = defineTransactional({
    name: 'deployments.create',
    summary:
      'Deploy drawings (BPMN 2.0) and decisions (DMN): each new content is the next version of its process or decision',
    description:
      'Give one file as `xml`, or as the body with Content-Type application/xml, or several as ' +
      '`files`. All of them are checked first; with one problem in any file nothing is deployed, and ' +
      'the answer lists every problem with file, line, element, rule and remedy. The same content ' +
      'again gives the version that it has. ' +
      `At most ${mostDeployedFiles} files together.`,
    input: z
      .object({
        xml: z.string().optional(),
        name: fileName.default('drawing.bpmn').describe('What messages call the file'),
        files: z
          .array(z.object({ name: fileName, xml: z.string() }))
          .min(1)
          .max(mostDeployedFiles)
          .optional(),
        delegates: delegateTable.optional(),
        dryRun: z.stringbool().or(z.boolean()).default(false).describe('Only checks'),
      })
      .refine(({ xml, files }) => (xml === undefined) !== (files === undefined), {
        path: ['files'],
        message: 'expected either `xml` or `files`',
      }),
    output: deploymentSchema,
    access: operators,
    http: { method: 'POST', path: '/deployments', status: 201, bodyLimit: mostDeployedBytes },
    errors: [drawingInvalid],
    timeoutMs: 60_000,
    async execute({ tx, caller, clock }, { xml, name, files, delegates, dryRun }) {
      const drawings = files ?? [{ name, xml: xml ?? '' }];
      const tables = drawings.filter((file) => isDecisionFile(file.xml));
      const given = drawings
        .filter((file) => !tables.includes(file))
        .map((file) => ({ ...file, ...(delegates ? { delegates } : {}) }));
      const decided = await engine().decisions.prepare(tables);
      const own = 'files' in decided ? decided.files.flatMap(({ decisions }) => decisions) : [];
      const known = await decisionKeys(tx);
      const knowsDecision = (id: string) =>
        // One that is told as wrong already is not told as missing, too.
        'problems' in decided || known.has(id) || own.some((one) => one.id === id);
      const prepared = await engine().drawings.prepare(given, { knowsDecision });
      if ('problems' in prepared || 'problems' in decided) {
        const problems = [decided, prepared].flatMap((one): readonly FileProblem[] =>
          'problems' in one ? one.problems : [],
        );
        const issues = problems.slice(0, listedIssues).map((problem) => ({
          pointer: `/${problem.element}`,
          expected: problem.rule,
          found: problem.message,
          message: problemText(problem),
        }));
        return refuse(
          drawingInvalid,
          `expected drawings that this engine runs as they are drawn, found ${problems.length} ${problems.length === 1 ? 'problem' : 'problems'}`,
          { issues, data: { problems } },
        );
      }
      if (dryRun) {
        const deployed = prepared.files.flatMap(({ models, name: file }) =>
          models.map(({ key }) => ({ process: key, version: null, file, existing: false })),
        );
        const decisions = decided.files.flatMap(({ decisions: ids, name: file }) =>
          ids.map(({ id }) => ({ decision: id, version: null, file, existing: false })),
        );
        return { deployed, decisions };
      }
      const by = nameOf(caller);
      const decisions = await engine().decisions.deploy(tx, decided.files, { by, at: clock.now() });
      const deployed = await engine().drawings.deploy(tx, prepared.files, by);
      return { deployed: [...deployed], decisions: [...decisions] };
    },
  });

  const list = defineRead({
    name: 'process-definitions.list',
    summary: 'List every version of every process that was deployed, as code or as a drawing',
    input: pageQueryBy([nameSchema, z.string().regex(/^\d{1,9}$/)]),
    output: pageOf(definitionSchema),
    access: watchers,
    http: { method: 'GET', path: '/process-definitions' },
    errors: [],
    async execute({ tx }, { limit, cursor }) {
      const [process = '', version = '0'] =
        (cursor === undefined ? null : decodeCursor(cursor, 2)) ?? [];
      const { rows } = await tx.query<DefinitionRow>(
        `select d.process, d.version, d.name, d.deployed_at, w.deployed_by, f.name as file
           from engine.definition d
           left join engine.drawing w using (process, version)
           left join engine.drawing_file f on f.digest = w.digest
          where (d.process, d.version) > ($1, $2) order by d.process, d.version limit $3`,
        [process, Number(version), limit + 1],
      );
      const counted = await tx.query<{ n: number }>(
        'select count(*)::int as n from (select 1 from engine.definition limit $1) as d',
        [countCap + 1],
      );
      return toPage({
        rows,
        limit,
        counted: counted.rows[0]?.n ?? 0,
        cursorOf: (row) => [row.process, String(row.version)],
        itemOf: (row) => ({
          process: row.process,
          version: row.version,
          name: row.name,
          source: row.file === null ? ('code' as const) : ('drawing' as const),
          deployedAt: row.deployed_at.toISOString(),
          deployedBy: row.deployed_by,
          file: row.file,
          versionTag: engine().model(row.process, row.version)?.versionTag ?? null,
        }),
      });
    },
  });

  const bpmn = defineRead({
    name: 'process-definitions.bpmn',
    summary:
      'Show a version of a process as BPMN 2.0: the drawing as it was deployed, or code as one',
    input: z.object({ process: nameSchema, version: z.coerce.number().int().min(1) }),
    output: z.object({
      process: z.string(),
      version: z.number().int(),
      source: z.enum(['code', 'drawing']),
      file: z.string(),
      xml: z.string(),
    }),
    access: watchers,
    http: { method: 'GET', path: '/process-definitions/{process}/versions/{version}/bpmn' },
    errors: [PROCESS_NOT_FOUND],
    async execute({ tx }, { process, version }) {
      const drawing = await readDrawing(tx, process, version);
      if (drawing) {
        return {
          process,
          version,
          source: 'drawing' as const,
          file: drawing.name,
          xml: drawing.xml,
        };
      }
      const xml = await engine().drawings.draw(process, version);
      if (xml !== null) {
        return {
          process,
          version,
          source: 'code' as const,
          file: `${process}.v${version}.bpmn`,
          xml,
        };
      }
      return refuse(
        PROCESS_NOT_FOUND,
        `expected a version of a process that the program has, found "${process}" version ${version}`,
      );
    },
  });

  return [deploy, list, bpmn];
}
