/** The one error of writing a workflow down: found while the program loads, never while it runs. */

/** A workflow is written wrongly. The message says what was expected, what was found, what to do. */
export class AuthoringError extends Error {
  override readonly name = 'AuthoringError';
}

/** Throws an `AuthoringError` unless the condition holds. */
export function expectAuthored(condition: unknown, message: string): asserts condition {
  if (!condition) throw new AuthoringError(message);
}
