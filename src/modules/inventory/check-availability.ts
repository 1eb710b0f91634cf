/** Asking what could be reserved right now. An answer promises nothing; only reserving does. */
import type { ReadContext } from '../../kernel/procedure.ts';
import { mergeItems, type WantedItem } from './reservation.ts';
import { readAvailable } from './store.ts';

/** One product as it stands now. */
export interface Availability {
  readonly productId: string;
  readonly requested: number;
  /** Null: the product has no stock, so nothing of it can run out. */
  readonly available: number | null;
  readonly sufficient: boolean;
}

/** How many units of each product are free, and whether all items could be reserved together. */
export async function checkAvailability(
  context: ReadContext,
  wanted: readonly WantedItem[],
): Promise<{ available: boolean; items: Availability[] }> {
  const merged = mergeItems(wanted);
  const free = await readAvailable(
    context.tx,
    merged.map((item) => item.productId),
  );
  const items = merged.map(({ productId, quantity, physical }) => {
    const available = free.get(productId) ?? null;
    const sufficient = available === null ? !physical : available >= quantity;
    return { productId, requested: quantity, available, sufficient };
  });
  return { available: items.every((item) => item.sufficient), items };
}
