/** Procedures over bulk operations: try, begin, watch, stop. */
import { z } from 'zod';
import type { Caller } from '../../kernel/caller.ts';
import { hasRole } from '../../kernel/caller.ts';
import { defineError, refuse } from '../../kernel/errors.ts';
import { idSchema } from '../../kernel/ids.ts';
import {
  actionSchema,
  countCap,
  cursorValue,
  decodeCursor,
  pageOf,
  pageQueryBy,
  toPage,
} from '../../kernel/page.ts';
import { defineRead, defineTransactional } from '../../kernel/procedure.ts';
import {
  type BulkOperation,
  bulkActions,
  bulkStatuses,
  filterFor,
  itemStatuses,
} from '../bulk/bulk-operation.ts';
import { mostItems } from '../bulk/bulk-runner.ts';
import { insertOperation, readOperation, stopOperation } from '../bulk/bulk-store.ts';
import type { Engine } from '../engine.ts';
import { instanceFilterFields, needsProcess } from '../search/instance-filter.ts';
import { searchInstances } from '../search/instance-search.ts';
import { readInstances } from './instance-queries.ts';
import { instanceRowSchema } from './instance-view.ts';
import { nameOf, rowView } from './process-procedures.ts';
import { readPage } from './read-page.ts';

export const bulkOperationNotFound = defineError({
  code: 'BULK_OPERATION_NOT_FOUND',
  status: 404,
  title: 'No such bulk operation',
});

const count = z.number().int();

/** An operation as its readers see it. */
export const bulkOperationSchema = z.object({
  id: idSchema,
  action: z.enum(bulkActions),
  filter: z.record(z.string(), z.unknown()),
  reason: z.string(),
  by: z.string(),
  status: z.enum(bulkStatuses),
  perSecond: count,
  total: count.describe('Instances, or for `retry` incidents; grows while status is `collecting`'),
  done: count,
  failed: count,
  skipped: count.describe('Nothing was to be done any more'),
  remaining: count,
  createdAt: z.iso.datetime(),
  endedAt: z.iso.datetime().nullable(),
  can: z.array(actionSchema),
});

/** One instance of an operation. */
export const bulkItemSchema = z.object({
  instanceId: idSchema,
  n: count.describe('Element instance of the incident; 0 where there is none'),
  status: z.enum(itemStatuses),
  message: z.string().nullable(),
});

/** Instances that one operation may name. */
const mostNamed = 1_000;

const filter = z
  .object({
    ...instanceFilterFields,
    instanceIds: z
      .array(idSchema)
      .min(1)
      .max(mostNamed)
      .optional()
      .describe('Only these, where the other conditions hold, too'),
  })
  .refine(needsProcess, { path: ['element'], message: 'expected `process` beside `element`' })
  .refine(
    (given) => Object.values(given).some((value) => value !== undefined),
    'expected at least one condition: an operation on everything is asked for by `process` or `status`',
  );

/** Samples that a dry run shows. */
const samplesShown = 20;

