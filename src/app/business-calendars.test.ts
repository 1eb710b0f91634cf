/** What the file of business calendars may say, and how a wrong one is told. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readBusinessCalendars } from './business-calendars.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'calendars-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function read(content: string) {
  const path = join(folder, 'calendars.json');
  await writeFile(path, content);
  return await readBusinessCalendars(path);
}

test('calendars are read from the file; without one there are none', async () => {
  const [office, shop] = await read(
    '[{"name": "office", "timeZone": "Europe/Berlin", "holidays": ["12-25"]}, ' +
      '{"name": "shop", "days": "MON-SAT", "hours": "10:00-20:00", "otherHours": {"SAT": "10:00-14:00"}}]',
  );
  expect(office).toMatchObject({ name: 'office', timeZone: 'Europe/Berlin', holidays: ['12-25'] });
  expect(shop?.week[5]).toEqual([[600, 840]]);
  expect(await readBusinessCalendars(undefined)).toEqual([]);
});

test.each([
  ['no JSON', 'office', /BUSINESS_CALENDARS: .*calendars\.json: .*JSON/],
  ['an unknown field', '[{"name": "a", "zone": "UTC"}]', /0: .*zone/],
  ['a time zone of no place', '[{"name": "a", "timeZone": "Mars/Base"}]', /expected a time zone/],
  ['a name twice', '[{"name": "a"}, {"name": "a"}]', /found a again/],
])('%s stops the program', async (_, content, message) => {
  await expect(read(content)).rejects.toThrow(message);
});

test('so does a file that is not there', async () => {
  await expect(readBusinessCalendars(join(folder, 'none.json'))).rejects.toThrow(/ENOENT/);
});
