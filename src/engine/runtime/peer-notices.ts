/**
 * What nodes tell each other, by NOTIFY: that something was committed which another node has to do. A
 * notice only saves time; whoever misses one finds the rows when it looks again.
 *
 * PostgreSQL takes one lock for all databases when a transaction that notified commits. So notices are
 * never sent in the transaction that they tell of, but after it, gathered: at most one statement in ten
 * milliseconds, and none at all while no other node lives.
 */
import type { Database } from '../../postgres/index.ts';
import { engineChannel } from '../store/node-session.ts';

/** What a notice is about, by the letter that it is written with. */
export type NoticeKind =
  /** `s`: an instance was started that this node does not own; the id is the instance's. */
  | 's'
  /** `i`: an inbox row was written. */
  | 'i'
  /** `m`: a message was kept that meets a wait. */
  | 'm'
  /** `a`: an inbox row was answered. The shard says nothing. */
  | 'a'
  /** `d`: drawings were deployed. Neither id nor shard say anything. */
  | 'd'
  /** `x`: work for workers outside was offered. Neither id nor shard say anything. */
  | 'x'
  /** `c`: shards were given back, or a node came or went. Neither id nor shard say anything. */
  | 'c';

/** One thing that another node should look at. */
export interface Notice {
  readonly kind: NoticeKind;
  readonly shard: number;
  readonly id: string;
}

const gatherMs = 10;
/** PostgreSQL takes less than 8,000 bytes; a notice is written with 40. */
const noticesPerPayload = 190;
/** More than this at once is left to the next look of the others. */
const mostGathered = 10_000;
const written = /^([simacdx])([0-9a-f]{2})([0-9a-f-]{36})$/;
const nobody = '00000000-0000-0000-0000-000000000000';

/** What notices are sent with. */
export interface PeerNoticesOptions {
  readonly database: Database;
  readonly node: string;
  /** Other nodes that live. */
  readonly peers: () => number;
}

/** Sends notices, gathered. Never rejects. */
export class PeerNotices {
  readonly #options: PeerNoticesOptions;
  #gathered = new Set<string>();
  #timer: NodeJS.Timeout | undefined;
  #sending: Promise<void> = Promise.resolve();
  #sentAt = Number.NEGATIVE_INFINITY;

  constructor(options: PeerNoticesOptions) {
    this.#options = options;
  }

  /** Tells the others of something that is committed. */
  tell(kind: NoticeKind, shard = 0, id = nobody): void {
    if (this.#options.peers() === 0 || this.#gathered.size >= mostGathered) return;
    this.#gathered.add(`${kind}${shard.toString(16).padStart(2, '0')}${id}`);
    const wait = Math.max(0, this.#sentAt + gatherMs - performance.now());
    this.#timer ??= setTimeout(() => this.#send(), wait);
  }

  /** Sends what is gathered, and resolves when it is out. */
  async flush(): Promise<void> {
    this.#send();
    await this.#sending;
  }

  #send(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#gathered.size === 0) return;
    const { database, node } = this.#options;
    const all = [...this.#gathered];
    this.#gathered = new Set();
    this.#sentAt = performance.now();
    const payloads: string[] = [];
    for (let from = 0; from < all.length; from += noticesPerPayload) {
      payloads.push([node, ...all.slice(from, from + noticesPerPayload)].join(' '));
    }
    const statement = 'select pg_notify($1, payload) from unnest($2::text[]) as p (payload)';
    this.#sending = database.query(statement, [engineChannel, payloads]).then(
      () => undefined,
      () => undefined,
    );
  }
}

/** The notices of a payload; none when it is this node's own. What is not a notice is passed over. */
export function readNotices(payload: string, node: string): readonly Notice[] {
  const [sender, ...notices] = payload.split(' ');
  if (sender === node) return [];
  return notices.flatMap((text) => {
    const [, kind, shard = '', id = ''] = written.exec(text) ?? [];
    return kind === undefined
      ? []
      : [{ kind: kind as NoticeKind, shard: Number.parseInt(shard, 16), id }];
  });
}
