/** How the catalog module says no. */
import { defineError } from '../../kernel/errors.ts';

export const productNotFound = defineError({
  code: 'PRODUCT_NOT_FOUND',
  status: 404,
  title: 'The product does not exist.',
});

/** The id or the SKU belongs to another product. */
export const productExists = defineError({
  code: 'PRODUCT_EXISTS',
  status: 409,
  title: 'A product with this id or SKU exists already.',
});

/** Negative, too large, or with more digits than the currency has. */
export const productPriceInvalid = defineError({
  code: 'PRODUCT_PRICE_INVALID',
  status: 422,
  title: 'The price is not an amount in the currency of the product.',
});

/** Every refusal of the module. */
export const catalogErrors = [productNotFound, productExists, productPriceInvalid] as const;
