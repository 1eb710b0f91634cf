/**
 * Work for workers outside of the program. A worker fetches tasks of its topics, locked for it for a
 * while; it completes them, fails at them or raises an error, as long as nobody else was handed the task
 * since. One task is with one worker at a time, whichever nodes they ask: who holds it is a row, changed by
 * one statement. What a worker says is a row of the inbox before it is answered, and acts once; it is
 * taken also when the node that has the instance is silent, since whoever owns it next handles it.
 *
 * A lock that has ended keeps nobody from completing: only being handed to another worker does. So work
 * that took too long is not lost when nobody has begun it again.
 */
import type { FieldIssue } from '../../kernel/errors.ts';
import { fieldIssues } from '../../kernel/field-issues.ts';
import { newId } from '../../kernel/ids.ts';
import type { InstanceEvent } from '../model/events.ts';
import type { Variables } from '../model/expression.ts';
import { asJson } from '../model/json.ts';
import { shardOf } from '../store/shard.ts';
import { longestValue } from '../store/value-measure.ts';
import {
  beginSettling,
  type ExternalTaskRow,
  endSettling,
  lockTask,
  readExternalTask,
  unlockTask,
} from './external-task-store.ts';
import { type ExternalTasksParts, type FetchOptions, type HandedOut, HandOut } from './hand-out.ts';

/** How a worker ends an attempt. */
export type AttemptEnd =
  | {
      readonly type: 'completed';
      readonly variables: Variables;
      /** For the mapping of the outputs only. */
      readonly local?: Variables | undefined;
    }
  | {
      readonly type: 'failed';
      readonly message: string;
      readonly details?: string | null | undefined;
      /** Attempts that are left. @defaultValue one less than before, or two at the first failure */
      readonly retries?: number | undefined;
      /** How long nobody is handed the task. */
      readonly delayMs: number;
      readonly variables?: Variables | undefined;
    }
  | {
      readonly type: 'error';
      readonly code: string;
      readonly message: string;
      readonly variables: Variables;
    };

/** Whether a worker still holds a task; with `lock` the very lock that it was given. */
export interface Holder {
  readonly worker: string;
  readonly lock?: number | undefined;
}

/** What came of a worker's word. */
export type Settled =
  | { readonly outcome: 'taken' }
  | { readonly outcome: 'no-task' }
  /** Another worker was handed it, it was freed, or its end is on its way already. */
  | { readonly outcome: 'not-held'; readonly found: string }
  | { readonly outcome: 'invalid'; readonly issues: readonly FieldIssue[] };

const keptForSuspended = 'its instance is suspended, and an end of the attempt is kept for it';
const retriesAfterFirstFailure = 2;
/** How often a task is looked at anew when it changes at the same moment. */
const looks = 3;

/** Hands work out and takes what comes of it, on behalf of one node. */
export class ExternalTasks {
  readonly #options: ExternalTasksParts;
  readonly #handOut: HandOut;

  constructor(options: ExternalTasksParts) {
    this.#options = options;
    this.#handOut = new HandOut(options);
  }

  /**
   * Hands out what is free, at most so many. When nothing is, waits up to `waitMs` for something to be,
   * unless the node stops or `signal` says that nobody hears the answer any more.
   */
  fetch(
    options: FetchOptions,
    wait: { readonly waitMs?: number; readonly signal?: AbortSignal } = {},
  ): Promise<readonly HandedOut[]> {
    return this.#handOut.fetch(options, wait);
  }

  /** Nobody is kept waiting from now on: the program stops. */
  endWaits(): void {
    this.#options.node.offers.close();
  }

  /** Ends an attempt; resolves when that is durable. The same again finds no task. */
  async settle(id: string, holder: Holder, end: AttemptEnd): Promise<Settled> {
    const { database, clock, node } = this.#options;
    for (let look = 1; ; look += 1) {
      const task = await readExternalTask(database, id);
      if (!task) return { outcome: 'no-task' };
      const other = heldOtherwise(task, holder);
      if (other !== null) return { outcome: 'not-held', found: other };
      const checked = this.#checked(task, end);
      if ('issues' in checked) return { outcome: 'invalid', issues: checked.issues };
      const at = clock.now();
      const event = eventOf(task, holder.worker, checked, at.getTime());
      const request = {
        id: newId(),
        event,
        askedBy: node.id,
        at,
        shard: shardOf(task.instance_id),
      };
      if (await beginSettling(database, task, request)) {
        const { instance_id: instanceId } = task;
        if (await node.request({ id: request.id, instanceId, event, askedBy: node.id })) {
          return { outcome: 'taken' };
        }
        await endSettling(database, id, request.id);
        if (task.suspended) return { outcome: 'not-held', found: keptForSuspended };
      }
      if (look === looks) return { outcome: 'not-held', found: 'the task changed meanwhile' };
    }
  }

