/** What goes into and comes out of a step: read by its schemas, and plain JSON. */
import type { z } from 'zod';
import { TerminalFault } from '../../kernel/errors.ts';

/** The value as the schema reads it. A mismatch is a fault that another attempt cannot mend. */
export function parsed(
  schema: z.ZodType,
  value: unknown,
  what: { code: string; name: string },
): unknown {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const issues = result.error.issues.map(
    (issue) => `at /${issue.path.map(String).join('/')}: ${issue.message}`,
  );
  throw new TerminalFault(
    what.code,
    `${what.name} does not fit its schema: ${issues.join('; ')}; mend the schema or the step`,
  );
}

/**
 * Refuses what JSON cannot keep: the state of a process is JSON, so that a date would be read back
 * as text although its type says otherwise.
 */
export function assertJson(value: unknown, name: string, pointer = ''): void {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return;
  if (typeof value === 'number' && Number.isFinite(value)) return;
  if (Array.isArray(value)) {
    value.forEach((item, index) => {
      assertJson(item, name, `${pointer}/${index}`);
    });
    return;
  }
  const prototype = typeof value === 'object' ? Object.getPrototypeOf(value) : undefined;
  if (prototype === Object.prototype || prototype === null) {
    for (const [key, item] of Object.entries(value as object)) {
      if (item !== undefined) assertJson(item, name, `${pointer}/${key}`);
    }
    return;
  }
  throw new TerminalFault(
    'STEP_OUTPUT_NOT_JSON',
    `${name} is kept as JSON, but at "${pointer}" it holds ${describe(value)}: give it as text or number`,
  );
}

function describe(value: unknown): string {
  if (typeof value === 'object') return `a ${(value as object).constructor.name}`;
  return typeof value === 'number' ? String(value) : `a ${typeof value}`;
}
