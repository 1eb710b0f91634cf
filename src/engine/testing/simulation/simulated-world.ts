/**
 * Nodes of the engine, as they are, on a simulated machine and a model of the database. Everything that
 * is to happen next stands in a list: statements that were sent, answers on their way, calls to the
 * outside, notices, timers, what people and other systems do, and what may break. A schedule chooses.
 */
import type { Clock } from '../../../kernel/clock.ts';
import { newTrace } from '../../../kernel/tracing.ts';
import type { QueryResult, Transaction } from '../../../kernel/transaction.ts';
import type { Connection, Database } from '../../../postgres/index.ts';
import { createEngine, type Engine } from '../../engine.ts';
import type { ProcessModel } from '../../model/process-model.ts';
import { plainRunner } from '../plain-runner.ts';
import { Machine } from './machine.ts';
import { type StatementContext, understand } from './model-statements.ts';
import { lockedBy, ModelTables, type Omission } from './model-tables.ts';
import { randomOf } from './random.ts';
import { simulatedProcedures } from './simulated-procedures.ts';
import { WorldChecks } from './world-checks.ts';

/** Something that can happen next. */
export interface Option {
  readonly label: string;
  readonly take: () => void;
  /** Something breaks by it; schedules bear only so many. */
  readonly isFault?: boolean;
}

interface Pending {
  readonly owner: string;
  readonly label: string;
  readonly isReady: () => boolean;
  readonly run: () => void;
  /** Other ways in which it may happen. */
  readonly variants?: () => readonly Option[];
  /** The server takes its time: it happens when somebody chooses it, or when all else is done. */
  readonly isLate?: boolean;
  /** Its session was ended by the server: nothing of it runs any more. */
  readonly end?: () => void;
  readonly rollBack?: () => void;
}

/** What people and other systems do in a scenario. */
export interface Act {
  readonly label: string;
  readonly isReady: (world: SimulatedWorld) => boolean;
  /** `sometimes`: its moment may never come. `always`: whenever it can. @defaultValue `once` */
  readonly happens?: 'once' | 'sometimes' | 'always';
  /** Runs on a node that lives. Who hears of no success asks again. */
  readonly act: (world: SimulatedWorld, node: SimulatedNode) => Promise<unknown>;
}

/** One node. */
export interface SimulatedNode {
  readonly name: string;
  readonly engine: Engine;
  readonly database: Database;
}

/** What a world is made with. */
export interface WorldSettings {
  readonly processes: readonly ProcessModel[];
  readonly nodes: number;
  readonly acts: readonly Act[];
  /** Outcomes of calls to the outside besides success. */
  readonly outsideFails: boolean;
  /** Nodes may die, sleep and lose their sessions. */
  readonly nodesFail: boolean;
  /** The server cannot tell the sessions of nodes apart, as behind a pooler: those of the dead go on. */
  readonly sessionsNameless?: boolean;
  readonly omission?: Omission | undefined;
  readonly seed: number;
}

const leaseMs = 1_500;
const sweepMs = 2_000;
const modelShards = 4;
/** Timers that fire while no instance moves, before the run counts as stuck. */
const mostIdleTimers = 200;
/** Timers that fire before a slow server has written what it had checked, and a node that sleeps goes on. */
const patienceTimers = 16;

const silent = { debug() {}, info() {}, warn() {}, error() {} };
const always = () => true;
const lost = () => new Error('Connection terminated unexpectedly');

/** The nodes, the database and the world around them. */
export class SimulatedWorld {
  readonly machine: Machine;
  readonly tables: ModelTables;
  readonly checks: WorldChecks;
  readonly settings: WorldSettings;
  readonly nodes: SimulatedNode[] = [];
  #pending: Pending[] = [];
  readonly #acts: Act[];
  #wakes: Wake[] = [];
  #businessMs = Date.UTC(2026, 2, 1);
  readonly #dead = new Set<string>();
  readonly #paused = new Set<string>();
  readonly #sessions = new Map<string, Session>();
  readonly #locks = new Map<string, Holder>();
  /** Ids of rows that a commit has checked and not yet written. */
  readonly #rowLocks = new Set<string>();
  readonly #procedures = simulatedProcedures(this);
  readonly #names = new Map<string, number>();
  #idleTimers = 0;
  #made = 0;
  /** Acts that were begun, and the nodes that were asked. */
  readonly #underWay = new Map<Act, string>();

