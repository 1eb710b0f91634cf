/**
 * A trace event as it is kept and shown: one call of a traced procedure, with its outcome. Its details
 * are cleaned before they are stored, so that no text from outside can make the storing fail.
 */
import { z } from 'zod';
import { idSchema, newId } from '../../kernel/ids.ts';
import {
  type TracedService,
  type TraceEventRecord,
  traceEventStatuses,
  traceEventTypes,
} from '../../kernel/trace.ts';

/** Every service of the order processing flow, as a list for schemas. */
export const tracedServices = [
  'User Service',
  'Order Service',
  'Payment Service',
  'Data Service',
] as const satisfies readonly TracedService[];

/** A recorded event; what the runner left out is null. */
export interface TraceEvent extends Omit<TraceEventRecord, 'orderId' | 'userId' | 'errorCode'> {
  readonly id: string;
  readonly orderId: string | null;
  readonly userId: string | null;
  readonly errorCode: string | null;
}

/** A trace event on the wire. */
export const traceEventSchema = z.object({
  id: idSchema,
  type: z.enum(traceEventTypes),
  service: z.enum(tracedServices),
  procedure: z.string(),
  status: z.enum(traceEventStatuses),
  traceId: z.string(),
  spanId: z.string(),
  orderId: idSchema.nullable(),
  userId: idSchema.nullable(),
  details: z.record(z.string(), z.unknown()),
  errorCode: z.string().nullable(),
  at: z.iso.datetime(),
  durationMs: z.number(),
});

/** The event as the API shows it. */
export function traceEventView(event: TraceEvent): z.input<typeof traceEventSchema> {
  return { ...event, at: event.at.toISOString() };
}

/**
 * The event as it is stored. An order or user id that is no UUID, which a failed call may well have
 * brought along, moves into the details.
 */
export function toTraceEvent(record: TraceEventRecord): TraceEvent {
  const { orderId, userId, errorCode, details, ...rest } = record;
  const order = splitId('orderId', orderId);
  const user = splitId('userId', userId);
  return {
    ...rest,
    id: newId(),
    orderId: order.id,
    userId: user.id,
    errorCode: errorCode ?? null,
    details: { ...details, ...order.details, ...user.details },
  };
}

function splitId(name: string, value: string | undefined) {
  if (value === undefined) return { id: null, details: {} };
  return idSchema.safeParse(value).success
    ? { id: value, details: {} }
    : { id: null, details: { [name]: value } };
}

/** Longer texts are cut: details are facts to find, not a place for whole documents. */
const longestText = 2_000;

/**
 * Details as JSON that PostgreSQL takes: without NUL and half surrogates, which `jsonb` refuses, and
 * with amounts in minor units as text.
 */
export function detailsJson(details: Readonly<Record<string, unknown>>): string {
  return JSON.stringify(details, (_key, value: unknown) => {
    if (typeof value === 'bigint') return value.toString();
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
      return Object.fromEntries(Object.entries(value).map(([key, item]) => [storable(key), item]));
    }
    return typeof value === 'string' ? storable(value) : value;
  });
}

function storable(text: string): string {
  return text.slice(0, longestText).toWellFormed().replaceAll('\0', '\uFFFD');
}
