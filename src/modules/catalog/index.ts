/** The public face of the catalog module. */
export { productCreated, productUpdated } from './events.ts';
export { catalogModule } from './module.ts';
export type { Product } from './product.ts';
export { demoProducts, seedProducts } from './seed-products.ts';
