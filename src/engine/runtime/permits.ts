/**
 * A bound on how many may do something at the same time. Steps that write hold a connection until they
 * are committed, and a commit may have to wait for another one of the same instance; were all
 * connections held by such steps, that other commit would find none, and everybody would wait for
 * everybody. So a few connections are always kept free of them.
 */
export class Permits {
  #free: number;
  readonly #waiting: (() => void)[] = [];

  constructor(count: number) {
    this.#free = count;
  }

  /** Resolves when there is room; whoever took a permit gives it back, once. */
  async take(): Promise<void> {
    if (this.#free > 0) {
      this.#free -= 1;
      return;
    }
    await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  give(): void {
    const next = this.#waiting.shift();
    if (next) next();
    else this.#free += 1;
  }
}
