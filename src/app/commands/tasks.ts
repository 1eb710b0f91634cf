/** `orderloom tasks`, `task`, `approve` and `reject`: what waits for people, and what they do with it. */
import { ApiProblem, CommandError, type PageAnswer, type TaskAnswer } from '../api-client.ts';
import type { CommandContext, ListOptions } from '../command-context.ts';
import { facts, moment, pageText } from '../terminal.ts';

/** What `orderloom tasks` is asked for. */
export interface TaskListOptions extends ListOptions {
  readonly status?: string;
  readonly mine?: boolean;
  readonly unassigned?: boolean;
  readonly group?: string;
  readonly process?: string;
  readonly overdue?: boolean;
  readonly sort?: string;
}

/** What `orderloom task change` is asked for. */
export interface TaskChangeOptions {
  readonly due?: string;
  readonly followUp?: string;
  readonly priority?: string;
}

/** Lists tasks, oldest first unless another order is asked for. */
export async function listTasks(
  { api, answer }: CommandContext,
  options: TaskListOptions,
): Promise<void> {
  const { status, limit, cursor, mine, unassigned, group, process, overdue, sort } = options;
  const page = await api.get<PageAnswer<TaskAnswer>>('/tasks', {
    ...{ status, limit, cursor, process, sort, candidateGroup: group },
    assignee: mine ? 'me' : undefined,
    unassigned: unassigned ? 'true' : undefined,
    overdue: overdue ? 'true' : undefined,
  });
  const [first] = page.items;
  answer(page, () => {
    const text = pageText(
      page,
      ['task', 'tasks'],
      [
        { title: 'TASK', value: ({ id }) => id },
        { title: 'ABOUT', value: ({ businessKey }) => businessKey },
        { title: 'WHAT', value: ({ title }) => title },
        { title: 'FOR', value: forWhom },
        { title: 'HAS IT', value: ({ assignee }) => assignee },
        { title: 'STATUS', value: ({ status }) => status },
        { title: 'DUE', value: ({ dueAt }) => moment(dueAt) },
      ],
    );
    return first?.status === 'open' ? `${text}\nDecide:  orderloom approve ${first.id}` : text;
  });
}

/** Shows one task, with the form of its answer and what the reader may do with it. */
export async function showTask({ api, answer }: CommandContext, id: string): Promise<void> {
  const task = await api.get<TaskAnswer & { readonly form: unknown }>(pathOf(id));
  const can = task.can.flatMap(({ action, allowed }) => (allowed ? [action] : []));
  const optional = (at: string | null) => (at === null ? null : moment(at));
  answer(task, () =>
    facts([
      ['task', task.id],
      ['what', task.title],
      ['of', `${task.process} ${task.element}`],
      ['about', task.businessKey],
      ['status', task.status],
      ['for', forWhom(task)],
      ['has it', task.assignee],
      ['owner', task.owner],
      ['priority', String(task.priority)],
      ['due', optional(task.dueAt)],
      ['look again', optional(task.followUpAt)],
      ['escalates', optional(task.escalateAt)],
      ['subject', JSON.stringify(task.subject)],
      ['answer', task.form === null ? null : JSON.stringify(task.form)],
      ['you may', can.join(', ')],
    ]),
  );
}

/** Claims, gives back or resolves. */
export async function stepTask(
  context: CommandContext,
  id: string,
  step: 'claim' | 'unclaim' | 'resolve',
): Promise<void> {
  await change(context, id, { method: 'post', at: step, body: {} });
}

/** Gives it to a person, or takes it from whoever has it. */
export async function assignTask(
  context: CommandContext,
  id: string,
  assignee: string | null,
): Promise<void> {
  await change(context, id, { method: 'post', at: 'assign', body: { assignee } });
}

/** Has another person work on it. */
export async function delegateTask(context: CommandContext, id: string, to: string): Promise<void> {
  await change(context, id, { method: 'post', at: 'delegate', body: { to } });
}

/** Changes dates and priority. */
export async function changeTask(
  context: CommandContext,
  id: string,
  { due, followUp, priority }: TaskChangeOptions,
): Promise<void> {
  const date = (text: string) => (text === 'none' ? null : text);
  const body = {
    ...(due === undefined ? {} : { dueAt: date(due) }),
    ...(followUp === undefined ? {} : { followUpAt: date(followUp) }),
    ...(priority === undefined ? {} : { priority: Number(priority) }),
  };
  await change(context, id, { method: 'patch', at: '', body });
}

async function change(
  { api, answer }: CommandContext,
  id: string,
  { method, at, body }: { method: 'post' | 'patch'; readonly at: string; readonly body: object },
): Promise<void> {
  const path = at === '' ? pathOf(id) : `${pathOf(id)}/${at}`;
  const task = await api[method]<TaskAnswer>(path, body);
  answer(task, () => {
    const due = task.dueAt === null ? '' : `, due ${moment(task.dueAt)}`;
    return `${task.title}: ${task.assignee ?? 'nobody'} has it, priority ${task.priority}${due}`;
  });
}

