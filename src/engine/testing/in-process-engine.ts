/**
 * Engines on a real database, in the process of the test: several nodes on the same data, each of which
 * can be stopped, or killed as `kill -9` would, and a clock that the test moves.
 */
import { Refusal } from '../../kernel/errors.ts';
import { newId } from '../../kernel/ids.ts';
import type { Log, Procedure, ProcedureRunner } from '../../kernel/procedure.ts';
import { newTrace } from '../../kernel/tracing.ts';
import type { Transaction } from '../../kernel/transaction.ts';
import type { Database } from '../../postgres/index.ts';
import { createEngine } from '../create-engine.ts';
import type { Engine, EngineOptions } from '../engine.ts';
import type { HistoryEntry } from '../model/events.ts';
import type { ProcessModel } from '../model/process-model.ts';
import type { InstanceState } from '../model/state.ts';
import { historyLine } from './history-lines.ts';
import { type MortalDatabase, openMortalDatabase } from './mortal-database.ts';
import { plainRunner } from './plain-runner.ts';
import { type VirtualClock, virtualClock } from './virtual-clock.ts';
import { waitFor } from './wait-for.ts';

/** What engines of a test share. */
export interface WorldOptions {
  readonly database: Database;
  readonly connectionString: string;
  readonly processes: readonly ProcessModel[];
  readonly procedures?: readonly Procedure[];
  readonly clock?: VirtualClock;
}

/** One engine on the data. */
export interface EngineInTest {
  readonly engine: Engine;
  readonly database: MortalDatabase;
  /** What PostgreSQL calls its sessions. */
  readonly applicationName: string;
  /** Dies without a word: nothing more is written, and its locks are free. Its jobs run on unheard. */
  kill(): Promise<void>;
  /** Clears away what is left of a killed one, once its jobs have returned. */
  bury(): Promise<void>;
  stop(): Promise<void>;
}

/** An instance as the database has it. */
export interface Stored {
  readonly status: string;
  readonly state: InstanceState;
}

/** The data, the clock, and the engines on them. */
export class EngineWorld {
  readonly clock: VirtualClock;
  readonly warnings: string[] = [];
  readonly #options: WorldOptions;
  readonly #engines = new Set<EngineInTest>();
  #made = 0;

  constructor(options: WorldOptions) {
    this.#options = options;
    this.clock = options.clock ?? virtualClock();
  }

  /** Those that were started and not stopped. */
  get engines(): readonly EngineInTest[] {
    return [...this.#engines];
  }

  get connectionString(): string {
    return this.#options.connectionString;
  }

  /** Starts an engine. */
  async start(options: Partial<EngineOptions> = {}): Promise<EngineInTest> {
    const { connectionString, processes, procedures = [] } = this.#options;
    this.#made += 1;
    // PostgreSQL keeps no more than 63 characters of it.
    const applicationName = `engine ${this.#made} ${newId()}`;
    const database = openMortalDatabase({ connectionString, applicationName, maxConnections: 8 });
    const living = plainRunner({ database, procedures, clock: this.clock });
    const runner: ProcedureRunner = {
      ...living,
      async run(...call) {
        // What a dead node had in line is begun by nobody.
        if (database.isDead) throw new Error('expected a living node, found one that is dead');
        return await living.run(...call);
      },
    };
    const note = (_: object, message: string) => void this.warnings.push(message);
    const log: Log = { debug() {}, info() {}, warn: note, error: note };
    const engine = createEngine({
      database,
      runner,
      clock: this.clock,
      log,
      processes,
      leaseMs: 3_000,
      sweepMs: 200,
      ...options,
      node: { sessionName: applicationName, ...options.node },
    });
    const made: EngineInTest = {
      engine,
      database,
      applicationName,
      kill: () => database.die(),
      bury: async () => {
        this.#engines.delete(made);
        await engine.stop(0).catch(() => undefined);
        await database.close();
      },
      stop: async () => {
        this.#engines.delete(made);
        await engine.stop();
        await database.close();
      },
    };
    this.#engines.add(made);
    await engine.start();
    return made;
  }

  /** Stops the engines that still run. To be called when the test is over. */
  async end(): Promise<void> {
    for (const engine of this.#engines) await engine.stop().catch(() => engine.bury());
  }

  /** Starts an instance of a process; it must be accepted. */
  async begin({ engine }: EngineInTest, process: string, input: unknown = {}): Promise<string> {
    const started = await engine.startProcess({ process, input, trace: newTrace() });
    if (started instanceof Refusal) throw new Error(started.detail);
    return started.instanceId;
  }

  /** Publishes a message as an event of this id. */
  async publish(
    { engine, database }: EngineInTest,
    event: { readonly id: string; readonly name: string; readonly payload: unknown },
    tx?: Transaction,
  ): Promise<void> {
    const recorded = { ...event, version: 1, key: '', occurredAt: this.clock.now(), traceId: null };
    if (tx) await engine.eventsRecorded(tx, [recorded]);
    else await database.transaction((own) => engine.eventsRecorded(own, [recorded]));
  }

  async stored(id: string): Promise<Stored> {
    const { database } = this.#options;
    const { rows } = await database.query<{ status: string; state: string }>(
      'select status, state from engine.instance where id = $1',
      [id],
    );
    if (!rows[0]) throw new Error(`expected instance ${id}, found none`);
    const { status, state } = rows[0];
    return { status, state: JSON.parse(state) as InstanceState };
  }

  /** Resolves when the instance has this status in the database. */
  async until(id: string, status: string): Promise<Stored> {
    return await waitFor(`instance ${id} to be ${status}`, async () => {
      const stored = await this.stored(id);
      return stored.status === status && stored;
    });
  }

  /** Resolves when something waits, works or has an incident at the node. */
  async untilAt(id: string, node: string, isThere: (e: Element) => boolean = () => true) {
    return await waitFor(`instance ${id} to be at "${node}"`, async () => {
      const { state } = await this.stored(id);
      return Object.values(state.elements).find((e) => e.node === node && isThere(e));
    });
  }

  /** The whole history of an instance, as short lines; throws when a sequence number is missing. */
  async lines(id: string): Promise<string[]> {
    const { rows } = await this.#options.database.query<{ entries: string }>(
      'select entries from engine.history where instance_id = $1 order by from_seq',
      [id],
    );
    const entries = rows.flatMap((row) => JSON.parse(row.entries) as HistoryEntry[]);
    entries.forEach(({ seq }, index) => {
      if (seq !== index + 1) throw new Error(`expected history entry ${index + 1}, found ${seq}`);
    });
    return entries.map(historyLine);
  }

  /** What is open in the tables of waits; all of it empty when everything has ended. */
  async open(): Promise<Record<string, number>> {
    const { rows } = await this.#options.database.query<Record<string, number>>(
      `select (select count(*)::int from engine.message_wait) as "messageWaits",
              (select count(*)::int from engine.timer) as timers,
              (select count(*)::int from engine.task where status = 'open') as tasks,
              (select count(*)::int from engine.inbox) as inbox,
              (select count(*)::int from engine.incident where closed_at is null) as incidents,
              (select count(*)::int from engine.message where taken_at is null) as messages`,
    );
    return rows[0] ?? {};
  }
}

type Element = InstanceState['elements'][number];

/** What `open` gives when nothing is. */
export const nothingOpen = {
  messageWaits: 0,
  timers: 0,
  tasks: 0,
  inbox: 0,
  incidents: 0,
  messages: 0,
};
