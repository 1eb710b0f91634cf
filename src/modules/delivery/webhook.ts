/** The webhook of the courier, served at `POST /webhooks/delivery`. */
import { z } from 'zod';
import type { WebhookDefinition } from '../../kernel/webhook.ts';

const deliverySchema = z.object({ eventId: z.string().min(1).max(200) });

/** Repeats are recognised by the courier's event id. */
export const deliveryWebhook: WebhookDefinition = Object.freeze<WebhookDefinition>({
  name: 'delivery',
  summary: 'The courier reports where a shipment is',
  procedure: 'delivery.receive-webhook',
  deliveryId: (body) => deliverySchema.safeParse(body).data?.eventId ?? null,
});
