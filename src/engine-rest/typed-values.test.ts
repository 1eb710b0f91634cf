/** Values and dates keep their meaning on the way to a client and back; what has none here is refused. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { dateOf, dateText } from './dates.ts';
import { definitionId, definitionKeyOf } from './definition-ids.ts';
import { plainValue, plainValues, typedValue, typedValues } from './typed-values.ts';

test.each([
  [null, { type: 'Null', value: null }],
  ['', { type: 'String', value: '' }],
  [true, { type: 'Boolean', value: true }],
  [2_147_483_647, { type: 'Integer', value: 2_147_483_647 }],
  [2_147_483_648, { type: 'Long', value: 2_147_483_648 }],
  [0.5, { type: 'Double', value: 0.5 }],
  [{ a: [1] }, { type: 'Json', value: '{"a":[1]}' }],
  [[], { type: 'Json', value: '[]' }],
])('%j travels as its type', (value, typed) => {
  expect(typedValue(value)).toEqual({ ...typed, valueInfo: {} });
});

test('whatever is sent to a client comes back the same', () => {
  const json = fc.jsonValue().filter((value) => !JSON.stringify(value).includes('__proto__'));
  fc.assert(
    fc.property(fc.dictionary(fc.string({ minLength: 1 }), json), (given) => {
      const sent = JSON.parse(JSON.stringify(given)) as Record<string, unknown>;
      expect(plainValues(typedValues(sent))).toEqual(sent);
    }),
    { numRuns: 200 },
  );
});

test.each([
  [{ value: '12', type: 'Long' }, 12],
  [{ value: 'true', type: 'boolean' }, true],
  [{ value: 7 }, 7],
  [{ type: 'String' }, null],
  [
    {
      value: '{"a":1}',
      type: 'Object',
      valueInfo: { serializationDataFormat: 'application/json' },
    },
    { a: 1 },
  ],
  [{ value: '2026-01-01T00:00:00.000+0000', type: 'Date' }, '2026-01-01T00:00:00.000+0000'],
])('%j is read', (given, value) => {
  expect(plainValue('it', given)).toEqual(value);
});

test.each([
  ['text alone', 'red'],
  ['a number that is none', { value: 'seven', type: 'Integer' }],
  ['JSON that is none', { value: '{', type: 'Json' }],
  ['a name that reaches further', { value: '{"a":{"__proto__":{"b":1}}}', type: 'Json' }],
  [
    'what only Java reads',
    {
      value: 'rO0AB',
      type: 'Object',
      valueInfo: { serializationDataFormat: 'application/x-java-serialized-object' },
    },
  ],
  ['a file', { value: 'eA==', type: 'File' }],
])('%s is refused, by the name of its variable', (_, given) => {
  expect(() => plainValue('colour', given)).toThrow(/variable "colour"/);
});

test('dates are those of Camunda 7, in UTC', () => {
  expect(dateText('2026-01-01T01:00:00+01:00')).toBe('2026-01-01T00:00:00.000+0000');
  expect(dateText(null)).toBeNull();
  // A plus that nobody has encoded comes as a space.
  for (const text of ['2026-01-01T01:00:00.000+0100', '2026-01-01T01:00:00.000 0100']) {
    expect(dateOf('startedAfter', text)).toBe('2026-01-01T00:00:00.000Z');
  }
  expect(dateOf('startedAfter', undefined)).toBeUndefined();
  expect(() => dateOf('startedAfter', 'yesterday')).toThrow(/"startedAfter" to be a date/);
});

test('ids of definitions are read as they are written, and others are nothing', () => {
  const key = { process: 'a:b', version: 12 };
  expect(definitionKeyOf(definitionId(key))).toEqual(key);
  for (const id of ['order', 'order:', ':1', 'order:one', 'order:1:uuid']) {
    expect(() => definitionKeyOf(id)).toThrow(/No matching definition/);
  }
});
