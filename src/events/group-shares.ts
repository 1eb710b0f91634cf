/**
 * Who shall own which consumer group: shared out evenly among the nodes that run them, with as few moves
 * as that takes. Pure, and the same for every node that sees the same rows, so that nobody has to be asked.
 */

/** A group as the shares are computed from it. */
export interface SharedGroup {
  readonly name: string;
  /** Its owner, if that is one of its members; else null. */
  readonly owner: string | null;
  /** The nodes that run it and live, in the same order wherever it is computed. */
  readonly members: readonly string[];
}

/**
 * The node that shall own each group that has members. Of two members of a group none owns two groups
 * more than the other; an owner keeps its group while that holds.
 */
export function shareGroups(groups: readonly SharedGroup[]): ReadonlyMap<string, string> {
  const shares = new Map<string, string>();
  const loads = new Map<string, number>();
  const loadOf = (node: string) => loads.get(node) ?? 0;
  const give = (group: string, node: string) => {
    const before = shares.get(group);
    if (before !== undefined) loads.set(before, loadOf(before) - 1);
    shares.set(group, node);
    loads.set(node, loadOf(node) + 1);
  };
  const leastOf = (members: readonly string[]) =>
    members.reduce((least, node) => (loadOf(node) < loadOf(least) ? node : least));
  const shared = groups
    .filter(({ members }) => members.length > 0)
    .toSorted((a, b) => (a.name < b.name ? -1 : 1));
  for (const { name, owner } of shared) if (owner !== null) give(name, owner);
  for (const { name, owner, members } of shared) if (owner === null) give(name, leastOf(members));
  // Each move makes the loads more even, so this ends.
  for (let moved = true; moved; ) {
    moved = false;
    for (const { name, members } of shared) {
      const least = leastOf(members);
      const node = shares.get(name) ?? least;
      if (loadOf(node) - loadOf(least) < 2) continue;
      give(name, least);
      moved = true;
    }
  }
  return shares;
}
