/** Freeing what was reserved too long ago. To be called by a timer, again while `more` is true. */
import type { TransactionalContext } from '../../kernel/procedure.ts';
import { inventoryReleased } from './events.ts';
import { reservationView } from './reservation.ts';
import { endReservations } from './store.ts';

/**
 * Expires at most `limit` reservations whose time is over, the oldest first. Two nodes may do so at
 * once: each takes those that the other does not.
 */
export async function expireReservations(
  context: TransactionalContext,
  limit: number,
): Promise<{ orderIds: string[]; more: boolean }> {
  const at = context.clock.now();
  const expired = await endReservations(context.tx, { limit, to: 'expired' }, at);
  for (const reservation of expired) {
    await context.emit(inventoryReleased, {
      orderId: reservation.orderId,
      items: reservationView(reservation).items,
      reason: 'expired',
      releasedAt: at.toISOString(),
    });
  }
  return {
    orderIds: expired.map((reservation) => reservation.orderId),
    more: expired.length === limit,
  };
}
