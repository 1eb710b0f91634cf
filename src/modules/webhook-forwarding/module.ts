/**
 * Webhook forwarding: a webhook may be sent to a service that is not its owner. The delivery is taken in
 * in one transaction, answered, and passed on by a process, so that it arrives although the owner is
 * down. The owner alone judges what it says; what it refuses is seen in the process.
 */
import { z } from 'zod';
import { defineError, refuse } from '../../kernel/errors.ts';
import { idSchema } from '../../kernel/ids.ts';
import { defineModule, type ModuleDefinition } from '../../kernel/module.ts';
import { defineExternal, defineTransactional } from '../../kernel/procedure.ts';
import { formatTraceparent } from '../../kernel/tracing.ts';
import { webhookReceived } from './events.ts';
import type { WebhookOwner } from './provider.ts';

const webhookRefused = defineError({
  code: 'WEBHOOK_REFUSED_BY_OWNER',
  status: 422,
  title: 'The service that owns the webhook refused the delivery.',
});

const identified = z.object({ eventId: z.string().min(1).max(200) });

/** The manifest. `webhooks` are the names that are taken in here for others. */
export function webhookForwardingModule(options: {
  readonly webhooks: readonly string[];
  readonly owner: WebhookOwner;
}): ModuleDefinition {
  const { webhooks, owner } = options;
  const taking = webhooks.map((webhook) => takeInProcedure(webhook));
  return defineModule({
    name: 'webhook-forwarding',
    summary: 'Webhooks that are taken in for other services',
    procedures: [...taking, forwardProcedure(owner)],
    events: [webhookReceived],
    errors: [webhookRefused],
    webhooks: webhooks.map((name) => ({
      name,
      summary: `Taken in for the service that owns it, and passed on`,
      procedure: `webhook-forwarding.take-in-${name}`,
      deliveryId: (body) => identified.safeParse(body).data?.eventId ?? null,
    })),
  });
}

function takeInProcedure(webhook: string) {
  return defineTransactional({
    name: `webhook-forwarding.take-in-${webhook}`,
    summary: `Take in a ${webhook} webhook for the service that owns it`,
    description: 'Called for verified webhooks.',
    input: z.record(z.string(), z.unknown()),
    output: z.object({ forwarding: z.literal(true), deliveryId: idSchema }),
    access: ['service'],
    errors: [],
    emits: [webhookReceived],
    async execute(context, body) {
      const deliveryId = context.newId();
      await context.emit(webhookReceived, { deliveryId, webhook, body: JSON.stringify(body) });
      return { forwarding: true as const, deliveryId };
    },
  });
}

function forwardProcedure(owner: WebhookOwner) {
  return defineExternal({
    name: 'webhook-forwarding.forward',
    summary: 'Pass a webhook on to the service that owns it',
    input: z.object({ webhook: z.string(), body: z.string() }),
    output: z.object({ duplicate: z.boolean() }),
    access: ['service'],
    errors: [webhookRefused],
    async execute({ trace, signal }, delivery) {
      const answer = await owner.forward(delivery, {
        traceparent: formatTraceparent(trace),
        signal,
      });
      if (answer.status === 'taken') return { duplicate: answer.duplicate };
      return refuse(webhookRefused, `${answer.code}: ${answer.detail}`, {
        data: { ownersCode: answer.code },
      });
    },
  });
}
