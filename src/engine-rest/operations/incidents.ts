/** Operations over incidents. What failed is also a job, see `jobs.ts`. */
import { dateText } from '../dates.ts';
import { definitionId } from '../definition-ids.ts';
import { listOf, type Operation, onlyKnown, type RestRequest } from '../operation.ts';
import { countKept, pageParameters, readRows } from '../pages.ts';
import { missing } from '../rest-error.ts';
import { stepJobId } from './jobs.ts';
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
    configuration: stepJobId(instanceId, n),
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

/** Operations over incidents. */
export const incidentOperations: readonly Operation[] = [
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
];
