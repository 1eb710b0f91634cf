/** Operations over instances: looking, ending, suspending, and their variables. */
import { dateOf } from '../dates.ts';
import { definitionId } from '../definition-ids.ts';
import {
  isTrue,
  listOf,
  type Operation,
  onlyKnown,
  optionalText,
  type RestAnswer,
  type RestRequest,
  textOf,
} from '../operation.ts';
import { countRows, pageParameters, pickRows, readRows } from '../pages.ts';
import { invalid, missing, RestError } from '../rest-error.ts';
import { plainValue, plainValues, typedValue, typedValues } from '../typed-values.ts';
import { activityTree } from './activity-tree.ts';
import {
  activityInstanceId,
  type Instance,
  type InstanceDetails,
  instanceView,
} from './instance-view.ts';
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

async function readInstance(request: RestRequest, id: string): Promise<InstanceDetails | null> {
  try {
    return await request.run<InstanceDetails>('processes.get', { instanceId: id, from: 1 });
  } catch (error) {
    if (error instanceof RestError && (error.status === 404 || error.status === 400)) return null;
    throw error;
  }
}

/** An open instance, as every operation on one expects it. */
async function openInstance(request: RestRequest): Promise<InstanceDetails> {
  const { id = '' } = request.params;
  const found = await readInstance(request, id);
  if (found && found.endedAt === null) return found;
  throw missing(`Process instance with id ${id} does not exist`);
}

async function setVariables(
  request: RestRequest,
  variables: Record<string, unknown>,
  removed: readonly string[] = [],
): Promise<RestAnswer> {
  await request.run('processes.set-variables', {
    ...{ instanceId: request.params.id, variables, removed },
  });
  return {};
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

/** An instruction of the client as the engine reads it. */
function instructionOf(given: unknown) {
  if (typeof given !== 'object' || given === null) {
    throw invalid('expected each instruction to be an object');
  }
  const one = given as Readonly<Record<string, unknown>>;
  onlyKnown(one, [
    ...['type', 'activityId', 'transitionId', 'activityInstanceId', 'ancestorActivityInstanceId'],
    ...['variables', 'cancelCurrentActiveActivityInstances'],
  ]);
  const scope = optionalText(one, 'ancestorActivityInstanceId');
  const around = scope === undefined ? {} : { scope: runOf(scope).n };
  const variables = one.variables == null ? {} : { variables: plainValues(one.variables) };
  const begin = { ...around, ...variables };
  switch (one.type) {
    case 'cancel': {
      const run = optionalText(one, 'activityInstanceId');
      if (run !== undefined) return { type: 'cancel', ...runOf(run) };
      return { type: 'cancel', element: textOf(one, 'activityId') };
    }
    case 'startBeforeActivity':
      return { type: 'start-before', element: textOf(one, 'activityId'), ...begin };
    case 'startAfterActivity':
      return { type: 'start-after', element: textOf(one, 'activityId'), ...begin };
    case 'startTransition':
      return { type: 'start-at', flow: textOf(one, 'transitionId'), ...begin };
    default:
      throw invalid(
        'expected the type of an instruction to be cancel, startBeforeActivity, startAfterActivity or ' +
          `startTransition, found ${JSON.stringify(one.type) ?? 'nothing'}`,
      );
  }
}

/** The element and number of an activity instance. */
function runOf(id: string): { readonly element: string; readonly n: number } {
  const [, element = '', n = ''] = /^(.+):(\d{1,9})$/.exec(id) ?? [];
  if (element !== '') return { element, n: Number(n) };
  throw invalid(`expected an activity instance such as ship:3, found "${id}"`);
}

async function modify(request: RestRequest): Promise<RestAnswer> {
  const { instructions } = request.body;
  if (!Array.isArray(instructions)) throw invalid('expected "instructions" to be a list');
  await request.run('processes.modify', {
    instanceId: request.params.id,
    instructions: instructions.map(instructionOf),
    reason: optionalText(request.body, 'annotation') ?? 'modified by REST',
  });
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
    method: 'GET',
    path: '/process-instance/{id}/variables',
    procedures: ['processes.get'],
    async answer(request) {
      return { json: typedValues((await openInstance(request)).variables) };
    },
  },
  {
    method: 'POST',
    path: '/process-instance/{id}/variables',
    procedures: ['processes.set-variables'],
    answer: (request) =>
      setVariables(
        request,
        plainValues(request.body.modifications),
        listOf(request.body.deletions) ?? [],
      ),
  },
  {
    method: 'GET',
    path: '/process-instance/{id}/variables/{name}',
    procedures: ['processes.get'],
    async answer(request) {
      const { id, name = '' } = request.params;
      const { variables } = await openInstance(request);
      if (Object.hasOwn(variables, name)) return { json: typedValue(variables[name]) };
      throw missing(`execution variable with name ${name} does not exist in instance ${id}`);
    },
  },
  {
    method: 'GET',
    path: '/process-instance/{id}/variables/{name}/data',
    procedures: ['processes.get'],
    note: 'Variables are JSON; none is a file, and one that is there is answered with 400.',
    async answer(request) {
      const { id, name = '' } = request.params;
      const { variables } = await openInstance(request);
      if (Object.hasOwn(variables, name)) {
        throw invalid(`The variable instance '${name}' is not a file or bytes: its value is JSON`);
      }
      throw missing(`execution variable with name ${name} does not exist in instance ${id}`);
    },
  },
  {
    method: 'PUT',
    path: '/process-instance/{id}/variables/{name}',
    procedures: ['processes.set-variables'],
    answer(request) {
      const { name = '' } = request.params;
      return setVariables(request, { [name]: plainValue(name, request.body) });
    },
  },
  {
    method: 'DELETE',
    path: '/process-instance/{id}/variables/{name}',
    procedures: ['processes.set-variables'],
    answer: (request) => setVariables(request, {}, [request.params.name ?? '']),
  },
  {
    method: 'GET',
    path: '/variable-instance',
    procedures: ['processes.variables', 'processes.get'],
    note: 'Needs `processInstanceIdIn`.',
    answer: variableInstances,
  },
  {
    method: 'PUT',
    path: '/process-instance/{id}/suspended',
    procedures: ['processes.suspend', 'processes.resume', 'processes.get'],
    answer: suspend,
  },
  {
    method: 'POST',
    path: '/process-instance/{id}/modification',
    procedures: ['processes.modify'],
    note: 'All in one step or nothing; `annotation` is the reason that is kept.',
    answer: modify,
  },
];

