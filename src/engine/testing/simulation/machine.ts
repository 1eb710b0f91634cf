/**
 * The machine that simulated nodes run on: its time, timers, ids and chance are the simulation's, and
 * the code of the engine runs on it as it is. While a machine is in use nothing happens by itself. Each
 * step is chosen, and `settle` then runs every promise that has become ready, down to the last one,
 * before it returns; so a step belongs to one node, and the same choices give the same run.
 *
 * Only one machine is in use at a time, within one synchronous call: the program around it never sees it.
 */
import { syncBuiltinESMExports } from 'node:module';
import timersPromises from 'node:timers/promises';
import v8 from 'node:v8';
import { setIdSource } from '../../../kernel/ids.ts';
import type { Random } from './random.ts';

v8.setFlagsFromString('--allow-natives-syntax');
/** Runs all microtasks that are ready. Does nothing when it is called from within one. */
const runMicrotasks = new Function('%PerformMicrotaskCheckpoint()') as () => void;

/** A timer of a node that is set. */
export interface MachineTimer {
  readonly owner: string;
  readonly everyMs: number | null;
  readonly callback: () => void;
  due: number;
}

/** What the engine gets of a timer. */
class Handle {
  readonly timer: MachineTimer;
  constructor(timer: MachineTimer) {
    this.timer = timer;
  }
  unref(): this {
    return this;
  }
  ref(): this {
    return this;
  }
}

/** Long before any run, so that ids sort as in real life. */
const epochMs = Date.UTC(2026, 0, 1);

/** Time, timers, ids and chance of one run. */
export class Machine {
  /** Milliseconds since the run began. */
  now = 0;
  /** The node whose step is being made; what it sets belongs to it. */
  owner = '';
  readonly #random: Random;
  /** Last bytes of new ids are below this. */
  readonly #shards: number;
  #timers: MachineTimer[] = [];
  #immediates: { readonly owner: string; readonly callback: () => void }[] = [];
  #ids = 0;

  constructor(random: Random, shards: number) {
    this.#random = random;
    this.#shards = shards;
  }

  /** The wall clock of all machines. */
  get wallClockMs(): number {
    return epochMs + this.now;
  }

  /** Runs a step of a node, and all that follows from it at once. */
  settle(owner: string, step: () => void): void {
    this.owner = owner;
    step();
    runMicrotasks();
  }

  /** Runs what nodes put off to the end of a turn, as far as the nodes may run. */
  turn(mayRun: (owner: string) => boolean): void {
    for (;;) {
      const at = this.#immediates.findIndex(({ owner }) => mayRun(owner));
      const [next] = at < 0 ? [] : this.#immediates.splice(at, 1);
      if (!next) return;
      this.settle(next.owner, next.callback);
    }
  }

  /** The timer that is due first of those whose nodes may run. */
  nextTimer(mayRun: (owner: string) => boolean): MachineTimer | undefined {
    let next: MachineTimer | undefined;
    for (const timer of this.#timers) {
      if (mayRun(timer.owner) && (!next || timer.due < next.due)) next = timer;
    }
    return next;
  }

  /** Moves the time to a timer and fires it. */
  fire(timer: MachineTimer): void {
    this.now = Math.max(this.now, timer.due);
    if (timer.everyMs === null) this.#remove(timer);
    else timer.due = this.now + timer.everyMs;
    this.settle(timer.owner, timer.callback);
  }

  /** A node is gone, and all that it had set. */
  forget(owner: string): void {
    this.#timers = this.#timers.filter((timer) => timer.owner !== owner);
    this.#immediates = this.#immediates.filter((one) => one.owner !== owner);
  }

  setTimer(callback: () => void, delayMs: number, repeats: boolean): Handle {
    const delay = Math.max(1, delayMs || 0);
    const everyMs = repeats ? delay : null;
    const timer = { owner: this.owner, everyMs, callback, due: this.now + delay };
    this.#timers.push(timer);
    return new Handle(timer);
  }

  clearTimer(handle: unknown): void {
    if (handle instanceof Handle) this.#remove(handle.timer);
  }

  setImmediate(callback: () => void): void {
    this.#immediates.push({ owner: this.owner, callback });
  }

  /** Ids sort by the time they were made, as real ones do; the last byte is the shard. */
  newId(): string {
    this.#ids += 1;
    const time = (epochMs + this.now).toString(16).padStart(12, '0');
    const number = this.#ids.toString(16).padStart(12, '0');
    const shard = this.#random.below(this.#shards).toString(16).padStart(2, '0');
    const tail = `${number.slice(-10)}${shard}`;
    return `${time.slice(0, 8)}-${time.slice(8)}-7000-8000-${tail}`;
  }

  chance(): number {
    return this.#random.next();
  }

  #remove(timer: MachineTimer): void {
    const at = this.#timers.indexOf(timer);
    if (at >= 0) this.#timers.splice(at, 1);
  }
}

let used: Machine | undefined;

/** The machine in use. */
function inUse(): Machine {
  if (!used) throw new Error('expected a simulated machine in use, found none');
  return used;
}

/**
 * Runs `work` with the functions of the real machine replaced; within it, `use` says which machine is
 * meant. Must be called outside of any promise, since nothing of it is run otherwise.
 */
export function onMachines<T>(work: (use: (machine: Machine) => void) => T): T {
  const later =
    <Args extends unknown[]>(repeats: boolean) =>
    (callback: (...args: Args) => void, delayMs: number, ...args: Args) =>
      inUse().setTimer(() => callback(...args), delayMs, repeats);
  const clear = (handle: unknown) => used?.clearTimer(handle);
  const restore = [
    replace(globalThis, 'setTimeout', later(false)),
    replace(globalThis, 'setInterval', later(true)),
    replace(globalThis, 'clearTimeout', clear),
    replace(globalThis, 'clearInterval', clear),
    replace(globalThis, 'setImmediate', (callback: () => void) => inUse().setImmediate(callback)),
    replace(performance, 'now', () => inUse().now),
    replace(Date, 'now', () => inUse().wallClockMs),
    replace(Math, 'random', () => inUse().chance()),
    replace(
      timersPromises,
      'setTimeout',
      (delayMs: number, value: unknown) =>
        new Promise((resolve) => inUse().setTimer(() => resolve(value), delayMs, false)),
    ),
  ];
  // Errors are part of what is simulated, and nobody reads where they came from.
  restore.push(replace(Error, 'stackTraceLimit', 0));
  syncBuiltinESMExports();
  setIdSource(() => inUse().newId());
  try {
    return work((machine) => {
      used = machine;
    });
  } finally {
    used = undefined;
    setIdSource(undefined);
    for (const back of restore) back();
    syncBuiltinESMExports();
  }
}

function replace(target: object, name: string, value: unknown): () => void {
  const before = Object.getOwnPropertyDescriptor(target, name);
  Object.defineProperty(target, name, { value, configurable: true, writable: true });
  return () => {
    if (before) Object.defineProperty(target, name, before);
    else Reflect.deleteProperty(target, name);
  };
}
