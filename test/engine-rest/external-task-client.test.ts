/**
 * The external task client of Camunda 7, unmodified, in processes of its own against the whole program:
 * it completes, fails, raises errors and extends locks; ten of them race and no task is done twice.
 */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { beforeAll, expect, test } from 'vitest';
import { startShop } from '../end-to-end/shop.ts';
import { type CamundaWorker, startCamundaWorker } from '../support/camunda-workers.ts';
import { waitUntil } from '../support/wait-until.ts';

const key = 'the key of all workers';
const digest = createHash('sha256').update(key).digest('hex');
const opened = ['fetch', 'complete', 'fail', 'raise-error', 'extend-lock'];
const only = opened.map((name) => `external-tasks.${name}`).join('+');
const shop = await startShop({
  env: { ORDERLOOM_API_KEYS: `workers:service:${digest}:${only}` },
});
const rest = `${shop.url}/engine-rest`;
const drawing = readFileSync(new URL('./weigh.bpmn', import.meta.url), 'utf8');

beforeAll(async () => {
  const form = new FormData();
  form.set('weigh.bpmn', new Blob([drawing]), 'weigh.bpmn');
  const deployed = await fetch(`${rest}/deployment/create`, { method: 'POST', body: form });
  expect(deployed.status, await deployed.clone().text()).toBe(200);
});

async function start(how: string, businessKey: string): Promise<string> {
  const body = { businessKey, variables: { how: { type: 'String', value: how } } };
  const answer = await shop.post<{ id: string }>(
    '/engine-rest/process-definition/key/weigh/start',
    { body },
  );
  expect(answer.status, answer.text).toBe(200);
  return answer.body.id;
}

interface Seen {
  readonly status: string;
  readonly variables: Readonly<Record<string, unknown>>;
  readonly timeline: readonly { readonly kind: string; readonly element: string }[];
}
const see = async (id: string) => (await shop.get<Seen>(`/api/v1/processes/${id}`)).body;
const endOf = (id: string) =>
  waitUntil('the instance to end', async () => {
    const { status, variables, timeline } = await see(id);
    if (status !== 'completed') return false;
    return { variables, at: timeline.filter(({ kind }) => kind === 'element.completed').at(-1) };
  });
const reports = ({ news }: CamundaWorker) =>
  news.flatMap((one) => (one.is === 'reported' ? [one.event] : []));

test('completes, fails, raises errors and extends locks', async () => {
  const worker = startCamundaWorker({ url: shop.url, id: 'ann', key });
  const plain = await endOf(await start('as usual', 'p-1'));
  expect(plain.at?.element).toBe('letter');
  expect(plain.variables).toMatchObject({ grams: 750, seen: { by: 'ann' } });
  expect(plain.variables).not.toHaveProperty('scratch');

  expect((await endOf(await start('fails once', 'p-2'))).at?.element).toBe('letter');
  expect((await endOf(await start('too heavy', 'p-3'))).at?.element).toBe('returned');

  const failing = await start('fails for good', 'p-4');
  const path = `/engine-rest/external-task?processInstanceId=${failing}`;
  const failed = await waitUntil('the task to have failed', async () => {
    const { body } = await shop.get<{ id: string; retries: number | null }[]>(path);
    return body.find(({ retries }) => retries === 0);
  });
  expect(failed).toMatchObject({ errorMessage: 'the scales are broken', topicName: 'scales' });
  const details = await shop.get(`/engine-rest/external-task/${failed.id}/errorDetails`);
  expect(details.text).toBe('at scales.ts:1');
  const count = worker.news.length;
  const again = await shop.call('PUT', `/engine-rest/external-task/${failed.id}/retries`, {
    body: { retries: 1 },
  });
  expect(again.status).toBe(204);
  await waitUntil('the task to be handed out again', () => worker.news.length > count);

  const long = await start('takes long', 'p-5');
  await waitUntil('the lock to last longer', async () => {
    const { body } = await shop.get<{ lockExpirationTime: string | null }[]>(
      `/engine-rest/external-task?processInstanceId=${long}`,
    );
    const until = body[0]?.lockExpirationTime ?? null;
    return until !== null && Date.parse(until.replace('+0000', 'Z')) > Date.now() + 600_000;
  });
  worker.goOn();
  expect((await endOf(long)).at?.element).toBe('letter');
  await waitUntil('the client to have heard', () => reports(worker).filter(isComplete).length > 2);
  expect(reports(worker).filter((event) => event.endsWith('refused'))).toEqual([]);
  expect(new Set(reports(worker))).toEqual(
    new Set(['complete', 'handleFailure', 'handleBpmnError', 'extendLock']),
  );
});

const isComplete = (event: string) => event === 'complete';

test('ten race, and no task is done twice', async () => {
  const workers = Array.from({ length: 10 }, (_, index) =>
    startCamundaWorker({ url: shop.url, id: `racer-${index}`, key }),
  );
  const parcels = Array.from({ length: 60 }, (_, index) => `race-${index}`);
  const ids = await Promise.all(parcels.map((parcel) => start('as usual', parcel)));
  for (const id of ids) await endOf(id);
  const news = () => workers.flatMap((worker) => worker.news);
  const completed = () =>
    news().flatMap((one) => (one.is === 'reported' && one.event === 'complete' ? [one.what] : []));
  await waitUntil('all to be reported', () => completed().length >= parcels.length);
  const handed = news().flatMap((one) => (one.is === 'handed' ? [one] : []));
  expect(handed.map(({ businessKey }) => businessKey).sort()).toEqual(parcels.toSorted());
  expect(completed().sort()).toEqual(handed.map(({ task }) => task).sort());
  expect(workers.flatMap(reports).filter((event) => !isComplete(event))).toEqual([]);
});

test('a worker without the key is told so in words that the client reads', async () => {
  const worker = startCamundaWorker({ url: shop.url, id: 'eve', key: 'another' });
  const refused = await waitUntil('the client to be refused', () =>
    worker.news.find((one) => one.is === 'reported' && one.event === 'poll refused'),
  );
  expect(refused).toMatchObject({ what: expect.stringMatching(/401.*API_KEY_INVALID/) });
});
