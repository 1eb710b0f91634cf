/**
 * The database server of a simulated world: sessions, locks, notices, transactions. What its tables hold is the
 * model of `model-tables.ts`; here is when others see it, and what is lost with a session.
 */
import type { QueryResult, Transaction } from '../../../kernel/transaction.ts';
import type { Connection, Database } from '../../../postgres/index.ts';
import type { Machine } from './machine.ts';
import { type StatementContext, understand } from './model-statements.ts';
import { lockedBy, type ModelTables, type Omission } from './model-tables.ts';
import { lost, type PendingSteps } from './pending-steps.ts';

/** What the server needs of the world around it. */
export interface ServerSurroundings extends Pick<StatementContext, 'written' | 'insertEffect'> {
  readonly tables: ModelTables;
  readonly omission: Omission | undefined;
  /** The id under which a node is known to the tables, by its name. */
  readonly idOf: (node: string) => string;
}

interface Session {
  readonly name: string;
  node: string;
  readonly hear: (payload: string) => void;
  readonly lose: () => void;
}

/** A transaction that holds locks; while it is in doubt it outlives its node. */
interface Holder {
  readonly owner: string;
  isInDoubt: boolean;
}

interface Unsent {
  readonly text: string;
  readonly values: readonly unknown[];
  readonly explain?: ((error: unknown) => unknown) | undefined;
  readonly answered?: ((rows: readonly never[]) => void) | undefined;
}

/** The server. */
export class SimulatedServer {
  readonly #machine: Machine;
  readonly #steps: PendingSteps;
  readonly #around: ServerSurroundings;
  readonly #sessions = new Map<string, Session>();
  readonly #locks = new Map<string, Holder>();

  constructor(machine: Machine, steps: PendingSteps, around: ServerSurroundings) {
    this.#machine = machine;
    this.#steps = steps;
    this.#around = around;
  }

