/**
 * Plays a process model by hand: each call is one event, and after each the invariants are checked.
 * No clock, no database, no jobs at work; what the outside would answer is what the test says.
 */
import { isDeepStrictEqual } from 'node:util';
import { assert } from '../../kernel/errors.ts';
import type { Effects, HistoryEntry, InstanceEvent, JobError } from '../model/events.ts';
import type { Variables } from '../model/expression.ts';
import { freezeDeep } from '../model/json.ts';
import type { Instruction } from '../model/modification.ts';
import type { MigrationPlan, ProcessModel } from '../model/process-model.ts';
import type { ElementInstance, InstanceState, Wait } from '../model/state.ts';
import { structureOf } from '../model/structure.ts';
import { advance } from '../runtime/advance.ts';
import { variablesOf } from '../runtime/variables.ts';
import { Fitting } from '../versions/fit-instance.ts';
import { historyLine } from './history-lines.ts';
import { Mirror } from './invariants.ts';

/** Options of a play. */
export interface PlayOptions {
  /** After each event the instance is stored and loaded again, as after a crash. */
  readonly resumed?: boolean;
}

/** How a worker outside ends its work: done, failed with so many attempts left, or with an error. */
export type ExternalEnd =
  | { readonly variables: Variables }
  | { readonly retries: number }
  | { readonly code: string };

/** One instance, moved by hand. */
export class Play {
  model: ProcessModel;
  readonly history: HistoryEntry[] = [];
  /** What was applied so far, accepted or not. */
  readonly events: InstanceEvent[] = [];
  readonly #mirror = new Mirror();
  readonly #resumed: boolean;
  #state: InstanceState | null = null;
  #told = 0;
  now = Date.UTC(2026, 0, 1);
  /** What the last event led to. */
  effects: Effects | undefined;

  constructor(model: ProcessModel, { resumed = false }: PlayOptions = {}) {
    this.model = model;
    this.#resumed = resumed;
  }

  get state(): InstanceState {
    assert(this.#state, 'the play was not started');
    return this.#state;
  }

  get status(): InstanceState['status'] {
    return this.state.status;
  }

  /** Variables of the process. */
  get variables(): Variables {
    return this.state.elements[1]?.vars ?? {};
  }

  /** History lines since this was last asked. */
  news(): string[] {
    const lines = this.history.slice(this.#told).map(historyLine);
    this.#told = this.history.length;
    return lines;
  }

  /** Applies an event; false when it came too late. */
  apply(event: InstanceEvent): boolean {
    this.now = Math.max(this.now, event.at);
    this.events.push(event);
    const before = this.#state === null ? null : freezeDeep(structuredClone(this.#state));
    const frozen = freezeDeep(structuredClone(event));
    const { state, effects, accepted } = advance(this.model, before, frozen);
    const again = advance(this.model, before, frozen);
    assert(
      isDeepStrictEqual(again, { state, effects, accepted }),
      'advance gave two results for the same state and event',
    );
    if (accepted) this.#mirror.follow(state, effects);
    else assert(state === before, 'a refused event changed the state');
    this.#state = this.#resumed ? (JSON.parse(JSON.stringify(state)) as InstanceState) : state;
    this.history.push(...effects.history);
    this.effects = effects;
    return accepted;
  }

  /** Carries the instance over to another version of its process; it must fit. */
  migrate(to: ProcessModel, plan: MigrationPlan = {}): this {
    const fitted = new Fitting(structureOf(this.model), to, plan).carry(this.state, this.now);
    const problems = fitted.problems.map(({ code, message }) => `${code}: ${message}`);
    assert(problems.length === 0, `the instance does not fit: ${problems.join('; ')}`);
    const { seq } = this.state;
    const data = { from: this.model.version, to: to.version };
    const history = [{ seq, kind: 'process.migrated', node: '', n: 1, data }] as const;
    const effects = { ...fitted.effects, history: [...history] };
    this.model = to;
    this.#state = freezeDeep({ ...fitted.state, seq: seq + 1 });
    this.#mirror.follow(this.#state, effects);
    this.history.push(...history);
    this.effects = effects;
    return this;
  }

  /** Begins the instance; `part` says which of the definitions of the start event has happened. */
  start(payload: unknown = {}, node?: string, part?: number): this {
    const event = { type: 'start', at: this.now, payload } as const;
    const of = part === undefined ? {} : { part };
    this.apply(node === undefined ? event : { ...event, node, ...of });
    return this;
  }

  /** The element instance at a node; the oldest when there are several. */
  at(node: string, index = 0): ElementInstance {
    const found = this.allAt(node)[index];
    assert(found, `nothing runs at "${node}"; running: ${this.running.join(', ')}`);
    return found;
  }

  allAt(node: string): ElementInstance[] {
    return Object.values(this.state.elements).filter((element) => element.node === node);
  }

  /** Nodes at which something runs, in the order of entering. */
  get running(): string[] {
    return Object.values(this.state.elements).flatMap(({ node }) => (node === '' ? [] : [node]));
  }

  /** Nodes whose job is at work. */
  get working(): string[] {
    return this.#jobs().map(({ node }) => node);
  }

  /** What is waited for, as `<node>` of each wait. */
  get waiting(): string[] {
    return this.#waits().map(({ wait }) => wait.on);
  }

  get incidents(): string[] {
    return Object.values(this.state.elements).flatMap(({ node, incident }) =>
      incident ? [`${node || 'process'}: ${incident.code}`] : [],
    );
  }

  /** Variables that a job at the node is given. */
  seenAt(node: string, index = 0): Variables {
    return variablesOf(this.state.elements, this.at(node, index).n);
  }

  #jobs(): ElementInstance[] {
    return Object.values(this.state.elements).filter((e) => e.job?.phase === 'running');
  }

  #waits(): { n: number; wait: Wait }[] {
    return Object.values(this.state.elements).flatMap(({ n, waits = [] }) =>
      waits.map((wait) => ({ n, wait })),
    );
  }

