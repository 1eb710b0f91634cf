/** What the catalog module offers, as data: who may call what, where, and which use case answers. */
import { z } from 'zod';
import { isRefusal } from '../../kernel/errors.ts';
import { amountSchema, currencySchema } from '../../kernel/money.ts';
import { pageOf, pageQueryBy } from '../../kernel/page.ts';
import { defineRead, defineTransactional } from '../../kernel/procedure.ts';
import { textSchema } from '../../kernel/text.ts';
import { createProduct } from './create-product.ts';
import { productExists, productNotFound, productPriceInvalid } from './errors.ts';
import { productCreated, productUpdated } from './events.ts';
import { listProducts } from './list-products.ts';
import {
  catalogEditors,
  descriptionSchema,
  productActions,
  productIdSchema,
  productNameSchema,
  productRowSchema,
  productSchema,
  productView,
  skuSchema,
} from './product.ts';
import { findProducts } from './store.ts';
import { refuseUnknownProduct, updateProduct } from './update-product.ts';

/** A yes or no that may also come from a query string. */
const flagSchema = z.union([z.boolean(), z.stringbool()]);

export const listProductsProcedure = defineRead({
  name: 'catalog.list-products',
  summary: 'List products by name',
  description: 'Managers and admins also see inactive products.',
  input: pageQueryBy([productIdSchema]).extend({
    active: flagSchema.optional(),
    physical: flagSchema.optional(),
    search: textSchema(100).optional().describe('Part of the name, the SKU or the id'),
  }),
  output: pageOf(productRowSchema),
  access: 'public',
  http: { method: 'GET', path: '/products' },
  errors: [],
  async execute(context, input) {
    const page = await listProducts(context, input);
    const can = productActions(context.caller);
    return { ...page, items: page.items.map((product) => ({ ...productView(product), can })) };
  },
});

const lookupTraceSchema = z.object({ productId: z.string().max(64).optional() }).catch({});

export const getProductProcedure = defineRead({
  name: 'catalog.get-product',
  summary: 'Get a product by id',
  input: z.object({ productId: productIdSchema }),
  output: productSchema,
  access: 'public',
  http: { method: 'GET', path: '/products/{productId}' },
  errors: [productNotFound],
  // Found by its key: what takes longer than this does not come at all.
  timeoutMs: 2_000,
  trace: {
    type: 'data_lookup',
    service: 'Data Service',
    describe: ({ input }) => ({ lookup: 'product', ...lookupTraceSchema.parse(input) }),
  },
  async execute(context, input) {
    const [product] = await findProducts(context.tx, [input.productId]);
    return product ? productView(product) : refuseUnknownProduct(input.productId);
  },
});

export const getProductsProcedure = defineRead({
  name: 'catalog.get-products',
  summary: 'Get the products of these ids',
  description: 'Unknown ids are left out; inactive products are included and marked.',
  input: z.object({ productIds: z.array(z.string().max(200)).min(1).max(500) }),
  output: z.object({ products: z.array(productSchema) }),
  access: ['service', 'manager', 'admin'],
  errors: [],
  async execute(context, input) {
    const known = input.productIds.filter((id) => productIdSchema.safeParse(id).success);
    const products = await findProducts(context.tx, known);
    return { products: products.map(productView) };
  },
});

export const createProductProcedure = defineTransactional({
  name: 'catalog.create-product',
  summary: 'Add a product',
  input: z.object({
    id: productIdSchema.optional().describe('Made when absent'),
    sku: skuSchema.optional(),
    name: productNameSchema,
    description: descriptionSchema.default(''),
    price: amountSchema,
    currency: currencySchema,
    physical: z.boolean().describe('Kept in stock and shipped to an address'),
    active: z.boolean().default(true),
  }),
  output: productSchema,
  access: catalogEditors,
  http: { method: 'POST', path: '/products', status: 201 },
  errors: [productExists, productPriceInvalid],
  emits: [productCreated],
  async execute(context, input) {
    const result = await createProduct(context, input);
    return isRefusal(result) ? result : productView(result);
  },
});

export const updateProductProcedure = defineTransactional({
  name: 'catalog.update-product',
  summary: 'Change a product',
  description: 'Fields that are left out stay. The id and the currency of a product never change.',
  input: z.object({
    productId: productIdSchema,
    sku: skuSchema.nullable().optional(),
    name: productNameSchema.optional(),
    description: descriptionSchema.optional(),
    price: amountSchema.optional(),
    physical: z.boolean().optional(),
    active: z.boolean().optional(),
  }),
  output: productSchema,
  access: catalogEditors,
  http: { method: 'PATCH', path: '/products/{productId}' },
  errors: [productNotFound, productExists, productPriceInvalid],
  emits: [productUpdated],
  async execute(context, input) {
    const result = await updateProduct(context, input);
    return isRefusal(result) ? result : productView(result);
  },
});
