/** Operations over what belongs to a task: comments, attachments by reference, and the people linked to it. */
import { dateText } from '../dates.ts';
import {
  type Operation,
  optionalText,
  type RestAnswer,
  type RestRequest,
  textOf,
} from '../operation.ts';
import { readRows } from '../pages.ts';
import { invalid, missing } from '../rest-error.ts';
import { groupsOf, type Task } from './task-view.ts';
import { openTask } from './tasks.ts';

interface Comment {
  readonly id: string;
  readonly at: string;
  readonly by: string | null;
  readonly text: string;
}

function commentView({ params, baseUrl }: RestRequest, comment: Comment) {
  const taskId = params.id ?? '';
  const href = `${baseUrl}/task/${taskId}/comment/${comment.id}`;
  return {
    links: [{ method: 'GET', href, rel: 'self' }],
    id: comment.id,
    userId: comment.by,
    time: dateText(comment.at),
    taskId,
    processInstanceId: null,
    rootProcessInstanceId: null,
    message: comment.text,
    removalTime: null,
  };
}

const comments = (request: RestRequest) =>
  readRows<Comment>(request, 'tasks.comments', { taskId: request.params.id });

interface Attachment {
  readonly id: string;
  readonly at: string;
  readonly name: string;
  readonly url: string;
  readonly type: string | null;
  readonly description: string | null;
}

function attachmentView({ params, baseUrl }: RestRequest, attachment: Attachment) {
  const taskId = params.id ?? '';
  const href = `${baseUrl}/task/${taskId}/attachment/${attachment.id}`;
  return {
    links: [{ method: 'GET', href, rel: 'self' }],
    id: attachment.id,
    name: attachment.name,
    description: attachment.description,
    taskId,
    type: attachment.type,
    url: attachment.url,
    createTime: dateText(attachment.at),
    removalTime: null,
    rootProcessInstanceId: null,
  };
}

const attachments = (request: RestRequest) =>
  readRows<Attachment>(request, 'tasks.attachments', { taskId: request.params.id });

async function attach(request: RestRequest): Promise<RestAnswer> {
  const { form, params } = request;
  if (!form) throw invalid('expected a body of type multipart/form-data, found another');
  if (form.has('content')) {
    throw invalid(
      'expected "url", found "content": attachments are references, files are not kept',
    );
  }
  const part = (name: string) => {
    const value = form.get(name);
    return typeof value === 'string' && value !== '' ? value : undefined;
  };
  const [type, description] = [part('attachment-type'), part('attachment-description')];
  const attachment = await request.run<Attachment>('tasks.attach', {
    taskId: params.id,
    name: part('attachment-name') ?? part('url'),
    url: part('url'),
    ...(type === undefined ? {} : { type }),
    ...(description === undefined ? {} : { description }),
  });
  return { json: attachmentView(request, attachment) };
}

/** One of a list, by the id in the path. */
async function oneOf<Row extends { readonly id: string }>(
  what: string,
  id: string | undefined,
  rows: Promise<readonly Row[]>,
): Promise<Row> {
  const found = (await rows).find((row) => row.id === id);
  if (found) return found;
  throw missing(`No matching ${what} with id ${id}`);
}

interface Link {
  readonly userId: string | null;
  readonly groupId: string | null;
  readonly type: string;
}

function linksOf(task: Task): readonly Link[] {
  const user = (userId: string | null, type: string) =>
    userId === null ? [] : [{ userId, groupId: null, type }];
  return [
    ...user(task.assignee, 'assignee'),
    ...user(task.owner, 'owner'),
    ...task.candidateUsers.flatMap((userId) => user(userId, 'candidate')),
    ...groupsOf(task).map((groupId) => ({ userId: null, groupId, type: 'candidate' })),
  ];
}

