/**
 * The REST dialect of Camunda 7 as its tools speak it: the Modeler deploys and starts, a cockpit looks and
 * mends. Shapes, dates, types and errors are those that clients of Camunda 7 read.
 */
import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, test } from 'vitest';
import { demoUsers } from '../../src/modules/users/index.ts';
import { type Answer, type RequestParts, startShop } from '../end-to-end/shop.ts';
import { waitUntil } from '../support/wait-until.ts';

const shop = await startShop();
const drawing = readFileSync(new URL('./weigh.bpmn', import.meta.url), 'utf8');
const date = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+0000$/);

/** Asks under the path of the dialect. */
const ask = <T = Record<string, unknown>>(method: string, path: string, parts?: RequestParts) =>
  shop.call<T>(method, `/engine-rest${path}`, parts);
const get = async <T>(path: string): Promise<T> => {
  const answer = await ask<T>('GET', path);
  expect(answer.status, answer.text).toBe(200);
  return answer.body;
};

/** Deploys as the Modeler does. */
async function deploy(
  xml: string,
  file = 'weigh.bpmn',
  fields: Record<string, string> = {},
  delegates?: Record<string, string>,
) {
  const form = new FormData();
  form.set('deployment-name', file.replace('.bpmn', ''));
  form.set('deployment-source', 'Camunda Modeler');
  form.set('enable-duplicate-filtering', 'true');
  for (const [name, value] of Object.entries(fields)) form.set(name, value);
  form.set(file, new Blob([xml]), file);
  if (delegates) {
    form.set('delegates', new Blob([JSON.stringify(delegates)]), 'orderloom.delegates.json');
  }
  const url = `${shop.url}/engine-rest/deployment/create`;
  const answer = await fetch(url, { method: 'POST', body: form });
  return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
}

function expectError(
  answer: Pick<Answer, 'status' | 'body'>,
  status: number,
  type: string,
  text: RegExp,
) {
  expect(answer.body).toEqual({ type, message: expect.stringMatching(text), code: null });
  expect(answer.status).toBe(status);
}

beforeAll(async () => {
  expect((await deploy(drawing)).status).toBe(200);
});

async function start(parts: object = {}): Promise<string> {
  const body = { variables: { how: { value: 'as usual', type: 'String' } }, ...parts };
  const answer = await ask<{ id: string }>('POST', '/process-definition/key/weigh/start', { body });
  expect(answer.status, answer.text).toBe(200);
  return answer.body.id;
}

describe('the Modeler', () => {
  test('finds the version that is spoken, and may list deployments', async () => {
    expect(await get('/version')).toEqual({ version: expect.stringMatching(/^7\.\d+\.\d+$/) });
    expect(await get('/deployment?maxResults=0')).toEqual([]);
    expect(await get('/engine')).toEqual([{ name: 'default' }]);
    for (const path of ['/tenant', '/filter']) {
      expect(await get(path)).toEqual([]);
      expect(await get(`${path}/count`)).toEqual({ count: 0 });
    }
    const { headers } = await ask('GET', '/version');
    expect(headers.get('content-type')).toBe('application/json');
  });

  test('deploys; the same content again is the same version, another the next', async () => {
    const first = await deploy(drawing);
    expect(first).toMatchObject({
      status: 200,
      body: {
        id: 'weigh:1',
        name: 'weigh',
        source: 'Camunda Modeler',
        deploymentTime: date,
        tenantId: null,
        deployedProcessDefinitions: {
          'weigh:1': { id: 'weigh:1', key: 'weigh', name: 'Weigh a parcel', version: 1 },
        },
      },
    });
    const changed = drawing.replace('key="weigh"', '').replace('id="weigh"', 'id="weighAgain"');
    expect((await deploy(changed)).body.id).toBe('weighAgain:1');
    const renamed = changed.replace('Put it on the scales', 'Weigh it');
    expect((await deploy(renamed)).body.id).toBe('weighAgain:2');
    expect(await get('/process-definition?key=weighAgain&latestVersion=true')).toMatchObject([
      { id: 'weighAgain:2', version: 2, deploymentId: 'weighAgain:2', suspended: false },
    ]);
    expect(await get('/deployment/weighAgain:2')).toMatchObject({ name: 'weigh.bpmn' });
    expect(await get('/deployment/count?id=weighAgain:2')).toEqual({ count: 1 });
    expect((await ask('GET', '/deployment/count?source=here')).status).toBe(400);
  });

  test('deploys many files together, and one that is larger than other requests may be', async () => {
    const form = new FormData();
    for (let n = 0; n < 120; n += 1) {
      const note = n === 0 ? `<!--${'x'.repeat(1_500_000)}-->` : '';
      const xml = drawing.replace('id="weigh"', `id="many${n}"`) + note;
      form.set(`f${n}`, new Blob([xml]), `many${n}.bpmn`);
    }
    const url = `${shop.url}/engine-rest/deployment/create`;
    const answer = await fetch(url, { method: 'POST', body: form });
    const body = (await answer.json()) as { deployedProcessDefinitions: object };
    expect(answer.status, JSON.stringify(body)).toBe(200);
    expect(Object.keys(body.deployedProcessDefinitions)).toHaveLength(120);
    const large = { raw: JSON.stringify({ businessKey: 'x'.repeat(1_100_000) }) };
    expectError(
      await ask('POST', '/process-definition/key/weigh/start', large),
      413,
      'InvalidRequestException',
      /body is too large/,
    );
  });

  test('is told what is wrong with a drawing in the words that it looks for', async () => {
    const broken = drawing.replace('targetRef="letter"', 'targetRef="nowhere"');
    const refused = await deploy(broken);
    expectError(
      refused,
      400,
      'ParseException',
      /^ENGINE-09005 Could not parse BPMN process\..*nowhere/s,
    );
    expectError(
      await deploy(drawing, 'weigh.txt'),
      400,
      'InvalidRequestException',
      /expected files that this engine deploys/,
    );
    expectError(
      await deploy(drawing, 'weigh.bpmn', { 'tenant-id': 'acme' }),
      400,
      'InvalidRequestException',
      /no tenant-id/,
    );
  });

  test('starts by id and by key, with a business key and typed variables', async () => {
    const body = {
      businessKey: 'parcel-7',
      variables: {
        how: { value: 'as usual', type: 'String' },
        weight: { value: 2.5, type: 'Double' },
        box: { value: '{"sides": 6}', type: 'Json' },
      },
      withVariablesInReturn: true,
    };
    const started = await ask('POST', '/process-definition/weigh:1/start', { body });
    expect(started.status, started.text).toBe(200);
    expect(started.body).toMatchObject({
      links: [{ method: 'GET', rel: 'self' }],
      definitionId: 'weigh:1',
      definitionKey: 'weigh',
      businessKey: 'parcel-7',
      ended: false,
      suspended: false,
      variables: {
        how: { type: 'String', value: 'as usual' },
        weight: { type: 'Double', value: 2.5 },
        box: { type: 'Json', value: '{"sides":6}' },
      },
    });
    const none = await ask('POST', '/process-definition/key/nowhere/start', { body: {} });
    expectError(none, 404, 'RestException', /nowhere.*PROCESS_NOT_FOUND/);
  });

  test('gets the drawing back', async () => {
    const { bpmn20Xml } = await get<{ bpmn20Xml: string }>('/process-definition/key/weigh/xml');
    expect(bpmn20Xml).toBe(drawing);
  });

  test('and a picture of it', async () => {
    const { status, text } = await ask('GET', '/process-definition/key/weigh/diagram');
    expect([status, text.slice(0, 5)]).toEqual([200, '<svg ']);
  });
});

