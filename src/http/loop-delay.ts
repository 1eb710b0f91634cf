/**
 * How far the event loop falls behind: what a request waits before anything looks at it. One pause is
 * not that: after a long collection of garbage, a machine that stood still, or the start of many processes,
 * the loop is as quick as ever, and whoever comes need not be turned away. So it is told of a delay when two
 * spans in a row had it.
 */
import { monitorEventLoopDelay } from 'node:perf_hooks';

/** What has been measured since the beginning, in nanoseconds. */
export interface DelaySamples {
  readonly count: number;
  readonly mean: number;
}

/** Between two samples, in milliseconds; the rest of a sample is delay. */
const sampleEveryMs = 20;
/** A span is at least so long, and has a sample: none comes while the loop does not turn. */
const shortestSpanMs = 1_000;

/** Measures from the moment it is made. */
export class LoopDelay {
  readonly #samples: DelaySamples;
  readonly #nowMs: () => number;
  readonly #end: () => void;
  #spanFrom: number;
  #count = 0;
  #sumNs = 0;
  /** The means of the last two spans, in milliseconds. */
  #before = 0;
  #last = 0;

  /** Both are for tests: where samples come from, and milliseconds of a steady clock. */
  constructor(samples?: DelaySamples, nowMs: () => number = () => performance.now()) {
    const loop = samples ? undefined : monitorEventLoopDelay({ resolution: sampleEveryMs });
    loop?.enable();
    this.#samples = samples ?? loop!;
    this.#end = () => loop?.disable();
    this.#nowMs = nowMs;
    this.#spanFrom = nowMs();
  }

  /** The delay in milliseconds that both of the last two spans had in the mean. */
  readonly read = (): number => {
    const now = this.#nowMs();
    const { count } = this.#samples;
    if (now - this.#spanFrom >= shortestSpanMs && count > this.#count) {
      // Samples are never thrown away between spans: the one that is under way would be lost, and where every
      // turn of the loop takes a second, that is each.
      const sumNs = this.#samples.mean * count;
      const meanMs = (sumNs - this.#sumNs) / (count - this.#count) / 1e6;
      this.#before = this.#last;
      this.#last = Math.max(0, meanMs - sampleEveryMs);
      this.#spanFrom = now;
      this.#count = count;
      this.#sumNs = sumNs;
    }
    return Math.min(this.#before, this.#last);
  };

  /** Ends the measurement. */
  close(): void {
    this.#end();
  }
}
