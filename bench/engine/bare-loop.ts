/**
 * The least that a durable step must do, with no engine around it: a group of instances in one
 * statement, which updates one row per instance where the revision is the expected one and inserts
 * one history row each. Same tables, same bytes, same numbers in flight as the engine's run.
 *
 * An instance is inserted by the group that its first step is due in, as the engine does.
 */
import { advance } from '../../src/engine/runtime/advance.ts';
import { newId } from '../../src/kernel/ids.ts';
import { type Database, openDatabase } from '../../src/postgres/index.ts';
import { closedLoop, type Rounds } from '../closed-loop.ts';
import { type Figures, figureOf } from './figures.ts';
import { StepLog } from './step-log.ts';
import { startInput, stepOutput, tenSteps } from './ten-steps.ts';

/** Statements under way at the same time; one, two and three were tried, and this one was fastest. */
const lanes = 2;
/** A group is answered in portions of at least so many, as the engine's: it is faster by up to a third. */
const leastPortion = 50;

const schema = `
  create table instance (
    id uuid primary key, status text not null, revision bigint not null, state text not null
  ) with (fillfactor = 60);
  create table history (
    instance_id uuid not null, from_seq integer not null, at timestamptz not null, entries text not null
  );
  create index history_by_instance on history (instance_id, from_seq);
  do $$ begin
    -- The best plan there is, as the engine has it; connections opened from here on keep it.
    execute format('alter database %I set enable_seqscan = off', current_database());
    execute format('alter database %I set enable_hashjoin = off', current_database());
    execute format('alter database %I set enable_mergejoin = off', current_database());
  end $$;`;

const insertGroup = `
  with steps as (
    select * from unnest($1::uuid[], $2::text[], $3::text[], $4::integer[], $5::text[])
      as t (id, status, state, from_seq, entries)
  ), made as (
    insert into instance (id, status, revision, state) select id, status, 1, state from steps
  )
  insert into history (instance_id, from_seq, at, entries)
  select id, from_seq, now(), entries from steps`;

const updateGroup = `
  with steps as (
    select * from unnest($1::uuid[], $2::bigint[], $3::text[], $4::text[], $5::integer[], $6::text[])
      as t (id, revision, status, state, from_seq, entries)
  ), moved as (
    update instance i set revision = i.revision + 1, status = t.status, state = t.state
      from steps t where i.id = t.id and i.revision = t.revision
    returning t.id, t.from_seq, t.entries
  )
  insert into history (instance_id, from_seq, at, entries)
  select id, from_seq, now(), entries from moved`;

/** What one transition of the ten-step process writes. */
interface Written {
  readonly status: string;
  readonly state: string;
  readonly fromSeq: number;
  readonly entries: string;
}

/** The transitions of one instance, start to end, as the engine computes them. */
function transitions(): readonly Written[] {
  const model = tenSteps(() => undefined);
  const at = Date.now();
  const written: Written[] = [];
  let advanced = advance(model, null, { type: 'start', at, payload: startInput });
  for (let step = 1; ; step += 1) {
    const { state, effects } = advanced;
    written.push({
      status: state.status,
      state: JSON.stringify(state),
      fromSeq: effects.history[0]?.seq ?? 0,
      entries: JSON.stringify(effects.history),
    });
    const [job] = effects.jobs;
    if (!job) return written;
    const { n, attempt } = job;
    const output = stepOutput(step);
    advanced = advance(model, state, { type: 'job-completed', at, n, attempt, output });
  }
}

interface Pending {
  readonly id: string;
  /** 0: the instance is new. */
  readonly revision: number;
  readonly written: Written;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

class GroupWriter {
  readonly #database: Database;
  #waiting: Pending[] = [];
  #underWay = 0;
  #scheduled = false;

  constructor(database: Database) {
    this.#database = database;
  }

  write(id: string, revision: number, written: Written): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ id, revision, written, resolve, reject });
      this.#schedule();
    });
  }

  #schedule(): void {
    if (this.#scheduled || this.#underWay >= lanes || this.#waiting.length === 0) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      const isNew = this.#waiting[0]?.revision === 0;
      const group = this.#waiting.filter(({ revision }) => (revision === 0) === isNew);
      this.#waiting = this.#waiting.filter(({ revision }) => (revision === 0) !== isNew);
      this.#underWay += 1;
      void this.#flush(group, isNew).finally(() => {
        this.#underWay -= 1;
        this.#schedule();
      });
      this.#schedule();
    });
  }

  async #flush(group: readonly Pending[], isNew: boolean): Promise<void> {
    try {
      const { rowCount } = await this.#database.query(isNew ? insertGroup : updateGroup, [
        group.map(({ id }) => id),
        ...(isNew ? [] : [group.map(({ revision }) => revision)]),
        group.map(({ written }) => written.status),
        group.map(({ written }) => written.state),
        group.map(({ written }) => written.fromSeq),
        group.map(({ written }) => written.entries),
      ]);
      if (rowCount !== group.length) {
        throw new Error(`expected ${group.length} rows written, found ${rowCount}`);
      }
      this.#answer(group, Math.max(leastPortion, Math.ceil(group.length / lanes)));
    } catch (error) {
      for (const { reject } of group) reject(error);
    }
  }

  #answer(group: readonly Pending[], portion: number): void {
    for (const { resolve } of group.slice(0, portion)) resolve();
    const rest = group.slice(portion);
    if (rest.length > 0) setImmediate(() => setImmediate(() => this.#answer(rest, portion)));
  }
}

/** Measures the bare loop on an empty database, for each number of instances in flight. */
export async function measureBareLoop(options: {
  readonly connectionString: string;
  readonly inFlight: readonly number[];
  readonly rounds: Rounds;
}): Promise<Figures> {
  const { connectionString } = options;
  const open = () =>
    openDatabase({ connectionString, maxConnections: lanes, applicationName: 'bench bare loop' });
  const preparing = open();
  await preparing.query(schema);
  await preparing.close();
  const database = open();
  try {
    const writer = new GroupWriter(database);
    const log = new StepLog();
    const steps = transitions();
    const run = async () => {
      const id = newId();
      for (const [revision, written] of steps.entries()) {
        await writer.write(id, revision, written);
        if (revision > 0) log.begins(revision);
      }
    };
    const figures: Figures = {};
    for (const inFlight of options.inFlight) {
      log.time(inFlight === 1);
      const rates = await closedLoop({
        inFlight,
        rounds: options.rounds,
        run,
        stepsSoFar: log.count,
      });
      figures[inFlight] = figureOf(rates, log.stepsMs);
    }
    return figures;
  } finally {
    await database.close();
  }
}
