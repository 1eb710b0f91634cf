/** Procedures over dead letters: what a group could not handle, trying it again, giving it up. */
import { z } from 'zod';
import { hasRole } from '../../kernel/caller.ts';
import { refuse } from '../../kernel/errors.ts';
import { actionSchema, decodeCursor, pageOf, pageQueryBy, toPage } from '../../kernel/page.ts';
import { defineRead, defineTransactional } from '../../kernel/procedure.ts';
import { cappedCount, tables } from '../../postgres/index.ts';
import type { EventLog } from '../event-log.ts';
import { consumerGroupNotFound, deadLetterNotFound } from './errors.ts';
import { positionSchema } from './event-procedures.ts';
import { groupNameSchema, isGroup, noGroup, operators } from './group-procedures.ts';

/** A dead letter as its readers see it. */
export const deadLetterSchema = z.object({
  group: groupNameSchema,
  position: positionSchema,
  eventId: z.uuid(),
  name: z.string(),
  key: z.string(),
  attempts: z.number().int(),
  error: z.string(),
  behind: positionSchema
    .nullable()
    .describe('The letter of the same key that this one waits behind; null when it failed itself'),
  parkedAt: z.iso.datetime(),
  replayAt: z.iso.datetime().nullable().describe('Since when it waits for another attempt'),
  can: z.array(actionSchema),
});

interface LetterRow {
  consumer_group: string;
  position: string;
  event_id: string;
  event_name: string;
  key: string;
  attempts: number;
  error: string;
  behind: string | null;
  parked_at: Date;
  replay_at: Date | null;
}

/** The procedures over dead letters. */
export function deadLetterProcedures(eventLog: () => EventLog) {
  const list = defineRead({
    name: 'dead-letters.list',
    summary: 'List events that a consumer group could not handle, in the order of the log',
    input: pageQueryBy([groupNameSchema, positionSchema]).extend({
      group: groupNameSchema.optional(),
      key: z.string().max(200).optional(),
    }),
    output: pageOf(deadLetterSchema),
    access: ['operator', 'manager', 'support', 'admin'],
    http: { method: 'GET', path: '/dead-letters' },
    errors: [consumerGroupNotFound],
    async execute({ tx, caller }, { limit, cursor, group, key }) {
      if (group !== undefined && !(await isGroup(tx, group))) return noGroup(group);
      const after = cursor === undefined ? undefined : decodeCursor(cursor, 2);
      let wanted = tables<{ 'events.dead_letter': LetterRow }>(tx).selectFrom('events.dead_letter');
      if (group !== undefined) wanted = wanted.where('consumer_group', '=', group);
      if (key !== undefined) wanted = wanted.where('key', '=', key);
      const counted = await cappedCount(tx, wanted);
      if (after) {
        const [name, position] = after as [string, string];
        wanted = wanted.where(({ eb, refTuple, tuple }) =>
          eb(refTuple('consumer_group', 'position'), '>', tuple(name, position)),
        );
      }
      const rows = await wanted
        .selectAll()
        .orderBy('consumer_group')
        .orderBy('position')
        .limit(limit + 1)
        .execute();
      const allowed = hasRole(caller, ...operators);
      const reason = 'only operators and admins may decide over dead letters';
      return toPage({
        rows,
        limit,
        counted,
        cursorOf: (row) => [row.consumer_group, row.position],
        itemOf: (row) => ({
          ...letterView(row),
          can: ['dead-letters.replay', 'dead-letters.discard'].map((action) => ({
            action,
            allowed,
            ...(allowed ? {} : { reason }),
          })),
        }),
      });
    },
  });

  const replay = defineTransactional({
    name: 'dead-letters.replay',
    summary: 'Try dead letters of a group again: those of one key, or all',
    description:
      'Letters of one key are tried in the order of the log. When one fails again, it and those behind ' +
      'it stay. When all have gone through, new events of the key are handled as usual.',
    input: z.object({
      group: groupNameSchema,
      key: z.string().max(200).optional().describe('Only letters of this key; all when absent'),
    }),
    output: z.object({ group: groupNameSchema, letters: z.number().int() }),
    access: operators,
    http: { method: 'POST', path: '/dead-letters/replay', status: 202 },
    errors: [deadLetterNotFound],
    async execute({ tx, clock }, { group, key }) {
      const { rowCount } = await tx.query(
        `update events.dead_letter set replay_at = coalesce(replay_at, $3)
          where consumer_group = $1 and ($2::text is null or key = $2)`,
        [group, key ?? null, clock.now()],
      );
      if (rowCount === 0) return noLetter(group, key === undefined ? '' : ` with key ${key}`);
      tx.afterCommit(() => eventLog().groupsChanged());
      return { group, letters: rowCount };
    },
  });

  const discard = defineTransactional({
    name: 'dead-letters.discard',
    summary: 'Give a dead letter up: its group never handles that event',
    input: z.object({
      group: groupNameSchema,
      position: positionSchema,
      reason: z.string().min(3).max(500).describe('Why; it is written to the log of the program'),
    }),
    output: deadLetterSchema.omit({ can: true }),
    access: operators,
    http: { method: 'POST', path: '/dead-letters/discard' },
    errors: [deadLetterNotFound],
    async execute({ tx, log, caller }, { group, position, reason }) {
      const { rows } = await tx.query<LetterRow>(
        'delete from events.dead_letter where consumer_group = $1 and position = $2 returning *',
        [group, position],
      );
      const [letter] = rows;
      if (!letter) return noLetter(group, ` at position ${position}`);
      const by = caller.userId ?? caller.kind;
      log.warn(
        { group, position, event: letter.event_id, by, reason },
        'a dead letter was given up',
      );
      tx.afterCommit(() => eventLog().groupsChanged());
      return letterView(letter);
    },
  });

  return [list, replay, discard];
}

function letterView(row: LetterRow) {
  return {
    group: row.consumer_group,
    position: row.position,
    eventId: row.event_id,
    name: row.event_name,
    key: row.key,
    attempts: row.attempts,
    error: row.error,
    behind: row.behind,
    parkedAt: row.parked_at.toISOString(),
    replayAt: row.replay_at?.toISOString() ?? null,
  };
}

function noLetter(group: string, which: string) {
  return refuse(
    deadLetterNotFound,
    `expected a dead letter of group "${group}"${which}, found none; list them with ` +
      'GET /api/v1/dead-letters',
  );
}
