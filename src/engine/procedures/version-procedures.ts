/** Procedures over versions: moving instances from one version of their process to another. */
import { z } from 'zod';
import type { Role } from '../../kernel/caller.ts';
import { refuse } from '../../kernel/errors.ts';
import { idSchema } from '../../kernel/ids.ts';
import { cursorValue, encodeCursor, pageQueryBy } from '../../kernel/page.ts';
import { defineExternal } from '../../kernel/procedure.ts';
import type { Engine } from '../engine.ts';
import { PROCESS_NOT_FOUND } from '../errors.ts';
import type { MigrationResult } from '../versions/migrate-instance.ts';
import { readOpenInstancesOf } from '../versions/open-instances.ts';
import { instanceNotFitting, instanceNotFound } from './errors.ts';
import { nameOf } from './process-procedures.ts';

const operators = ['operator', 'admin'] as const satisfies readonly Role[];

const elementId = z.string().min(1).max(200);
const plan = {
  elements: z
    .record(elementId, elementId.nullable())
    .optional()
    .describe('New element by old one, besides what the version declares; null gives one up'),
  restartTimers: z
    .array(elementId)
    .max(100)
    .optional()
    .describe('Timers of the new version that begin anew instead of keeping their moment'),
  dryRun: z.boolean().default(false).describe('Only says what would come of it'),
};

const problemSchema = z.object({
  code: z.string(),
  element: z.string().describe('Element of the old version; empty for the process'),
  message: z.string(),
});

/** What a migration of one instance did, or would do. */
export const migrationSchema = z.object({
  outcome: z.enum(['migrated', 'fits', 'refused', 'pending']),
  instanceId: idSchema,
  from: z.number().int(),
  to: z.number().int(),
  changes: z.object({
    renamed: z.record(z.string(), z.string()),
    waitsOpened: z.array(z.string()),
    waitsClosed: z.array(z.string()),
    variables: z.array(z.string()).describe('Names of variables with another value'),
  }),
  problems: z.array(problemSchema),
});

/** What became of one page of instances. */
export const migrationPageSchema = z.object({
  from: z.number().int(),
  to: z.number().int(),
  looked: z.number().int().describe('Open instances of the old version on this page'),
  moved: z.number().int().describe('Moved; in a dry run: would be moved'),
  pending: z.number().int(),
  refused: z.array(z.object({ instanceId: idSchema, problems: z.array(problemSchema) })),
  nextCursor: z.string().nullable(),
});

/** Instances of a page that are moved at the same time. */
const sideBySide = 8;

/** The procedures over versions of an engine. */
export function versionProcedures(engine: () => Engine) {
  const migrate = defineExternal({
    name: 'processes.migrate',
    summary: 'Move one instance to another version of its process, when it fits',
    description:
      'Nothing is moved unless every element, wait, variable and undo of the instance has its place ' +
      'in the other version; else the answer says what has none.',
    input: z.object({
      instanceId: idSchema,
      to: z.number().int().min(1).optional().describe('Version; the newest when absent'),
      ...plan,
    }),
    output: migrationSchema,
    access: operators,
    http: { method: 'POST', path: '/processes/{instanceId}/migrate' },
    errors: [instanceNotFound, instanceNotFitting],
    async execute(context, { instanceId, to, elements, restartTimers, dryRun }) {
      const result = await engine().migrateInstance({
        instanceId,
        dryRun,
        by: nameOf(context.caller),
        ...(to === undefined ? {} : { to }),
        ...(elements && { elements }),
        ...(restartTimers && { restartTimers }),
      });
      if (!result) {
        return refuse(
          instanceNotFound,
          `expected the id of a process instance, found none with id ${instanceId}`,
        );
      }
      if (result.outcome === 'refused' && !dryRun) {
        const reasons = result.problems.map(({ code, message }) => `${code}: ${message}`);
        return refuse(
          instanceNotFitting,
          `the instance stays on version ${result.from}: ${reasons.join('; ')}`,
          { data: { problems: result.problems } },
        );
      }
      return answerOf(result);
    },
  });

  const migrateVersion = defineExternal({
    name: 'processes.migrate-version',
    summary: 'Move the open instances of one version to another, page by page',
    description:
      'Each call looks at one page of instances and answers with the cursor of the next. Instances ' +
      'that do not fit stay as they are, and are listed with the reasons.',
    input: pageQueryBy([idSchema]).extend({
      process: z.string().max(200),
      from: z.number().int().min(1),
      to: z.number().int().min(1).optional(),
      ...plan,
    }),
    output: migrationPageSchema,
    access: operators,
    http: { method: 'POST', path: '/processes/migrate' },
    errors: [PROCESS_NOT_FOUND],
    timeoutMs: 60_000,
    async execute(context, input) {
      const { process, from, limit, elements, restartTimers, dryRun } = input;
      const to = input.to ?? engine().model(process)?.version;
      if (to === undefined || !engine().model(process, to)) {
        return refuse(
          PROCESS_NOT_FOUND,
          `expected a process and version that the program has, found "${process}" version ${to ?? '?'}`,
        );
      }
      const after = cursorValue(input.cursor) ?? null;
      const ids = await context.transaction(({ tx }) =>
        readOpenInstancesOf(tx, { process, version: from, after, limit: limit + 1 }),
      );
      const page = ids.slice(0, limit);
      const results = await inTurns(page, sideBySide, (instanceId) =>
        engine().migrateInstance({
          ...{ instanceId, to, dryRun, by: nameOf(context.caller) },
          ...(elements && { elements }),
          ...(restartTimers && { restartTimers }),
        }),
      );
      const all = results.filter((result) => result !== null);
      const last = page.at(-1);
      return {
        from,
        to,
        looked: page.length,
        moved: all.filter(({ outcome }) => outcome === 'migrated' || outcome === 'fits').length,
        pending: all.filter(({ outcome }) => outcome === 'pending').length,
        refused: all
          .filter(({ outcome }) => outcome === 'refused')
          .map(({ instanceId, problems }) => ({ instanceId, problems: [...problems] })),
        nextCursor: ids.length > limit && last ? encodeCursor([last]) : null,
      };
    },
  });

  return [migrate, migrateVersion];
}

function answerOf({ changes, problems, ...result }: MigrationResult) {
  return {
    ...result,
    changes: {
      renamed: { ...changes.renamed },
      waitsOpened: [...changes.waitsOpened],
      waitsClosed: [...changes.waitsClosed],
      variables: [...changes.variables],
    },
    problems: [...problems],
  };
}

/** Runs `work` for each item, so many at a time; results in the order of the items. */
async function inTurns<Item, Result>(
  items: readonly Item[],
  atOnce: number,
  work: (item: Item) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = [];
  let next = 0;
  const take = async () => {
    for (let index = next++; index < items.length; index = next++) {
      results[index] = await work(items[index] as Item);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, take));
  return results;
}
