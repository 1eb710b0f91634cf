/** Verified tokens are known until they end, and not without limit. */
import { expect, test } from 'vitest';
import type { Caller } from '../../kernel/caller.ts';
import { newId } from '../../kernel/ids.ts';
import { VerifiedTokens } from './verified-tokens.ts';

const caller: Caller = { kind: 'user', userId: newId(), roles: ['customer'], demo: false };
const end = Date.parse('2026-03-01T13:00:00.000Z');

test('a token is known until its end, and never after', () => {
  const tokens = new VerifiedTokens();
  tokens.add('a', caller, end);
  expect(tokens.find('a', new Date(end - 1))).toBe(caller);
  expect(tokens.find('other', new Date(end - 1))).toBeUndefined();
  expect(tokens.find('a', new Date(end))).toBeUndefined();
  expect(tokens.find('a', new Date(end - 1))).toBeUndefined();
});

test('beyond 10,000 the longest unused is forgotten', () => {
  const tokens = new VerifiedTokens();
  for (let n = 0; n < 10_000; n += 1) tokens.add(`token ${n}`, caller, end);
  const now = new Date(end - 1);
  expect(tokens.find('token 0', now)).toBe(caller);
  tokens.add('one more', caller, end);
  expect(tokens.find('token 0', now)).toBe(caller);
  expect(tokens.find('token 1', now)).toBeUndefined();
  expect(tokens.find('one more', now)).toBe(caller);
});
