/**
 * What every peer's program does: reads its task from the command line, measures the ten steps at
 * each number of instances in flight, and prints the figures as its last line.
 */
import { closedLoop, type Rounds } from '../closed-loop.ts';
import { type Figures, figureOf } from '../engine/figures.ts';
import { StepLog } from '../engine/step-log.ts';

/** What a peer is told. */
export interface PeerTask {
  /** An empty database on the server that the engine was measured on. */
  readonly connectionString: string;
  /** A folder of its own on the same disk. */
  readonly folder: string;
  readonly inFlight: readonly number[];
  readonly rounds: Rounds;
}

/** Load before anything is measured, beside the warm-up of each measurement. */
const coldStart = { inFlight: 100, rounds: { warmUpMs: 10_000, roundMs: 0, rounds: 0 } };

/** A running peer. */
export interface Peer {
  /** Runs one instance of ten steps; resolves when its end is durable. */
  readonly run: () => Promise<void>;
  readonly stop: () => Promise<void>;
}

/** Measures a peer and ends the program. `onStep` is to be called when a step begins. */
export async function measurePeer(
  start: (task: PeerTask, onStep: (step: number) => void) => Promise<Peer>,
): Promise<void> {
  const task = JSON.parse(process.argv[2] ?? '') as PeerTask;
  const log = new StepLog();
  const peer = await start(task, (step) => log.begins(step));
  const figures: Figures = {};
  try {
    // A program that has just been started is slow for a while, which must not count against it.
    await closedLoop({ ...coldStart, run: peer.run, stepsSoFar: log.count });
    for (const inFlight of task.inFlight) {
      log.time(inFlight === 1);
      const rates = await closedLoop({
        inFlight,
        rounds: task.rounds,
        run: peer.run,
        stepsSoFar: log.count,
      });
      figures[inFlight] = figureOf(rates, log.stepsMs);
    }
  } finally {
    await peer.stop();
  }
  process.stdout.write(`\n${JSON.stringify(figures)}\n`, () => process.exit(0));
}
