/** Queries and updates as a workflow declares them: pure, typed, and taken or refused as a whole. */
import { describe, expect, onTestFinished, test } from 'vitest';
import { z } from 'zod';
import { testDatabase } from '../../../test/support/database.ts';
import { newId } from '../../kernel/ids.ts';
import { AuthoringError } from '../model/authoring-error.ts';
import { factsOf } from '../runtime/updates.ts';
import { EngineWorld, nothingOpen } from '../testing/in-process-engine.ts';
import { play } from '../testing/play.ts';
import { step } from './step.ts';
import { when } from './when.ts';
import { workflow } from './workflow.ts';

const address = z.object({ city: z.string().min(1) });

const sale = workflow('sale', { version: 1, input: z.object({ id: z.string() }) })
  .update({
    id: 'change-address',
    input: address,
    check: ({ active, data }) => {
      if (!active.includes('wait-payment')) return 'the parcel is packed';
      return data.city === 'Atlantis' ? 'nobody delivers there' : null;
    },
    answer: ({ data, steps }) => ({
      to: data.city,
      before: steps['change-address']?.city ?? null,
    }),
  })
  .step(when({ id: 'wait-payment', on: 'paid', filter: { id: '{{ input.id }}' } }))
  .step(
    step({
      id: 'ship',
      input: z.object({ city: z.string() }),
      output: z.string(),
      execute: ({ inputData }) => inputData.city,
    }),
    ({ steps }) => ({ city: steps['change-address']?.city ?? 'Berlin' }),
  )
  .step(when({ id: 'wait-delivery', on: 'delivered', filter: { id: '{{ input.id }}' } }))
  .query({
    id: 'progress',
    output: z.object({ at: z.array(z.string()), city: z.string().nullable() }),
    read: ({ active, steps }) => ({ at: [...active], city: steps.ship ?? null }),
  })
  .commit();

const tell = (city: string) =>
  ({ type: 'update', at: 0, id: 'u1', name: 'change-address', data: { city }, by: 'ada' }) as const;

test('a query reads where the instance stands and what is known', () => {
  const one = play(sale.model, { id: '7' });
  const progress = () => sale.model.queries?.progress?.read(factsOf(one.state));
  expect(progress()).toEqual({ at: ['wait-payment'], city: null });
  one.message('wait-payment', { id: '7' }).complete('ship', 'Berlin');
  expect(progress()).toEqual({ at: ['wait-delivery'], city: 'Berlin' });
});

test('an update is taken in one transition, or nothing of it is', () => {
  const one = play(sale.model, { id: '7' });
  const before = one.state;
  expect(one.apply(tell('Atlantis'))).toBe(false);
  expect(one.apply({ ...tell('Rome'), data: { city: 3 } })).toBe(false);
  expect(one.apply({ ...tell('Rome'), name: 'other' })).toBe(false);
  expect(one.state).toEqual(before);
  expect(one.apply(tell('Rome'))).toBe(true);
  expect(one.effects?.updates).toEqual([
    { id: 'u1', name: 'change-address', output: { to: 'Rome', before: null } },
  ]);
  one.message('wait-payment', { id: '7' });
  expect(one.seenAt('ship')['change-address']).toEqual({ city: 'Rome' });
  expect(one.apply(tell('Bern'))).toBe(false);
  expect(one.news()).toContain('update change-address');
});

test('ids are used once, and belong to the workflow', () => {
  const begin = workflow('p', { version: 1, input: z.object({}) });
  const query = { id: 'q', output: z.null(), read: () => null } as const;
  expect(() => begin.query(query).query(query)).toThrow(AuthoringError);
  const same = step({ id: 'same', execute: () => null });
  const told = begin.update({ id: 'same', input: z.null() }) as unknown as typeof begin;
  expect(() => told.step(same).commit()).toThrow(/an id of its own/);
});

describe('on a database', () => {
  async function world() {
    const { database, connectionString } = await testDatabase({
      migrations: [{ schema: 'engine', folder: new URL('../store/migrations/', import.meta.url) }],
    });
    const made = new EngineWorld({ database, connectionString, processes: [sale.model] });
    onTestFinished(() => made.end());
    return made;
  }

  const asked = (instanceId: string, city: string, updateId: string) => ({
    ...{ instanceId, name: 'change-address', data: { city }, updateId, by: 'ada' },
  });

  test('told twice at once and again later, it acts once and has one answer', async () => {
    const w = await world();
    const on = await w.start();
    const id = await w.begin(on, 'sale', { id: '7' });
    const rome = asked(id, 'Rome', 'a');
    const answers = await Promise.all([1, 2, 3].map(() => on.engine.updateInstance(rome)));
    const taken = { outcome: 'taken', output: { to: 'Rome', before: null } };
    expect(answers).toEqual([taken, taken, taken]);
    expect(await on.engine.updateInstance(asked(id, 'Bern', 'b'))).toEqual({
      outcome: 'taken',
      output: { to: 'Bern', before: 'Rome' },
    });
    expect(await on.engine.updateInstance(rome)).toEqual(taken);
    const lines = await w.lines(id);
    expect(lines.filter((line) => line === 'update change-address')).toHaveLength(2);
    expect((await w.open()).inbox).toBe(0);
  });

  test('a refusal leaves no trace', async () => {
    const w = await world();
    const on = await w.start();
    const id = await w.begin(on, 'sale', { id: '7' });
    const before = await w.stored(id);
    expect(await on.engine.updateInstance(asked(id, 'Atlantis', 'a'))).toEqual({
      outcome: 'refused',
      reason: 'nobody delivers there',
    });
    const invalid = await on.engine.updateInstance({ ...asked(id, '', 'b') });
    expect(invalid.outcome).toBe('invalid');
    expect(await on.engine.updateInstance({ ...asked(id, 'Rome', 'c'), name: 'no' })).toEqual({
      outcome: 'unknown',
      known: ['change-address'],
    });
    expect(await on.engine.updateInstance(asked(newId(), 'Rome', 'd'))).toEqual({
      outcome: 'no-instance',
    });
    expect(await w.stored(id)).toEqual(before);
    expect(await w.open()).toEqual({ ...nothingOpen, messageWaits: 1 });
  });

  test('any node may be told; what was answered survives the node that took it', async () => {
    const w = await world();
    const holder = await w.start();
    const id = await w.begin(holder, 'sale', { id: '7' });
    const other = await w.start();
    const rome = asked(id, 'Rome', 'a');
    const taken = { outcome: 'taken', output: { to: 'Rome', before: null } };
    expect(await other.engine.updateInstance(rome)).toEqual(taken);
    await holder.kill();
    await holder.bury();
    expect(await other.engine.updateInstance(rome)).toEqual(taken);
    await w.publish(other, { id: newId(), name: 'paid', payload: { id: '7' } });
    await w.untilAt(id, 'wait-delivery');
    const { state } = await w.stored(id);
    expect(state.elements[1]?.vars).toMatchObject({ ship: 'Rome' });
    expect(await other.engine.updateInstance(asked(id, 'Bern', 'b'))).toEqual({
      outcome: 'refused',
      reason: 'the parcel is packed',
    });
  });
});
