/** Which nodes a token at a node may come to within its scope, in a structure or a model. */

interface Links {
  readonly nodes: readonly { readonly id: string; readonly attachedTo?: string }[];
  readonly flows: readonly { readonly source: string; readonly target: string }[];
}

/** Tells whether a token at one node may come to another. A node does not reach itself but by a loop. */
export class Reachability {
  readonly #next = new Map<string, string[]>();
  readonly #reached = new Map<string, ReadonlySet<string>>();

  constructor({ nodes, flows }: Links) {
    const link = (source: string, target: string) =>
      this.#next.set(source, [...(this.#next.get(source) ?? []), target]);
    for (const { source, target } of flows) link(source, target);
    for (const { id, attachedTo } of nodes) if (attachedTo !== undefined) link(attachedTo, id);
  }

  reaches(from: string, to: string): boolean {
    let reached = this.#reached.get(from);
    if (!reached) {
      const found = new Set<string>(this.#next.get(from) ?? []);
      for (const id of found) for (const other of this.#next.get(id) ?? []) found.add(other);
      reached = found;
      this.#reached.set(from, reached);
    }
    return reached.has(to);
  }
}
