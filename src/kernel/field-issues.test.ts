/** Each issue says where, what was expected and what was found, for every kind of schema. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { fieldIssues, jsonPointer } from './field-issues.ts';

function issues(schema: z.ZodType, input: unknown) {
  return fieldIssues(schema.safeParse(input).error!, input);
}

test.each<[string, z.ZodType, unknown, object]>([
  [
    'missing',
    z.object({ a: z.string() }),
    {},
    { pointer: '/a', expected: 'string', found: 'nothing' },
  ],
  ['not an object', z.object({}), 'text', { pointer: '', expected: 'object', found: '"text"' }],
  [
    'too small',
    z.object({ q: z.number().min(1) }),
    { q: 0 },
    { expected: 'at least 1', found: '0' },
  ],
  ['not positive', z.number().positive(), -2, { expected: 'more than 0', found: '-2' }],
  [
    'too many',
    z.array(z.any()).max(1),
    [1, 2],
    { expected: 'at most 1 entry', found: 'a list of 2' },
  ],
  ['one of', z.enum(['a', 'b']), 'c', { expected: '"a" or "b"', found: '"c"' }],
  ['format', z.object({ id: z.uuid() }), { id: 'x' }, { pointer: '/id', expected: 'uuid' }],
  [
    'union',
    z.union([z.string(), z.number()]),
    null,
    { expected: 'string or number', found: 'null' },
  ],
  [
    'branch of a union',
    z.union([z.object({ kind: z.literal('a'), n: z.number() }), z.string()]),
    { kind: 'a', n: 'x' },
    { pointer: '/n', expected: 'number', found: '"x"' },
  ],
  [
    'unknown field',
    z.strictObject({}),
    { extra: 1 },
    { pointer: '/extra', expected: 'no such field' },
  ],
  [
    'custom',
    z.string().refine(() => false, 'expected a palindrome'),
    'ab',
    { expected: 'a palindrome' },
  ],
  [
    'secret',
    z.object({ card: z.object({ cvc: z.string().length(3) }) }),
    { card: { cvc: '12345' } },
    { pointer: '/card/cvc', found: 'a value that is not shown' },
  ],
])('%s', (_name, schema, input, expected) => {
  expect(issues(schema, input)[0]).toMatchObject(expected);
});

test('whatever comes in, the answer stays small and is made of text', () => {
  const schema = z.array(z.object({ n: z.number().int(), s: z.string().max(2) })).max(5);
  fc.assert(
    fc.property(fc.anything(), (input) => {
      const result = schema.safeParse(input);
      if (result.success) return;
      for (const issue of fieldIssues(result.error, input)) {
        expect(Object.values(issue).every((text) => typeof text === 'string')).toBe(true);
        expect(issue.found.length).toBeLessThan(100);
      }
    }),
  );
  const many = Array.from({ length: 500 }, () => ({}));
  expect(issues(z.array(z.object({ n: z.number() })), many)).toHaveLength(50);
});

test('pointers escape as RFC 6901 has it', () => {
  expect(jsonPointer(['a/b', 'c~d', 0])).toBe('/a~1b/c~0d/0');
});
