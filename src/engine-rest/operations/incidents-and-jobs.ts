/**
 * Operations over incidents and jobs. What Camunda 7 calls a job is here a step that failed: one that is
 * tried again by itself, or that stopped with an incident and waits for a person. Its id is that of the
 * instance and the number of the element.
 */
import { dateText } from '../dates.ts';
import { definitionId } from '../definition-ids.ts';
import {
  isTrue,
  listOf,
  numberOf,
  type Operation,
  onlyKnown,
  type RestAnswer,
  type RestRequest,
} from '../operation.ts';
import { countKept, pageParameters, pickRows, readRows } from '../pages.ts';
import { invalid, missing } from '../rest-error.ts';
import type { ActiveElement, InstanceDetails } from './instance-view.ts';
import { definitionFilter } from './process-definitions.ts';

interface Incident {
  readonly id: string;
  readonly instanceId: string;
  readonly n: number;
  readonly process: string;
  readonly version: number;
  readonly element: string;
  readonly code: string;
  readonly message: string;
  readonly openedAt: string;
}

const incidentParameters = [
  ...pageParameters,
  ...['incidentId', 'incidentType', 'processInstanceId', 'activityId', 'processDefinitionKeyIn'],
  ...['processDefinitionKey', 'processDefinitionId', 'executionId'],
];

function typeOf({ code }: Incident): string {
  return code === 'EXTERNAL_TASK_FAILED' ? 'failedExternalTask' : 'failedJob';
}

function incidentView(incident: Incident) {
  const { instanceId, n, element } = incident;
  return {
    id: incident.id,
    processDefinitionId: definitionId(incident),
    processInstanceId: instanceId,
    executionId: `${instanceId}:${n}`,
    incidentTimestamp: dateText(incident.openedAt),
    incidentType: typeOf(incident),
    activityId: element,
    failedActivityId: element,
    causeIncidentId: incident.id,
    rootCauseIncidentId: incident.id,
    configuration: jobId(instanceId, n),
    incidentMessage: `${incident.code}: ${incident.message}`,
    tenantId: null,
    jobDefinitionId: null,
    annotation: null,
  };
}

function incidentFilter(query: RestRequest['query']) {
  onlyKnown(query, incidentParameters);
  const keys = listOf(query.processDefinitionKeyIn);
  const { process = query.processDefinitionKey } = definitionFilter(query);
  const { processInstanceId } = query;
  return {
    input: {
      ...(process === undefined ? {} : { process }),
      ...(processInstanceId === undefined ? {} : { instanceId: processInstanceId }),
    },
    keep: (one: Incident) =>
      (query.incidentId === undefined || one.id === query.incidentId) &&
      (keys === undefined || keys.includes(one.process)) &&
      (query.processDefinitionId === undefined ||
        definitionId(one) === query.processDefinitionId) &&
      (query.executionId === undefined || `${one.instanceId}:${one.n}` === query.executionId) &&
      (query.activityId === undefined || one.element === query.activityId) &&
      (query.incidentType === undefined || typeOf(one) === query.incidentType),
  };
}

const incidentSort = {
  incidentId: ({ id }: Incident) => id,
  incidentTimestamp: ({ openedAt }: Incident) => openedAt,
  incidentType: typeOf,
  activityId: ({ element }: Incident) => element,
  processInstanceId: ({ instanceId }: Incident) => instanceId,
};

function jobId(instanceId: string, n: number): string {
  return `${instanceId}:${n}`;
}

interface Job {
  readonly instance: InstanceDetails;
  readonly element: ActiveElement;
}

const isJob = ({ incident, retrying }: ActiveElement) =>
  incident !== undefined || retrying !== undefined;

function jobView({ instance, element }: Job) {
  const { incident, retrying } = element;
  return {
    id: jobId(instance.id, element.n),
    jobDefinitionId: null,
    dueDate: dateText(retrying?.nextAttemptAt ?? null),
    processInstanceId: instance.id,
    processDefinitionId: definitionId(instance),
    processDefinitionKey: instance.process,
    executionId: jobId(instance.id, element.n),
    retries: incident ? 0 : 1,
    exceptionMessage: incident?.message ?? retrying?.message ?? null,
    failedActivityId: element.element,
    suspended: instance.status === 'suspended',
    priority: 0,
    createTime: null,
    tenantId: null,
    batchId: null,
  };
}

async function jobOf(request: RestRequest): Promise<Job> {
  const { id = '' } = request.params;
  const [, instanceId = '', n = ''] = /^([0-9a-f-]{36}):(\d{1,9})$/.exec(id) ?? [];
  if (instanceId !== '') {
    const instance = await request.run<InstanceDetails>('processes.get', { instanceId });
    const element = instance.elements.find((one) => one.n === Number(n) && isJob(one));
    if (element) return { instance, element };
  }
  throw missing(`Job with id ${id} does not exist`);
}

