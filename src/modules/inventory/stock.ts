/**
 * What stock is: units on hand, of which some are reserved for orders. Reserved units are still on
 * hand until they are shipped; what is on hand and not reserved is available.
 */
import { z } from 'zod';
import { type Caller, hasRole } from '../../kernel/caller.ts';
import { type Action, actionSchema } from '../../kernel/page.ts';
import { stockKeepers } from './reservation.ts';

/** The stock of one product; `reserved` is never more than `onHand`. */
export interface Stock {
  readonly productId: string;
  readonly onHand: number;
  readonly reserved: number;
  readonly updatedAt: Date;
}

/** Keeps sums within PostgreSQL's integer. */
export const largestStock = 1_000_000_000;

/** Stock on the wire. */
export const stockSchema = z.object({
  productId: z.string(),
  onHand: z.number().int(),
  reserved: z.number().int(),
  available: z.number().int(),
  updatedAt: z.iso.datetime(),
});

/** Stock in a list, with what the reader may do with it. */
export const stockRowSchema = stockSchema.extend({ can: z.array(actionSchema) });

/** The stock as the API shows it. */
export function stockView(stock: Stock): z.input<typeof stockSchema> {
  return {
    productId: stock.productId,
    onHand: stock.onHand,
    reserved: stock.reserved,
    available: stock.onHand - stock.reserved,
    updatedAt: stock.updatedAt.toISOString(),
  };
}

/** What `caller` may do with stock. */
export function stockActions(caller: Caller): Action[] {
  const action = 'inventory.set-stock';
  return [
    hasRole(caller, ...stockKeepers)
      ? { action, allowed: true }
      : { action, allowed: false, reason: 'Only operators and admins may set stock.' },
  ];
}
