/**
 * The wire between the nodes that share a log: one connection of this node that listens on the channel
 * `orderloom_events`, and holds an advisory lock that says "this node lives" to the others.
 *
 * Nothing is promised about a message: it may be lost with the connection, and so every reader also
 * polls. A lost connection is opened anew; until then this node is deaf, and may be held for dead.
 */
import type { Log } from '../kernel/procedure.ts';
import type { Connection, Database } from '../postgres/index.ts';

/** The channel of every message about the log. */
export const eventChannel = 'orderloom_events';

/** First key of the advisory locks that say "this node reads the log". */
const livenessLocks = 0x6f6d;

/**
 * A query that gives the nodes of the wire, as `key`: the number that PostgreSQL's `hashtext` makes
 * of a node's id, without its sign.
 */
export const livingNodes = `
  select l.objid::bigint as key from pg_locks l
   where l.locktype = 'advisory' and l.classid = ${livenessLocks} and l.objsubid = 2 and l.granted
     and l.database = (select oid from pg_database where datname = current_database())`;

/** The key of a node's id in `livingNodes`. `id` is SQL. */
export const nodeKey = (id: string) => `(hashtext(${id}::text)::bigint & 4294967295)`;

/** What a node tells the others: that the log grew, or that a consumer group was changed. */
export type WireMessage = 'log' | 'groups';

/** This node's end of the wire. */
export interface LogWire {
  /** Connects and listens; connects again whenever the connection was lost. */
  start(): Promise<void>;
  /** True when other nodes listened when it was last looked. */
  readonly othersListen: boolean;
  /** Counts the other nodes anew, and mends a lost connection. */
  check(): Promise<void>;
  /** Tells the other nodes. Faults are swallowed: they poll. */
  tell(message: WireMessage): void;
  stop(): Promise<void>;
}

/** Makes the wire of a node. `onMessage` hears what other nodes tell. */
export function createLogWire(options: {
  readonly database: Database;
  readonly node: string;
  readonly log: Log;
  readonly onMessage: (message: WireMessage) => void;
}): LogWire {
  const { database, node, log, onMessage } = options;
  let connection: Connection | undefined;
  let opening: Promise<void> | undefined;
  let othersListen = false;
  let stopped = false;

  async function open(): Promise<void> {
    const opened = await database.connect();
    try {
      opened.onLost((error) => {
        if (connection !== opened) return;
        connection = undefined;
        log.warn({ error: error.message }, 'lost the wire to the other nodes; it is opened anew');
        opened.release({ close: true });
      });
      await opened.query(`select pg_advisory_lock(${livenessLocks}, hashtext($1::text))`, [node]);
      await opened.listen(eventChannel, (payload) => {
        const [message, sender] = payload.split(' ');
        if (sender !== node) onMessage(message === 'groups' ? 'groups' : 'log');
      });
      connection = opened;
    } catch (error) {
      opened.release({ close: true });
      throw error;
    }
  }

  async function ensureOpen(): Promise<void> {
    if (connection || stopped) return;
    opening ??= open().finally(() => {
      opening = undefined;
    });
    await opening;
  }

  async function check(): Promise<void> {
    await ensureOpen();
    const { rows } = await database.query<{ others: boolean }>(
      `select exists (select 1 from (${livingNodes}) as n where n.key <> ${nodeKey('$1')}) as others`,
      [node],
    );
    othersListen = rows[0]!.others;
  }

  return {
    get othersListen() {
      return othersListen;
    },
    start: check,
    check,
    tell(message) {
      if (stopped) return;
      database
        .query('select pg_notify($1, $2)', [eventChannel, `${message} ${node}`])
        .catch((error: unknown) => log.debug({ error }, 'other nodes were not woken; they poll'));
    },
    async stop() {
      stopped = true;
      await opening?.catch(() => undefined);
      const last = connection;
      connection = undefined;
      last?.release({ close: true });
    },
  };
}