describe('workers', () => {
  test('lock, unlock, and may not end what another holds', async () => {
    const id = await start({ businessKey: 'locked' });
    const topics = [
      {
        topicName: 'scales',
        lockDuration: 60_000,
        businessKey: 'locked',
        variables: ['how'],
        includeExtensionProperties: true,
      },
    ];
    const body = { workerId: 'ann', maxTasks: 5, usePriority: true, topics };
    const fetched = await ask<Record<string, unknown>[]>('POST', '/external-task/fetchAndLock', {
      body,
    });
    expect(fetched.body).toEqual([
      expect.objectContaining({
        activityId: 'scales',
        processInstanceId: id,
        processDefinitionId: 'weigh:1',
        processDefinitionKey: 'weigh',
        workerId: 'ann',
        topicName: 'scales',
        lockExpirationTime: date,
        retries: null,
        businessKey: 'locked',
        variables: { how: { type: 'String', value: 'as usual', valueInfo: {} } },
        extensionProperties: { room: '7' },
      }),
    ]);
    const path = `/external-task/${String(fetched.body[0]?.id)}`;
    const other = await ask('POST', `${path}/complete`, { body: { workerId: 'bob' } });
    expectError(other, 400, 'InvalidRequestException', /worker "ann" holds it/);
    expect(await get('/external-task/count?locked=true&topicName=scales')).toEqual({ count: 1 });
    expect((await ask('POST', `${path}/unlock`)).status).toBe(204);
    const taken = await ask('POST', `${path}/lock`, {
      body: { workerId: 'bob', lockDuration: 9e4 },
    });
    expect(taken.status).toBe(204);
    expect((await ask('POST', `${path}/complete`, { body: { workerId: 'bob' } })).status).toBe(204);
    expect((await ask('GET', path)).status).toBe(404);
  });
});

describe('instances', () => {
  test('are found, looked at, mended, held and ended', async () => {
    const id = await start({ businessKey: 'mended' });
    const found = { id, definitionId: 'weigh:1', businessKey: 'mended', suspended: false };
    expect(await get('/process-instance?businessKey=mended')).toMatchObject([found]);
    expect(await get('/process-instance/count?businessKey=mended')).toEqual({ count: 1 });
    expect(await get(`/process-instance?processInstanceIds=${id}`)).toMatchObject([found]);
    expect(await get(`/process-instance/${id}/activity-instances`)).toMatchObject({
      activityType: 'processDefinition',
      childActivityInstances: [{ activityId: 'scales', activityType: 'serviceTask' }],
    });
    const path = `/process-instance/${id}/variables`;
    const put = await ask('PUT', `${path}/grams`, { body: { type: 'Integer', value: 12 } });
    expect(put.status).toBe(204);
    const modifications = { colour: { type: 'String', value: 'red' } };
    const body = { modifications, deletions: ['how'] };
    expect((await ask('POST', path, { body })).status).toBe(204);
    expect(await get(path)).toEqual({
      grams: { type: 'Integer', value: 12, valueInfo: {} },
      colour: { type: 'String', value: 'red', valueInfo: {} },
    });
    expect(
      await get(`/variable-instance?processInstanceIdIn=${id}&sortBy=variableName&sortOrder=desc`),
    ).toMatchObject([
      { name: 'grams', type: 'Integer', value: 12, activityInstanceId: id },
      { name: 'colour', type: 'String', value: 'red', executionId: id },
    ]);
    expect((await ask('DELETE', `${path}/colour`)).status).toBe(204);
    expect((await ask('GET', `${path}/colour`)).status).toBe(404);
    expect(await get(`${path}/grams`)).toMatchObject({ value: 12 });
    const ours = await shop.get<{ timeline: { text: string }[]; lastSeq: number }>(
      `/api/v1/processes/${id}`,
    );
    expect(ours.body.timeline.map(({ text }) => text)).toContainEqual(
      expect.stringMatching(/set variables/),
    );
    const before = await shop.get<{ variables: object }>(
      `/api/v1/processes/${id}?at=${ours.body.lastSeq - 1}`,
    );
    expect(before.body.variables).toEqual({ grams: 12, colour: 'red' });

    for (const suspended of [true, true, false]) {
      const held = await ask('PUT', `/process-instance/${id}/suspended`, { body: { suspended } });
      expect(held.status).toBe(204);
      expect(await get(`/process-instance/${id}`)).toMatchObject({ suspended });
    }
    expect((await ask('DELETE', `/process-instance/${id}`)).status).toBe(204);
    await waitUntil('the instance to be gone', async () => {
      return (await ask('GET', `/process-instance/${id}`)).status === 404;
    });
    const late = await ask('PUT', `${path}/grams`, { body: { value: 1 } });
    expectError(late, 400, 'InvalidRequestException', /INSTANCE_NOT_MOVABLE/);
  });
});

