/**
 * What is wrong with a file of decisions, and the error of one that cannot be evaluated. As with drawings
 * everything is found in one go, each with its place, the rule that it breaks and what to do about it.
 */
import type { FileProblem } from '../xml/file-problem.ts';
import type { DecisionRuleName } from './decision-rules.ts';

/** One thing that is wrong with a file of decisions. */
export type DecisionProblem = FileProblem<DecisionRuleName>;

/** After so many, one more tells nobody anything new. */
const mostProblems = 200;

/** Collects the problems of one file. */
export class DecisionReport {
  readonly problems: DecisionProblem[] = [];
  readonly #file: string;

  constructor(file: string) {
    this.#file = file;
  }

  add(
    rule: DecisionRuleName,
    place: { readonly line: number; readonly element: string },
    message: string,
    remedy: string,
  ): void {
    if (this.problems.length >= mostProblems) return;
    this.problems.push({ file: this.#file, ...place, rule, message, remedy });
  }
}

/** Why a decision could not be evaluated with what it was given; the same again gives the same. */
export class DecisionError extends Error {
  override readonly name = 'DecisionError';
  /** `input`: what was given is at fault; `decision`: the decision is. */
  readonly fault: 'input' | 'decision';

  constructor(fault: 'input' | 'decision', message: string) {
    super(message);
    this.fault = fault;
  }
}
