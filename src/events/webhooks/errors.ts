/** The ways in which the procedures over outgoing webhooks say no. */
import { defineError } from '../../kernel/errors.ts';

export const webhookSubscriptionNotFound = defineError({
  code: 'WEBHOOK_SUBSCRIPTION_NOT_FOUND',
  status: 404,
  title: 'No such webhook subscription',
});
export const webhookDeliveryNotFound = defineError({
  code: 'WEBHOOK_DELIVERY_NOT_FOUND',
  status: 404,
  title: 'No such webhook delivery',
});
export const webhookTargetRefused = defineError({
  code: 'WEBHOOK_TARGET_REFUSED',
  status: 422,
  title: 'Webhooks are not sent to this address',
});
export const webhookSubscriptionLimit = defineError({
  code: 'WEBHOOK_SUBSCRIPTION_LIMIT',
  status: 409,
  title: 'Too many webhook subscriptions',
});
