/**
 * Who works next. Jobs stand in lanes; a place that becomes free goes first to a class of urgency, by
 * weight, then to the lane of that class with the fewest jobs at work, among those to the one that has
 * waited longest. From this follows, for a lane whose gates are open:
 *
 * - with nothing at work, it is served before any lane of its class is served twice, so it waits for at
 *   most as many places of its class as there are other lanes, however long those are;
 * - while others have jobs too, the most urgent class waits for at most 4 places that they get, the
 *   middle one for 7, the least urgent for 22 (`priorityWeights`);
 * - the last eighth of the places is only for lanes with nothing at work, so that a lane whose jobs take
 *   long cannot hold all places when another one comes.
 *
 * Within a lane parties take turns, and the instances of a party (`turns.ts`): a party with nothing in line
 * waits for at most as many places of its lane as there are other parties in it, however much those have.
 *
 * A job costs O(log lanes); lanes are as many as processes times sets of gates.
 */
import type { Gate } from '../../kernel/gate.ts';
import { type Priority, priorities, priorityWeights } from '../model/priority.ts';
import { Lane } from './lane.ts';
import { LaneHeap } from './lane-heap.ts';
import type { InLine } from './turns.ts';

interface Class<T extends InLine> {
  /** How far one place moves it: the less, the more often it is its turn. */
  readonly stride: number;
  readonly lanes: LaneHeap<T>;
  /** Where it stands; the one that is furthest behind is next. */
  at: number;
}

/** What was picked, and from where. */
export interface Picked<T extends InLine> {
  readonly lane: Lane<T>;
  readonly item: T;
}

/** Part of the places that is kept for lanes with nothing at work. */
const keptFree = 1 / 8;

/** Jobs that are due, and the order in which they get places. */
export class FairQueue<T extends InLine> {
  readonly #classes: Readonly<Record<Priority, Class<T>>>;
  readonly #lanes = new Map<string, Lane<T>>();
  readonly #byGate = new Map<Gate, Lane<T>[]>();
  readonly #opened: () => void;
  readonly #unwatch: (() => void)[] = [];
  #size = 0;
  #turn = 0;
  /** Where the class stood that was served last. */
  #now = 0;

  /** `opened` is called when a gate has opened behind which somebody stands. */
  constructor(opened: () => void) {
    this.#opened = opened;
    const made = (priority: Priority): Class<T> => ({
      stride: 1 / priorityWeights[priority],
      lanes: new LaneHeap(),
      at: 0,
    });
    this.#classes = {
      interactive: made('interactive'),
      normal: made('normal'),
      batch: made('batch'),
    };
  }

  get size(): number {
    return this.#size;
  }

  /** When the first of those came that nothing but the lack of a place keeps; undefined without any. */
  get waitingSince(): number | undefined {
    let since: number | undefined;
    for (const lane of this.#lanes.values()) {
      const first = lane.place < 0 ? undefined : lane.first?.since;
      if (first !== undefined && (since === undefined || first < since)) since = first;
    }
    return since;
  }

  /** The lane for these; always the same one. */
  lane(process: string, priority: Priority, gates: readonly Gate[]): Lane<T> {
    const key = JSON.stringify([process, priority, ...gates.map(({ name }) => name)]);
    const known = this.#lanes.get(key);
    if (known) return known;
    const lane = new Lane<T>(process, priority, gates);
    this.#lanes.set(key, lane);
    for (const gate of gates) this.#watch(gate).push(lane);
    return lane;
  }

  push(lane: Lane<T>, item: T): void {
    lane.push(item);
    this.#added(lane);
  }

  /** For one that had its turn already and could not begin. */
  pushFirst(lane: Lane<T>, item: T): void {
    lane.pushFirst(item);
    this.#added(lane);
  }

  /** The next one for one of `free` places of `places`, which counts as at work until `done`. */
  pick(free: number, places: number): Picked<T> | undefined {
    const onlyIdle = free <= Math.floor(places * keptFree);
    let best: Class<T> | undefined;
    const passed: Class<T>[] = [];
    for (const priority of priorities) {
      const each = this.#classes[priority];
      const lane = this.#nextLane(each);
      if (!lane || (onlyIdle && lane.atWork > 0)) passed.push(each);
      else if (!best || each.at < best.at) best = each;
    }
    if (!best) return undefined;
    this.#now = best.at;
    // Turns that a class could not take, this one included, are not saved up for later.
    for (const each of passed) each.at = Math.max(each.at, this.#now);
    best.at += best.stride;
    const lane = best.lanes.top as Lane<T>;
    const item = lane.take() as T;
    this.#size -= 1;
    this.#turn += 1;
    lane.served = this.#turn;
    lane.atWork += 1;
    if (lane.size === 0) best.lanes.remove(lane);
    else best.lanes.moved(lane);
    return { lane, item };
  }

  /** Takes out what would be the last of a party, of one of its process's lanes. */
  dropLast(process: string, party: string): T | undefined {
    for (const lane of this.#lanes.values()) {
      const item = lane.process === process ? lane.dropLast(party) : undefined;
      if (item === undefined) continue;
      this.#size -= 1;
      if (lane.size === 0 && lane.place >= 0) this.#classes[lane.priority].lanes.remove(lane);
      return item;
    }
    return undefined;
  }

  /** One that was picked from this lane has left its place. */
  done(lane: Lane<T>): void {
    lane.atWork -= 1;
    if (lane.place >= 0) this.#classes[lane.priority].lanes.moved(lane);
  }

  /** Gives all that stand in line, and keeps none. */
  drain(): T[] {
    const all: T[] = [];
    for (const lane of this.#lanes.values()) {
      for (let item = lane.take(); item !== undefined; item = lane.take()) all.push(item);
    }
    for (const each of Object.values(this.#classes)) each.lanes.clear();
    this.#size = 0;
    return all;
  }

  /** Forgets all that stand in line, and watches no gate any more. */
  close(): void {
    for (const end of this.#unwatch) end();
    this.drain();
  }

  /** The lane of a class whose turn it is; lanes behind a closed gate step aside until it opens. */
  #nextLane(each: Class<T>): Lane<T> | undefined {
    for (let lane = each.lanes.top; lane; lane = each.lanes.top) {
      if (lane.isOpen) return lane;
      each.lanes.remove(lane);
    }
    return undefined;
  }

  #added(lane: Lane<T>): void {
    this.#size += 1;
    this.#ready(lane);
  }

  #ready(lane: Lane<T>): void {
    if (lane.place >= 0) return;
    const each = this.#classes[lane.priority];
    if (each.lanes.size === 0) each.at = Math.max(each.at, this.#now);
    each.lanes.add(lane);
  }

  #watch(gate: Gate): Lane<T>[] {
    const known = this.#byGate.get(gate);
    if (known) return known;
    const lanes: Lane<T>[] = [];
    this.#byGate.set(gate, lanes);
    this.#unwatch.push(gate.watch(() => this.#gateOpened(lanes)));
    return lanes;
  }

  #gateOpened(lanes: readonly Lane<T>[]): void {
    let someone = false;
    for (const lane of lanes) {
      if (lane.size === 0) continue;
      someone = true;
      this.#ready(lane);
    }
    if (someone) this.#opened();
  }
}
