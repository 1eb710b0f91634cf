/** Operations over instances: looking, ending and suspending. */
import { definitionId } from '../definition-ids.ts';
import {
  isTrue,
  listOf,
  type Operation,
  onlyKnown,
  optionalText,
  type RestAnswer,
  type RestRequest,
} from '../operation.ts';
import { countRows, pageParameters, pickRows, readRows } from '../pages.ts';
import { invalid } from '../rest-error.ts';
import { activityTree } from './activity-tree.ts';
import { openInstance, readInstance } from './instance-reads.ts';
import { type Instance, instanceView } from './instance-view.ts';
import { definitionFilter } from './process-definitions.ts';
import { foundByVariables, variableParameters, variablesFilter } from './variable-filter.ts';

const listParameters = [
  ...pageParameters,
  ...['processInstanceIds', 'businessKey', 'processDefinitionId', 'processDefinitionKey'],
  ...['superProcessInstance', 'active', 'suspended', 'withIncident', 'rootProcessInstances'],
  ...['activityIdIn', 'processDefinitionVersion', ...variableParameters],
];

/** The filter of open instances. */
function filterOf(query: Readonly<Record<string, unknown>>) {
  onlyKnown(query, listParameters);
  const texts = query as Readonly<Record<string, string>>;
  const [element, ...others] = listOf(query.activityIdIn) ?? [];
  if (others.length > 0) throw invalid('expected one activity in activityIdIn');
  return {
    open: true,
    ...definitionFilter(texts),
    ...(texts.businessKey === undefined ? {} : { businessKey: texts.businessKey }),
    ...(texts.superProcessInstance === undefined ? {} : { parent: texts.superProcessInstance }),
    ...(element === undefined ? {} : { element }),
    ...(isTrue(query.withIncident) ? { incident: true } : {}),
    ...(isTrue(query.suspended) ? { status: 'suspended' } : {}),
  };
}

function keepOf(query: Readonly<Record<string, unknown>>) {
  const ids = listOf(query.processInstanceIds);
  return ({ id, status, parent }: Instance) =>
    (ids === undefined || ids.includes(id)) &&
    (!isTrue(query.active) || status !== 'suspended') &&
    (!isTrue(query.rootProcessInstances) || parent === null);
}

const sort = {
  instanceId: ({ id }: Instance) => id,
  definitionId,
  definitionKey: ({ process }: Instance) => process,
  businessKey: ({ businessKey }: Instance) => businessKey,
};

async function list(request: RestRequest, given: RestRequest['query']): Promise<RestAnswer> {
  const ids = listOf(given.processInstanceIds);
  if (ids !== undefined && ids.length <= mostIds) return { json: await byIds(request, given, ids) };
  const filter = filterOf(given);
  const keep = keepOf(given);
  const fits = variablesFilter(given);
  if (fits) {
    const fitting = await foundByVariables(request, filter, { keep, fits });
    return { json: pickRows(given, fitting, sort).map(instanceView) };
  }
  const rows = await readRows<Instance>({ ...request, query: given }, 'processes.list', filter, {
    keep,
    sort,
  });
  return { json: rows.map(instanceView) };
}

async function count(request: RestRequest, given: RestRequest['query']): Promise<RestAnswer> {
  const filter = filterOf(given);
  const fits = variablesFilter(given);
  const keep = keepOf(given);
  if (fits) {
    return { json: { count: (await foundByVariables(request, filter, { keep, fits })).length } };
  }
  return { json: await countRows(request, 'processes.list', filter) };
}

/** Instances that are looked up one by one instead of in the list. */
const mostIds = 50;

async function byIds(
  request: RestRequest,
  given: RestRequest['query'],
  ids: readonly string[],
): Promise<unknown[]> {
  filterOf(given);
  const keep = keepOf(given);
  const fits = variablesFilter(given) ?? (() => true);
  const found = await Promise.all(ids.map((id) => readInstance(request, id)));
  return found
    .flatMap((one) =>
      one && one.endedAt === null && keep(one) && fits(one.variables) ? [one] : [],
    )
    .map(instanceView);
}

async function suspend(request: RestRequest): Promise<RestAnswer> {
  const { suspended } = request.body;
  if (typeof suspended !== 'boolean') throw invalid('expected "suspended" to be true or false');
  const instanceId = request.params.id;
  const instance = await openInstance(request);
  // Asking for what is so already changes nothing, as in Camunda 7.
  if ((instance.status === 'suspended') === suspended) return {};
  if (suspended) await request.run('processes.suspend', { instanceId, reason: 'asked by REST' });
  else await request.run('processes.resume', { instanceId });
  return {};
}

/** Operations over instances. */
export const processInstanceOperations: readonly Operation[] = [
  {
    method: 'GET',
    path: '/process-instance',
    procedures: ['processes.list', 'processes.get'],
    answer: (request) => list(request, request.query),
  },
  {
    method: 'POST',
    path: '/process-instance',
    procedures: ['processes.list', 'processes.get'],
    answer: (request) =>
      list(request, { ...request.query, ...request.body } as RestRequest['query']),
  },
  {
    method: 'GET',
    path: '/process-instance/count',
    procedures: ['processes.list', 'processes.get'],
    note: 'Counting stops at 1,000.',
    answer: (request) => count(request, request.query),
  },
  {
    method: 'POST',
    path: '/process-instance/count',
    procedures: ['processes.list', 'processes.get'],
    note: 'Counting stops at 1,000.',
    answer: (request) =>
      count(request, { ...request.query, ...request.body } as RestRequest['query']),
  },
  {
    method: 'GET',
    path: '/process-instance/{id}',
    procedures: ['processes.get'],
    async answer(request) {
      return { json: instanceView(await openInstance(request)) };
    },
  },
  {
    method: 'DELETE',
    path: '/process-instance/{id}',
    procedures: ['processes.cancel', 'processes.get'],
    note: 'Cancels: what was done is undone by its compensations, last first. The history stays.',
    async answer(request) {
      await openInstance(request);
      const reason = optionalText(request.query, 'deleteReason') ?? 'deleted by REST';
      await request.run('processes.cancel', { instanceId: request.params.id, reason });
      return {};
    },
  },
  {
    method: 'GET',
    path: '/process-instance/{id}/activity-instances',
    procedures: ['processes.get'],
    note: 'Of sub-processes and loops only what is open; there are no transition instances.',
    async answer(request) {
      return { json: activityTree(await openInstance(request)) };
    },
  },
  {
    method: 'PUT',
    path: '/process-instance/{id}/suspended',
    procedures: ['processes.suspend', 'processes.resume', 'processes.get'],
    answer: suspend,
  },
];
