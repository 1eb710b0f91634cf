/** The public face of the REST dialect of Camunda 7. */
export type { Operation } from './operation.ts';
export { operations as engineRestOperations } from './operations/index.ts';
export { addEngineRestRoutes, type EngineRestOptions, engineRestPath } from './routes.ts';
