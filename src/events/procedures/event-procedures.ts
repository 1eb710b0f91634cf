/** Procedures that read the event log: as a list, and as a stream. */
import { z } from 'zod';
import { type Caller, hasRole, type Role } from '../../kernel/caller.ts';
import { assert, isRefusal, type Refusal, refuse } from '../../kernel/errors.ts';
import type { EventDefinition } from '../../kernel/event.ts';
import { didYouMean } from '../../kernel/near-names.ts';
import { cursorValue, encodeCursor, pageOf, pageQueryBy } from '../../kernel/page.ts';
import { defineRead } from '../../kernel/procedure.ts';
import type { Transaction } from '../../kernel/transaction.ts';
import type { EventLog } from '../event-log.ts';
import { listEvents } from '../list-events.ts';
import type { LoggedEvent } from '../logged-event.ts';
import { eventNotForCaller, eventPositionAhead, eventUnknown } from './errors.ts';

/**
 * Who may see every event. Customers may follow those of their own that say so (`forOwner`): another event
 * can tell of others than the one that it names.
 */
const eventReaders = [
  'operator',
  'manager',
  'support',
  'admin',
  'service',
] as const satisfies readonly Role[];

/** A position in the log. */
export const positionSchema = z
  .string()
  .regex(/^\d{1,18}$/, 'expected a position: a whole number from 0, as text')
  .meta({ examples: ['4711'] });

/** Most names or keys in one filter. */
const mostFiltered = 50;

/** A list in a query: parts separated by commas. */
const listed = (what: string) =>
  z
    .string()
    .max(5_000)
    .transform((text) => text.split(',').map((part) => part.trim()))
    .pipe(
      z
        .array(
          z.string().min(1, `expected ${what} separated by commas, without empty parts`).max(200),
        )
        .max(mostFiltered),
    )
    .optional();

/** An event as its readers see it. */
export const eventSchema = z.object({
  position: positionSchema,
  id: z.uuid(),
  name: z.string(),
  version: z.number().int(),
  key: z.string(),
  occurredAt: z.iso.datetime(),
  traceId: z.string().nullable(),
  payload: z.unknown(),
});

const filter = {
  names: listed('names of events').describe('Names of events, separated by commas'),
  keys: listed('keys').describe('Keys such as the ids of orders, separated by commas'),
};

/** Says no to names of which there is no event; null when all of them are known. */
export function refuseUnknownEvents(
  names: readonly string[],
  known: ReadonlySet<string>,
): Refusal<'EVENT_UNKNOWN'> | null {
  const unknown = names.filter((name) => !known.has(name));
  if (unknown.length === 0) return null;
  const meant = unknown.length === 1 ? didYouMean(unknown[0]!, known) : '';
  return refuse(
    eventUnknown,
    `expected names of events, found ${unknown.join(', ')}${meant || '; GET /asyncapi.yaml lists them'}`,
  );
}

/** What the procedures that read the log are made of. */
export interface EventProcedureParts {
  readonly eventLog: () => EventLog;
  /** Every event of the program. */
  readonly events: () => readonly EventDefinition[];
}

