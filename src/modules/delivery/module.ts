/** The delivery module: one shipment of each order, from booking to the customer's door. */
import { defineModule, type ModuleDefinition } from '../../kernel/module.ts';
import { deliveryErrors } from './errors.ts';
import { deliveryEvents } from './events.ts';
import type { DeliveryOptions } from './ports.ts';
import { deliveryProcedures } from './procedures.ts';
import { shipmentStates } from './shipment-states.ts';
import { deliveryWebhook } from './webhook.ts';

/** The manifest. Parcels are carried by the courier; orders are looked up through the port. */
export function deliveryModule(options: DeliveryOptions): ModuleDefinition {
  return defineModule({
    name: 'delivery',
    summary: 'Shipments of orders and where they are',
    schema: 'delivery',
    migrations: new URL('./migrations/', import.meta.url),
    procedures: deliveryProcedures(options),
    events: deliveryEvents,
    errors: deliveryErrors,
    webhooks: [deliveryWebhook],
    stateMachines: [shipmentStates],
  });
}
