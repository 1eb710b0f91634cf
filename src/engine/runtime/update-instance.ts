/**
 * Tells one instance something, and waits for the answer. It is judged first by what is stored, so that
 * what cannot be taken leaves no trace; then it is a row of the inbox, and whoever owns the instance
 * judges it again and takes it, with its answer, in one commit.
 */
import { createHash } from 'node:crypto';
import type { Clock } from '../../kernel/clock.ts';
import type { FieldIssue } from '../../kernel/errors.ts';
import { newId } from '../../kernel/ids.ts';
import type { Database } from '../../postgres/index.ts';
import { asJson } from '../model/json.ts';
import { insertInbox } from '../store/inbox-store.ts';
import { loadInstance } from '../store/instance-store.ts';
import { shardOf } from '../store/shard.ts';
import { readUpdateAnswer } from '../store/update-store.ts';
import type { EngineNode } from './engine-node.ts';
import type { ProcessRegistry } from './process-registry.ts';
import { judgeUpdate, type UpdateVerdict } from './updates.ts';

/** What is told to which instance. */
export interface UpdateInstanceOptions {
  readonly instanceId: string;
  readonly name: string;
  readonly data: unknown;
  /** The same for every repetition, which then acts once and has the same answer. */
  readonly updateId: string;
  readonly by: string;
}

/** What came of it. */
export type UpdateResult =
  | { readonly outcome: 'taken'; readonly output: unknown }
  | { readonly outcome: 'no-instance' }
  /** Its version of the process has no update of that name. */
  | { readonly outcome: 'unknown'; readonly known: readonly string[] }
  | { readonly outcome: 'invalid'; readonly issues: readonly FieldIssue[] }
  | { readonly outcome: 'refused'; readonly reason: string }
  /** Kept, and not answered in time by the node that owns the instance; ask again with the same id. */
  | { readonly outcome: 'pending' };

/** Tells the instance, once for each id. */
export async function updateInstance(
  parts: {
    readonly database: Database;
    readonly clock: Clock;
    readonly registry: ProcessRegistry;
    readonly node: EngineNode;
  },
  { instanceId, name, data, updateId, by }: UpdateInstanceOptions,
): Promise<UpdateResult> {
  const { database, clock, node } = parts;
  const id = createHash('sha256').update(`${name} ${updateId}`).digest('hex');
  const known = await readUpdateAnswer(database, instanceId, id);
  if (known) return { outcome: 'taken', output: known.output };
  const verdict = await judgeStored(parts, instanceId, { name, data });
  if (verdict.outcome !== 'taken') return verdict;

  const at = clock.now();
  const event = { type: 'update', at: at.getTime(), id, name, data: asJson(data), by } as const;
  const row = { id: newId(), instanceId, event, askedBy: node.id };
  await insertInbox(database, { ...row, shard: shardOf(instanceId), at });
  const isTaken = await node.request(row);
  const answer = await readUpdateAnswer(database, instanceId, id);
  if (answer) return { outcome: 'taken', output: answer.output };
  if (isTaken) return { outcome: 'pending' };
  // Something happened to the instance between the first look and the commit.
  const later = await judgeStored(parts, instanceId, { name, data });
  if (later.outcome !== 'taken') return later;
  return { outcome: 'refused', reason: 'the instance changed meanwhile; try again' };
}

async function judgeStored(
  { database, registry }: { readonly database: Database; readonly registry: ProcessRegistry },
  instanceId: string,
  update: { readonly name: string; readonly data: unknown },
): Promise<
  | Exclude<UpdateVerdict, { outcome: 'unknown' }>
  | Extract<UpdateResult, { outcome: 'no-instance' | 'unknown' }>
> {
  const stored = await loadInstance(database, instanceId);
  if (!stored) return { outcome: 'no-instance' };
  const { process, version } = stored.identity;
  const model = registry.find(process, version);
  const verdict = model && judgeUpdate(model, stored.state, update);
  if (verdict && verdict.outcome !== 'unknown') return verdict;
  return { outcome: 'unknown', known: Object.keys(model?.updates ?? {}) };
}
