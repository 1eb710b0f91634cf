/** What the trace-events module offers, as data. */
import { z } from 'zod';
import { idSchema } from '../../kernel/ids.ts';
import { pageOf, pageQueryBy } from '../../kernel/page.ts';
import { defineRead, defineTransactional } from '../../kernel/procedure.ts';
import { textSchema } from '../../kernel/text.ts';
import { traceEventStatuses, traceEventTypes } from '../../kernel/trace.ts';
import { listTraceEvents } from './list-trace-events.ts';
import { purgeTraceEvents } from './purge-trace-events.ts';
import { tracedServices, traceEventSchema, traceEventView } from './trace-event.ts';

const traceIdSchema = z
  .string()
  .regex(/^[0-9a-f]{32}$/, 'expected a trace id of 32 lower-case hex digits');

const momentSchema = z.iso.datetime({ offset: true });

export const listTraceEventsProcedure = defineRead({
  name: 'trace-events.list',
  summary: 'List trace events, newest first',
  description:
    'With `traceId`, the whole way of the orders that this trace touched, from creation to ' +
    'delivery: what came in for them under other traces (webhooks) is shown as well.',
  input: pageQueryBy([z.iso.datetime(), idSchema]).extend({
    type: z.enum(traceEventTypes).optional(),
    status: z.enum(traceEventStatuses).optional(),
    service: z.enum(tracedServices).optional(),
    procedure: textSchema(100).optional(),
    orderId: idSchema.optional(),
    userId: idSchema.optional(),
    traceId: traceIdSchema.optional(),
    from: momentSchema.optional().describe('Not before this moment'),
    to: momentSchema.optional().describe('Before this moment'),
  }),
  output: pageOf(traceEventSchema),
  access: ['support', 'manager', 'operator', 'admin'],
  http: { method: 'GET', path: '/trace-events' },
  errors: [],
  async execute(context, input) {
    const page = await listTraceEvents(context, input);
    return { ...page, items: page.items.map(traceEventView) };
  },
});

export const purgeTraceEventsProcedure = defineTransactional({
  name: 'trace-events.purge',
  summary: 'Remove trace events from before a moment, oldest first, until there are no more',
  input: z.object({ before: momentSchema, limit: z.number().int().min(1).max(10_000) }),
  output: z.object({ purged: z.number().int(), more: z.boolean() }),
  access: ['service'],
  errors: [],
  execute: purgeTraceEvents,
});
