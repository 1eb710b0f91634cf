/** Collects what is wrong with one file, so that all of it is told at once. */
import type { ModdleElement } from 'bpmn-moddle';
import type { DrawingProblem } from './problem.ts';
import type { RuleName } from './rules.ts';

/** After so many, one more tells nobody anything new. */
const mostProblems = 200;

/** The problems of one file. */
export class Report {
  readonly file: string;
  readonly problems: DrawingProblem[] = [];
  /** Line of each id. */
  readonly lines: ReadonlyMap<string, number>;

  constructor(file: string, lines: ReadonlyMap<string, number>, found: readonly DrawingProblem[]) {
    this.file = file;
    this.lines = lines;
    this.problems.push(...found);
  }

  /** Notes a problem at an element, or at the nearest around it that has an id. */
  add(rule: RuleName, at: ModdleElement | string, message: string, remedy: string): void {
    const element = typeof at === 'string' ? at : idAround(at);
    this.addAt(rule, { element, line: this.lines.get(element) ?? 0 }, message, remedy);
  }

  /** Notes a problem whose line is known. */
  addAt(
    rule: RuleName,
    place: { readonly element: string; readonly line: number },
    message: string,
    remedy: string,
  ): void {
    if (this.problems.length >= mostProblems) return;
    const same = this.problems.some(
      (one) => one.rule === rule && one.element === place.element && one.message === message,
    );
    if (!same) this.problems.push({ file: this.file, ...place, rule, message, remedy });
  }

  /** Whether anything is wrong with this element. */
  has(element: string): boolean {
    return this.problems.some((problem) => problem.element === element);
  }
}

function idAround(element: ModdleElement): string {
  for (let at: ModdleElement | undefined = element; at; at = at.$parent) {
    if (typeof at.id === 'string') return at.id;
  }
  return '';
}
