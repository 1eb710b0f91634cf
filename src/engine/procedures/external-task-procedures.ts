/** Procedures over external tasks: what workers outside do, and what operators look at and mend. */
import { z } from 'zod';
import type { Role } from '../../kernel/caller.ts';
import { refuse } from '../../kernel/errors.ts';
import { idSchema } from '../../kernel/ids.ts';
import { cursorValue, pageOf, pageQueryBy, toPage } from '../../kernel/page.ts';
import { defineExternal, defineRead } from '../../kernel/procedure.ts';
import type { Engine } from '../engine.ts';
import {
  type ExternalTaskRow,
  externalTaskColumns,
  externalTaskTables,
  readExternalTask,
} from '../external/external-task-store.ts';
import type { Settled } from '../external/external-tasks.ts';
import { externalTaskNotFound, externalTaskNotHeld, externalTaskOutputInvalid } from './errors.ts';
import { nameOf } from './process-procedures.ts';
import { readPage } from './read-page.ts';

const workers = ['service', 'operator', 'admin'] as const satisfies readonly Role[];
const operators = ['operator', 'admin'] as const satisfies readonly Role[];
const watchers = ['operator', 'manager', 'support', 'admin', 'service'] as const satisfies Role[];

const workerId = z.string().min(1).max(255);
const topicName = z.string().min(1).max(200);
const lockMs = z.number().int().min(1).max(2_147_483_647);
const names = z.array(z.string().max(200)).max(200);
const variables = z.record(z.string().min(1).max(200), z.unknown());
/** Workers wait at most so long for work in one request. */
const longestWaitMs = 60_000;

/** An external task as its readers see it. */
const externalTaskSchema = z.object({
  id: idSchema,
  instanceId: idSchema,
  n: z.number().int().describe('Number of the element instance'),
  process: z.string(),
  version: z.number().int(),
  businessKey: z.string().nullable(),
  element: z.string(),
  topic: z.string(),
  priority: z.number(),
  attempt: z.number().int().describe('Counts from 1, and grows with each failure'),
  retries: z.number().int().nullable().describe('Attempts that are left; null before a failure'),
  workerId: z.string().nullable().describe('Who was handed it last'),
  lock: z.number().int().describe('How often it was handed out'),
  freeAt: z.iso
    .datetime()
    .nullable()
    .describe('When the lock ends, or the pause after a failure; null: free at once'),
  suspended: z.boolean(),
  createdAt: z.iso.datetime(),
  errorMessage: z.string().nullable(),
});

/** What a worker is given. */
const handedOutSchema = externalTaskSchema.extend({
  errorDetails: z.string().nullable(),
  variables: z.record(z.string(), z.unknown()),
  properties: z.record(z.string(), z.string()),
});

/** An external task for its readers. */
function externalTaskView(row: ExternalTaskRow) {
  return {
    id: row.id,
    instanceId: row.instance_id,
    n: row.n,
    process: row.process,
    version: row.version,
    businessKey: row.business_key,
    element: row.node,
    topic: row.topic,
    priority: Number(row.priority),
    attempt: row.attempt,
    retries: row.retries,
    workerId: row.worker,
    lock: row.lock,
    freeAt: row.free_at?.toISOString() ?? null,
    suspended: row.suspended,
    createdAt: row.created_at.toISOString(),
    errorMessage: row.error_message,
  };
}

const done = z.object({ taskId: idSchema, accepted: z.literal(true) });
const holder = {
  taskId: idSchema,
  workerId,
  lock: z
    .number()
    .int()
    .optional()
    .describe('As it was handed out: refused when it was handed out again since'),
};
const settleErrors = [
  externalTaskNotFound,
  externalTaskNotHeld,
  externalTaskOutputInvalid,
] as const;

