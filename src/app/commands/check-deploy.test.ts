/** What `orderloom check-deploy` says and how it exits. */
import { expect, test } from 'vitest';
import { testDatabase } from '../../../test/support/database.ts';
import type { DeployReport, GroupOfFindings } from '../../engine/index.ts';
import { readDataSettings } from '../config.ts';
import { checkDeployment, exitCodeOf, reportText } from './check-deploy.ts';

const group = (code: string, message: string): GroupOfFindings => ({
  ...{ code, message, process: 'process-order', version: 1, element: '', count: 2 },
  samples: [
    { id: 'id-1', businessKey: 'order-1' },
    { id: 'id-2', businessKey: null },
  ],
});
const fine: DeployReport = {
  ...{ checked: 3, broken: 0, replayed: 3, notReplayed: 0 },
  ...{ breaks: [], differs: [], unreplayed: [] },
};
const unseen: DeployReport = {
  ...{ ...fine, replayed: 1, notReplayed: 2 },
  unreplayed: [group('HISTORY_DROPPED', 'its history is kept up to entry 3 of 9 only')],
};

test('all is well: 0', () => {
  expect(exitCodeOf(fine, {})).toBe(0);
  expect(reportText(fine)).toBe(
    'Looked at 3 open instances; played the histories of 3 again.\n\n' +
      'This code can be deployed: every open instance goes on with it.',
  );
});

test('what cannot be played again is listed with the reason: 2', () => {
  expect([exitCodeOf(unseen, {}), exitCodeOf(unseen, { strict: true })]).toEqual([2, 2]);
  const text = reportText(unseen);
  expect(text).toContain('played the histories of 1 again, and could not do so with 2.');
  expect(text).toMatch(/Not played again.+2 +process-order v1 +\(process\) +HISTORY_DROPPED/s);
  expect(text).toContain(
    'its history is kept up to entry 3 of 9 only\n  such as id-1 (order-1), id-2',
  );
  expect(text).toMatch(/exit code 2\)\.$/);
});

test('what breaks goes before: 1, and with --strict what goes another way', () => {
  const breaks = [group('ELEMENT_GONE', 'gone')];
  expect(exitCodeOf({ ...unseen, broken: 2, breaks }, {})).toBe(1);
  expect(reportText({ ...unseen, broken: 2, breaks })).toMatch(/Do not deploy this code/);
  const differs = { ...unseen, differs: [group('HISTORY_DIFFERS', 'another way')] };
  expect([exitCodeOf(differs, {}), exitCodeOf(differs, { strict: true })]).toEqual([2, 1]);
});

test('no secret is needed, and a database that is none of ours is no good news', async () => {
  const { connectionString } = await testDatabase();
  await expect(checkDeployment({ DATABASE_URL: connectionString }, {})).rejects.toThrow(
    /expected the database of a program that has run, found ".+" without its tables/,
  );
  const nowhere = { DATABASE_URL: 'postgres://orderloom:secret@127.0.0.1:1/orderloom' };
  await expect(checkDeployment(nowhere, {})).rejects.toThrow('DATABASE_URL: expected a PostgreSQL');
  await expect(checkDeployment(nowhere, { samples: 'many' })).rejects.toThrow(
    '--samples: expected a number from 0 to 100, found many',
  );
  expect(() => readDataSettings({ PORT: 'x' })).toThrow('PORT: ');
});
