/**
 * The other nodes, as one node deals with them: hears what they say is to be done here, has requests
 * handled by whoever owns their instance, and decides where new instances should live.
 */
import type { Database } from '../../postgres/index.ts';
import { type InboxRow, loadInboxRows } from '../store/inbox-store.ts';
import { shardCount, shardOf } from '../store/shard.ts';
import { type BackgroundWork, isGoneElsewhere } from './background-work.ts';
import { NotHere } from './instance-cache.ts';
import { type PeerNotices, readNotices } from './peer-notices.ts';
import { RequestAnswers } from './request-answers.ts';
import type { ShardKeeper, ShardWork } from './shard-keeper.ts';

/** So many more jobs may wait here than elsewhere before new instances are spread over all nodes. */
const unevenness = 32;

/**
 * What became of a request to an instance. True: it moved the instance. False: it came too late.
 * `stored`: its owner has not answered in time; the request is kept, and whoever owns the instance next
 * handles it.
 */
export type RequestOutcome = boolean | 'stored';

/** What dealing with peers needs. */
export interface PeersOptions {
  readonly database: Database;
  readonly node: string;
  /** How long a request waits for the node that owns its instance. */
  readonly requestPatienceMs: number;
  readonly notices: PeerNotices;
  readonly background: BackgroundWork;
  readonly shards: () => ShardKeeper;
  readonly work: () => ShardWork;
  /** Another node deployed drawings. */
  readonly deployed: () => void;
  /** Another node has offered work for workers outside. */
  readonly offered: () => void;
}

/** Deals with the other nodes. */
export class Peers {
  readonly #options: PeersOptions;
  readonly #answers: RequestAnswers;

  constructor(options: PeersOptions) {
    this.#options = options;
    this.#answers = new RequestAnswers(options.database, options.background);
  }

  /**
   * Has an inbox row handled that is committed and names this node as its asker: here, or by the node that
   * owns the instance.
   */
  async request(row: InboxRow): Promise<RequestOutcome> {
    const { notices, requestPatienceMs, shards } = this.#options;
    const { mover } = this.#options.work();
    if (shards().accepts(row.instanceId) && !mover.hasInHand(row.id)) {
      try {
        return await mover.handleInbox({ ...row, askedBy: null });
      } catch (error) {
        if (!isGoneElsewhere(error) && !(error instanceof NotHere)) throw error;
      }
    }
    notices.tell('i', shardOf(row.instanceId), row.id);
    return (await this.#answers.wait(row.id, requestPatienceMs)) ?? 'stored';
  }

  /** Does what other nodes say is to be done here. */
  hear(payload: string): void {
    const { background, node, work, shards } = this.#options;
    if (background.stopping) return;
    const notices = readNotices(payload, node);
    const { mover, matcher } = work();
    const open = new Set(shards().open);
    const here = notices.filter(({ shard }) => open.has(shard));
    const started = here.flatMap(({ kind, id }) => (kind === 's' ? [id] : []));
    if (started.length > 0) background.run(mover.beginTold(started));
    const inbox = here.flatMap(({ kind, id }) => (kind === 'i' ? [id] : []));
    if (inbox.length > 0) background.run(this.#takeInbox(inbox));
    const messages = here.flatMap(({ kind, id }) => (kind === 'm' ? [id] : []));
    if (messages.length > 0) matcher.noteToldMessages(messages);
    if (notices.some(({ kind }) => kind === 'a')) this.#answers.look();
    if (notices.some(({ kind }) => kind === 'd')) this.#options.deployed();
    if (notices.some(({ kind }) => kind === 'x')) this.#options.offered();
    if (notices.some(({ kind }) => kind === 'c')) shards().tendSoon();
  }

  /**
   * Where a new instance should live: with us, since it can begin at once then; anywhere, which is
   * undefined, when much more waits here than with some other node, so that others take their part.
   */
  shardForNew(): number | undefined {
    const { open, leastQueued } = this.#options.shards();
    if (open.length === 0 || open.length === shardCount) return undefined;
    const { queued } = this.#options.work().jobs.counts;
    if (queued > leastQueued + unevenness) return undefined;
    return open[Math.floor(Math.random() * open.length)];
  }

  /** Nobody is kept waiting by a node that stops. */
  close(): void {
    this.#answers.close();
  }

  async #takeInbox(ids: readonly string[]): Promise<void> {
    const { database, work } = this.#options;
    for (const row of await loadInboxRows(database, ids)) work().mover.takeInbox(row);
  }
}