/** The procedures that read the log. */
export function eventProcedures({ eventLog, events }: EventProcedureParts) {
  const known = () => new Set(events().map(({ name }) => name));

  const list = defineRead({
    name: 'events.list',
    summary: 'List events of the log, newest first or in their order',
    description:
      'In their order (`order=oldest`) the list is complete up to where it ends: no event can appear ' +
      'before one that was shown. With a filter a page may be short, or empty, and still have a ' +
      '`nextCursor`: it then looked as far as one request may.',
    input: pageQueryBy([positionSchema]).extend({
      ...filter,
      order: z.enum(['newest', 'oldest']).default('newest'),
      after: positionSchema.optional().describe('Only events after this position'),
      since: z.iso
        .datetime()
        .optional()
        .describe('Only events that occurred at this time or later'),
    }),
    output: pageOf(eventSchema),
    access: eventReaders,
    http: { method: 'GET', path: '/event-log' },
    errors: [eventUnknown],
    async execute({ tx }, input) {
      const { names, keys, order, limit } = input;
      const refused = refuseUnknownEvents(names ?? [], known());
      if (refused) return refused;
      const start = [input.after ?? '0'];
      if (input.since) start.push(await eventLog().positionBefore(new Date(input.since)));
      const floor = start.map(BigInt).reduce((a, b) => (a > b ? a : b));
      const cursor = cursorValue(input.cursor);
      const query = { names, keys, limit, floor, cursor };
      const page = await listEvents(tx, eventLog(), order, query);
      const { next, count } = page;
      return {
        items: page.events.map(eventView),
        nextCursor: next === null ? null : encodeCursor([next]),
        count,
      };
    },
  });

  const stream = defineRead({
    name: 'events.stream',
    summary: 'Follow the event log as server-sent events',
    description:
      'Each event has its position as `id`, its name as `event`, and the CloudEvent as `data`. A client ' +
      'that connects again with `Last-Event-ID` misses nothing and sees nothing twice. Without `after` ' +
      'and `Last-Event-ID` the stream begins with what happens from now on. A customer follows the events of ' +
      'the own orders and payments.',
    input: z.object({
      ...filter,
      after: positionSchema.optional().describe('Begin after this position; 0 is the beginning'),
    }),
    output: z.object({
      after: positionSchema,
      names: z.array(z.string()).optional(),
      keys: z.array(z.string()).optional(),
      owner: z.string().optional(),
    }),
    access: [...eventReaders, 'customer'],
    http: { method: 'GET', path: '/events', stream: true },
    errors: [eventNotForCaller, eventPositionAhead, eventUnknown],
    async execute({ caller, tx }, { after, names, keys }) {
      const seen = seenBy(caller, names, events());
      if (isRefusal(seen)) return seen;
      const refused = refuseUnknownEvents(names ?? [], known());
      if (refused) return refused;
      const end = await endOfLog(tx);
      if (after !== undefined && BigInt(after) > BigInt(end)) {
        return refuse(
          eventPositionAhead,
          `expected a position of this log, ${end} at most, found ${after}; a position of another database ` +
            'says nothing here: begin without one, or with 0',
        );
      }
      return {
        after: after ?? (await eventLog().horizon()),
        ...(keys ? { keys } : {}),
        ...seen,
      };
    },
  });

  return [list, stream];
}

/** The newest position that was given to any event, whether or not it can be read yet. */
async function endOfLog(tx: Transaction): Promise<string> {
  const { rows } = await tx.query<{ position: string }>(
    `select case when is_called then last_value else 0 end::text as position
       from events.event_position`,
  );
  return rows[0]!.position;
}

/** Which of the events that are asked for a caller follows: staff and services all, others their own. */
function seenBy(
  caller: Caller,
  asked: readonly string[] | undefined,
  events: readonly EventDefinition[],
): { names?: string[]; owner?: string } | Refusal<'EVENT_NOT_FOR_CALLER'> {
  if (hasRole(caller, ...eventReaders)) return asked ? { names: [...asked] } : {};
  const own = events.filter(({ forOwner }) => forOwner).map(({ name }) => name);
  const foreign = asked?.filter((name) => !own.includes(name)) ?? [];
  if (foreign.length > 0) {
    return refuse(
      eventNotForCaller,
      `expected names of events that a customer may follow (${own.join(', ')}), found ${foreign.join(', ')}`,
    );
  }
  assert(caller.userId !== null, 'a customer is a user');
  return { names: [...(asked ?? own)], owner: caller.userId };
}

function eventView(event: LoggedEvent) {
  return {
    position: event.position,
    id: event.id,
    name: event.name,
    version: event.version,
    key: event.key,
    occurredAt: event.occurredAt.toISOString(),
    traceId: event.traceId,
    payload: event.payload,
  };
}
