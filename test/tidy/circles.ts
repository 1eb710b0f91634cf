/** Finds circles of imports, between files and between folders. A circle is a design error, also one of types alone. */
import { importedFiles } from './imports.ts';
import type { SourceFile } from './source-files.ts';

/**
 * Circles, each as its path from a file back to itself. Every file that is part of some circle is
 * in at least one of those returned; none are returned when there is none.
 */
export function importCircles(files: readonly SourceFile[]): readonly (readonly string[])[] {
  return circlesOf(new Map(files.map((file) => [file.path, importedFiles(file)])));
}

/** The same between the parts that files belong to; a file whose part is null is left out. */
export function partCircles(
  files: readonly SourceFile[],
  partOf: (path: string) => string | null,
): readonly (readonly string[])[] {
  const edges = new Map<string, Set<string>>();
  for (const file of files) {
    const part = partOf(file.path);
    if (part === null) continue;
    const used = edges.get(part) ?? new Set();
    for (const target of importedFiles(file)) {
      const other = partOf(target);
      if (other !== null && other !== part) used.add(other);
    }
    edges.set(part, used);
  }
  return circlesOf(edges);
}

function circlesOf(edges: ReadonlyMap<string, Iterable<string>>): readonly (readonly string[])[] {
  const circles: string[][] = [];
  const finished = new Set<string>();
  const way: string[] = [];

  function visit(path: string): void {
    const at = way.indexOf(path);
    if (at >= 0) circles.push([...way.slice(at), path]);
    if (at >= 0 || finished.has(path)) return;
    way.push(path);
    for (const target of edges.get(path) ?? []) visit(target);
    way.pop();
    finished.add(path);
  }

  for (const path of edges.keys()) visit(path);
  return circles;
}
