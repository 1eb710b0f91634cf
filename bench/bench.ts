/** What a benchmark is given and what it gives. */
import type { Rounds } from './closed-loop.ts';
import type { Machine } from './machine.ts';

/** How long to measure, and where to tell what is seen on the way. */
export interface BenchSettings {
  readonly rounds: Rounds;
  /** True: for trying out; with less data where data takes long to make. */
  readonly quick: boolean;
  readonly report: (line: string) => void;
}

/** The outcome of one benchmark, as `--json` prints it. */
export interface BenchResult {
  readonly machine: Machine;
  readonly figures: Readonly<Record<string, unknown>>;
  readonly ratios: Readonly<Record<string, unknown>>;
}
