/** Outgoing webhooks as a module: who is told of which events, and what came of it. */
import { defineModule, type ModuleDefinition } from '../../kernel/module.ts';
import { deliveryProcedures } from './delivery-procedures.ts';
import {
  webhookDeliveryNotFound,
  webhookSubscriptionLimit,
  webhookSubscriptionNotFound,
  webhookTargetRefused,
} from './errors.ts';
import { webhookSubscriptionDisabled } from './events.ts';
import { subscriptionProcedures, type WebhookParts } from './subscription-procedures.ts';

/** The manifest. Its tables are in the schema of the event log, and come with its migrations. */
export function webhooksModule(parts: WebhookParts): ModuleDefinition {
  return defineModule({
    name: 'webhooks',
    summary: 'Outgoing webhooks: subscriptions of other programs to events, and their deliveries',
    procedures: [...subscriptionProcedures(parts), ...deliveryProcedures(parts)],
    events: [webhookSubscriptionDisabled],
    errors: [
      webhookSubscriptionNotFound,
      webhookDeliveryNotFound,
      webhookTargetRefused,
      webhookSubscriptionLimit,
    ],
  });
}
