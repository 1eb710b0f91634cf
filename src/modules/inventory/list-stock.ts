/** The list of stock by product id. */
import { cursorValue, type Page, toPage } from '../../kernel/page.ts';
import type { ReadContext } from '../../kernel/procedure.ts';
import type { Stock } from './stock.ts';
import { readStockPage, type StockFilter } from './store.ts';

/** One page of stock; with `availableBelow`, only what is running out. */
export async function listStock(
  context: ReadContext,
  input: StockFilter & { limit: number; cursor?: string | undefined },
): Promise<Page<Stock>> {
  const { limit, cursor, availableBelow } = input;
  const { stock, counted } = await readStockPage(context.tx, {
    filter: { availableBelow },
    afterId: cursorValue(cursor),
    limit,
  });
  return toPage({
    rows: stock,
    limit,
    counted,
    cursorOf: (row) => [row.productId],
    itemOf: (row) => row,
  });
}
