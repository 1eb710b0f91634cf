/**
 * What has been sent and has not come to pass: statements, calls to the outside, answers and notices on their way.
 * Each is a step that a schedule may choose, and may happen in other ways than the usual one: its answer is late or
 * lost, or what it commits is checked now and written later.
 */
import type { Machine } from './machine.ts';

/** Something that can happen next. */
export interface Option {
  readonly label: string;
  readonly take: () => void;
  /** Something breaks by it; schedules bear only so many. */
  readonly isFault?: boolean;
}

/** Something that was sent. */
export interface PendingStep {
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

/** Which nodes may go on: those that live and are awake. */
export type MayRun = (owner: string) => boolean;

const always = () => true;

/** What a node hears of a connection that is gone. */
export const lost = () => new Error('Connection terminated unexpectedly');

/** The steps of all nodes, in the order in which they were sent. */
export class PendingSteps {
  readonly #machine: Machine;
  #pending: PendingStep[] = [];
  /** Nodes that are dead: nothing reaches them. */
  readonly #gone = new Set<string>();
  /** Ids of rows that a commit has checked and not yet written. */
  readonly #rowLocks = new Set<string>();
  readonly #names = new Map<string, number>();

  constructor(machine: Machine) {
    this.#machine = machine;
  }

  /** The first that can happen; `isLate`: also what the server takes its time for. */
  next(mayRun: MayRun, isLate = false): PendingStep | undefined {
    return this.#pending.find(
      (one) =>
        (isLate || one.isLate !== true) && (one.isLate || mayRun(one.owner)) && one.isReady(),
    );
  }

  /** The first of one node. */
  nextOf(owner: string): PendingStep | undefined {
    return this.#pending.find((one) => one.owner === owner && one.isReady());
  }

  /** Each that can happen, and each way in which it can; `faults`: also those in which something breaks. */
  options(mayRun: MayRun, faults: boolean): readonly Option[] {
    const options: Option[] = [];
    for (const one of this.#pending) {
      if (!one.isReady()) continue;
      if (one.isLate || mayRun(one.owner)) {
        options.push({ label: one.label, take: () => this.run(one) });
        for (const variant of one.variants?.() ?? []) {
          if (faults || !variant.isFault) options.push(this.#removing(one, variant));
        }
      }
    }
    return options;
  }

  /** Lets a step happen in its usual way. */
  run(one: PendingStep): void {
    this.#remove(one);
    one.run();
  }

  /** Notes a step that has more than one way to happen. */
  add(one: PendingStep): void {
    this.#pending.push(one);
  }

  /** Notes something that a node will hear, unless it is dead. */
  push(owner: string, label: string, run: () => void): void {
    if (this.#gone.has(owner)) return;
    this.add({ owner, label, run, isReady: always });
  }

  /** A node is dead; what it had sent goes with it, but for what the server has taken upon itself. */
  forget(owner: string): void {
    this.#gone.add(owner);
    this.#pending = this.#pending.filter((one) => one.owner !== owner || one.isLate);
  }

  /** True for a node that is dead. */
  isGone(owner: string): boolean {
    return this.#gone.has(owner);
  }

  /** The server ends what a node has under way in its sessions. Gives how many there were. */
  end(owner: string): number {
    const under = this.#pending.filter((one) => one.owner === owner && one.end);
    for (const one of under) {
      this.#remove(one);
      one.rollBack?.();
      this.push(owner, `${owner} hears that its session is gone`, () =>
        this.#machine.settle(owner, () => one.end?.()),
      );
    }
    return under.length;
  }

  /** The second of its name is told apart from the first, so that a schedule can choose it. */
  named(name: string): string {
    const count = (this.#names.get(name) ?? 0) + 1;
    this.#names.set(name, count);
    return count === 1 ? name : `${name} (${count})`;
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
    const { owner } = this.#machine;
    const { mayFail = true, groups } = options;
    const isUnlocked = () =>
      this.#rowLocks.size === 0 || groups?.locks().some((id) => this.#rowLocks.has(id)) !== true;
    const isReady = groups ? isUnlocked : (options.isReady ?? always);
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    const settle = (step: () => void) => this.#machine.settle(owner, step);
    const perform = (): (() => void) => {
      try {
        const result = execute();
        return () => resolve(result);
      } catch (error) {
        return () => reject(error);
      }
    };
    const name = this.named(`${owner} ${label}`);
    const variants = (): readonly Option[] => {
      const ways: Option[] = [
        {
          label: `${name}, answered later`,
          take: () => {
            const answer = perform();
            this.push(owner, `answer: ${name}`, () => settle(answer));
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
    this.add({
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
    this.add({
      ...{ owner, label: `${name} is written`, isReady: always, isLate: true },
      run: () => {
        unlock();
        const result = write();
        this.push(owner, `answer: ${name}`, () =>
          this.#machine.settle(owner, () => resolve(result)),
        );
      },
      rollBack: unlock,
      end: () => reject(lost()),
    });
  }

  #remove(one: PendingStep): void {
    const at = this.#pending.indexOf(one);
    if (at >= 0) this.#pending.splice(at, 1);
  }

  #removing(one: PendingStep, { label, take, isFault = false }: Option): Option {
    return {
      label,
      isFault,
      take: () => {
        this.#remove(one);
        take();
      },
    };
  }
}
