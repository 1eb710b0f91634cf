/** The program as a newcomer meets it: started with no configuration but where to be. */
import { expect, test } from 'vitest';
import { postgresPid, temporaryDataFolder, usedDataFolder } from '../support/data-folder.ts';
import { freePort } from '../support/free-port.ts';
import { isTaken, runProgram, startServer } from '../support/running-program.ts';

const timeout = 120_000;

test('it becomes ready, says where to look and what to try, and stops without a trace', {
  timeout,
}, async () => {
  const dataFolder = await temporaryDataFolder();
  const env = { ORDERLOOM_DATA: dataFolder };
  const first = await startServer({ env });
  console.info(`ready with a new data folder in ${first.readyInMs} ms`);
  expect(first.output()).toContain('DEMO MODE');
  expect(first.output()).toContain('curl -X POST');
  expect(Object.keys(first.sandboxes)).toEqual([
    'payment gateway',
    'courier',
    'mail',
    'billing systems',
  ]);
  for (const url of [first.url, ...Object.values(first.sandboxes)]) {
    expect(new URL(url).hostname).toBe('127.0.0.1');
  }
  expect((await fetch(`${first.url}/actuator/health`)).status).toBe(200);
  expect(await postgresPid(dataFolder)).not.toBeNull();

  expect(await first.stop()).toEqual({ code: 0, signal: null });
  expect(await postgresPid(dataFolder)).toBeNull();
  for (const url of [first.url, ...Object.values(first.sandboxes)]) {
    expect(await isTaken(Number(new URL(url).port)), url).toBe(false);
  }

  const second = await startServer({ env });
  console.info(`ready with a known data folder in ${second.readyInMs} ms`);
  expect(await second.stop()).toEqual({ code: 0, signal: null });
});

test('twice side by side from the same folder, each with data of its own', {
  timeout,
}, async () => {
  const folders = [await usedDataFolder(), await usedDataFolder()];
  const [one, two] = await Promise.all(
    folders.map((ORDERLOOM_DATA) => startServer({ env: { ORDERLOOM_DATA } })),
  );
  const addresses = [one!, two!].flatMap(({ url, sandboxes }) => [
    url,
    ...Object.values(sandboxes),
  ]);
  expect(new Set(addresses).size).toBe(10);
  const placed = await fetch(`${one!.url}/api/orders`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ items: [{ productId: 'prod-100', quantity: 1 }], total: 100 }),
  });
  expect(placed.status).toBe(201);
  const countAt = async (url: string) => {
    const page = await (await fetch(`${url}/api/v1/orders`)).json();
    return (page as { items: unknown[] }).items.length;
  };
  expect([await countAt(one!.url), await countAt(two!.url)]).toEqual([1, 0]);
  expect((await Promise.all([one!.stop(), two!.stop()])).map(({ code }) => code)).toEqual([0, 0]);
});

test('a port that is taken is refused in words, and the first one is not disturbed', {
  timeout,
}, async () => {
  const port = String(await freePort());
  const first = await startServer({
    env: { PORT: port, ORDERLOOM_DATA: await usedDataFolder() },
  });
  const dataFolder = await temporaryDataFolder();
  const second = runProgram({ env: { PORT: port, ORDERLOOM_DATA: dataFolder } });
  expect(await second.ended).toEqual({ code: 1, signal: null });
  const message = second.output();
  expect(message).toContain('orderloom: PORT: expected a free one');
  expect(message).toContain(`port ${port}`);
  expect(message).not.toMatch(/^ {4}at /m);
  expect(await postgresPid(dataFolder)).toBeNull();
  expect((await fetch(`${first.url}/actuator/health`)).status).toBe(200);
});

test('a data folder that is in use is refused in words that name who has it', {
  timeout,
}, async () => {
  const env = { ORDERLOOM_DATA: await usedDataFolder() };
  const first = await startServer({ env });
  const second = runProgram({ env: { ...env, PORT: String(await freePort()) } });
  expect(await second.ended).toEqual({ code: 1, signal: null });
  const message = second.output();
  expect(message).toContain(`orderloom: another Orderloom (process ${first.pid})`);
  expect(message).toContain('ORDERLOOM_DATA');
  expect(message).not.toMatch(/^ {4}at /m);
  expect((await fetch(`${first.url}/actuator/health`)).status).toBe(200);
  expect((await first.stop()).code).toBe(0);
});
