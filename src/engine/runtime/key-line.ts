/** Jobs whose key is busy, by key, in the order in which they came. */

import { Line } from './line.ts';

/** Those that wait for a key. They hold nothing and take no turns until their key is free. */
export class KeyLine<T> {
  readonly #lines = new Map<string, Line<T>>();
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** True when somebody waits for it already; who comes later stands behind. */
  has(key: string): boolean {
    return this.#lines.has(key);
  }

  push(key: string, item: T): void {
    this.#size += 1;
    this.#lineOf(key).push(item);
  }

  /** For one that was called and found its key busy again. */
  pushFirst(key: string, item: T): void {
    this.#size += 1;
    this.#lineOf(key).unshift(item);
  }

  take(key: string): T | undefined {
    const line = this.#lines.get(key);
    const item = line?.shift();
    if (line?.length === 0) this.#lines.delete(key);
    if (item !== undefined) this.#size -= 1;
    return item;
  }

  #lineOf(key: string): Line<T> {
    const known = this.#lines.get(key);
    if (known) return known;
    const line = new Line<T>();
    this.#lines.set(key, line);
    return line;
  }

  /** Gives all, and keeps none. */
  drain(): T[] {
    const all: T[] = [];
    for (const line of this.#lines.values()) {
      for (let item = line.shift(); item !== undefined; item = line.shift()) all.push(item);
    }
    this.#lines.clear();
    this.#size = 0;
    return all;
  }
}
