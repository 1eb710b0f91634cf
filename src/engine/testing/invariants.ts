/**
 * What must hold of every instance after every transition, whatever the process and the order of
 * events. Breaking one is a bug of the engine, never of a process.
 */
import { isDeepStrictEqual } from 'node:util';
import { assert } from '../../kernel/errors.ts';
import type { Effects, HistoryEntry } from '../model/events.ts';
import type { InstanceState, Wait } from '../model/state.ts';
import { waitNumber } from '../model/wait-number.ts';

/** What the database would hold after the transitions so far. */
export class Mirror {
  readonly #waits = new Map<string, Wait>();
  readonly #jobs = new Set<string>();
  readonly #incidents = new Set<number>();
  readonly #entered = new Set<number>();
  readonly #gone = new Set<number>();
  #before: InstanceState | undefined;
  #seq = 1;

  /** Takes over what a transition did, and checks it against the state that it gave. */
  follow(state: InstanceState, effects: Effects): void {
    this.#followHistory(effects.history, state);
    for (const { n, on, parked } of effects.waitsRemoved) {
      const waits = this.#before?.elements[n]?.waits ?? [];
      const rows = new Set([n, ...waits.map((wait) => waitNumber(n, wait))]);
      for (const [key, wait] of this.#waits) {
        if (parked && wait.kind === 'task') continue;
        const isOf = rows.has(Number.parseInt(key, 10));
        if (isOf && (on === null || wait.on === on)) this.#waits.delete(key);
      }
    }
    for (const { n, wait } of effects.waitsAdded) {
      // Of conditions nothing outside of the instance knows.
      const isRow = wait.kind !== 'condition';
      if (isRow && state.elements[n]?.waits?.includes(wait)) this.#addWait(n, wait);
    }
    this.#followWork(state, effects);
    checkState(state);
    this.#checkWaits(state);
    this.#checkIncidents(state, effects);
    this.#before = state;
  }

  #followHistory(entries: readonly HistoryEntry[], state: InstanceState): void {
    for (const { seq, kind, n } of entries) {
      assert(seq === this.#seq, `history has ${seq} after ${this.#seq - 1}`);
      this.#seq += 1;
      if (kind === 'element.entered') {
        assert(!this.#entered.has(n), `element instance ${n} was entered twice`);
        this.#entered.add(n);
      }
      if (kind === 'element.completed' || kind === 'element.cancelled') {
        assert(!this.#gone.has(n), `element instance ${n} was left twice`);
        this.#gone.add(n);
      }
    }
    assert(state.seq === this.#seq, `the state expects history entry ${state.seq}`);
    for (const n of this.#entered) {
      const isRunning = state.elements[n] !== undefined;
      assert(isRunning !== this.#gone.has(n), `element instance ${n} was entered and then lost`);
    }
  }

  #addWait(n: number, wait: Wait): void {
    const key = keyOf(n, wait);
    assert(!this.#waits.has(key), `wait "${key}" was opened twice`);
    this.#waits.set(key, rowOf(wait));
  }

  #checkWaits(state: InstanceState): void {
    const inState = new Map(
      Object.values(state.elements).flatMap(({ n, waits = [] }) =>
        waits
          .filter(({ kind }) => kind !== 'condition')
          .filter(({ kind }) => !state.suspended || kind === 'task' || kind === 'signal')
          .map((wait) => [keyOf(n, wait), rowOf(wait)] as const),
      ),
    );
    const list = (waits: ReadonlyMap<string, Wait>) => [...waits.keys()].sort().join('; ');
    assert(
      isDeepStrictEqual(inState, this.#waits),
      `the database would have the waits ${list(this.#waits)}; the state has ${list(inState)}`,
    );
  }

  #followWork(state: InstanceState, effects: Effects): void {
    const running = Object.values(state.elements).filter((e) => e.job?.phase === 'running');
    for (const { n, attempt } of effects.jobs) this.#jobs.add(`${n}#${attempt}`);
    const current = new Set(running.map(({ n, job }) => `${n}#${job?.attempt}`));
    for (const job of current) assert(this.#jobs.has(job), `job ${job} was never started`);
    for (const job of this.#jobs) if (!current.has(job)) this.#jobs.delete(job);
  }

  #checkIncidents(state: InstanceState, effects: Effects): void {
    for (const n of effects.incidentsClosed) this.#incidents.delete(n);
    for (const { n } of effects.incidentsOpened) {
      if (state.elements[n]?.incident) this.#incidents.add(n);
    }
    const open = Object.values(state.elements).filter((element) => element.incident);
    assert(
      open.length === this.#incidents.size && open.every(({ n }) => this.#incidents.has(n)),
      `the database would have incidents at ${[...this.#incidents].join(', ') || 'nothing'}, ` +
        `the state has them at ${open.map(({ n }) => n).join(', ') || 'nothing'}`,
    );
  }
}

/** A wait without what only its row's number tells. */
function rowOf(wait: Wait): Wait {
  if (wait.kind !== 'message') return wait;
  const { since: _, ...row } = wait;
  return row;
}

function keyOf(n: number, wait: Wait): string {
  const what = wait.kind === 'message' ? `${wait.message} ${wait.key}` : wait.kind;
  return `${waitNumber(n, wait)} ${wait.on} ${what} ${wait.part ?? ''}`;
}

function checkState(state: InstanceState): void {
  assert(
    isDeepStrictEqual(JSON.parse(JSON.stringify(state)), state),
    'the state is not what JSON gives back of it',
  );
  checkTokens(state);
}

/** Throws when a token is lost or doubled: scopes count their children, and nothing runs outside of one. */
export function checkTokens(state: InstanceState): void {
  const elements = Object.values(state.elements);
  if (state.status !== 'active') {
    const [process] = elements;
    assert(elements.length === 1 && process, 'an ended instance has elements');
    assert(!process.waits && !process.job && !process.incident, 'an ended instance waits or works');
    return;
  }
  for (const { n, parent, live, loop, job, arrived, waits = [] } of elements) {
    assert(n < state.next, `element instance ${n} has a number that is still to be given`);
    assert(parent === 0 || state.elements[parent], `the scope of ${n} is gone`);
    const children = elements.filter((other) => other.parent === n).length;
    assert((live ?? 0) === children, `${n} counts ${live} children and has ${children}`);
    assert(!(loop && (job || arrived)), `loop ${n} is also something else`);
    assert(job?.phase !== 'backoff' || waits.length > 0, `${n} is in backoff without a timer`);
  }
}
