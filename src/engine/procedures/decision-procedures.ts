/** Procedures over decisions: what is deployed, evaluating it, and how each evaluation came about. */
import { z } from 'zod';
import type { Role } from '../../kernel/caller.ts';
import { refuse } from '../../kernel/errors.ts';
import { idSchema } from '../../kernel/ids.ts';
import { cursorValue, decodeCursor, pageOf, pageQueryBy, toPage } from '../../kernel/page.ts';
import {
  defineRead,
  defineTransactional,
  type TransactionalContext,
} from '../../kernel/procedure.ts';
import { nameSchema } from '../../kernel/text.ts';
import { DecisionError } from '../decisions/decision-problem.ts';
import type { Engine } from '../engine.ts';
import { findDecision, insertEvaluation, readDecisionFile } from '../store/decision-store.ts';
import {
  decisionFailed,
  decisionInputInvalid,
  decisionNotFound,
  evaluationNotFound,
} from './errors.ts';
import { nameOf } from './process-procedures.ts';
import { readPage } from './read-page.ts';

const deciders = ['operator', 'manager', 'admin', 'service'] as const satisfies readonly Role[];
const watchers = ['operator', 'manager', 'support', 'admin'] as const satisfies readonly Role[];

/** Name of the procedure by which business rule tasks decide. */
const decideProcedure = 'decisions.decide';

const version = z.coerce.number().int().min(1).max(2_147_483_647);
const variables = z.record(z.string().max(200), z.unknown());

/** A version of a decision as a list shows it. */
const decisionSchema = z.object({
  decision: z.string(),
  version: z.number().int(),
  name: z.string(),
  file: z.string(),
  deployedAt: z.iso.datetime(),
  deployedBy: z.string(),
});

const stepSchema = z.object({
  decision: z.string(),
  name: z.string(),
  inputs: z.array(z.object({ name: z.string(), value: z.unknown() })),
  matched: z
    .unknown()
    .describe('Of a table: the rules that held, by number and id, with their outputs; else null'),
  result: z.unknown(),
});

const outcomeSchema = z.object({
  evaluationId: idSchema,
  decision: z.string(),
  version: z.number().int(),
  result: z.unknown(),
  rows: z
    .array(z.record(z.string(), z.unknown()))
    .describe('Outputs by name, one for each rule that the hit policy left'),
  steps: z
    .array(stepSchema)
    .describe('Every decision that was made on the way; what is required comes first'),
});

/** An evaluation as a list shows it. */
const evaluationSchema = z.object({
  id: idSchema,
  decision: z.string(),
  version: z.number().int(),
  at: z.iso.datetime(),
  by: z.string(),
  instanceId: idSchema.nullable().describe('The process instance whose step asked'),
  element: z.string().nullable(),
  result: z.unknown(),
});

interface DecisionRow {
  readonly decision: string;
  readonly version: number;
  readonly name: string;
  readonly file: string;
  readonly deployed_at: Date;
  readonly deployed_by: string;
}

interface EvaluationRow {
  readonly id: string;
  readonly decision: string;
  readonly version: number;
  readonly evaluated_at: Date;
  readonly evaluated_by: string;
  readonly instance_id: string | null;
  readonly element: string | null;
  readonly result: unknown;
}