describe('where an instance stands', () => {
  test('is a tree of its scopes: sub-processes, bodies of loops, and what runs in them', async () => {
    const head =
      '<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:camunda="http://camunda.org/schema/1.0/bpmn" id="d">';
    const people = 'camunda:candidateGroups="manager"';
    const nested = `${head}<process id="nested" name="Nested" isExecutable="true">
      <startEvent id="s"/><sequenceFlow id="a" sourceRef="s" targetRef="both"/>
      <parallelGateway id="both"/>
      <sequenceFlow id="b" sourceRef="both" targetRef="beside"/>
      <sequenceFlow id="c" sourceRef="both" targetRef="inner"/>
      <userTask id="beside" name="Beside" ${people}/>
      <subProcess id="inner" name="Inner">
        <startEvent id="is"/><sequenceFlow id="id" sourceRef="is" targetRef="each"/>
        <userTask id="each" name="Each" ${people}>
          <multiInstanceLoopCharacteristics><loopCardinality>2</loopCardinality></multiInstanceLoopCharacteristics>
        </userTask>
        <sequenceFlow id="ie" sourceRef="each" targetRef="ied"/><endEvent id="ied"/>
      </subProcess>
      <sequenceFlow id="e" sourceRef="beside" targetRef="end"/>
      <sequenceFlow id="f" sourceRef="inner" targetRef="end"/>
      <endEvent id="end"/>
    </process></definitions>`;
    const deployed = await deploy(nested, 'nested.bpmn');
    expect(deployed.status, JSON.stringify(deployed.body)).toBe(200);
    const path = '/process-definition/key/nested/start';
    const { id } = (await ask<{ id: string }>('POST', path, { body: {} })).body;
    interface Branch {
      readonly id: string;
      readonly activityId: string;
      readonly activityType: string;
      readonly parentActivityInstanceId: string | null;
      readonly executionIds: readonly string[];
      readonly childActivityInstances: readonly Branch[];
    }
    const tree = await waitUntil('all to have begun', async () => {
      const found = await get<Branch>(`/process-instance/${id}/activity-instances`);
      return JSON.stringify(found).split('"activityType":"userTask"').length === 4 && found;
    });
    const shape = ({ activityId, activityType, childActivityInstances }: Branch): unknown[] => [
      activityId,
      activityType,
      ...childActivityInstances.map(shape),
    ];
    expect(shape(tree)).toEqual([
      'nested:1',
      'processDefinition',
      ['beside', 'userTask'],
      [
        ...['inner', 'subProcess'],
        [
          ...['each#multiInstanceBody', 'multiInstanceBody'],
          ['each', 'userTask'],
          ['each', 'userTask'],
        ],
      ],
    ]);
    const seen: string[] = [];
    const check = (branch: Branch) => {
      seen.push(branch.id, ...branch.executionIds);
      for (const child of branch.childActivityInstances) {
        expect(child.parentActivityInstanceId).toBe(branch.id);
        check(child);
      }
    };
    check(tree);
    // The process instance is its own execution.
    expect(new Set(seen).size).toBe(seen.length - 1);
    const instructions = [
      { type: 'cancel', activityInstanceId: tree.childActivityInstances[1]?.id },
    ];
    const ended = await ask('POST', `/process-instance/${id}/modification`, {
      body: { instructions },
    });
    expect(ended.status, ended.text).toBe(204);
    expect(shape(await get<Branch>(`/process-instance/${id}/activity-instances`))).toEqual([
      ...['nested:1', 'processDefinition'],
      ['beside', 'userTask'],
    ]);
  });
});

