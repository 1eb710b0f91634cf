/** Operations over the history: instances, their elements, variables and incidents. */
import { dateOf, dateText } from '../dates.ts';
import { definitionId } from '../definition-ids.ts';
import {
  isTrue,
  type Operation,
  onlyKnown,
  type RestAnswer,
  type RestRequest,
} from '../operation.ts';
import { countKept, pageParameters, pickRows, readRows } from '../pages.ts';
import { typedValue } from '../typed-values.ts';
import { listAndCount } from './history-logs.ts';
import { type ElementRun, instanceIdOf, readDetails, readRuns } from './history-reads.ts';
import { readInstance } from './instance-reads.ts';
import {
  activityInstanceId,
  activityType,
  duration,
  historicInstanceView,
  type Instance,
  type InstanceDetails,
} from './instance-view.ts';
import { definitionFilter } from './process-definitions.ts';
import { foundByVariables, variableParameters, variablesFilter } from './variable-filter.ts';

function instanceFilter(query: RestRequest['query']) {
  onlyKnown(query, [
    ...pageParameters,
    ...['processInstanceId', 'processInstanceBusinessKey', 'processDefinitionId'],
    ...['processDefinitionKey', 'processDefinitionVersion', 'superProcessInstanceId'],
    ...['finished', 'unfinished', 'completed', 'externallyTerminated', 'internallyTerminated'],
    ...['active', 'suspended', 'withIncidents', 'rootProcessInstances', 'startedAfter'],
    ...['startedBefore', 'finishedAfter', 'finishedBefore', ...variableParameters],
  ]);
  const { processInstanceBusinessKey, superProcessInstanceId } = query;
  const status = isTrue(query.completed)
    ? 'completed'
    : isTrue(query.externallyTerminated)
      ? 'cancelled'
      : isTrue(query.internallyTerminated)
        ? 'failed'
        : isTrue(query.suspended)
          ? 'suspended'
          : undefined;
  return {
    ...definitionFilter(query),
    ...periodOf(query),
    ...(processInstanceBusinessKey === undefined
      ? {}
      : { businessKey: processInstanceBusinessKey }),
    ...(superProcessInstanceId === undefined ? {} : { parent: superProcessInstanceId }),
    ...(isTrue(query.unfinished) || isTrue(query.active) ? { open: true } : {}),
    ...(isTrue(query.withIncidents) ? { incident: true } : {}),
    ...(status === undefined ? {} : { status }),
  };
}

function keepInstance(query: RestRequest['query']) {
  return ({ id, endedAt, status, parent }: Instance) =>
    (query.processInstanceId === undefined || id === query.processInstanceId) &&
    (!isTrue(query.finished) || endedAt !== null) &&
    (!isTrue(query.active) || status !== 'suspended') &&
    (!isTrue(query.rootProcessInstances) || parent === null);
}

const instanceSort = {
  instanceId: ({ id }: Instance) => id,
  definitionId,
  definitionKey: ({ process }: Instance) => process,
  definitionVersion: ({ version }: Instance) => version,
  businessKey: ({ businessKey }: Instance) => businessKey,
  startTime: ({ startedAt }: Instance) => startedAt,
  endTime: ({ endedAt }: Instance) => endedAt,
  duration: ({ startedAt, endedAt }: Instance) => duration(startedAt, endedAt),
};

async function instances(request: RestRequest): Promise<RestAnswer> {
  const { query, engine } = request;
  const filter = instanceFilter(query);
  const nameOf = ({ process, version }: Instance) =>
    engine.model(process, version)?.name ?? process;
  if (query.processInstanceId !== undefined) {
    const found = await readInstance(request, query.processInstanceId);
    const isKept = found !== null && keepInstance(query)(found);
    return { json: isKept ? [historicInstanceView(found, found.name)] : [] };
  }
  const keep = keepInstance(query);
  const fits = variablesFilter(query);
  const rows = fits
    ? pickRows(query, await foundByVariables(request, filter, { keep, fits }), instanceSort)
    : await readRows<Instance>(request, 'processes.list', filter, { keep, sort: instanceSort });
  return { json: rows.map((row) => historicInstanceView(row, nameOf(row))) };
}

