/** Identifiers: UUID version 7 (RFC 9562), so that ids sort by the time they were made. */
import { randomFillSync } from 'node:crypto';
import { v5, v7 } from 'uuid';
import { z } from 'zod';

/** Random bytes are drawn in bulk: drawing them 256 at a time was 4 % of the work of placing an order. */
const pool = new Uint8Array(16 * 512);
let used = pool.length;

/** Moment and number of the last id. */
const last = { msecs: 0, seq: 0 };

let source: (() => string) | undefined;

/** Lets simulations make the ids, so that a run can be repeated; undefined takes that back. */
export function setIdSource(make: (() => string) | undefined): void {
  source = make;
}

/** A new id. Later calls in one process sort after earlier ones, also within a millisecond. */
export function newId(): string {
  if (source) return source();
  if (used === pool.length) {
    randomFillSync(pool);
    used = 0;
  }
  const random = pool.subarray(used, used + 16);
  used += 16;
  const now = Date.now();
  if (now > last.msecs) {
    last.msecs = now;
    // Room above for the ids of this millisecond: the first of 32 bits is left empty.
    last.seq = new DataView(random.buffer, random.byteOffset).getUint32(6) >>> 1;
  } else {
    last.seq = (last.seq + 1) >>> 0;
    if (last.seq === 0) last.msecs += 1;
  }
  return v7({ random, ...last });
}

/** Namespace of ids that follow from a text; a random UUID that never changes. */
const namespace = '6f1c1d0e-3b1f-4c59-9a53-6f4f2f0c9d7a';

/** The id that follows from a text: always the same one (UUID version 5). It does not sort by time. */
export function idOf(text: string): string {
  return v5(text, namespace);
}

/** Any UUID, in lower or upper case. */
export const idSchema = z.uuid().meta({ examples: ['01939b1c-7c1e-7c3e-8a4f-3f0f6f3c2b11'] });
