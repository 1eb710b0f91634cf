/** Procedures over consumer groups: how far each has come, pausing it, going back. */
import { z } from 'zod';
import type { Caller, Role } from '../../kernel/caller.ts';
import { hasRole } from '../../kernel/caller.ts';
import { refuse } from '../../kernel/errors.ts';
import {
  type Action,
  actionSchema,
  cursorValue,
  pageOf,
  pageQueryBy,
  toPage,
} from '../../kernel/page.ts';
import { defineRead, defineTransactional } from '../../kernel/procedure.ts';
import { nameSchema } from '../../kernel/text.ts';
import type { Transaction } from '../../kernel/transaction.ts';
import { cappedCount, tables } from '../../postgres/index.ts';
import type { EventLog } from '../event-log.ts';
import { consumerGroupNotFound, consumerGroupOwned } from './errors.ts';
import { positionSchema } from './event-procedures.ts';

const watchers = ['operator', 'manager', 'support', 'admin'] as const satisfies readonly Role[];
/** Who may steer consumers. */
export const operators = ['operator', 'admin'] as const satisfies readonly Role[];

/** The name of a consumer group. */
export const groupNameSchema = nameSchema.meta({ examples: ['webhooks'] });

/** A consumer group as its readers see it. */
export const consumerGroupSchema = z.object({
  group: groupNameSchema,
  status: z
    .enum(['active', 'failing', 'paused', 'waiting'])
    .describe('`failing`: its last attempt failed and is repeated; `waiting`: no node owns it'),
  position: positionSchema.describe('Everything up to here is done with'),
  lag: z.number().int().describe('Positions between the group and the end of the log'),
  oldestUnhandledAt: z.iso
    .datetime()
    .nullable()
    .describe('When the first event after `position` occurred, of whatever name'),
  owner: z.uuid().nullable().describe('The node that handles the group now'),
  attempts: z.number().int().describe('Failed attempts of the event at hand'),
  lastError: z.string().nullable(),
  lastErrorAt: z.iso.datetime().nullable(),
  handledAt: z.iso.datetime().nullable().describe('When it last handled an event'),
  pausedAt: z.iso.datetime().nullable(),
  pausedBy: z.string().nullable(),
  deadLetters: z.number().int().describe('Parked events, counted up to 1000'),
  can: z.array(actionSchema),
});

interface GroupRow {
  name: string;
  position: string;
  owner: string | null;
  attempts: number;
  last_error: string | null;
  last_error_at: Date | null;
  handled_at: Date | null;
  paused_at: Date | null;
  paused_by: string | null;
}

interface GroupRowWithLag extends GroupRow {
  end_position: string;
  oldest: Date | null;
  letters: number;
}

/** The procedures over consumer groups. */
export function groupProcedures(eventLog: () => EventLog) {
  const list = defineRead({
    name: 'consumer-groups.list',
    summary: 'List the consumer groups of the event log, and how far each has come',
    input: pageQueryBy([groupNameSchema]),
    output: pageOf(consumerGroupSchema),
    access: watchers,
    http: { method: 'GET', path: '/consumer-groups' },
    errors: [],
    async execute({ tx, caller }, { limit, cursor }) {
      const after = cursorValue(cursor);
      const rows = await readGroups(tx, { after, limit });
      const all = tables<{ 'events.consumer_group': GroupRow }>(tx);
      return toPage({
        rows,
        limit,
        counted: await cappedCount(tx, all.selectFrom('events.consumer_group')),
        cursorOf: (row) => [row.name],
        itemOf: (row) => groupView(row, caller),
      });
    },
  });

  const steered = z.object({ group: groupNameSchema, position: positionSchema });

  const pause = defineTransactional({
    name: 'consumer-groups.pause',
    steersLoad: true,
    summary: 'Pause a consumer group: events wait for it until it is resumed',
    input: z.object({ group: groupNameSchema }),
    output: steered,
    access: operators,
    http: { method: 'POST', path: '/consumer-groups/{group}/pause' },
    errors: [consumerGroupNotFound],
    execute: ({ tx, caller, clock }, { group }) =>
      steer(tx, eventLog(), group, {
        // With a new epoch what is under way can no longer move the cursor: paused is paused at once.
        set: 'paused_at = coalesce(paused_at, $2), paused_by = coalesce(paused_by, $3), epoch = epoch + 1',
        values: [clock.now(), caller.userId ?? caller.kind],
      }),
  });

  const resume = defineTransactional({
    name: 'consumer-groups.resume',
    summary: 'Let a paused consumer group go on',
    input: z.object({ group: groupNameSchema }),
    output: steered,
    access: operators,
    http: { method: 'POST', path: '/consumer-groups/{group}/resume' },
    errors: [consumerGroupNotFound],
    execute: ({ tx }, { group }) =>
      steer(tx, eventLog(), group, { set: 'paused_at = null, paused_by = null', values: [] }),
  });

  const replay = defineTransactional({
    name: 'consumer-groups.replay',
    summary: 'Let a consumer group handle the log again, from a position or a time on',
    description:
      'Also goes forward, past events that it shall never handle. Events that are parked as dead ' +
      'letters stay parked.',
    input: z
      .object({
        group: groupNameSchema,
        after: positionSchema
          .optional()
          .describe('The first event after this position is the next'),
        since: z.iso.datetime().optional().describe('Events that occurred at this time or later'),
      })
      .refine(({ after, since }) => (after === undefined) !== (since === undefined), {
        message: 'expected either `after` or `since`',
      }),
    output: steered,
    access: operators,
    http: { method: 'POST', path: '/consumer-groups/{group}/replay' },
    errors: [consumerGroupNotFound],
    async execute({ tx }, { group, after, since }) {
      const start = after ?? (await eventLog().positionBefore(new Date(since!)));
      const end = await eventLog().horizon();
      const position = BigInt(start) > BigInt(end) ? end : start;
      return await steer(tx, eventLog(), group, {
        set: 'position = $2, epoch = epoch + 1, attempts = 0, last_error = null, last_error_at = null',
        values: [position],
      });
    },
  });

  const remove = defineTransactional({
    name: 'consumer-groups.delete',
    summary: 'Delete a consumer group that no node runs any more, with its dead letters',
    description:
      'Events that only it had still to handle may then be deleted by age. A group that is run again ' +
      'begins anew.',
    input: z.object({ group: groupNameSchema }),
    output: z.object({ group: groupNameSchema, deleted: z.literal(true) }),
    access: operators,
    http: { method: 'DELETE', path: '/consumer-groups/{group}' },
    errors: [consumerGroupNotFound, consumerGroupOwned],
    async execute({ tx }, { group }) {
      const { rows } = await tx.query<{ owned: boolean }>(
        `select owner is not null and lease_until > clock_timestamp() as owned
           from events.consumer_group where name = $1 for update`,
        [group],
      );
      const [found] = rows;
      if (!found) return noGroup(group);
      if (found.owned) {
        return refuse(
          consumerGroupOwned,
          `expected a group that no node runs, found "${group}" at work; take it out of the settings of the nodes first`,
        );
      }
      await tx.query('delete from events.consumer_group where name = $1', [group]);
      return { group, deleted: true as const };
    },
  });

  return [list, pause, resume, replay, remove];
}

