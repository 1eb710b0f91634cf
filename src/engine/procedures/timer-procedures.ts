/** Procedures over timers: what is due when, and a person's hand on it. */
import { z } from 'zod';
import { type Caller, hasRole, type Role } from '../../kernel/caller.ts';
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
import { defineExternal, defineRead } from '../../kernel/procedure.ts';
import { nameSchema } from '../../kernel/text.ts';
import type { Transaction } from '../../kernel/transaction.ts';
import type { Engine } from '../engine.ts';
import { instanceNotFound, instanceSuspended, timerNotSet } from './errors.ts';
import { readInstance } from './instance-queries.ts';
import { pendingField, pendingOf } from './pending.ts';
import { nameOf, noInstance } from './process-procedures.ts';
import { refuseSuspended } from './suspension-procedures.ts';

const element = z.number().int();
const moment = z.iso.datetime({ offset: true });
/** PostgreSQL keeps no later date that JavaScript could read. */
const lastMoment = '9999-12-31T23:59:59Z';

/** A timer as its readers see it. */
const timerSchema = z.object({
  instanceId: idSchema,
  process: z.string(),
  version: z.number().int(),
  businessKey: z.string().nullable(),
  element: z.string().describe('Id of the event, or of the step that is tried again then'),
  n: element.describe('Number of the element instance that waits'),
  dueAt: z.iso.datetime(),
  can: z.array(actionSchema),
});

const operators = ['operator', 'admin'] as const satisfies readonly Role[];

function actionsOf(caller: Caller) {
  const allowed = hasRole(caller, ...operators);
  const reason = 'only operators and admins may set timers';
  return [{ action: 'timers.move', allowed, ...(allowed ? {} : { reason }) }];
}

interface TimerRow {
  readonly instance_id: string;
  readonly process: string;
  readonly version: number;
  readonly business_key: string | null;
  readonly node: string;
  readonly n: number;
  readonly due_at: Date;
}

/** The procedures over timers of an engine. */
export function timerProcedures(engine: () => Engine) {
  const list = defineRead({
    name: 'timers.list',
    summary:
      'List what is due, the next first: timers, and steps that are tried again by themselves',
    description: 'Timers of suspended instances are not listed: they are set again by the resume.',
    input: pageQueryBy([moment, idSchema, z.string().regex(/^\d{1,9}$/), nameSchema]).extend({
      process: nameSchema.optional(),
      instanceId: idSchema.optional(),
      dueBefore: moment.optional(),
      dueAfter: moment.optional(),
    }),
    output: pageOf(timerSchema),
    access: ['operator', 'manager', 'support', 'admin'],
    http: { method: 'GET', path: '/timers' },
    errors: [],
    async execute({ tx, caller }, { limit, cursor, ...filter }) {
      const after = cursor === undefined ? null : decodeCursor(cursor, 4);
      const { rows, counted } = await readTimers(tx, filter, after, limit);
      return toPage({
        rows,
        limit,
        counted,
        cursorOf: (row) => [row.due_at.toISOString(), row.instance_id, String(row.n), row.node],
        itemOf: (row) => ({
          instanceId: row.instance_id,
          process: row.process,
          version: row.version,
          businessKey: row.business_key,
          element: row.node,
          n: row.n,
          dueAt: row.due_at.toISOString(),
          can: actionsOf(caller),
        }),
      });
    },
  });

  const move = defineExternal({
    name: 'timers.move',
    summary: 'Set a timer to another moment, or have it happen now',
    description:
      'Of a timer that repeats all moments move by as much. A step that waits for its next attempt is tried ' +
      'at that moment.',
    input: z.object({
      instanceId: idSchema,
      element: nameSchema.describe('Id of the event, or of the step that is tried again'),
      n: z.coerce
        .number()
        .int()
        .min(1)
        .optional()
        .describe('Number of the element instance, when several wait there'),
      dueAt: moment
        .refine((text) => new Date(text) < new Date(lastMoment), 'expected a year before 10000')
        .optional()
        .describe('Absent: now'),
    }),
    output: z.object({ instanceId: idSchema, dueAt: z.iso.datetime(), ...pendingField }),
    access: operators,
    http: { method: 'POST', path: '/processes/{instanceId}/timers/{element}/move' },
    errors: [instanceNotFound, instanceSuspended, timerNotSet],
    async execute(context, { instanceId, element: on, n, dueAt }) {
      const found = await context.transaction(async ({ tx }) => {
        const instance = await readInstance(tx, instanceId);
        const { rows } = await tx.query<{ n: number }>(
          `select n from engine.timer where instance_id = $1 and node = $2
              and ($3::integer is null or n = $3) order by due_at, n limit 1`,
          [instanceId, on, n ?? null],
        );
        return { instance, timer: rows[0] };
      });
      if (!found.instance) return noInstance(instanceId);
      if (found.instance.status === 'suspended') return refuseSuspended(instanceId);
      const due = dueAt === undefined ? context.clock.now() : new Date(dueAt);
      const outcome =
        found.timer &&
        (await engine().request(instanceId, {
          ...{ type: 'timer-moved', n: found.timer.n, on, due: due.getTime() },
          by: nameOf(context.caller),
        }));
      if (!outcome) {
        return refuse(
          timerNotSet,
          `expected a timer that is set at "${on}" of instance ${instanceId}, found none; list them with ` +
            `GET /api/v1/timers?instanceId=${instanceId}`,
        );
      }
      return { instanceId, dueAt: due.toISOString(), ...pendingOf(outcome) };
    },
  });

  return [list, move];
}

interface TimerFilter {
  readonly process?: string | undefined;
  readonly instanceId?: string | undefined;
  readonly dueBefore?: string | undefined;
  readonly dueAfter?: string | undefined;
}

async function readTimers(
  tx: Transaction,
  { process, instanceId, dueBefore, dueAfter }: TimerFilter,
  after: readonly string[] | null,
  limit: number,
): Promise<{ readonly rows: readonly TimerRow[]; readonly counted: number }> {
  const from = 'engine.timer t join engine.instance i on i.id = t.instance_id';
  const where = `($1::uuid is null or t.instance_id = $1) and ($2::text is null or i.process = $2)
    and ($3::timestamptz is null or t.due_at < $3) and ($4::timestamptz is null or t.due_at > $4)`;
  const values = [instanceId ?? null, process ?? null, dueBefore ?? null, dueAfter ?? null];
  const [page, count] = await Promise.all([
    tx.query<TimerRow>(
      `select t.instance_id, i.process, i.version, i.business_key, t.node, t.n, t.due_at from ${from}
        where ${where}
          and ($5::timestamptz is null or (t.due_at, t.instance_id, t.n, t.node) > ($5, $6, $7, $8))
        order by t.due_at, t.instance_id, t.n, t.node limit $9`,
      [
        ...values,
        after?.[0] ?? null,
        after?.[1] ?? null,
        after?.[2] ?? null,
        after?.[3] ?? null,
        limit + 1,
      ],
    ),
    tx.query<{ n: number }>(
      `select count(*)::int as n from (select 1 from ${from} where ${where} limit ${countCap + 1}) as c`,
      values,
    ),
  ]);
  return { rows: page.rows, counted: count.rows[0]?.n ?? 0 };
}
