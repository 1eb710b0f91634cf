/** Patterns of this dialect, in which `%` stands for any text. */

/** `%order%` as a test. Looks for one part after the other, so that no pattern takes long. */
export function like(pattern: string, text: string): boolean {
  const parts = pattern.split('%');
  const first = parts.shift() ?? '';
  const last = parts.pop();
  if (last === undefined) return text === first;
  if (!text.startsWith(first)) return false;
  let at = first.length;
  for (const part of parts) {
    const found = text.indexOf(part, at);
    if (found < 0) return false;
    at = found + part.length;
  }
  return text.length - last.length >= at && text.endsWith(last);
}
