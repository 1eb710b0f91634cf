/** Setting how many units of a product are on hand, after a delivery or a count. */
import { type Refusal, refuse } from '../../kernel/errors.ts';
import type { TransactionalContext } from '../../kernel/procedure.ts';
import { stockBelowReserved } from './errors.ts';
import type { Stock } from './stock.ts';
import { findStock, writeStock } from './store.ts';

/** Sets the units on hand. Refused when orders hold more than that; reservations are never cut. */
export async function setStock(
  context: TransactionalContext,
  input: { productId: string; onHand: number },
): Promise<Stock | Refusal<'STOCK_BELOW_RESERVED'>> {
  const stock = await writeStock(context.tx, { ...input, at: context.clock.now() });
  if (stock) return stock;
  const { productId, onHand } = input;
  const reserved = (await findStock(context.tx, productId))?.reserved;
  return refuse(
    stockBelowReserved,
    `Expected at least the ${reserved} units of ${productId} that orders have reserved, ` +
      `found ${onHand}; release reservations first.`,
    { data: { productId, onHand, reserved } },
  );
}
