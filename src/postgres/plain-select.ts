/**
 * Which statements change nothing outside of their transaction, whether they run in one or by
 * themselves. Only such a statement may travel together with the BEGIN that goes before it: should
 * BEGIN fail (an operator may cancel it), the statement has run without a transaction.
 */

/** Calls that reach further than their result: functions of our schemas, of the server, sequences. */
const reachesFurther = /\binto\b|\b[a-z_]+\.[a-z_]+\s*\(|\b(pg_[a-z_]+|setval|nextval)\s*\(/i;

/** Texts are few, and looked at for each transaction. */
const known = new Map<string, boolean>();
const mostTexts = 4_000;

/** True for a `select` that only reads. In doubt false: the statement is then sent by itself. */
export function isPlainSelect(text: string): boolean {
  let isPlain = known.get(text);
  if (isPlain === undefined) {
    isPlain = /^\s*select\b/i.test(text) && !reachesFurther.test(text);
    if (known.size < mostTexts) known.set(text, isPlain);
  }
  return isPlain;
}
