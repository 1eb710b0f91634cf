/** The only SQL of the catalog module. */
import { type Kysely, sql } from 'kysely';
import { type Currency, fromDecimal, toDecimal } from '../../kernel/money.ts';
import type { Transaction } from '../../kernel/transaction.ts';
import { cappedCount, tables } from '../../postgres/index.ts';
import type { Product } from './product.ts';

interface ProductRow {
  id: string;
  sku: string | null;
  name: string;
  description: string;
  price: string;
  currency: Currency;
  physical: boolean;
  active: boolean;
  created_at: Date;
  updated_at: Date;
}

interface CatalogTables {
  'catalog.products': ProductRow;
}

function toProduct(row: ProductRow): Product {
  const { id, sku, name, description, physical, active } = row;
  return {
    id,
    sku,
    name,
    description,
    price: fromDecimal(row.price, row.currency),
    physical,
    active,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  };
}

/** Adds the product; false, and nothing is written, when its id or SKU is taken. */
export async function insertProduct(tx: Transaction, product: Product): Promise<boolean> {
  const { price } = product;
  const { rowCount } = await tx.query(
    `insert into catalog.products
       (id, sku, name, description, price, currency, physical, active, created_at, updated_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
     on conflict do nothing`,
    [
      product.id,
      product.sku,
      product.name,
      product.description,
      toDecimal(price),
      price.currency,
      product.physical,
      product.active,
      product.createdAt,
      product.updatedAt,
    ],
  );
  return rowCount === 1;
}

/** Replaces everything that may change of a product; a taken SKU is a unique violation. */
export async function updateProductRow(tx: Transaction, product: Product): Promise<void> {
  await tx.query(
    `update catalog.products
     set sku = $2, name = $3, description = $4, price = $5, physical = $6, active = $7,
         updated_at = $8
     where id = $1`,
    [
      product.id,
      product.sku,
      product.name,
      product.description,
      toDecimal(product.price),
      product.physical,
      product.active,
      product.updatedAt,
    ],
  );
}

/** The products of these ids, in no particular order. On the path of every order: one index scan. */
export async function findProducts(
  tx: Transaction,
  productIds: readonly string[],
): Promise<Product[]> {
  const { rows } = await tx.query<ProductRow>('select * from catalog.products where id = any($1)', [
    productIds,
  ]);
  return rows.map(toProduct);
}

/** The product of this id, locked until the transaction ends. */
export async function lockProduct(
  tx: Transaction,
  productId: string,
): Promise<Product | undefined> {
  const { rows } = await tx.query<ProductRow>(
    'select * from catalog.products where id = $1 for update',
    [productId],
  );
  return rows[0] && toProduct(rows[0]);
}

/** Which products a list shows. */
export interface ProductFilter {
  readonly active: readonly boolean[];
  readonly physical?: boolean | undefined;
  readonly search?: string | undefined;
}

function filtered(db: Kysely<CatalogTables>, filter: ProductFilter) {
  let query = db.selectFrom('catalog.products').where('active', 'in', filter.active);
  if (filter.physical !== undefined) query = query.where('physical', '=', filter.physical);
  if (filter.search !== undefined) {
    const pattern = `%${filter.search.replace(/[\\%_]/g, '\\$&')}%`;
    query = query.where((is) =>
      is.or([
        is('name', 'ilike', pattern),
        is('sku', 'ilike', pattern),
        is('id', 'ilike', pattern),
      ]),
    );
  }
  return query;
}

/** One page of products by name, read with one row more than `limit`, and the capped count. */
export async function readProductPage(
  tx: Transaction,
  options: {
    filter: ProductFilter;
    afterId: string | undefined;
    limit: number;
  },
): Promise<{ products: Product[]; counted: number }> {
  const { afterId, limit } = options;
  const query = filtered(tables<CatalogTables>(tx), options.filter);
  // The cursor holds the id alone, since a name may be longer than a cursor; products never vanish.
  const page =
    afterId === undefined
      ? query
      : query.where(
          sql<boolean>`(name, id) > (
            (select last.name from catalog.products as last where last.id = ${afterId}), ${afterId}
          )`,
        );
  const rows = await page
    .selectAll()
    .orderBy('name')
    .orderBy('id')
    .limit(limit + 1)
    .execute();
  return { products: rows.map(toProduct), counted: await cappedCount(tx, query) };
}
