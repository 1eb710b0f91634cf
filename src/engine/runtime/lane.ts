/**
 * Jobs of one process, one class of urgency and one set of gates, in line. Instances take turns: one
 * with a thousand jobs in line does not keep the others waiting.
 */
import type { Gate } from '../../kernel/gate.ts';
import type { Priority } from '../model/priority.ts';
import { Line } from './line.ts';

/** What stands in line. */
export interface InLine {
  /** Those of one group take turns with the other groups: the instance. */
  readonly group: string;
  /** When it came into the line, for figures. */
  readonly since: number;
}

/** One line of jobs. */
export class Lane<T extends InLine> {
  readonly process: string;
  readonly priority: Priority;
  readonly gates: readonly Gate[];
  /** Jobs of this lane that are at work. */
  atWork = 0;
  /** Number of the turn in which it was last served. */
  served = 0;
  /** Where it stands in the heap of lanes that have something to do; -1 when it does not. */
  place = -1;
  readonly #before: T[] = [];
  readonly #line = new Line<T>();
  /** Further jobs of groups that have one in line already. */
  readonly #groups = new Map<string, T[] | null>();
  #size = 0;

  constructor(process: string, priority: Priority, gates: readonly Gate[]) {
    this.process = process;
    this.priority = priority;
    this.gates = gates;
  }

  get size(): number {
    return this.#size;
  }

  get first(): T | undefined {
    return this.#before.at(-1) ?? this.#line.first;
  }

  get isOpen(): boolean {
    for (const gate of this.gates) if (!gate.isOpen) return false;
    return true;
  }

  push(item: T): void {
    this.#size += 1;
    const { group } = item;
    const others = this.#groups.get(group);
    if (others === undefined) {
      this.#groups.set(group, null);
      this.#line.push(item);
    } else if (others === null) this.#groups.set(group, [item]);
    else others.push(item);
  }

  /** Puts one that had its turn already before all others. */
  pushFirst(item: T): void {
    this.#size += 1;
    this.#before.push(item);
  }

  take(): T | undefined {
    const early = this.#before.pop();
    if (early !== undefined) {
      this.#size -= 1;
      return early;
    }
    const item = this.#line.shift();
    if (item === undefined) return undefined;
    this.#size -= 1;
    const others = this.#groups.get(item.group);
    const next = others?.shift();
    if (next === undefined) this.#groups.delete(item.group);
    else this.#line.push(next);
    return item;
  }
}
