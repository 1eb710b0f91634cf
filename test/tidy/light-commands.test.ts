/**
 * A command that only asks a running program starts at once: what it loads is the command line and not the
 * program. Loading the program takes four times as long as asking it.
 */
import { expect, test } from 'vitest';
import { importedFiles, importSpecifiers } from './imports.ts';
import { readSourceFiles, type SourceFile } from './source-files.ts';

const files = new Map((await readSourceFiles()).map((file) => [file.path, file]));

/** Everything that is loaded with a file: imports of types are erased, dynamic ones come later. */
function loadedWith(path: string, found = new Set<string>()): ReadonlySet<string> {
  const file = files.get(path);
  if (!file || found.has(path)) return found;
  found.add(path);
  for (const target of importedFiles(withoutLater(file))) loadedWith(target, found);
  return found;
}

function withoutLater({ path, text }: SourceFile): SourceFile {
  const atOnce = text.replace(/^import type [^;]*;/gm, '').replace(/\bimport\([^)]*\)/g, '');
  return { path, text: atOnce };
}

test('the command line loads neither engine nor modules nor settings', () => {
  const loaded = [...loadedWith('src/app/main.ts')];
  expect(loaded).toContain('src/app/client-commands.ts');
  expect(loaded.filter((path) => !path.startsWith('src/app/'))).toEqual([]);
  expect(loaded).not.toContain('src/app/settings.ts');
});

test('what is loaded later, or is a type, does not count; the rest does', () => {
  const text = [
    "import type { A } from './a.ts';",
    "import { type B, b } from './b.ts';",
    "const c = await import('./c.ts');",
  ].join('\n');
  expect(importSpecifiers(withoutLater({ path: 'x.ts', text }).text)).toEqual(['./b.ts']);
});
