/** The few pieces of Markdown that generated pages are made of. */

/** Opens every generated page, so that nobody edits it by hand. */
export function pageHead(title: string, introduction: string): string {
  return `<!-- Written by \`npm run contracts\`; not to be edited. -->\n\n# ${title}\n\n${introduction}\n`;
}

/** A table; cells may hold any text. */
export function markdownTable(
  titles: readonly string[],
  rows: readonly (readonly string[])[],
): string {
  const line = (cells: readonly string[]) => `| ${cells.map(cell).join(' | ')} |`;
  return [line(titles), `|${titles.map(() => '---').join('|')}|`, ...rows.map(line)].join('\n');
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('\n', ' ');
}

/** `text` as code. */
export function code(text: string): string {
  return `\`${text}\``;
}
