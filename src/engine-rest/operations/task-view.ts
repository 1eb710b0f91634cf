/** Tasks of our own API as this dialect shows and filters them. */
import { dateOf, dateText } from '../dates.ts';
import { definitionId } from '../definition-ids.ts';
import { isTrue, listOf, onlyKnown, optionalNumber } from '../operation.ts';
import { pageParameters } from '../pages.ts';
import { invalid } from '../rest-error.ts';

/** A task of `tasks.list`. */
export interface Task {
  readonly id: string;
  readonly instanceId: string;
  readonly process: string;
  readonly version: number | null;
  readonly businessKey: string | null;
  readonly element: string;
  readonly title: string;
  readonly subject: unknown;
  readonly roles: readonly string[];
  readonly candidateGroups: readonly string[];
  readonly candidateUsers: readonly string[];
  readonly status: 'open' | 'completed' | 'cancelled';
  readonly suspended: boolean;
  readonly priority: number;
  readonly assignee: string | null;
  readonly owner: string | null;
  readonly delegation: 'pending' | 'resolved' | null;
  readonly createdAt: string;
  readonly dueAt: string | null;
  readonly followUpAt: string | null;
  readonly formKey: string | null;
  readonly closedAt: string | null;
}

/** The names of a query or a body, with what they were given. */
export type Given = Readonly<Record<string, unknown>>;

/** Id of the version that the task's instance is on. */
export function definitionIdOf({ process, version }: Task): string | null {
  return version === null ? null : definitionId({ process, version });
}

/** The groups whose members may do it: roles are groups here. */
export function groupsOf({ roles, candidateGroups }: Task): readonly string[] {
  return [...new Set([...roles, ...candidateGroups])];
}

/** An open task. */
export function taskView(task: Task) {
  return {
    id: task.id,
    name: task.title,
    assignee: task.assignee,
    created: dateText(task.createdAt),
    due: dateText(task.dueAt),
    followUp: dateText(task.followUpAt),
    lastUpdated: null,
    delegationState: task.delegation?.toUpperCase() ?? null,
    description: null,
    executionId: task.instanceId,
    owner: task.owner,
    parentTaskId: null,
    priority: task.priority,
    processDefinitionId: definitionIdOf(task),
    processInstanceId: task.instanceId,
    caseExecutionId: null,
    caseDefinitionId: null,
    caseInstanceId: null,
    taskDefinitionKey: task.element,
    suspended: task.suspended,
    formKey: task.formKey,
    camundaFormRef: null,
    tenantId: null,
    taskState: task.status === 'open' ? 'Created' : endOf(task),
  };
}

/** How a task ended, in the word of this dialect. */
export function endOf({ status }: Task): 'Completed' | 'Deleted' {
  return status === 'completed' ? 'Completed' : 'Deleted';
}

/** What lists of tasks can be sorted by. */
export const taskSort = {
  id: ({ id }: Task) => id,
  name: ({ title }: Task) => title,
  nameCaseInsensitive: ({ title }: Task) => title.toLowerCase(),
  created: ({ createdAt }: Task) => createdAt,
  dueDate: ({ dueAt }: Task) => dueAt,
  followUpDate: ({ followUpAt }: Task) => followUpAt,
  instanceId: ({ instanceId }: Task) => instanceId,
  executionId: ({ instanceId }: Task) => instanceId,
  assignee: ({ assignee }: Task) => assignee,
  priority: ({ priority }: Task) => priority,
};

/** Filters that lists of open and of closed tasks have in common. */
const sharedFilters = [
  ...pageParameters,
  ...['taskId', 'taskIdIn', 'processInstanceId', 'processInstanceIdIn', 'executionId'],
  ...['processInstanceBusinessKey', 'processInstanceBusinessKeyIn', 'processDefinitionId'],
  ...['processDefinitionKey', 'processDefinitionKeyIn', 'taskDefinitionKey'],
  ...['taskDefinitionKeyIn', 'assigned', 'unassigned'],
];

/** Filters of open tasks alone. */
const openFilters = [
  ...['name', 'nameNotEqual', 'nameLike', 'nameNotLike', 'assignee', 'assigneeIn'],
  ...['assigneeLike', 'assigneeNotIn', 'owner', 'candidateUser', 'candidateGroup'],
  ...['candidateGroups', 'includeAssignedTasks', 'involvedUser', 'withCandidateGroups'],
  ...['withoutCandidateGroups', 'withCandidateUsers', 'withoutCandidateUsers', 'priority'],
  ...['minPriority', 'maxPriority', 'dueDate', 'dueBefore', 'dueAfter', 'withoutDueDate'],
  ...['followUpDate', 'followUpBefore', 'followUpBeforeOrNotExistent', 'followUpAfter'],
  ...['createdOn', 'createdBefore', 'createdAfter', 'delegationState', 'active', 'suspended'],
];

