/**
 * Tags and searchable variables that a workflow declares: rows of a side table, written with the start
 * and when a value changes. A workflow that declares none pays nothing, and a transition that sets no
 * variable of the process pays one comparison.
 */
import type { Variables } from '../model/expression.ts';
import { storableText } from '../model/json.ts';
import type { ProcessModel } from '../model/process-model.ts';
import type { InstanceState } from '../model/state.ts';
import type { RareRows } from './instance-facts.ts';

/** Tags are kept under this name. */
export const tagName = '';

/** Longest value that can be searched for; longer ones are cut. */
export const longestSearchValue = 200;

/** What a transition (before: null for the start) changes of what can be searched for. */
export function searchChanges(
  model: ProcessModel,
  id: string,
  before: InstanceState | null,
  after: InstanceState,
): RareRows | null {
  const { tags, search } = model;
  if (!tags && !search) return null;
  const now = after.elements[1]?.vars ?? {};
  const was = before?.elements[1]?.vars;
  if (was === now) return null;
  const rows: { id: string; name: string; value: string }[] = [];
  const gone: { id: string; name: string }[] = [];
  if (before === null && tags) {
    for (const value of tagsOf(tags, now)) rows.push({ id, name: tagName, value });
  }
  for (const [name, expression] of Object.entries(search ?? {})) {
    const value = searchValue(expression, now);
    const old = was === undefined ? null : searchValue(expression, was);
    if (value === old) continue;
    if (old !== null) gone.push({ id, name });
    if (value !== null) rows.push({ id, name, value });
  }
  if (rows.length === 0 && gone.length === 0) return null;
  return {
    ...(gone.length > 0 ? { searchGone: gone } : {}),
    ...(rows.length > 0 ? { search: rows } : {}),
  };
}

/** What cannot be read is not found; it must not keep the instance from moving. */
function read(expression: { evaluate(variables: Variables): unknown }, variables: Variables) {
  try {
    return expression.evaluate(variables);
  } catch {
    return null;
  }
}

function searchValue(
  expression: { evaluate(variables: Variables): unknown },
  variables: Variables,
) {
  const found = read(expression, variables);
  return found === null || found === undefined || found === '' ? null : textOf(found);
}

function tagsOf(tags: NonNullable<ProcessModel['tags']>, variables: Variables): Set<string> {
  const found = read(tags, variables);
  const list: readonly unknown[] = Array.isArray(found) ? found : [];
  return new Set(list.filter((tag) => tag !== null && tag !== '').map(textOf));
}

function textOf(value: unknown): string {
  const text = typeof value === 'object' ? JSON.stringify(value) : String(value);
  return storableText(text).slice(0, longestSearchValue);
}
