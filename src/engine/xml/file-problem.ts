/**
 * What is wrong with a file from outside. Everything is found in one go, each with its place, the rule that
 * it breaks and what to do about it; a file with one problem is not deployed.
 */

/** One thing that is wrong with a file. */
export interface FileProblem<Rule extends string = string> {
  readonly file: string;
  /** Counts from 1; 0 when no line of the file is meant. */
  readonly line: number;
  /** Id of the element; empty when the file as a whole is meant. */
  readonly element: string;
  readonly rule: Rule;
  /** What was expected and what was found. */
  readonly message: string;
  /** What to do. */
  readonly remedy: string;
}

/** One line for people: `order.bpmn:12 pay (event-unsupported): ...`. */
export function problemText(problem: FileProblem): string {
  const { file, line, element, rule, message, remedy } = problem;
  const place = `${file}${line > 0 ? `:${line}` : ''}${element === '' ? '' : ` ${element}`}`;
  return `${place} (${rule}): ${message}; ${remedy}`;
}
