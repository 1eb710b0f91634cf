/**
 * A test of processes on the real engine: in this process, on a database of its own, with a clock that
 * the test moves and procedures that the test answers for. Months pass in milliseconds; a node can be
 * killed, also at a commit that the test counts, and another one goes on.
 */
import { onTestFinished } from 'vitest';
import { testDatabase } from '../../../test/support/database.ts';
import { setCrashHook } from '../../kernel/crash-point.ts';
import { assert, Refusal } from '../../kernel/errors.ts';
import type { EventDefinition } from '../../kernel/event.ts';
import { newId } from '../../kernel/ids.ts';
import type { Procedure } from '../../kernel/procedure.ts';
import { newTrace } from '../../kernel/tracing.ts';
import type { Database } from '../../postgres/index.ts';
import type { ProcessModel } from '../model/process-model.ts';
import type { InstanceRequest } from '../runtime/instance-requests.ts';
import { type Duration, durationMs } from '../time/duration.ts';
import type { Fake } from './fakes.ts';
import { type EngineInTest, EngineWorld } from './in-process-engine.ts';
import { type InstanceHost, InstanceInTest } from './instance-in-test.ts';
import { type VirtualClock, virtualClock } from './virtual-clock.ts';
import { waitFor } from './wait-for.ts';

/** What a test of processes is made with. */
export interface ProcessTestOptions {
  /** Workflows, or models; all versions that instances may be on. */
  readonly processes: readonly (ProcessModel | { readonly model: ProcessModel })[];
  /** Procedures that the test answers for. */
  readonly fakes?: readonly Fake[];
  /** Procedures that run as they are, on the database of the test. */
  readonly procedures?: readonly Procedure[];
  /** When the clock begins. @defaultValue noon of 1 March 2026, UTC */
  readonly startsAt?: Date | string;
}

interface Rest {
  readonly running: number;
  readonly inbox: number;
  readonly matches: number;
  readonly due: number;
}

/** Dies at the nth commit point from now on. */
interface Death {
  readonly at: number;
  passed: number;
}

const commitPoints = /^(before|after)-commit:(group|step|start|transaction)/;
/** How often somebody asks again who hears of no success. */
const mostAsked = 3;

/** Starts a test of processes. It ends with the test, or by `end`. */
export async function testProcess(options: ProcessTestOptions): Promise<ProcessTest> {
  const { database, connectionString, close } = await testDatabase({
    migrations: [{ schema: 'engine', folder: new URL('../store/migrations/', import.meta.url) }],
  });
  const clock = virtualClock(options.startsAt);
  const { processes, fakes = [], procedures = [] } = options;
  const world = new EngineWorld({
    ...{ database, connectionString, clock },
    processes: processes.map((one) => ('model' in one ? one.model : one)),
    procedures: [...fakes.map(({ procedure }) => procedure), ...procedures],
  });
  const test = new ProcessTest({ world, database, clock, fakes, close });
  try {
    onTestFinished(() => test.end());
  } catch {
    // Made outside of a test: whoever made it ends it.
  }
  await test.startNode();
  return test;
}

/** The engine, its clock and its instances, as a test sees them. */
export class ProcessTest implements InstanceHost {
  readonly clock: VirtualClock;
  readonly database: Database;
  readonly #world: EngineWorld;
  readonly #fakes: readonly Fake[];
  readonly #close: () => Promise<void>;
  #death: Death | undefined;
  #succession: Promise<void> = Promise.resolve();
  /** Commit points that were passed since the test began. */
  #points = 0;
  #deaths = 0;
  #ended = false;

