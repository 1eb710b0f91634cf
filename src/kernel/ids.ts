/** Identifiers: UUID version 7 (RFC 9562), so that ids sort by the time they were made. */
import { v7 } from 'uuid';
import { z } from 'zod';

/** A new id. Later calls in one process sort after earlier ones, also within a millisecond. */
export function newId(): string {
  return v7();
}

/** Any UUID, in lower or upper case. */
export const idSchema = z.uuid().meta({ examples: ['01939b1c-7c1e-7c3e-8a4f-3f0f6f3c2b11'] });
