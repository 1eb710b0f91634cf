/**
 * What a transition changes of the figures that operators look at: how many instances, tokens,
 * incidents and retrying steps there are, and which steps retry. Computed by comparing the state before
 * with the state after it, element by element; what did not change is the same object, so a healthy
 * transition costs a few comparisons.
 */
import type { HistoryEntry } from '../model/events.ts';
import type { ElementInstance, InstanceState } from '../model/state.ts';
import { causeOf } from './incident-cause.ts';

/** `[process, version, kind, node, change]` as `engine.count_change` keeps it. */
export type CountChange = readonly [
  process: string,
  version: number,
  kind: string,
  node: string,
  change: number,
];

/** Rows for `engine.commit_rare`; each list has the row type of the SQL function. */
export interface RareRows {
  retries?: unknown[];
  retriesGone?: unknown[];
  causes?: unknown[];
  searchGone?: unknown[];
  search?: unknown[];
  largeValues?: unknown[];
  external?: unknown[];
  externalParked?: unknown[];
  externalGone?: unknown[];
}

/** One side of a transition. */
export interface CountedInstance {
  readonly id: string;
  readonly process: string;
  readonly version: number;
  readonly status: string;
  readonly state: InstanceState;
}

/** What a transition changes of the figures. */
export interface FactChanges {
  readonly counts: readonly CountChange[];
  readonly rare: RareRows | null;
}

/** True for a step from its first failed attempt on, until it succeeds or a person must look. */
export function isRetrying({ job }: ElementInstance): boolean {
  if (!job || job.phase === 'stopped') return false;
  return job.phase === 'backoff' || job.attempt - (job.countsFrom ?? 0) >= 2;
}

/** Compares an instance before (null: it did not exist) and after a transition. */
export function factChanges(before: CountedInstance | null, after: CountedInstance): FactChanges {
  const counts: CountChange[] = [];
  const rare: RareRows = {};
  const isMoved = before !== null && before.version !== after.version;
  if (before?.status !== after.status || isMoved) {
    if (before) counts.push([before.process, before.version, before.status, '', -1]);
    counts.push([after.process, after.version, after.status, '', 1]);
  }
  const was = (before?.state.elements ?? {}) as Record<string, ElementInstance>;
  const now = after.state.elements as Record<string, ElementInstance>;
  for (const key in now) {
    if (now[key] === was[key] && !isMoved) continue;
    compare(before, was[key], after, now[key], counts, rare);
  }
  for (const key in was) {
    if (now[key] === undefined) compare(before, was[key], after, undefined, counts, rare);
  }
  return { counts, rare: Object.keys(rare).length > 0 ? rare : null };
}

/**
 * How many runs of each element a transition completed, as changes of the kind `done`: one for each entry of
 * history that tells of one. A loop around runs is none of them.
 */
export function runsDone(
  { process, version }: Pick<CountedInstance, 'process' | 'version'>,
  before: InstanceState | null,
  history: readonly HistoryEntry[],
): readonly CountChange[] {
  const counts: CountChange[] = [];
  for (const { kind, node, n } of history) {
    if (kind !== 'element.completed' || before?.elements[n]?.loop) continue;
    counts.push([process, version, 'done', node, 1]);
  }
  return counts;
}

function compare(
  before: CountedInstance | null,
  was: ElementInstance | undefined,
  after: CountedInstance,
  now: ElementInstance | undefined,
  counts: CountChange[],
  rare: RareRows,
): void {
  const sameNode = was?.node === now?.node && before?.version === after.version;
  const change = (kind: string, held: boolean, holds: boolean) => {
    if (held === holds && sameNode) return;
    if (held && before && was) counts.push([before.process, before.version, kind, was.node, -1]);
    if (holds && now) counts.push([after.process, after.version, kind, now.node, 1]);
  };
  change('tokens', isToken(was), isToken(now));
  const hadIncident = was?.incident !== undefined;
  const hasIncident = now?.incident !== undefined;
  if (hadIncident || hasIncident) {
    change('incidents', hadIncident, hasIncident);
    compareCauses(before, was, after, now, counts, rare);
  }
  const retried = was !== undefined && isRetrying(was);
  const retries = now !== undefined && isRetrying(now);
  if (retried || retries) {
    change('retrying', retried, retries);
    noteRetry(after, was, now, retries, rare);
  }
}

function isToken(element: ElementInstance | undefined): boolean {
  return element !== undefined && element.n !== 1 && element.loop === undefined;
}

function compareCauses(
  before: CountedInstance | null,
  was: ElementInstance | undefined,
  after: CountedInstance,
  now: ElementInstance | undefined,
  counts: CountChange[],
  rare: RareRows,
): void {
  if (was?.incident === now?.incident) return;
  if (before && was?.incident) {
    const { cause } = causeOf(before.process, was.node, was.incident);
    counts.push([before.process, 0, 'cause', cause, -1]);
  }
  if (now?.incident) {
    const cause = causeOf(after.process, now.node, now.incident);
    counts.push([after.process, 0, 'cause', cause.cause, 1]);
    rare.causes ??= [];
    rare.causes.push({ ...cause, sample: now.incident.message });
  }
}

function noteRetry(
  { id, process }: CountedInstance,
  was: ElementInstance | undefined,
  now: ElementInstance | undefined,
  retries: boolean,
  rare: RareRows,
): void {
  if (!retries || !now?.job) {
    rare.retriesGone ??= [];
    rare.retriesGone.push({ id, n: now?.n ?? was?.n });
    return;
  }
  const { n, node, job, waits = [] } = now;
  const isPaused = job.phase === 'backoff';
  const timer = waits.find((wait) => wait.kind === 'timer' && wait.on === node);
  const next = isPaused && timer?.kind === 'timer' ? new Date(timer.due) : null;
  const { code, message } = job.failed ?? { code: 'STEP_FAILED', message: '' };
  const attempt = isPaused ? job.attempt + 1 : job.attempt;
  rare.retries ??= [];
  rare.retries.push({ id, n, process, node, attempt, next, code, message });
}
