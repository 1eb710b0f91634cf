/**
 * What a product is. Its price is exact and never negative, its currency never changes, and only an
 * active product can be ordered. Products are never deleted: orders of the past point to them.
 */
import { z } from 'zod';
import { type Caller, hasRole } from '../../kernel/caller.ts';
import { type Refusal, refuse } from '../../kernel/errors.ts';
import {
  type Currency,
  currencySchema,
  formatMoney,
  type Money,
  minorDigits,
  parseMoney,
  toWire,
} from '../../kernel/money.ts';
import { type Action, actionSchema } from '../../kernel/page.ts';
import { textSchema } from '../../kernel/text.ts';
import { productPriceInvalid } from './errors.ts';

/** A product as it is now. */
export interface Product {
  readonly id: string;
  readonly sku: string | null;
  readonly name: string;
  readonly description: string;
  readonly price: Money;
  /** Physical products are kept in stock and need an address to be shipped to. */
  readonly physical: boolean;
  readonly active: boolean;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

/** A readable id that fits into a path. */
export const productIdSchema = z
  .string()
  .regex(
    /^[a-z0-9][a-z0-9-]{0,63}$/,
    'expected lower-case letters, digits and hyphens, such as prod-123',
  )
  .meta({ examples: ['prod-123'] });

/** The seller's own number of the product. */
export const skuSchema = textSchema(64).meta({ examples: ['POUR-OVER-01'] });
/** What customers read in lists and on orders. */
export const productNameSchema = textSchema(200).meta({ examples: ['Pour-over set'] });
/** Free text about the product; may be empty. */
export const descriptionSchema = z
  .string()
  .trim()
  .max(4000)
  .refine((text) => !text.includes('\0'), { message: 'expected text without NUL characters' });

/** A product on the wire. */
export const productSchema = z.object({
  id: z.string(),
  sku: z.string().nullable(),
  name: z.string(),
  description: z.string(),
  price: z.number().describe('Per unit, in major units of the currency'),
  currency: currencySchema,
  physical: z.boolean(),
  active: z.boolean().describe('Only active products can be ordered'),
  updatedAt: z.iso.datetime(),
});

/** A product in a list, with what the reader may do with it. */
export const productRowSchema = productSchema.extend({ can: z.array(actionSchema) });

/** The product as the API shows it. */
export function productView(product: Product): z.input<typeof productSchema> {
  const { id, sku, name, description, price, physical, active } = product;
  return {
    id,
    sku,
    name,
    description,
    price: toWire(price),
    currency: price.currency,
    physical,
    active,
    updatedAt: product.updatedAt.toISOString(),
  };
}

/** The product as its events tell it. */
export function productState(product: Product) {
  const { id, description: _, updatedAt: __, ...state } = productView(product);
  return { productId: id, ...state };
}

/** Who may add and change products, and see the inactive ones in lists. */
export const catalogEditors = ['manager', 'admin'] as const;

/** What `caller` may do with a product. */
export function productActions(caller: Caller): Action[] {
  const action = 'catalog.update-product';
  return [
    hasRole(caller, ...catalogEditors)
      ? { action, allowed: true }
      : { action, allowed: false, reason: 'Only managers and admins may change products.' },
  ];
}

/** Reads a price; refused when it is negative or no amount in this currency. */
export function readPrice(
  amount: number | string,
  currency: Currency,
): Money | Refusal<'PRODUCT_PRICE_INVALID'> {
  const price = parseMoney(amount, currency);
  if (price && price.minor >= 0n) return price;
  const digits = minorDigits(currency);
  const expected = `an amount of at least 0 with at most ${digits} digits after the point`;
  const found = price ? formatMoney(price) : String(amount);
  const message = `Expected ${expected}, found ${found}; correct the price.`;
  return refuse(productPriceInvalid, message, {
    issues: [{ pointer: '/price', expected, found, message }],
  });
}
