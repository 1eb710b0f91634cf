/** The inventory module: stock, and its reservation for orders. */
import { defineModule, type ModuleDefinition } from '../../kernel/module.ts';
import { inventoryErrors } from './errors.ts';
import { inventoryConsumed, inventoryReleased, inventoryReserved } from './events.ts';
import {
  checkAvailabilityProcedure,
  consumeProcedure,
  expireReservationsProcedure,
  listReservationsProcedure,
  listStockProcedure,
  releaseProcedure,
  reserveProcedure,
  setStockProcedure,
} from './procedures.ts';
import { reservationStates } from './reservation.ts';

/** The manifest. */
export function inventoryModule(): ModuleDefinition {
  return defineModule({
    name: 'inventory',
    summary: 'Stock, and its reservation for orders',
    schema: 'inventory',
    migrations: new URL('./migrations/', import.meta.url),
    procedures: [
      checkAvailabilityProcedure,
      reserveProcedure,
      releaseProcedure,
      consumeProcedure,
      expireReservationsProcedure,
      setStockProcedure,
      listStockProcedure,
      listReservationsProcedure,
    ],
    events: [inventoryReserved, inventoryReleased, inventoryConsumed],
    errors: inventoryErrors,
    stateMachines: [reservationStates],
  });
}
