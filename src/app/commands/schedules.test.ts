/** What the list of schedules says to people. */
import { expect, test, vi } from 'vitest';
import { apiClient } from '../api-client.ts';
import { commandContext } from '../command-context.ts';
import { listSchedules } from './schedules.ts';

test('what is caught up with is told with its bound', async () => {
  const schedule = (name: string, catchUp: string) => ({
    ...{ process: 'p', schedule: name, cron: '0 * * * *', timeZone: 'UTC', catchUp, atMost: 24 },
    ...{ next: [], lastAt: null, pausedBy: null },
  });
  const items = [schedule('a', 'all'), schedule('b', 'once')];
  const page = { items, nextCursor: null, count: { value: 2, capped: false } };
  const api = { ...apiClient({ url: 'http://127.0.0.1' }), get: async () => page as never };
  const printed = vi.spyOn(console, 'log').mockImplementation(() => undefined);
  await listSchedules({ ...commandContext({}, {}), api }, {});
  expect(printed.mock.calls.flat().join('\n')).toMatch(/^p +a .*at most 24 .*\n^p +b .* once /m);
});
