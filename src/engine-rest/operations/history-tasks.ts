/** Operations over tasks that are closed, with those that are open. */
import { dateText } from '../dates.ts';
import type { Operation, RestAnswer, RestRequest } from '../operation.ts';
import { countKept, readRows } from '../pages.ts';
import { duration } from './instance-view.ts';
import {
  definitionIdOf,
  endOf,
  historyFilter,
  keepHistory,
  type Task,
  taskSort,
} from './task-view.ts';

function view(task: Task) {
  return {
    id: task.id,
    processDefinitionKey: task.process,
    processDefinitionId: definitionIdOf(task),
    processInstanceId: task.instanceId,
    executionId: task.instanceId,
    activityInstanceId: null,
    caseDefinitionKey: null,
    caseDefinitionId: null,
    caseInstanceId: null,
    caseExecutionId: null,
    name: task.title,
    description: null,
    deleteReason: task.status === 'open' ? null : endOf(task).toLowerCase(),
    owner: task.owner,
    assignee: task.assignee,
    startTime: dateText(task.createdAt),
    endTime: dateText(task.closedAt),
    duration: duration(task.createdAt, task.closedAt),
    taskDefinitionKey: task.element,
    priority: task.priority,
    due: dateText(task.dueAt),
    parentTaskId: null,
    followUp: dateText(task.followUpAt),
    tenantId: null,
    removalTime: null,
    rootProcessInstanceId: null,
    taskState: task.status === 'open' ? 'Created' : endOf(task),
  };
}

const sort = {
  taskId: taskSort.id,
  activityInstanceID: taskSort.id,
  processInstanceId: taskSort.instanceId,
  processDefinitionId: definitionIdOf,
  executionId: taskSort.instanceId,
  taskName: taskSort.name,
  assignee: taskSort.assignee,
  owner: ({ owner }: Task) => owner,
  dueDate: taskSort.dueDate,
  followUpDate: taskSort.followUpDate,
  priority: taskSort.priority,
  taskDefinitionKey: ({ element }: Task) => element,
  startTime: taskSort.created,
  endTime: ({ closedAt }: Task) => closedAt,
  duration: ({ createdAt, closedAt }: Task) => duration(createdAt, closedAt),
};

async function list(request: RestRequest): Promise<RestAnswer> {
  const { query } = request;
  const options = { keep: keepHistory(query), sort };
  const tasks = await readRows<Task>(request, 'tasks.list', historyFilter(query), options);
  return { json: tasks.map(view) };
}

/** Operations over the history of tasks. */
export const historyTaskOperations: readonly Operation[] = [
  {
    method: 'GET',
    path: '/history/task',
    procedures: ['tasks.list'],
    note: 'The tasks that the caller may do, has or owns; operators see all.',
    answer: list,
  },
  {
    method: 'GET',
    path: '/history/task/count',
    procedures: ['tasks.list'],
    async answer(request) {
      const { query } = request;
      const filter = historyFilter(query);
      return { json: await countKept(request, 'tasks.list', filter, keepHistory(query)) };
    },
  },
];
