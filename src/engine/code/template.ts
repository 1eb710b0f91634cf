/**
 * Templates: `'{{ on-order-created.id }}'` names a place in what a workflow knows. They are checked
 * when the workflow is committed: the step must have run by then, and its schema must have the field.
 */
import { z } from 'zod';
import { expectAuthored } from '../model/authoring-error.ts';
import { type Expression, expression } from '../model/expression.ts';
import type { Site } from './content.ts';

const template = /^\{\{\s*([A-Za-z0-9_.-]+)\s*\}\}$/;

/** True for text that means to be a template. */
export function isTemplate(text: string): boolean {
  return text.includes('{{');
}

/** The template as an expression; throws when it names nothing that is known at the site. */
export function templateExpression(site: Site, text: string): Expression {
  const path = template.exec(text)?.[1]?.split('.') ?? [];
  const [root, ...fields] = path;
  expectAuthored(
    root !== undefined && path.every((part) => part !== ''),
    `expected one path in braces, such as "{{ on-order-created.id }}", found "${text}"`,
  );
  const isInput = root === 'input';
  const names = ['input', ...site.known.keys()];
  expectAuthored(
    isInput || site.known.has(root),
    `template "${text}" names "${root}", which has not certainly run where it is read; known there: ` +
      names.join(', '),
  );
  checkPath(isInput ? site.inputSchema : (site.known.get(root) ?? null), fields, text);
  const { readInput } = site;
  return expression(
    (variables) => valueAt(isInput ? readInput(variables) : variables[root], fields),
    text,
  );
}

function valueAt(value: unknown, fields: readonly string[]): unknown {
  return fields.reduce<unknown>(
    (at, field) =>
      typeof at === 'object' && at !== null ? (at as Record<string, unknown>)[field] : undefined,
    value,
  );
}

function checkPath(schema: z.ZodType | null, fields: readonly string[], text: string): void {
  let at = schema && unwrapped(schema);
  for (const field of fields) {
    if (!at || !(at instanceof z.ZodObject)) {
      expectAuthored(
        !at || isOpen(at),
        `template "${text}": nothing lies below "${field}"'s parent`,
      );
      return;
    }
    const next = (at.shape as Record<string, z.ZodType>)[field];
    expectAuthored(
      next,
      `template "${text}" names the field "${field}", which is not in the schema; it has ` +
        Object.keys(at.shape).join(', '),
    );
    at = unwrapped(next);
  }
}

/** Schemas whose fields cannot be known in advance. */
function isOpen(schema: z.ZodType): boolean {
  const closed = ['string', 'number', 'boolean', 'bigint', 'date', 'null', 'literal', 'enum'];
  return !closed.includes(schema.def.type);
}

/** The schema inside of optional, nullable, default, pipe and their like. */
function unwrapped(schema: z.ZodType): z.ZodType {
  const def = schema.def as { type: string; innerType?: z.ZodType; out?: z.ZodType };
  const inner = def.innerType ?? (def.type === 'pipe' ? def.out : undefined);
  return inner ? unwrapped(inner) : schema;
}
