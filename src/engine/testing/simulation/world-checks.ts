/**
 * What must hold in every run, whatever the schedule: looked at after each write, and as a whole when the
 * run is over. A violation is kept, not thrown, since it may be found inside of what the engine calls.
 */
import type { HistoryEntry } from '../../model/events.ts';
import type { ElementInstance, InstanceState } from '../../model/state.ts';
import { waitNumber } from '../../model/wait-number.ts';
import { checkTokens } from '../invariants.ts';
import type { ModelTables, Written } from './model-tables.ts';

/** The checks of one run. */
export class WorldChecks {
  readonly violations: string[] = [];
  /** Effects in the database, by key, in the order in which they were committed. */
  readonly effects: string[] = [];
  readonly #tables: ModelTables;
  readonly #nextSeq = new Map<string, number>();
  /** Keys under which each step called the outside. */
  readonly #outside = new Map<string, Set<string>>();
  readonly #doneOutside = new Set<string>();

  constructor(tables: ModelTables) {
    this.#tables = tables;
  }

  /** A node has updated instances; null: it held their shards when that was checked. */
  written(by: string | null, rows: readonly Written[]): void {
    for (const { row, fromSeq } of rows) {
      const { owner } = this.#tables.shards[row.shard] ?? {};
      if (by !== null && owner !== by)
        this.#broken(`a node wrote to ${row.id} without holding its shard`);
      const expected = this.#nextSeq.get(row.id) ?? this.#firstSeq(row.id);
      if (fromSeq !== expected) {
        this.#broken(`history of ${row.id} goes on with ${fromSeq}, expected ${expected}`);
      }
      const state = JSON.parse(row.state) as InstanceState;
      this.#nextSeq.set(row.id, state.seq);
      this.#checkState(row.id, row.status, state);
    }
  }

