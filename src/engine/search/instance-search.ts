/**
 * The SQL that finds the instances of a filter. Only the conditions that were given become SQL, so that PostgreSQL
 * plans for them; each kind of filter has an index that leads to its instances, or walks one in the order of
 * the list.
 */
import type { Transaction } from '../../kernel/transaction.ts';
import { isActivity, type ProcessModel } from '../model/process-model.ts';
import { tokensAt } from '../store/count-store.ts';
import { tagName } from '../store/search-values.ts';
import type { InstanceFilter } from './instance-filter.ts';

/** The versions that the program has. */
export interface KnownModels {
  models(): readonly ProcessModel[];
}

/** SQL that finds instances, as `i`. */
export interface InstanceSearch {
  /** Reads ids of a page in the order of ids. `after` bounds it; `columns` may name `i`. */
  page(options: {
    readonly columns: string;
    readonly after: string | undefined;
    readonly order: 'oldest first' | 'newest first';
    readonly limit: number;
  }): { readonly text: string; readonly values: readonly unknown[] };
  /** Counts up to a limit. */
  count(limit: number): { readonly text: string; readonly values: readonly unknown[] };
}

class Conditions {
  readonly parts: string[] = [];
  readonly values: unknown[] = [];

  /** Adds a condition; each `?` in it stands for the next value. */
  add(text: string, ...values: readonly unknown[]): void {
    let at = 0;
    const placed = text.replace(/\?/g, () => {
      this.values.push(values[at]);
      at += 1;
      return `$${this.values.length}`;
    });
    this.parts.push(placed);
  }

  get where(): string {
    return this.parts.length === 0 ? 'true' : this.parts.join(' and ');
  }
}

/** Tokens at an element from which on instances are walked in order rather than looked up. */
const manyTokens = 5_000;

/** Makes the search of a filter. Asks the projection of counts how common an element is. */
export async function searchInstances(
  tx: Transaction,
  engine: KnownModels,
  filter: InstanceFilter,
): Promise<InstanceSearch> {
  const where = new Conditions();
  addPlain(where, filter);
  addFound(where, filter);
  const isRare = await addElement(tx, engine, where, filter);
  const lists = isRare || isSelective(filter) ? [] : await listsOf(tx, filter);
  return lists.length === 0 || lists.length > 2 * mostLists
    ? plainSearch(where)
    : mergedSearch(where, lists);
}

function addPlain(where: Conditions, filter: InstanceFilter): void {
  const { process, version, status, businessKey, traceId, parent } = filter;
  if (process !== undefined) where.add('i.process = ?', process);
  if (version !== undefined) where.add('i.version = ?', version);
  // The text itself, so that the planner sees which partial index it may use.
  if (status !== undefined) where.add(`i.status = '${status}'`);
  if (businessKey !== undefined) where.add('i.business_key = ?', businessKey);
  if (traceId !== undefined) where.add('i.trace_id = ?', traceId);
  if (parent !== undefined) where.add('i.parent_id = ?', parent);
  if (filter.instanceIds) where.add('i.id = any(?::uuid[])', filter.instanceIds);
  if (filter.open) where.add('i.ended_at is null');
  const moments = [
    ['i.started_at >= ?', filter.startedAfter],
    ['i.started_at < ?', filter.startedBefore],
    ['i.ended_at >= ?', filter.endedAfter],
    ['i.ended_at < ?', filter.endedBefore],
    ['i.ended_at is null and i.moved_at < ?', filter.waitingSince],
  ] as const;
  for (const [text, value] of moments) if (value !== undefined) where.add(text, value);
}

/** Conditions that side tables answer. */
function addFound(where: Conditions, filter: InstanceFilter): void {
  const { tag, variable, incident, cause, retrying } = filter;
  const found =
    'i.id in (select s.instance_id from engine.search_value s where s.name = ? and s.value = ?)';
  if (tag !== undefined) where.add(found, tagName, tag);
  if (variable !== undefined) {
    const at = variable.indexOf('=');
    where.add(found, variable.slice(0, at), variable.slice(at + 1));
  }
  const open = 'select n.instance_id from engine.incident n where n.closed_at is null';
  if (incident === true) where.add(`i.id in (${open})`);
  if (incident === false) where.add(`not exists (${open} and n.instance_id = i.id)`);
  if (cause !== undefined) where.add(`i.id in (${open} and n.cause = ?)`, cause);
  const retries = 'select r.instance_id from engine.retry r';
  if (retrying === true) where.add(`i.id in (${retries})`);
  if (retrying === false) where.add(`not exists (${retries} where r.instance_id = i.id)`);
}

function isSelective(filter: InstanceFilter): boolean {
  const { businessKey, traceId, parent, tag, variable, incident, cause, retrying, status } = filter;
  const few = ['running', 'suspended', 'failed', 'cancelled'];
  return (
    [businessKey, traceId, parent, tag, variable, cause].some((value) => value !== undefined) ||
    incident === true ||
    retrying === true ||
    filter.instanceIds !== undefined ||
    filter.endedAfter !== undefined ||
    filter.endedBefore !== undefined ||
    (status !== undefined && few.includes(status))
  );
}

