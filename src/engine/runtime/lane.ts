/**
 * Jobs of one process, one class of urgency and one set of gates, in line. Parties and instances take
 * turns: one with a thousand jobs in line does not keep the others waiting.
 */
import type { Gate } from '../../kernel/gate.ts';
import type { Priority } from '../model/priority.ts';
import { type InLine, Turns } from './turns.ts';

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
  readonly #turns = new Turns<T>();

  constructor(process: string, priority: Priority, gates: readonly Gate[]) {
    this.process = process;
    this.priority = priority;
    this.gates = gates;
  }

  get size(): number {
    return this.#before.length + this.#turns.size;
  }

  get first(): T | undefined {
    return this.#before.at(-1) ?? this.#turns.first;
  }

  get isOpen(): boolean {
    for (const gate of this.gates) if (!gate.isOpen) return false;
    return true;
  }

  push(item: T): void {
    this.#turns.push(item);
  }

  /** Puts one that had its turn already before all others. */
  pushFirst(item: T): void {
    this.#before.push(item);
  }

  take(): T | undefined {
    return this.#before.pop() ?? this.#turns.take();
  }

  /** Takes out what would be the last of a party; none that had its turn already. */
  dropLast(party: string): T | undefined {
    return this.#turns.dropLast(party);
  }
}
