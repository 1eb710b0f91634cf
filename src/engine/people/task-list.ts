/**
 * The list of tasks as one statement: what its reader may see, narrowed by filters, in one of three orders
 * by keyset. Everything from outside travels as a value.
 */
import { z } from 'zod';
import { idSchema } from '../../kernel/ids.ts';
import { countCap, decodeCursor, pageQueryBy } from '../../kernel/page.ts';
import { nameSchema } from '../../kernel/text.ts';
import type { Transaction } from '../../kernel/transaction.ts';
import { personName } from './person-name.ts';
import type { TaskReader } from './task-rights.ts';
import { type TaskOfInstance, type TaskRow, withInstance } from './task-row.ts';

const person = z.string().trim().min(1).max(254);
const flag = z.enum(['true', 'false']).transform((text) => text === 'true');

/** What a list sorts by, and what a cursor holds of it. */
const orders = {
  created: { by: 'id', type: null, direction: 'asc' },
  due: { by: "coalesce(due_at, 'infinity')", type: 'timestamptz', direction: 'asc' },
  priority: { by: 'priority', type: 'smallint', direction: 'desc' },
} as const;
type Order = keyof typeof orders;
const cursorValue = z.string().regex(/^(|infinity|\d{1,3}|\d{4}-\d{2}-\d{2}T[\d:.]{8,15}Z)$/);

/** Query of the list. */
export const taskQuery = pageQueryBy([
  z.enum(['created', 'due', 'priority']),
  cursorValue,
  idSchema,
])
  .extend({
    status: z.enum(['open', 'completed', 'cancelled', 'all']).default('open'),
    businessKey: z.string().max(200).optional().describe("The order's id, for orders"),
    process: nameSchema.optional(),
    instanceId: idSchema.optional(),
    element: nameSchema.optional(),
    title: z.string().max(500).optional().describe('Exactly as the task has it'),
    assignee: person.optional().describe('Who has it: `me`, or the id or email as the task has it'),
    owner: person.optional().describe('Who delegated it: `me`, or the id or email'),
    candidateUser: person.optional().describe('Who is named as one who may do it, or `me`'),
    candidateGroup: person.optional().describe('A role or group that may do it'),
    unassigned: flag
      .optional()
      .describe('Only those that nobody has, or only those that somebody has'),
    overdue: flag.optional(),
    dueBefore: z.iso.datetime({ offset: true }).optional(),
    dueAfter: z.iso.datetime({ offset: true }).optional(),
    followUpBefore: z.iso.datetime({ offset: true }).optional(),
    followUpAfter: z.iso.datetime({ offset: true }).optional(),
    createdBefore: z.iso.datetime({ offset: true }).optional(),
    createdAfter: z.iso.datetime({ offset: true }).optional(),
    delegation: z.enum(['pending', 'resolved']).optional(),
    minPriority: z.coerce.number().int().min(0).max(100).optional(),
    maxPriority: z.coerce.number().int().min(0).max(100).optional(),
    sort: z
      .enum(['created', 'due', 'priority'])
      .default('created')
      .describe('Oldest first, soonest due first, or most urgent first'),
  })
  .refine(({ cursor, sort }) => cursor === undefined || decodeCursor(cursor, 3)?.[0] === sort, {
    path: ['cursor'],
    message: 'expected the `nextCursor` of a page in the same order',
  });

/** A query that was checked. */
export type TaskQuery = z.output<typeof taskQuery>;

/** One page, with one row more when there is more, and the capped count. */
export async function readTasks(
  tx: Transaction,
  query: TaskQuery,
  reader: TaskReader,
  now: Date,
): Promise<{ readonly rows: readonly TaskOfInstance[]; readonly counted: number }> {
  const values: unknown[] = [];
  const value = (given: unknown) => `$${values.push(given)}`;
  const where = conditions(query, reader, now, value).join(' and ');
  const counted = tx.query<{ n: number }>(
    `select count(*)::int as n from (
       select 1 from engine.task where ${where} limit ${countCap + 1}) as c`,
    [...values],
  );
  const { by, type, direction } = orders[query.sort];
  const [, last = '', lastId] = (query.cursor && decodeCursor(query.cursor, 3)) || [];
  const isAfter = direction === 'asc' ? '>' : '<';
  const after =
    lastId === undefined
      ? ''
      : type === null
        ? ` and id > ${value(lastId)}::uuid`
        : ` and (${by}, id) ${isAfter} (${value(last)}::${type}, ${value(lastId)}::uuid)`;
  const sorted = type === null ? 'id' : `${by} ${direction}, id ${direction}`;
  const page = tx.query<TaskOfInstance>(
    `${withInstance(
      `select * from engine.task where ${where}${after}
        order by ${sorted} limit ${value(query.limit + 1)}`,
    )} order by ${sorted}`,
    values,
  );
  const [{ rows }, { rows: counts }] = await Promise.all([page, counted]);
  return { rows, counted: counts[0]?.n ?? 0 };
}

/** The sort values of a row. */
export function taskCursor(sort: Order, row: TaskRow): readonly string[] {
  if (sort === 'due') return [sort, row.due_at?.toISOString() ?? 'infinity', row.id];
  return [sort, sort === 'priority' ? String(row.priority) : '', row.id];
}

function conditions(
  query: TaskQuery,
  reader: TaskReader,
  now: Date,
  value: (given: unknown) => string,
): string[] {
  const found = ['true'];
  const where = (condition: string, given: unknown) => {
    if (given !== undefined) found.push(condition.replace('?', value(given)));
  };
  const people = (name: string | undefined) =>
    name === undefined ? undefined : name === 'me' ? reader.identities : [personName(name)];
  if (!reader.isOperator) {
    const me = value(reader.identities);
    found.push(
      `((roles || candidate_groups) && ${value(reader.groups)}::text[]
        or candidate_users && ${me}::text[] or assignee = any(${me}::text[])
        or owner = any(${me}::text[]))`,
    );
  }
  where('status = ?', query.status === 'all' ? undefined : query.status);
  where('business_key = ?', query.businessKey);
  where('process = ?', query.process);
  where('instance_id = ?', query.instanceId);
  where('node = ?', query.element);
  where('title = ?', query.title);
  where('delegation = ?', query.delegation);
  where('assignee = any(?::text[])', people(query.assignee));
  where('owner = any(?::text[])', people(query.owner));
  where('candidate_users && ?::text[]', people(query.candidateUser));
  where('(roles || candidate_groups) && array[?::text]', query.candidateGroup);
  if (query.unassigned !== undefined) {
    found.push(query.unassigned ? 'assignee is null' : 'assignee is not null');
  }
  where('due_at < ?', query.dueBefore);
  where('due_at > ?', query.dueAfter);
  where('follow_up_at < ?', query.followUpBefore);
  where('follow_up_at > ?', query.followUpAfter);
  where('created_at < ?', query.createdBefore);
  where('created_at > ?', query.createdAfter);
  where('priority >= ?', query.minPriority);
  where('priority <= ?', query.maxPriority);
  if (query.overdue !== undefined) {
    where(query.overdue ? 'due_at < ?' : '(due_at is null or due_at >= ?)', now);
  }
  return found;
}
