/** The payments module: sessions, charges, refunds, and the outcome of each in exactly one event. */
import { defineModule, type ModuleDefinition } from '../../kernel/module.ts';
import { paymentErrors } from './errors.ts';
import { paymentEvents } from './events.ts';
import { paymentStates } from './payment-states.ts';
import { assertOptions, type PaymentsOptions } from './ports.ts';
import { paymentsProcedures } from './procedures.ts';
import { paymentTriggers } from './triggers.ts';
import { paymentWebhook } from './webhook.ts';

/** The manifest. Money moves through the provider; orders are looked up through the port. */
export function paymentsModule(options: PaymentsOptions): ModuleDefinition {
  assertOptions(options);
  return defineModule({
    name: 'payments',
    summary: 'Payments of orders, their refunds and audit trail',
    schema: 'payments',
    migrations: new URL('./migrations/', import.meta.url),
    procedures: paymentsProcedures(options),
    events: paymentEvents,
    errors: paymentErrors,
    webhooks: [paymentWebhook],
    triggers: paymentTriggers,
    stateMachines: [paymentStates],
  });
}