describe('timers and variables', () => {
  const jobsOf = (id: string) =>
    get<{ id: string; dueDate: string; retries: number }[]>(`/job?processInstanceId=${id}`);

  test('a timer is a job: found by its moment, moved, and had happen now', async () => {
    const runs = new URL('../../src/engine/bpmn/models/runs/', import.meta.url);
    const later = readFileSync(new URL('catch-timer-duration.bpmn', runs), 'utf8');
    expect((await deploy(later.replace('id="model"', 'id="later"'), 'later.bpmn')).status).toBe(
      200,
    );
    const begin = async () =>
      (await ask<{ id: string }>('POST', '/process-definition/key/later/start', { body: {} })).body
        .id;
    const id = await begin();
    const [job] = await jobsOf(id);
    expect(job).toMatchObject({ dueDate: date, retries: 1, processDefinitionKey: 'later' });
    const path = `/job/${job?.id}`;
    const due = job?.dueDate.replace('+', '%2B');
    const found = `/job?timers=true&processDefinitionKey=later&activityId=wait`;
    expect(await get(`${found}&dueDates=lt_${due}`)).toEqual([]);
    expect(await get(`${found}&dueDates=gt_2020-01-01T00:00:00.000%2B0000`)).toEqual([job]);
    expect(await get(`/job/count?processInstanceId=${id}&messages=true`)).toEqual({ count: 0 });
    const asked = await ask('POST', '/job/count', {
      body: { processInstanceId: id, timers: true },
    });
    expect(asked.body).toEqual({ count: 1 });
    const duedate = '2031-01-01T00:00:00.000+0000';
    expect((await ask('PUT', `${path}/duedate`, { body: { duedate } })).status).toBe(204);
    expect(await get(path)).toMatchObject({ dueDate: duedate });
    expectError(
      await ask('PUT', `${path}/suspended`, { body: {} }),
      501,
      'NotSupportedException',
      /instance/,
    );
    expect((await ask('POST', `${path}/execute`)).status).toBe(204);
    await waitUntil('the instance to end', async () => {
      const { state } = await get<{ state: string }>(`/history/process-instance/${id}`);
      return state === 'COMPLETED';
    });
    expectError(
      await ask('POST', `${path}/execute`),
      400,
      'InvalidRequestException',
      /TIMER_NOT_SET/,
    );
  });

  test('instances are found by values of their variables, tenants own none of them', async () => {
    const variables = (grams: number, name: string) => ({
      grams: { value: grams, type: 'Integer' },
      name: { value: name, type: 'String' },
    });
    const light = await start({ businessKey: 'sought', variables: variables(5, 'Letter') });
    const heavy = await start({ businessKey: 'sought', variables: variables(500, 'parcel') });
    const by = (conditions: string, more = '') =>
      get<{ id: string }[]>(`/process-instance?businessKey=sought&variables=${conditions}${more}`);
    expect(await by('grams_gt_5')).toMatchObject([{ id: heavy }]);
    expect(await by('grams_lteq_500,name_like_L%25r')).toMatchObject([{ id: light }]);
    expect(await by('name_eq_letter')).toEqual([]);
    expect(
      await by('NAME_eq_letter', '&variableNamesIgnoreCase=true&variableValuesIgnoreCase=true'),
    ).toMatchObject([{ id: light }]);
    const body = {
      businessKey: 'sought',
      variables: [{ name: 'grams', operator: 'neq', value: 5 }],
    };
    expect((await ask('POST', '/process-instance/count', { body })).body).toEqual({ count: 1 });
    const past = '/history/process-instance?processInstanceBusinessKey=sought&variables=grams_eq_5';
    expect(await get(past)).toMatchObject([{ id: light }]);
    expectError(
      await ask('GET', '/process-instance?variables=grams_near_5'),
      400,
      'InvalidRequestException',
      /near/,
    );
    expectError(
      await ask('GET', `/process-instance/${light}/variables/grams/data`),
      400,
      'InvalidRequestException',
      /not a file/,
    );
    expect(await get('/process-instance?withoutTenantId=true&businessKey=sought')).toHaveLength(2);
    expect(await get('/process-instance?tenantIdIn=acme')).toEqual([]);
    expect(await get('/process-instance/count?tenantIdIn=acme')).toEqual({ count: 0 });
    for (const id of [light, heavy]) await ask('DELETE', `/process-instance/${id}`);
  });
});

describe('messages', () => {
  const message = (body: object) => ask('POST', '/message', { body });
  const ordered = { messageName: 'ordered', businessKey: 'm-1' };

  test('start what begins with them, and reach the one instance that waits', async () => {
    const file = readFileSync(new URL('./messages.bpmn', import.meta.url), 'utf8');
    expect((await deploy(file, 'messages.bpmn')).status).toBe(200);
    const processVariables = { size: { type: 'Long', value: 3 } };
    const begun = await message({ ...ordered, processVariables, resultEnabled: true });
    expect(begun.body).toMatchObject([
      { resultType: 'ProcessDefinition', execution: null, processInstance: { businessKey: 'm-1' } },
    ]);
    await message({ ...ordered, businessKey: 'm-2' });
    const paid = { messageName: 'paid', processVariables: { how: { value: 'cash' } } };
    expectError(
      await message(paid),
      400,
      'RestException',
      /^Cannot correlate message 'paid'.*found 2/,
    );
    const byKeys = { ...paid, correlationKeys: { size: { value: 3 } }, resultEnabled: true };
    const [met] = (await message(byKeys)).body as unknown as { execution: { id: string } }[];
    const ours = await shop.get(`/api/v1/processes/${met?.execution.id}`);
    expect(ours.body).toMatchObject({ businessKey: 'm-1', variables: { size: 3, how: 'cash' } });
    expectError(await message(byKeys), 400, 'RestException', /none that fits/);
    expect((await message({ ...paid, businessKey: 'm-2' })).status).toBe(204);
  });
});