/** Completes it with the answer, which is JSON. */
export async function completeTask(
  { api, answer }: CommandContext,
  id: string,
  text: string,
): Promise<void> {
  let output: unknown;
  try {
    output = JSON.parse(text);
  } catch {
    throw new CommandError(`expected --output to be JSON such as '{"ok": true}', found: ${text}`);
  }
  const result = await api.post(`${pathOf(id)}/complete`, { output });
  answer(result, () => `Completed: ${id}`);
}

/** Says something about it. */
export async function commentTask(
  { api, answer }: CommandContext,
  id: string,
  text: string,
): Promise<void> {
  const comment = await api.post<{ readonly id: string }>(`${pathOf(id)}/comments`, { text });
  answer(comment, () => `Said: ${comment.id}`);
}

interface Said {
  readonly at: string;
  readonly by: string | null;
  readonly text: string;
}

/** What was said about it, oldest first. */
export async function listComments({ api, answer }: CommandContext, id: string): Promise<void> {
  const page = await api.get<PageAnswer<Said>>(`${pathOf(id)}/comments`);
  answer(page, () =>
    pageText(
      page,
      ['comment', 'comments'],
      [
        { title: 'WHEN', value: ({ at }) => moment(at) },
        { title: 'WHO', value: ({ by }) => by },
        { title: 'SAID', value: ({ text }) => text },
      ],
    ),
  );
}

/** Attaches something by its URL; the name is the end of it unless another is given. */
export async function attachToTask(
  { api, answer }: CommandContext,
  id: string,
  { url, name }: { readonly url: string; readonly name?: string },
): Promise<void> {
  const end = url.split(/[?#]/, 1)[0]?.split('/').filter(Boolean).at(-1);
  const body = { url, name: name ?? end ?? url };
  const attached = await api.post<{ readonly id: string }>(`${pathOf(id)}/attachments`, body);
  answer(attached, () => `Attached: ${attached.id}`);
}

interface Attached {
  readonly id: string;
  readonly by: string | null;
  readonly name: string;
  readonly url: string;
}

/** What is attached to it. */
export async function listAttachments({ api, answer }: CommandContext, id: string): Promise<void> {
  const page = await api.get<PageAnswer<Attached>>(`${pathOf(id)}/attachments`);
  answer(page, () =>
    pageText(
      page,
      ['attachment', 'attachments'],
      [
        { title: 'ATTACHMENT', value: ({ id }) => id },
        { title: 'NAME', value: ({ name }) => name },
        { title: 'WHO', value: ({ by }) => by },
        { title: 'WHERE', value: ({ url }) => url },
      ],
    ),
  );
}

interface Audited {
  readonly at: string;
  readonly kind: string;
  readonly by: string | null;
  readonly data: Readonly<Record<string, unknown>>;
}

/** What was done with it. */
export async function auditTask({ api, answer }: CommandContext, id: string): Promise<void> {
  const page = await api.get<PageAnswer<Audited>>(`${pathOf(id)}/audit`);
  answer(page, () =>
    pageText(
      page,
      ['entry', 'entries'],
      [
        { title: 'WHEN', value: ({ at }) => moment(at) },
        { title: 'WHO', value: ({ by }) => by },
        { title: 'WHAT', value: ({ kind }) => kind },
        {
          title: 'DETAILS',
          value: ({ data }) => (Object.keys(data).length > 0 ? JSON.stringify(data) : null),
        },
      ],
    ),
  );
}

function pathOf(id: string): string {
  return `/tasks/${encodeURIComponent(id)}`;
}

function forWhom({ roles, candidateGroups, candidateUsers }: TaskAnswer): string {
  return [...new Set([...roles, ...candidateGroups, ...candidateUsers])].join(', ');
}

/**
 * Approves or rejects by the id of a task, or of what the task is about. An order may also be decided
 * before its process has asked.
 */
export async function decide(
  context: CommandContext,
  id: string,
  decision: { readonly approved: boolean; readonly reason?: string },
): Promise<void> {
  const { api, answer } = context;
  const open = await api.get<PageAnswer<TaskAnswer>>('/tasks', { businessKey: id });
  if (open.items.length > 1) {
    const ids = open.items.map((task) => `\n  ${task.id}  ${task.title}`).join('');
    throw new CommandError(`${id} has several open tasks; name one of them:${ids}`);
  }
  const result = await post(context, { id, taskId: open.items[0]?.id }, decision);
  answer(result, () => `${decision.approved ? 'Approved' : 'Rejected'}: ${id}`);
}

async function post(
  { api }: CommandContext,
  target: { readonly id: string; readonly taskId: string | undefined },
  { approved, reason }: { readonly approved: boolean; readonly reason?: string },
): Promise<unknown> {
  const why = reason === undefined ? {} : { reason };
  const decideTask = (taskId: string) =>
    api.post(`/tasks/${encodeURIComponent(taskId)}/${approved ? 'approve' : 'reject'}`, why);
  if (target.taskId !== undefined) return await decideTask(target.taskId);
  try {
    return await api.post('/orders/approve', { orderId: target.id, approved, ...why });
  } catch (error) {
    if (!(error instanceof ApiProblem) || error.code !== 'ORDER_NOT_FOUND') throw error;
    return await decideTask(target.id);
  }
}
