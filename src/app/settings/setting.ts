/** What one setting is. */
import type { z } from 'zod';

/** A setting: its environment variable is its name in the list. */
export interface Setting<Schema extends z.ZodType> {
  readonly summary: string;
  readonly schema: Schema;
  /** Shown as `set` or `not set`, never by value. */
  readonly secret?: true;
  /** The default in words, where it is not simply a value. */
  readonly otherwise?: string;
}

/** Keeps the type of the schema, which is the type of the value. */
export const setting = <Schema extends z.ZodType>(definition: Setting<Schema>) => definition;