describe('operating', () => {
  const depot = readFileSync(new URL('./depot.bpmn', import.meta.url), 'utf8');
  const delegates = { 'com.acme.Ship': 'delivery.create-shipment' };
  const startDepot = async (businessKey: string) => {
    const path = '/process-definition/key/depot/start';
    return (await ask<{ id: string }>('POST', path, { body: { businessKey } })).body.id;
  };

  test('a signal is heard by all who wait; what fails then is an incident and a job', async () => {
    expect(await deploy(depot, 'depot.bpmn', {}, delegates)).toMatchObject({
      body: { deployedProcessDefinitions: { 'depot:1': { versionTag: 'spring' } } },
    });
    const ids = [await startDepot('d-1'), await startDepot('d-2')];
    const notForMessages = await ask('POST', '/message', { body: { messageName: 'opened' } });
    expectError(notForMessages, 400, 'RestException', /none that fits/);
    const body = { name: 'opened', variables: { by: { type: 'String', value: 'bo' } } };
    expect((await ask('POST', '/signal', { body })).status).toBe(204);

    const query = '?processDefinitionKey=depot&sortBy=incidentTimestamp&sortOrder=asc';
    const incidents = await waitUntil('both to fail', async () => {
      const rows = await get<Record<string, string>[]>(`/incident${query}`);
      return rows.length === 2 && rows;
    });
    expect(incidents.map((one) => one.processInstanceId).sort()).toEqual(ids.toSorted());
    const [incident] = incidents;
    const instance = incident?.processInstanceId;
    expect(incident).toMatchObject({
      processDefinitionId: 'depot:1',
      incidentType: 'failedJob',
      activityId: 'ship',
      incidentTimestamp: date,
    });
    expect(await get(`/incident/count?processInstanceId=${instance}`)).toEqual({ count: 1 });
    expect(await get(`/incident/${incident?.id}`)).toEqual(incident);
    const [job] = await get<{ id: string }[]>(`/job?processInstanceId=${instance}`);
    expect(job).toMatchObject({
      id: incident?.configuration,
      retries: 0,
      failedActivityId: 'ship',
      exceptionMessage: expect.stringMatching(/./),
    });
    expect(await get(`/job?processDefinitionKey=depot&noRetriesLeft=true`)).toHaveLength(2);
    expect(await get('/process-definition/depot:1/statistics?incidents=true')).toEqual([
      {
        id: 'ship',
        instances: 2,
        failedJobs: 2,
        incidents: [{ incidentType: 'failedJob', incidentCount: 2 }],
      },
    ]);
    const trace = await ask('GET', `/job/${job?.id}/stacktrace`);
    expect(trace.text).toMatch(/./);
    const retried = await ask('PUT', `/job/${job?.id}/retries`, { body: { retries: 1 } });
    expect(retried.status, retried.text).toBe(204);
    const history = await waitUntil('it to fail again', async () => {
      const path = `/history/incident?processInstanceId=${instance}`;
      const rows = await get<Record<string, unknown>[]>(path);
      return rows.length === 2 && rows;
    });
    expect(history).toMatchObject([
      { activityId: 'ship', open: false, resolved: true, endTime: date },
      { activityId: 'ship', open: true, resolved: false, endTime: null },
    ]);
  });

  test('the history tells what ran, when, how long, and how it ended', async () => {
    const id = await start({ businessKey: 'told' });
    const topics = [{ topicName: 'scales', lockDuration: 9_000, businessKey: 'told' }];
    const [task] = (
      await ask('POST', '/external-task/fetchAndLock', {
        body: { workerId: 'ann', maxTasks: 1, topics },
      })
    ).body as unknown as { id: string }[];
    const variables = { grams: { value: 10 }, seen: { type: 'Json', value: '{"by":"ann"}' } };
    const body = { workerId: 'ann', variables };
    expect((await ask('POST', `/external-task/${task?.id}/complete`, { body })).status).toBe(204);
    const path = `/history/activity-instance?processInstanceId=${id}`;
    const query = '&sortBy=activityId&sortOrder=asc';
    expect(await get(path + query)).toMatchObject([
      { activityId: 'letter', endTime: date, canceled: false },
      { activityId: 'light', activityType: 'exclusiveGateway' },
      { activityId: 'scales', activityType: 'serviceTask', durationInMillis: expect.any(Number) },
      { activityId: 'start', startTime: date },
    ]);
    expect(await get(`${path}&activityId=scales&canceled=true`)).toEqual([]);
    const told = {
      businessKey: 'told',
      state: 'COMPLETED',
      processDefinitionVersion: 1,
      startTime: date,
      endTime: date,
      durationInMillis: expect.any(Number),
    };
    expect(await get(`/history/process-instance/${id}`)).toMatchObject(told);
    const list = '/history/process-instance?processInstanceBusinessKey=told&finished=true';
    expect(await get(list)).toMatchObject([told]);
    expect(await get(list.replace('instance?', 'instance/count?'))).toEqual({ count: 1 });
    expect(await get(`${list}&startedBefore=2026-01-01T00:00:00.000%2B0000`)).toEqual([]);
    expect(
      await get(`/history/variable-instance?processInstanceId=${id}&variableName=grams`),
    ).toMatchObject([{ name: 'grams', type: 'Integer', value: 10, processInstanceId: id }]);
    const counts = ['activity-instance', 'variable-instance', 'incident', 'job-log'].map(
      async (name) => [name, await get(`/history/${name}/count?processInstanceId=${id}`)] as const,
    );
    expect(Object.fromEntries(await Promise.all(counts))).toEqual({
      'activity-instance': { count: 4 },
      'variable-instance': { count: 3 },
      incident: { count: 0 },
      'job-log': { count: 0 },
    });
    const log = `/history/external-task-log?processInstanceId=${id}&sortBy=timestamp`;
    expect(await get(log)).toMatchObject([
      { creationLog: true, successLog: false, activityId: 'scales', workerId: null },
      { creationLog: false, successLog: true, workerId: 'ann', timestamp: date },
    ]);
    expect(await get(`${log}&failureLog=true`)).toEqual([]);
  });

  test('a batch suspends named instances, another one ends those that a query finds', async () => {
    const ids = [await start({ businessKey: 'many' }), await start({ businessKey: 'many' })];
    const body = { processInstanceIds: ids, suspended: true };
    const batch = await ask<{ id: string }>('POST', '/process-instance/suspended-async', { body });
    expect(batch.body).toMatchObject({
      type: 'instance-update-suspension-state',
      startTime: date,
      createUserId: expect.any(String),
    });
    await waitUntil('both to be suspended', async () => {
      const rows = await get<object[]>('/process-instance?businessKey=many&suspended=true');
      return rows.length === 2;
    });
    const query = { processInstanceQuery: { businessKey: 'many' }, deleteReason: 'too many' };
    const ended = await ask<{ id: string }>('POST', '/process-instance/delete', { body: query });
    expect(ended.status, ended.text).toBe(200);
    await waitUntil('the batch to be done', async () => {
      const open = await get<{ id: string }[]>('/batch?type=instance-deletion');
      return open.length === 0;
    });
    expect(await get('/process-instance/count?businessKey=many')).toEqual({ count: 0 });
    expectError(
      await ask('GET', `/batch/${ended.body.id}`),
      404,
      'InvalidRequestException',
      /Batch/,
    );
    const instance = await start();
    const retried = { processInstances: [instance], retries: 1 };
    // Little is done soon: begun again until it is seen while it is open.
    await waitUntil('an open batch', async () => {
      const begun = await ask('POST', '/process-instance/job-retries', { body: retried });
      expect(begun.body).toMatchObject({ type: 'set-job-retries', startTime: date });
      const path = `/batch/statistics?batchId=${String(begun.body.id)}`;
      const [found] = await get<object[]>(path);
      const { count } = await get<{ count: number }>(path.replace('?', '/count?'));
      if (!found || count === 0) return false;
      expect(found).toMatchObject({ id: begun.body.id, completedJobs: 0, failedJobs: 0 });
      return true;
    });
    const everything = { body: { processInstanceQuery: {} } };
    expect((await ask('POST', '/process-instance/delete', everything)).status).toBe(400);
  });

  test('instances are moved to another version by a plan', async () => {
    const [id, later] = [await startDepot('d-3'), await startDepot('d-4')];
    const second = await deploy(
      depot.replace('id="end"/>', 'id="end" name="The end"/>'),
      'depot.bpmn',
      {},
      delegates,
    );
    expect(second.body.id).toBe('depot:2');
    const versions = { sourceProcessDefinitionId: 'depot:1', targetProcessDefinitionId: 'depot:2' };
    const generated = await ask('POST', '/migration/generate', {
      body: { ...versions, updateEventTriggers: true },
    });
    const plan = generated.body as { instructions: object[] };
    expect(plan.instructions).toContainEqual({
      sourceActivityIds: ['open'],
      targetActivityIds: ['open'],
      updateEventTrigger: true,
    });
    const valid = await ask('POST', '/migration/validate', { body: plan });
    expect(valid.body).toEqual({ instructionReports: [] });
    const wrong = {
      ...versions,
      instructions: [{ sourceActivityIds: ['open'], targetActivityIds: ['ship'] }],
    };
    expect((await ask('POST', '/migration/validate', { body: wrong })).body).toMatchObject({
      instructionReports: [{ failures: [expect.stringMatching(/incompatible types/)] }],
    });
    const move = (migrationPlan: object) =>
      ask('POST', '/migration/execute', { body: { migrationPlan, processInstanceIds: [id] } });
    expectError(await move(wrong), 400, 'InvalidRequestException', /incompatible types/);
    const moved = await move(plan);
    expect(moved.status, moved.text).toBe(204);
    expect(await get(`/process-instance/${id}`)).toMatchObject({ definitionId: 'depot:2' });
    expectError(await move(plan), 400, 'InvalidRequestException', /it is on depot:2/);

    const many = (migrationPlan: object) =>
      ask('POST', '/migration/executeAsync', {
        body: { migrationPlan, processInstanceIds: [later] },
      });
    expectError(await many(wrong), 400, 'InvalidRequestException', /incompatible types/);
    // A batch lets timers and signals be.
    const batch = await many({ ...versions, instructions: [] });
    expect(batch.body).toMatchObject({ type: 'instance-migration', startTime: date });
    await waitUntil('the other one to be moved', async () => {
      const { definitionId } = await get<{ definitionId: string }>(`/process-instance/${later}`);
      return definitionId === 'depot:2';
    });
  });
});

