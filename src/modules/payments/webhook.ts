/** The webhook of the payment gateway, served at `POST /webhooks/payment`. */
import { z } from 'zod';
import type { WebhookDefinition } from '../../kernel/webhook.ts';

const deliverySchema = z.object({ eventId: z.string().min(1).max(200) });

/** Repeats are recognised by the gateway's event id. */
export const paymentWebhook: WebhookDefinition = Object.freeze<WebhookDefinition>({
  name: 'payment',
  summary: 'The payment gateway reports the outcome of a payment',
  procedure: 'payments.receive-webhook',
  deliveryId: (body) => deliverySchema.safeParse(body).data?.eventId ?? null,
});
