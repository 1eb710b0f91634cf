/**
 * The load that everybody is measured under: a fixed number of instances in flight, each followed by
 * the next as soon as it has ended. Warm-up first, then rounds of equal length.
 */
import { setTimeout as delay } from 'node:timers/promises';

/** How long and how often to measure. */
export interface Rounds {
  readonly warmUpMs: number;
  readonly roundMs: number;
  readonly rounds: number;
}

/** What happened per second, for each round. */
export interface Rates {
  readonly instances: readonly number[];
  readonly steps: readonly number[];
}

/** Drives the load and gives the rates of the rounds. */
export async function closedLoop(options: {
  readonly inFlight: number;
  readonly rounds: Rounds;
  /** Runs one instance; resolves when its end is durable. */
  readonly run: () => Promise<void>;
  /** Steps so far. Instances that move in step would end in some rounds only; steps do not. */
  readonly stepsSoFar: () => number;
}): Promise<Rates> {
  const { inFlight, run, stepsSoFar } = options;
  const { warmUpMs, roundMs, rounds } = options.rounds;
  let ended = 0;
  let stopping = false;
  const worker = async () => {
    while (!stopping) {
      await run();
      ended += 1;
    }
  };
  const workers = Promise.all(Array.from({ length: inFlight }, worker));
  const measure = async () => {
    await delay(warmUpMs);
    const rates = { instances: [] as number[], steps: [] as number[] };
    for (let round = 0; round < rounds; round += 1) {
      const before = { at: performance.now(), ended, steps: stepsSoFar() };
      await delay(roundMs);
      const seconds = (performance.now() - before.at) / 1_000;
      rates.instances.push((ended - before.ended) / seconds);
      rates.steps.push((stepsSoFar() - before.steps) / seconds);
    }
    stopping = true;
    return rates;
  };
  // A worker that fails ends the measurement at once instead of leaving it one worker short.
  const failed = workers.then(() => new Promise<never>(() => undefined));
  const rates = await Promise.race([measure(), failed]);
  await workers;
  return rates;
}
