/**
 * One evaluation of a decision and of those that it requires: what it was given, how much it may still do,
 * and what it notes for the history.
 */
import type { DecisionStep, MatchedRule } from '../model/decision-step.ts';
import type { Variables } from '../model/expression.ts';
import { DecisionError } from './decision-problem.ts';

/** Rules tried in one evaluation; calls and expressions count more. About a second. */
const longestRun = 200_000;
/** Rules that history names of one table. */
const mostNoted = 1_000;

/** How a table was decided. */
export interface TableOutcome {
  readonly result: unknown;
  readonly inputs: DecisionStep['inputs'];
  readonly matched: readonly MatchedRule[];
  /** What the hit policy left, each row with the names of its outputs. */
  readonly rows: readonly Readonly<Record<string, unknown>>[];
}

/** The run of one evaluation. */
export class DecisionRun {
  readonly given: Variables;
  /** In the order in which they were made: what is required comes first. */
  readonly steps: DecisionStep[] = [];
  #left = longestRun;

  constructor(given: Variables) {
    this.given = given;
  }

  /** Counts work. Throws, now and ever after, when there is too much. */
  spend(work = 1): void {
    this.#left -= work;
    this.check();
  }

  /** FEEL turns what its functions throw into null; so this is asked again behind it. */
  check(): void {
    if (this.#left >= 0) return;
    throw new DecisionError(
      'decision',
      `expected a decision of at most ${longestRun} rules and calls, found more; make its tables smaller, ` +
        'or what it goes through',
    );
  }

  note(step: DecisionStep): void {
    const { matched } = step;
    this.steps.push(matched ? { ...step, matched: matched.slice(0, mostNoted) } : step);
  }
}

/** Logic that can be run: what it gives is FEEL's own value. Throws `DecisionError`s. */
export type Logic = (run: DecisionRun, scope: Variables) => unknown;