  constructor(settings: WorldSettings) {
    this.settings = settings;
    this.machine = new Machine(randomOf(settings.seed ^ 0x5bd1e995), modelShards);
    this.tables = new ModelTables({
      shards: modelShards,
      omission: settings.omission,
      clock: () => this.machine.now,
      lives: (node) => [...this.#sessions.values()].some((session) => session.node === node),
    });
    this.checks = new WorldChecks(this.tables);
    this.#acts = [...settings.acts];
  }

  /** Starts the nodes, one after the other and undisturbed. */
  begin(): void {
    for (let n = 0; n < this.settings.nodes; n += 1) this.startNode();
  }

  /** Starts a node. What it does in order to start is not part of what is explored. */
  startNode(): void {
    this.#made += 1;
    const name = `n${this.#made}`;
    const database = this.#databaseOf(name);
    const clock = this.#clockOf(name);
    const sessionName = this.settings.sessionsNameless ? null : name;
    let started = false;
    let failure: unknown;
    this.machine.settle(name, () => {
      const engine = createEngine({
        ...{ database, clock, leaseMs, sweepMs, log: silent },
        runner: plainRunner({ database, clock, procedures: this.#procedures }),
        processes: this.settings.processes,
        node: { name, host: 'simulated', pid: 1, sessionName },
      });
      this.nodes.push({ name, engine, database });
      engine.start().then(
        () => {
          started = true;
        },
        (error: unknown) => {
          failure = error;
        },
      );
    });
    const isItself = (owner: string) => owner === name;
    for (let steps = 0; !started; steps += 1) {
      const next = this.#pending.find((one) => one.owner === name && one.isReady());
      if (failure !== undefined) throw failure;
      if (next) this.#run(next);
      else {
        const timer = this.machine.nextTimer(isItself);
        if (!timer || steps > 200) throw new Error(`node ${name} does not start`);
        this.machine.fire(timer);
      }
      this.machine.turn(isItself);
    }
  }

  // --- what happens next ------------------------------------------------------------------------

  /** What happens when nothing else is chosen; undefined: nothing can. */
  usual(): Option | undefined {
    const next = this.#next();
    if (next) return { label: next.label, take: () => this.#run(next) };
    const late = this.#idleTimers >= patienceTimers ? this.#next(true) : undefined;
    if (late) return { label: late.label, take: () => this.#run(late) };
    const [asleep] = this.#idleTimers >= patienceTimers ? this.#paused : [];
    if (asleep !== undefined) return this.#wakeUp(asleep);
    const act = this.#acts.find((one) => one.isReady(this));
    if (act && this.#alive().length > 0) return this.#actOption(act);
    if (this.isOver) return undefined;
    if (this.#alive().length === 0) return this.#startOption();
    const wake = this.tables.timers.length > 0 ? this.#nextWake() : undefined;
    if (wake && this.#idleTimers % 4 === 0) {
      this.#idleTimers += 1;
      return { label: `clock of ${wake.owner}`, take: () => this.#wake(wake) };
    }
    this.#idleTimers += 1;
    if (this.#idleTimers > mostIdleTimers) return undefined;
    return this.#timerOption();
  }

  /** Everything that can happen; `faults` also what breaks. */
  options(faults: boolean): readonly Option[] {
    const options: Option[] = [];
    for (const one of this.#pending) {
      if (!one.isReady()) continue;
      if (one.isLate || this.#mayRun(one.owner)) {
        options.push({ label: one.label, take: () => this.#run(one) });
        for (const variant of one.variants?.() ?? []) {
          if (faults || !variant.isFault) options.push(this.#removing(one, variant));
        }
      }
    }
    if (this.#alive().length > 0) {
      for (const act of this.#acts) if (act.isReady(this)) options.push(this.#actOption(act));
    }
    const wake = this.tables.timers.length > 0 ? this.#nextWake() : undefined;
    if (wake) options.push({ label: `clock of ${wake.owner}`, take: () => this.#wake(wake) });
    const timer = this.#timerOption();
    if (timer) options.push(timer);
    for (const name of this.#paused) options.push(this.#wakeUp(name));
    if (faults && this.settings.nodesFail) options.push(...this.#nodeFaults());
    return options;
  }

  /** True when what the scenario is about is over: what was asked is done, and nothing waits. */
  get isOver(): boolean {
    const { instances, inbox } = this.tables;
    if (this.#acts.some(({ happens = 'once' }) => happens === 'once') || this.#underWay.size > 0)
      return false;
    if (inbox.some(({ refused }) => !refused)) return false;
    for (const row of instances.values()) {
      if (row.status === 'running' || row.status === 'suspended') return false;
      if (row.status === 'waiting' && !this.checks.needsPerson(row.id)) return false;
    }
    return true;
  }

  /** Lets go of what is left over, so that what comes late is seen, too. */
  finish(): void {
    for (const name of [...this.#paused]) this.#wakeUp(name).take();
    for (let steps = 0; steps < 300; steps += 1) {
      const next = this.#next(true);
      if (!next) return;
      this.#run(next);
      this.machine.turn((owner) => this.#mayRun(owner));
    }
  }

  /** To be called after each step: what nodes put off to the end of the turn. */
  turn(): void {
    this.machine.turn((owner) => this.#mayRun(owner));
  }

  #next(isLate = false): Pending | undefined {
    return this.#pending.find(
      (one) =>
        (isLate || one.isLate !== true) && (one.isLate || this.#mayRun(one.owner)) && one.isReady(),
    );
  }

  #mayRun(owner: string): boolean {
    return !this.#paused.has(owner) && !this.#dead.has(owner);
  }

  #alive(): readonly SimulatedNode[] {
    return this.nodes.filter(({ name }) => this.#mayRun(name));
  }

  #run(one: Pending): void {
    this.#remove(one);
    one.run();
  }

  #remove(one: Pending): void {
    const at = this.#pending.indexOf(one);
    if (at >= 0) this.#pending.splice(at, 1);
  }

  #removing(one: Pending, { label, take, isFault = false }: Option): Option {
    return {
      label,
      isFault,
      take: () => {
        this.#remove(one);
        take();
      },
    };
  }

  #actOption(act: Act): Option {
    return {
      label: act.label,
      take: () => {
        this.#idleTimers = 0;
        this.#acts.splice(this.#acts.indexOf(act), 1);
        const alive = this.#alive();
        const node = alive[Math.floor(this.machine.chance() * alive.length)];
        if (!node) return;
        this.#underWay.set(act, node.name);
        this.machine.settle(node.name, () => {
          act.act(this, node).then(
            () => this.#answered(act),
            () => this.#askAgain(act),
          );
        });
      },
    };
  }

  #answered(act: Act): void {
    this.#underWay.delete(act);
    if (act.happens === 'always') this.#acts.push(act);
  }

  #askAgain(act: Act): void {
    this.#underWay.delete(act);
    this.#acts.push(act);
  }

  #startOption(): Option {
    return { label: 'start a node', take: () => this.startNode() };
  }

  #timerOption(): Option | undefined {
    const timer = this.machine.nextTimer((owner) => this.#mayRun(owner));
    return timer && { label: `timer of ${timer.owner}`, take: () => this.machine.fire(timer) };
  }

  #nextWake() {
    let next: Wake | undefined;
    for (const wake of this.#wakes) {
      if (this.#mayRun(wake.owner) && (!next || wake.at < next.at)) next = wake;
    }
    return next;
  }

  #wake(wake: Wake): void {
    this.#wakes.splice(this.#wakes.indexOf(wake), 1);
    this.#businessMs = Math.max(this.#businessMs, wake.at);
    this.machine.settle(wake.owner, wake.wake);
  }

  // --- what breaks ------------------------------------------------------------------------------

  #nodeFaults(): Option[] {
    return this.#alive().flatMap(({ name }) => [
      { label: `kill ${name}`, isFault: true, take: () => this.#kill(name) },
      { label: `pause ${name}`, isFault: true, take: () => void this.#paused.add(name) },
      ...(this.#sessions.has(name)
        ? [
            {
              label: `end the session of ${name}`,
              isFault: true,
              take: () => void this.#endSession(name),
            },
          ]
        : []),
    ]);
  }

  #wakeUp(name: string): Option {
    return { label: `${name} goes on`, take: () => void this.#paused.delete(name) };
  }

  #kill(name: string): void {
    this.#dead.add(name);
    this.machine.forget(name);
    this.#wakes = this.#wakes.filter(({ owner }) => owner !== name);
    this.#pending = this.#pending.filter(({ owner, isLate }) => owner !== name || isLate);
    this.#sessions.delete(name);
    for (const [act, at] of [...this.#underWay]) if (at === name) this.#askAgain(act);
    for (const [key, holder] of this.#locks) {
      if (holder.owner === name && !holder.isInDoubt) this.#locks.delete(key);
    }
    this.nodes.splice(
      this.nodes.findIndex((node) => node.name === name),
      1,
    );
  }

  /** What the server does to sessions of a node that was replaced: they end, and what they had under way. */
  #endAll(names: readonly string[]): number {
    let ended = 0;
    for (const name of names) {
      if (this.#endSession(name)) ended += 1;
      for (const one of this.#pending.filter(({ owner, end }) => owner === name && end)) {
        this.#remove(one);
        one.rollBack?.();
        this.#push(name, `${name} hears that its session is gone`, () =>
          this.machine.settle(name, () => one.end?.()),
        );
        ended += 1;
      }
    }
    return ended;
  }

  #endSession(name: string): boolean {
    const session = this.#sessions.get(name);
    if (!session) return false;
    this.#sessions.delete(name);
    const label = `${name} hears that its listening session is gone`;
    this.#push(name, label, () => this.machine.settle(name, () => session.lose()));
    return true;
  }

  // --- the way to the database ------------------------------------------------------------------

  #push(owner: string, label: string, run: () => void): void {
    if (this.#dead.has(owner)) return;
    this.#pending.push({ owner, label, run, isReady: always });
  }

  /** Something that a node sent away and whose answer it awaits. */
  ask<T>(
    label: string,
    execute: () => T,
    options: {
      readonly isReady?: () => boolean;
      /** What the node hears when the answer is lost. */
      readonly lost?: () => Error;
      readonly ended?: boolean;
      readonly mayFail?: boolean;
      /** Groups of commits among what is executed: they may be checked and written apart. */
      readonly groups?: {
        readonly locks: () => readonly string[];
        readonly check: () => () => T;
        /** Locks of its transaction, which are held until it is written. */
        readonly held?: { begin(): void; end(): void };
      };
    } = {},
  ): Promise<T> {
    const { owner } = this.machine;
    const { mayFail = true, groups } = options;
    const isUnlocked = () =>
      this.#rowLocks.size === 0 || groups?.locks().some((id) => this.#rowLocks.has(id)) !== true;
    const isReady = groups ? isUnlocked : (options.isReady ?? always);
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    const settle = (step: () => void) => this.machine.settle(owner, step);
    const perform = (): (() => void) => {
      try {
        const result = execute();
        return () => resolve(result);
      } catch (error) {
        return () => reject(error);
      }
    };
    const name = this.#named(`${owner} ${label}`);
    const variants = (): readonly Option[] => {
      const ways: Option[] = [
        {
          label: `${name}, answered later`,
          take: () => {
            const answer = perform();
            this.#push(owner, `answer: ${name}`, () => settle(answer));
          },
        },
      ];
      if (groups) {
        ways.push({
          label: `${name}, checked and not yet written`,
          take: () => {
            try {
              const { held } = groups;
              const locks = groups.locks();
              const write = groups.check();
              held?.begin();
              const unlocked = () => held?.end();
              this.#writeLater({ owner, name, locks, write, resolve, reject, unlocked });
            } catch (error) {
              settle(() => reject(error));
            }
          },
        });
      }
      if (mayFail) {
        const fail = () => Object.assign((options.lost ?? lost)(), { label: name });
        ways.push(
          {
            label: `${name}, lost`,
            isFault: true,
            take: () => settle(() => reject(fail())),
          },
          {
            label: `${name}, answer lost`,
            isFault: true,
            take: () => {
              perform();
              settle(() => reject(fail()));
            },
          },
        );
      }
      return ways;
    };
    this.#pending.push({
      ...{ owner, label: name, isReady, variants },
      run: () => settle(perform()),
      ...(options.ended === false ? {} : { end: () => reject(lost()) }),
    });
    return promise;
  }

  /**
   * Between the checks of a commit and the moment at which others see what it wrote. Its rows are locked,
   * and it happens although its node dies meanwhile, unless the server ends its session.
   */
  #writeLater<T>(one: {
    readonly owner: string;
    readonly name: string;
    readonly locks: readonly string[];
    readonly write: () => T;
    readonly resolve: (result: T) => void;
    readonly reject: (error: unknown) => void;
    readonly unlocked: () => void;
  }): void {
    const { owner, name, locks, write, resolve, reject } = one;
    for (const id of locks) this.#rowLocks.add(id);
    const unlock = () => {
      for (const id of locks) this.#rowLocks.delete(id);
      one.unlocked();
    };
    this.#pending.push({
      ...{ owner, label: `${name} is written`, isReady: always, isLate: true },
      run: () => {
        unlock();
        const result = write();
        this.#push(owner, `answer: ${name}`, () =>
          this.machine.settle(owner, () => resolve(result)),
        );
      },
      rollBack: unlock,
      end: () => reject(lost()),
    });
  }

  /** The second of its name is told apart from the first, so that a schedule can choose it. */
  #named(name: string): string {
    const count = (this.#names.get(name) ?? 0) + 1;
    this.#names.set(name, count);
    return count === 1 ? name : `${name} (${count})`;
  }

  #contextOf(node: string): StatementContext {
    return {
      tables: this.tables,
      node,
      endSessions: (names) => this.#endAll(names),
      notify: (payload) => this.#notify(payload),
      written: (by, rows) => {
        this.#idleTimers = 0;
        this.checks.written(by, rows);
      },
      insertEffect: (key) => this.checks.effect(key),
    };
  }

  #idOf(name: string): string {
    return this.nodes.find((node) => node.name === name)?.engine.nodeId ?? name;
  }

  #notify(payload: string): void {
    for (const session of this.#sessions.values()) {
      const { name } = session;
      const hear = () => this.machine.settle(name, () => session.hear(payload));
      const label = this.#named(`${name} is notified`);
      this.#pending.push({
        ...{ owner: name, label, isReady: always, run: hear },
        variants: () => [
          { label: `${label} of nothing`, isFault: true, take: () => undefined },
          {
            label: `${label} twice`,
            isFault: true,
            take: () => {
              hear();
              hear();
            },
          },
        ],
      });
    }
  }

  #databaseOf(name: string): Database {
    const context = this.#contextOf(name);
    const run = (text: string, values: readonly unknown[] = []) => {
      const statement = understand(text);
      const rows = statement.run({ ...context, node: this.#idOf(name) }, values);
      return { rows, rowCount: rows.length } as QueryResult<never>;
    };
    const query = (text: string, values: readonly unknown[] = []) => {
      const statement = understand(text);
      const groups = this.#groupsOf([{ text, values }], context, () => none);
      return this.ask(statement.name, () => run(text, values), groups ? { groups } : {});
    };
    return {
      pool: { waitingCount: 0, options: { max: 8 } } as unknown as Database['pool'],
      query: query as Database['query'],
      transaction: (work, options) =>
        this.#transaction(name, { run, context }, work, options?.name),
      connect: async () => this.#connect(name, query as Connection['query']),
      close: async () => undefined,
    };
  }

  /**
   * A transaction: its writes happen at COMMIT, all of them or none, which is when others can see them.
   * Locks are held from the statement that takes them.
   */
  async #transaction<T>(
    owner: string,
    server: {
      readonly run: (text: string, values?: readonly unknown[]) => QueryResult<never>;
      readonly context: StatementContext;
    },
    work: (tx: Transaction) => Promise<T>,
    name = 'transaction',
  ): Promise<T> {
    // A connection is never there at once.
    await null;
    const { run, context } = server;
    const me: Holder = { owner, isInDoubt: false };
    const later: (() => void)[] = [];
    const unsent: Unsent[] = [];
    const last = new Map<string, Unsent>();
    const leave = () => {
      for (const [key, holder] of this.#locks) if (holder === me) this.#locks.delete(key);
    };
    const tx: Transaction = {
      query: async (text, values = []) => {
        const { name: what, locks } = understand(text);
        if (!locks && !/^\s*select/.test(text)) {
          unsent.push({ text, values });
          return { rows: [], rowCount: 1 };
        }
        const key = locks?.(values);
        const isFree = () => {
          const holder = key === undefined ? undefined : this.#locks.get(key);
          const ignores = this.settings.omission === 'start keys';
          return holder === undefined || holder === me || ignores;
        };
        return await this.ask(
          what,
          () => {
            if (key !== undefined) this.#locks.set(key, me);
            return run(text, values);
          },
          { isReady: isFree },
        );
      },
      send: (text, values, explain) => void unsent.push({ text, values, explain }),
      sendLast: (text, values, explain) => {
        if (!last.has(text)) last.set(text, { text, values, explain });
      },
      afterCommit: (one) => void later.push(one),
    };
    let result: T;
    try {
      result = await work(tx);
      const statements = inOrder([...unsent, ...last.values()]);
      const groups = this.#groupsOf(statements, context, () => undefined);
      const commit = () => {
        for (const { text, values, explain } of statements) {
          explained(explain, () => run(text, values));
        }
      };
      const held = {
        begin: () => {
          me.isInDoubt = true;
        },
        end: leave,
      };
      await this.ask(`commit of ${name}`, commit, groups ? { groups: { ...groups, held } } : {});
    } finally {
      leave();
    }
    for (const one of later) one();
    return result;
  }

  /** The groups among statements that commit together, so that their checks can come before their writes. */
  #groupsOf<T>(statements: readonly Unsent[], context: StatementContext, result: () => T) {
    const group = statements.find(({ text }) => understand(text).check);
    if (!group) return undefined;
    const check = () => {
      const own = { ...context, node: this.#idOf(context.node) };
      const writes = statements.map(({ text, values, explain }) => {
        const { check: first, run } = understand(text);
        return first ? explained(explain, () => first(own, values)) : () => void run(own, values);
      });
      return () => {
        for (const write of writes) write();
        return result();
      };
    };
    return { locks: () => lockedBy(group.values), check };
  }

  #connect(name: string, query: Connection['query']): Connection {
    let hear: (payload: string) => void = () => undefined;
    const callbacks: (() => void)[] = [];
    let isOpen = true;
    const session: Session = {
      name,
      node: '',
      hear: (payload) => isOpen && hear(payload),
      lose: () => {
        isOpen = false;
        for (const callback of callbacks) callback();
      },
    };
    const own: Connection = {
      query: (async (text: string, values: readonly unknown[] = []) => {
        if (!isOpen) throw lost();
        if (!text.includes('pg_try_advisory_lock')) return await query(text, values);
        return await this.ask('take session lock', () => {
          // The lock is the session's: with the session it is gone.
          session.node = values[0] as string;
          return { rows: [{ taken: true }], rowCount: 1 };
        });
      }) as Connection['query'],
      begin: async () => undefined,
      commit: async () => undefined,
      rollback: async () => undefined,
      listen: (_channel, onMessage) =>
        this.ask('listen', () => {
          hear = onMessage;
          this.#sessions.set(name, session);
        }),
      onLost: (callback) => void callbacks.push(() => callback(lost())),
      release: () => {
        isOpen = false;
        if (this.#sessions.get(name) === session) this.#sessions.delete(name);
      },
    };
    return own;
  }

  #clockOf(owner: string): Clock {
    return {
      now: () => new Date(this.#businessMs),
      schedule: (at, wake) => {
        const entry = { owner, at: Math.max(at.getTime(), this.#businessMs), wake };
        this.#wakes.push(entry);
        return () => {
          const index = this.#wakes.indexOf(entry);
          if (index >= 0) this.#wakes.splice(index, 1);
        };
      },
    };
  }

  // --- for scenarios ----------------------------------------------------------------------------

  /** Starts an instance; with a key at most one. */
  async start(node: SimulatedNode, process: string, input: unknown, startKey?: string) {
    const trace = newTrace();
    const key = startKey === undefined ? {} : { startKey };
    return await node.engine.startProcess({ process, input, trace, ...key });
  }

  /** Publishes a message as an event of this id. */
  async publish(node: SimulatedNode, id: string, name: string, payload: unknown): Promise<void> {
    const event = { id, name, payload, version: 1, key: '', traceId: null };
    await node.database.transaction((tx) =>
      node.engine.eventsRecorded(tx, [{ ...event, occurredAt: new Date(this.#businessMs) }]),
    );
  }
}

/** A moment of the injected clock that a node waits for. */
interface Wake {
  readonly owner: string;
  readonly at: number;
  readonly wake: () => void;
}

interface Session {
  readonly name: string;
  node: string;
  readonly hear: (payload: string) => void;
  readonly lose: () => void;
}

/** A transaction that holds locks; while it is in doubt it outlives its node. */
interface Holder {
  readonly owner: string;
  isInDoubt: boolean;
}

interface Unsent {
  readonly text: string;
  readonly values: readonly unknown[];
  readonly explain?: ((error: unknown) => unknown) | undefined;
}

const none = { rows: [], rowCount: 0 } as QueryResult<never>;

function explained<T>(explain: Unsent['explain'], run: () => T): T {
  try {
    return run();
  } catch (error) {
    throw explain ? explain(error) : error;
  }
}

/** What is checked comes first, so that nothing is written when a check refuses. */
function inOrder<T extends { readonly text: string }>(unsent: readonly T[]): readonly T[] {
  const isChecked = ({ text }: T) => text.includes('commit_group') || text.includes('begun as');
  return [...unsent.filter(isChecked), ...unsent.filter((one) => !isChecked(one))];
}
