/**
 * Starts processes when their moments come. Any node may do it, the one that keeps house does; the row
 * of a schedule is locked, and moved on in the transaction that starts the instances, so that a moment
 * starts one instance whoever deals with it and whatever dies meanwhile.
 */
import type { Clock } from '../../kernel/clock.ts';
import type { Log } from '../../kernel/procedure.ts';
import { newTrace } from '../../kernel/tracing.ts';
import type { Transaction } from '../../kernel/transaction.ts';
import type { Database } from '../../postgres/index.ts';
import { indexOf } from '../model/model-index.ts';
import type { Occasion } from '../model/occasion.ts';
import type { ProcessModel } from '../model/process-model.ts';
import { messageOf } from '../runtime/background-work.ts';
import type { EngineNode } from '../runtime/engine-node.ts';
import type { ProcessRegistry } from '../runtime/process-registry.ts';
import { startedBy } from '../store/instance-store.ts';
import { startMoments } from '../time/start-moments.ts';
import { dueMoments } from './due-moments.ts';
import {
  type DeclaredSchedule,
  deploySchedules,
  lockDue,
  lockSchedule,
  moveOn,
  nextMoment,
  type Schedule,
  setPaused,
} from './schedule-store.ts';

/** What a keeper is made of. */
export interface ScheduleKeeperOptions {
  readonly database: Database;
  readonly clock: Clock;
  readonly log: Log;
  readonly registry: ProcessRegistry;
  readonly node: EngineNode;
  /** How often it looks although nothing is known to be due. */
  readonly sweepMs: number;
}

/** Deals with the moments of the schedules that this program has. */
export class ScheduleKeeper {
  readonly #options: ScheduleKeeperOptions;
  #cancelWake: (() => void) | undefined;
  #sweep: NodeJS.Timeout | undefined;
  #looking: Promise<void> | undefined;
  #stopped = false;

  constructor(options: ScheduleKeeperOptions) {
    this.#options = options;
  }

  /**
   * Writes the schedules of the newest versions, and begins to deal with them. To be called again when
   * there are newer ones.
   */
  async start(): Promise<void> {
    const { database, clock, registry, sweepMs } = this.#options;
    const newest = newestOf(registry);
    const declared = newest.flatMap((model) => schedulesOf(model, clock.now()));
    const processes = new Map(newest.map(({ key, version }) => [key, version]));
    await database.transaction((tx) => deploySchedules(tx, processes, declared));
    if (declared.length === 0 || this.#stopped) return;
    this.#sweep ??= setInterval(() => this.look(), sweepMs);
    this.#sweep.unref();
    await this.#lookOnce();
  }

  /** Resolves when nothing is being started any more. */
  async stop(): Promise<void> {
    this.#stopped = true;
    clearInterval(this.#sweep);
    this.#cancelWake?.();
    await this.#looking;
  }

  /** Looks whether something is due. */
  look(): void {
    if (this.#stopped) return;
    this.#looking ??= this.#lookOnce().finally(() => {
      this.#looking = undefined;
    });
  }

  async #lookOnce(): Promise<void> {
    const { log } = this.#options;
    try {
      while (!this.#stopped && this.#mayStart() && (await this.#dealWithOne()));
      await this.#setWake();
    } catch (error) {
      log.warn(
        { error: messageOf(error) },
        'starting what is scheduled failed; it will be tried again',
      );
    }
  }

  #mayStart(): boolean {
    const { node } = this.#options;
    return node.keepsHouse && !node.pause.paused;
  }

  /** Deals with the schedule that has been due for the longest time; false when none is. */
  async #dealWithOne(): Promise<boolean> {
    const { database, clock } = this.#options;
    const now = clock.now();
    return await database.transaction(async (tx) => {
      const schedule = await lockDue(tx, this.#processes(), now);
      if (!schedule?.nextAt) return false;
      const due = dueMoments(schedule, { from: schedule.nextAt, now });
      for (const { moment, isLate } of due) {
        await this.#begin(tx, schedule, { moment, late: isLate, manual: false });
      }
      const nextAt = startMoments(schedule, schedule.begunAt).next(now);
      await moveOn(tx, schedule, { lastAt: due.at(-1)?.moment ?? null, nextAt });
      return true;
    });
  }

  async #begin(
    tx: Transaction,
    { process, node: start }: Pick<Schedule, 'process' | 'node'>,
    { moment, late, manual }: { moment: Date; late: boolean; manual: boolean },
  ): Promise<string | null> {
    const { registry, node } = this.#options;
    const model = registry.newest(process);
    if (!model?.nodes[start]) return null;
    const scheduledFor = moment.toISOString();
    const startKey = manual ? null : `${start} ${scheduledFor}`;
    if (startKey !== null && (await startedBy(tx, process, startKey))) return null;
    const occasion: Occasion = { scheduledFor, late, manual };
    const { traceId } = newTrace();
    const prepared = await node.prepare({
      model,
      node: start,
      payload: occasion,
      traceId,
      startKey,
    });
    await node.startIn(tx, prepared);
    return prepared.id;
  }

  /** Starts an instance now, beside its schedule; null when there is no such schedule here. */
  async runNow(tx: Transaction, process: string, node: string): Promise<string | null> {
    const schedule = await lockSchedule(tx, process, node);
    if (!schedule) return null;
    const moment = this.#options.clock.now();
    return await this.#begin(tx, schedule, { moment, late: false, manual: true });
  }

  /**
   * Pauses a schedule, or lets it go on with the first moment from now: what was missed meanwhile was
   * meant not to happen. Null when there is no such schedule.
   */
  async pause(
    tx: Transaction,
    {
      process,
      node,
      by,
    }: { readonly process: string; readonly node: string; readonly by: string | null },
  ): Promise<Schedule | null> {
    const now = this.#options.clock.now();
    const schedule = await lockSchedule(tx, process, node);
    if (!schedule) return null;
    const isPaused = schedule.pausedAt !== null;
    if (isPaused === (by !== null)) return schedule;
    const nextAt = startMoments(schedule, schedule.begunAt).next(now);
    await setPaused(tx, schedule, by === null ? null : { at: now, by }, nextAt);
    tx.afterCommit(() => this.look());
    return await lockSchedule(tx, process, node);
  }

  #processes(): readonly string[] {
    return newestOf(this.#options.registry).flatMap((model) =>
      indexOf(model).starts.some(({ event }) => event?.type === 'cycle') ? [model.key] : [],
    );
  }

  async #setWake(): Promise<void> {
    const { database, clock } = this.#options;
    const at = await nextMoment(database, this.#processes());
    this.#cancelWake?.();
    // What is due and not ours to start is looked at again by the sweep.
    if (at && at > clock.now() && !this.#stopped) {
      this.#cancelWake = clock.schedule(at, () => this.look());
    }
  }
}

function newestOf(registry: ProcessRegistry): readonly ProcessModel[] {
  const keys = new Set(registry.all().map(({ key }) => key));
  return [...keys].flatMap((key) => registry.newest(key) ?? []);
}

function schedulesOf(model: ProcessModel, now: Date): readonly DeclaredSchedule[] {
  const { key: process, version } = model;
  return indexOf(model).starts.flatMap(({ id, event }) => {
    if (event?.type !== 'cycle') return [];
    const { cron, timeZone, catchUp, most } = event;
    const nextAt = startMoments(event, now).next(now);
    return [{ process, node: id, version, cron, timeZone, catchUp, most, begunAt: now, nextAt }];
  });
}
