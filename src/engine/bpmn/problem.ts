/**
 * What is wrong with a drawing. Everything is found in one go, each with its place, the rule that it
 * breaks and what to do about it; a drawing with one problem is not deployed.
 */
import type { DecisionRuleName } from '../decisions/decision-rules.ts';
import type { AdviceRule } from './bpmnlint-rules.ts';
import type { RuleName } from './rules.ts';

/** One thing that is wrong with a drawing. */
export interface DrawingProblem {
  readonly file: string;
  /** Counts from 1; 0 when no line of the file is meant. */
  readonly line: number;
  /** Id of the element; empty when the file as a whole is meant. */
  readonly element: string;
  readonly rule: RuleName | DecisionRuleName | AdviceRule;
  /** What was expected and what was found. */
  readonly message: string;
  /** What to do. */
  readonly remedy: string;
}

/** One line for people: `order.bpmn:12 pay (event-unsupported): ...`. */
export function problemText(problem: DrawingProblem): string {
  const { file, line, element, rule, message, remedy } = problem;
  const place = `${file}${line > 0 ? `:${line}` : ''}${element === '' ? '' : ` ${element}`}`;
  return `${place} (${rule}): ${message}; ${remedy}`;
}