  /** True while a node, known by its id, has the session that it listens with. */
  lives(node: string): boolean {
    return [...this.#sessions.values()].some((session) => session.node === node);
  }

  /** True while a node, by its name, has the session that it listens with. */
  hasSession(name: string): boolean {
    return this.#sessions.has(name);
  }

  /** A node is dead: its session and its locks are gone, but for those of a commit that is in doubt. */
  forget(name: string): void {
    this.#sessions.delete(name);
    for (const [key, holder] of this.#locks) {
      if (holder.owner === name && !holder.isInDoubt) this.#locks.delete(key);
    }
  }

  /** Ends the session that a node listens with; false when it has none. */
  endSession(name: string): boolean {
    const session = this.#sessions.get(name);
    if (!session) return false;
    this.#sessions.delete(name);
    const label = `${name} hears that its listening session is gone`;
    this.#steps.push(name, label, () => this.#machine.settle(name, () => session.lose()));
    return true;
  }

  /** The database as one node sees it. */
  databaseOf(name: string): Database {
    const context = this.#contextOf(name);
    const run = (text: string, values: readonly unknown[] = []) => {
      const statement = understand(text);
      const rows = statement.run({ ...context, node: this.#around.idOf(name) }, values);
      return { rows, rowCount: rows.length } as QueryResult<never>;
    };
    const query = (text: string, values: readonly unknown[] = []) => {
      const statement = understand(text);
      const groups = this.#groupsOf([{ text, values }], context, () => none);
      return this.#steps.ask(statement.name, () => run(text, values), groups ? { groups } : {});
    };
    return {
      pool: { waitingCount: 0, options: { max: 8 } } as unknown as Database['pool'],
      query: query as Database['query'],
      transaction: (work, options) =>
        this.#transaction(name, { run, context }, work, options?.name),
      connect: async () => this.#connect(name, query as Connection['query']),
      close: async () => undefined,
    };
  }

  /**
   * A transaction: its writes happen at COMMIT, all of them or none, which is when others can see them.
   * Locks are held from the statement that takes them.
   */
  async #transaction<T>(
    owner: string,
    server: {
      readonly run: (text: string, values?: readonly unknown[]) => QueryResult<never>;
      readonly context: StatementContext;
    },
    work: (tx: Transaction) => Promise<T>,
    name = 'transaction',
  ): Promise<T> {
    // A connection is never there at once.
    await null;
    const { run, context } = server;
    const me: Holder = { owner, isInDoubt: false };
    const later: (() => void)[] = [];
    const unsent: Unsent[] = [];
    const last = new Map<string, Unsent>();
    const leave = () => {
      for (const [key, holder] of this.#locks) if (holder === me) this.#locks.delete(key);
    };
    const tx: Transaction = {
      query: async (text, values = []) => {
        const { name: what, locks } = understand(text);
        if (!locks && !/^\s*select/.test(text)) {
          unsent.push({ text, values });
          return { rows: [], rowCount: 1 };
        }
        const key = locks?.(values);
        const isFree = () => {
          const holder = key === undefined ? undefined : this.#locks.get(key);
          const ignores = this.#around.omission === 'start keys';
          return holder === undefined || holder === me || ignores;
        };
        return await this.#steps.ask(
          what,
          () => {
            if (key !== undefined) this.#locks.set(key, me);
            return run(text, values);
          },
          { isReady: isFree },
        );
      },
      send: (text, values, options) => void unsent.push({ text, values, ...options }),
      sendLast: (text, values, options) => {
        if (!last.has(text)) last.set(text, { text, values, ...options });
      },
      afterCommit: (one) => void later.push(one),
    };
    let result: T;
    try {
      result = await work(tx);
      for (const { text, values, answered } of unsent) {
        const { name: what, look } = understand(text);
        if (!answered || !look) continue;
        answered((await this.#steps.ask(what, () => look(context, values))) as readonly never[]);
      }
      const statements = inOrder([...unsent, ...last.values()]);
      const groups = this.#groupsOf(statements, context, () => undefined);
      const commit = () => {
        for (const { text, values, explain } of statements) {
          explained(explain, () => run(text, values));
        }
      };
      const held = {
        begin: () => {
          me.isInDoubt = true;
        },
        end: leave,
      };
      await this.#steps.ask(
        `commit of ${name}`,
        commit,
        groups ? { groups: { ...groups, held } } : {},
      );
    } finally {
      leave();
    }
    for (const one of later) one();
    return result;
  }

  /** The groups among statements that commit together, so that their checks can come before their writes. */
  #groupsOf<T>(statements: readonly Unsent[], context: StatementContext, result: () => T) {
    const group = statements.find(({ text }) => understand(text).check);
    if (!group) return undefined;
    const check = () => {
      const own = { ...context, node: this.#around.idOf(context.node) };
      const writes = statements.map(({ text, values, explain }) => {
        const { check: first, run } = understand(text);
        return first ? explained(explain, () => first(own, values)) : () => void run(own, values);
      });
      return () => {
        for (const write of writes) write();
        return result();
      };
    };
    return { locks: () => lockedBy(group.values), check };
  }

  #connect(name: string, query: Connection['query']): Connection {
    let hear: (payload: string) => void = () => undefined;
    const callbacks: (() => void)[] = [];
    let isOpen = true;
    const session: Session = {
      name,
      node: '',
      hear: (payload) => isOpen && hear(payload),
      lose: () => {
        isOpen = false;
        for (const callback of callbacks) callback();
      },
    };
    const own: Connection = {
      query: (async (text: string, values: readonly unknown[] = []) => {
        if (!isOpen) throw lost();
        if (!text.includes('pg_try_advisory_lock')) return await query(text, values);
        return await this.#steps.ask('take session lock', () => {
          // The lock is the session's: with the session it is gone.
          session.node = values[0] as string;
          return { rows: [{ taken: true }], rowCount: 1 };
        });
      }) as Connection['query'],
      begin: async () => undefined,
      commit: async () => undefined,
      rollback: async () => undefined,
      listen: (_channel, onMessage) =>
        this.#steps.ask('listen', () => {
          hear = onMessage;
          this.#sessions.set(name, session);
        }),
      onLost: (callback) => void callbacks.push(() => callback(lost())),
      release: () => {
        isOpen = false;
        if (this.#sessions.get(name) === session) this.#sessions.delete(name);
      },
    };
    return own;
  }

  #contextOf(node: string): StatementContext {
    return {
      tables: this.#around.tables,
      node,
      endSessions: (names) => this.#endAll(names),
      notify: (payload) => this.#notify(payload),
      written: this.#around.written,
      insertEffect: this.#around.insertEffect,
    };
  }

  /** What the server does to sessions of a node that was replaced: they end, and what they had under way. */
  #endAll(names: readonly string[]): number {
    let ended = 0;
    for (const name of names) {
      if (this.endSession(name)) ended += 1;
      ended += this.#steps.end(name);
    }
    return ended;
  }

  #notify(payload: string): void {
    for (const session of this.#sessions.values()) {
      const { name } = session;
      const hear = () => this.#machine.settle(name, () => session.hear(payload));
      const label = this.#steps.named(`${name} is notified`);
      this.#steps.add({
        ...{ owner: name, label, isReady: () => true, run: hear },
        variants: () => [
          { label: `${label} of nothing`, isFault: true, take: () => undefined },
          {
            label: `${label} twice`,
            isFault: true,
            take: () => {
              hear();
              hear();
            },
          },
        ],
      });
    }
  }
}

const none = { rows: [], rowCount: 0 } as QueryResult<never>;

function explained<T>(explain: Unsent['explain'], run: () => T): T {
  try {
    return run();
  } catch (error) {
    throw explain ? explain(error) : error;
  }
}

/** What is checked comes first, so that nothing is written when a check refuses. */
function inOrder<T extends { readonly text: string }>(unsent: readonly T[]): readonly T[] {
  const isChecked = ({ text }: T) => text.includes('commit_group') || text.includes('begun as');
  return [...unsent.filter(isChecked), ...unsent.filter((one) => !isChecked(one))];
}
