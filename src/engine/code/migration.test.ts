/** `.migrateFrom`: what a workflow says of its earlier versions, checked when instances move. */
import { expect, test } from 'vitest';
import { z } from 'zod';
import { AuthoringError } from '../model/authoring-error.ts';
import { structureOf } from '../model/structure.ts';
import { play } from '../testing/play.ts';
import { Fitting } from '../versions/fit-instance.ts';
import { step } from './step.ts';
import { when } from './when.ts';
import { workflow } from './workflow.ts';

const input = z.object({ id: z.string() });
const paid = { on: 'paid', filter: { id: '{{ input.id }}' } };

const quote = step({ id: 'quote', output: z.number(), execute: () => 12 });
const price = step({
  id: 'price',
  output: z.object({ amount: z.number() }),
  execute: () => ({ amount: 12 }),
});
const ship = step({
  id: 'ship',
  input: z.object({ amount: z.number() }),
  execute: () => null,
});

const first = workflow('sale', { version: 1, input })
  .step(quote)
  .step(when({ id: 'wait-payment', ...paid, timeout: '1d' }))
  .commit();

const base = workflow('sale', { version: 2, input })
  .step(price)
  .step(when({ id: 'await-payment', ...paid, timeout: '2d' }))
  .step(ship, ({ steps }) => steps.price);

const second = base
  .migrateFrom(1, {
    elements: { 'wait-payment': 'await-payment' },
    state: z.object({ quote: z.number() }),
    variables: (old) => ({ price: { amount: old.quote } }),
  })
  .commit();

test('an instance comes to the new version with what its code takes for certain', () => {
  const one = play(first.model, { id: '7' }).complete('quote', 12);
  one.migrate(second.model, second.model.migrations?.[1]);
  expect(one.waiting.toSorted()).toEqual(['await-payment', 'await-payment.timeout']);
  one.message('await-payment', { id: '7' });
  expect(one.working).toEqual(['ship']);
  expect(one.variables).toMatchObject({ price: { amount: 12 }, quote: 12 });
});

test('without the transform the gate says what would be missing', () => {
  const one = play(first.model, { id: '7' }).complete('quote', 12);
  const plan = { elements: { 'wait-payment': 'await-payment' } };
  const fitting = new Fitting(structureOf(first.model), second.model, plan);
  const { problems } = fitting.carry(one.state, one.now);
  expect(problems).toMatchObject([{ code: 'VARIABLE_MISSING', element: 'await-payment' }]);
});

test('an output that does not fit its new schema is seen', () => {
  const one = play(first.model, { id: '7' }).complete('quote', 'dear');
  const fitting = new Fitting(structureOf(first.model), first.model);
  expect(fitting.carry(one.state, one.now).problems).toMatchObject([
    { code: 'VARIABLE_INVALID', element: '' },
  ]);
  const moving = new Fitting(structureOf(first.model), second.model, second.model.migrations?.[1]);
  expect(moving.carry(one.state, one.now).problems).toMatchObject([{ code: 'TRANSFORM_FAILED' }]);
});

test('there is one way from each version', () => {
  expect(() => base.migrateFrom(1, {}).migrateFrom(1, {})).toThrow(AuthoringError);
});
