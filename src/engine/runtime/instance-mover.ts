/**
 * Moves instances: computes a transition, commits it, performs what it asks for, in this order.
 * Everything that can move an instance comes through `move`: a job's outcome, a message, a timer, a
 * person, another instance.
 *
 * When a commit fails, the copy in memory is thrown away and the instance is loaded again from what
 * was last committed; a job whose outcome was lost that way runs again under its same key.
 */
import { newId } from '../../kernel/ids.ts';
import { ShortLivedSet } from '../../kernel/short-lived.ts';
import type { Database } from '../../postgres/index.ts';
import type { Effects, InstanceEvent } from '../model/events.ts';
import { isRefusedByData, type Lease, LeaseLost, StaleInstances } from '../store/commit-group.ts';
import {
  type Cause,
  type CommitRecord,
  commitRecord,
  type InboxEvent,
  type InstanceIdentity,
} from '../store/commit-record.ts';
import type { Committer } from '../store/committer.ts';
import { type InboxRow, refuseInbox } from '../store/inbox-store.ts';
import { loadOpenChildren } from '../store/instance-store.ts';
import { charactersOf, markStored } from '../store/large-values.ts';
import { searchChanges } from '../store/search-values.ts';
import { shardOf } from '../store/shard.ts';
import { readUpdateAnswer } from '../store/update-store.ts';
import { ActorGone, type GatheredOutcome, type InstanceActor } from './actor.ts';
import { type Advanced, advance, advanceTogether, type JobEvent } from './advance.ts';
import { type BackgroundWork, isGoneElsewhere } from './background-work.ts';
import type { CommittedEffects } from './committed-effects.ts';
import type { InstanceCache } from './instance-cache.ts';
import type { InstanceMigration } from './instance-migration.ts';
import type { NewInstances } from './new-instances.ts';
import type { PeerNotices } from './peer-notices.ts';

const reloadDelaysMs = [50, 200, 1_000, 5_000];
/** How often one call looks for the instance anew when others in line could not commit. */
const movesPerCall = 5;

/** How a move differs from the usual. */
export interface MoveOptions {
  readonly cause?: Cause;
  /** Commits the record in a transaction that has more to commit. */
  readonly commit?: (record: CommitRecord) => Promise<void>;
  /** Told before the answer is false. */
  readonly tooLate?: () => Promise<void>;
}

type UpdateRow = InboxRow & { readonly event: InstanceEvent & { readonly type: 'update' } };

/** What a mover is made of. */
export interface InstanceMoverOptions {
  readonly database: Database;
  readonly instances: InstanceCache;
  readonly newInstances: NewInstances;
  readonly committer: Committer;
  readonly migration: InstanceMigration;
  readonly effects: CommittedEffects;
  readonly background: BackgroundWork;
  readonly node: string;
  readonly owns: (instanceId: string) => boolean;
  readonly leaseOf: (shard: number) => Lease | undefined;
  /** False for instances of other nodes, and for those that are being handed over. */
  readonly accepts: (instanceId: string) => boolean;
  readonly notices: PeerNotices;
  /** Told of what a transition threw, when it is durable. */
  readonly thrown: (ids: readonly string[]) => void;
  /** Looks after the leases at once; resolves when it is known which are held. */
  readonly tendLeases: () => Promise<void>;
}

/** Moves the instances of the shards that this node holds. */
export class InstanceMover {
  readonly #options: InstanceMoverOptions;
  /** Inbox rows that are being handled, so that a look at the table does not handle them twice. */
  readonly #inHand = new ShortLivedSet<string>();
  #transitions = 0;

  constructor(options: InstanceMoverOptions) {
    this.#options = options;
  }

  /** Transitions of instances that were begun already, since the start. */
  get transitions(): number {
    return this.#transitions;
  }

  /**
   * Moves an instance by an event; resolves when that is durable. False: the event came too late, and
   * nothing was changed. Rejects when the instance is not ours or could not be written.
   */
  async move(
    instanceId: string,
    event: InstanceEvent,
    options: MoveOptions = {},
  ): Promise<boolean> {
    for (let attempt = 1; ; attempt += 1) {
      const actor = await this.#options.instances.find(instanceId);
      if (!actor) {
        await options.tooLate?.();
        return false;
      }
      try {
        return await this.#moveActor(actor, event, options);
      } catch (error) {
        // Somebody before us in line could not commit: what is stored now is asked instead.
        if (!(error instanceof ActorGone) || attempt === movesPerCall) throw error;
      }
    }
  }

