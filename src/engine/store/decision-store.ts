/** Deployed decisions: written once for each content; and the history of their evaluations. */
import { createHash } from 'node:crypto';
import type { DecisionStep } from '../model/decision-step.ts';
import { storableJson } from '../model/json.ts';
import type { Statements } from './commit-group.ts';

/** A file with the decisions in it, by id and name. */
export interface DeployedDecisionFile {
  readonly name: string;
  readonly xml: string;
  readonly decisions: readonly { readonly id: string; readonly name: string }[];
}

/** A version that a deployment gave, or found deployed already. */
export interface DeployedDecision {
  readonly decision: string;
  readonly version: number;
  readonly file: string;
  /** The same content was deployed before. */
  readonly existing: boolean;
}

/** An evaluation as it is kept. */
export interface Evaluation {
  readonly id: string;
  readonly decision: string;
  readonly version: number;
  readonly at: Date;
  readonly by: string;
  readonly step: { readonly instanceId: string; readonly element: string } | null;
  readonly given: unknown;
  readonly result: unknown;
  readonly steps: readonly DecisionStep[];
}

/** Characters of JSON of one value that history keeps. */
const longestKept = 20_000;
const evaluationsPerBatch = 10_000;
/** Batches of one sweep; the next sweep goes on. */
const batchesPerSweep = 20;

/**
 * Writes decisions. The same content is the same version, whoever deploys it and how often; anything else is
 * the next version. One deployment at a time.
 */
export async function deployDecisions(
  db: Statements,
  files: readonly DeployedDecisionFile[],
  { by, at }: { readonly by: string; readonly at: Date },
): Promise<readonly DeployedDecision[]> {
  if (files.length === 0) return [];
  await db.query("select pg_advisory_xact_lock(hashtext('engine.decision'))");
  const deployed: DeployedDecision[] = [];
  for (const { name: file, xml, decisions } of files) {
    const digest = createHash('sha256').update(xml).digest('hex');
    await db.query(
      `insert into engine.decision_file (digest, name, xml) values ($1, $2, $3)
       on conflict (digest) do nothing`,
      [digest, file, xml],
    );
    const { rows } = await db.query<{ decision: string; version: number; existing: boolean }>(
      `with given as (
         select * from unnest($1::text[], $2::text[]) with ordinality as g (decision, name, at)
       ), written as (
         insert into engine.decision (decision, version, name, digest, deployed_at, deployed_by)
         select g.decision, 1 + coalesce((select max(d.version) from engine.decision d
                                           where d.decision = g.decision), 0), g.name, $3, $4, $5
           from given g
         on conflict (decision, digest) do nothing
         returning decision, version
       )
       select g.decision, coalesce(w.version, d.version) as version, w.version is null as existing
         from given g
         left join written w on w.decision = g.decision
         left join engine.decision d on d.decision = g.decision and d.digest = $3
        order by g.at`,
      [decisions.map(({ id }) => id), decisions.map(({ name }) => name), digest, at, by],
    );
    deployed.push(...rows.map((row) => ({ ...row, file })));
  }
  return deployed;
}

/** The newest version of a decision, or an exact one, with the digest of its file; null when there is none. */
export async function findDecision(
  db: Statements,
  decision: string,
  version: number | null,
): Promise<{ readonly version: number; readonly digest: string } | null> {
  const { rows } = await db.query<{ version: number; digest: string }>(
    `select version, digest from engine.decision
      where decision = $1 and ($2::integer is null or version = $2) order by version desc limit 1`,
    [decision, version],
  );
  return rows[0] ?? null;
}

/** A deployed file by its digest. */
export async function readDecisionFile(
  db: Statements,
  digest: string,
): Promise<{ readonly name: string; readonly xml: string } | null> {
  const { rows } = await db.query<{ name: string; xml: string }>(
    'select name, xml from engine.decision_file where digest = $1',
    [digest],
  );
  return rows[0] ?? null;
}

/** Every decision that is deployed in some version. */
export async function decisionKeys(db: Statements): Promise<ReadonlySet<string>> {
  const { rows } = await db.query<{ decision: string }>(
    'select distinct decision from engine.decision',
  );
  return new Set(rows.map(({ decision }) => decision));
}

/** Keeps an evaluation. Of long values only their length is kept. */
export async function insertEvaluation(db: Statements, evaluation: Evaluation): Promise<void> {
  const { id, decision, version, at, by, step, given, result, steps } = evaluation;
  const kept = steps.map((one) => ({
    ...one,
    inputs: one.inputs.map(({ name, value }) => ({ name, value: keptValue(value) })),
    matched: one.matched && keptValue(one.matched),
    result: keptValue(one.result),
  }));
  const values = [keptValue(given), keptValue(result), kept].map((value) =>
    JSON.stringify(storableJson(value)),
  );
  await db.query(
    `insert into engine.decision_evaluation
       (id, decision, version, evaluated_at, evaluated_by, instance_id, element, given, result, steps)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
    [id, decision, version, at, by, step?.instanceId ?? null, step?.element ?? null, ...values],
  );
}

function keptValue(value: unknown): unknown {
  const { length } = JSON.stringify(value ?? null);
  return length > longestKept ? { leftOut: `${length} characters of JSON` } : value;
}

/** Removes evaluations from before a moment: so many that a sweep stays short. */
export async function purgeEvaluations(db: Statements, before: Date): Promise<void> {
  for (let batch = 0; batch < batchesPerSweep; batch += 1) {
    const { rowCount } = await db.query(
      `delete from engine.decision_evaluation where id in (
         select id from engine.decision_evaluation where evaluated_at < $1 order by id limit $2)`,
      [before, evaluationsPerBatch],
    );
    if ((rowCount ?? 0) < evaluationsPerBatch) return;
  }
}
