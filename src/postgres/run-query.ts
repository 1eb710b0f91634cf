/** Runs one statement on one connection of the driver, prepared when that pays. */
import type { Writable } from 'node:stream';
import type { ClientBase } from 'pg';
import type { QueryResult } from '../kernel/transaction.ts';
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
  sendTogether(client);
  if (values === undefined || values.length === 0) {
    const answer: unknown = await client.query(text);
    return toResult<Row>(Array.isArray(answer) ? answer.at(-1) : answer);
  }
  const name = statementName(text);
  const config = { text, values: values as unknown[] };
  return toResult<Row>(await client.query(name === undefined ? config : { ...config, name }));
}

/**
 * Runs one statement whose rows do not matter, prepared from the second time on, and gives the command
 * that it was answered with.
 */
export async function runCommand(
  client: ClientBase,
  text: string,
  values: readonly unknown[],
): Promise<{ command: string }> {
  sendTogether(client);
  const name = statementName(text);
  const config = { text, values: values as unknown[] };
  return await client.query(name === undefined ? config : { ...config, name });
}

const held = new WeakSet<Writable>();

/**
 * Holds what a connection sends until the running turn is over, so that statements which do not wait
 * for each other go out with one system call and wake the server once. The stream is the driver's
 * own and not in its types; without it every statement is sent by itself, as usual.
 */
function sendTogether(client: ClientBase): void {
  const { stream } = (client as { connection?: { stream?: Writable } }).connection ?? {};
  if (!stream || held.has(stream)) return;
  held.add(stream);
  stream.cork();
  process.nextTick(() => {
    held.delete(stream);
    stream.uncork();
  });
}

function toResult<Row>(answer: unknown): QueryResult<Row> {
  const { rows, rowCount } = answer as { rows: Row[]; rowCount: number | null };
  return { rows, rowCount: rowCount ?? 0 };
}
