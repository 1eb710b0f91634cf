/** Incidents by cause: what failed and how, how often, since when; not one row for each instance. */
import { z } from 'zod';
import { type Caller, hasRole } from '../../kernel/caller.ts';
import { idSchema } from '../../kernel/ids.ts';
import {
  type Action,
  actionSchema,
  countCap,
  decodeCursor,
  pageOf,
  pageQueryBy,
  toPage,
} from '../../kernel/page.ts';
import { defineRead } from '../../kernel/procedure.ts';
import type { Transaction } from '../../kernel/transaction.ts';

/** Incidents of one cause. */
export const incidentGroupSchema = z.object({
  cause: z.string().describe('Names the cause; a filter of `incidents.list` and `processes.list`'),
  source: z.string().describe('The procedure that failed, or the process and element'),
  code: z.string(),
  message: z.string().describe('Without ids, numbers and quoted texts'),
  processes: z.array(z.string()),
  open: z.number().int(),
  firstSeen: z.iso.datetime(),
  lastSeen: z.iso.datetime(),
  sample: z.object({ message: z.string(), instanceId: idSchema.nullable() }),
  can: z.array(actionSchema),
});

interface GroupRow {
  cause: string;
  source: string;
  code: string;
  message: string;
  processes: string[];
  open: number;
  first_at: Date | null;
  last_at: Date | null;
  seen_at: Date;
  sample: string;
  instance_id: string | null;
}

const cursorNumber = z.string().regex(/^\d{1,15}$/);
const cursorCause = z.string().regex(/^[0-9a-f]{16}$/);

/** The list of causes, most incidents first. */
export function incidentGroupProcedures() {
  const groups = defineRead({
    name: 'incidents.groups',
    summary: 'List open incidents grouped by cause, the most frequent first',
    input: pageQueryBy([cursorNumber, cursorCause]).extend({
      process: z.string().max(200).optional(),
    }),
    output: pageOf(incidentGroupSchema),
    access: ['operator', 'manager', 'support', 'admin'],
    http: { method: 'GET', path: '/incidents/groups' },
    errors: [],
    async execute({ tx, caller }, { limit, cursor, process }) {
      const after = cursor === undefined ? null : decodeCursor(cursor, 2);
      const { rows, counted } = await readGroups(tx, process ?? null, after, limit + 1);
      return toPage({
        rows,
        limit,
        counted,
        cursorOf: (row) => [String(row.open), row.cause],
        itemOf: (row) => ({ ...groupView(row), can: [bulkAction(caller)] }),
      });
    },
  });
  return [groups];
}

/** Reads the projection of counts: one row for each cause and process, however many incidents. */
async function readGroups(
  tx: Transaction,
  process: string | null,
  after: readonly string[] | null,
  limit: number,
): Promise<{ rows: readonly GroupRow[]; counted: number }> {
  const grouped = `select node as cause, sum(n)::float8 as open, min(first_at) as first_at,
        max(last_at) as last_at, array_agg(distinct process) as processes
      from engine.count_now
     where kind = 'cause' and n > 0 and ($1::text is null or process = $1)
     group by node`;
  const [page, all] = await Promise.all([
    tx.query<GroupRow>(
      `select g.*, c.source, c.code, c.message, c.sample, c.seen_at,
              (select n.instance_id from engine.incident n
                where n.cause = g.cause and n.closed_at is null
                  and ($1::text is null or n.process = $1)
                order by n.id limit 1) as instance_id
         from (${grouped}) g join engine.incident_cause c using (cause)
        where $2::float8 is null or (g.open, g.cause) < ($2, $3)
        order by g.open desc, g.cause desc limit $4`,
      [process, after?.[0] === undefined ? null : Number(after[0]), after?.[1] ?? null, limit],
    ),
    tx.query<{ n: number }>(
      `select count(*)::int as n from (select 1 from (${grouped}) g limit ${countCap + 1}) c`,
      [process],
    ),
  ]);
  return { rows: page.rows, counted: all.rows[0]?.n ?? 0 };
}

/** All incidents of a group are tried again by one bulk operation. */
function bulkAction(caller: Caller): Action {
  const allowed = hasRole(caller, 'operator', 'admin');
  const reason = 'only operators and admins may retry a group';
  return { action: 'bulk-operations.start', allowed, ...(allowed ? {} : { reason }) };
}

function groupView(row: GroupRow) {
  const { cause, source, code, message, processes, open, sample } = row;
  return {
    ...{ cause, source, code, message, processes, open },
    firstSeen: (row.first_at ?? row.seen_at).toISOString(),
    lastSeen: (row.last_at ?? row.seen_at).toISOString(),
    sample: { message: sample, instanceId: row.instance_id },
  };
}
