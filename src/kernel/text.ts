/**
 * Text from outside. PostgreSQL stores any Unicode text except the NUL character, so a text that
 * contains one is refused as wrong input here and never becomes a database fault.
 */
import { z } from 'zod';

/** Trimmed, not empty, at most `maxLength` characters, without NUL. */
export function textSchema(maxLength: number) {
  return z
    .string()
    .trim()
    .min(1)
    .max(maxLength)
    .refine((text) => !text.includes('\0'), { message: 'expected text without NUL characters' });
}

/**
 * The name of something that a program declares (a process, an element, a query, a consumer group), as
 * it appears in a path: letters, digits and `. _ : / -`, at most 200 of them. Only the form is checked.
 */
export const nameSchema = z
  .string()
  .regex(
    /^[\p{L}\p{N}_][\p{L}\p{N}._:/-]{0,199}$/u,
    'expected a name of letters, digits and . _ : / -, at most 200 of them',
  );