function activityView(instance: InstanceDetails, run: ElementRun) {
  return {
    id: activityInstanceId(run),
    parentActivityInstanceId: instance.id,
    activityId: run.element,
    activityName: run.name,
    activityType: activityType(run.type),
    processDefinitionKey: instance.process,
    processDefinitionId: definitionId(instance),
    processInstanceId: instance.id,
    executionId: `${instance.id}:${run.n}`,
    taskId: null,
    assignee: null,
    calledProcessInstanceId: null,
    calledCaseInstanceId: null,
    startTime: dateText(run.startedAt),
    endTime: dateText(run.endedAt),
    durationInMillis: run.durationMs,
    canceled: run.end === 'cancelled',
    completeScope: false,
    tenantId: null,
    removalTime: null,
    rootProcessInstanceId: instance.parent ?? instance.id,
  };
}

async function activities(request: RestRequest) {
  const { query } = request;
  const known = ['activityId', 'activityType', 'finished', 'unfinished', 'canceled'];
  const instanceId = instanceIdOf(query, [...known, 'activityInstanceId']);
  const instance = await readInstance(request, instanceId);
  if (!instance) return [];
  const runs = await readRuns(request, instanceId);
  return runs
    .map((run) => activityView(instance, run))
    .filter(
      (row) =>
        (query.activityId === undefined || row.activityId === query.activityId) &&
        (query.activityInstanceId === undefined || row.id === query.activityInstanceId) &&
        (query.activityType === undefined || row.activityType === query.activityType) &&
        (!isTrue(query.finished) || row.endTime !== null) &&
        (!isTrue(query.unfinished) || row.endTime === null) &&
        (!isTrue(query.canceled) || row.canceled),
    );
}

type ActivityView = ReturnType<typeof activityView>;
const activitySort = {
  activityId: ({ activityId }: ActivityView) => activityId,
  activityName: ({ activityName }: ActivityView) => activityName,
  activityType: (one: ActivityView) => one.activityType,
  duration: ({ durationInMillis }: ActivityView) => durationInMillis,
  endTime: ({ endTime }: ActivityView) => endTime,
  startTime: ({ startTime }: ActivityView) => startTime,
  occurrence: ({ startTime }: ActivityView) => startTime,
};

async function variables(request: RestRequest) {
  const { query } = request;
  const instanceId = instanceIdOf(query, ['variableName', 'deserializeValues']);
  const instance = await readInstance(request, instanceId);
  if (!instance) return [];
  return Object.entries(instance.variables)
    .filter(([name]) => query.variableName === undefined || name === query.variableName)
    .map(([name, value]) => ({
      id: `${instance.id}:${name}`,
      name,
      ...typedValue(value),
      processDefinitionKey: instance.process,
      processDefinitionId: definitionId(instance),
      processInstanceId: instance.id,
      executionId: instance.id,
      activityInstanceId: instance.id,
      caseDefinitionKey: null,
      caseDefinitionId: null,
      caseInstanceId: null,
      caseExecutionId: null,
      taskId: null,
      errorMessage: null,
      tenantId: null,
      state: 'CREATED',
      createTime: dateText(instance.startedAt),
      removalTime: null,
      rootProcessInstanceId: instance.parent ?? instance.id,
    }));
}

async function incidents(request: RestRequest) {
  const { query } = request;
  const known = ['open', 'resolved', 'activityId', 'incidentType'];
  const found = await readDetails(request, instanceIdOf(query, known));
  const rows = found ? incidentRows(found) : [];
  return rows.filter(
    (row) =>
      (query.activityId === undefined || row.activityId === query.activityId) &&
      (query.incidentType === undefined || row.incidentType === query.incidentType) &&
      (!isTrue(query.open) || row.open) &&
      (!isTrue(query.resolved) || row.resolved),
  );
}

