/** One instance of a process in a test: what it did, what it waits for, and what people do to it. */
import { AssertionError } from 'node:assert';
import type { Database } from '../../postgres/index.ts';
import type { HistoryEntry } from '../model/events.ts';
import type { Variables } from '../model/expression.ts';
import type { InstanceState, InstanceStatus } from '../model/state.ts';
import type { InstanceRequest } from '../runtime/instance-requests.ts';
import { variablesOf } from '../runtime/variables.ts';
import { loadInstance } from '../store/instance-store.ts';
import { historyLine } from './history-lines.ts';

/** What an instance needs of the test that it is in. */
export interface InstanceHost {
  readonly database: Database;
  /** Resolves when nothing happens any more without time or somebody from outside. */
  settled(): Promise<void>;
  /** Asks the instance, again after the death of the node that was asked. */
  request(instanceId: string, request: InstanceRequest): Promise<boolean>;
}

/** An incident that waits for a person. */
export interface OpenIncident {
  readonly node: string;
  readonly code: string;
  readonly message: string;
}

/** One instance. Every look waits until the engine has come to rest. */
export class InstanceInTest {
  readonly id: string;
  readonly process: string;
  readonly #host: InstanceHost;

  constructor(host: InstanceHost, id: string, process: string) {
    this.#host = host;
    this.id = id;
    this.process = process;
  }

  /** What it did, one line for each entry of its history: `entered a`, `completed a`, `timer late`. */
  async history(): Promise<readonly string[]> {
    return (await this.entries()).map(historyLine);
  }

  /** The entries of its history, with their data. */
  async entries(): Promise<readonly HistoryEntry[]> {
    await this.#host.settled();
    const { rows } = await this.#host.database.query<{ entries: string }>(
      'select entries from engine.history where instance_id = $1 order by from_seq',
      [this.id],
    );
    return rows.flatMap(({ entries }) => JSON.parse(entries) as HistoryEntry[]);
  }

  async status(): Promise<InstanceStatus> {
    return (await this.#state()).status;
  }

  /** Variables of the process: the outputs of its steps, by their ids. */
  async variables(): Promise<Variables> {
    const { elements } = await this.#state();
    return variablesOf(elements, 1);
  }

  /** Nodes at which it waits for a message, a timer or a person, sorted. */
  async waitingAt(): Promise<readonly string[]> {
    const { elements } = await this.#state();
    const waits = Object.values(elements).flatMap((element) => element.waits ?? []);
    return [...new Set(waits.map(({ on }) => on))].sort();
  }

  /** What waits for a person. */
  async incidents(): Promise<readonly OpenIncident[]> {
    const { elements } = await this.#state();
    return Object.values(elements).flatMap(({ node, incident }) =>
      incident ? [{ node, code: incident.code, message: incident.message }] : [],
    );
  }

  /** Passes when the instance has ended so; else the error shows how far it came. */
  async ends(status: 'completed' | 'failed' | 'cancelled' = 'completed'): Promise<void> {
    const found = await this.status();
    if (found === status) return;
    const waits = (await this.waitingAt()).join(', ') || 'nothing';
    const incidents = (await this.incidents()).map((i) => `${i.node}: ${i.code}: ${i.message}`);
    const where = found === 'active' ? `; it waits at ${waits}` : '';
    const why = incidents.length > 0 ? `; incidents: ${incidents.join('; ')}` : '';
    throw new AssertionError({
      message:
        `expected the instance of "${this.process}" to be ${status}, it is ${found}${where}${why}\n` +
        `its history:\n${(await this.history()).map((line) => `  ${line}`).join('\n')}`,
      actual: found,
      expected: status,
    });
  }

  /** Passes when its history is exactly this; the error shows the difference. */
  async did(...expected: readonly string[]): Promise<void> {
    const actual = await this.history();
    if (actual.join('\n') === expected.join('\n')) return;
    const message = `expected another history of the instance of "${this.process}"`;
    throw new AssertionError({ message, actual, expected: [...expected] });
  }

  /** Passes when these lines stand in its history in this order, whatever stands between them. */
  async didInOrder(...expected: readonly string[]): Promise<void> {
    const actual = await this.history();
    let from = 0;
    for (const [index, line] of expected.entries()) {
      const at = actual.indexOf(line, from);
      if (at < 0) throw missing(line, expected[index - 1], actual, from);
      from = at + 1;
    }
  }

  /** Passes when none of these lines stands in its history. */
  async didNot(...lines: readonly string[]): Promise<void> {
    const actual = await this.history();
    const found = lines.filter((line) => actual.includes(line));
    if (found.length === 0) return;
    throw new AssertionError({
      message: `expected no "${found.join('", "')}"; ${listed(actual)}`,
      actual,
      expected: actual.filter((line) => !found.includes(line)),
    });
  }

  /** A person completes the one open task, or the one at a node. */
  async completeTask(
    output: unknown = null,
    options: { readonly node?: string; readonly by?: string } = {},
  ): Promise<void> {
    const { node, by = 'somebody' } = options;
    const { elements } = await this.#state();
    const open = Object.values(elements).filter(
      (element) =>
        element.waits?.some(({ kind }) => kind === 'task') &&
        (node ?? element.node) === element.node,
    );
    const [task] = open;
    if (!task || open.length > 1) {
      const found = open.map((element) => element.node).join(', ') || 'none';
      throw new AssertionError({
        message: `expected one open task${node === undefined ? '' : ` at "${node}"`}, found ${found}`,
      });
    }
    await this.#ask({ type: 'task-completed', n: task.n, output, by });
  }

  /** A person cancels it. */
  async cancel(reason = 'no longer wanted', by = 'somebody'): Promise<void> {
    await this.#ask({ type: 'cancel', reason, by });
  }

  /** A person lets the step with the incident be tried again. */
  async retry(node: string, by = 'somebody'): Promise<void> {
    await this.#ask({ type: 'incident-retry', n: await this.#incidentAt(node), by });
  }

  /** A person goes on without the step with the incident. */
  async skip(node: string, output: unknown = null, by = 'somebody'): Promise<void> {
    const n = await this.#incidentAt(node);
    await this.#ask({ type: 'incident-skip', n, by, reason: 'done by hand', output });
  }

  async #incidentAt(node: string): Promise<number> {
    const { elements } = await this.#state();
    const found = Object.values(elements).find((one) => one.node === node && one.incident);
    if (found) return found.n;
    throw new AssertionError({ message: `expected an incident at "${node}", found none` });
  }

  async #ask(request: InstanceRequest): Promise<void> {
    const taken = await this.#host.request(this.id, request);
    await this.#host.settled();
    if (taken) return;
    throw new AssertionError({
      message: `expected the instance to take "${request.type}", it came too late`,
    });
  }

  async #state(): Promise<InstanceState> {
    await this.#host.settled();
    const stored = await loadInstance(this.#host.database, this.id);
    if (stored) return stored.state;
    throw new AssertionError({ message: `expected instance ${this.id}, found none` });
  }
}

const listed = (history: readonly string[]) =>
  `its history:\n${history.map((line) => `  ${line}`).join('\n')}`;

function missing(
  line: string,
  before: string | undefined,
  actual: readonly string[],
  from: number,
): AssertionError {
  const after = before === undefined ? '' : ` after "${before}"`;
  const marked = actual.map((one, index) => `${index === from ? '> ' : '  '}${one}`).join('\n');
  return new AssertionError({
    message: `expected "${line}"${after}; its history, from the mark on:\n${marked}`,
    actual: actual.slice(from),
    expected: [line],
  });
}