  #firstSeq(id: string): number {
    const [first] = this.#tables.history.get(id) ?? [];
    return first ? 1 + (JSON.parse(first.entries) as unknown[]).length : 1;
  }

  /** An effect of a step was committed. */
  effect(key: string): void {
    if (this.effects.includes(key)) this.#broken(`the effect of ${key} happened twice`);
    this.effects.push(key);
  }

  /** A step has called the outside, which did what it was asked. */
  outside(step: string, idempotencyKey: string): void {
    const keys = this.#outside.get(step) ?? new Set();
    keys.add(idempotencyKey);
    this.#outside.set(step, keys);
    this.#doneOutside.add(idempotencyKey);
    if (keys.size > 1) this.#broken(`${step} called the outside with two keys: a doubled effect`);
  }

  /** Whether the outside knows a call. */
  isDoneOutside(idempotencyKey: string): boolean {
    return this.#doneOutside.has(idempotencyKey);
  }

  /** Nothing but a person can move the instance. */
  needsPerson(id: string): boolean {
    const { incidents, messageWaits, timers, tasks } = this.#tables;
    const isOf = (row: { readonly instance_id: string }) => row.instance_id === id;
    return (
      incidents.some((row) => isOf(row) && row.isOpen) &&
      !messageWaits.some(isOf) &&
      !timers.some(isOf) &&
      !tasks.some((row) => isOf(row) && row.status === 'open')
    );
  }

  /** Notes that something is not as it must be. */
  #broken(what: string): void {
    this.violations.push(what);
  }

  /** Notes what a scenario finds wrong. */
  expect(holds: boolean, what: string): void {
    if (!holds) this.#broken(what);
  }

  #checkState(id: string, status: string, state: InstanceState): void {
    try {
      checkTokens(state);
    } catch (error) {
      this.#broken(`${id}: ${(error as Error).message}`);
    }
    const elements: readonly ElementInstance[] = Object.values(state.elements);
    const expected = state.suspended
      ? []
      : elements.flatMap(({ n, waits = [] }) =>
          waits.map((wait) => `${wait.kind} ${waitNumber(n, wait)} ${wait.on}`),
        );
    const found = this.#waitsOf(id).filter((wait) => !state.suspended || !wait.startsWith('task'));
    if (expected.sort().join() !== found.sort().join()) {
      this.#broken(`${id} waits for [${expected}], its rows say [${found}]`);
    }
    if (status === 'waiting') {
      const isParked = elements.some(
        ({ incident, waits = [], node }) =>
          incident || waits.length > 0 || this.#hasChild(id, node),
      );
      if (!isParked) this.#broken(`${id} is parked, and nothing can move it`);
    }
  }

  #hasChild(id: string, node: string): boolean {
    if (node === '') return false;
    return [...this.#tables.instances.values()].some(({ parent_id }) => parent_id === id);
  }

  #waitsOf(id: string): string[] {
    const { messageWaits, timers, tasks } = this.#tables;
    const isOf = (row: { readonly instance_id: string }) => row.instance_id === id;
    return [
      ...messageWaits.filter(isOf).map(({ n, node }) => `message ${n} ${node}`),
      ...timers.filter(isOf).map(({ n, node }) => `timer ${n} ${node}`),
      ...tasks
        .filter((row) => isOf(row) && row.status === 'open')
        .map(({ n, node }) => `task ${n} ${node}`),
    ];
  }

  /** The whole history of an instance. */
  historyOf(id: string): readonly HistoryEntry[] {
    const rows = this.#tables.history.get(id) ?? [];
    return rows.flatMap(({ entries }) => JSON.parse(entries) as HistoryEntry[]);
  }

  /** Looks at everything once the run is over. `writing`: steps that leave an effect, with their process. */
  finally(writing: ReadonlySet<string>): void {
    const { instances } = this.#tables;
    const expected = new Map<string, number>();
    const starts = new Set<string>();
    let received = 0;
    for (const row of instances.values()) {
      const key = `${row.process} ${row.start_key}`;
      if (row.start_key !== null && starts.has(key)) this.#broken(`start key ${key} started twice`);
      starts.add(key);
      const state = JSON.parse(row.state) as InstanceState;
      this.#checkState(row.id, row.status, state);
      const history = this.historyOf(row.id);
      received += history.filter(({ kind }) => kind === 'message.received').length;
      this.#checkHistory(row.id, history);
      for (const { kind, node } of history) {
        if (kind !== 'element.completed' || !writing.has(`${row.process} ${node}`)) continue;
        const step = `${row.id}/${node}`;
        expected.set(step, (expected.get(step) ?? 0) + 1);
      }
    }
    this.#checkEffects(expected);
    const taken = new Set(
      this.#tables.messages.filter((row) => row.taken).map(({ id, process }) => `${id} ${process}`),
    );
    if (received !== taken.size) {
      this.#broken(`${taken.size} messages were taken, ${received} were received`);
    }
  }

  /** A step and its effect are one commit: there are as many of the one as of the other. */
  #checkEffects(expected: ReadonlyMap<string, number>): void {
    const found = new Map<string, number>();
    for (const key of this.effects) {
      const step = key.slice(0, key.lastIndexOf('/'));
      found.set(step, (found.get(step) ?? 0) + 1);
    }
    for (const step of new Set([...expected.keys(), ...found.keys()])) {
      const [ends = 0, effects = 0] = [expected.get(step), found.get(step)];
      if (ends !== effects) this.#broken(`${step} ended ${ends} times and left ${effects} effects`);
    }
  }

  #checkHistory(id: string, history: readonly HistoryEntry[]): void {
    const seen = new Set<string>();
    history.forEach(({ seq, kind, n }, index) => {
      if (seq !== index + 1) this.#broken(`history of ${id} has ${seq} in place ${index + 1}`);
      const is = kind === 'element.cancelled' ? 'element.completed' : kind;
      if (is !== 'element.entered' && is !== 'element.completed') return;
      if (seen.has(`${is} ${n}`)) this.#broken(`${id}: element instance ${n} was ${is} twice`);
      seen.add(`${is} ${n}`);
    });
  }
}
