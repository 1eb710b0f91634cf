/** Operations over tasks for people. Who sees and may do which is the procedures' to say. */
import { dateText } from '../dates.ts';
import {
  isTrue,
  listOf,
  type Operation,
  onlyKnown,
  type RestAnswer,
  type RestRequest,
} from '../operation.ts';
import { countKept, pageParameters, readRows } from '../pages.ts';
import { invalid, missing } from '../rest-error.ts';
import { plainValues, typedValues } from '../typed-values.ts';

interface Task {
  readonly id: string;
  readonly instanceId: string;
  readonly process: string;
  readonly businessKey: string | null;
  readonly element: string;
  readonly title: string;
  readonly subject: unknown;
  readonly roles: readonly string[];
  readonly candidateGroups: readonly string[];
  readonly createdAt: string;
  readonly dueAt: string | null;
}

function view(task: Task) {
  return {
    id: task.id,
    name: task.title,
    assignee: null,
    created: dateText(task.createdAt),
    due: dateText(task.dueAt),
    followUp: null,
    lastUpdated: null,
    delegationState: null,
    description: null,
    executionId: task.instanceId,
    owner: null,
    parentTaskId: null,
    priority: 50,
    processDefinitionId: null,
    processInstanceId: task.instanceId,
    caseExecutionId: null,
    caseDefinitionId: null,
    caseInstanceId: null,
    taskDefinitionKey: task.element,
    suspended: false,
    formKey: null,
    camundaFormRef: null,
    tenantId: null,
    taskState: 'Created',
  };
}

const sort = {
  id: ({ id }: Task) => id,
  name: ({ title }: Task) => title,
  created: ({ createdAt }: Task) => createdAt,
  dueDate: ({ dueAt }: Task) => dueAt,
  instanceId: ({ instanceId }: Task) => instanceId,
};

type Query = Readonly<Record<string, unknown>>;

function filterOf(query: Query): object {
  onlyKnown(query, [
    ...pageParameters,
    ...['taskId', 'taskIdIn', 'processInstanceId', 'processInstanceIdIn', 'taskDefinitionKey'],
    ...['processInstanceBusinessKey', 'processDefinitionKey', 'name', 'candidateGroup', 'active'],
    ...['taskDefinitionKeyIn', 'candidateGroups', 'unassigned'],
  ]);
  const key = query.processInstanceBusinessKey;
  return key === undefined ? {} : { businessKey: String(key) };
}

function keepOf(query: Query): (task: Task) => boolean {
  const one = (wanted: string, of: (task: Task) => string) => {
    const values = listOf(query[wanted]);
    return (task: Task) => values === undefined || values.includes(of(task));
  };
  const groups = listOf(query.candidateGroups) ?? listOf(query.candidateGroup);
  const tests = [
    one('taskId', ({ id }) => id),
    one('taskIdIn', ({ id }) => id),
    one('processInstanceId', ({ instanceId }) => instanceId),
    one('processInstanceIdIn', ({ instanceId }) => instanceId),
    one('taskDefinitionKey', ({ element }) => element),
    one('taskDefinitionKeyIn', ({ element }) => element),
    one('processDefinitionKey', ({ process }) => process),
    ({ title }: Task) => query.name === undefined || title === query.name,
    ({ roles, candidateGroups }: Task) =>
      groups === undefined ||
      groups.some((group) => [...roles, ...candidateGroups].includes(group)),
  ];
  return (task) => tests.every((test) => test(task));
}

/** The one key that a body sorts by, as a query has it. */
function sortingOf(sorting: unknown): Query {
  if (sorting === undefined || sorting === null) return {};
  const [first, ...others] = Array.isArray(sorting) ? (sorting as Query[]) : [];
  if (!first || others.length > 0) throw invalid('expected "sorting" to be a list of one key');
  const { sortBy, sortOrder = 'asc' } = first;
  return { sortBy: String(sortBy), sortOrder: String(sortOrder) };
}

async function list(request: RestRequest, all: Query): Promise<RestAnswer> {
  const { sorting, ...filters } = all;
  const given = { ...filters, ...sortingOf(sorting) };
  const asked = { ...request, query: given as RestRequest['query'] };
  const keep = keepOf(given);
  const tasks = await readRows<Task>(asked, 'tasks.list', filterOf(given), { keep, sort });
  return { json: tasks.map(view) };
}

async function count(request: RestRequest, given: Query): Promise<RestAnswer> {
  return { json: await countKept(request, 'tasks.list', filterOf(given), keepOf(given)) };
}

async function find(request: RestRequest): Promise<Task> {
  const { id } = request.params;
  const [task] = await readRows<Task>(
    { ...request, query: { maxResults: '1' } },
    'tasks.list',
    {},
    {
      keep: (one) => one.id === id,
    },
  );
  if (task) return task;
  throw missing(`No matching task with id ${id}`);
}

async function complete(request: RestRequest): Promise<RestAnswer> {
  const { params, body } = request;
  await request.run('tasks.complete', { taskId: params.id, output: plainValues(body.variables) });
  return isTrue(body.withVariablesInReturn) ? { json: typedValues({}) } : {};
}

/** What the task shows: the variables that its form is about. */
async function formVariables(request: RestRequest): Promise<RestAnswer> {
  const { subject } = await find(request);
  const all = typeof subject === 'object' && subject !== null ? Object.entries(subject) : [];
  const names = listOf(request.query.variableNames);
  const shown = all.filter(([name]) => names === undefined || names.includes(name));
  return { json: typedValues(Object.fromEntries(shown)) };
}

/** Operations over tasks for people. */
export const taskOperations: readonly Operation[] = [
  {
    method: 'GET',
    path: '/task',
    procedures: ['tasks.list'],
    note: 'The open tasks that the caller may do; groups are roles.',
    answer: (request) => list(request, request.query),
  },
  {
    method: 'POST',
    path: '/task',
    procedures: ['tasks.list'],
    note: 'The same; `sorting` by one key.',
    answer: (request) => list(request, { ...request.query, ...request.body }),
  },
  {
    method: 'GET',
    path: '/task/count',
    procedures: ['tasks.list'],
    answer: (request) => count(request, request.query),
  },
  {
    method: 'POST',
    path: '/task/count',
    procedures: ['tasks.list'],
    answer: (request) => count(request, { ...request.query, ...request.body }),
  },
  {
    method: 'GET',
    path: '/task/{id}',
    procedures: ['tasks.list'],
    async answer(request) {
      return { json: view(await find(request)) };
    },
  },
  {
    method: 'GET',
    path: '/task/{id}/form-variables',
    procedures: ['tasks.list'],
    note: 'What the task shows to whoever does it.',
    answer: formVariables,
  },
  {
    method: 'GET',
    path: '/task/{id}/variables',
    procedures: ['tasks.list'],
    note: 'What the task shows to whoever does it.',
    answer: formVariables,
  },
  {
    method: 'POST',
    path: '/task/{id}/complete',
    procedures: ['tasks.complete'],
    note: 'Variables are the answer, checked by the form; with `withVariablesInReturn` none are returned.',
    answer: complete,
  },
  {
    method: 'POST',
    path: '/task/{id}/submit-form',
    procedures: ['tasks.complete'],
    note: 'The same as `complete`.',
    answer: complete,
  },
];
