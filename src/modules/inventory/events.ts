/** Facts that the inventory module publishes; all events of one order keep their order. */
import { z } from 'zod';
import { defineEvent } from '../../kernel/event.ts';
import { idSchema } from '../../kernel/ids.ts';

const lines = z.array(z.object({ productId: z.string(), quantity: z.number().int().positive() }));

/** The units are promised to the order until `expiresAt`. */
export const inventoryReserved = defineEvent({
  name: 'inventory.reserved',
  version: 1,
  summary: 'Stock was reserved for an order',
  payload: z.object({
    orderId: idSchema,
    items: lines,
    reservedAt: z.iso.datetime(),
    expiresAt: z.iso.datetime(),
  }),
  key: (payload) => payload.orderId,
});

/** The units are free again: the order gave them back, or its time was over. */
export const inventoryReleased = defineEvent({
  name: 'inventory.released',
  version: 1,
  summary: 'Reserved stock was given back',
  payload: z.object({
    orderId: idSchema,
    items: lines,
    reason: z.enum(['released', 'expired']),
    releasedAt: z.iso.datetime(),
  }),
  key: (payload) => payload.orderId,
});

/** The units have left the house with a shipment. */
export const inventoryConsumed = defineEvent({
  name: 'inventory.consumed',
  version: 1,
  summary: 'Reserved stock was shipped',
  payload: z.object({ orderId: idSchema, items: lines, consumedAt: z.iso.datetime() }),
  key: (payload) => payload.orderId,
});
