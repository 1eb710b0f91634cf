/**
 * Reserving stock for an order: all items or none, once per order. In the common case this is one
 * statement; only a repetition reads the earlier reservation.
 */
import { assert, type Refusal, refuse } from '../../kernel/errors.ts';
import type { TransactionalContext } from '../../kernel/procedure.ts';
import {
  insufficientStock,
  productNotStocked,
  reservationEnded,
  reservationMismatch,
} from './errors.ts';
import { inventoryReserved } from './events.ts';
import {
  mergeItems,
  type Reservation,
  requestText,
  reservationView,
  type WantedItem,
} from './reservation.ts';
import { findRequest, findReservation, type JudgedItem, takeStock } from './store.ts';

type ReserveRefusal = Refusal<
  'INSUFFICIENT_STOCK' | 'PRODUCT_NOT_STOCKED' | 'RESERVATION_MISMATCH' | 'RESERVATION_ENDED'
>;

const msPerHour = 3_600_000;

/**
 * Holds the items until `holdHours` from now. The same items again answer with the reservation that
 * is there, and take nothing. Never oversells, however many orders race for the last unit.
 */
export async function reserveStock(
  context: TransactionalContext,
  input: { orderId: string; items: readonly WantedItem[]; holdHours: number },
): Promise<Reservation | ReserveRefusal> {
  const items = mergeItems(input.items);
  const at = context.clock.now();
  const expiresAt = new Date(at.getTime() + input.holdHours * msPerHour);
  const judged = await takeStock(context.tx, { orderId: input.orderId, items, at, expiresAt });
  if (judged.length === 0) return repeatReservation(context, input.orderId, items);
  const unfit = judged.filter((item) => !item.fits);
  if (unfit.length > 0) return refuseUnfit(unfit);
  const reservation: Reservation = {
    orderId: input.orderId,
    status: 'held',
    items: judged.filter((item) => item.available !== null),
    reservedAt: at,
    expiresAt,
    endedAt: null,
  };
  const view = reservationView(reservation);
  await context.emit(inventoryReserved, {
    orderId: view.orderId,
    items: view.items,
    reservedAt: view.reservedAt,
    expiresAt: view.expiresAt,
  });
  return reservation;
}

function refuseUnfit(
  unfit: readonly JudgedItem[],
): Refusal<'INSUFFICIENT_STOCK' | 'PRODUCT_NOT_STOCKED'> {
  const unstocked = unfit.filter((item) => item.available === null);
  if (unstocked.length > 0) {
    const productIds = unstocked.map((item) => item.productId);
    return refuse(
      productNotStocked,
      `Expected stock for every physical product, found none for ${productIds.join(', ')}; ` +
        'set it with inventory.set-stock.',
      { data: { productIds } },
    );
  }
  const lines = unfit.map(
    ({ productId, quantity, available }) => `${available} of ${quantity} ${productId}`,
  );
  return refuse(
    insufficientStock,
    `Expected enough free units of every item, found ${lines.join(', ')}; ` +
      'order fewer, or wait for new stock.',
    {
      data: {
        items: unfit.map(({ productId, quantity, available }) => ({
          productId,
          requested: quantity,
          available,
        })),
      },
    },
  );
}

/** The order was claimed before: its reservation is the answer, when it is held and is for the same. */
async function repeatReservation(
  context: TransactionalContext,
  orderId: string,
  items: readonly WantedItem[],
): Promise<Reservation | Refusal<'RESERVATION_MISMATCH' | 'RESERVATION_ENDED'>> {
  const earlier = await findReservation(context.tx, orderId);
  assert(earlier, `expected the reservation of order ${orderId} that blocked another, found none`);
  const same = (await findRequest(context.tx, orderId)) === requestText(items);
  if (!same) {
    return refuse(
      reservationMismatch,
      `Expected the items that order ${orderId} has reserved, found others; ` +
        'an order is reserved once, so release it and place another order.',
      { data: { orderId, reserved: reservationView(earlier).items } },
    );
  }
  if (earlier.status === 'released' || earlier.status === 'expired') {
    return refuse(
      reservationEnded,
      `Expected a reservation of order ${orderId} that is held, found one that was ` +
        `${earlier.status}; place another order.`,
      { data: { orderId, status: earlier.status } },
    );
  }
  return earlier;
}
