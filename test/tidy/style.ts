/**
 * The rules of style that a program can check: names of files, opening comments, docstrings on
 * exports, and nothing left half done. Each check takes one file and returns what is wrong with it.
 */
import { basename } from 'node:path';
import type { SourceFile } from './source-files.ts';

/** Names of drawers: whatever is put there belongs somewhere else. */
const drawers = ['utils', 'util', 'helpers', 'helper', 'common', 'misc', 'lib', 'manager'];
const kebabCase = /^[a-z0-9]+(-[a-z0-9]+)*(\.[a-z0-9-]+)*\.ts$/;

/** Every finding in a file, as `path:line: what is wrong and what to do`. */
export function styleFindings(file: SourceFile): readonly string[] {
  return [
    ...nameFindings(file),
    ...openingFindings(file),
    ...leftoverFindings(file),
    ...docstringFindings(file),
    ...hookFindings(file),
  ];
}

/** File names are kebab-case and say what is inside. */
export function nameFindings({ path }: SourceFile): readonly string[] {
  const name = basename(path);
  const words = name.replace(/\..*$/, '').split('-');
  const drawer = [...path.split('/').slice(0, -1), words.at(-1) ?? ''].find((word) =>
    drawers.includes(word),
  );
  const findings: string[] = [];
  if (!kebabCase.test(name)) findings.push(`${path}: expected a kebab-case file name`);
  if (drawer) findings.push(`${path}: "${drawer}" says nothing; name it for what is inside`);
  return findings;
}

/** A file opens with a comment on what it is for. */
export function openingFindings({ path, text }: SourceFile): readonly string[] {
  const opening = text.replace(/^#!.*\n/, '').trimStart();
  if (opening.startsWith('/**') || /^\/\/ (?!biome-ignore|@ts-)/.test(opening)) return [];
  return [`${path}:1: expected an opening comment: what the file is for, what it guarantees`];
}

/** Written in two halves, so that this file does not find itself. */
const leftovers = new RegExp(
  `\\b(${['TO' + 'DO', 'FIX' + 'ME', 'X' + 'XX'].join('|')})\\b|@ts-${'ignore'}`,
);

/** Nothing is left for later, and no error of the compiler is silenced. */
export function leftoverFindings({ path, text }: SourceFile): readonly string[] {
  return text.split('\n').flatMap((line, index) => {
    const found = leftovers.exec(line)?.[0];
    return found
      ? [`${path}:${index + 1}: found ${found}; do it now, or describe it as an issue`]
      : [];
  });
}

/** Run once for each file. */
const ofEachFile = 'test/support/each-file.ts';

/**
 * Test files share a process and the modules that they import: a hook that such a module registers as it
 * is loaded would be that of the first file alone.
 */
export function hookFindings({ path, text }: SourceFile): readonly string[] {
  if (path.endsWith('.test.ts') || path === ofEachFile) return [];
  return text.split('\n').flatMap((line, index) => {
    const found = /^(?:before|after)(?:Each|All)\b/.exec(line)?.[0];
    return found
      ? [`${path}:${index + 1}: found ${found} where it runs once; use laterCleanup, or a function`]
      : [];
  });
}

const exported =
  /^export (?:declare )?(?:async )?(?:abstract )?(?:const|let|function\*?|class|interface|type) (\w+)/;
/** A type that is only the shape of a documented value beside it. */
const derived = /^export type \w+(<.*>)? = [^;]*\btypeof\b/;
/** Declarations as data carry their own words, as `summary` or `title`; saying it twice is noise. */
const selfDescribing = /= define[A-Z]\w*(<[^>]*>)?\(/;

/** Every export has a docstring; for overloads the first one counts. */
export function docstringFindings({ path, text }: SourceFile): readonly string[] {
  const lines = text.split('\n');
  const documented = new Set<string>();
  return lines.flatMap((line, index) => {
    const name = exported.exec(line)?.[1];
    if (name === undefined || documented.has(name)) return [];
    if (derived.test(line) || selfDescribing.test(line)) return [];
    documented.add(name);
    if (lineAbove(lines, index).endsWith('*/')) return [];
    return [`${path}:${index + 1}: expected a docstring on "${name}": what does it guarantee?`];
  });
}

/** The line above that is not an instruction to the linter or the compiler. */
function lineAbove(lines: readonly string[], index: number): string {
  const above = lines.slice(0, index).reverse();
  return above.find((line) => !/^\s*\/\/ (biome-ignore|@ts-expect-error)/.test(line))?.trim() ?? '';
}
