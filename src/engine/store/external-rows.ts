/**
 * What a transition changes of the rows that stand for external tasks. A transition of an instance that
 * has none pays for looking at the waits that it closes, and for nothing else.
 */
import { newId } from '../../kernel/ids.ts';
import type { Effects } from '../model/events.ts';
import type { InstanceState, Wait } from '../model/state.ts';
import type { RareRows } from './instance-facts.ts';

/** Which instance waits. */
interface Waiting {
  readonly id: string;
  readonly process: string;
  readonly businessKey: string | null;
}

/** True for closed waits that have rows of external tasks only, so that no other table is asked. */
export function isOfExternalOnly(
  before: InstanceState | null,
  n: number,
  on: string | null,
): boolean {
  const closed = closedWaits(before, n, on);
  return closed.length > 0 && closed.every(({ kind }) => kind === 'external');
}

/** Rows for `engine.commit_external`; null when nothing changes. */
export function externalRows(
  { id, process, businessKey }: Waiting,
  before: InstanceState | null,
  state: InstanceState,
  effects: Effects,
): RareRows | null {
  let rows: RareRows | null = null;
  for (const { n, on, parked } of effects.waitsRemoved) {
    if (!closedWaits(before, n, on).some(isExternal)) continue;
    // What is offered anew keeps its row.
    if (!parked && state.elements[n]?.waits?.some(isExternal)) continue;
    rows ??= {};
    const key = parked ? 'externalParked' : 'externalGone';
    rows[key] ??= [];
    rows[key].push({ id, n });
  }
  for (const { n, wait } of effects.waitsAdded) {
    if (wait.kind !== 'external' || !state.elements[n]?.waits?.includes(wait)) continue;
    const { on: node, topic, priority, attempt, retries, freeAt, failed = null } = wait;
    rows ??= {};
    rows.external ??= [];
    rows.external.push({
      ...{ taskId: newId(), id, n, process, businessKey, node, topic, priority, attempt, retries },
      freeAt: freeAt === undefined ? null : new Date(freeAt),
      failed,
      details: failed === null ? null : detailsOf(effects, n),
    });
  }
  return rows;
}

function closedWaits(before: InstanceState | null, n: number, on: string | null): readonly Wait[] {
  const waits = before?.elements[n]?.waits ?? [];
  return on === null ? waits : waits.filter((wait) => wait.on === on);
}

function isExternal({ kind }: Wait): boolean {
  return kind === 'external';
}

/** Details of a failure are kept in the history and in the row, not in each state that follows. */
function detailsOf({ history }: Effects, n: number): string | null {
  const failed = history.find((entry) => entry.kind === 'job.failed' && entry.n === n);
  return (failed?.data as { details?: string } | undefined)?.details ?? null;
}
