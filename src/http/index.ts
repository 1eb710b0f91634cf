/** The public face of the HTTP layer. */
export { asyncApiDocument } from './asyncapi/document.ts';
export { createHttpServer } from './create-http-server.ts';
export { Door, type DoorOptions, type LoadFigure, type TurnedAway, type WorkKind } from './door.ts';
export { httpErrors } from './errors.ts';
export { purgeIdempotencyKeys } from './idempotency/purge.ts';
export { LoopDelay } from './loop-delay.ts';
export { openApiDocument } from './openapi/document.ts';
export type { ApiInfo, ApiKey, HealthCheck, HttpConfig, HttpServerOptions } from './options.ts';
export { type Problem, RefusedError } from './problem.ts';
export { errorPages } from './routes/error-pages.ts';
export { purgeWebhookReceipts } from './webhooks/purge.ts';

/** The migrations of idempotency keys and webhook receipts. */
export const httpMigrations = {
  schema: 'http',
  folder: new URL('./migrations/', import.meta.url),
} as const;
