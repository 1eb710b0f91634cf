/** What is reported of one contender at each number of instances in flight. */
import type { Rates } from '../closed-loop.ts';
import { median, quantile } from '../statistics.ts';

/** Figures of one contender, by the number of instances in flight. */
export type Figures = Record<number, Figure>;

/** Medians over the rounds, and the rounds themselves, so that their spread can be seen. */
export interface Figure {
  readonly stepsPerSecond: number;
  readonly instancesPerSecond: number;
  readonly roundsStepsPerSecond: readonly number[];
  /** Of a lone instance: from one durable step to the next, in milliseconds. */
  readonly stepMs?: { readonly p50: number; readonly p95: number };
}

/** Sums up rounds; `stepsMs` are single steps of a lone instance. */
export function figureOf(rates: Rates, stepsMs: readonly number[] = []): Figure {
  return {
    stepsPerSecond: Math.round(median(rates.steps)),
    instancesPerSecond: Math.round(median(rates.instances)),
    roundsStepsPerSecond: rates.steps.map((value) => Math.round(value)),
    ...(stepsMs.length === 0
      ? {}
      : {
          stepMs: {
            p50: Number(quantile(stepsMs, 0.5).toFixed(3)),
            p95: Number(quantile(stepsMs, 0.95).toFixed(3)),
          },
        }),
  };
}
