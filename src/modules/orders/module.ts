/** The orders module: the life of an order from being placed to its end. */
import { defineModule, type ModuleDefinition } from '../../kernel/module.ts';
import { orderErrors } from './errors.ts';
import { orderEvents } from './events.ts';
import { orderStates } from './order-states.ts';
import type { OrdersPorts } from './ports.ts';
import { ordersProcedures } from './procedures.ts';

/** The manifest. Users and products are looked up through the ports. */
export function ordersModule(ports: OrdersPorts): ModuleDefinition {
  return defineModule({
    name: 'orders',
    summary: 'Orders, their risk, approval and status',
    schema: 'orders',
    migrations: new URL('./migrations/', import.meta.url),
    procedures: ordersProcedures(ports),
    events: orderEvents,
    errors: orderErrors,
    stateMachines: [orderStates],
  });
}
