/** Procedures over schedules: when processes begin by the clock, and a person's hand on it. */
import { z } from 'zod';
import type { Caller, Role } from '../../kernel/caller.ts';
import { hasRole } from '../../kernel/caller.ts';
import { refuse } from '../../kernel/errors.ts';
import { idSchema } from '../../kernel/ids.ts';
import {
  actionSchema,
  countCap,
  decodeCursor,
  pageOf,
  pageQueryBy,
  toPage,
} from '../../kernel/page.ts';
import { defineRead, defineTransactional } from '../../kernel/procedure.ts';
import { nameSchema } from '../../kernel/text.ts';
import type { Engine } from '../engine.ts';
import { countSchedules, listSchedules, type Schedule } from '../schedules/schedule-store.ts';
import { startMoments } from '../time/start-moments.ts';
import { scheduleNotFound } from './errors.ts';
import { nameOf } from './process-procedures.ts';

const target = z.object({
  process: nameSchema,
  schedule: nameSchema.describe('Id of the start event'),
});

/** A schedule as its readers see it. */
export const scheduleSchema = z.object({
  process: z.string(),
  schedule: z.string(),
  name: z.string(),
  cron: z
    .string()
    .describe('A pattern of cron; in drawings also a date, a duration or a cycle of ISO 8601'),
  timeZone: z.string(),
  catchUp: z.enum(['skip', 'once', 'all']),
  atMost: z.number().int().describe('Moments that `all` catches up with at most'),
  next: z.array(z.iso.datetime()).describe('The moments to come; none while it is paused'),
  lastAt: z.iso.datetime().nullable().describe('The last moment that started an instance'),
  pausedAt: z.iso.datetime().nullable(),
  pausedBy: z.string().nullable(),
  can: z.array(actionSchema),
});

/** Moments shown of each schedule. */
const shownMoments = 3;
const operators = ['operator', 'admin'] as const satisfies readonly Role[];

/** The procedures over schedules of an engine. */
export function scheduleProcedures(engine: () => Engine) {
  const list = defineRead({
    name: 'schedules.list',
    summary: 'List when processes begin by the clock, with the next moments of each',
    input: pageQueryBy([nameSchema, nameSchema]),
    output: pageOf(scheduleSchema),
    access: ['operator', 'manager', 'support', 'admin'],
    http: { method: 'GET', path: '/schedules' },
    errors: [],
    async execute({ tx, caller, clock }, { limit, cursor }) {
      const [process, node] = (cursor === undefined ? null : decodeCursor(cursor, 2)) ?? [];
      const after = process === undefined || node === undefined ? null : ([process, node] as const);
      const rows = await listSchedules(tx, { after, limit: limit + 1 });
      return toPage({
        rows,
        limit,
        counted: await countSchedules(tx, countCap + 1),
        cursorOf: (row) => [row.process, row.node],
        itemOf: (row) => view(engine(), row, caller, clock.now()),
      });
    },
  });

  const steer = (action: 'pause' | 'resume', summary: string) =>
    defineTransactional({
      name: `schedules.${action}`,
      steersLoad: true,
      summary,
      input: target,
      output: scheduleSchema,
      access: operators,
      http: { method: 'POST', path: `/schedules/{process}/{schedule}/${action}` },
      errors: [scheduleNotFound],
      async execute({ tx, caller, clock }, { process, schedule: node }) {
        const by = action === 'pause' ? nameOf(caller) : null;
        const changed = await engine().schedules.pause(tx, { process, node, by });
        if (!changed) return noSchedule(process, node);
        return view(engine(), changed, caller, clock.now());
      },
    });

  const run = defineTransactional({
    name: 'schedules.run',
    summary: 'Start an instance of a schedule now, beside its own moments',
    input: target,
    output: z.object({ instanceId: idSchema }),
    access: operators,
    http: { method: 'POST', path: '/schedules/{process}/{schedule}/run', status: 202 },
    errors: [scheduleNotFound],
    async execute({ tx }, { process, schedule: node }) {
      const instanceId = await engine().schedules.runNow(tx, process, node);
      return instanceId === null ? noSchedule(process, node) : { instanceId };
    },
  });

  return [
    list,
    steer('pause', 'Pause a schedule: its moments pass without an instance'),
    steer('resume', 'Let a schedule go on with the first moment from now'),
    run,
  ];
}

function noSchedule(process: string, node: string) {
  return refuse(
    scheduleNotFound,
    `expected a schedule, found none with id "${node}" at process "${process}"; list them with ` +
      'GET /api/v1/schedules',
  );
}

function view(engine: Engine, row: Schedule, caller: Caller, now: Date) {
  const { process, node, cron, timeZone, pausedAt } = row;
  const may = hasRole(caller, ...operators);
  const reason = 'only operators and admins may steer schedules';
  const actions = ['schedules.run', pausedAt ? 'schedules.resume' : 'schedules.pause'];
  return {
    process,
    schedule: node,
    name: engine.model(process)?.nodes[node]?.name ?? node,
    ...{ cron, timeZone, catchUp: row.catchUp, atMost: row.most },
    next: pausedAt ? [] : momentsFrom(row, now),
    lastAt: row.lastAt?.toISOString() ?? null,
    pausedAt: pausedAt?.toISOString() ?? null,
    pausedBy: row.pausedBy,
    can: actions.map((action) => ({ action, allowed: may, ...(may ? {} : { reason }) })),
  };
}

function momentsFrom(row: Schedule, now: Date): string[] {
  const moments = startMoments(row, row.begunAt);
  const found: string[] = [];
  for (let at = moments.next(now); at && found.length < shownMoments; at = moments.next(at)) {
    found.push(at.toISOString());
  }
  return found;
}