interface ScopedVariable {
  readonly scope: number;
  readonly element: string;
  readonly name: string;
  readonly value: unknown;
}

async function variableInstances(request: RestRequest): Promise<RestAnswer> {
  const { query } = request;
  onlyKnown(query, [
    ...pageParameters,
    ...['processInstanceIdIn', 'variableName', 'activityInstanceIdIn', 'deserializeValues'],
  ]);
  const ids = listOf(query.processInstanceIdIn) ?? [];
  if (ids.length === 0 || ids.length > mostIds) {
    throw invalid(`expected processInstanceIdIn to name 1 to ${mostIds} instances`);
  }
  const scopes = listOf(query.activityInstanceIdIn);
  const rows = [];
  for (const id of ids) {
    if (!(await readInstance(request, id))) continue;
    const whole = { ...request, query: {} };
    const input = { instanceId: id };
    const found = await readRows<ScopedVariable>(whole, 'processes.variables', input);
    rows.push(...found.map((one) => variableView(id, one)));
  }
  const kept = rows.filter(
    ({ name, activityInstanceId: scope }) =>
      (query.variableName === undefined || name === query.variableName) &&
      (scopes === undefined || scopes.includes(scope)),
  );
  return {
    json: pickRows(query, kept, {
      variableName: ({ name }) => name,
      variableType: ({ type }) => type,
      activityInstanceId: (one) => one.activityInstanceId,
    }),
  };
}

function variableView(id: string, { scope, element, name, value }: ScopedVariable) {
  const isOfProcess = scope === 1;
  return {
    id: `${id}:${scope}:${name}`,
    name,
    ...typedValue(value),
    processInstanceId: id,
    executionId: isOfProcess ? id : `${id}:${scope}`,
    activityInstanceId: isOfProcess ? id : activityInstanceId({ element, n: scope }),
    caseInstanceId: null,
    caseExecutionId: null,
    taskId: null,
    batchId: null,
    errorMessage: null,
    tenantId: null,
  };
}

/** The period of a list of the history. */
export function periodOf(query: RestRequest['query']) {
  const bounds = {
    startedAfter: dateOf('startedAfter', query.startedAfter),
    startedBefore: dateOf('startedBefore', query.startedBefore),
    endedAfter: dateOf('finishedAfter', query.finishedAfter),
    endedBefore: dateOf('finishedBefore', query.finishedBefore),
  };
  return Object.fromEntries(Object.entries(bounds).filter(([, value]) => value !== undefined));
}
