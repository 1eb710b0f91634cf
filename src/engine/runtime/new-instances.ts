/**
 * New instances, computed up to their first waits: those that somebody starts, and the children that
 * call activities start in the commit of their parent. Nothing exists before that commit.
 */
import type { Clock } from '../../kernel/clock.ts';
import { newId } from '../../kernel/ids.ts';
import type { Effects } from '../model/events.ts';
import { asJson, storableText } from '../model/json.ts';
import type { ProcessModel } from '../model/process-model.ts';
import type { InstanceState } from '../model/state.ts';
import {
  type CommitRecord,
  commitRecord,
  type InboxEvent,
  type InstanceIdentity,
} from '../store/commit-record.ts';
import { charactersOf, markStored } from '../store/large-values.ts';
import { searchChanges } from '../store/search-values.ts';
import { idInShard } from '../store/shard.ts';
import { advance } from './advance.ts';
import type { ProcessRegistry } from './process-registry.ts';
import { judgeStart } from './start-payload.ts';

/** A new instance that is part of somebody's commit. */
export interface PreparedInstance {
  readonly id: string;
  readonly record: CommitRecord;
  /** To be called once the commit is durable. */
  readonly begin: () => void;
}

/** What a new instance starts with. */
export interface StartOptions {
  readonly model: ProcessModel;
  /** The message start event; absent: the plain one. */
  readonly node?: string;
  /** Which of the definitions of the start event, when it has several. */
  readonly part?: number;
  readonly payload: unknown;
  /** Characters that the payload may have; more is thrown as a `TerminalFault`. @defaultValue any number */
  readonly longest?: number;
  readonly traceId: string;
  readonly startKey?: string | null;
  readonly businessKey?: string | null;
  readonly parent?: { readonly id: string; readonly n: number };
  /** How many processes it lies inside of, by calls. */
  readonly depth?: number;
}

/**
 * New instances that one transition may bring about, with all that they call in turn before they wait: all of them
 * are computed and committed at once.
 */
const mostBornTogether = 12_000;
const tooMany =
  `expected at most ${mostBornTogether} processes to begin in one transition, with those that they call, found ` +
  'more; let what calls them wait in between, or call fewer';

/** How many more may begin. */
interface Room {
  left: number;
  /** True: a called process that is not known may have been deployed elsewhere, and is looked for first. */
  readonly mayLook?: true;
}

/** A process is called that this node does not know, and that nobody has looked for yet. */
class CalledUnknown extends Error {}

/** What a transition brings about beside its own instance, in the same commit. */
export interface Family {
  readonly children: readonly PreparedInstance[];
  /** For the parent: that this instance, or a child that could not start, has ended. */
  readonly inbox: readonly InboxEvent[];
}

/** What a caller hears of a child that it interrupted in the commit that would have started it. */
const neverStarted = { status: 'cancelled', output: null, error: null } as const;

/** Computes new instances; nothing of them is written here. */
export class NewInstances {
  readonly #registry: ProcessRegistry;
  readonly #clock: Clock;
  readonly #begun: NewInstancesOptions['begun'];
  readonly #shard: NewInstancesOptions['shard'];
  readonly #thrown: NewInstancesOptions['thrown'];

  readonly #learn: NewInstancesOptions['learn'];

  constructor({ registry, clock, shard, begun, thrown, learn }: NewInstancesOptions) {
    this.#learn = learn;
    this.#registry = registry;
    this.#clock = clock;
    this.#begun = begun;
    this.#shard = shard;
    this.#thrown = thrown;
  }

  /** Computes a new instance, and looks for processes that it calls and this node does not know. */
  async prepareKnown(options: StartOptions): Promise<PreparedInstance> {
    return await this.#looking((family) => this.prepare(options, family));
  }

  /** The same as `familyOf`, for an instance that runs. */
  async familyKnown(
    identity: InstanceIdentity,
    state: InstanceState,
    effects: Effects,
    at: number,
  ): Promise<Family> {
    return await this.#looking((family) => this.familyOf(identity, state, effects, at, family));
  }

