/** Giving reserved stock back, e.g. when an order is cancelled or its payment failed. */
import { type Refusal, refuse } from '../../kernel/errors.ts';
import type { TransactionalContext } from '../../kernel/procedure.ts';
import { reservationConsumed } from './errors.ts';
import { inventoryReleased } from './events.ts';
import { type Reservation, reservationView } from './reservation.ts';
import { endReservations, findReservation } from './store.ts';

/**
 * Frees what the order has reserved. Releasing again, or an order that never reserved anything
 * (null), changes nothing and is no error, so that a compensation can always run. Shipped goods cannot be
 * released.
 */
export async function releaseStock(
  context: TransactionalContext,
  orderId: string,
): Promise<Reservation | null | Refusal<'RESERVATION_CONSUMED'>> {
  const at = context.clock.now();
  const [released] = await endReservations(context.tx, { orderId, to: 'released' }, at);
  if (released) {
    await context.emit(inventoryReleased, {
      orderId,
      items: reservationView(released).items,
      reason: 'released',
      releasedAt: at.toISOString(),
    });
    return released;
  }
  const earlier = await findReservation(context.tx, orderId);
  if (earlier?.status === 'consumed') {
    return refuse(
      reservationConsumed,
      `Expected a reservation of order ${orderId} that was not shipped, found one that was; ` +
        'take the goods back as a return.',
      { data: { orderId } },
    );
  }
  return earlier ?? null;
}
