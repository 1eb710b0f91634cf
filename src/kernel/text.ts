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
