/** Changing a product. What was not named stays; orders placed before keep their price. */
import { isRefusal, type Refusal, refuse } from '../../kernel/errors.ts';
import type { TransactionalContext } from '../../kernel/procedure.ts';
import { isUniqueViolation } from '../../postgres/index.ts';
import { refuseTaken } from './create-product.ts';
import { productNotFound } from './errors.ts';
import { productUpdated } from './events.ts';
import { type Product, productState, readPrice } from './product.ts';
import { lockProduct, updateProductRow } from './store.ts';

/** What may change of a product. Its id and its currency never do. */
export interface ProductChange {
  readonly productId: string;
  /** Null takes the SKU away. */
  readonly sku?: string | null | undefined;
  readonly name?: string | undefined;
  readonly description?: string | undefined;
  readonly price?: number | string | undefined;
  readonly physical?: boolean | undefined;
  readonly active?: boolean | undefined;
}

/** Changes the product under its lock, so that two changes at once both take effect. */
export async function updateProduct(
  context: TransactionalContext,
  change: ProductChange,
): Promise<Product | Refusal<'PRODUCT_NOT_FOUND' | 'PRODUCT_EXISTS' | 'PRODUCT_PRICE_INVALID'>> {
  const { tx } = context;
  const before = await lockProduct(tx, change.productId);
  if (!before) return refuseUnknownProduct(change.productId);
  const price =
    change.price === undefined ? before.price : readPrice(change.price, before.price.currency);
  if (isRefusal(price)) return price;
  const after: Product = {
    ...before,
    sku: change.sku === undefined ? before.sku : change.sku,
    name: change.name ?? before.name,
    description: change.description ?? before.description,
    price,
    physical: change.physical ?? before.physical,
    active: change.active ?? before.active,
    updatedAt: context.clock.now(),
  };
  try {
    await updateProductRow(tx, after);
  } catch (error) {
    // The transaction is lost, which is right: a refusal rolls it back anyway.
    if (isUniqueViolation(error, 'products_sku_key')) return refuseTaken('sku', String(after.sku));
    throw error;
  }
  await context.emit(productUpdated, {
    ...productState(after),
    updatedAt: after.updatedAt.toISOString(),
  });
  return after;
}

/** The refusal of a product id that the catalog does not know. */
export function refuseUnknownProduct(productId: string): Refusal<'PRODUCT_NOT_FOUND'> {
  return refuse(
    productNotFound,
    `Expected the id of a product, found "${productId}"; catalog.list-products lists them.`,
    { data: { productId } },
  );
}
