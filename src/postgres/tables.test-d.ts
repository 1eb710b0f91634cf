/** What the compiler must know of `tables`: unknown tables and columns, and the types of rows. */
import type { Transaction } from '../kernel/transaction.ts';
import { tables } from './tables.ts';

interface Shop {
  'shop.items': { id: number; price: string };
}

declare const tx: Transaction;
const db = tables<Shop>(tx);

/** The rows have exactly the types of the table. */
export const rows: Promise<{ id: number; price: string }[]> = db
  .selectFrom('shop.items')
  .selectAll()
  .execute();

// @ts-expect-error there is no such table
db.selectFrom('shop.orders');

// @ts-expect-error there is no such column
db.selectFrom('shop.items').select('name');

// @ts-expect-error a price is a decimal text, never a binary fraction
db.insertInto('shop.items').values({ id: 1, price: 1.2 });
