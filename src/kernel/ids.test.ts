/** Ids are UUIDv7, never the same twice, and sort by the time they were made. */
import { afterEach, expect, test, vi } from 'vitest';
import { idSchema, newId } from './ids.ts';

afterEach(() => void vi.useRealTimers());

test('ids are of version 7 and carry the moment', () => {
  const before = Date.now();
  const id = newId();
  expect(idSchema.parse(id)).toBe(id);
  expect(id[14]).toBe('7');
  const moment = Number.parseInt(id.slice(0, 8) + id.slice(9, 13), 16);
  expect(moment).toBeGreaterThanOrEqual(before);
  expect(moment).toBeLessThanOrEqual(Date.now() + 1);
});

test('later ids sort after earlier ones, also when the clock stands still or goes back', () => {
  vi.useFakeTimers({ now: Date.now() });
  const ids = Array.from({ length: 5_000 }, newId);
  vi.setSystemTime(Date.now() - 60_000);
  ids.push(...Array.from({ length: 5_000 }, newId));
  expect(new Set(ids).size).toBe(10_000);
  expect([...ids].sort()).toEqual(ids);
});
