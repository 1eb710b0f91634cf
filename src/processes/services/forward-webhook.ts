/**
 * Passes a webhook on to the service that owns it. The owner may be down for hours: there are attempts
 * for about a day. What the owner refuses ends the process there, with the reason in its timeline: the
 * sender was answered long ago, and the same words would be refused again.
 */
import { z } from 'zod';
import { end, step, when, workflow } from '../../engine/index.ts';
import { webhookReceived } from '../../modules/webhook-forwarding/index.ts';

const passOn = step({
  id: 'pass-on',
  input: z.object({ webhook: z.string(), body: z.string() }),
  output: z.object({ duplicate: z.boolean() }),
  execute: ({ engine, inputData }) => engine.run('webhook-forwarding.forward', inputData),
  retry: { maxAttempts: 1_500, maxDelay: '1m' },
  irreversible: 'what was said cannot be unsaid',
});

/** Runs where webhooks are taken in for others. */
export const forwardWebhook = workflow('forward-webhook', {
  version: 1,
  name: 'Pass a webhook on',
  businessKey: '{{ on-webhook.deliveryId }}',
})
  .step(when({ id: 'on-webhook', name: 'Webhook taken in', on: webhookReceived }))
  .step(passOn, ({ input }) => ({ webhook: input.webhook, body: input.body }))
  .catch(
    { id: 'refused', name: 'Refused by the owner', code: 'WEBHOOK_REFUSED_BY_OWNER' },
    end({ id: 'not-taken', name: 'Not taken' }),
  )
  .commit();