  /** True while this node handles the inbox row. */
  hasInHand(inboxId: string): boolean {
    return this.#inHand.has(inboxId);
  }

  /** Handles an inbox row that is committed; the row goes with the transition it causes. */
  async handleInbox(row: InboxRow): Promise<boolean> {
    const { notices } = this.#options;
    const { event } = row;
    const tooLate = () => this.#refuse(row);
    this.#inHand.add(row.id);
    try {
      if (event.type === 'migrate') {
        return await this.#options.migration.migrate({ ...row, event }, tooLate);
      }
      if (event.type === 'update') return await this.#update({ ...row, event }, tooLate);
      return await this.move(row.instanceId, event, { cause: { inbox: row.id }, tooLate });
    } finally {
      this.#inHand.delete(row.id);
      if (row.askedBy != null) notices.tell('a', 0, row.id);
    }
  }

  /** The same update told twice acts once: the second finds the answer, or its commit is refused. */
  async #update(row: UpdateRow, tooLate: () => Promise<void>): Promise<boolean> {
    const { id, instanceId, event } = row;
    for (let attempt = 1; ; attempt += 1) {
      if (await readUpdateAnswer(this.#options.database, instanceId, event.id)) {
        await tooLate();
        return false;
      }
      try {
        return await this.move(instanceId, event, { cause: { inbox: id }, tooLate });
      } catch (error) {
        if (!(error instanceof StaleInstances) || attempt === movesPerCall) throw error;
      }
    }
  }

  /** Handles an inbox row in the background when its instance is ours, else tells its owner. */
  takeInbox(row: InboxRow): void {
    const { accepts, background, notices } = this.#options;
    if (!accepts(row.instanceId)) notices.tell('i', shardOf(row.instanceId), row.id);
    else if (!this.#inHand.has(row.id)) background.run(this.handleInbox(row));
  }

  /** Handles an inbox row when its instance is ours, else tells its owner; resolves when that is done. */
  async wake(row: InboxRow): Promise<void> {
    const { accepts, notices, background } = this.#options;
    if (!accepts(row.instanceId)) notices.tell('i', shardOf(row.instanceId), row.id);
    else if (!this.#inHand.has(row.id)) {
      await this.handleInbox(row).catch((error: unknown) => {
        if (!isGoneElsewhere(error)) background.unsettled('handling a signal', error);
      });
    }
  }

  /** Goes on with instances that another node has started here and never began. */
  async beginTold(ids: readonly string[]): Promise<void> {
    const { instances, effects } = this.#options;
    const unknown = ids.filter((id) => !instances.has(id));
    for (const actor of await instances.loadAll(unknown)) effects.resume(actor, actor.revision > 1);
  }

  /** Goes on with an instance as the database has it. False: it could not be loaded. */
  async goOnWith(id: string): Promise<boolean> {
    const { instances, effects, background } = this.#options;
    try {
      const actor = await instances.find(id);
      instances.wasForgotten(id);
      if (actor) effects.resume(actor);
      return true;
    } catch (error) {
      background.unsettled('loading an instance', error);
      return false;
    }
  }

  #moveActor(actor: InstanceActor, event: InstanceEvent, options: MoveOptions): Promise<boolean> {
    const isPlain = options.cause === undefined && options.commit === undefined;
    if (isPlain && isOutcome(event) && !actor.idle) {
      return actor.together(event, (outcomes) => this.#takeOutcomes(actor, outcomes));
    }
    return actor.exclusive(async () => {
      const advanced = advance(actor.model, actor.state, event);
      if (!advanced.accepted) {
        await options.tooLate?.();
        return false;
      }
      try {
        await this.#commitMove(actor, event.at, advanced, options);
      } catch (error) {
        this.#loadAgain(actor, error);
        throw error;
      }
      return true;
    });
  }

  /** Takes what became of several jobs, in as few transitions as can be. */
  async #takeOutcomes(actor: InstanceActor, outcomes: readonly GatheredOutcome[]): Promise<void> {
    let left = outcomes;
    let together = true;
    for (let [next, ...others] = left; next; [next, ...others] = left) {
      const events = together ? others.map(({ event }) => event) : [];
      const { accepted, ...advanced } = advanceTogether(actor.model, actor.state, [
        next.event,
        ...events,
      ]);
      const taken = left.slice(0, accepted.length);
      try {
        const at = taken.reduce((latest, { event }) => Math.max(latest, event.at), 0);
        if (accepted.includes(true)) await this.#commitMove(actor, at, advanced, {});
      } catch (error) {
        if (isRefusedByData(error)) {
          // PostgreSQL will not have one of them: alone, each answers for itself.
          together = false;
          if (taken.length > 1) continue;
          next.reject(error);
        }
        this.#loadAgain(actor, error);
        throw isRefusedByData(error) ? new ActorGone('another outcome was refused') : error;
      }
      for (const [index, { settle }] of taken.entries()) settle(accepted[index] === true);
      left = left.slice(taken.length);
    }
  }

