/** What the database has of instances: their states and histories, as a person would look them up. */
import type { Database } from '../../../postgres/index.ts';
import type { ElementInstance, InstanceState } from '../../model/state.ts';
import { unpackEntries, unpackStates } from '../../store/large-value-store.ts';
import { historyLine } from '../../testing/history-lines.ts';
import { waitFor } from '../../testing/wait-for.ts';

/** Looks at what is committed. */
export class StoredInstances {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** The lines of each history, by the id of its instance. */
  async histories(ids: readonly string[]): Promise<ReadonlyMap<string, readonly string[]>> {
    const { rows } = await this.#database.query<{ id: string; entries: string }>(
      `select instance_id as id, entries from engine.history
        where instance_id = any($1::uuid[]) order by instance_id, from_seq`,
      [ids],
    );
    const entries = await unpackEntries(this.#database, rows);
    const lines = new Map<string, string[]>();
    rows.forEach(({ id }, index) => {
      lines.set(id, [...(lines.get(id) ?? []), ...(entries[index] ?? []).map(historyLine)]);
    });
    return lines;
  }

  /** The states, by the ids of their instances. */
  async states(ids: readonly string[]): Promise<ReadonlyMap<string, InstanceState>> {
    const { rows } = await this.#database.query<{ id: string; state: string }>(
      'select id, state from engine.instance where id = any($1::uuid[])',
      [ids],
    );
    const states = await unpackStates(this.#database, rows);
    return new Map(rows.map(({ id }, index) => [id, states[index]?.state as InstanceState]));
  }

  /** The first that is found at an element of an instance; undefined where there is none. */
  async find<Found>(
    id: string,
    look: (element: ElementInstance) => Found | undefined,
  ): Promise<Found | undefined> {
    const states = await this.states([id]);
    for (const element of Object.values(states.get(id)?.elements ?? {})) {
      const found = look(element);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  /** The oldest child that still runs, when there is one. */
  async child(parent: string): Promise<string> {
    return await waitFor(`a child of ${parent}`, async () => {
      const { rows } = await this.#database.query<{ id: string }>(
        `select id from engine.instance where parent_id = $1 and status in ('running', 'waiting')
          order by parent_n limit 1`,
        [parent],
      );
      return rows[0]?.id;
    });
  }

  /** The oldest external task of an element, when there is one. */
  async externalTask(instance: string, node: string): Promise<string> {
    return await waitFor(`work at "${node}"`, async () => {
      const { rows } = await this.#database.query<{ id: string }>(
        'select id from engine.external_task where instance_id = $1 and node = $2 order by n limit 1',
        [instance, node],
      );
      return rows[0]?.id;
    });
  }

  /** Every instance of a process. */
  async ofProcess(process: string): Promise<readonly string[]> {
    const { rows } = await this.#database.query<{ id: string }>(
      'select id from engine.instance where process = $1',
      [process],
    );
    return rows.map(({ id }) => id);
  }

  /** How an instance stands, for a test that failed. */
  async standing(id: string): Promise<string> {
    const { rows } = await this.#database.query<{ process: string; state: string }>(
      'select process, state from engine.instance where id = $1',
      [id],
    );
    const [row] = rows;
    const lines = (await this.histories([id])).get(id) ?? [];
    return [row?.process, lines.join('; '), row?.state].join('\n');
  }
}
