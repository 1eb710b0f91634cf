/** What lists of the history are read from: an instance, the whole of its timeline, and its runs of elements. */
import { onlyKnown, type RestRequest } from '../operation.ts';
import { pageParameters } from '../pages.ts';
import { invalid } from '../rest-error.ts';
import { readInstance } from './instance-reads.ts';
import type { InstanceDetails, TimelineEntry } from './instance-view.ts';

/** Entries of the history of one instance that one answer is made of. */
const mostEntries = 20_000;

/** An instance with the whole of its history; null when there is none. */
export async function readDetails(
  request: RestRequest,
  instanceId: string,
): Promise<InstanceDetails | null> {
  const timeline: TimelineEntry[] = [];
  for (let from = 1; ; ) {
    const part = await readInstance(request, instanceId, from);
    if (!part) return null;
    timeline.push(...part.timeline);
    const last = part.timeline.at(-1)?.seq ?? part.lastSeq;
    if (last >= part.lastSeq || timeline.length >= mostEntries) return { ...part, timeline };
    from = last + 1;
  }
}

/** The instance that the query names: histories of elements are kept by instance. */
export function instanceIdOf(query: RestRequest['query'], known: readonly string[]): string {
  onlyKnown(query, [...pageParameters, 'processInstanceId', ...known]);
  if (query.processInstanceId !== undefined) return query.processInstanceId;
  throw invalid(
    'expected processInstanceId: this engine keeps the history of elements by instance',
  );
}

/** A row of `processes.element-runs`. */
export interface ElementRun {
  readonly n: number;
  readonly element: string;
  readonly name: string;
  readonly type: string;
  readonly startedAt: string;
  readonly endedAt: string | null;
  readonly durationMs: number | null;
  readonly end: 'completed' | 'cancelled' | null;
}

/** The runs of elements of one instance. */
export async function readRuns(
  request: RestRequest,
  instanceId: string,
): Promise<readonly ElementRun[]> {
  const answer = await request.run<{ runs: ElementRun[] }>('processes.element-runs', {
    instanceId,
  });
  return answer.runs;
}
