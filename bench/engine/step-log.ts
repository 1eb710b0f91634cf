/**
 * Counts the steps of all instances, and times those of a lone one: from the beginning of a step to
 * the beginning of the next, which does not begin before the first is durable.
 */
export class StepLog {
  #last: number | undefined;
  #stepsMs: number[] = [];
  #timing = false;
  #count = 0;

  /** Steps so far. */
  readonly count = () => this.#count;

  /** A step begins. */
  begins(step: number): void {
    this.#count += 1;
    if (!this.#timing) return;
    const now = performance.now();
    if (step > 1 && this.#last !== undefined) this.#stepsMs.push(now - this.#last);
    this.#last = now;
  }

  /** From here on steps are timed, or not: only those of a lone instance follow each other. */
  time(timing: boolean): void {
    this.#timing = timing;
    this.#last = undefined;
    this.#stepsMs = [];
  }

  /** What was timed since `time`. */
  get stepsMs(): readonly number[] {
    return this.#stepsMs;
  }
}