  #job(node: string, index: number): { n: number; attempt: number } {
    const element = this.#jobs().filter((job) => job.node === node)[index];
    assert(element?.job, `no job is at work at "${node}"; at work: ${this.working.join(', ')}`);
    return { n: element.n, attempt: element.job.attempt };
  }

  complete(node: string, output: unknown = null, index = 0): this {
    const job = this.#job(node, index);
    this.#must({ type: 'job-completed', at: this.now, ...job, output });
    return this;
  }

  /** The job fails: with a code alone, with an error that the process may catch. */
  fail(node: string, error: string | Partial<JobError> = {}, index = 0): this {
    const given = typeof error === 'string' ? { kind: 'error' as const, code: error } : error;
    const full: JobError = { kind: 'retry', code: 'BROKEN', message: 'it broke', ...given };
    const job = this.#job(node, index);
    this.#must({ type: 'job-failed', at: this.now, ...job, error: full, chance: 0.5 });
    return this;
  }

  /** A message meets a wait that names the node. */
  message(on: string, payload: unknown = {}, index = 0): this {
    const found = this.#waits().filter((w) => w.wait.kind === 'message' && w.wait.on === on)[index];
    assert(found?.wait.kind === 'message', `no message is waited for at "${on}"`);
    const { n, wait } = found;
    this.#must({ type: 'message', at: this.now, n, on, message: wait.message, payload });
    return this;
  }

  /** Somebody else broadcasts a signal that the node waits for. */
  signal(on: string, payload: unknown = null, index = 0): this {
    const found = this.#waits().filter((w) => w.wait.kind === 'signal' && w.wait.on === on)[index];
    assert(found?.wait.kind === 'signal', `no signal is waited for at "${on}"`);
    const { n, wait } = found;
    this.#must({ type: 'signal', at: this.now, n, on, signal: wait.signal, payload });
    return this;
  }

  /** The child process of a call activity throws an escalation that nothing in it catches. */
  childEscalates(node: string, code: string): this {
    const n = this.#caller(node);
    this.#must({ type: 'child-escalated', at: this.now, n, code, payload: null });
    return this;
  }

  /** Moves the time to the timer at the node and fires it. */
  timer(on: string, index = 0): this {
    const found = this.#waits().filter((w) => w.wait.kind === 'timer' && w.wait.on === on)[index];
    assert(found?.wait.kind === 'timer', `no timer is set at "${on}"`);
    this.now = Math.max(this.now, found.wait.due);
    this.#must({ type: 'timer', at: this.now, n: found.n, on, due: found.wait.due });
    return this;
  }

  /** A person sets the timer at the node to a moment. */
  movesTimer(on: string, moment: string): this {
    const found = this.#waits().find((w) => w.wait.kind === 'timer' && w.wait.on === on);
    assert(found, `no timer is set at "${on}"`);
    const due = Date.parse(moment);
    this.#must({ type: 'timer-moved', at: this.now, n: found.n, on, due, by: 'ada' });
    return this;
  }

  task(node: string, output: unknown = null, index = 0): this {
    const open = this.#waits().filter(({ wait }) => wait.on === node && wait.kind === 'task');
    const { n } = open[index] ?? this.at(node, index);
    this.#must({ type: 'task-completed', at: this.now, n, output, by: 'ada' });
    return this;
  }

  /** A worker outside ends its work at an external task. */
  external(node: string, ended: ExternalEnd, index = 0): this {
    const { n, wait } = this.#offered(node, index);
    const common = { at: this.now, n, attempt: wait.attempt, by: 'worker' };
    if ('variables' in ended) {
      const { variables } = ended;
      this.#must({ type: 'external-completed', ...common, variables });
    } else if ('code' in ended) {
      const error = { code: ended.code, message: 'it said no', variables: {} };
      this.#must({ type: 'external-error', ...common, ...error });
    } else {
      const failure = { message: 'it broke', details: null, delayMs: 1_000 };
      this.#must({ type: 'external-failed', ...common, ...failure, retries: ended.retries });
    }
    return this;
  }

  /** A person says how often an external task is tried again. */
  externalRetries(node: string, retries: number): this {
    const { n } = this.#offered(node, 0);
    this.#must({ type: 'external-retries', at: this.now, n, retries, by: 'ada' });
    return this;
  }

  #offered(node: string, index: number) {
    const all = this.#waits().filter(({ wait }) => wait.on === node && wait.kind === 'external');
    const found = all[index];
    assert(found?.wait.kind === 'external', `no worker is asked at "${node}"`);
    return { n: found.n, wait: found.wait };
  }

  /** The oldest run of a call activity whose process has not ended; the activity itself when all have. */
  #caller(node: string): number {
    const calls = this.allAt(node);
    return (calls.find(({ called }) => called === true) ?? this.at(node)).n;
  }

  /** The child process of a call activity ends. */
  childEnds(node: string, output: unknown = null): this {
    const n = this.#caller(node);
    const ended = { status: 'completed', output, error: null } as const;
    this.#must({ type: 'child-ended', at: this.now, n, ...ended });
    return this;
  }

  childFails(node: string, code: string): this {
    const n = this.#caller(node);
    const error = { code, message: code };
    this.#must({ type: 'child-ended', at: this.now, n, status: 'failed', output: null, error });
    return this;
  }

  /** The child process of an interrupted call activity has undone what it did. */
  childUndone(node: string): this {
    const n = this.#caller(node);
    const ended = { status: 'cancelled', output: null, error: null } as const;
    this.#must({ type: 'child-ended', at: this.now, n, ...ended });
    return this;
  }

  /** A person has an activity of an ad-hoc sub-process begin; false when it cannot. */
  begins(node: string): boolean {
    return this.apply({ type: 'activity-start', at: this.now, node, scope: null, by: 'ada' });
  }

  /** A person moves the instance by hand; false when that cannot be. */
  modifies(instructions: readonly Instruction[]): boolean {
    const why = { reason: 'it stands where it should not', by: 'ada' };
    return this.apply({ type: 'modify', at: this.now, instructions, ...why });
  }

  /** A person sets variables of the process; `removed` are taken away. */
  set(variables: Readonly<Record<string, unknown>>, removed: readonly string[] = []): this {
    this.#must({ type: 'variables-set', at: this.now, variables, removed, by: 'ada' });
    return this;
  }

  cancel(): this {
    this.#must({ type: 'cancel', at: this.now, reason: 'no longer wanted', by: 'ada' });
    return this;
  }

  retry(node: string): this {
    this.#must({ type: 'incident-retry', at: this.now, n: this.#incident(node), by: 'ada' });
    return this;
  }

  skip(node: string, output: unknown = null): this {
    const by = { by: 'ada', reason: 'done by hand' };
    this.#must({ type: 'incident-skip', at: this.now, n: this.#incident(node), ...by, output });
    return this;
  }

  #incident(node: string): number {
    const found = this.allAt(node === 'process' ? '' : node).find((element) => element.incident);
    assert(found, `no incident is open at "${node}"`);
    return found.n;
  }

  #must(event: InstanceEvent): void {
    assert(this.apply(event), `the event was refused: ${JSON.stringify(event)}`);
  }
}

/** Starts a play of a model. */
export function play(model: ProcessModel, payload: unknown = {}, options: PlayOptions = {}): Play {
  return new Play(model, options).start(payload);
}
