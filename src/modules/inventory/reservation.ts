/**
 * What a reservation is.
 *
 * - `held`: its units count as reserved; nobody else can have them. It ends by shipping (`consumed`),
 *   by giving up the order (`released`), or when its time is over (`expired`).
 * - `consumed`, `released`, `expired`: final. Its units are gone from the stock, or free again.
 *
 * An order has one reservation in its life. Reserving again answers with it, so that a repeated step
 * cannot take units twice.
 */
import { z } from 'zod';
import { type Caller, hasRole } from '../../kernel/caller.ts';
import { idSchema } from '../../kernel/ids.ts';
import { type Action, actionSchema } from '../../kernel/page.ts';
import { canTransition, defineStateMachine } from '../../kernel/state-machine.ts';

export const reservationStates = defineStateMachine({
  name: 'reservation',
  initial: 'held',
  transitions: {
    held: ['consumed', 'released', 'expired'],
    consumed: [],
    released: [],
    expired: [],
  },
});

/** Every state of a reservation, for schemas. */
export const reservationStatuses = ['held', 'consumed', 'released', 'expired'] as const;
export type ReservationStatus = (typeof reservationStatuses)[number];

/** Units of one product. */
export interface ReservationLine {
  readonly productId: string;
  readonly quantity: number;
}

/** A reservation as it is now. */
export interface Reservation {
  readonly orderId: string;
  readonly status: ReservationStatus;
  /** By product id. Products that need no stock are not among them. */
  readonly items: readonly ReservationLine[];
  readonly reservedAt: Date;
  readonly expiresAt: Date;
  readonly endedAt: Date | null;
}

/** One product and how many of it are wanted. */
export interface WantedItem extends ReservationLine {
  /** True: it must be in stock. False or absent: without a stock row it needs none. */
  readonly physical?: boolean | undefined;
}

/** More units of one product than any order can want; keeps sums within PostgreSQL's integer. */
const largestQuantity = 1_000_000;

/** Any product id; wider than the catalog's own, since stock may be kept for other catalogs. */
export const stockedProductIdSchema = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/, 'expected a product id such as prod-123')
  .meta({ examples: ['prod-123'] });

/** A whole number of units. */
export const quantitySchema = z.number().int().min(1).max(largestQuantity);

/** A reservation on the wire. */
export const reservationSchema = z.object({
  orderId: idSchema,
  status: z.enum(reservationStatuses),
  items: z.array(z.object({ productId: z.string(), quantity: z.number().int() })),
  reservedAt: z.iso.datetime(),
  expiresAt: z.iso.datetime(),
  endedAt: z.iso.datetime().nullable(),
});

/** A reservation in a list, with what the reader may do with it. */
export const reservationRowSchema = reservationSchema.extend({ can: z.array(actionSchema) });

/** The reservation as the API shows it. */
export function reservationView(reservation: Reservation): z.input<typeof reservationSchema> {
  return {
    orderId: reservation.orderId,
    status: reservation.status,
    items: reservation.items.map(({ productId, quantity }) => ({ productId, quantity })),
    reservedAt: reservation.reservedAt.toISOString(),
    expiresAt: reservation.expiresAt.toISOString(),
    endedAt: reservation.endedAt?.toISOString() ?? null,
  };
}

/** Who may move stock by hand; processes do it by themselves. */
export const stockKeepers = ['service', 'operator', 'admin'] as const;

/** What `caller` may do with a reservation. */
export function reservationActions(caller: Caller, reservation: Reservation): Action[] {
  const choices = [
    { action: 'inventory.release', target: 'released' },
    { action: 'inventory.consume', target: 'consumed' },
  ] as const;
  return choices.map(({ action, target }) => {
    if (!hasRole(caller, ...stockKeepers)) {
      return { action, allowed: false, reason: 'Only operators and admins may move stock.' };
    }
    return canTransition(reservationStates, reservation.status, target)
      ? { action, allowed: true }
      : { action, allowed: false, reason: `The reservation is ${reservation.status} already.` };
  });
}

/** Merged items as one canonical text: equal for two requests exactly when they want the same. */
export function requestText(items: readonly WantedItem[]): string {
  return items
    .map(({ productId, quantity }) => `${productId}:${quantity}`)
    .sort()
    .join(',');
}

/** The same product named twice counts once, with both quantities; physical when either says so. */
export function mergeItems(items: readonly WantedItem[]): WantedItem[] {
  const merged = new Map<string, WantedItem>();
  for (const { productId, quantity, physical = false } of items) {
    const before = merged.get(productId);
    merged.set(productId, {
      productId,
      quantity: quantity + (before?.quantity ?? 0),
      physical: physical || (before?.physical ?? false),
    });
  }
  return [...merged.values()];
}
