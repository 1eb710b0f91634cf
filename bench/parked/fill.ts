/**
 * Fills a database with parked instances. Each is computed by the engine's own code for new instances and
 * written by its own statement for groups of them, with its state, its history, its wait and its counts;
 * only the groups are larger than those of an engine at work, and the ids are chosen.
 */
import { NewInstances } from '../../src/engine/runtime/new-instances.ts';
import { ProcessRegistry } from '../../src/engine/runtime/process-registry.ts';
import { commitGroup } from '../../src/engine/store/commit-group.ts';
import { foldCounts } from '../../src/engine/store/count-store.ts';
import { systemClock } from '../../src/kernel/clock.ts';
import { setIdSource } from '../../src/kernel/ids.ts';
import type { Database } from '../../src/postgres/index.ts';
import { instanceId, startInput, subscription } from './parked-process.ts';

const perGroup = 2_000;
/** Groups under way at the same time: one is computed while others are written. */
const lanes = 2;

/** Writes so many parked instances, numbered from 0, and settles the tables. */
export async function fill(options: {
  readonly database: Database;
  readonly count: number;
  readonly progress: (done: number) => void;
}): Promise<void> {
  const { database, count, progress } = options;
  const registry = new ProcessRegistry([subscription]);
  let next = 0;
  const groupsOf = async () => {
    while (next < count) {
      const from = next;
      next = Math.min(count, from + perGroup);
      await commitGroup(database, null, [], prepare(registry, from, next));
      progress(next);
    }
  };
  await Promise.all(Array.from({ length: lanes }, groupsOf));
  await foldCounts(database);
  await database.query('vacuum (analyze)');
  // From here on every page is written to the log in full when it is first changed: the dear case.
  await database.query('checkpoint');
}

function prepare(registry: ProcessRegistry, from: number, to: number) {
  let n = from;
  setIdSource(() => instanceId(n));
  try {
    const newInstances = new NewInstances({
      ...{ registry, clock: systemClock, shard: () => undefined, begun: () => undefined },
      learn: () => Promise.resolve(),
      thrown: () => undefined,
    });
    const records = [];
    for (; n < to; n += 1) {
      const options = { model: subscription, payload: startInput(n), traceId: 'a'.repeat(32) };
      records.push(newInstances.prepare(options).record);
    }
    return records;
  } finally {
    setIdSource(undefined);
  }
}
