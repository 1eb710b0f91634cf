/** How a value becomes variables: one by its name, or each of its members. */
import type { Variables } from './expression.ts';

/** In place of a variable's name: each member of the value is a variable of its own. */
export const everyMember = '*';

/** The variables that a value becomes. With `everyMember`, a value without members becomes none. */
export function namedValues(name: string, value: unknown): Variables {
  if (name !== everyMember) return { [name]: value };
  const hasMembers = typeof value === 'object' && value !== null && !Array.isArray(value);
  return hasMembers ? (value as Variables) : {};
}
