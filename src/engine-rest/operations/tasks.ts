/** Operations over tasks for people. Who sees and may do which is the procedures' to say. */
import { dateOf } from '../dates.ts';
import {
  isTrue,
  listOf,
  type Operation,
  optionalNumber,
  optionalText,
  type RestAnswer,
  type RestRequest,
  textOf,
} from '../operation.ts';
import { countKept, readRows } from '../pages.ts';
import { invalid, missing } from '../rest-error.ts';
import { plainValues, typedValues } from '../typed-values.ts';
import { type Given, keepTask, type Task, taskFilter, taskSort, taskView } from './task-view.ts';

/** The one key that a body sorts by, as a query has it. */
function sortingOf(sorting: unknown): Given {
  if (sorting === undefined || sorting === null) return {};
  const [first, ...others] = Array.isArray(sorting) ? (sorting as Given[]) : [];
  if (!first || others.length > 0) throw invalid('expected "sorting" to be a list of one key');
  const { sortBy, sortOrder = 'asc' } = first;
  return { sortBy: String(sortBy), sortOrder: String(sortOrder) };
}

async function list(request: RestRequest, all: Given): Promise<RestAnswer> {
  const { sorting, ...filters } = all;
  const given = { ...filters, ...sortingOf(sorting) };
  const asked = { ...request, query: given as RestRequest['query'] };
  const options = { keep: keepTask(given), sort: taskSort };
  const tasks = await readRows<Task>(asked, 'tasks.list', taskFilter(given), options);
  return { json: tasks.map(taskView) };
}

async function count(request: RestRequest, given: Given): Promise<RestAnswer> {
  return { json: await countKept(request, 'tasks.list', taskFilter(given), keepTask(given)) };
}

/** An open task; those that are closed are history. */
export async function openTask(request: RestRequest): Promise<Task & { readonly form: unknown }> {
  const task = await request.run<Task & { readonly form: unknown }>('tasks.get', {
    taskId: request.params.id,
  });
  if (task.status === 'open') return task;
  throw missing(`No matching task with id ${task.id}: it is ${task.status}; see /history/task`);
}

async function complete(request: RestRequest): Promise<RestAnswer> {
  const { params, body } = request;
  await request.run('tasks.complete', { taskId: params.id, output: plainValues(body.variables) });
  return isTrue(body.withVariablesInReturn) ? { json: typedValues({}) } : {};
}

/** What the task shows: the variables that its form is about. */
async function formVariables(request: RestRequest): Promise<RestAnswer> {
  const { subject } = await openTask(request);
  const all = typeof subject === 'object' && subject !== null ? Object.entries(subject) : [];
  const names = listOf(request.query.variableNames);
  const shown = all.filter(([name]) => names === undefined || names.includes(name));
  return { json: typedValues(Object.fromEntries(shown)) };
}

async function resolve(request: RestRequest): Promise<RestAnswer> {
  const { variables } = request.body;
  if (variables !== undefined && variables !== null && Object.keys(variables).length > 0) {
    throw invalid(
      'expected no variables, found some: the owner gives them when completing the task; say them in a comment',
    );
  }
  await request.run('tasks.resolve', { taskId: request.params.id });
  return {};
}

/** Fields that an update may change; what else it has must be as it is. */
const changed = ['due', 'followUp', 'priority'];

async function update(request: RestRequest): Promise<RestAnswer> {
  const { params, body } = request;
  const task = await openTask(request);
  const is: Given = taskView(task);
  const other = Object.entries(body).find(
    ([name, value]) => !changed.includes(name) && (value ?? null) !== (is[name] ?? null),
  );
  if (other) {
    throw invalid(
      `expected an update of ${changed.join(', ')}, found another "${other[0]}"; assignee and delegation have operations of their own`,
    );
  }
  const priority = optionalNumber(body, 'priority');
  await request.run('tasks.change', {
    taskId: params.id,
    dueAt: dateOf('due', body.due) ?? null,
    followUpAt: dateOf('followUp', body.followUp) ?? null,
    ...(priority === undefined ? {} : { priority }),
  });
  return {};
}

/** Runs a procedure on the task; answered without a body. */
function work(procedure: string, inputOf: (body: RestRequest['body']) => object = () => ({})) {
  return async (request: RestRequest): Promise<RestAnswer> => {
    await request.run(procedure, { taskId: request.params.id, ...inputOf(request.body) });
    return {};
  };
}

const claim = work('tasks.claim', (body) => {
  const userId = optionalText(body, 'userId');
  return userId === undefined ? {} : { userId };
});
const assign = work('tasks.assign', (body) => ({ assignee: optionalText(body, 'userId') ?? null }));
const delegate = work('tasks.delegate', (body) => ({ to: textOf(body, 'userId') }));

/** Operations over tasks for people. */
export const taskOperations: readonly Operation[] = [
  {
    method: 'GET',
    path: '/task',
    procedures: ['tasks.list'],
    note: 'The open tasks that the caller may do, has or owns; operators see all. Roles are groups.',
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
    procedures: ['tasks.get'],
    async answer(request) {
      return { json: taskView(await openTask(request)) };
    },
  },
  {
    method: 'PUT',
    path: '/task/{id}',
    procedures: ['tasks.change', 'tasks.get'],
    note: 'Changes `due`, `followUp` and `priority`; anything else must be as it is.',
    answer: update,
  },
  {
    method: 'POST',
    path: '/task/{id}/claim',
    procedures: ['tasks.claim'],
    note: '`userId` (id or email) is oneself; a program of the role `service` names the person.',
    answer: claim,
  },
  {
    method: 'POST',
    path: '/task/{id}/unclaim',
    procedures: ['tasks.unclaim'],
    answer: work('tasks.unclaim'),
  },
  {
    method: 'POST',
    path: '/task/{id}/assignee',
    procedures: ['tasks.assign'],
    note: 'For operators and the owner; `userId` null takes it away.',
    answer: assign,
  },
  {
    method: 'POST',
    path: '/task/{id}/delegate',
    procedures: ['tasks.delegate'],
    note: 'For whoever has it; the owner is set.',
    answer: delegate,
  },
  {
    method: 'POST',
    path: '/task/{id}/resolve',
    procedures: ['tasks.resolve'],
    note: 'Takes no variables: the owner gives them when completing it.',
    answer: resolve,
  },
  {
    method: 'GET',
    path: '/task/{id}/form',
    procedures: ['tasks.get'],
    note: 'The key of the form; `deployed-form` has its JSON Schema.',
    async answer(request) {
      const { formKey } = await openTask(request);
      return { json: { key: formKey, camundaFormRef: null, contextPath: null } };
    },
  },
  {
    method: 'GET',
    path: '/task/{id}/deployed-form',
    procedures: ['tasks.get'],
    note: 'JSON Schema of the answer.',
    async answer(request) {
      const { id, form } = await openTask(request);
      if (form === null) throw missing(`No matching form for task ${id}: it takes any answer`);
      return { json: form };
    },
  },
  {
    method: 'GET',
    path: '/task/{id}/form-variables',
    procedures: ['tasks.get'],
    note: 'What the task shows to whoever does it.',
    answer: formVariables,
  },
  {
    method: 'GET',
    path: '/task/{id}/variables',
    procedures: ['tasks.get'],
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
