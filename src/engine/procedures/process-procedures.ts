/** Procedures over process instances: looking, starting, cancelling. */
import { z } from 'zod';
import type { Caller, Role } from '../../kernel/caller.ts';
import { refuse } from '../../kernel/errors.ts';
import { idSchema } from '../../kernel/ids.ts';
import { cursorValue, pageOf, pageQueryBy, toPage } from '../../kernel/page.ts';
import { defineExternal, defineRead, defineTransactional } from '../../kernel/procedure.ts';
import type { Engine } from '../engine.ts';
import { INSTANCE_NOT_MOVABLE, PROCESS_INPUT_INVALID, PROCESS_NOT_FOUND } from '../errors.ts';
import { instanceFilterFields, needsProcess } from '../search/instance-filter.ts';
import { searchInstances } from '../search/instance-search.ts';
import { readLargeText } from '../store/large-value-store.ts';
import { summarizedState } from '../store/large-values.ts';
import { instanceNotFound, valueNotFound } from './errors.ts';
import {
  type InstanceListRow,
  readHistory,
  readInstance,
  readInstances,
} from './instance-queries.ts';
import {
  activeElementSchema,
  activeElements,
  instanceActions,
  instanceRowSchema,
  suspensionSchema,
  suspensionView,
  timelineEntry,
  timelineEntrySchema,
} from './instance-view.ts';
import { momentOf } from './moment.ts';
import { pendingField, pendingOf } from './pending.ts';

const watchers = ['operator', 'manager', 'support', 'admin'] as const satisfies readonly Role[];
const operators = ['operator', 'admin'] as const satisfies readonly Role[];

/** Timeline entries in one answer; longer histories are read in parts by `from`. */
const longestTimeline = 1_000;

/** Says that there is no such instance. */
export const noInstance = (id: string) =>
  refuse(instanceNotFound, `expected the id of a process instance, found none with id ${id}`);

/** Who asked, for the history. */
export function nameOf(caller: Caller): string {
  return caller.userId ?? caller.kind;
}