/** What `tasks.list` filters by itself; throws for a filter that nobody applies. */
export function taskFilter(given: Given): object {
  onlyKnown(given, [...sharedFilters, ...openFilters]);
  const candidate = given.candidateUser ?? given.candidateGroup ?? given.candidateGroups;
  // Somebody who looks for offers wants none that are taken, unless they say so.
  const isOffer = candidate !== undefined && !isTrue(given.includeAssignedTasks);
  const priority = optionalNumber(given, 'priority');
  const delegation = textIn(given, 'delegationState')?.toLowerCase();
  if (delegation !== undefined && !['pending', 'resolved'].includes(delegation)) {
    throw invalid(`expected delegationState to be PENDING or RESOLVED, found "${delegation}"`);
  }
  return said({
    ...sharedInput(given),
    title: textIn(given, 'name'),
    assignee: textIn(given, 'assignee'),
    owner: textIn(given, 'owner'),
    candidateUser: textIn(given, 'candidateUser'),
    candidateGroup: textIn(given, 'candidateGroup'),
    ...(isOffer ? { unassigned: 'true' } : {}),
    minPriority: optionalNumber(given, 'minPriority') ?? priority,
    maxPriority: optionalNumber(given, 'maxPriority') ?? priority,
    dueBefore: dateOf('dueBefore', given.dueBefore),
    dueAfter: dateOf('dueAfter', given.dueAfter),
    followUpBefore: dateOf('followUpBefore', given.followUpBefore),
    followUpAfter: dateOf('followUpAfter', given.followUpAfter),
    createdBefore: dateOf('createdBefore', given.createdBefore),
    createdAfter: dateOf('createdAfter', given.createdAfter),
    delegation,
  });
}

function sharedInput(given: Given): object {
  const unassigned = isTrue(given.unassigned)
    ? 'true'
    : isTrue(given.assigned)
      ? 'false'
      : undefined;
  return {
    businessKey: textIn(given, 'processInstanceBusinessKey'),
    process: textIn(given, 'processDefinitionKey'),
    instanceId: textIn(given, 'processInstanceId') ?? textIn(given, 'executionId'),
    element: textIn(given, 'taskDefinitionKey'),
    unassigned,
  };
}

/** The rest of what an open task must be, row by row. */
export function keepTask(given: Given): (task: Task) => boolean {
  const like = (name: string) => likeOf(textIn(given, name));
  const [nameLike, nameNotLike, assigneeLike] = [
    like('nameLike'),
    like('nameNotLike'),
    like('assigneeLike'),
  ];
  const groups = listOf(given.candidateGroups);
  const notIn = listOf(given.assigneeNotIn);
  const involved = textIn(given, 'involvedUser');
  const orNone = dateOf('followUpBeforeOrNotExistent', given.followUpBeforeOrNotExistent);
  const tests: ((task: Task) => boolean)[] = [
    keepShared(given),
    oneOf(given, 'assigneeIn', ({ assignee }) => assignee),
    ({ title }) => title !== given.nameNotEqual,
    ({ title }) => nameLike?.test(title) ?? true,
    ({ title }) => !nameNotLike?.test(title),
    ({ assignee }) => assigneeLike?.test(assignee ?? '') ?? true,
    ({ assignee }) => notIn === undefined || assignee === null || !notIn.includes(assignee),
    (task) => groups === undefined || groups.some((group) => groupsOf(task).includes(group)),
    ({ assignee, owner, candidateUsers }) =>
      involved === undefined || [assignee, owner, ...candidateUsers].includes(involved),
    (task) => !isTrue(given.withCandidateGroups) || groupsOf(task).length > 0,
    (task) => !isTrue(given.withoutCandidateGroups) || groupsOf(task).length === 0,
    ({ candidateUsers }) => !isTrue(given.withCandidateUsers) || candidateUsers.length > 0,
    ({ candidateUsers }) => !isTrue(given.withoutCandidateUsers) || candidateUsers.length === 0,
    ({ dueAt }) => !isTrue(given.withoutDueDate) || dueAt === null,
    sameDate(given, 'dueDate', ({ dueAt }) => dueAt),
    sameDate(given, 'followUpDate', ({ followUpAt }) => followUpAt),
    sameDate(given, 'createdOn', ({ createdAt }) => createdAt),
    ({ followUpAt }) => orNone === undefined || followUpAt === null || followUpAt < orNone,
    ({ suspended }) => !isTrue(given.active) || !suspended,
    ({ suspended }) => !isTrue(given.suspended) || suspended,
  ];
  return (task) => tests.every((test) => test(task));
}

