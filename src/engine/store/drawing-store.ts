/** Deployed drawings: written once for each content, and read by every node. */
import { createHash } from 'node:crypto';
import { RetryableFault } from '../../kernel/errors.ts';
import type { Transaction } from '../../kernel/transaction.ts';
import type { ProcessModel } from '../model/process-model.ts';
import { digestOf, structureOf } from '../model/structure.ts';
import type { Statements } from './commit-group.ts';

/** A file with the processes that it draws. */
export interface DeployedFile {
  readonly name: string;
  readonly xml: string;
  readonly delegates?: Readonly<Record<string, string>>;
  /** Of any version: which one they get is decided here. */
  readonly models: readonly ProcessModel[];
}

/** A process version that a deployment gave, or found deployed already. */
export interface DeployedVersion {
  readonly process: string;
  readonly version: number;
  readonly file: string;
  /** The same content was deployed before. */
  readonly existing: boolean;
}

/** A drawing as nodes read it. */
export interface StoredDrawing {
  readonly process: string;
  readonly version: number;
  readonly number: string;
  readonly name: string;
  readonly xml: string;
  /** Null when the drawing has none. */
  readonly delegates: Readonly<Record<string, string>> | null;
}

/**
 * Writes drawings. The same content is the same version, whoever deploys it and how often; anything else
 * is the next version of its process. One deployment at a time, so that numbers commit in their order.
 */
export async function deployDrawings(
  db: Transaction,
  files: readonly DeployedFile[],
  { by, at }: { readonly by: string; readonly at: Date },
): Promise<readonly DeployedVersion[]> {
  await db.query("select pg_advisory_xact_lock(hashtext('engine.drawing'))");
  const deployed: DeployedVersion[] = [];
  for (const { name, xml, delegates, models } of files) {
    // The same drawing with other procedures behind it does something else.
    const told = delegates && JSON.stringify(Object.entries(delegates).sort());
    const digest = createHash('sha256')
      .update(told ? `${xml}\n${told}` : xml)
      .digest('hex');
    await db.query(
      `insert into engine.drawing_file (digest, name, xml, delegates) values ($1, $2, $3, $4)
       on conflict (digest) do nothing`,
      [digest, name, xml, delegates ? JSON.stringify(delegates) : null],
    );
    for (const model of models) {
      const { rows } = await db.query<{ known: number | null; next: number }>(
        `select (select version from engine.drawing where process = $1 and digest = $2) as known,
                1 + greatest((select max(version) from engine.drawing where process = $1),
                             (select max(version) from engine.definition where process = $1), 0) as next`,
        [model.key, digest],
      );
      const { known, next } = rows[0] ?? { known: null, next: 1 };
      const version = known ?? next;
      deployed.push({ process: model.key, version, file: name, existing: known !== null });
      if (known !== null) continue;
      waitForFacts(db);
      await db.query(
        `insert into engine.drawing (process, version, digest, deployed_at, deployed_by)
         values ($1, $2, $3, $4, $5)`,
        [model.key, version, digest, at, by],
      );
      await db.query(
        `insert into engine.definition (process, version, name, digest, graph) values ($1, $2, $3, $4, $5)`,
        [model.key, version, model.name, digestOf(model), JSON.stringify(structureOf(model))],
      );
    }
  }
  return deployed;
}

/** Longest wait of a deployment for facts that are being committed, which takes them milliseconds. */
const longestWaitForFactsMs = 5_000;

/** In front of the commit: facts that do not know of the deployment are committed before it. */
function waitForFacts(tx: Transaction): void {
  tx.sendLast("select set_config('lock_timeout', $1, true)", [String(longestWaitForFactsMs)]);
  tx.sendLast("select pg_advisory_xact_lock(hashtext('engine.drawing facts'))", []);
}

const notKnown = 'DEPLOYMENT_NOT_KNOWN';

/**
 * Lets the transaction commit only when no drawing was deployed after this number. It costs no trip to
 * the server: it travels with the commit. What it fails with says `isDeploymentNotKnown`.
 */
export function expectDrawingsKnown(tx: Transaction, number: string): void {
  const explain = (error: unknown) =>
    (error as { code?: unknown } | null)?.code === 'OL003'
      ? new RetryableFault(
          notKnown,
          'a drawing was deployed a moment ago and this node has not read it yet; try again',
          { cause: error, retryAfterMs: 1_000 },
        )
      : error;
  tx.sendLast('select engine.expect_drawings_known($1)', [number], { explain });
}

/** True for what `expectDrawingsKnown` fails a transaction with: once they are read, it can be repeated. */
export function isDeploymentNotKnown(error: unknown): boolean {
  return error instanceof RetryableFault && error.code === notKnown;
}

/** True when a drawing was deployed after this number. */
export async function areDrawingsNew(db: Statements, number: string): Promise<boolean> {
  const { rows } = await db.query<{ found: boolean }>(
    'select exists (select from engine.drawing where number > $1) as found',
    [number],
  );
  return rows[0]?.found ?? false;
}

/** Drawings that were deployed after this number, oldest first. */
export async function readDrawings(
  db: Statements,
  after: string,
  limit: number,
): Promise<readonly StoredDrawing[]> {
  const { rows } = await db.query<StoredDrawing>(
    `select d.process, d.version, d.number::text as number, f.name, f.xml, f.delegates
       from engine.drawing d join engine.drawing_file f using (digest)
      where d.number > $1 order by d.number limit $2`,
    [after, limit],
  );
  return rows;
}

/** The drawing of one version; null when it was not deployed as a drawing. */
export async function readDrawing(
  db: Statements,
  process: string,
  version: number,
): Promise<{ readonly name: string; readonly xml: string } | null> {
  const { rows } = await db.query<{ name: string; xml: string }>(
    `select f.name, f.xml from engine.drawing d join engine.drawing_file f using (digest)
      where d.process = $1 and d.version = $2`,
    [process, version],
  );
  return rows[0] ?? null;
}

/** False in a database that no program with drawings has used yet. */
export async function hasDrawings(db: Statements): Promise<boolean> {
  const { rows } = await db.query<{ name: string | null }>(
    "select to_regclass('engine.drawing')::text as name",
  );
  return rows[0]?.name != null;
}
