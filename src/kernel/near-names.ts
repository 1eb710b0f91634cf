/** Finds what somebody probably meant who wrote a name that does not exist. */

const most = 3;

/** Up to three known names that are close to the unknown one, the nearest first. */
export function nearNames(unknown: string, known: Iterable<string>): string[] {
  // A name of which no letter remains is not near.
  const limit = Math.min(unknown.length - 1, Math.max(2, Math.floor(unknown.length / 5)));
  return [...known]
    .map((name) => ({ name, distance: editDistance(unknown, name) }))
    .filter(({ name, distance }) => distance <= limit || name.endsWith(`.${unknown}`))
    .sort((a, b) => a.distance - b.distance || a.name.localeCompare(b.name))
    .slice(0, most)
    .map(({ name }) => name);
}

/** Ends a sentence about an unknown name: what was probably meant, or nothing when no known name is near. */
export function didYouMean(unknown: string, known: Iterable<string>): string {
  const near = nearNames(unknown, known);
  return near.length === 0 ? '' : `; did you mean ${near.join(' or ')}?`;
}

/** Levenshtein's distance: inserted, removed and replaced letters. */
function editDistance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const current = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = previous[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      current.push(Math.min(previous[j]! + 1, current[j - 1]! + 1, replaced));
    }
    previous = current;
  }
  return previous[b.length]!;
}
