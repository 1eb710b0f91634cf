/**
 * How much of the line each process takes, and each party of it, and which party takes most. Every change
 * costs a constant time, or as much as the weight of what changes.
 */

/** One process's part of the line. */
class ProcessShares {
  total = 0;
  readonly #taken = new Map<string, number>();
  /** Parties by how much they take. */
  readonly #byTaken = new Map<number, Set<string>>();
  #most = 0;

  of(party: string): number {
    return this.#taken.get(party) ?? 0;
  }

  change(party: string, by: number): void {
    const before = this.of(party);
    const after = Math.max(0, before + by);
    this.total += after - before;
    const old = this.#byTaken.get(before);
    old?.delete(party);
    if (old?.size === 0) this.#byTaken.delete(before);
    if (after === 0) this.#taken.delete(party);
    else {
      this.#taken.set(party, after);
      const same = this.#byTaken.get(after);
      if (same) same.add(party);
      else this.#byTaken.set(after, new Set([party]));
    }
    this.#most = Math.max(this.#most, after);
    while (this.#most > 0 && !this.#byTaken.has(this.#most)) this.#most -= 1;
  }

  /** One of those that take most: the one that has done so for longest. */
  get largest(): string | undefined {
    return this.#byTaken.get(this.#most)?.values().next().value;
  }
}

/** The shares of all processes. */
export class LineShares {
  readonly #processes = new Map<string, ProcessShares>();

  /** What a process takes; with a party, what that takes of it. */
  of(process: string, party?: string): number {
    const shares = this.#processes.get(process);
    return (party === undefined ? shares?.total : shares?.of(party)) ?? 0;
  }

  /** The party of a process that takes most; undefined when nothing of it is in line. */
  largest(process: string): string | undefined {
    return this.#processes.get(process)?.largest;
  }

  add(process: string, party: string, weight: number): void {
    this.#of(process).change(party, weight);
  }

  remove(process: string, party: string, weight: number): void {
    this.#of(process).change(party, -weight);
  }

  clear(): void {
    this.#processes.clear();
  }

  #of(process: string): ProcessShares {
    const known = this.#processes.get(process);
    if (known) return known;
    const made = new ProcessShares();
    this.#processes.set(process, made);
    return made;
  }
}
