/**
 * Drives a process model by `advance` alone, with answers of procedures given by the test: what a
 * model means can be tried without a database, in every order of events. Durability is tested
 * elsewhere, on the real engine.
 */

import { payloadKey } from '../../src/engine/model/correlation.ts';
import type {
  Effects,
  HistoryEntry,
  InstanceEvent,
  JobError,
} from '../../src/engine/model/events.ts';
import { type JobContext, ProcessError } from '../../src/engine/model/job.ts';
import type { ProcessModel } from '../../src/engine/model/process-model.ts';
import type { InstanceState, Wait } from '../../src/engine/model/state.ts';
import { type Advanced, advance } from '../../src/engine/runtime/advance.ts';
import { variablesOf } from '../../src/engine/runtime/variables.ts';
import { isRefusal, RetryableFault, TerminalFault } from '../../src/kernel/errors.ts';
import type { Log } from '../../src/kernel/procedure.ts';

const silent: Log = { debug() {}, info() {}, warn() {}, error() {} };

/** Answers of procedures by name; a refusal is an error with its code. */
export type Answers = Readonly<Record<string, (input: never) => unknown>>;

/** One instance of a model. */
export class DrivenProcess {
  readonly model: ProcessModel;
  readonly answers: Answers;
  /** Procedures that were called, in order, with their input. */
  readonly calls: { readonly procedure: string; readonly input: unknown }[] = [];
  readonly history: HistoryEntry[] = [];
  ended: Effects['ended'] = null;
  #state: InstanceState | null = null;
  #jobs: { readonly n: number; readonly node: string; readonly attempt: number }[] = [];
  #at = Date.UTC(2026, 0, 1);

  constructor(model: ProcessModel, answers: Answers = {}) {
    this.model = model;
    this.answers = answers;
  }

  /** Starts it, and runs jobs until it waits or has ended. */
  async start(payload: unknown, { runJobs = true } = {}): Promise<this> {
    this.#apply({ type: 'start', at: this.#at, payload: asJson(payload) });
    return runJobs ? await this.runJobs() : this;
  }

