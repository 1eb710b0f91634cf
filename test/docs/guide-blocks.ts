/**
 * Reads a guide as a newcomer does: files to write, files to change, commands to run. What stands in
 * the guide is what the test does, so that the guide cannot be wrong without failing.
 */

/** A file that the guide has its reader write. */
export interface FileBlock {
  readonly kind: 'file';
  readonly path: string;
  readonly text: string;
}

/** A change of a file that is there. */
export interface ChangeBlock {
  readonly kind: 'change';
  readonly path: string;
  readonly diff: string;
}

/** Commands, one a line. */
export interface CommandBlock {
  readonly kind: 'commands';
  readonly commands: readonly string[];
}

/** What is printed as the answer of the command before. */
export interface AnswerBlock {
  readonly kind: 'answer';
  readonly text: string;
}

/** Anything in a fence. */
export type GuideBlock = FileBlock | ChangeBlock | CommandBlock | AnswerBlock;

/** The blocks of a guide in their order. A block of a file stands below the file's path in bold. */
export function guideBlocks(markdown: string): readonly GuideBlock[] {
  const pieces = markdown.matchAll(/^\*\*`([^`]+)`\*\*$|^```(\w+)\n([\s\S]*?)^```$/gm);
  const blocks: GuideBlock[] = [];
  let path: string | undefined;
  for (const [, named, language, text = ''] of pieces) {
    if (named !== undefined) path = named;
    else if (language === 'sh') {
      blocks.push({ kind: 'commands', commands: text.trim().split('\n') });
    } else if (language === 'json') blocks.push({ kind: 'answer', text: text.trim() });
    else if (path === undefined) throw new Error(`expected a path above:\n${text}`);
    else if (language === 'diff') blocks.push({ kind: 'change', path, diff: text });
    else blocks.push({ kind: 'file', path, text });
  }
  return blocks;
}

/** Applies a change: the lines without `+` must stand in the text, once, in this order. */
export function applyChange(text: string, diff: string): string {
  const lines = diff.replace(/\n$/, '').split('\n');
  const before = lines.filter((line) => !line.startsWith('+')).map((line) => line.slice(1));
  const after = lines.filter((line) => !line.startsWith('-')).map((line) => line.slice(1));
  const found = `${before.join('\n')}\n`;
  const parts = text.split(found);
  if (parts.length !== 2) {
    throw new Error(`expected this once, found it ${parts.length - 1} times:\n${found}`);
  }
  return parts.join(`${after.join('\n')}\n`);
}
