/** Jobs whose key is busy, by key, in the order in which they came. */

import { Line } from './line.ts';
import { type InLine, partyOf } from './turns.ts';

/** Keys of a party that are looked at before it is given up to take one of its jobs out. */
const keysPerDrop = 4;

/** Those that wait for a key. They hold nothing and take no turns until their key is free. */
export class KeyLine<T extends InLine> {
  readonly #lines = new Map<string, Line<T>>();
  /** Of each party, how many wait for each key. */
  readonly #keysOf = new Map<string, Map<string, number>>();
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** True when somebody waits for it already; who comes later stands behind. */
  has(key: string): boolean {
    return this.#lines.has(key);
  }

  push(key: string, item: T): void {
    this.#count(key, item, 1);
    this.#lineOf(key).push(item);
  }

  /** For one that was called and found its key busy again. */
  pushFirst(key: string, item: T): void {
    this.#count(key, item, 1);
    this.#lineOf(key).unshift(item);
  }

  take(key: string): T | undefined {
    const line = this.#lines.get(key);
    const item = line?.shift();
    if (line?.length === 0) this.#lines.delete(key);
    if (item !== undefined) this.#count(key, item, -1);
    return item;
  }

  /** Takes out one of a party that would be the last for its key; undefined when there is none soon. */
  dropLast(party: string): T | undefined {
    let looked = 0;
    for (const key of this.#keysOf.get(party)?.keys() ?? []) {
      const line = this.#lines.get(key);
      const last = line?.last;
      if (line && last !== undefined && partyOf(last) === party) {
        line.pop();
        if (line.length === 0) this.#lines.delete(key);
        this.#count(key, last, -1);
        return last;
      }
      looked += 1;
      if (looked === keysPerDrop) return undefined;
    }
    return undefined;
  }

  #count(key: string, item: T, by: 1 | -1): void {
    this.#size += by;
    const party = partyOf(item);
    const keys = this.#keysOf.get(party) ?? new Map<string, number>();
    const count = (keys.get(key) ?? 0) + by;
    if (count > 0) keys.set(key, count);
    else keys.delete(key);
    if (keys.size > 0) this.#keysOf.set(party, keys);
    else this.#keysOf.delete(party);
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
    this.#keysOf.clear();
    this.#size = 0;
    return all;
  }
}
