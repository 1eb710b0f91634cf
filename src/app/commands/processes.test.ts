/** What the command line makes of a timeline. */
import { expect, test } from 'vitest';
import { timelineFrom } from './processes.ts';

const entry = (seq: number, at: string) => ({
  ...{ seq, at, type: 'intermediateCatchEvent', element: 'wait', name: 'Wait' },
  ...{ what: 'ElementBegan', text: `entry ${seq}`, n: 1 },
});

test('the day stands above the first entry of another day, and only there', () => {
  // Noon is of the same day in every time zone that the tests may run in.
  const days = ['03-01', '03-01', '05-02', '05-02', '06-07'];
  const textOf = timelineFrom('2026-03-01T12:00:00Z');
  const lines = days.map((day, at) => textOf(entry(at, `2026-${day}T12:00:00Z`) as never));
  expect(lines.map((line) => line.split('\n').map((part) => part.trim().slice(0, 10)))).toEqual([
    [expect.stringMatching(/^0 /)],
    [expect.stringMatching(/^1 /)],
    ['2026-05-02', expect.stringMatching(/^2 /)],
    [expect.stringMatching(/^3 /)],
    ['2026-06-07', expect.stringMatching(/^4 /)],
  ]);
});