/** Adds a link or takes it away: candidates are changed, an assignee is assigned. */
async function changeLink(request: RestRequest, isAdded: boolean): Promise<RestAnswer> {
  const { body, params } = request;
  const [userId, groupId] = [optionalText(body, 'userId'), optionalText(body, 'groupId')];
  const type = textOf(body, 'type');
  if ((userId === undefined) === (groupId === undefined)) {
    throw invalid('expected either userId or groupId, found both or neither');
  }
  if (type === 'assignee' && userId !== undefined) {
    await request.run('tasks.assign', { taskId: params.id, assignee: isAdded ? userId : null });
    return {};
  }
  if (type !== 'candidate') {
    throw invalid(`expected "type" to be candidate, or assignee of a user; found "${type}"`);
  }
  const task = await openTask(request);
  if (groupId !== undefined && !isAdded && task.roles.includes(groupId)) {
    throw invalid(`expected a group that was added, found the role "${groupId}" of the process`);
  }
  const others = (names: readonly string[], name: string) => [
    ...names.filter((one) => one.toLowerCase() !== name.toLowerCase()),
    ...(isAdded ? [name] : []),
  ];
  await request.run('tasks.change', {
    taskId: params.id,
    ...(userId === undefined ? {} : { candidateUsers: others(task.candidateUsers, userId) }),
    ...(groupId === undefined ? {} : { candidateGroups: others(task.candidateGroups, groupId) }),
  });
  return {};
}

/** Operations over comments, attachments and links. */
export const taskTalkOperations: readonly Operation[] = [
  {
    method: 'GET',
    path: '/task/{id}/comment',
    procedures: ['tasks.comments'],
    async answer(request) {
      return { json: (await comments(request)).map((one) => commentView(request, one)) };
    },
  },
  {
    method: 'GET',
    path: '/task/{id}/comment/{commentId}',
    procedures: ['tasks.comments'],
    async answer(request) {
      const { commentId } = request.params;
      const comment = await oneOf('comment', commentId, comments(request));
      return { json: commentView(request, comment) };
    },
  },
  {
    method: 'POST',
    path: '/task/{id}/comment/create',
    procedures: ['tasks.comment'],
    async answer(request) {
      const { params, body } = request;
      const input = { taskId: params.id, text: textOf(body, 'message') };
      return { json: commentView(request, await request.run<Comment>('tasks.comment', input)) };
    },
  },
  {
    method: 'GET',
    path: '/task/{id}/attachment',
    procedures: ['tasks.attachments'],
    async answer(request) {
      return { json: (await attachments(request)).map((one) => attachmentView(request, one)) };
    },
  },
  {
    method: 'GET',
    path: '/task/{id}/attachment/{attachmentId}',
    procedures: ['tasks.attachments'],
    async answer(request) {
      const { attachmentId } = request.params;
      const attachment = await oneOf('attachment', attachmentId, attachments(request));
      return { json: attachmentView(request, attachment) };
    },
  },
  {
    method: 'POST',
    path: '/task/{id}/attachment/create',
    procedures: ['tasks.attach'],
    note: 'By `url` alone: files are not kept.',
    answer: attach,
  },
  {
    method: 'DELETE',
    path: '/task/{id}/attachment/{attachmentId}',
    procedures: ['tasks.detach'],
    note: 'That it was there stays in the audit.',
    async answer(request) {
      const { id, attachmentId } = request.params;
      await request.run('tasks.detach', { taskId: id, attachmentId });
      return {};
    },
  },
  {
    method: 'GET',
    path: '/task/{id}/identity-links',
    procedures: ['tasks.get'],
    note: 'Roles are groups.',
    async answer(request) {
      const { type } = request.query;
      const links = linksOf(await openTask(request));
      return { json: links.filter((link) => type === undefined || link.type === type) };
    },
  },
  {
    method: 'POST',
    path: '/task/{id}/identity-links',
    procedures: ['tasks.change', 'tasks.assign', 'tasks.get'],
    note: 'Candidates, by operators; an assignee is assigned.',
    answer: (request) => changeLink(request, true),
  },
  {
    method: 'POST',
    path: '/task/{id}/identity-links/delete',
    procedures: ['tasks.change', 'tasks.assign', 'tasks.get'],
    note: 'The same; roles of the process stay.',
    answer: (request) => changeLink(request, false),
  },
];
