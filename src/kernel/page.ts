/**
 * Lists: keyset pages with a stable order and capped counts, never an offset. A cursor is opaque to
 * its reader and holds the sort values of the last row.
 */
import { z } from 'zod';

/** Query of every list: how many rows, and after which one. */
const pageQuery = z.object({
  limit: z.coerce.number().int().min(1).max(200).default(50).describe('Rows per page, 1 to 200'),
  cursor: z.string().max(500).optional().describe('`nextCursor` of the page before'),
});

/**
 * Query of a list whose cursor holds these sort values. A cursor that is not one of the list's own is
 * refused as wrong input at `/cursor`, before it can reach a query.
 */
export function pageQueryBy<const Key extends readonly [z.ZodType<string>, ...z.ZodType<string>[]]>(
  key: Key,
) {
  const isOwn = (cursor: string) => {
    const values = decodeCursor(cursor, key.length);
    return values?.every((value, index) => key[index]!.safeParse(value).success) ?? false;
  };
  return pageQuery.extend({
    cursor: pageQuery.shape.cursor.refine((cursor) => cursor === undefined || isOwn(cursor), {
      message: 'expected the `nextCursor` of the page before, unchanged',
    }),
  });
}

/** Counting stops here: a list says "1000 or more" instead of scanning a million rows. */
export const countCap = 1000;

/** Something that the reader of a row may do with it, or why not. */
export const actionSchema = z.object({
  /** Name of the procedure. */
  action: z.string(),
  allowed: z.boolean(),
  /** Why not, in one sentence; absent when allowed. */
  reason: z.string().optional(),
});
export type Action = z.infer<typeof actionSchema>;

/** The answer of a list of `item`. */
export function pageOf<Item extends z.ZodType>(item: Item) {
  return z.object({
    items: z.array(item),
    /** Null on the last page. */
    nextCursor: z.string().nullable(),
    count: z.object({
      value: z.number().int(),
      /** True when there are at least `value` rows and counting stopped there. */
      capped: z.boolean(),
    }),
  });
}

/** One page of a list as `pageOf` describes it on the wire. */
export interface Page<Item> {
  items: Item[];
  nextCursor: string | null;
  count: { value: number; capped: boolean };
}

/** Packs the sort values of a row into an opaque cursor. */
export function encodeCursor(values: readonly string[]): string {
  return Buffer.from(JSON.stringify(values)).toString('base64url');
}

/** Unpacks a cursor of exactly `length` sort values; null when it is not one of ours. */
export function decodeCursor(cursor: string, length: number): readonly string[] | null {
  try {
    const values: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
    const valid =
      Array.isArray(values) &&
      values.length === length &&
      values.every((v) => typeof v === 'string');
    return valid ? values : null;
  } catch {
    return null;
  }
}

/** The sort value that a page begins behind, in lists whose cursor holds one; undefined for the first page. */
export function cursorValue(cursor: string | undefined): string | undefined {
  return cursor === undefined ? undefined : decodeCursor(cursor, 1)?.[0];
}

/**
 * Cuts a page out of rows that were read with `limit + 1`: the extra row only tells that there is
 * more.
 */
export function toPage<Row, Item>(options: {
  rows: readonly Row[];
  limit: number;
  counted: number;
  cursorOf: (row: Row) => readonly string[];
  itemOf: (row: Row) => Item;
}): Page<Item> {
  const { rows, limit, counted } = options;
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  return {
    items: shown.map(options.itemOf),
    nextCursor: rows.length > limit && last ? encodeCursor(options.cursorOf(last)) : null,
    count: { value: Math.min(counted, countCap), capped: counted > countCap },
  };
}
