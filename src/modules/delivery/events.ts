/** What the delivery module tells the world. */
import { z } from 'zod';
import { defineEvent } from '../../kernel/event.ts';
import { idSchema } from '../../kernel/ids.ts';

/** Resumes what waits for a delivery. */
export const triggerStatusUpdated = defineEvent({
  name: 'delivery.trigger.status-updated',
  version: 1,
  summary: 'Trigger: a shipment moved on',
  payload: z.object({
    orderId: idSchema,
    shipmentId: idSchema,
    status: z.enum(['in_transit', 'out_for_delivery', 'delivered', 'failed']),
    detail: z.string().optional(),
  }),
  key: ({ orderId }) => orderId,
});

/** All of them, for the manifest. */
export const deliveryEvents = [triggerStatusUpdated] as const;
