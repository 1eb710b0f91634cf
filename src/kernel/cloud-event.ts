/**
 * What an event looks like on its way to other programs: CloudEvents 1.0 in structured mode. `id` is the
 * same on every delivery, so that a receiver acts once.
 */
import { z } from 'zod';
import type { EventDefinition } from './event.ts';

/** The attributes around the data, as a receiver reads them. Others may stand beside them. */
const cloudEventSchema = z.object({
  specversion: z.literal('1.0'),
  id: z.string().min(1).max(200).describe('The same on every delivery of this event'),
  source: z.string().min(1).max(200),
  type: z.string().min(1).max(200).describe('The name of the event'),
  subject: z.string().max(500).describe('What the event is about'),
  time: z.iso.datetime({ offset: true }),
  datacontenttype: z.literal('application/json'),
  dataversion: z.string().describe('The version of the data'),
  partitionkey: z.string().describe('Events with the same one keep their order'),
  sequence: z.string().describe('The position in the log of the sender'),
  traceid: z.string().optional().describe('The trace in which the event occurred'),
  data: z.unknown(),
});

/** The schema of this event as it is sent: the envelope with the event's own name and data. */
export function cloudEventOf({ name, payload }: Pick<EventDefinition, 'name' | 'payload'>) {
  return cloudEventSchema.extend({ type: z.literal(name), data: payload });
}
