/** The list of reservations, newest first. */
import { decodeCursor, type Page, toPage } from '../../kernel/page.ts';
import type { ReadContext } from '../../kernel/procedure.ts';
import type { Reservation } from './reservation.ts';
import { type ReservationFilter, readReservationPage } from './store.ts';

/** One page of reservations with their items. */
export async function listReservations(
  context: ReadContext,
  input: ReservationFilter & { limit: number; cursor?: string | undefined },
): Promise<Page<Reservation>> {
  const { limit, cursor, status, orderId, productId } = input;
  const [reservedAt, lastOrderId] = (cursor && decodeCursor(cursor, 2)) || [];
  const { reservations, counted } = await readReservationPage(context.tx, {
    filter: { status, orderId, productId },
    after:
      reservedAt === undefined || lastOrderId === undefined
        ? undefined
        : { reservedAt, orderId: lastOrderId },
    limit,
  });
  return toPage({
    rows: reservations,
    limit,
    counted,
    cursorOf: (row) => [row.reservedAt.toISOString(), row.orderId],
    itemOf: (row) => row,
  });
}
