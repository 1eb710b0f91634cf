/**
 * In which line the jobs of a step stand: that of its process, its urgency, and the gates that it
 * passes. A step declares its own limit; those of the procedures that it runs are learned when it runs
 * one, since only its code knows which.
 */
import { Gate } from '../../kernel/gate.ts';
import type { KeyLimit } from '../../kernel/limits.ts';
import type { Priority } from '../model/priority.ts';
import type { ServiceTask } from '../model/process-model.ts';
import type { InstanceActor } from './actor.ts';
import type { FairQueue } from './fair-queue.ts';
import type { Lane } from './lane.ts';
import type { InLine } from './turns.ts';
import { variablesOf } from './variables.ts';

interface Known<T extends InLine> {
  /** The step's own limit, and the gates of the procedure that it ran last. */
  own: readonly Gate[];
  learned: readonly Gate[];
  lanes: Partial<Record<Priority, Lane<T>>>;
}

const none: readonly Gate[] = [];

/** A clock for gates that have no rate, and so never ask it. */
const noClock = { now: () => new Date(0), schedule: () => () => undefined };

/** Finds lanes and keys of jobs; a look costs one map. */
export class NodeLimits<T extends InLine> {
  readonly #queue: FairQueue<T>;
  readonly #known = new WeakMap<ServiceTask, Known<T>>();

  constructor(queue: FairQueue<T>) {
    this.#queue = queue;
  }

  /** The lane of a step's jobs; with `met`, of one that met these gates although its like do not. */
  laneOf(actor: InstanceActor, node: ServiceTask, met?: readonly Gate[]): Lane<T> {
    const known = this.#of(actor, node);
    const priority = priorityOf(actor);
    const { process } = actor.identity;
    if (met && met !== known.learned) {
      return this.#queue.lane(process, priority, [...known.own, ...met]);
    }
    const lane = known.lanes[priority];
    if (lane) return lane;
    const made = this.#queue.lane(process, priority, [...known.own, ...known.learned]);
    known.lanes[priority] = made;
    return made;
  }

  /** The step ran a procedure behind these gates: its next jobs wait for them in line. */
  learn(node: ServiceTask, gates: readonly Gate[]): void {
    const known = this.#known.get(node);
    if (!known || known.learned === gates) return;
    known.learned = gates;
    known.lanes = {};
  }

  /** The key under which a job counts; null when its step declares none. */
  keyOf(
    { actor, n }: { readonly actor: InstanceActor; readonly n: number },
    node: ServiceTask,
  ): KeyLimit | null {
    const { concurrency } = node;
    if (!concurrency?.key) return null;
    try {
      const value = concurrency.key.evaluate(variablesOf(actor.state.elements, n));
      const { process } = actor.identity;
      return { key: JSON.stringify([process, node.id, value]), atOnce: concurrency.limit };
    } catch {
      // The step itself reads the same variables and says what is wrong with them.
      return null;
    }
  }

  #of(actor: InstanceActor, node: ServiceTask): Known<T> {
    const known = this.#known.get(node);
    if (known) return known;
    const { concurrency } = node;
    const name = `${actor.identity.process}/${node.id}`;
    const own =
      concurrency && !concurrency.key
        ? [new Gate({ name, clock: noClock, atOnce: concurrency.limit })]
        : none;
    const made = { own, learned: none, lanes: {} };
    this.#known.set(node, made);
    return made;
  }
}

/** What the process says; where it cannot be read it is as urgent as most. */
function priorityOf({ model, state }: InstanceActor): Priority {
  const { priority = 'normal' } = model;
  if (typeof priority === 'string') return priority;
  try {
    return priority.evaluate(state.elements[1]?.vars ?? {});
  } catch {
    return 'normal';
  }
}
