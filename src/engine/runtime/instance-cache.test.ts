/** How many parked instances a node keeps in memory follows from whether they are asked for again. */
import { expect, test } from 'vitest';
import { idOf } from '../../kernel/ids.ts';
import type { ProcessModel } from '../model/process-model.ts';
import { readUuids } from '../testing/simulation/binary-values.ts';
import { waitFor } from '../testing/wait-for.ts';
import { InstanceCache } from './instance-cache.ts';
import { ProcessRegistry } from './process-registry.ts';

const model: ProcessModel = {
  ...{ key: 'p', version: 1, name: 'P', flows: {} },
  nodes: {
    start: {
      ...{ id: 'start', name: 'Start', parent: null, incoming: [], outgoing: [] },
      ...{ type: 'startEvent', event: null },
    },
  },
};
const state = JSON.stringify({ status: 'active', elements: {} });
const silent = () => undefined;

/** A cache over a table in which every instance is parked, and how many of them were read from it. */
function cacheOverAll() {
  let read = 0;
  const cache = new InstanceCache({
    db: {
      async query<Row>(_text: string, [ids]: readonly unknown[] = []) {
        const rows = readUuids(ids).map((id) => ({
          ...{ id, process: 'p', version: 1, business_key: null, trace_id: '', start_key: null },
          ...{ parent_id: null, parent_n: null, revision: '1', state },
        }));
        read += rows.length;
        return { rows: rows as Row[], rowCount: rows.length };
      },
    },
    registry: new ProcessRegistry([model]),
    log: { debug: silent, info: silent, warn: silent, error: silent },
    owns: () => true,
  });
  const ask = async (from: number, to: number) => {
    for (let n = from; n < to; n += 100) {
      const ids = Array.from({ length: 100 }, (_, i) => idOf(`instance ${n + i}`));
      await cache.loadAll(ids);
      for (const _ of ids) cache.evict();
    }
  };
  return { cache, ask, read: () => read };
}

test('an instance that is expected is loaded once, and does not count as one that comes back', async () => {
  const { cache, ask, read } = cacheOverAll();
  await ask(0, 1_000);
  expect(cache.fewComeBack).toBe(true);
  const ids = Array.from({ length: 1_000 }, (_, i) => idOf(`instance ${5_000 + i}`));
  for (const id of ids) cache.expect(id);
  for (const id of ids) cache.expect(id);
  await waitFor('them to be loaded', () => ids.every((id) => cache.has(id)));
  await cache.loadAll(ids);
  expect([read(), cache.fewComeBack]).toEqual([2_000, true]);
  // Now each comes back.
  await cache.loadAll(ids);
  expect([read(), cache.fewComeBack]).toEqual([2_000, false]);
});

test('few are kept of those that never come back, many of those that do', async () => {
  const { cache, ask, read } = cacheOverAll();
  await ask(0, 1_000);
  await ask(1_000, 3_000);
  expect(cache.size).toBeLessThanOrEqual(200);
  // The same thousand again and again: they are read until it is seen that they come back.
  for (let round = 0; round < 3; round += 1) await ask(2_000, 3_000);
  expect(cache.size).toBeGreaterThanOrEqual(1_000);
  const before = read();
  await ask(2_000, 3_000);
  expect(read()).toBe(before);
});