/** Adds where the instance stands. True: few do, and they are looked up. */
async function addElement(
  tx: Transaction,
  engine: KnownModels,
  where: Conditions,
  { process, element }: InstanceFilter,
): Promise<boolean> {
  if (element === undefined || process === undefined) return false;
  const text = `"node":${JSON.stringify(element)}`;
  where.add('i.ended_at is null and strpos(i.state, ?) > 0', text);
  // What only looks like it, in a variable, is told apart where the text is found.
  where.add(
    `exists (select 1 from json_each(i.state::json->'elements') as e where e.value->>'node' = ?)`,
    element,
  );
  if ((await tokensAt(tx, process, element)) >= manyTokens) return false;
  const { nodes, called } = placesOf(engine, process, element);
  where.add(
    `i.id in (
       select instance_id from engine.message_wait where process = ? and node = any(?::text[])
       union all select instance_id from engine.timer where node = any(?::text[])
       union all select instance_id from engine.task
        where status = 'open' and process = ? and node = any(?::text[])
       union all select instance_id from engine.incident
        where closed_at is null and process = ? and node = any(?::text[])
       union all select id from engine.instance where status = 'running' and process = ?
       union all select id from engine.instance where status = 'suspended' and process = ?
       union all select parent_id from engine.instance
        where parent_id is not null and ended_at is null and process = any(?::text[]))`,
    ...[process, nodes, nodes, process, nodes, process, nodes, process, process, called],
  );
  return true;
}

/** The nodes whose waits show that a token stands at an element, and the processes it may call. */
function placesOf(engine: KnownModels, process: string, element: string) {
  const nodes = new Set([element]);
  const called = new Set<string>();
  for (const model of engine.models().filter(({ key }) => key === process)) {
    for (const node of Object.values(model.nodes)) {
      const isInside = liesIn(model, node.id, element);
      const attached = node.type === 'boundaryEvent' && liesIn(model, node.attachedTo, element);
      if (!isInside && !attached) continue;
      nodes.add(node.id);
      if (isActivity(node) && node.type === 'callActivity') called.add(node.calledProcess);
    }
  }
  return { nodes: [...nodes], called: [...called] };
}

function liesIn(model: ProcessModel, id: string, element: string): boolean {
  for (let at: string | null = id; at !== null; at = model.nodes[at]?.parent ?? null) {
    if (at === element) return true;
  }
  return false;
}

/** Few instances are found by some index, then put in order. */
function plainSearch(where: Conditions): InstanceSearch {
  return {
    page({ columns, after, order, limit }) {
      const { text, values } = bounded(where, after, order, limit);
      return { text: `select ${columns} from engine.instance i ${text}`, values };
    },
    count(limit) {
      const values = [...where.values, limit];
      const some = `select 1 from engine.instance i where ${where.where} limit $${values.length}`;
      return { text: `select count(*)::int as n from (${some}) as c`, values };
    },
  };
}

/** Lists that are merged; a program with more versions than that reads by id alone. */
const mostLists = 60;

/** The conditions of each list: the open, or the ended instances of a version. */
async function listsOf(
  tx: Transaction,
  { process, version, status, element, waitingSince, open }: InstanceFilter,
): Promise<readonly string[]> {
  const isOpen =
    open === true || status === 'waiting' || element !== undefined || waitingSince !== undefined;
  if (process === undefined && version === undefined && !isOpen && status === undefined) return [];
  const { rows } = await tx.query<{ process: string; version: number }>(
    `select quote_literal(process) as process, version from engine.definition
      where ($1::text is null or process = $1) and ($2::integer is null or version = $2)
      limit ${mostLists + 1}`,
    [process ?? null, version ?? null],
  );
  const ends = isOpen ? ['null'] : status === 'completed' ? ['not null'] : ['null', 'not null'];
  // Values and not parameters, so that the planner knows how many each list has.
  return rows.flatMap((one) =>
    ends.map((is) => {
      const list = `i.process = ${one.process} and i.version = ${one.version}`;
      return `${list} and i.ended_at is ${is}`;
    }),
  );
}

/**
 * Many instances fit. Each version's open and ended ones lie in the index in the order of their ids: the
 * first of each are read and merged, however many there are behind them.
 */
function mergedSearch(where: Conditions, lists: readonly string[]): InstanceSearch {
  return {
    page({ columns, after, order, limit }) {
      const parts = lists.map((list) => {
        const own = { parts: [list, ...where.parts], values: where.values };
        return bounded(own, after, order, limit);
      });
      const ids = parts.map(({ text }) => `(select i.id from engine.instance i ${text})`);
      const values = parts[0]?.values ?? [];
      const direction = order === 'oldest first' ? 'asc' : 'desc';
      const some = `select id from (${ids.join(' union all ')}) as l
                     order by id ${direction} limit $${values.length}`;
      return {
        text: `select ${columns} from (${some}) as l join engine.instance i using (id)
                order by id ${direction}`,
        values,
      };
    },
    count(limit) {
      const values = [...where.values, limit];
      const at = `$${values.length}`;
      const some = lists.map(
        (list) => `(select 1 from engine.instance i
                     where ${[list, ...where.parts].join(' and ')} limit ${at})`,
      );
      const all = `select 1 from (${some.join(' union all ')}) as l limit ${at}`;
      return { text: `select count(*)::int as n from (${all}) as c`, values };
    },
  };
}

function bounded(
  where: { readonly parts: readonly string[]; readonly values: readonly unknown[] },
  after: string | undefined,
  order: 'oldest first' | 'newest first',
  limit: number,
): { text: string; values: unknown[] } {
  const values = [...where.values];
  const parts = [...where.parts];
  const [isAfter, direction] = order === 'oldest first' ? ['>', 'asc'] : ['<', 'desc'];
  if (after !== undefined) {
    values.push(after);
    parts.push(`i.id ${isAfter} $${values.length}`);
  }
  values.push(limit);
  const condition = parts.length === 0 ? 'true' : parts.join(' and ');
  return {
    text: `where ${condition} order by i.id ${direction} limit $${values.length}`,
    values,
  };
}
