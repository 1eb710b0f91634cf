/**
 * Expressions: pure functions of an instance's variables. A drawing's FEEL text and a workflow's
 * TypeScript function both become one of these, so the core knows only one kind.
 */

/** The variables that are visible in a scope: its own, then those of the scopes around it. */
export type Variables = Readonly<Record<string, unknown>>;

/** A pure function of variables: no I/O, no clock, no randomness. */
export interface Expression<Value = unknown> {
  /** Text for people and for the model's digest: FEEL, or the function's source. */
  readonly source: string;
  readonly evaluate: (variables: Variables) => Value;
}

/** An expression of a TypeScript function. */
export function expression<Value>(
  evaluate: (variables: Variables) => Value,
  source: string = String(evaluate),
): Expression<Value> {
  return Object.freeze({ source, evaluate });
}

/** An expression that always has the same value. */
export function constant<Value>(value: Value): Expression<Value> {
  return expression(() => value, JSON.stringify(value));
}