  get state(): InstanceState {
    if (!this.#state) throw new Error('the process was not started');
    return this.#state;
  }

  /** Variables of the process itself. */
  get variables(): Readonly<Record<string, unknown>> {
    return this.state.elements[1]?.vars ?? {};
  }

  /** Every open wait. */
  get waits(): readonly { readonly n: number; readonly wait: Wait }[] {
    return Object.values(this.state.elements).flatMap((element) =>
      (element.waits ?? []).map((wait) => ({ n: element.n, wait })),
    );
  }

  /** Nodes at which something waits, sorted. */
  get waitingAt(): readonly string[] {
    return [...new Set(this.waits.map(({ wait }) => wait.on))].sort();
  }

  get incidents(): readonly string[] {
    return Object.values(this.state.elements).flatMap(({ node, incident }) =>
      incident ? [`${node}: ${incident.code}: ${incident.message}`] : [],
    );
  }

  get calledProcedures(): readonly string[] {
    return this.calls.map(({ procedure }) => procedure);
  }

  /** Runs jobs, the oldest first, until none is due. */
  async runJobs(): Promise<this> {
    while (this.#jobs.length > 0) await this.runJob(0);
    return this;
  }

  get dueJobs(): readonly string[] {
    return this.#jobs.map(({ node }) => node);
  }

  /** Runs one of the due jobs. */
  async runJob(index: number): Promise<void> {
    const [job] = this.#jobs.splice(index, 1);
    if (!job) throw new Error(`there is no job ${index}`);
    const { n, attempt } = job;
    try {
      const output = asJson(await this.#work(job));
      this.#apply({ type: 'job-completed', at: this.#at, n, attempt, output });
    } catch (error) {
      this.#apply({
        type: 'job-failed',
        at: this.#at,
        n,
        attempt,
        chance: 0,
        error: jobError(error),
      });
    }
  }

  /** Delivers a message to the one wait that it correlates with, and runs jobs. False: none waits. */
  async message(name: string, payload: unknown): Promise<boolean> {
    const met = this.waits.find(({ wait }) => {
      if (wait.kind !== 'message' || wait.message !== name) return false;
      const fields = wait.key.split('&').map((part) => part.split('=')[0] ?? '');
      return payloadKey(fields.join('&'), payload) === wait.key;
    });
    if (!met) return false;
    const { n, wait } = met;
    const accepted = this.#apply({
      type: 'message',
      at: this.#at,
      n,
      on: wait.on,
      message: name,
      payload: asJson(payload),
    });
    await this.runJobs();
    return accepted;
  }

  /** Lets the timer at a node fire, as long as it takes, and runs jobs. */
  async timer(on: string): Promise<this> {
    const met = this.waits.find(({ wait }) => wait.kind === 'timer' && wait.on === on);
    if (met?.wait.kind !== 'timer') throw new Error(`no timer waits at "${on}"`);
    this.#at = Math.max(this.#at, met.wait.due);
    this.#apply({ type: 'timer', at: this.#at, n: met.n, on, due: met.wait.due });
    return await this.runJobs();
  }

  /** Completes the task at a node, and runs jobs. */
  async complete(node: string, output: unknown): Promise<this> {
    const met = this.waits.find(({ wait }) => wait.kind === 'task' && wait.on === node);
    if (!met) throw new Error(`no task waits at "${node}"`);
    this.#apply({ type: 'task-completed', at: this.#at, n: met.n, output, by: 'somebody' });
    return await this.runJobs();
  }

  #apply(event: InstanceEvent): boolean {
    const { state, effects, accepted }: Advanced = advance(this.model, this.#state, event);
    this.#state = JSON.parse(JSON.stringify(state)) as InstanceState;
    this.history.push(...effects.history);
    this.#jobs = this.#jobs.filter(({ n }) => !effects.jobsCancelled.includes(n));
    this.#jobs.push(...effects.jobs);
    this.ended ??= effects.ended;
    return accepted;
  }

  async #work(job: { n: number; node: string; attempt: number }): Promise<unknown> {
    const node = this.model.nodes[job.node];
    if (node?.type !== 'serviceTask') throw new Error(`"${job.node}" is no service task`);
    const run = async (named: string | { readonly name: string }, input: unknown) => {
      const procedure = typeof named === 'string' ? named : named.name;
      this.calls.push({ procedure, input: asJson(input) });
      const answer = this.answers[procedure];
      if (!answer) throw new TerminalFault('NO_ANSWER', `the test gives no answer of ${procedure}`);
      const result = await answer(input as never);
      if (isRefusal(result)) throw new ProcessError(result.code, result.detail, result.data);
      return result as never;
    };
    const context: JobContext = {
      variables: variablesOf(this.state.elements, job.n),
      instanceId: 'instance',
      businessKey: null,
      elementId: node.id,
      attempt: job.attempt,
      at: 0,
      idempotencyKey: `instance/${node.id}/${job.n}`,
      outcomeUnknown: this.state.elements[job.n]?.job?.unknown ?? false,
      signal: new AbortController().signal,
      trace: { traceId: '0'.repeat(32), spanId: '0'.repeat(16) },
      log: silent,
      run,
    };
    return await node.job(context);
  }
}

function jobError(error: unknown): JobError {
  const { message } = error as Error;
  if (error instanceof ProcessError) {
    return { kind: 'error', code: error.code, message, data: error.data };
  }
  if (error instanceof RetryableFault) {
    return { kind: 'retry', code: error.code, message, outcomeUnknown: error.outcomeUnknown };
  }
  const code = error instanceof TerminalFault ? error.code : 'BUG';
  return { kind: 'terminal', code, message };
}

function asJson(value: unknown): unknown {
  return value === undefined ? null : (JSON.parse(JSON.stringify(value)) as unknown);
}