describe('people and decisions', () => {
  const begin = async (businessKey: string) => {
    const path = '/process-definition/key/approval/start';
    return (await ask<{ id: string }>('POST', path, { body: { businessKey } })).body.id;
  };
  const isGone = (id: string) =>
    waitUntil('the instance to end', async () => {
      const { state } = await get<{ state: string }>(`/history/process-instance/${id}`);
      return state === 'COMPLETED';
    });

  test('a task is found, looked at and completed; a stuck one is passed by hand', async () => {
    const file = readFileSync(new URL('./approval.bpmn', import.meta.url), 'utf8');
    expect((await deploy(file, 'approval.bpmn')).status).toBe(200);
    const [id, stuck] = [await begin('a-1'), await begin('a-2')];
    const found = await waitUntil('both tasks', async () => {
      const path = '/task?taskDefinitionKey=approve&candidateGroup=manager&sortBy=created';
      const rows = await get<{ id: string }[]>(path);
      return rows.length === 2 && rows;
    });
    const [task] = found;
    expect(task).toMatchObject({
      name: 'Approve it',
      processInstanceId: id,
      taskDefinitionKey: 'approve',
      created: date,
    });
    expect(await get(`/task/${task?.id}`)).toEqual(task);
    const asked = { processInstanceBusinessKey: 'a-2', sorting: [{ sortBy: 'name' }] };
    expect((await ask('POST', '/task', { body: asked })).body).toEqual([found[1]]);
    expect(await get('/task/count?processDefinitionKey=approval')).toEqual({ count: 2 });
    expect(await get('/task?assignee=ann')).toEqual([]);
    expectError(
      await ask('GET', '/task?caseInstanceId=a'),
      400,
      'InvalidRequestException',
      /caseInstanceId/,
    );
    const complete = `/task/${task?.id}/complete`;
    const body = { variables: { approved: { value: true, type: 'Boolean' } } };
    expect((await ask('POST', complete, { body, as: 'customer' })).status).toBe(403);
    expect((await ask('POST', complete, { body })).status).toBe(204);
    await isGone(id);
    expect(await get(`/history/variable-instance?processInstanceId=${id}`)).toContainEqual(
      expect.objectContaining({ name: 'approved', type: 'Boolean', value: true }),
    );
    expect((await ask('GET', `/task/${task?.id}`)).status).toBe(404);

    const modification = `/process-instance/${stuck}/modification`;
    const unknown = { instructions: [{ type: 'jump', activityId: 'end' }] };
    expectError(
      await ask('POST', modification, { body: unknown }),
      400,
      'InvalidRequestException',
      /"jump"/,
    );
    const instructions = [
      { type: 'startAfterActivity', activityId: 'approve' },
      { type: 'cancel', activityId: 'approve' },
    ];
    const moved = await ask('POST', modification, { body: { instructions, annotation: 'ill' } });
    expect(moved.status, moved.text).toBe(204);
    await isGone(stuck);
  });

  test('people claim tasks, hand them on, talk about them, and cannot pass the rule of four eyes', async () => {
    const file = readFileSync(new URL('./release.bpmn', import.meta.url), 'utf8');
    expect((await deploy(file, 'release.bpmn')).status).toBe(200);
    const path = '/process-definition/key/payout/start';
    const started = await ask<{ id: string }>('POST', path, { body: { businessKey: 'p-1' } });
    const { id } = started.body;
    const { manager, customer } = demoUsers;
    type Rows = readonly { readonly id: string }[];
    const taskOf = (element: string) =>
      waitUntil(`task ${element}`, async () => {
        const query = `taskDefinitionKey=${element}&processInstanceId=${id}`;
        return (await get<Rows>(`/task?${query}`))[0]?.id;
      });
    const enter = await taskOf('enter');
    const on = (task: string, what: string, as: string, body: object = {}) =>
      ask('POST', `/task/${task}/${what}`, { body, as });
    const done = async (...given: Parameters<typeof on>) => {
      const answer = await on(...given);
      expect(answer.status, answer.text).toBeLessThan(300);
      return answer.body;
    };
    const count = async (query: string) =>
      (await get<{ count: number }>(`/task/count?processInstanceId=${id}&${query}`)).count;

    const claims = await Promise.all([
      on(enter, 'claim', 'manager', { userId: manager.id }),
      on(enter, 'claim', 'customer', { userId: customer.email }),
    ]);
    expect(claims.map(({ status }) => status).sort()).toEqual([204, 400]);
    const who = claims[0]?.status === 204 ? 'manager' : 'customer';
    const holder = demoUsers[who];
    expect(await get(`/task/${enter}`)).toMatchObject({
      ...{ assignee: holder.id, delegationState: null, priority: 70, formKey: 'invoice' },
      ...{ due: date, followUp: date, processDefinitionId: 'payout:1', suspended: false },
    });
    expect(
      await count(
        `assignee=${holder.id}&name=Enter%20the%20invoice&dueAfter=2031-02-01T00:00:00.000%2B0000`,
      ),
    ).toBe(1);
    expect(await count('candidateGroup=customer')).toBe(0);
    expect(await count('candidateGroup=customer&includeAssignedTasks=true')).toBe(1);
    expect(await count('followUpBefore=2031-01-01T00:00:00.000%2B0000')).toBe(0);
    await done(enter, 'unclaim', who);
    expect(await count('unassigned=true&nameLike=Enter%25&candidateGroups=nobody,customer')).toBe(
      1,
    );

    await done(enter, 'claim', 'manager');
    expect((await on(enter, 'delegate', 'customer', { userId: customer.id })).status).toBe(403);
    await done(enter, 'delegate', 'manager', { userId: customer.email });
    expect(await count(`delegationState=PENDING&owner=${manager.id}`)).toBe(1);
    expect((await on(enter, 'complete', 'customer')).status).toBe(400);
    const said = await done(enter, 'comment/create', 'customer', { message: 'It is 12.' });
    expect(said).toMatchObject({ userId: customer.id, message: 'It is 12.', time: date });
    expect(await get(`/task/${enter}/comment`)).toEqual([said]);
    expect(await get(`/task/${enter}/comment/${String(said.id)}`)).toEqual(said);
    await done(enter, 'resolve', 'customer');
    await done(enter, 'identity-links', 'operator', { userId: 'Ann@x.example', type: 'candidate' });
    expect(await get(`/task/${enter}/identity-links?type=candidate`)).toEqual([
      { userId: 'ann@x.example', groupId: null, type: 'candidate' },
      { userId: null, groupId: 'manager', type: 'candidate' },
      { userId: null, groupId: 'customer', type: 'candidate' },
    ]);
    await done(enter, 'identity-links/delete', 'operator', {
      groupId: 'customer',
      type: 'candidate',
    });
    const asItWas = {
      name: 'Enter the invoice',
      priority: 80,
      due: '2031-03-03T10:00:00.000+0000',
    };
    const put = { body: asItWas, as: 'manager' };
    expect((await ask('PUT', `/task/${enter}`, put)).status).toBe(204);
    expect(await get(`/task/${enter}`)).toMatchObject({ priority: 80, followUp: null });
    const renamed = { body: { ...asItWas, name: 'Another' }, as: 'manager' };
    expectError(
      await ask('PUT', `/task/${enter}`, renamed),
      400,
      'InvalidRequestException',
      /"name"/,
    );
    const amount = { variables: { amount: { value: 12, type: 'Integer' } } };
    await done(enter, 'complete', 'manager', amount);

    const release = await taskOf('release');
    expectError(
      await on(release, 'claim', 'customer'),
      403,
      'AuthorizationException',
      /TASK_NOT_YOURS/,
    );
    expect(await count('candidateGroup=manager')).toBe(1);
    for (const what of ['claim', 'complete', 'submit-form']) {
      expectError(
        await on(release, what, 'manager'),
        403,
        'AuthorizationException',
        /TASK_FOUR_EYES/,
      );
    }
    for (const userId of [manager.id, customer.email]) {
      const given = await on(release, 'assignee', 'operator', { userId });
      expectError(given, 403, 'AuthorizationException', /TASK_FOUR_EYES/);
    }
    await done(release, 'complete', 'admin');
    await isGone(id);
    expect(await get(`/history/task?processInstanceId=${id}&finished=true`)).toMatchObject([
      {
        taskDefinitionKey: 'enter',
        assignee: manager.id,
        endTime: date,
        deleteReason: 'completed',
      },
      { taskDefinitionKey: 'release', assignee: demoUsers.admin.id, taskState: 'Completed' },
    ]);
    expect(await get('/history/task/count?processDefinitionKey=payout&unfinished=true')).toEqual({
      count: 0,
    });
  });

  test('a task has attachments by reference, and a form; its process is counted and looked at', async () => {
    const file = readFileSync(new URL('./release.bpmn', import.meta.url), 'utf8');
    const referred = file.replaceAll('"payout"', '"refund"');
    expect((await deploy(referred, 'refund.bpmn')).body.id).toBe('refund:1');
    const start = '/process-definition/key/refund/start';
    await ask('POST', start, { body: { variables: { amount: { value: 12 } } } });
    const found = await waitUntil('the task', async () => {
      const rows = await get<{ id: string }[]>('/task?processDefinitionKey=refund');
      return rows[0];
    });
    const path = `/task/${found.id}`;
    const attach = async (parts: Readonly<Record<string, string>>) => {
      const body = new FormData();
      for (const [name, value] of Object.entries(parts)) body.set(name, value);
      const url = `${shop.url}/engine-rest${path}/attachment/create`;
      const answer = await fetch(url, { method: 'POST', body });
      return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
    };
    const url = 'https://files.example/invoice.pdf';
    const { status, body: attached } = await attach({
      ...{ 'attachment-name': 'The invoice', 'attachment-type': 'pdf', url },
    });
    expect(status).toBe(200);
    expect(attached).toMatchObject({ name: 'The invoice', type: 'pdf', url, createTime: date });
    expect(await get(`${path}/attachment`)).toEqual([attached]);
    const one = `${path}/attachment/${String(attached.id)}`;
    expect(await get(one)).toEqual(attached);
    const kept = await attach({ content: 'the file itself' });
    expectError(kept, 400, 'InvalidRequestException', /references, files are not kept/);
    expect((await ask('DELETE', one)).status).toBe(204);
    expect(await get(`${path}/attachment`)).toEqual([]);
    expect((await ask('GET', one)).status).toBe(404);

    expect(await get(`${path}/form`)).toMatchObject({ key: 'invoice' });
    expect((await ask('GET', `${path}/deployed-form`)).status).toBe(404);

    expect(await get('/process-definition/count?key=refund')).toEqual({ count: 1 });
    const definition = await get('/process-definition/key/refund');
    expect(definition).toMatchObject({ id: 'refund:1', name: 'A payout', version: 1 });
    expect(await get('/process-definition/refund:1')).toEqual(definition);
    expect(await get('/process-definition/refund:1/xml')).toMatchObject({ bpmn20Xml: referred });
    expect(await get('/process-definition/key/refund/statistics')).toMatchObject([
      { id: 'enter', instances: 1 },
    ]);
    expect(await get('/deployment/refund:1/resources')).toMatchObject([{ name: 'refund.bpmn' }]);
  });

  test('a form is given as its schema, with the variables that it is about', async () => {
    const runs = new URL('../../src/engine/bpmn/models/runs/', import.meta.url);
    const file = readFileSync(new URL('task-user-form.bpmn', runs), 'utf8');
    const formed = file
      .replace('id="model"', 'id="formed"')
      .replace(
        '<orderloom:form>',
        '<orderloom:input name="amount" value="= input.amount"/><orderloom:form>',
      );
    expect((await deploy(formed)).body).toMatchObject({ id: 'formed:1' });
    const body = { variables: { amount: { value: 12 } } };
    await ask('POST', '/process-definition/key/formed/start', { body });
    const task = await waitUntil('the task', async () => {
      const rows = await get<{ id: string }[]>('/task?processDefinitionKey=formed');
      return rows[0]?.id;
    });
    expect(await get(`/task/${task}/deployed-form`)).toMatchObject({
      type: 'object',
      required: ['approved'],
      properties: { approved: { type: 'boolean' } },
    });
    const shown = { amount: { type: 'Integer', value: 12, valueInfo: {} } };
    expect(await get(`/task/${task}/form-variables`)).toEqual(shown);
    expect(await get(`/task/${task}/form-variables?variableNames=other`)).toEqual({});
  });

  test('a decision is deployed, found and evaluated', async () => {
    const table = readFileSync(new URL('./discount.dmn', import.meta.url), 'utf8');
    const decision = { id: 'discount:1', key: 'discount', name: 'Discount', version: 1 };
    expect(await deploy(table, 'discount.dmn')).toMatchObject({
      status: 200,
      body: { id: 'discount:1', deployedDecisionDefinitions: { 'discount:1': decision } },
    });
    const path = '/decision-definition';
    expect(await get(`${path}?key=discount&latestVersion=true`)).toMatchObject([decision]);
    expect(await get(`${path}/count?name=Discount`)).toEqual({ count: 1 });
    expect(await get(`${path}/discount:1`)).toMatchObject(decision);
    expect(await get(`${path}/key/discount/xml`)).toEqual({ id: 'discount:1', dmnXml: table });
    const body = { variables: { total: { value: 250, type: 'Integer' } } };
    const answer = await ask('POST', `${path}/key/discount/evaluate`, { body });
    expect(answer.body).toEqual([{ percent: { type: 'Integer', value: 5, valueInfo: {} } }]);
    expect((await ask('POST', `${path}/key/nothing/evaluate`, { body })).status).toBe(404);
  });
});

