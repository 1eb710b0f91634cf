/**
 * Correlation: how a message finds the instance that waits for it. The values of a fixed set of
 * payload fields are compiled to one text key, which a table indexes; no predicate is ever run over
 * waiting instances.
 */

import type { Variables } from './expression.ts';
import type { MessageEventDefinition } from './process-model.ts';

/** A message name with the key of one correlation. */
export interface CorrelatedMessage {
  readonly message: string;
  /** `signature` and values, e.g. `orderId=…&status=delivered`. */
  readonly key: string;
}

/** Names of the fields, sorted: waits with the same signature can be found by the same key. */
export function signatureOf(fields: readonly string[]): string {
  return [...fields].sort().join('&');
}

/** The fields of a signature. */
function fieldsOf(signature: string): readonly string[] {
  return signature === '' ? [] : signature.split('&');
}

/** The key of values by field. Text and number of the same digits are the same value. */
function correlationKey(values: Readonly<Record<string, unknown>>): string {
  return Object.keys(values)
    .sort()
    .map((field) => `${field}=${encodeURIComponent(String(values[field]).toWellFormed())}`)
    .join('&');
}

/** The key that a wait listens to, read from the variables of its scope. */
export function waitKey(definition: MessageEventDefinition, variables: Variables): string {
  const values: Record<string, unknown> = {};
  for (const { field, value } of definition.correlation) {
    const found = value.evaluate(variables);
    if (found === undefined || found === null) {
      throw new Error(
        `message "${definition.message}" is correlated by "${field}", but ${value.source} has no value`,
      );
    }
    values[field] = found;
  }
  return correlationKey(values);
}

/** The key under which a payload is found by waits of a signature; null when a field is missing. */
export function payloadKey(signature: string, payload: unknown): string | null {
  if (typeof payload !== 'object' || payload === null) return signature === '' ? '' : null;
  const values: Record<string, unknown> = {};
  for (const field of fieldsOf(signature)) {
    const value = (payload as Record<string, unknown>)[field];
    if (value === undefined || value === null) return null;
    values[field] = value;
  }
  return correlationKey(values);
}