async function jobs(request: RestRequest): Promise<RestAnswer> {
  const { query } = request;
  onlyKnown(query, [
    ...pageParameters,
    ...['processInstanceId', 'withException', 'noRetriesLeft'],
    ...['withRetriesLeft', 'processDefinitionKey', 'processDefinitionId', 'activityId', 'jobId'],
  ]);
  const ids = new Set<string>();
  if (query.processInstanceId !== undefined) ids.add(query.processInstanceId);
  else {
    for (const filter of [{ incident: true }, { retrying: true }]) {
      const found = await readRows<{ id: string }>({ ...request, query: {} }, 'processes.list', {
        ...{ open: true, ...definitionFilter(query), ...filter },
      });
      for (const { id } of found) ids.add(id);
    }
  }
  const all: Job[] = [];
  for (const instanceId of [...ids].slice(0, mostInstances)) {
    const instance = await request.run<InstanceDetails>('processes.get', { instanceId });
    all.push(...instance.elements.filter(isJob).map((element): Job => ({ instance, element })));
  }
  const rows = all
    .map(jobView)
    .filter(
      (row) =>
        (query.jobId === undefined || row.id === query.jobId) &&
        (query.activityId === undefined || row.failedActivityId === query.activityId) &&
        (!isTrue(query.noRetriesLeft) || row.retries === 0) &&
        (!isTrue(query.withRetriesLeft) || row.retries > 0),
    );
  return { json: pickRows(query, rows, jobSort) };
}

type JobView = ReturnType<typeof jobView>;
const jobSort = {
  jobId: ({ id }: JobView) => id,
  jobDueDate: ({ dueDate }: JobView) => dueDate,
  jobRetries: ({ retries }: JobView) => retries,
  executionId: ({ executionId }: JobView) => executionId,
  processInstanceId: ({ processInstanceId }: JobView) => processInstanceId,
  processDefinitionKey: ({ processDefinitionKey }: JobView) => processDefinitionKey,
};

/** Instances whose steps one answer lists. */
const mostInstances = 200;

async function tryAgain(request: RestRequest): Promise<RestAnswer> {
  const { instance, element } = await jobOf(request);
  if (!element.incident) {
    throw invalid(
      `expected a step that waits for a person; "${element.element}" goes on by itself`,
    );
  }
  await request.run('incidents.retry', { instanceId: instance.id, n: element.n });
  return {};
}

/** Operations over incidents and jobs. */
export const incidentAndJobOperations: readonly Operation[] = [
  {
    method: 'GET',
    path: '/incident',
    procedures: ['incidents.list'],
    async answer(request) {
      const { input, keep } = incidentFilter(request.query);
      const options = { keep, sort: incidentSort };
      const rows = await readRows<Incident>(request, 'incidents.list', input, options);
      return { json: rows.map(incidentView) };
    },
  },
  {
    method: 'GET',
    path: '/incident/count',
    procedures: ['incidents.list'],
    async answer(request) {
      const { input, keep } = incidentFilter(request.query);
      return { json: await countKept(request, 'incidents.list', input, keep) };
    },
  },
  {
    method: 'GET',
    path: '/incident/{id}',
    procedures: ['incidents.list'],
    async answer(request) {
      const { id } = request.params;
      const [found] = await readRows<Incident>(
        { ...request, query: {} },
        'incidents.list',
        {},
        { keep: (one) => one.id === id },
      );
      if (found) return { json: incidentView(found) };
      throw missing(`No matching incident with id ${id}`);
    },
  },
  {
    method: 'GET',
    path: '/job',
    procedures: ['processes.get', 'processes.list'],
    note: 'Steps that failed; timers and steps at work are not listed.',
    answer: jobs,
  },
  {
    method: 'GET',
    path: '/job/{id}',
    procedures: ['processes.get'],
    async answer(request) {
      return { json: jobView(await jobOf(request)) };
    },
  },
  {
    method: 'PUT',
    path: '/job/{id}/retries',
    procedures: ['incidents.retry', 'processes.get'],
    note: 'Has the step tried again, as often as the process says.',
    answer(request) {
      if (numberOf(request.body, 'retries') > 0) return tryAgain(request);
      throw invalid('expected "retries" to be more than 0');
    },
  },
  {
    method: 'POST',
    path: '/job/{id}/execute',
    procedures: ['incidents.retry', 'processes.get'],
    note: 'Has the step tried again; its outcome is not waited for.',
    answer: tryAgain,
  },
  {
    method: 'GET',
    path: '/job/{id}/stacktrace',
    procedures: ['processes.get'],
    async answer(request) {
      const { element } = await jobOf(request);
      return { text: element.incident?.message ?? element.retrying?.message ?? '' };
    },
  },
];
