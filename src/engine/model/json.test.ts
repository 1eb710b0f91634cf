/** Values that would take the stack of whatever walks through them, and names that every object has. */
import { expect, it } from 'vitest';
import { TerminalFault } from '../../kernel/errors.ts';
import { asJson } from './json.ts';

function nested(levels: number): unknown {
  let value: unknown = 'inside';
  for (let level = 0; level < levels; level += 1) value = level % 2 === 0 ? [value] : { value };
  return value;
}

it('keeps a value of a thousand levels, and refuses a deeper one', () => {
  expect(asJson(nested(1_000))).toEqual(nested(1_000));
  for (const levels of [1_001, 20_000, 200_000]) {
    expect(() => asJson(nested(levels))).toThrow(TerminalFault);
    expect(() => asJson(nested(levels))).toThrow('at most 1000 levels');
  }
});

it('keeps names that every object has as members like others', () => {
  const given = JSON.parse('{"__proto__":{"isAdmin":true},"constructor":1,"toString":null}');
  const kept = asJson(given) as Record<string, unknown>;
  expect(Object.keys(kept)).toEqual(['__proto__', 'constructor', 'toString']);
  expect(Object.getPrototypeOf(kept)).toBe(Object.prototype);
  expect(kept.isAdmin).toBeUndefined();
});
