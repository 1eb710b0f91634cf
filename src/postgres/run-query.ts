/** Runs one statement on one connection of the driver, prepared when that pays. */
import pg, { type ClientBase } from 'pg';
import type { QueryResult } from '../kernel/transaction.ts';
import {
  BatchFailure,
  isPrepared,
  runBatch,
  type StatementAnswer,
  sendableValues,
} from './statement-batch.ts';
import { statementName } from './statement-names.ts';

/**
 * Runs one statement. Without values it goes by the simple protocol, so that a text of several
 * statements (a migration) is possible; the answer is then that of the last one.
 */
export async function runQuery<Row>(
  client: ClientBase,
  text: string,
  values: readonly unknown[] | undefined,
): Promise<QueryResult<Row>> {
  if (values === undefined || values.length === 0) {
    const answer: unknown = await client.query(text);
    return toResult<Row>(Array.isArray(answer) ? answer.at(-1) : answer);
  }
  if (!isPrepared(client, text)) return toResult<Row>(await runUnprepared(client, text, values));
  try {
    const statement = { text, values: sendableValues(values), isRead: true };
    const [answer] = await runBatch(client, [statement]);
    return answered<Row>(answer);
  } catch (error) {
    throw pointHere(error instanceof BatchFailure ? error.cause : error);
  }
}

/** Runs one statement that this connection has not prepared, prepared from the second time on. */
export async function runUnprepared(
  client: ClientBase,
  text: string,
  values: readonly unknown[],
): Promise<pg.QueryResult> {
  const name = statementName(text);
  const config = { text, values: values as unknown[] };
  return await client.query(name === undefined ? config : { ...config, name });
}

/** The answer as the callers of a query see it. */
export function answered<Row>(answer: StatementAnswer | undefined): QueryResult<Row> {
  return { rows: (answer?.rows ?? []) as Row[], rowCount: countOf(answer?.command) };
}

/** The driver's answer as the callers of a query see it. */
export function toResult<Row>(answer: unknown): QueryResult<Row> {
  const { rows, rowCount } = answer as { rows: Row[]; rowCount: number | null };
  return { rows, rowCount: rowCount ?? 0 };
}

/** The server's errors are made where its answer is read, which tells nobody who had asked. */
export function pointHere(error: unknown): unknown {
  if (error instanceof pg.DatabaseError) Error.captureStackTrace(error, pointHere);
  return error;
}

/** The last word of `SELECT 3`, `INSERT 0 1`; 0 for a command without rows. */
function countOf(command = ''): number {
  const count = Number(command.slice(command.lastIndexOf(' ') + 1));
  return Number.isNaN(count) ? 0 : count;
}
