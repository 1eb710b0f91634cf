/** Taking reserved goods out of the stock for good, when they leave with a shipment. */
import { type Refusal, refuse } from '../../kernel/errors.ts';
import type { TransactionalContext } from '../../kernel/procedure.ts';
import { reservationEnded, reservationNotFound } from './errors.ts';
import { inventoryConsumed } from './events.ts';
import { type Reservation, reservationView } from './reservation.ts';
import { endReservations, findReservation } from './store.ts';

/** Ships what the order has reserved; again changes nothing. Only a held reservation can be shipped. */
export async function consumeStock(
  context: TransactionalContext,
  orderId: string,
): Promise<Reservation | Refusal<'RESERVATION_NOT_FOUND' | 'RESERVATION_ENDED'>> {
  const at = context.clock.now();
  const [consumed] = await endReservations(context.tx, { orderId, to: 'consumed' }, at);
  if (consumed) {
    await context.emit(inventoryConsumed, {
      orderId,
      items: reservationView(consumed).items,
      consumedAt: at.toISOString(),
    });
    return consumed;
  }
  const earlier = await findReservation(context.tx, orderId);
  if (!earlier) {
    return refuse(
      reservationNotFound,
      `Expected a reservation of order ${orderId}, found none; reserve its items first.`,
      { data: { orderId } },
    );
  }
  if (earlier.status === 'consumed') return earlier;
  return refuse(
    reservationEnded,
    `Expected a reservation of order ${orderId} that is held, found one that was ` +
      `${earlier.status}; its units may belong to others by now.`,
    { data: { orderId, status: earlier.status } },
  );
}
