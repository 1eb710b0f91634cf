/** The billing orders module: what a telecom operator's biller is to be told of an order, and how far it is. */
import { defineModule, type ModuleDefinition } from '../../kernel/module.ts';
import { billerWork } from './biller-work.ts';
import { billingOrderStates } from './billing-order.ts';
import { billingOrderErrors } from './errors.ts';
import { billingOrderEvents } from './events.ts';
import { lineWork } from './line-work.ts';
import { orderWork } from './order-work.ts';
import { paymentWork } from './payment-work.ts';
import type { BillingOrdersOptions } from './ports.ts';
import { billingOrderProcedures } from './procedures.ts';
import { billingOrderTriggers } from './triggers.ts';
import { billingWebhook } from './webhook.ts';

/** The manifest. The steps of the drawings are in the files that end in `-work.ts`. */
export function billingOrdersModule(options: BillingOrdersOptions): ModuleDefinition {
  const { systems } = options;
  return defineModule({
    name: 'billing-orders',
    summary: "Orders of a telecom operator's customers, on their way through the biller",
    schema: 'billing_orders',
    migrations: new URL('./migrations/', import.meta.url),
    procedures: [
      ...billingOrderProcedures(options),
      ...orderWork(systems),
      ...lineWork(systems),
      ...paymentWork(systems),
      ...billerWork(systems),
    ],
    events: billingOrderEvents,
    errors: billingOrderErrors,
    webhooks: [billingWebhook],
    triggers: billingOrderTriggers,
    stateMachines: [billingOrderStates],
  });
}
