/**
 * What diagrams say of elements, from where an instance stands or from the counts of a version: as data for clients
 * that draw by themselves, as markers and overlays for bpmn-js, and as marks of our own picture. Pure.
 */
import { z } from 'zod';
import type { InstanceFacts } from '../diagram/instance-diagram.ts';
import { type Badge, type ElementMark, elementStates, type Marks } from '../diagram/marks.ts';
import type { ProcessModel } from '../model/process-model.ts';
import type { CountRow } from '../store/count-store.ts';

const count = z.number().int();

/** What is known of one element. */
export const diagramElementSchema = z.object({
  element: z.string(),
  name: z.string(),
  type: z.string(),
  state: z.enum(elementStates).describe('The state that matters most of those that it is in'),
  counts: z.object({
    incident: count,
    retrying: count,
    running: count,
    waiting: count,
    completed: count,
    cancelled: count,
  }),
  waitingFor: z.array(
    z.object({ kind: z.string(), name: z.string(), due: z.iso.datetime().optional() }),
  ),
  incidents: z.array(z.object({ code: z.string(), message: z.string() })),
});
type DiagramElement = z.output<typeof diagramElementSchema>;

/** The elements of an instance, with their names. */
export function instanceElements(
  { elements }: InstanceFacts,
  model: ProcessModel | undefined,
): readonly DiagramElement[] {
  return elements.map((facts) => ({
    ...facts,
    name: model?.nodes[facts.element]?.name ?? facts.element,
    type: model?.nodes[facts.element]?.type ?? 'unknown',
    counts: { ...facts.counts },
    waitingFor: facts.waitingFor.map(({ kind, name, due }) => ({
      kind,
      name,
      ...(due === undefined ? {} : { due }),
    })),
    incidents: facts.incidents.map(({ code, message }) => ({ code, message })),
  }));
}

/** The elements of a version: how many tokens, incidents, retrying steps and completed runs there are. */
export function statisticsElements(
  model: ProcessModel | undefined,
  rows: readonly CountRow[],
): readonly DiagramElement[] {
  const byNode = Map.groupBy(
    rows.filter(({ node }) => node !== ''),
    ({ node }) => node,
  );
  return [...byNode].flatMap(([element, own]) => {
    const of = (kind: string) => own.find((row) => row.kind === kind)?.n ?? 0;
    const [tokens, incident, retrying] = [of('tokens'), of('incidents'), of('retrying')];
    const running = Math.max(0, tokens - incident - retrying);
    const completed = of('done');
    const counts = { incident, retrying, running, waiting: 0, completed, cancelled: 0 };
    const state = elementStates.find((one) => counts[one] > 0);
    if (!state) return [];
    const node = model?.nodes[element];
    const facts = { element, name: node?.name ?? element, type: node?.type ?? 'unknown' };
    return [{ ...facts, state, counts, waitingFor: [], incidents: [] }];
  });
}

/** Marks of our own picture for an instance; `flows`: ids of the drawing by those of the model. */
export function instanceMarks(
  facts: InstanceFacts,
  flows: ReadonlyMap<string, string>,
  model: ProcessModel | undefined,
): Marks {
  const elements = instanceElements(facts, model);
  return {
    elements: new Map(elements.map((one) => [one.element, markOf(one)])),
    taken: new Set([...facts.taken].map((id) => flows.get(id) ?? id)),
    areCounts: false,
  };
}

/** Marks of our own picture for a version: only what is there now colours an element. */
export function versionMarks(elements: readonly DiagramElement[]): Marks {
  return {
    elements: new Map(
      elements.map((one) => {
        const { state, ...mark } = markOf(one);
        return [one.element, state === 'completed' || !state ? mark : { ...mark, state }];
      }),
    ),
    taken: new Set(),
    areCounts: true,
  };
}

function markOf(element: DiagramElement): ElementMark {
  return { state: element.state, badges: badgesOf(element), note: noteOf(element) };
}

/** What is there now has a badge; what has been, when nothing is there now or it was several times. */
function badgesOf({ counts }: DiagramElement): readonly Badge[] {
  const all = elementStates.map((kind) => ({ kind, count: counts[kind] }));
  const present = all.filter(({ count: number }) => number > 0);
  return present.length > 3 ? present.slice(0, 3) : present;
}

function noteOf({ counts, waitingFor, incidents }: DiagramElement): string {
  const numbers = elementStates
    .filter((state) => counts[state] > 0)
    .map((state) => (counts[state] === 1 ? state : `${state} ${counts[state]} times`));
  const waits = waitingFor.slice(0, 3).map(({ kind, name, due }) => {
    const until = due === undefined ? '' : ` until ${due}`;
    return `waits for ${kind} ${name}${until}`;
  });
  const failures = incidents.slice(0, 3).map(({ code, message }) => `${code}: ${message}`);
  return [...numbers, ...waits, ...failures].join(', ');
}

/** The same as data, with markers and overlays for bpmn-js. */
export function markedElements(elements: readonly DiagramElement[], taken: readonly string[]) {
  return {
    elements: [...elements],
    taken: [...taken],
    markers: [
      ...elements.map(({ element, state }) => ({ element, marker: `orderloom-${state}` })),
      ...taken.map((element) => ({ element, marker: 'orderloom-taken' })),
    ],
    overlays: elements.flatMap((element) =>
      badgesOf(element).map(({ kind, count: number }, index) => ({
        element: element.element,
        type: 'orderloom-count',
        position: { top: -10, right: 10 + index * 34 },
        state: kind,
        count: number,
        title: noteOf(element),
      })),
    ),
  };
}
