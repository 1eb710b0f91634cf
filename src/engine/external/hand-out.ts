/**
 * Handing tasks to workers outside: which are free and suit a worker, who has each from then on, and what the
 * worker is told of it. A worker that finds nothing may wait in line (`runtime/external-offers.ts`).
 */
import type { Clock } from '../../kernel/clock.ts';
import type { Database } from '../../postgres/index.ts';
import type { Variables } from '../model/expression.ts';
import type { EngineNode } from '../runtime/engine-node.ts';
import type { ProcessRegistry } from '../runtime/process-registry.ts';
import { variablesOf } from '../runtime/variables.ts';
import { loadInstances } from '../store/instance-store.ts';
import {
  type ExternalTaskRow,
  findFree,
  type HandOutOrder,
  handOut,
  type TopicQuery,
} from './external-task-store.ts';

/** What a worker wants of one topic. */
export interface FetchTopic extends Omit<TopicQuery, 'ids'> {
  /** Names of variables that it is given. @defaultValue all that the task sees */
  readonly variables?: readonly string[] | undefined;
  /** Only the task's own variables. @defaultValue false */
  readonly ownOnly?: boolean | undefined;
  /** Variables of the process and the values that they must have. */
  readonly having?: Variables | undefined;
}

/** What a worker asks for. */
export interface FetchOptions {
  readonly worker: string;
  readonly most: number;
  readonly topics: readonly FetchTopic[];
  readonly order: HandOutOrder;
}

/** A task that was handed out. */
export interface HandedOut {
  readonly row: ExternalTaskRow;
  readonly variables: Variables;
  /** What the model says beside, for workers that ask for it. */
  readonly properties: Readonly<Record<string, string>>;
}

/** What dealing with external tasks needs of a node. */
export interface ExternalTasksParts {
  readonly database: Database;
  readonly clock: Clock;
  readonly registry: ProcessRegistry;
  readonly node: EngineNode;
}

/** Free tasks of a topic of which the variables are read when a worker names values. */
const mostRead = 500;

/** Hands tasks out, on behalf of one node. */
export class HandOut {
  readonly #options: ExternalTasksParts;

  constructor(options: ExternalTasksParts) {
    this.#options = options;
  }

  /** Hands out what is free; see `ExternalTasks.fetch`. Who waits is woken by an offer, and looks again. */
  async fetch(
    options: FetchOptions,
    { waitMs = 0, signal }: { readonly waitMs?: number; readonly signal?: AbortSignal },
  ): Promise<readonly HandedOut[]> {
    const { offers } = this.#options.node;
    const until = performance.now() + waitMs;
    const topics = [...new Set(options.topics.map(({ topic }) => topic))];
    const isPicky = options.topics.some(isNarrow);
    for (;;) {
      signal?.throwIfAborted();
      const leftMs = until - performance.now();
      if (leftMs <= 0 || !offers.mayWait) return await this.#fetchNow(options);
      const waiting = offers.enlist(topics);
      let passOn = isPicky;
      try {
        const found = await this.#fetchNow(options);
        passOn ||= found.length > 0;
        if (found.length > 0) return found;
        await timeOr(leftMs, waiting.woken, signal);
      } finally {
        waiting.leave(passOn);
      }
    }
  }

  async #fetchNow({ worker, most, topics, order }: FetchOptions): Promise<readonly HandedOut[]> {
    const { database, clock, node } = this.#options;
    if (node.pause.paused) return [];
    const at = clock.now();
    const narrowed = topics.some(({ having }) => having)
      ? await this.#narrowed(topics, order, at)
      : topics;
    const rows = await handOut(database, {
      ...{ worker, order, at, limit: most },
      topics: narrowed.map(queryOf),
    });
    return await this.#described(rows, topics);
  }

  /** Topics with the tasks whose variables have the wanted values. */
  async #narrowed(topics: readonly FetchTopic[], order: HandOutOrder, at: Date) {
    const { database } = this.#options;
    const free = await findFree(database, {
      topics: topics.map(queryOf),
      ...{ order, at, limit: mostRead },
    });
    const instances = await loadInstances(database, [
      ...new Set(free.map(({ instanceId }) => instanceId)),
    ]);
    const known = new Map(
      instances.map(({ identity, state }) => [identity.id, state.elements[1]?.vars ?? {}]),
    );
    return topics.map((topic, index) => {
      const { having } = topic;
      if (!having) return topic;
      const ids = free.flatMap(({ i, id, instanceId }) =>
        i === index && hasAll(known.get(instanceId), having) ? [id] : [],
      );
      return { ...topic, ids };
    });
  }

  async #described(
    rows: readonly (ExternalTaskRow & { readonly i: number })[],
    topics: readonly FetchTopic[],
  ): Promise<readonly HandedOut[]> {
    const { database, registry } = this.#options;
    if (rows.length === 0) return [];
    const ids = [...new Set(rows.map(({ instance_id }) => instance_id))];
    const instances = await loadInstances(database, ids);
    const states = new Map(instances.map(({ identity, state }) => [identity.id, state]));
    return rows.map((row) => {
      const { variables: names, ownOnly = false } = topics[row.i] ?? {};
      const elements = states.get(row.instance_id)?.elements ?? {};
      const own = elements[row.n]?.vars ?? {};
      const seen = ownOnly || !elements[row.n] ? own : variablesOf(elements, row.n);
      const node = registry.find(row.process, row.version)?.nodes[row.node];
      const properties = node?.type === 'externalTask' ? (node.properties ?? {}) : {};
      return { row, variables: names ? picked(seen, names) : seen, properties };
    });
  }
}

function queryOf(topic: FetchTopic & { readonly ids?: readonly string[] }): TopicQuery {
  const { topic: name, lockMs, businessKey, processes, definitions, ids } = topic;
  return { topic: name, lockMs, businessKey, processes, definitions, ids };
}

/** True for a topic of which some tasks do not suit the worker. */
function isNarrow({ businessKey, processes, definitions, having }: FetchTopic): boolean {
  return [businessKey, processes, definitions, having].some((filter) => filter !== undefined);
}

function hasAll(variables: Variables | undefined, wanted: Variables): boolean {
  return Object.entries(wanted).every(
    ([name, value]) => JSON.stringify(variables?.[name]) === JSON.stringify(value),
  );
}

function picked(variables: Variables, names: readonly string[]): Variables {
  return Object.fromEntries(
    names.flatMap((name) => (Object.hasOwn(variables, name) ? [[name, variables[name]]] : [])),
  );
}

/** Resolves when the time is up or `woken` is; rejects when the signal says so. */
async function timeOr(
  ms: number,
  woken: Promise<void>,
  signal: AbortSignal | undefined,
): Promise<void> {
  signal?.throwIfAborted();
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, ms);
  const onAbort = () => reject(signal?.reason);
  signal?.addEventListener('abort', onAbort, { once: true });
  try {
    await Promise.race([promise, woken]);
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', onAbort);
  }
}
