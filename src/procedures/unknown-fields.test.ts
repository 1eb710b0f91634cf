/** What no schema knows is found at every depth, and what is declared to be free is left alone. */
import { expect, test } from 'vitest';
import { z } from 'zod';
import { unknownFields } from './unknown-fields.ts';

const pointers = (schema: z.ZodType, input: unknown) =>
  unknownFields(schema, input).map(({ pointer }) => pointer);

test('a near name is asked for, else the known ones are told', () => {
  const start = z.object({ process: z.string(), input: z.record(z.string(), z.unknown()) });
  const wrong = { process: 'order', inputs: { a: 1 }, variables: { token: 'abc' }, apiToken: 'x' };
  expect(unknownFields(start, wrong)).toEqual([
    {
      pointer: '/inputs',
      expected: 'no such field',
      found: 'an object',
      message: 'there is no field "inputs"; did you mean input?',
    },
    expect.objectContaining({
      pointer: '/variables',
      message: 'there is no field "variables"; known here: process, input',
    }),
    expect.objectContaining({ pointer: '/apiToken', found: 'a value that is not shown' }),
  ]);
  expect(unknownFields(z.object({}), { a: 1 })).toMatchObject([
    { message: 'there is no field "a"; nothing is taken here: leave it out' },
  ]);
});

test('however a value is wrapped, its fields are known', () => {
  const inner = z.object({ a: z.number() });
  const wrapped = z.object({
    optional: inner.optional(),
    nullable: inner.nullable(),
    fallback: inner.default({ a: 1 }),
    before: inner.prefault({ a: 1 }),
    caught: inner.catch({ a: 1 }),
    fixed: inner.readonly(),
    changed: inner.transform(({ a }) => a),
    refined: inner.refine(({ a }) => a > 0),
    listed: z.array(inner),
    paired: z.tuple([inner, inner]),
    named: z.record(z.string(), inner),
    later: z.lazy(() => inner),
  });
  const wrong = { a: 1, b: 2 };
  const input = {
    ...Object.fromEntries(Object.keys(wrapped.shape).map((name) => [name, wrong])),
    ...{ listed: [{ a: 1 }, wrong], paired: [{ a: 1 }, wrong], named: { x: wrong } },
  };
  expect(pointers(wrapped, input)).toEqual([
    '/optional/b',
    '/nullable/b',
    '/fallback/b',
    '/before/b',
    '/caught/b',
    '/fixed/b',
    '/changed/b',
    '/refined/b',
    '/listed/1/b',
    '/paired/1/b',
    '/named/x/b',
    '/later/b',
  ]);
});

test('a union knows the fields of the branch that it takes, an intersection those of both', () => {
  const either = z.union([
    z.object({ kind: z.literal('mail'), address: z.string() }),
    z.object({ kind: z.literal('post'), street: z.string() }),
  ]);
  expect(pointers(either, { kind: 'post', street: 's' })).toEqual([]);
  expect(pointers(either, { kind: 'post', street: 's', address: 'a' })).toEqual(['/address']);
  expect(pointers(either, { kind: 'fax', number: 7 })).toEqual([]);
  const both = z.intersection(z.object({ a: z.number() }), z.object({ b: z.number() }));
  expect(unknownFields(both, { a: 1, b: 2, c: 3 })).toMatchObject([
    { pointer: '/c', message: expect.stringContaining('known here: a, b') },
  ]);
});

test('what is free is left alone, and what is no object is for the schema to refuse', () => {
  const free = z.object({ loose: z.looseObject({ a: z.number() }), any: z.unknown() });
  expect(pointers(free, { loose: { a: 1, b: 2 }, any: { c: 3 } })).toEqual([]);
  for (const input of [null, undefined, 'text', 7, []]) expect(pointers(free, input)).toEqual([]);
});
