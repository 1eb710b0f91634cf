/** `orderloom tasks`, `approve` and `reject`: what waits for a person, and the person's decision. */
import { ApiProblem, CommandError, type PageAnswer, type TaskAnswer } from '../api-client.ts';
import type { CommandContext, ListOptions } from '../command-context.ts';
import { moment, pageText } from '../terminal.ts';

/** Lists open tasks, oldest first. */
export async function listTasks(
  { api, answer }: CommandContext,
  options: ListOptions & { readonly status?: string },
): Promise<void> {
  const { status, limit, cursor } = options;
  const page = await api.get<PageAnswer<TaskAnswer>>('/tasks', { status, limit, cursor });
  const [first] = page.items;
  answer(page, () => {
    const text = pageText(
      page,
      ['task', 'tasks'],
      [
        { title: 'TASK', value: ({ id }) => id },
        { title: 'ABOUT', value: ({ businessKey }) => businessKey },
        { title: 'WHAT', value: ({ title }) => title },
        { title: 'FOR', value: ({ roles }) => roles.join(', ') },
        { title: 'STATUS', value: ({ status }) => status },
        { title: 'DUE', value: ({ dueAt }) => moment(dueAt) },
      ],
    );
    return first?.status === 'open' ? `${text}\nDecide:  orderloom approve ${first.id}` : text;
  });
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