/** The procedures over decisions of an engine. */
export function decisionProcedures(engine: () => Engine) {
  interface Asked {
    readonly decision: string;
    readonly version?: number | undefined;
    readonly variables: Readonly<Record<string, unknown>>;
    readonly step: { readonly instanceId: string; readonly element: string } | null;
  }

  /** Evaluates and keeps how: both in the transaction of whoever asks. */
  async function decide(context: TransactionalContext, asked: Asked) {
    const { tx, caller, clock } = context;
    const { decision, variables: given, step } = asked;
    const at = clock.now();
    const wanted = asked.version ?? null;
    let outcome: Awaited<ReturnType<Engine['decisions']['evaluate']>>;
    try {
      outcome = await engine().decisions.evaluate(tx, {
        ...{ decision, variables: given, at },
        version: wanted,
      });
    } catch (error) {
      if (!(error instanceof DecisionError)) throw error;
      return refuse(error.fault === 'input' ? decisionInputInvalid : decisionFailed, error.message);
    }
    if (!outcome) return noDecision(decision, wanted);
    const { result, rows, steps } = outcome;
    const id = context.newId();
    await insertEvaluation(tx, {
      ...{ id, decision, version: outcome.version, at, by: nameOf(caller), step, given },
      ...{ result, steps },
    });
    return {
      ...{ evaluationId: id, decision, version: outcome.version, result },
      rows: rows.map((row) => ({ ...row })),
      steps: steps.map((one) => ({ ...one, inputs: [...one.inputs] })),
    };
  }

  const list = defineRead({
    name: 'decisions.list',
    summary: 'List every version of every decision (DMN) that was deployed',
    input: pageQueryBy([nameSchema, z.string().regex(/^\d{1,9}$/)]).extend({
      decision: nameSchema.optional(),
    }),
    output: pageOf(decisionSchema),
    access: watchers,
    http: { method: 'GET', path: '/decisions' },
    errors: [],
    async execute({ tx }, { limit, cursor, decision }) {
      const [after = '', number = '0'] =
        (cursor === undefined ? null : decodeCursor(cursor, 2)) ?? [];
      const { rows } = await tx.query<DecisionRow>(
        `select d.decision, d.version, d.name, f.name as file, d.deployed_at, d.deployed_by
           from engine.decision d join engine.decision_file f using (digest)
          where (d.decision, d.version) > ($1, $2) and ($4::text is null or d.decision = $4)
          order by d.decision, d.version limit $3`,
        [after, Number(number), limit + 1, decision ?? null],
      );
      const counted = await tx.query<{ n: number }>(
        `select count(*)::int as n from (
           select 1 from engine.decision where $1::text is null or decision = $1 limit 1001) as d`,
        [decision ?? null],
      );
      return toPage({
        ...{ rows, limit, counted: counted.rows[0]?.n ?? 0 },
        cursorOf: (row) => [row.decision, String(row.version)],
        itemOf: (row) => ({
          ...{ decision: row.decision, version: row.version, name: row.name, file: row.file },
          deployedAt: row.deployed_at.toISOString(),
          deployedBy: row.deployed_by,
        }),
      });
    },
  });

  const dmn = defineRead({
    name: 'decisions.dmn',
    summary: 'Show the file (DMN) that a version of a decision was deployed with',
    input: z.object({ decision: nameSchema, version }),
    output: z.object({
      ...{ decision: z.string(), version: z.number().int(), file: z.string(), xml: z.string() },
    }),
    access: watchers,
    http: { method: 'GET', path: '/decisions/{decision}/versions/{version}/dmn' },
    errors: [decisionNotFound],
    async execute({ tx }, { decision, version: wanted }) {
      const found = await findDecision(tx, decision, wanted);
      const file = found && (await readDecisionFile(tx, found.digest));
      if (!found || !file) return noDecision(decision, wanted);
      return { decision, version: found.version, file: file.name, xml: file.xml };
    },
  });

  const evaluate = defineTransactional({
    name: 'decisions.evaluate',
    summary: 'Evaluate a decision (DMN) with variables: the newest version, or an exact one',
    description:
      'Answers with the result and how it came about: each decision that was made on the way, its inputs, ' +
      'and the rules that held. The evaluation is kept in the history of decisions.',
    input: z.object({
      decision: nameSchema,
      version: version.optional().describe('Default: the newest'),
      variables: variables.default({}),
    }),
    output: outcomeSchema,
    access: deciders,
    http: { method: 'POST', path: '/decisions/{decision}/evaluate' },
    errors: [decisionNotFound, decisionInputInvalid, decisionFailed],
    execute: (context, asked) => decide(context, { ...asked, step: null }),
  });

  const decideInStep = defineTransactional({
    name: decideProcedure,
    summary: 'Decide in a step of a process: with its variables, and in its transaction',
    input: z.object({
      decision: nameSchema,
      version: version.optional(),
      variables,
      step: z.object({ instanceId: idSchema, element: z.string() }),
    }),
    output: outcomeSchema,
    access: ['service'],
    errors: [decisionNotFound, decisionInputInvalid, decisionFailed],
    execute: (context, asked) => decide(context, asked),
  });

  const evaluations = defineRead({
    name: 'decision-evaluations.list',
    summary: 'List evaluations of decisions, newest first: of a decision, or of a process instance',
    input: pageQueryBy([idSchema]).extend({
      decision: nameSchema.optional(),
      instanceId: idSchema.optional(),
    }),
    output: pageOf(evaluationSchema),
    access: watchers,
    http: { method: 'GET', path: '/decision-evaluations' },
    errors: [],
    async execute({ tx }, { limit, cursor, decision, instanceId }) {
      const { rows, counted } = await readPage<EvaluationRow>(tx, {
        from: 'engine.decision_evaluation',
        // Written out, so that the index of what is asked for is used.
        where:
          (decision === undefined ? '$1::text is null' : 'decision = $1') +
          (instanceId === undefined ? ' and $2::uuid is null' : ' and instance_id = $2'),
        values: [decision ?? null, instanceId ?? null],
        order: 'newest first',
        after: cursorValue(cursor),
        limit,
      });
      return toPage({
        ...{ rows, limit, counted },
        cursorOf: (row) => [row.id],
        itemOf: evaluationView,
      });
    },
  });

  const evaluation = defineRead({
    name: 'decision-evaluations.get',
    summary: 'Show how an evaluation of a decision came about: inputs, rules that held, results',
    input: z.object({ evaluationId: idSchema }),
    output: evaluationSchema.extend({ given: z.unknown(), steps: z.array(stepSchema) }),
    access: watchers,
    http: { method: 'GET', path: '/decision-evaluations/{evaluationId}' },
    errors: [evaluationNotFound],
    async execute({ tx }, { evaluationId }) {
      const { rows } = await tx.query<
        EvaluationRow & { given: unknown; steps: z.input<typeof stepSchema>[] }
      >('select * from engine.decision_evaluation where id = $1', [evaluationId]);
      const [row] = rows;
      if (row) return { ...evaluationView(row), given: row.given, steps: row.steps };
      return refuse(
        evaluationNotFound,
        `expected an evaluation that is kept, found none with id ${evaluationId}`,
      );
    },
  });

  return [list, dmn, evaluate, decideInStep, evaluations, evaluation];
}

function noDecision(decision: string, wanted: number | null) {
  return refuse(
    decisionNotFound,
    `expected a decision that was deployed, found none called "${decision}"` +
      `${wanted === null ? '' : ` of version ${wanted}`}; list them with GET /api/v1/decisions`,
  );
}

function evaluationView(row: EvaluationRow) {
  return {
    ...{ id: row.id, decision: row.decision, version: row.version },
    at: row.evaluated_at.toISOString(),
    by: row.evaluated_by,
    instanceId: row.instance_id,
    ...{ element: row.element, result: row.result },
  };
}