  /** What the worker hands in, as the model reads it. */
  #checked(task: ExternalTaskRow, end: AttemptEnd): AttemptEnd | { issues: readonly FieldIssue[] } {
    if (end.type !== 'completed') return end;
    const node = this.#options.registry.find(task.process, task.version)?.nodes[task.node];
    const given = node?.type === 'externalTask' ? node.given : undefined;
    if (!given) return end;
    const parsed = given.safeParse(end.variables);
    if (!parsed.success) return { issues: fieldIssues(parsed.error, end.variables) };
    return { ...end, variables: parsed.data as Variables };
  }

  /** Says how many attempts are left; more than 0 ends the incident of its failure. */
  async setRetries(id: string, retries: number, by: string): Promise<Settled> {
    const { database, clock, node } = this.#options;
    for (let look = 1; ; look += 1) {
      const task = await readExternalTask(database, id);
      if (!task) return { outcome: 'no-task' };
      if (task.settling) return { outcome: 'not-held', found: 'its attempt is just being ended' };
      const at = clock.now();
      const { n, instance_id: instanceId } = task;
      const event = { type: 'external-retries', at: at.getTime(), n, retries, by } as const;
      const request = { id: newId(), event, askedBy: node.id, at, shard: shardOf(instanceId) };
      if (await beginSettling(database, task, request)) {
        const moved = await node.request({ id: request.id, instanceId, event, askedBy: node.id });
        // Kept for an owner that is silent: until it has dealt with it, nobody is handed the task.
        if (moved === 'stored') return { outcome: 'taken' };
        if (moved) {
          await endSettling(database, id, request.id);
          return { outcome: 'taken' };
        }
        await endSettling(database, id, request.id);
        if (task.suspended) return { outcome: 'not-held', found: 'its instance is suspended' };
      }
      if (look === looks) return { outcome: 'not-held', found: 'the task changed meanwhile' };
    }
  }

  /** Locks one task anew: `keep` a lock that has not ended, `take` a task that is free. */
  async lock(id: string, how: 'take' | 'keep', holder: Holder, lockMs: number): Promise<Settled> {
    const { database, clock } = this.#options;
    const at = clock.now();
    const until = new Date(at.getTime() + lockMs);
    if (await lockTask(database, how, { id, ...holder, at, until })) return { outcome: 'taken' };
    const task = await readExternalTask(database, id);
    if (!task) return { outcome: 'no-task' };
    const found =
      (how === 'keep' ? heldOtherwise(task, holder) : null) ??
      (task.suspended
        ? 'its instance is suspended'
        : how === 'take' && task.worker !== null
          ? `worker "${task.worker}" holds it`
          : 'its lock has ended, or no attempt is left');
    return { outcome: 'not-held', found };
  }

  /** Frees a task; `worker` null: whoever holds it. */
  async unlock(id: string, worker: string | null): Promise<Settled> {
    const { database, node } = this.#options;
    if (await unlockTask(database, id, worker)) {
      node.offers.look();
      return { outcome: 'taken' };
    }
    const task = await readExternalTask(database, id);
    if (!task) return { outcome: 'no-task' };
    const found = worker === null ? null : heldOtherwise(task, { worker });
    return { outcome: 'not-held', found: found ?? 'its attempt is just being ended' };
  }
}

/** Why a worker does not hold a task; null when it does. */
function heldOtherwise(task: ExternalTaskRow, { worker, lock }: Holder): string | null {
  if (task.worker !== worker) {
    return task.worker === null ? 'no worker holds it' : `worker "${task.worker}" holds it`;
  }
  if (lock !== undefined && lock !== task.lock) return 'it was handed out again since';
  return task.settling ? 'its attempt is just being ended' : null;
}

function eventOf(
  { n, attempt, retries: left }: ExternalTaskRow,
  by: string,
  end: AttemptEnd,
  at: number,
): InstanceEvent {
  const common = { at, n, attempt, by };
  switch (end.type) {
    case 'completed': {
      const local = end.local === undefined ? {} : { local: jsonObject(end.local) };
      return {
        type: 'external-completed',
        ...common,
        variables: jsonObject(end.variables),
        ...local,
      };
    }
    case 'failed': {
      const { message, details = null, delayMs, variables } = end;
      const retries = end.retries ?? (left === null ? retriesAfterFirstFailure : left - 1);
      const given = variables === undefined ? {} : { variables: jsonObject(variables) };
      return { type: 'external-failed', ...common, message, details, retries, delayMs, ...given };
    }
    case 'error': {
      const { code, message, variables } = end;
      return {
        type: 'external-error',
        ...common,
        code,
        message,
        variables: jsonObject(variables),
      };
    }
  }
}

function jsonObject(variables: Variables): Variables {
  return asJson(variables, longestValue) as Variables;
}