function keepShared(given: Given): (task: Task) => boolean {
  const tests = [
    oneOf(given, 'taskId', ({ id }) => id),
    oneOf(given, 'taskIdIn', ({ id }) => id),
    oneOf(given, 'processInstanceIdIn', ({ instanceId }) => instanceId),
    oneOf(given, 'processInstanceBusinessKeyIn', ({ businessKey }) => businessKey),
    oneOf(given, 'processDefinitionId', definitionIdOf),
    oneOf(given, 'processDefinitionKeyIn', ({ process }) => process),
    oneOf(given, 'taskDefinitionKeyIn', ({ element }) => element),
  ];
  return (task) => tests.every((test) => test(task));
}

/** Filters of the history of tasks alone. */
const historyFilters = [
  ...['taskName', 'taskAssignee', 'taskOwner', 'taskPriority', 'finished', 'unfinished'],
  ...['taskInvolvedUser', 'taskHadCandidateUser'],
  ...['taskHadCandidateGroup', 'startedBefore', 'startedAfter', 'finishedBefore'],
  ...['finishedAfter', 'taskDueDateBefore', 'taskDueDateAfter'],
];

/** The same for the history: closed tasks, too, under its own names. */
export function historyFilter(given: Given): object {
  onlyKnown(given, [...sharedFilters, ...historyFilters]);
  const priority = optionalNumber(given, 'taskPriority');
  return said({
    ...sharedInput(given),
    status: isTrue(given.unfinished) ? 'open' : 'all',
    title: textIn(given, 'taskName'),
    assignee: textIn(given, 'taskAssignee'),
    owner: textIn(given, 'taskOwner'),
    candidateUser: textIn(given, 'taskHadCandidateUser'),
    candidateGroup: textIn(given, 'taskHadCandidateGroup'),
    minPriority: priority,
    maxPriority: priority,
    createdBefore: dateOf('startedBefore', given.startedBefore),
    createdAfter: dateOf('startedAfter', given.startedAfter),
    dueBefore: dateOf('taskDueDateBefore', given.taskDueDateBefore),
    dueAfter: dateOf('taskDueDateAfter', given.taskDueDateAfter),
  });
}

/** The rest of what a task of the history must be. */
export function keepHistory(given: Given): (task: Task) => boolean {
  const before = dateOf('finishedBefore', given.finishedBefore);
  const after = dateOf('finishedAfter', given.finishedAfter);
  const involved = textIn(given, 'taskInvolvedUser');
  const tests: ((task: Task) => boolean)[] = [
    keepShared(given),
    ({ status }) => !isTrue(given.finished) || status !== 'open',
    ({ closedAt }) => before === undefined || (closedAt !== null && closedAt < before),
    ({ closedAt }) => after === undefined || (closedAt !== null && closedAt > after),
    ({ assignee, owner, candidateUsers }) =>
      involved === undefined || [assignee, owner, ...candidateUsers].includes(involved),
  ];
  return (task) => tests.every((test) => test(task));
}

function oneOf(given: Given, name: string, of: (task: Task) => string | null) {
  const values = listOf(given[name]);
  return (task: Task) => values === undefined || values.includes(of(task) ?? '');
}

function sameDate(given: Given, name: string, of: (task: Task) => string | null) {
  const date = dateOf(name, given[name]);
  return (task: Task) => date === undefined || of(task) === date;
}

/** `%` stands for any text, `_` for one character. */
function likeOf(pattern: string | undefined): { test(text: string): boolean } | undefined {
  if (pattern === undefined) return undefined;
  return { test: (text) => isLike(text, pattern) };
}

/** Linear in the text for each `%`, whatever the pattern is. */
function isLike(text: string, pattern: string): boolean {
  let [at, into] = [0, 0];
  let [again, from] = [-1, 0];
  while (at < text.length) {
    const wanted = pattern[into];
    if (wanted === '%') {
      again = into++;
      from = at;
    } else if (wanted === '_' || (wanted !== undefined && wanted === text[at])) {
      at += 1;
      into += 1;
    } else if (again >= 0) {
      into = again + 1;
      from += 1;
      at = from;
    } else return false;
  }
  while (pattern[into] === '%') into += 1;
  return into === pattern.length;
}

function textIn(given: Given, name: string): string | undefined {
  const value = given[name];
  if (value === undefined || value === null || value === '') return undefined;
  if (typeof value === 'string') return value;
  throw invalid(`expected "${name}" to be a text, found ${JSON.stringify(value)}`);
}

function said(input: Readonly<Record<string, unknown>>): object {
  return Object.fromEntries(Object.entries(input).filter(([, value]) => value !== undefined));
}
