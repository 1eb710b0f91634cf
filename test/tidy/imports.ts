/**
 * Finds what a file imports. Statements are recognised at the start of a line, where the formatter
 * puts them; so neither comments nor strings within a line are mistaken for imports.
 */
import { posix } from 'node:path';
import type { SourceFile } from './source-files.ts';

const statement = /^(?:import|export)\b(?:[^;'"`]*?\bfrom)?\s*['"]([^'"\n]+)['"]/gm;
const dynamic = /\bimport\(\s*['"]([^'"\n]+)['"]/g;

/** The specifiers of all imports and re-exports of a text, types included, each once. */
export function importSpecifiers(text: string): readonly string[] {
  const code = text.replace(/^\s*(\/\/|\*|\/\*).*$/gm, '');
  const found = [...code.matchAll(statement), ...code.matchAll(dynamic)];
  return [...new Set(found.map((match) => match[1] ?? ''))];
}

/** The files of the project that a file imports, as paths from the root; packages are left out. */
export function importedFiles({ path, text }: SourceFile): readonly string[] {
  return importSpecifiers(text)
    .filter((specifier) => specifier.startsWith('.'))
    .map((specifier) => posix.join(posix.dirname(path), specifier));
}
