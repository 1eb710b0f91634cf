/** How the HTTP layer itself says no, before or around a procedure. */
import { defineError, type ErrorDefinition } from '../kernel/errors.ts';

export const malformedJson = defineError({
  code: 'MALFORMED_JSON',
  status: 400,
  title: 'The body is not JSON.',
});
export const malformedRequest = defineError({
  code: 'MALFORMED_REQUEST',
  status: 400,
  title: 'The request cannot be read.',
});
export const apiKeyInvalid = defineError({
  code: 'API_KEY_INVALID',
  status: 401,
  title: 'The API key is not known.',
});
export const webhookSignatureMissing = defineError({
  code: 'WEBHOOK_SIGNATURE_MISSING',
  status: 401,
  title: 'The webhook is not signed.',
});
export const webhookSignatureInvalid = defineError({
  code: 'WEBHOOK_SIGNATURE_INVALID',
  status: 401,
  title: "The webhook's signature does not match.",
});
export const webhookSignatureExpired = defineError({
  code: 'WEBHOOK_SIGNATURE_EXPIRED',
  status: 401,
  title: "The webhook's signature is too old.",
});
export const routeNotFound = defineError({
  code: 'ROUTE_NOT_FOUND',
  status: 404,
  title: 'There is nothing at this path.',
});
export const methodNotAllowed = defineError({
  code: 'METHOD_NOT_ALLOWED',
  status: 405,
  title: 'This path does not take this method.',
});
export const idempotencyInFlight = defineError({
  code: 'IDEMPOTENCY_IN_FLIGHT',
  status: 409,
  title: 'A request with this idempotency key is being worked on.',
});
export const bodyTooLarge = defineError({
  code: 'BODY_TOO_LARGE',
  status: 413,
  title: 'The body is too large.',
});
export const unsupportedMediaType = defineError({
  code: 'UNSUPPORTED_MEDIA_TYPE',
  status: 415,
  title: 'The body is not of a type that is read here.',
});
export const idempotencyKeyReused = defineError({
  code: 'IDEMPOTENCY_KEY_REUSED',
  status: 422,
  title: 'The idempotency key was used for another request.',
});
export const rateLimited = defineError({
  code: 'RATE_LIMITED',
  status: 429,
  title: 'Too many requests.',
});
export const internal = defineError({
  code: 'INTERNAL',
  status: 500,
  title: 'Something broke inside.',
});
export const overloaded = defineError({
  code: 'OVERLOADED',
  status: 503,
  title: 'The server has too much to do.',
});

export const tooManyStreams = defineError({
  code: 'TOO_MANY_STREAMS',
  status: 503,
  title: 'Too many streams are open.',
});

/** All of them, for the documentation and for the check that no code is used twice. */
export const httpErrors: readonly ErrorDefinition[] = [
  malformedJson,
  malformedRequest,
  apiKeyInvalid,
  webhookSignatureMissing,
  webhookSignatureInvalid,
  webhookSignatureExpired,
  routeNotFound,
  methodNotAllowed,
  idempotencyInFlight,
  bodyTooLarge,
  unsupportedMediaType,
  idempotencyKeyReused,
  rateLimited,
  internal,
  overloaded,
  tooManyStreams,
];