/** The procedures over bulk operations of an engine. */
export function bulkProcedures(engine: () => Engine) {
  const begin = defineTransactional({
    name: 'bulk-operations.start',
    summary: 'Cancel, retry, suspend, resume or migrate all instances that a filter finds',
    description:
      'With `dryRun` nothing is done: the answer says how many instances it would be, with samples. ' +
      'Else a durable job treats them, at most `perSecond` a second, each once, also over restarts; its ' +
      'progress and what came of each are kept. Instances that begin later are not meant.',
    input: z
      .object({
        action: z.enum(bulkActions),
        filter,
        reason: z.string().min(3).max(500),
        perSecond: z.number().int().min(1).max(1_000).default(20),
        dryRun: z.boolean().default(false),
        to: z.number().int().min(1).optional().describe('`migrate`: the version (default: newest)'),
        elements: z
          .record(z.string(), z.string().nullable())
          .optional()
          .describe('`migrate`: new ids of elements'),
      })
      .refine(({ action, filter: { process } }) => action !== 'migrate' || process !== undefined, {
        path: ['filter', 'process'],
        message: 'expected the process whose instances are to be migrated',
      }),
    output: z.object({
      operation: bulkOperationSchema.nullable().describe('Null for a dry run'),
      count: z.object({ value: count, capped: z.boolean() }),
      samples: z.array(instanceRowSchema),
    }),
    access: ['operator', 'admin'],
    http: { method: 'POST', path: '/processes/bulk-operations', status: 202 },
    errors: [],
    timeoutMs: 60_000,
    async execute(context, input) {
      const { tx, caller, clock } = context;
      const { action, reason, perSecond, dryRun, to, elements } = input;
      const search = await searchInstances(tx, engine(), filterFor(action, input.filter));
      const counting = search.count(mostItems + 1);
      const { rows: counted } = await tx.query<{ n: number }>(counting.text, counting.values);
      const found = counted[0]?.n ?? 0;
      const { rows } = await readInstances(tx, search, {
        after: undefined,
        limit: samplesShown - 1,
      });
      const answer = {
        count: { value: Math.min(found, mostItems), capped: found > mostItems },
        samples: rows.map((row) => rowView(row, caller)),
      };
      if (dryRun) return { operation: null, ...answer };
      const id = context.newId();
      await insertOperation(tx, {
        ...{ id, action, filter: input.filter, reason, parameters: { to, elements } },
        ...{ asked_by: nameOf(caller), per_second: perSecond, created_at: clock.now() },
      });
      const operation = await readOperation(tx, id);
      return { operation: operation ? operationView(operation, caller) : null, ...answer };
    },
  });

  const list = defineRead({
    name: 'bulk-operations.list',
    summary: 'List bulk operations, newest first',
    input: pageQueryBy([idSchema]),
    output: pageOf(bulkOperationSchema),
    access: ['operator', 'manager', 'support', 'admin'],
    http: { method: 'GET', path: '/processes/bulk-operations' },
    errors: [],
    async execute({ tx, caller }, { limit, cursor }) {
      const { rows, counted } = await readPage<BulkOperation>(tx, {
        from: 'engine.bulk_operation',
        where: 'true',
        values: [],
        order: 'newest first',
        after: cursorValue(cursor),
        limit,
      });
      const itemOf = (row: BulkOperation) => operationView(row, caller);
      return toPage({ rows, limit, counted, cursorOf: (row) => [row.id], itemOf });
    },
  });

  const target = z.object({ operationId: idSchema });
  const get = defineRead({
    name: 'bulk-operations.get',
    summary: 'Show how far a bulk operation is',
    input: target,
    output: bulkOperationSchema,
    access: ['operator', 'manager', 'support', 'admin'],
    http: { method: 'GET', path: '/processes/bulk-operations/{operationId}' },
    errors: [bulkOperationNotFound],
    async execute({ tx, caller }, { operationId }) {
      const operation = await readOperation(tx, operationId);
      return operation ? operationView(operation, caller) : noOperation(operationId);
    },
  });

  const items = defineRead({
    name: 'bulk-operations.items',
    summary: 'List the instances of a bulk operation and what came of each',
    input: pageQueryBy([idSchema, z.string().regex(/^\d{1,9}$/)]).extend({
      operationId: idSchema,
      status: z.enum(itemStatuses).optional(),
    }),
    output: pageOf(bulkItemSchema),
    access: ['operator', 'manager', 'support', 'admin'],
    http: { method: 'GET', path: '/processes/bulk-operations/{operationId}/items' },
    errors: [bulkOperationNotFound],
    async execute({ tx }, { operationId, status, limit, cursor }) {
      if (!(await readOperation(tx, operationId))) return noOperation(operationId);
      const after = cursor === undefined ? null : decodeCursor(cursor, 2);
      const only = status === undefined ? '' : `and status = '${status}'`;
      const [page, all] = await Promise.all([
        tx.query<ItemRow>(
          `select instance_id, n, status, message from engine.bulk_item
            where operation_id = $1 ${only}
              and ($2::uuid is null or (instance_id, n) > ($2, $3::integer))
            order by instance_id, n limit $4`,
          [operationId, after?.[0] ?? null, after ? Number(after[1]) : null, limit + 1],
        ),
        tx.query<{ n: number }>(
          `select count(*)::int as n from (select 1 from engine.bulk_item
             where operation_id = $1 ${only} limit ${countCap + 1}) as c`,
          [operationId],
        ),
      ]);
      return toPage({
        rows: page.rows,
        limit,
        counted: all.rows[0]?.n ?? 0,
        cursorOf: (row) => [row.instance_id, String(row.n)],
        itemOf: ({ instance_id, ...row }) => ({ instanceId: instance_id, ...row }),
      });
    },
  });

  const stop = defineTransactional({
    name: 'bulk-operations.stop',
    steersLoad: true,
    summary: 'Stop a bulk operation: no further instance is treated, what was done stays done',
    input: target,
    output: bulkOperationSchema,
    access: ['operator', 'admin'],
    http: { method: 'POST', path: '/processes/bulk-operations/{operationId}/stop' },
    errors: [bulkOperationNotFound],
    async execute({ tx, caller }, { operationId }) {
      await stopOperation(tx, operationId);
      const operation = await readOperation(tx, operationId);
      return operation ? operationView(operation, caller) : noOperation(operationId);
    },
  });
  return [begin, list, get, items, stop];
}

interface ItemRow {
  instance_id: string;
  n: number;
  status: (typeof itemStatuses)[number];
  message: string | null;
}

function noOperation(id: string) {
  return refuse(
    bulkOperationNotFound,
    `expected the id of a bulk operation, found none with id ${id}; list them with ` +
      'GET /api/v1/processes/bulk-operations',
  );
}

function operationView(row: BulkOperation, caller: Caller) {
  const { id, action, reason, status, total, done, failed, skipped } = row;
  const why = !hasRole(caller, 'operator', 'admin')
    ? 'only operators and admins may stop it'
    : row.ended_at === null
      ? undefined
      : `it is ${status}`;
  return {
    ...{ id, action, filter: { ...row.filter }, reason, status, total, done, failed, skipped },
    by: row.asked_by,
    perSecond: row.per_second,
    remaining: total - done - failed - skipped,
    createdAt: row.created_at.toISOString(),
    endedAt: row.ended_at?.toISOString() ?? null,
    can: [
      {
        action: 'bulk-operations.stop',
        allowed: why === undefined,
        ...(why === undefined ? {} : { reason: why }),
      },
    ],
  };
}
