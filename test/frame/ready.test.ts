/** The program as a newcomer meets it: started with no configuration but where to be. */
import { expect, test } from 'vitest';
import { postgresPid, temporaryDataFolder } from '../support/data-folder.ts';
import { startServer } from '../support/running-program.ts';

test('it becomes ready, says where to look and what to try, and stops without a trace', async () => {
  const dataFolder = await temporaryDataFolder();
  const first = await startServer({ env: { ORDERLOOM_DATA: dataFolder } });
  console.info(`ready with a new data folder in ${first.readyInMs} ms`);
  expect(first.output()).toContain('DEMO MODE');
  expect(first.output()).toContain('curl -X POST');
  expect(Object.keys(first.sandboxes)).toEqual(['payment gateway', 'courier', 'mail']);
  expect((await fetch(`${first.url}/actuator/health`)).status).toBe(200);
  expect(await postgresPid(dataFolder)).not.toBeNull();

  expect(await first.stop()).toEqual({ code: 0, signal: null });
  expect(await postgresPid(dataFolder)).toBeNull();

  const second = await startServer({ env: { ORDERLOOM_DATA: dataFolder } });
  console.info(`ready with a known data folder in ${second.readyInMs} ms`);
  expect(await second.stop()).toEqual({ code: 0, signal: null });
});