/** The procedures over instances of an engine. */
export function processProcedures(engine: () => Engine) {
  const list = defineRead({
    name: 'processes.list',
    summary: 'List process instances, newest first',
    description:
      'All conditions that are given must hold. Counting stops at the cap, and every condition has an ' +
      'index, so that a list is as quick with a million instances as with ten.',
    input: pageQueryBy([idSchema])
      .extend(instanceFilterFields)
      .extend({ open: z.stringbool().or(z.boolean()).optional().describe('Has not ended') })
      .refine(needsProcess, { path: ['element'], message: 'expected `process` beside `element`' }),
    output: pageOf(instanceRowSchema),
    access: watchers,
    http: { method: 'GET', path: '/processes' },
    errors: [],
    async execute(context, input) {
      const { limit, cursor, open, ...filter } = input;
      const after = cursorValue(cursor);
      const search = await searchInstances(context.tx, engine(), {
        ...filter,
        ...(open === undefined ? {} : { open }),
      });
      const { rows, counted } = await readInstances(context.tx, search, { after, limit });
      return toPage({
        rows,
        limit,
        counted,
        cursorOf: (row) => [row.id],
        itemOf: (row) => rowView(row, context.caller),
      });
    },
  });

  const get = defineRead({
    name: 'processes.get',
    summary: 'Show one process instance with its timeline',
    description:
      'With `at`, the instance is shown as it was after that history entry: its elements, its ' +
      'variables and the timeline up to there.' +
      ' In the place of a value that is too large to be shown stands `{ large: { digest, characters } }`; ' +
      'processes.get-value gives it.',
    input: z.object({
      instanceId: idSchema,
      from: z.coerce.number().int().min(1).default(1).describe('First timeline entry'),
      at: z.coerce.number().int().min(1).optional().describe('Sequence number to look at'),
    }),
    output: instanceRowSchema.extend({
      name: z.string(),
      suspended: suspensionSchema.nullable(),
      elements: z.array(activeElementSchema),
      variables: z.record(z.string(), z.unknown()),
      timeline: z.array(timelineEntrySchema),
      lastSeq: z.number().int().describe('Sequence number of the newest entry'),
    }),
    access: watchers,
    http: { method: 'GET', path: '/processes/{instanceId}' },
    errors: [instanceNotFound],
    async execute(context, input) {
      const row = await readInstance(context.tx, input.instanceId);
      if (!row) return noInstance(input.instanceId);
      const model = engine().model(row.process, row.version);
      const state = summarizedState(row.state);
      const lastSeq = state.seq - 1;
      const to = Math.min(input.at ?? lastSeq, lastSeq);
      const shown = await readHistory(
        context.tx,
        row.id,
        { from: input.from, to },
        longestTimeline,
      );
      const past = input.at !== undefined && input.at < lastSeq;
      const moment = past
        ? momentOf(model, await readHistory(context.tx, row.id, { from: 1, to }, 100_000))
        : { elements: activeElements(model, state), variables: state.elements[1]?.vars ?? {} };
      return {
        ...rowView(row, context.caller),
        name: model?.name ?? row.process,
        suspended: suspensionView(state),
        ...moment,
        variables: { ...moment.variables },
        timeline: shown.map(({ at, entry }) => timelineEntry(model, entry, at)),
        lastSeq,
      };
    },
  });

  const getValue = defineRead({
    name: 'processes.get-value',
    summary: 'Give one large value of a process instance',
    input: z.object({
      instanceId: idSchema,
      digest: z.string().regex(/^[\w-]{43}$/, 'expected a digest as processes.get shows it'),
    }),
    output: z.object({ value: z.unknown() }),
    access: watchers,
    http: { method: 'GET', path: '/processes/{instanceId}/values/{digest}' },
    errors: [instanceNotFound, valueNotFound],
    async execute({ tx }, { instanceId, digest }) {
      const text = await readLargeText(tx, instanceId, digest);
      if (text !== null) return { value: JSON.parse(text) as unknown };
      if (!(await readInstance(tx, instanceId))) return noInstance(instanceId);
      return refuse(
        valueNotFound,
        `expected the digest of a large value of instance ${instanceId}, found "${digest}"; ` +
          'processes.get shows those that it has',
      );
    },
  });

  const start = defineTransactional({
    name: 'processes.start',
    summary: 'Start a process',
    input: z.object({
      process: z.string().max(200),
      input: z.unknown().optional(),
      startKey: z.string().max(200).optional().describe('The same key starts one instance only'),
      version: z.number().int().min(1).optional().describe('The newest when absent'),
      businessKey: z
        .string()
        .min(1)
        .max(200)
        .optional()
        .describe('What the process makes of its input when absent'),
    }),
    output: z.object({ instanceId: idSchema, existing: z.boolean() }),
    access: operators,
    http: { method: 'POST', path: '/processes', status: 202 },
    errors: [PROCESS_NOT_FOUND, PROCESS_INPUT_INVALID],
    async execute(context, input) {
      const started = await engine().startProcess({
        process: input.process,
        input: input.input ?? {},
        trace: context.trace,
        tx: context.tx,
        ...(input.startKey === undefined ? {} : { startKey: input.startKey }),
        ...(input.version === undefined ? {} : { version: input.version }),
        ...(input.businessKey === undefined ? {} : { businessKey: input.businessKey }),
      });
      return started;
    },
  });

  const cancel = defineExternal({
    name: 'processes.cancel',
    summary: 'Cancel an instance: what runs is ended, what was done is undone in reverse order',
    input: z.object({ instanceId: idSchema, reason: z.string().min(1).max(500) }),
    output: z.object({ instanceId: idSchema, accepted: z.literal(true), ...pendingField }),
    access: operators,
    http: { method: 'POST', path: '/processes/{instanceId}/cancel', status: 202 },
    errors: [instanceNotFound, INSTANCE_NOT_MOVABLE],
    async execute(context, { instanceId, reason }) {
      const row = await context.transaction(({ tx }) => readInstance(tx, instanceId));
      if (!row) return noInstance(instanceId);
      const by = nameOf(context.caller);
      const accepted = await engine().request(instanceId, { type: 'cancel', reason, by });
      if (accepted) return { instanceId, accepted: true as const, ...pendingOf(accepted) };
      return refuse(
        INSTANCE_NOT_MOVABLE,
        `expected an open instance, found one that has ended or is being cancelled (${row.status})`,
      );
    },
  });

  return [list, get, getValue, start, cancel];
}

/** One instance as a list shows it. */
export function rowView(row: InstanceListRow, caller: Caller) {
  return {
    id: row.id,
    process: row.process,
    version: row.version,
    businessKey: row.business_key,
    status: row.status,
    traceId: row.trace_id,
    startedAt: row.started_at.toISOString(),
    endedAt: row.ended_at?.toISOString() ?? null,
    movedAt: row.moved_at.toISOString(),
    parent: row.parent_id,
    openIncidents: row.incidents,
    retrying: row.retrying.map(({ nextAttemptAt, ...step }) => ({
      ...step,
      nextAttemptAt: nextAttemptAt === null ? null : new Date(nextAttemptAt).toISOString(),
    })),
    tags: row.tags,
    search: row.search,
    can: instanceActions(caller, row.status),
  };
}