  async #commitMove(
    actor: InstanceActor,
    at: number,
    { state, effects }: Omit<Advanced, 'accepted'>,
    options: MoveOptions,
  ): Promise<void> {
    const { identity, revision } = actor;
    const { newInstances } = this.#options;
    // Most transitions have no children and wait for nothing here.
    const { children, inbox: told } =
      effects.children.length === 0
        ? newInstances.familyOf(identity, state, effects, at)
        : await newInstances.familyKnown(identity, state, effects, at);
    const inbox =
      effects.childrenCancelled.length === 0
        ? told
        : [...told, ...(await this.#cancelledChildren(identity, effects, at))];
    const record = commitRecord({
      identity,
      revision,
      before: actor.state,
      state,
      effects,
      search: searchChanges(actor.model, identity.id, actor.state, state),
      at,
      isLarge: actor.largeCharacters > 0,
      ...(options.cause ? { cause: options.cause } : {}),
      children: children.map((child) => child.record),
      inbox,
    });
    await (options.commit?.(record) ?? this.#options.committer.commit(record));
    markStored(identity.id, record.large);
    actor.largeCharacters = charactersOf(record.large);
    this.#options.instances.weigh(actor, record.state.length);
    actor.state = state;
    actor.revision = revision + 1;
    this.#transitions += 1;
    this.#options.effects.perform(actor, effects);
    if (record.thrown.length > 0) this.#options.thrown(record.thrown);
    for (const child of children) child.begin();
    for (const row of inbox) this.takeInbox(row);
  }

  /** What the children of interrupted call activities have to hear. */
  async #cancelledChildren(parent: InstanceIdentity, effects: Effects, at: number) {
    const { database } = this.#options;
    const ids = await loadOpenChildren(database, parent.id, effects.childrenCancelled);
    const reason = 'the calling process was interrupted';
    const event = { type: 'cancel', at, reason, by: parent.id } as const;
    return ids.map((instanceId): InboxEvent => ({ id: newId(), instanceId, event }));
  }

  async #refuse(row: InboxRow): Promise<void> {
    const { database, node, leaseOf } = this.#options;
    const shard = shardOf(row.instanceId);
    const lease = leaseOf(shard);
    if (!lease) throw new LeaseLost(`shard ${shard} is not held by this node`);
    await refuseInbox(database, row, node, lease);
  }

  /** Throws the copy in memory away and goes on from what was last committed. */
  #loadAgain(actor: InstanceActor, cause: unknown): void {
    const { instances, background, tendLeases } = this.#options;
    const { id } = actor.identity;
    instances.forget(actor);
    if (background.stopping) return;
    const isLost = cause instanceof LeaseLost;
    background.run(isLost ? tendLeases().then(() => this.#reload(id)) : this.#reload(id));
  }

  async #reload(id: string): Promise<void> {
    const { background, owns } = this.#options;
    for (let attempt = 0; !background.stopping && owns(id); attempt += 1) {
      const delay = reloadDelaysMs[Math.min(attempt, reloadDelaysMs.length - 1)];
      await background.pause(delay ?? 0);
      if (await this.goOnWith(id)) return;
    }
  }
}

function isOutcome(event: InstanceEvent): event is JobEvent {
  return event.type === 'job-completed' || event.type === 'job-failed';
}