describe('what cannot be done', () => {
  test('is said in the words of the dialect', async () => {
    expectError(
      await ask('GET', '/nothing-here'),
      404,
      'InvalidRequestException',
      /engine-rest\.md/,
    );
    expectError(
      await ask('POST', '/external-task/fetchAndLock', { raw: '{"a": ' }),
      400,
      'InvalidRequestException',
      /MALFORMED_JSON/,
    );
    expectError(
      await ask('GET', '/process-instance?caseInstanceId=7'),
      400,
      'InvalidRequestException',
      /found caseInstanceId/,
    );
    expectError(
      await ask('GET', '/process-instance?maxResults=100000'),
      400,
      'InvalidRequestException',
      /at most 10000/,
    );
    expectError(
      await ask('POST', '/process-definition/key/weigh/start', {
        body: { variables: { file: { type: 'File', value: 'eA==' } } },
      }),
      400,
      'InvalidRequestException',
      /variable "file" is of type File/,
    );
  });

  test('is refused to whom our own API refuses it', async () => {
    const list = '/process-instance';
    expectError(
      await ask('GET', list, { as: 'customer' }),
      403,
      'AuthorizationException',
      /FORBIDDEN/,
    );
    expectError(
      await ask('GET', list, { headers: { authorization: 'Bearer no' } }),
      401,
      'AuthenticationException',
      /./,
    );
    expect((await ask('GET', list, { as: 'operator' })).status).toBe(200);
    const stranger = { origin: 'https://elsewhere.example', 'sec-fetch-site': 'cross-site' };
    expect((await ask('GET', list, { headers: stranger })).status).toBe(401);
  });
});
