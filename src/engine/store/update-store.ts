/** What was answered to updates. */
import type { Statements } from './commit-group.ts';

/** The answer to an update that was taken; null when none of that id was. */
export async function readUpdateAnswer(
  db: Statements,
  instanceId: string,
  id: string,
): Promise<{ readonly name: string; readonly output: unknown } | null> {
  const { rows } = await db.query<{ name: string; output: unknown }>(
    'select name, output from engine.update_answer where instance_id = $1 and id = $2',
    [instanceId, id],
  );
  return rows[0] ?? null;
}

const keptMs = 30 * 24 * 60 * 60 * 1_000;

/** Removes answers that are past being asked for again. */
export async function deleteOldAnswers(db: Statements, now: Date): Promise<void> {
  await db.query('delete from engine.update_answer where at < $1', [
    new Date(now.getTime() - keptMs),
  ]);
}
