/** Facts that the catalog module publishes. Each carries the product as it is after the change. */
import { z } from 'zod';
import { defineEvent } from '../../kernel/event.ts';
import { currencySchema } from '../../kernel/money.ts';

const productState = z.object({
  productId: z.string(),
  sku: z.string().nullable(),
  name: z.string(),
  price: z.number(),
  currency: currencySchema,
  physical: z.boolean(),
  active: z.boolean(),
});

export const productCreated = defineEvent({
  name: 'product.created',
  version: 1,
  summary: 'A product was added to the catalog',
  payload: productState.extend({ createdAt: z.iso.datetime() }),
  key: (payload) => payload.productId,
});

/** Orders that were placed before keep the price that they were placed at. */
export const productUpdated = defineEvent({
  name: 'product.updated',
  version: 1,
  summary: 'A product was changed',
  payload: productState.extend({ updatedAt: z.iso.datetime() }),
  key: (payload) => payload.productId,
});
