/** What a procedure is handed of the set that was taken, and what is said where none is whole; the models show the rest. */
import { expect, test } from 'vitest';
import { expression } from '../model/expression.ts';
import {
  type DataSet,
  fieldsOfFirstSet,
  inputsOfFirstSet,
  outputsOfFirstSet,
} from './data-sets.ts';

const sets: readonly DataSet[] = [
  { names: ['price', 'discount'], required: ['price'] },
  { names: ['quote', 'drawnAlone'], required: ['quote'] },
];
const inputs = ['price', 'discount', 'quote'].map((name) => ({
  name,
  value: expression(({ given }) => (given as Readonly<Record<string, unknown>>)[name]),
}));

test.each([
  [
    { price: 1, discount: 2, quote: 3 },
    { price: 1, discount: 2 },
  ],
  [{ price: 0, quote: 3 }, { price: 0 }],
  [{ price: null, discount: 2, quote: 3 }, { quote: 3 }],
])('of %j the input is %j', (given, expected) => {
  // The variables around have the same names: none of them may be taken for an input.
  const around = { given, price: 'other', discount: 'other', quote: 'other', drawnAlone: 'other' };
  const own = inputsOfFirstSet(sets, inputs).evaluate(around) as object;
  expect(Object.keys(own)).toEqual(['price', 'discount', 'quote']);
  expect(fieldsOfFirstSet(sets, inputs).evaluate({ ...around, ...own })).toEqual(expected);
});

test('where no set is whole, what is missing in each is said', () => {
  const taken = inputsOfFirstSet(sets, inputs);
  expect(() => taken.evaluate({ given: { discount: 2 } })).toThrow(
    'expected one of 2 input sets whose data all has a value, found "price" and "quote" without one; ' +
      'set the data that they are copied from, then retry',
  );
  const copied = [{ name: 'price', target: 'total', value: expression(() => 1) }];
  const given = outputsOfFirstSet(sets, copied);
  expect(given.evaluate({ output: { price: 5 } })).toEqual({ total: 1 });
  expect(given.evaluate({ output: { quote: 5 } })).toEqual({});
  for (const output of [null, 'text', [1], { __proto__: { price: 5 } }]) {
    expect(() => given.evaluate({ output })).toThrow('found "price" and "quote" without one');
  }
});
