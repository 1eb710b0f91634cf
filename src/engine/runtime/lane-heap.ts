/** Lanes that have something to do, in the order of their turns, in a binary heap. */
import type { Lane } from './lane.ts';
import type { InLine } from './turns.ts';

/** The lane with the fewest jobs at work is on top; among equals, the one that was served longest ago. */
export class LaneHeap<T extends InLine> {
  readonly #lanes: Lane<T>[] = [];

  get size(): number {
    return this.#lanes.length;
  }

  get top(): Lane<T> | undefined {
    return this.#lanes[0];
  }

  add(lane: Lane<T>): void {
    lane.place = this.#lanes.length;
    this.#lanes.push(lane);
    this.#up(lane.place);
  }

  remove(lane: Lane<T>): void {
    const { place } = lane;
    const last = this.#lanes.pop();
    lane.place = -1;
    if (!last || last === lane) return;
    this.#put(last, place);
    this.moved(last);
  }

  /** What the order depends on has changed for this lane. */
  moved(lane: Lane<T>): void {
    this.#up(lane.place);
    this.#down(lane.place);
  }

  clear(): void {
    for (const lane of this.#lanes) lane.place = -1;
    this.#lanes.length = 0;
  }

  #put(lane: Lane<T>, place: number): void {
    this.#lanes[place] = lane;
    lane.place = place;
  }

  #up(start: number): void {
    for (let place = start; place > 0; ) {
      const parent = (place - 1) >> 1;
      if (!this.#swap(place, parent)) return;
      place = parent;
    }
  }

  #down(start: number): void {
    for (let place = start; ; ) {
      const left = 2 * place + 1;
      const a = this.#lanes[left];
      const b = this.#lanes[left + 1];
      const child = a && b && isBefore(b, a) ? left + 1 : left;
      if (!this.#swap(child, place)) return;
      place = child;
    }
  }

  #swap(child: number, parent: number): boolean {
    const a = this.#lanes[child];
    const b = this.#lanes[parent];
    if (!a || !b || !isBefore(a, b)) return false;
    this.#put(b, child);
    this.#put(a, parent);
    return true;
  }
}

function isBefore<T extends InLine>(a: Lane<T>, b: Lane<T>): boolean {
  return a.atWork === b.atWork ? a.served < b.served : a.atWork < b.atWork;
}
