/**
 * The history of an instance by element: each run of each element with its beginning, its end, how long it
 * took and what ended it. Computed from history entries; pure.
 */
import { z } from 'zod';
import type { HistoryEntry } from '../model/events.ts';
import type { ProcessModel } from '../model/process-model.ts';
import { timelineEntry } from './instance-view.ts';

/** What moved the instance when a run ended. */
const causeSchema = z.object({
  kind: z.string().describe('Of the history entry, such as timer.fired'),
  element: z.string(),
  by: z.string().optional().describe('Who, when it was a person or a worker'),
  text: z.string(),
});

/** One run of one element. */
export const elementRunSchema = z.object({
  n: z.number().int().describe('Number of the run within the instance'),
  element: z.string(),
  name: z.string(),
  type: z.string(),
  scope: z.string().nullable().describe('Sub-process that the element lies in; null: the process'),
  startedAt: z.iso.datetime(),
  endedAt: z.iso.datetime().nullable(),
  durationMs: z.number().int().nullable(),
  end: z.enum(['completed', 'cancelled']).nullable(),
  failures: z.number().int().describe('Attempts that failed'),
  cause: causeSchema.nullable().describe('What ended it, when it did not end by itself'),
});
export type ElementRun = z.infer<typeof elementRunSchema>;

/** An entry with its moment and its transition. */
export interface RecordedEntry {
  readonly at: Date;
  /** Sequence number of the first entry of the transition. */
  readonly transition: number;
  readonly entry: HistoryEntry;
}

/** What begins without being entered, and what tells of an end. */
const ends = { 'element.completed': 'completed', 'element.cancelled': 'cancelled' } as const;

/** The runs that some entries tell of, in the order in which they began. */
export function elementRuns(
  model: ProcessModel | undefined,
  entries: readonly RecordedEntry[],
): readonly ElementRun[] {
  const runs: ElementRun[] = [];
  const open = new Map<number, number>();
  let first: RecordedEntry | undefined;
  const begin = ({ at, entry }: RecordedEntry) => {
    const { element, name, type } = timelineEntry(model, entry, at);
    const scope = model?.nodes[element]?.parent ?? null;
    const startedAt = at.toISOString();
    const ended = { endedAt: null, durationMs: null, end: null, cause: null };
    runs.push({ n: entry.n, element, name, type, scope, startedAt, failures: 0, ...ended });
    open.set(entry.n, runs.length - 1);
  };
  const change = (n: number, changed: (run: ElementRun) => Partial<ElementRun>) => {
    const index = open.get(n);
    const run = index === undefined ? undefined : runs[index];
    if (run && index !== undefined) runs[index] = { ...run, ...changed(run) };
  };
  for (const recorded of entries) {
    const { at, transition, entry } = recorded;
    const { kind, n } = entry;
    if (first?.transition !== transition) first = recorded;
    if (kind === 'element.entered') begin(recorded);
    else if (kind === 'job.failed') change(n, ({ failures }) => ({ failures: failures + 1 }));
    else if (kind === 'element.completed' || kind === 'element.cancelled') {
      const isInterrupted = kind === 'element.cancelled';
      // Gateways and plain events are passed without being entered.
      if (!open.has(n)) begin(recorded);
      const cause = causeOf(model, first, recorded, isInterrupted);
      change(n, ({ startedAt }) => ({
        endedAt: at.toISOString(),
        durationMs: at.getTime() - Date.parse(startedAt),
        end: ends[kind],
        cause,
      }));
      open.delete(n);
    }
  }
  return runs;
}

/** The entry that its transition began with, when that is about this run or interrupted it. */
function causeOf(
  model: ProcessModel | undefined,
  first: RecordedEntry,
  { entry }: RecordedEntry,
  isInterrupted: boolean,
): ElementRun['cause'] {
  const { kind, node, n, data } = first.entry;
  if (first.entry === entry || kind === 'process.started') return null;
  if (!isInterrupted && n !== entry.n) return null;
  const { by } = (typeof data === 'object' && data !== null ? data : {}) as { by?: unknown };
  const { text } = timelineEntry(model, first.entry, first.at);
  return { kind, element: node, text, ...(typeof by === 'string' && by !== '' ? { by } : {}) };
}
