/** The list of products by name. Customers see what can be ordered; editors see everything. */
import { hasRole } from '../../kernel/caller.ts';
import { cursorValue, type Page, toPage } from '../../kernel/page.ts';
import type { ReadContext } from '../../kernel/procedure.ts';
import { catalogEditors, type Product } from './product.ts';
import { readProductPage } from './store.ts';

/** One page of products. Whoever may not edit never sees an inactive one here. */
export async function listProducts(
  context: ReadContext,
  input: {
    limit: number;
    cursor?: string | undefined;
    active?: boolean | undefined;
    physical?: boolean | undefined;
    search?: string | undefined;
  },
): Promise<Page<Product>> {
  const visible = hasRole(context.caller, ...catalogEditors) ? [true, false] : [true];
  const active = visible.filter((value) => input.active === undefined || value === input.active);
  if (active.length === 0) {
    return { items: [], nextCursor: null, count: { value: 0, capped: false } };
  }
  const { products, counted } = await readProductPage(context.tx, {
    filter: { active, physical: input.physical, search: input.search },
    afterId: cursorValue(input.cursor),
    limit: input.limit,
  });
  return toPage({
    rows: products,
    limit: input.limit,
    counted,
    cursorOf: (product) => [product.id],
    itemOf: (product) => product,
  });
}