  constructor(parts: {
    readonly world: EngineWorld;
    readonly database: Database;
    readonly clock: VirtualClock;
    readonly fakes: readonly Fake[];
    readonly close: () => Promise<void>;
  }) {
    this.#world = parts.world;
    this.database = parts.database;
    this.clock = parts.clock;
    this.#fakes = parts.fakes;
    this.#close = parts.close;
    setCrashHook((point) => this.#pass(point));
  }

  // --- what happens -----------------------------------------------------------------------------

  /** Starts an instance of a process and gives it once the engine has come to rest. */
  async start(process: string, input: unknown = {}): Promise<InstanceInTest> {
    const startKey = newId();
    const id = await this.#surely(async ({ engine }) => {
      const started = await engine.startProcess({ process, input, trace: newTrace(), startKey });
      if (started instanceof Refusal) {
        throw new NoAnswerWouldHelp(`${started.detail} ${JSON.stringify(started.issues)}`);
      }
      return started.instanceId;
    });
    await this.settled();
    return new InstanceInTest(this, id, process);
  }

  /** Publishes an event, which may start processes and meet waits; the payload is checked. */
  async publish<E extends EventDefinition>(
    event: E | string,
    payload: Parameters<E['key']>[0] | Readonly<Record<string, unknown>>,
    id: string = newId(),
  ): Promise<void> {
    const name = typeof event === 'string' ? event : event.name;
    const value: unknown = typeof event === 'string' ? payload : event.payload.parse(payload);
    await this.#surely((node) => this.#world.publish(node, { id, name, payload: value }));
    await this.settled();
  }

  /** A procedure has succeeded somewhere else: starts and moves what waits for that. */
  async succeeded(procedure: string | Procedure, output: unknown): Promise<void> {
    const name = typeof procedure === 'string' ? procedure : procedure.name;
    await this.publish(name, output as Readonly<Record<string, unknown>>);
  }

  /** Lets time pass. What becomes due happens in its order, each at its own moment. */
  async passes(duration: Duration): Promise<void> {
    const end = this.clock.now().getTime() + durationMs(duration);
    for (;;) {
      await this.settled();
      const next = await this.#nextMoment();
      if (next === null || next > end) break;
      this.clock.advanceTo(new Date(next));
      await waitFor(`what is due at ${new Date(next).toISOString()}`, async () => {
        this.clock.advanceBy(0);
        const later = await this.#nextMoment();
        return later === null || later > next || (await this.#isAtRest(true));
      });
    }
    this.clock.advanceTo(new Date(end));
    await this.settled();
  }

  /** Instances of a process, oldest first. */
  async instances(process: string): Promise<readonly InstanceInTest[]> {
    await this.settled();
    const { rows } = await this.database.query<{ id: string }>(
      'select id from engine.instance where process = $1 order by id',
      [process],
    );
    return rows.map(({ id }) => new InstanceInTest(this, id, process));
  }

  /** The one instance of a process; throws when there are none or several. */
  async only(process: string): Promise<InstanceInTest> {
    const found = await this.instances(process);
    const [one] = found;
    assert(one && found.length === 1, `expected one "${process}", found ${found.length}`);
    return one;
  }

  // --- what breaks ------------------------------------------------------------------------------

  /** The node dies, as by `kill -9`, and another one goes on. Resolves when that has begun. */
  async kill(): Promise<void> {
    for (const node of this.#world.engines) node.database.cut();
    this.#succeed();
    await this.#succession;
  }

  /**
   * The node dies at the nth commit point from now on, counted from 1, and another one goes on. Every
   * commit has two points: before it, when nothing is kept, and after it, when nobody has heard of it.
   */
  killAtCommit(n: number): void {
    assert(Number.isSafeInteger(n) && n > 0, `expected a commit point from 1 on, found ${n}`);
    this.#death = { at: n, passed: 0 };
  }

  /** Commit points that were passed since the test began. */
  get commitPoints(): number {
    return this.#points;
  }

  /** Nodes that died so far. */
  get deaths(): number {
    return this.#deaths;
  }

  /** One more node on the same data. */
  async startNode(): Promise<void> {
    await this.#world.start();
  }

  // --- for instances ----------------------------------------------------------------------------

  /** Resolves when nothing happens any more without time or somebody from outside. */
  async settled(): Promise<void> {
    await waitFor('the engine to come to rest', () => this.#isAtRest(false), {
      explain: async () => `at work: ${JSON.stringify(await this.#rest())}`,
    });
  }

  /** Asks an instance, again when the node that was asked has died. */
  async request(instanceId: string, request: InstanceRequest): Promise<boolean> {
    let isAgain = false;
    return await this.#surely(
      async ({ engine }) => {
        const taken = await engine.request(instanceId, request);
        if (taken || isAgain) return true;
        return taken;
      },
      () => {
        // The first one may have been heard although nobody said so; then this one comes too late.
        isAgain = true;
      },
    );
  }

  /** Ends the nodes and drops the database. Further calls do nothing. */
  async end(): Promise<void> {
    if (this.#ended) return;
    this.#ended = true;
    setCrashHook(undefined);
    await this.#succession;
    await this.#world.end();
    await this.#close();
  }

  // --- within -----------------------------------------------------------------------------------

  #pass(point: string): void {
    if (!commitPoints.test(point)) return;
    this.#points += 1;
    const death = this.#death;
    if (!death) return;
    death.passed += 1;
    if (death.passed < death.at) return;
    this.#death = undefined;
    for (const node of this.#world.engines) node.database.cut();
    this.#succeed();
    throw new Error(`expected a living node, found one that the test has killed at "${point}"`);
  }

  #succeed(): void {
    this.#deaths += 1;
    const dead = this.#world.engines;
    this.#succession = this.#succession.then(async () => {
      await Promise.all(dead.map((node) => node.kill()));
      await Promise.all(dead.map((node) => node.bury()));
      await this.startNode();
    });
    this.#succession.catch(() => undefined);
  }

  /** Asks a living node; who hears of no success because it died asks the next one the same. */
  async #surely<T>(ask: (node: EngineInTest) => Promise<T>, again?: () => void): Promise<T> {
    for (let asked = 1; ; asked += 1) {
      await this.#succession;
      const deaths = this.#deaths;
      const [node] = this.#world.engines;
      assert(node, 'expected a node that lives, found none; the test has ended');
      try {
        return await ask(node);
      } catch (error) {
        const isDeath = this.#deaths > deaths && !(error instanceof NoAnswerWouldHelp);
        if (!isDeath || asked === mostAsked) throw error;
        again?.();
      }
    }
  }

  /** When the next timer or schedule is due; null when there is none. */
  async #nextMoment(): Promise<number | null> {
    const { rows } = await this.database.query<{ at: Date | null }>(
      `select least((select min(due_at) from engine.timer),
                    (select min(next_at) from engine.schedule where paused_at is null)) as at`,
    );
    const at = rows[0]?.at?.getTime();
    return at === undefined ? null : Math.max(at, this.clock.now().getTime());
  }

  async #rest(): Promise<Rest & { readonly atWork: number }> {
    const { rows } = await this.database.query<Rest>(
      `select (select count(*)::int from engine.instance where status = 'running') as running,
              (select count(*)::int from engine.inbox where refused_at is null) as inbox,
              (select count(*)::int from engine.message m join engine.message_wait w
                  on w.message = m.name and w.key = m.key and w.process = m.process
                where m.taken_at is null) as matches,
              (select count(*)::int from engine.timer where due_at <= $1) as due`,
      [this.clock.now()],
    );
    const [rest = { running: 0, inbox: 0, matches: 0, due: 0 }] = rows;
    let atWork = 0;
    for (const { engine } of this.#world.engines) {
      const { jobsAtWork, jobsQueued, commitBacklog } = engine.counts;
      atWork += jobsAtWork + jobsQueued + commitBacklog;
    }
    return { ...rest, atWork };
  }

  /** Steps whose answer the test holds back do not count as at work. */
  async #isAtRest(mayBeDue: boolean): Promise<boolean> {
    const deaths = this.#deaths;
    await this.#succession;
    if (!mayBeDue) this.clock.advanceBy(0);
    const { running, inbox, matches, due, atWork } = await this.#rest();
    const held = this.#fakes.reduce((sum, { waiting }) => sum + waiting, 0);
    const isDue = !mayBeDue && due > 0;
    if (running > held || inbox + matches > 0 || isDue || atWork > held) return false;
    return this.#deaths === deaths;
  }
}

/** A refusal: the same again would be refused again. */
class NoAnswerWouldHelp extends Error {}
