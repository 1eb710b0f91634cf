/** The variables of an instance with the scopes that they belong to, and their types. Pure. */
import { z } from 'zod';
import type { ProcessModel } from '../model/process-model.ts';
import type { InstanceState } from '../model/state.ts';

const types = ['null', 'boolean', 'number', 'text', 'list', 'object'] as const;

/** One variable. */
export const variableSchema = z.object({
  scope: z.number().int().describe('Number of the scope; 1 is the process itself'),
  element: z.string().describe('Element that is the scope; empty for the process itself'),
  elementName: z.string(),
  name: z.string(),
  type: z.enum(types),
  value: z.unknown(),
});
export type ScopedVariable = z.infer<typeof variableSchema>;

/** By scope, the process first, and by name within each. */
export function scopedVariables(
  model: ProcessModel | undefined,
  { elements }: InstanceState,
): readonly ScopedVariable[] {
  return Object.values(elements)
    .toSorted((a, b) => a.n - b.n)
    .flatMap(({ n, node, vars = {} }) =>
      Object.entries(vars)
        .toSorted(([a], [b]) => (a < b ? -1 : 1))
        .map(([name, value]) => ({
          ...{ scope: n, element: node, name, type: typeOf(value), value },
          elementName: node === '' ? (model?.name ?? '') : (model?.nodes[node]?.name ?? node),
        })),
    );
}

function typeOf(value: unknown): (typeof types)[number] {
  if (value === null || value === undefined) return 'null';
  if (Array.isArray(value)) return 'list';
  if (typeof value === 'string') return 'text';
  if (typeof value === 'number' || typeof value === 'boolean') return typeof value as 'number';
  return 'object';
}
