/**
 * How much an expression may do. What it runs through, compares and joins is counted while it is evaluated, in
 * steps of about half a microsecond, so that the same expression with the same variables always ends at the same
 * step: a clock would decide otherwise on another day. The expressions of one transition share a bound, too.
 */

/** Steps of one evaluation: about half a second. */
const mostSteps = 1_000_000;
/** Steps of everything that is evaluated at one moment, as a transition does. */
const mostAtOneMoment = 3_000_000;
/** Characters of a text, and values in lists and contexts, that an expression may make. */
const longestText = 8 * 1024 * 1024;
const mostValues = 1_000_000;
const deepestValue = 500;

/** An expression took more than it may. It is the same again with the same variables. */
export class TooMuchWork extends Error {
  override readonly name = 'TooMuchWork';
}

/** What the expressions of one moment have taken together. */
export interface MomentWork {
  steps: number;
}

/** Counts the work of one expression. */
export class WorkMeter {
  #left = 0;
  #weight = 1;
  #problem: string | null = null;

  /** Begins an evaluation with so many variables: each step of a `for` copies them. */
  begin(variables: number): void {
    this.#left = mostSteps;
    this.#weight = 1 + Math.floor(variables / 50);
    this.#problem = null;
  }

  /** Ends an evaluation; throws when it took too much, also when FEEL has made null of that. */
  end(moment: MomentWork | null): void {
    if (moment) {
      moment.steps += mostSteps - Math.max(0, this.#left);
      if (moment.steps > mostAtOneMoment) {
        this.#problem ??= `expected at most ${mostAtOneMoment} steps of all expressions of one transition, found more`;
      }
    }
    if (this.#problem !== null) throw tooMuch(this.#problem);
  }

  /** Counts steps. Throws when there are too many. */
  spend(steps: number): void {
    this.#left -= steps;
    if (this.#left < 0)
      this.#stop(`expected at most ${mostSteps} steps of an expression, found more`);
  }

  /** Counts what runs through a list, or a range, with so many steps for each of its values. */
  run(value: unknown, steps: number): unknown {
    this.spend(lengthOf(value) * steps * this.#weight);
    return value;
  }

  /** Counts a value with all that is in it. */
  whole(value: unknown): unknown {
    if (typeof value === 'string') this.text(value.length);
    else if (typeof value === 'object' && value !== null) this.#walk(value);
    return value;
  }

  /** Counts a text of this length that is made or read. */
  text(length: number): void {
    if (length > longestText)
      this.#stop(`expected texts of at most ${longestText} characters, found ${length}`);
    this.spend(length / 500);
  }

  #walk(value: object): void {
    const open: object[] = [value];
    for (let next = open.pop(); next; next = open.pop()) {
      const inner = Object.values(next);
      this.spend(1 + inner.length / 10);
      for (const one of inner) if (typeof one === 'object' && one !== null) open.push(one);
    }
  }

  #stop(problem: string): never {
    this.#left = -1;
    this.#problem = problem;
    throw tooMuch(problem);
  }
}

/** Counts the parts of a result, which may refer to the same list again and again. */
export class ResultMeter {
  #values = 0;
  #characters = 0;

  /** One value more, at this depth. Throws when it cannot be kept. */
  take(value: unknown, depth: number): void {
    this.#values += 1;
    if (typeof value === 'string') this.#characters += value.length;
    if (this.#values > mostValues) {
      throw tooMuch(`expected an expression that gives at most ${mostValues} values, found more`);
    }
    if (this.#characters > longestText) {
      throw tooMuch(
        `expected an expression that gives at most ${longestText} characters, found more`,
      );
    }
    if (depth > deepestValue) {
      throw tooMuch(
        `expected an expression whose result is at most ${deepestValue} levels deep, found more`,
      );
    }
  }
}

function tooMuch(problem: string): TooMuchWork {
  return new TooMuchWork(`${problem}; run through shorter lists, or let a procedure do it`);
}

/** Values that something runs through: of a list, or of a range of numbers. */
function lengthOf(value: unknown): number {
  if (Array.isArray(value)) return value.length;
  if (typeof value !== 'object' || value === null) return 1;
  const { start, end } = value as { readonly start?: unknown; readonly end?: unknown };
  if (typeof start !== 'number' || typeof end !== 'number') return 1;
  // Beyond these, adding one to a number changes nothing.
  const isCountable =
    Number.isSafeInteger(Math.floor(start)) && Number.isSafeInteger(Math.floor(end));
  // A range is walked in steps of one until it meets its end, so one with a broken distance has none.
  return isCountable && Number.isInteger(end - start)
    ? Math.abs(end - start) + 1
    : Number.POSITIVE_INFINITY;
}