  async #looking<Result>(compute: (family: Room) => Result): Promise<Result> {
    try {
      return compute({ left: mostBornTogether, mayLook: true });
    } catch (error) {
      if (!(error instanceof CalledUnknown)) throw error;
      await this.#learn();
      return compute({ left: mostBornTogether });
    }
  }

  /** Computes a new instance. It exists once its record is committed. */
  prepare(options: StartOptions, family: Room = { left: mostBornTogether }): PreparedInstance {
    family.left -= 1;
    const at = this.#clock.now().getTime();
    const { model, node, part } = options;
    const payload = asJson(options.payload, options.longest);
    const { state, effects } = advance(model, null, {
      type: 'start',
      at,
      ...(node === undefined ? {} : { node }),
      ...(part === undefined ? {} : { part }),
      ...(options.depth === undefined ? {} : { depth: options.depth }),
      payload,
    });
    const shard = this.#shard();
    const identity: InstanceIdentity = {
      id: shard === undefined ? newId() : idInShard(newId(), shard),
      process: model.key,
      version: model.version,
      businessKey: options.businessKey ?? businessKeyOf(model, state),
      traceId: options.traceId,
      startKey: options.startKey ?? null,
      parentId: options.parent?.id ?? null,
      parentN: options.parent?.n ?? null,
    };
    const { children, inbox } = this.familyOf(identity, state, effects, at, family);
    const record = commitRecord({
      identity,
      revision: null,
      before: null,
      state,
      effects,
      search: searchChanges(model, identity.id, null, state),
      at,
      children: children.map((child) => child.record),
      inbox,
    });
    const begin = () => {
      markStored(identity.id, record.large);
      this.#thrown(record.thrown);
      const size = { characters: record.state.length, large: charactersOf(record.large) };
      this.#begun(identity, state, effects, inbox, size);
      for (const child of children) child.begin();
    };
    return { id: identity.id, record, begin };
  }

  /** The children that a transition starts, and what its parent has to hear. */
  familyOf(
    identity: InstanceIdentity,
    state: InstanceState,
    effects: Effects,
    at: number,
    family: Room = { left: mostBornTogether },
  ): Family {
    const children: PreparedInstance[] = [];
    const inbox: InboxEvent[] = [];
    const { id, traceId, parentId, parentN } = identity;
    if (parentId !== null && parentN !== null) {
      for (const { code, payload } of effects.escalations) {
        const event = { type: 'child-escalated', at, n: parentN, code, payload } as const;
        inbox.push({ id: newId(), instanceId: parentId, event });
      }
    }
    if (effects.ended && parentId !== null && parentN !== null) {
      const event = { type: 'child-ended', at, n: parentN, ...effects.ended } as const;
      inbox.push({ id: newId(), instanceId: parentId, event });
    }
    for (const child of effects.children) {
      const { n } = child;
      // One that the same transition interrupted again never starts.
      const caller = state.elements[n];
      if (!caller) continue;
      if (caller.lingering) {
        const event = { type: 'child-ended', at, n, ...neverStarted } as const;
        inbox.push({ id: newId(), instanceId: id, event });
        continue;
      }
      try {
        const called = this.#called(child, family);
        const key = this.#keepsKey(identity, caller.node) ? identity.businessKey : null;
        const known = { traceId, parent: { id, n }, businessKey: key };
        if (family.left <= 0) throw new Error(tooMany);
        children.push(this.prepare({ ...called, ...known, depth: child.depth }, family));
      } catch (cause) {
        if (cause instanceof CalledUnknown) throw cause;
        const message = cause instanceof Error ? cause.message : String(cause);
        const error = { code: 'CHILD_NOT_STARTED', message };
        const ended = { status: 'failed', output: null, error } as const;
        inbox.push({
          id: newId(),
          instanceId: id,
          event: { type: 'child-ended', at, n, ...ended },
        });
      }
    }
    return { children, inbox };
  }

  #keepsKey({ process, version }: InstanceIdentity, id: string): boolean {
    const node = this.#registry.find(process, version)?.nodes[id];
    return node?.type === 'callActivity' && node.keepsBusinessKey === true;
  }

  #called({ process, version, input }: Effects['children'][number], { mayLook }: Room) {
    const model =
      version === null ? this.#registry.newest(process) : this.#registry.find(process, version);
    if (!model) {
      const which = version === null ? '' : ` version ${version}`;
      const message = `process "${process}"${which} is called, but it is not deployed`;
      throw mayLook ? new CalledUnknown(message) : new Error(message);
    }
    const judged = judgeStart(model, input);
    if (judged.error) throw judged.error;
    return { model, payload: judged.payload };
  }
}

/** What new instances are made with. */
export interface NewInstancesOptions {
  readonly registry: ProcessRegistry;
  readonly clock: Clock;
  /** Learns of processes that were deployed, by another node a moment ago. */
  readonly learn: () => Promise<void>;
  /** Where a new instance should live; undefined: anywhere. */
  readonly shard: () => number | undefined;
  /** Told of what one threw, when its commit is durable. */
  readonly thrown: (ids: readonly string[]) => void;
  /** Told of each one when its commit is durable. */
  readonly begun: (
    identity: InstanceIdentity,
    state: InstanceState,
    effects: Effects,
    inbox: readonly InboxEvent[],
    /** Characters of the state as JSON, and of its large values beside it. */
    size: { readonly characters: number; readonly large: number },
  ) => void;
}

/** For people to find the instance by; one that cannot be read must not keep it from starting. */
function businessKeyOf(model: ProcessModel, state: InstanceState): string | null {
  try {
    const key = model.businessKey?.evaluate(state.elements[1]?.vars ?? {}) ?? null;
    return key === null ? null : storableText(String(key));
  } catch {
    return null;
  }
}
