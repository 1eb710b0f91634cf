/** How the inventory module says no. */
import { defineError } from '../../kernel/errors.ts';

/** Too few units are free; `data.items` says how many were asked for and how many there are. */
export const insufficientStock = defineError({
  code: 'INSUFFICIENT_STOCK',
  status: 409,
  title: 'There is not enough stock.',
});

/** A physical product without a stock row: somebody forgot to set its stock. */
export const productNotStocked = defineError({
  code: 'PRODUCT_NOT_STOCKED',
  status: 409,
  title: 'A physical product has no stock.',
});

/** The order has a reservation already, for other items. */
export const reservationMismatch = defineError({
  code: 'RESERVATION_MISMATCH',
  status: 409,
  title: 'The order has a reservation for other items.',
});

export const reservationNotFound = defineError({
  code: 'RESERVATION_NOT_FOUND',
  status: 404,
  title: 'The order has no reservation.',
});

/** Released or expired: its units may belong to somebody else by now. */
export const reservationEnded = defineError({
  code: 'RESERVATION_ENDED',
  status: 409,
  title: 'The reservation of the order was released or has expired.',
});

/** The goods have left the house; only a return brings them back. */
export const reservationConsumed = defineError({
  code: 'RESERVATION_CONSUMED',
  status: 409,
  title: 'The reserved goods were shipped already.',
});

/** The new count would leave less than what is promised to orders. */
export const stockBelowReserved = defineError({
  code: 'STOCK_BELOW_RESERVED',
  status: 409,
  title: 'The stock cannot be less than what is reserved.',
});

/** Every refusal of the module. */
export const inventoryErrors = [
  insufficientStock,
  productNotStocked,
  reservationMismatch,
  reservationNotFound,
  reservationEnded,
  reservationConsumed,
  stockBelowReserved,
] as const;
