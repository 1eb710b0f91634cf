/** Adding a product to the catalog. */
import { isRefusal, type Refusal, refuse } from '../../kernel/errors.ts';
import type { Currency } from '../../kernel/money.ts';
import type { TransactionalContext } from '../../kernel/procedure.ts';
import { productExists } from './errors.ts';
import { productCreated } from './events.ts';
import { type Product, productState, readPrice } from './product.ts';
import { findProducts, insertProduct } from './store.ts';

/** Adds the product and publishes it; a taken id or SKU and a wrong price are refused. */
export async function createProduct(
  context: TransactionalContext,
  input: {
    id?: string | undefined;
    sku?: string | undefined;
    name: string;
    description: string;
    price: number | string;
    currency: Currency;
    physical: boolean;
    active: boolean;
  },
): Promise<Product | Refusal<'PRODUCT_EXISTS' | 'PRODUCT_PRICE_INVALID'>> {
  const price = readPrice(input.price, input.currency);
  if (isRefusal(price)) return price;
  const now = context.clock.now();
  const product: Product = {
    id: input.id ?? `prod-${context.newId()}`,
    sku: input.sku ?? null,
    name: input.name,
    description: input.description,
    price,
    physical: input.physical,
    active: input.active,
    createdAt: now,
    updatedAt: now,
  };
  if (!(await insertProduct(context.tx, product))) {
    const idTaken = (await findProducts(context.tx, [product.id])).length > 0;
    return idTaken ? refuseTaken('id', product.id) : refuseTaken('sku', String(product.sku));
  }
  await context.emit(productCreated, {
    ...productState(product),
    createdAt: now.toISOString(),
  });
  return product;
}

/** The refusal of an id or SKU that another product has. */
export function refuseTaken(field: 'id' | 'sku', found: string): Refusal<'PRODUCT_EXISTS'> {
  const expected = `${field === 'id' ? 'an id' : 'a SKU'} that no other product has`;
  const message = `Expected ${expected}, found "${found}"; choose another, or change that product.`;
  return refuse(productExists, message, {
    issues: [{ pointer: `/${field}`, expected, found, message }],
  });
}
