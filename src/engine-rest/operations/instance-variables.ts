/** Variables of running instances: of one, read and set, and of several, scope by scope. */
import {
  listOf,
  type Operation,
  onlyKnown,
  type RestAnswer,
  type RestRequest,
} from '../operation.ts';
import { pageParameters, pickRows, readRows } from '../pages.ts';
import { invalid, missing } from '../rest-error.ts';
import { plainValue, plainValues, typedValue, typedValues } from '../typed-values.ts';
import { openInstance, readInstance } from './instance-reads.ts';
import { activityInstanceId } from './instance-view.ts';

/** Instances whose variables one answer may hold; each is read by itself. */
const mostIds = 50;

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

/** Operations over variables. */
export const instanceVariableOperations: readonly Operation[] = [
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
];
