/** The catalog module: products and their prices. */
import { defineModule, type ModuleDefinition } from '../../kernel/module.ts';
import { catalogErrors } from './errors.ts';
import { productCreated, productUpdated } from './events.ts';
import {
  createProductProcedure,
  getProductProcedure,
  getProductsProcedure,
  listProductsProcedure,
  updateProductProcedure,
} from './procedures.ts';

/** The manifest. */
export function catalogModule(): ModuleDefinition {
  return defineModule({
    name: 'catalog',
    summary: 'Products and their prices',
    schema: 'catalog',
    migrations: new URL('./migrations/', import.meta.url),
    procedures: [
      listProductsProcedure,
      getProductProcedure,
      getProductsProcedure,
      createProductProcedure,
      updateProductProcedure,
    ],
    events: [productCreated, productUpdated],
    errors: catalogErrors,
  });
}
