/** What an element instance sees: its own variables, then those of the scopes around it. */
import type { Variables } from '../model/expression.ts';
import type { ElementInstance } from '../model/state.ts';

/** Variables visible from an element instance; inner ones hide outer ones of the same name. */
export function variablesOf(
  elements: Readonly<Record<number, ElementInstance>>,
  n: number,
): Variables {
  const chain: Variables[] = [];
  for (let at = elements[n]; at; at = elements[at.parent]) {
    if (at.vars) chain.push(at.vars);
  }
  if (chain.length === 1) return chain[0] as Variables;
  return Object.assign({}, ...chain.reverse());
}