/** Changes a group; its owner is told after the commit. */
async function steer(
  tx: Transaction,
  log: EventLog,
  group: string,
  change: { readonly set: string; readonly values: readonly unknown[] },
) {
  const { rows } = await tx.query<{ position: string }>(
    `update events.consumer_group set ${change.set} where name = $1 returning position`,
    [group, ...change.values],
  );
  const [changed] = rows;
  if (!changed) return noGroup(group);
  tx.afterCommit(() => log.groupsChanged());
  return { group, position: changed.position };
}

/** The refusal when there is no such group. */
export function noGroup(group: string) {
  return refuse(
    consumerGroupNotFound,
    `expected the name of a consumer group, found "${group}"; list them with GET /api/v1/consumer-groups`,
  );
}

/** Whether there is a group of this name. */
export async function isGroup(tx: Transaction, group: string): Promise<boolean> {
  const { rowCount } = await tx.query('select from events.consumer_group where name = $1', [group]);
  return rowCount > 0;
}

async function readGroups(
  tx: Transaction,
  { after, limit }: { readonly after: string | undefined; readonly limit: number },
): Promise<readonly GroupRowWithLag[]> {
  const { rows } = await tx.query<GroupRowWithLag>(
    `select g.*, s.end_position,
        (select e.occurred_at from events.event e
          where e.position > g.position order by e.position limit 1) as oldest,
        (select count(*)::int from (
           select 1 from events.dead_letter d where d.consumer_group = g.name limit 1000) as c) as letters
      from events.consumer_group g,
        (select case when is_called then last_value else 0 end as end_position
           from events.event_position) as s
     where $1::text is null or g.name > $1
     order by g.name limit $2`,
    [after ?? null, limit + 1],
  );
  return rows;
}

function groupView(row: GroupRowWithLag, caller: Caller) {
  const failing = row.last_error !== null;
  const status = row.owner === null ? 'waiting' : failing ? 'failing' : 'active';
  return {
    group: row.name,
    status: row.paused_at !== null ? ('paused' as const) : (status as 'waiting'),
    position: row.position,
    lag: Math.max(0, Number(BigInt(row.end_position) - BigInt(row.position))),
    oldestUnhandledAt: row.oldest?.toISOString() ?? null,
    owner: row.owner,
    attempts: row.attempts,
    lastError: row.last_error,
    lastErrorAt: row.last_error_at?.toISOString() ?? null,
    handledAt: row.handled_at?.toISOString() ?? null,
    pausedAt: row.paused_at?.toISOString() ?? null,
    pausedBy: row.paused_by,
    deadLetters: row.letters,
    can: groupActions(row, caller),
  };
}

function groupActions(row: GroupRow, caller: Caller): Action[] {
  const may = hasRole(caller, ...operators);
  const steering = row.paused_at === null ? 'consumer-groups.pause' : 'consumer-groups.resume';
  const reason = 'only operators and admins may steer consumer groups';
  return [steering, 'consumer-groups.replay'].map((action) => ({
    action,
    allowed: may,
    ...(may ? {} : { reason }),
  }));
}
