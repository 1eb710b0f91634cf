/**
 * Nodes of the engine, as they are, on a simulated machine and a simulated server. Whatever can happen next is an
 * option: what is on its way (`pending-steps.ts`), timers, clocks, what people and other systems do, and what may
 * break. A schedule chooses.
 */
import type { Clock } from '../../../kernel/clock.ts';
import type { Procedure } from '../../../kernel/procedure.ts';
import { newTrace } from '../../../kernel/tracing.ts';
import type { Database } from '../../../postgres/index.ts';
import { createEngine } from '../../create-engine.ts';
import type { Engine } from '../../engine.ts';
import type { ProcessModel } from '../../model/process-model.ts';
import { plainRunner } from '../plain-runner.ts';
import { Machine } from './machine.ts';
import { ModelTables, type Omission } from './model-tables.ts';
import { type Option, PendingSteps } from './pending-steps.ts';
import { randomOf } from './random.ts';
import { simulatedProcedures } from './simulated-procedures.ts';
import { SimulatedServer } from './simulated-server.ts';
import { WorldChecks } from './world-checks.ts';

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

/** The nodes, the database and the world around them. */
export class SimulatedWorld {
  readonly machine: Machine;
  readonly tables: ModelTables;
  readonly checks: WorldChecks;
  readonly settings: WorldSettings;
  /** What is on its way. */
  readonly steps: PendingSteps;
  readonly nodes: SimulatedNode[] = [];
  readonly #acts: Act[];
  #wakes: Wake[] = [];
  #businessMs = Date.UTC(2026, 2, 1);
  readonly #paused = new Set<string>();
  readonly #server: SimulatedServer;
  readonly #procedures: readonly Procedure[];
  readonly #mayRun = (owner: string) => !this.#paused.has(owner) && !this.steps.isGone(owner);
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
      lives: (node) => this.#server.lives(node),
    });
    this.checks = new WorldChecks(this.tables);
    this.steps = new PendingSteps(this.machine);
    this.#server = new SimulatedServer(this.machine, this.steps, {
      tables: this.tables,
      omission: settings.omission,
      idOf: (name) => this.nodes.find((node) => node.name === name)?.engine.nodeId ?? name,
      written: (by, rows) => {
        this.#idleTimers = 0;
        this.checks.written(by, rows);
      },
      insertEffect: (key) => this.checks.effect(key),
    });
    this.#procedures = simulatedProcedures(this);
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
    const database = this.#server.databaseOf(name);
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
      const next = this.steps.nextOf(name);
      if (failure !== undefined) throw failure;
      if (next) this.steps.run(next);
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
    const next = this.steps.next(this.#mayRun);
    if (next) return { label: next.label, take: () => this.steps.run(next) };
    const late =
      this.#idleTimers >= patienceTimers ? this.steps.next(this.#mayRun, true) : undefined;
    if (late) return { label: late.label, take: () => this.steps.run(late) };
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
    const options = [...this.steps.options(this.#mayRun, faults)];
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
      const next = this.steps.next(this.#mayRun, true);
      if (!next) return;
      this.steps.run(next);
      this.machine.turn(this.#mayRun);
    }
  }

  /** To be called after each step: what nodes put off to the end of the turn. */
  turn(): void {
    this.machine.turn(this.#mayRun);
  }

  #alive(): readonly SimulatedNode[] {
    return this.nodes.filter(({ name }) => this.#mayRun(name));
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
    const timer = this.machine.nextTimer(this.#mayRun);
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
      ...(this.#server.hasSession(name)
        ? [
            {
              label: `end the session of ${name}`,
              isFault: true,
              take: () => void this.#server.endSession(name),
            },
          ]
        : []),
    ]);
  }

  #wakeUp(name: string): Option {
    return { label: `${name} goes on`, take: () => void this.#paused.delete(name) };
  }

  #kill(name: string): void {
    this.machine.forget(name);
    this.#wakes = this.#wakes.filter(({ owner }) => owner !== name);
    this.steps.forget(name);
    this.#server.forget(name);
    for (const [act, at] of [...this.#underWay]) if (at === name) this.#askAgain(act);
    this.nodes.splice(
      this.nodes.findIndex((node) => node.name === name),
      1,
    );
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