/** The procedures over external tasks of an engine. */
export function externalTaskProcedures(engine: () => Engine) {
  const list = defineRead({
    name: 'external-tasks.list',
    summary: 'List work for workers outside, oldest first',
    input: pageQueryBy([idSchema]).extend({
      topic: topicName.optional(),
      workerId: workerId.optional(),
      instanceId: idSchema.optional(),
      process: z.string().max(200).optional(),
      noRetriesLeft: z.stringbool().optional().describe('Only what no worker is handed any more'),
    }),
    output: pageOf(externalTaskSchema),
    access: watchers,
    http: { method: 'GET', path: '/external-tasks' },
    errors: [],
    async execute({ tx }, { limit, cursor, ...filter }) {
      const { rows, counted } = await readPage<ExternalTaskRow>(tx, {
        from: `(select ${externalTaskColumns} from ${externalTaskTables}) as e`,
        where:
          '($1::text is null or topic = $1) and ($2::text is null or worker = $2) and ' +
          '($3::uuid is null or instance_id = $3) and ($4::text is null or process = $4) and ' +
          '($5::boolean is null or (coalesce(retries, 1) <= 0) = $5)',
        values: [
          filter.topic ?? null,
          filter.workerId ?? null,
          filter.instanceId ?? null,
          filter.process ?? null,
          filter.noRetriesLeft ?? null,
        ],
        order: 'oldest first',
        after: cursorValue(cursor),
        limit,
      });
      return toPage({
        ...{ rows, limit, counted },
        cursorOf: (row) => [row.id],
        itemOf: externalTaskView,
      });
    },
  });

  const get = defineRead({
    name: 'external-tasks.get',
    summary: 'Show one external task, with the details of its last failure',
    input: z.object({ taskId: idSchema }),
    output: externalTaskSchema.extend({ errorDetails: z.string().nullable() }),
    access: watchers,
    http: { method: 'GET', path: '/external-tasks/{taskId}' },
    errors: [externalTaskNotFound],
    async execute({ tx }, { taskId }) {
      const row = await readExternalTask(tx, taskId);
      if (!row) return noTask(taskId);
      return { ...externalTaskView(row), errorDetails: row.error_details };
    },
  });

  const fetch = defineExternal({
    name: 'external-tasks.fetch',
    summary: 'Hand out tasks of topics to a worker, locked for it for a while',
    description:
      'A task is with one worker at a time, whichever nodes they ask. When nothing is there, the answer ' +
      'waits up to `waitMs` for something to be. A worker that does not end its work before the lock ' +
      'ends may find that another was handed the task.',
    input: z.object({
      workerId,
      most: z.number().int().min(1).max(1_000).default(1),
      waitMs: z.number().int().min(0).max(longestWaitMs).default(0),
      byPriority: z.boolean().default(true),
      newestFirst: z.boolean().default(false),
      topics: z
        .array(
          z.object({
            topic: topicName,
            lockMs,
            variables: names.optional().describe('Names; all that the task sees when absent'),
            businessKey: z.string().max(200).optional(),
            processes: names.optional(),
            definitions: names.optional().describe('As `process:version`'),
            having: variables.optional().describe('Values that variables of the process must have'),
            ownOnly: z.boolean().optional().describe("Only the task's own variables"),
          }),
        )
        .min(1)
        .max(100),
    }),
    output: z.object({ tasks: z.array(handedOutSchema) }),
    access: workers,
    http: { method: 'POST', path: '/external-tasks/fetch' },
    errors: [],
    timeoutMs: longestWaitMs + 10_000,
    async execute({ signal }, { workerId: worker, most, waitMs, topics, ...order }) {
      const found = await engine().externalTasks.fetch(
        { worker, most, topics, order },
        { waitMs, signal },
      );
      return {
        tasks: found.map(({ row, variables: given, properties }) => ({
          ...externalTaskView(row),
          errorDetails: row.error_details,
          variables: { ...given },
          properties: { ...properties },
        })),
      };
    },
  });

  const complete = defineExternal({
    name: 'external-tasks.complete',
    summary: 'Complete an external task with what the worker found',
    input: z.object({
      ...holder,
      variables: variables.default({}),
      localVariables: variables.optional().describe('Seen by the mapping of the outputs only'),
    }),
    output: done,
    access: workers,
    http: { method: 'POST', path: '/external-tasks/{taskId}/complete' },
    errors: settleErrors,
    async execute(_, { taskId, workerId: worker, lock, variables: given, localVariables: local }) {
      const end = { type: 'completed', variables: given, local } as const;
      return answer(taskId, await engine().externalTasks.settle(taskId, { worker, lock }, end));
    },
  });

  const fail = defineExternal({
    name: 'external-tasks.fail',
    summary: 'Say that the work of an external task failed, and how often it is tried again',
    description:
      'With no attempt left an incident opens, which a person has tried again. Without `retries` a ' +
      'task is tried three times in all.',
    input: z.object({
      ...holder,
      errorMessage: z.string().max(4_000).default('the worker gave no reason'),
      errorDetails: z.string().max(20_000).optional(),
      retries: z.number().int().min(0).max(1_000).optional().describe('Attempts that are left'),
      retryAfterMs: z.number().int().min(0).max(31_536_000_000).default(0),
      variables: variables.optional(),
    }),
    output: done,
    access: workers,
    http: { method: 'POST', path: '/external-tasks/{taskId}/fail' },
    errors: settleErrors,
    async execute(_, input) {
      const { taskId, workerId: worker, lock, errorMessage, errorDetails, retryAfterMs } = input;
      const end = {
        ...({ type: 'failed', message: errorMessage, details: errorDetails } as const),
        ...{ retries: input.retries, delayMs: retryAfterMs, variables: input.variables },
      };
      return answer(taskId, await engine().externalTasks.settle(taskId, { worker, lock }, end));
    },
  });

  const raise = defineExternal({
    name: 'external-tasks.raise-error',
    summary: 'Raise an error at an external task that the process may catch by its code',
    input: z.object({
      ...holder,
      errorCode: z.string().min(1).max(200),
      errorMessage: z.string().max(4_000).default(''),
      variables: variables.default({}),
    }),
    output: done,
    access: workers,
    http: { method: 'POST', path: '/external-tasks/{taskId}/error' },
    errors: settleErrors,
    async execute(
      _,
      { taskId, workerId: worker, lock, errorCode, errorMessage, variables: given },
    ) {
      const end = {
        ...({ type: 'error', code: errorCode, message: errorMessage } as const),
        variables: given,
      };
      return answer(taskId, await engine().externalTasks.settle(taskId, { worker, lock }, end));
    },
  });

  const extend = defineExternal({
    name: 'external-tasks.extend-lock',
    summary: 'Lock an external task for longer, from now on',
    input: z.object({ ...holder, lockMs }),
    output: done,
    access: workers,
    http: { method: 'POST', path: '/external-tasks/{taskId}/extend-lock' },
    errors: settleErrors,
    async execute(_, { taskId, workerId: worker, lock, lockMs: ms }) {
      const settled = await engine().externalTasks.lock(taskId, 'keep', { worker, lock }, ms);
      return answer(taskId, settled);
    },
  });

  const take = defineExternal({
    name: 'external-tasks.lock',
    summary: 'Lock one external task that is free',
    input: z.object({ taskId: idSchema, workerId, lockMs }),
    output: done,
    access: workers,
    http: { method: 'POST', path: '/external-tasks/{taskId}/lock' },
    errors: settleErrors,
    async execute(_, { taskId, workerId: worker, lockMs: ms }) {
      return answer(taskId, await engine().externalTasks.lock(taskId, 'take', { worker }, ms));
    },
  });

  const unlock = defineExternal({
    name: 'external-tasks.unlock',
    summary: 'Free an external task, so that the next worker is handed it at once',
    input: z.object({
      taskId: idSchema,
      workerId: workerId.optional().describe('Only when this worker holds it'),
    }),
    output: done,
    access: workers,
    http: { method: 'POST', path: '/external-tasks/{taskId}/unlock' },
    errors: settleErrors,
    async execute(_, { taskId, workerId: worker }) {
      return answer(taskId, await engine().externalTasks.unlock(taskId, worker ?? null));
    },
  });

  const setRetries = defineExternal({
    name: 'external-tasks.set-retries',
    summary: 'Say how often an external task is tried again; more than 0 ends its incident',
    input: z.object({ taskId: idSchema, retries: z.number().int().min(0).max(1_000) }),
    output: done,
    access: operators,
    http: { method: 'PUT', path: '/external-tasks/{taskId}/retries' },
    errors: settleErrors,
    async execute({ caller }, { taskId, retries }) {
      const settled = await engine().externalTasks.setRetries(taskId, retries, nameOf(caller));
      return answer(taskId, settled);
    },
  });

  return [list, get, fetch, complete, fail, raise, extend, take, unlock, setRetries];
}

function noTask(taskId: string) {
  return refuse(
    externalTaskNotFound,
    `expected the id of an external task that is open, found none with id ${taskId}`,
  );
}

function answer(taskId: string, settled: Settled) {
  switch (settled.outcome) {
    case 'taken':
      return { taskId, accepted: true as const };
    case 'no-task':
      return noTask(taskId);
    case 'not-held':
      return refuse(
        externalTaskNotHeld,
        `expected the worker to hold external task ${taskId}, found that ${settled.found}`,
      );
    case 'invalid':
      return refuse(
        externalTaskOutputInvalid,
        `external task ${taskId} does not accept what the worker handed in`,
        { issues: settled.issues },
      );
  }
}
