/** Findings about instances, grouped by their cause: how many, and a few samples of each. */

/** One cause. */
export interface GroupOfFindings {
  readonly code: string;
  readonly process: string;
  readonly version: number;
  /** Id of the element; empty for the process. */
  readonly element: string;
  /** As it was for the first instance of the group. */
  readonly message: string;
  readonly count: number;
  readonly samples: readonly { readonly id: string; readonly businessKey: string | null }[];
}

type Growing = { -readonly [Key in keyof GroupOfFindings]: GroupOfFindings[Key] } & {
  samples: GroupOfFindings['samples'][number][];
};

/** More groups than a person reads; what comes after falls into one group for each code. */
const mostGroups = 500;

/** Counts findings. Its memory is bounded by the number of groups and samples, not by findings. */
export class FindingGroups {
  readonly #samples: number;
  readonly #groups = new Map<string, Growing>();

  constructor(samples: number) {
    this.#samples = samples;
  }

  add(
    instance: {
      readonly id: string;
      readonly businessKey: string | null;
      readonly process: string;
      readonly version: number;
    },
    finding: { readonly code: string; readonly element: string; readonly message: string },
  ): void {
    const { id, businessKey, process, version } = instance;
    const { code, element, message } = finding;
    const isFull = this.#groups.size >= mostGroups;
    const exact = JSON.stringify([code, process, version, element]);
    const key = isFull && !this.#groups.has(exact) ? JSON.stringify([code]) : exact;
    let group = this.#groups.get(key);
    if (!group) {
      group = { code, process, version, element, message, count: 0, samples: [] };
      this.#groups.set(key, group);
    }
    group.count += 1;
    if (group.samples.length < this.#samples) group.samples.push({ id, businessKey });
  }

  /** The most frequent first. */
  list(): readonly GroupOfFindings[] {
    return [...this.#groups.values()].sort((a, b) => b.count - a.count);
  }
}
