/**
 * Timers of the near future, earliest first, in a binary heap. Those further away stay in the
 * database until the horizon reaches them, so a million parked timers cost no memory.
 */
import type { Clock } from '../../kernel/clock.ts';
import type { DueTimer } from '../store/instance-store.ts';

/** Fires each timer once, not before it is due. */
export class TimerQueue {
  readonly #clock: Clock;
  readonly #fire: (timer: DueTimer) => void;
  readonly #heap: DueTimer[] = [];
  readonly #known = new Set<string>();
  #cancelWake: (() => void) | undefined;
  #wakeAt = Number.POSITIVE_INFINITY;
  #stopped = false;

  constructor(clock: Clock, fire: (timer: DueTimer) => void) {
    this.#clock = clock;
    this.#fire = fire;
  }

  /** Adds a timer; one that is known already is not added again. */
  add(timer: DueTimer): void {
    const key = keyOf(timer);
    if (this.#stopped || this.#known.has(key)) return;
    this.#known.add(key);
    this.#heap.push(timer);
    this.#up(this.#heap.length - 1);
    this.#arm();
  }

  stop(): void {
    this.#stopped = true;
    this.#cancelWake?.();
    this.#heap.length = 0;
    this.#known.clear();
  }

  #arm(): void {
    const next = this.#heap[0];
    if (!next || this.#stopped) return;
    const at = next.due.getTime();
    if (at >= this.#wakeAt) return;
    this.#cancelWake?.();
    this.#wakeAt = at;
    this.#cancelWake = this.#clock.schedule(next.due, () => this.#wake());
  }

  #wake(): void {
    this.#wakeAt = Number.POSITIVE_INFINITY;
    this.#cancelWake = undefined;
    const now = this.#clock.now().getTime();
    for (let next = this.#heap[0]; next && next.due.getTime() <= now; next = this.#heap[0]) {
      this.#pop();
      this.#known.delete(keyOf(next));
      this.#fire(next);
    }
    this.#arm();
  }

  #pop(): void {
    const last = this.#heap.pop();
    if (last && this.#heap.length > 0) {
      this.#heap[0] = last;
      this.#down(0);
    }
  }

  #up(start: number): void {
    let index = start;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      if (!this.#swapIfEarlier(index, parent)) return;
      index = parent;
    }
  }

  #down(start: number): void {
    let index = start;
    for (;;) {
      const left = 2 * index + 1;
      const right = left + 1;
      const leftDue = this.#heap[left]?.due ?? null;
      const rightDue = this.#heap[right]?.due ?? null;
      const child = rightDue && leftDue && rightDue < leftDue ? right : left;
      if (!this.#heap[child] || !this.#swapIfEarlier(child, index)) return;
      index = child;
    }
  }

  #swapIfEarlier(child: number, parent: number): boolean {
    const a = this.#heap[child];
    const b = this.#heap[parent];
    if (!a || !b || a.due >= b.due) return false;
    this.#heap[child] = b;
    this.#heap[parent] = a;
    return true;
  }
}

function keyOf(timer: DueTimer): string {
  return `${timer.instanceId} ${timer.n} ${timer.on} ${timer.due.getTime()}`;
}