function incidentRows(instance: InstanceDetails) {
  const ends = ['incident.retried', 'incident.skipped', 'external.retries', 'element.cancelled'];
  return instance.timeline
    .filter(({ kind }) => kind === 'incident.opened')
    .map((opened) => {
      const { seq, n, element, at, data } = opened;
      const end = instance.timeline.find(
        (later) => later.seq > seq && later.n === n && ends.includes(later.kind),
      );
      const endedAt = end?.at ?? instance.endedAt;
      const { code = '', message = '' } = (data ?? {}) as { code?: string; message?: string };
      return {
        id: `${instance.id}:${n}:${seq}`,
        processDefinitionKey: instance.process,
        processDefinitionId: definitionId(instance),
        processInstanceId: instance.id,
        executionId: `${instance.id}:${n}`,
        rootProcessInstanceId: instance.parent ?? instance.id,
        createTime: dateText(at),
        endTime: dateText(endedAt),
        removalTime: null,
        incidentType: code === 'EXTERNAL_TASK_FAILED' ? 'failedExternalTask' : 'failedJob',
        activityId: element,
        failedActivityId: element,
        causeIncidentId: null,
        rootCauseIncidentId: null,
        configuration: null,
        historyConfiguration: null,
        incidentMessage: `${code}: ${message}`,
        tenantId: null,
        jobDefinitionId: null,
        open: endedAt === null,
        deleted: false,
        resolved: endedAt !== null,
      };
    });
}

/** Operations over the history. */
export const historyOperations: readonly Operation[] = [
  {
    method: 'GET',
    path: '/history/process-instance',
    procedures: ['processes.list', 'processes.get'],
    answer: instances,
  },
  {
    method: 'GET',
    path: '/history/process-instance/count',
    procedures: ['processes.list', 'processes.get'],
    note: 'Counting stops at 10,000.',
    async answer(request) {
      const { query } = request;
      const filter = instanceFilter(query);
      const keep = keepInstance(query);
      const fits = variablesFilter(query);
      if (!fits) return { json: await countKept(request, 'processes.list', filter, keep) };
      const found = await foundByVariables(request, filter, { keep, fits });
      return { json: { count: found.length } };
    },
  },
  {
    method: 'GET',
    path: '/history/process-instance/{id}',
    procedures: ['processes.get'],
    async answer(request) {
      const found = await request.run<InstanceDetails>('processes.get', {
        instanceId: request.params.id,
      });
      return { json: historicInstanceView(found, found.name) };
    },
  },
  ...listAndCount({
    path: '/history/activity-instance',
    procedures: ['processes.element-runs', 'processes.get'],
    note: 'Needs `processInstanceId`.',
    rows: activities,
    sort: activitySort,
  }),
  ...listAndCount<Awaited<ReturnType<typeof variables>>[number]>({
    path: '/history/variable-instance',
    procedures: ['processes.get'],
    note: 'Needs `processInstanceId`; the values that the process has now, or had at its end.',
    rows: variables,
    sort: { variableName: ({ name }) => name },
  }),
  ...listAndCount<ReturnType<typeof incidentRows>[number]>({
    path: '/history/incident',
    procedures: ['processes.get'],
    note: 'Needs `processInstanceId`.',
    rows: incidents,
    sort: { createTime: ({ createTime }) => createTime },
  }),
];

/** The period of a list of the history. */
function periodOf(query: RestRequest['query']) {
  const bounds = {
    startedAfter: dateOf('startedAfter', query.startedAfter),
    startedBefore: dateOf('startedBefore', query.startedBefore),
    endedAfter: dateOf('finishedAfter', query.finishedAfter),
    endedBefore: dateOf('finishedBefore', query.finishedBefore),
  };
  return Object.fromEntries(Object.entries(bounds).filter(([, value]) => value !== undefined));
}
