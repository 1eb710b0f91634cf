/**
 * Operations on many instances. A batch of Camunda 7 is here a bulk operation: a durable job that treats each
 * instance once, also over restarts. It is listed while it is open.
 */
import { dateText } from '../dates.ts';
import {
  type Operation,
  onlyKnown,
  optionalText,
  type RestAnswer,
  type RestRequest,
} from '../operation.ts';
import { pageParameters, pickRows, readRows } from '../pages.ts';
import { invalid, missing, unsupported } from '../rest-error.ts';
import { definitionFilter } from './process-definitions.ts';

/** Instances that one batch may name; a query may find many more. */
const mostNamed = 1_000;

/** What `bulk-operations.get` and the list of them give. */
interface Bulk {
  readonly id: string;
  readonly action: 'cancel' | 'retry' | 'suspend' | 'resume' | 'migrate';
  readonly by: string;
  readonly total: number;
  readonly done: number;
  readonly failed: number;
  readonly skipped: number;
  readonly remaining: number;
  readonly createdAt: string;
  readonly endedAt: string | null;
}

const types: Readonly<Record<Bulk['action'], string>> = {
  cancel: 'instance-deletion',
  retry: 'set-job-retries',
  suspend: 'instance-update-suspension-state',
  resume: 'instance-update-suspension-state',
  migrate: 'instance-migration',
};

function batchView(bulk: Bulk) {
  return {
    id: bulk.id,
    type: types[bulk.action],
    totalJobs: bulk.total,
    jobsCreated: bulk.total,
    batchJobsPerSeed: 1_000,
    invocationsPerBatchJob: 1,
    seedJobDefinitionId: null,
    monitorJobDefinitionId: null,
    batchJobDefinitionId: null,
    suspended: false,
    tenantId: null,
    createUserId: bulk.by,
    startTime: dateText(bulk.createdAt),
    executionStartTime: dateText(bulk.createdAt),
  };
}

function statisticsView(bulk: Bulk) {
  return {
    ...batchView(bulk),
    remainingJobs: bulk.remaining,
    completedJobs: bulk.done + bulk.skipped,
    failedJobs: bulk.failed,
  };
}

const queryParameters = [
  ...['processDefinitionId', 'processDefinitionKey', 'processDefinitionVersion', 'businessKey'],
  ...['superProcessInstance', 'withIncident', 'suspended'],
];

/** Which instances are meant: those that are named, or those that a query finds. */
export function meantBy(ids: unknown, query: unknown): object {
  if (Array.isArray(ids) && ids.length > 0) {
    if (ids.length > mostNamed || query) {
      throw invalid(`expected at most ${mostNamed} instances and no query beside them`);
    }
    return { instanceIds: ids };
  }
  if (typeof query !== 'object' || query === null) {
    throw invalid('expected processInstanceIds or processInstanceQuery, found neither');
  }
  const asked = query as Readonly<Record<string, unknown>>;
  onlyKnown(asked, queryParameters);
  return {
    ...definitionFilter(asked as RestRequest['query']),
    ...(asked.businessKey === undefined ? {} : { businessKey: asked.businessKey }),
    ...(asked.superProcessInstance === undefined ? {} : { parent: asked.superProcessInstance }),
    ...(asked.withIncident === true ? { incident: true } : {}),
    ...(asked.suspended === true ? { status: 'suspended' } : {}),
  };
}

/** Begins a bulk operation, and answers with its batch. */
export async function beginBatch(request: RestRequest, input: object): Promise<RestAnswer> {
  const { operation } = await request.run<{ operation: Bulk }>('bulk-operations.start', input);
  return { json: batchView(operation) };
}

async function openBatches(request: RestRequest): Promise<readonly Bulk[]> {
  const { query } = request;
  onlyKnown(query, [...pageParameters, 'batchId', 'type', 'suspended']);
  const all = { ...request, query: {} };
  return await readRows<Bulk>(
    all,
    'bulk-operations.list',
    {},
    {
      keep: ({ id, action, endedAt }) =>
        endedAt === null &&
        query.suspended !== 'true' &&
        (query.batchId === undefined || id === query.batchId) &&
        (query.type === undefined || types[action] === query.type),
    },
  );
}

const sort = { batchId: ({ id }: Bulk) => id, startTime: ({ createdAt }: Bulk) => createdAt };

async function openBatch(request: RestRequest): Promise<Bulk> {
  const { id: operationId = '' } = request.params;
  const found = await request.run<Bulk>('bulk-operations.get', { operationId });
  if (found.endedAt === null) return found;
  throw missing(`Batch with id '${operationId}' does not exist`);
}

const list = (path: string, view: (bulk: Bulk) => object): readonly Operation[] => [
  {
    method: 'GET',
    path,
    procedures: ['bulk-operations.list'],
    note: 'Those that are open; the others stand in `/api/v1/processes/bulk-operations`.',
    async answer(request) {
      return { json: pickRows(request.query, await openBatches(request), sort).map(view) };
    },
  },
  {
    method: 'GET',
    path: `${path}/count`,
    procedures: ['bulk-operations.list'],
    async answer(request) {
      return { json: { count: (await openBatches(request)).length } };
    },
  },
];

/** Operations that begin, list and stop batches. */
export const batchOperations: readonly Operation[] = [
  {
    method: 'POST',
    path: '/process-instance/delete',
    procedures: ['bulk-operations.start'],
    note: 'Cancels each: what was done is undone by its compensations. 20 a second.',
    answer: (request) =>
      beginBatch(request, {
        action: 'cancel',
        filter: meantBy(request.body.processInstanceIds, request.body.processInstanceQuery),
        reason: optionalText(request.body, 'deleteReason') ?? 'deleted by REST',
      }),
  },
  {
    method: 'POST',
    path: '/process-instance/suspended-async',
    procedures: ['bulk-operations.start'],
    async answer(request) {
      const { suspended, processInstanceIds, processInstanceQuery } = request.body;
      if (typeof suspended !== 'boolean') throw invalid('expected "suspended" to be true or false');
      return await beginBatch(request, {
        action: suspended ? 'suspend' : 'resume',
        filter: meantBy(processInstanceIds, processInstanceQuery),
        reason: 'asked by REST',
      });
    },
  },
  {
    method: 'POST',
    path: '/process-instance/job-retries',
    procedures: ['bulk-operations.start'],
    note: 'Has each step that stopped tried again, as often as the process says.',
    answer: (request) =>
      beginBatch(request, {
        action: 'retry',
        filter: meantBy(request.body.processInstances, request.body.processInstanceQuery),
        reason: 'asked by REST',
      }),
  },
  ...list('/batch', batchView),
  ...list('/batch/statistics', statisticsView),
  {
    method: 'GET',
    path: '/batch/{id}',
    procedures: ['bulk-operations.get'],
    async answer(request) {
      return { json: batchView(await openBatch(request)) };
    },
  },
  {
    method: 'PUT',
    path: '/batch/{id}/suspended',
    procedures: ['bulk-operations.get'],
    note: 'Answered with 501: a batch is stopped, or goes on.',
    async answer(request) {
      await openBatch(request);
      throw unsupported('suspending a batch', 'stop it, and begin another one for what is left');
    },
  },
  {
    method: 'DELETE',
    path: '/batch/{id}',
    procedures: ['bulk-operations.stop', 'bulk-operations.get'],
    note: 'Stops it: no further instance is treated, what was done stays done.',
    async answer(request) {
      const { id: operationId } = await openBatch(request);
      await request.run('bulk-operations.stop', { operationId });
      return {};
    },
  },
];
