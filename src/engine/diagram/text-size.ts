/**
 * How much room text takes in a diagram, without a browser that could tell: widths of the letters of
 * Arial and Helvetica, which the pictures name first. Others are taken as wide rather than as narrow.
 */

/** Size of letters in a diagram, in pixels. */
const fontSize = 12;
/** From one line of text to the next, in pixels. */
export const lineHeight = 14;

/** Widths in thousandths of the font size, from the font's own metrics; letters from the space on. */
const widths = [
  278, 278, 355, 556, 556, 889, 667, 191, 333, 333, 389, 584, 278, 333, 278, 278, 556, 556, 556,
  556, 556, 556, 556, 556, 556, 556, 278, 278, 584, 584, 584, 556, 1015, 667, 667, 722, 722, 667,
  611, 778, 722, 278, 500, 667, 556, 833, 722, 778, 667, 778, 722, 667, 611, 722, 667, 944, 667,
  667, 611, 278, 278, 278, 469, 556, 333, 556, 556, 500, 556, 556, 278, 556, 556, 222, 222, 500,
  222, 833, 556, 556, 556, 556, 333, 500, 278, 556, 500, 722, 500, 500, 500, 334, 260, 334, 584,
];

/** Width of one line of text, in pixels. */
export function textWidth(text: string, size: number = fontSize): number {
  let total = 0;
  for (const letter of text) {
    const code = letter.codePointAt(0) ?? 0;
    total += widths[code - 32] ?? (code < 0x2e80 ? 600 : 1000);
  }
  return (total * size) / 1000;
}

/**
 * Lines no wider than `width`, broken at spaces, after hyphens, dots and underscores, before capitals within a
 * word, and elsewhere only where nothing else fits. What does not fit in `mostLines` ends in an ellipsis.
 */
export function wrapText(
  text: string,
  { width, mostLines = 6, size = fontSize }: WrapOptions,
): readonly string[] {
  const lines: string[] = [];
  for (const paragraph of text.slice(0, longestText).split(/\r?\n/)) {
    let line = '';
    for (const piece of piecesOf(paragraph.trim(), width, size)) {
      if (line !== '' && textWidth((line + piece).trimEnd(), size) > width) {
        lines.push(line.trim());
        line = piece.trimStart();
      } else line += piece;
    }
    if (line.trim() !== '') lines.push(line.trim());
  }
  if (lines.length <= mostLines) return lines;
  const kept = lines.slice(0, mostLines);
  let last = kept[mostLines - 1] ?? '';
  while (last !== '' && textWidth(`${last}…`, size) > width) last = last.slice(0, -1).trimEnd();
  return [...kept.slice(0, -1), `${last}…`];
}

interface WrapOptions {
  /** In pixels. */
  readonly width: number;
  /** @defaultValue 6 */
  readonly mostLines?: number;
  /** @defaultValue 12 */
  readonly size?: number;
}

/** Letters of one text that are looked at: more do not fit anywhere. */
const longestText = 2_000;

/** Text as pieces between which a line may be broken, none of them wider than a line. */
function piecesOf(text: string, width: number, size: number): readonly string[] {
  const words = text.split(/(?<=\s)(?=\S)/);
  return words.flatMap((word) => {
    if (textWidth(word.trimEnd(), size) <= width) return [word];
    const parts = word.split(/(?<=[-._/])|(?<=[a-z])(?=[A-Z])/);
    return parts.flatMap((part) => lettersOf(part, width, size));
  });
}

function lettersOf(part: string, width: number, size: number): readonly string[] {
  if (textWidth(part, size) <= width) return [part];
  const pieces: string[] = [];
  let piece = '';
  for (const letter of part) {
    if (piece !== '' && textWidth(piece + letter, size) > width) {
      pieces.push(piece);
      piece = '';
    }
    piece += letter;
  }
  return [...pieces, piece];
}

/** The room that wrapped text takes. */
export function textSize(lines: readonly string[], size: number = fontSize): TextSize {
  const width = Math.ceil(Math.max(0, ...lines.map((line) => textWidth(line, size))));
  return { width, height: lines.length * (size + 2) };
}

/** In pixels. */
export interface TextSize {
  readonly width: number;
  readonly height: number;
}
