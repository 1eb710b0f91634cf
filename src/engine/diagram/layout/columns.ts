/**
 * Which column each box of a flow graph stands in, and in which order from the top: flows lead to the right but
 * for those that close a circle, and cross as little as a few sweeps can see to.
 */
import type { FlowBox, FlowEdge } from './flow-graph.ts';

/** A box in its column, or the place at which a longer flow passes through one. */
export interface Slot {
  readonly column: number;
  readonly lane: number;
  /** Absent: only a flow passes. */
  readonly box?: FlowBox;
}

/** A flow by the slots that it passes, its source and its target included. */
export interface Chain {
  readonly edge: FlowEdge;
  readonly slots: readonly Slot[];
}

/** Boxes in columns. */
export interface Columns {
  /** Slots of each column from the top. */
  readonly columns: readonly (readonly Slot[])[];
  readonly slotOf: ReadonlyMap<string, Slot>;
  /** Flows that lead to the right. */
  readonly chains: readonly Chain[];
  /** Flows that lead back, or so far that nobody follows them: they go around the others. */
  readonly around: readonly FlowEdge[];
}

/** Places at which flows pass through columns, in all; flows beyond go around. */
const mostPassages = 20_000;
/** Larger graphs keep the order that they were drawn in. */
const mostSwept = 3_000;
const sweeps = 10;

/** Puts boxes into columns. */
export function columnsOf(boxes: readonly FlowBox[], edges: readonly FlowEdge[]): Columns {
  const back = backEdges(boxes, edges);
  const forward = edges.filter((edge) => !back.has(edge));
  const column = longestPaths(boxes, forward);
  const slotOf = new Map<string, Slot>();
  for (const box of boxes) {
    slotOf.set(box.id, { column: column.get(box.id) ?? 0, lane: box.lane, box });
  }
  const chains: Chain[] = [];
  const around = [...back];
  let passages = 0;
  for (const edge of forward) {
    const source = slotOf.get(edge.source)!;
    const target = slotOf.get(edge.target)!;
    const between = target.column - source.column - 1;
    if (passages + between > mostPassages) {
      around.push(edge);
      continue;
    }
    passages += between;
    const passed = Array.from({ length: between }, (_, index) => ({
      column: source.column + index + 1,
      lane: source.lane,
    }));
    chains.push({ edge, slots: [source, ...passed, target] });
  }
  return { columns: ordered(boxes, slotOf, chains), slotOf, chains, around };
}

/** Flows that lead back to where their token has been, found by walking from the starts in drawing order. */
function backEdges(boxes: readonly FlowBox[], edges: readonly FlowEdge[]): Set<FlowEdge> {
  const outgoing = Map.groupBy(edges, ({ source }) => source);
  const entered = new Set(edges.map(({ target }) => target));
  const back = new Set<FlowEdge>();
  const state = new Map<string, 'open' | 'done'>();
  const starts = boxes.filter(({ id }) => !entered.has(id));
  for (const { id } of [...starts, ...boxes]) {
    if (state.has(id)) continue;
    const path = [{ id, next: 0 }];
    state.set(id, 'open');
    for (let at = path.at(-1); at; at = path.at(-1)) {
      const edge = outgoing.get(at.id)?.[at.next];
      at.next += 1;
      if (!edge) {
        state.set(at.id, 'done');
        path.pop();
      } else if (state.get(edge.target) === 'open') back.add(edge);
      else if (!state.has(edge.target)) {
        state.set(edge.target, 'open');
        path.push({ id: edge.target, next: 0 });
      }
    }
  }
  return back;
}

/** Each box to the right of all that lead to it; what nothing leads to, close to what it leads to. */
function longestPaths(
  boxes: readonly FlowBox[],
  edges: readonly FlowEdge[],
): ReadonlyMap<string, number> {
  const outgoing = Map.groupBy(edges, ({ source }) => source);
  const waiting = new Map(boxes.map(({ id }) => [id, 0]));
  for (const { target } of edges) waiting.set(target, (waiting.get(target) ?? 0) + 1);
  const column = new Map<string, number>();
  const free = boxes.filter(({ id }) => waiting.get(id) === 0).map(({ id }) => id);
  const starts = new Set(free);
  for (let id = free.shift(); id !== undefined; id = free.shift()) {
    const own = column.get(id) ?? 0;
    column.set(id, own);
    for (const { target } of outgoing.get(id) ?? []) {
      column.set(target, Math.max(column.get(target) ?? 0, own + 1));
      const left = (waiting.get(target) ?? 0) - 1;
      waiting.set(target, left);
      if (left === 0) free.push(target);
    }
  }
  for (const id of starts) {
    const next = (outgoing.get(id) ?? []).map(({ target }) => column.get(target) ?? 1);
    if (next.length > 0) column.set(id, Math.min(...next) - 1);
  }
  return column;
}

function ordered(
  boxes: readonly FlowBox[],
  slotOf: ReadonlyMap<string, Slot>,
  chains: readonly Chain[],
): readonly (readonly Slot[])[] {
  const width = 1 + Math.max(0, ...[...slotOf.values()].map(({ column }) => column));
  let columns = asWalked(boxes, slotOf, chains, width);
  const links = linksOf(chains);
  const size = columns.reduce((total, { length }) => total + length, 0);
  if (size > mostSwept) return columns;
  let best = columns;
  let fewest = crossings(columns, links);
  for (let sweep = 0; sweep < sweeps && fewest > 0; sweep += 1) {
    columns = swept(columns, links, sweep % 2 === 0);
    const crossed = crossings(columns, links);
    if (crossed < fewest) [best, fewest] = [columns, crossed];
  }
  return best;
}

/** The order in which a walk along the flows meets the slots, ways out of boundary events last. */
function asWalked(
  boxes: readonly FlowBox[],
  slotOf: ReadonlyMap<string, Slot>,
  chains: readonly Chain[],
  width: number,
): Slot[][] {
  const columns: Slot[][] = Array.from({ length: width }, () => []);
  const outgoing = Map.groupBy(chains, ({ edge }) => edge.source);
  const entered = new Set(chains.map(({ edge }) => edge.target));
  const seen = new Set<Slot>();
  const visit = (first: Slot) => {
    const open = [first];
    for (let slot = open.pop(); slot; slot = open.pop()) {
      if (seen.has(slot)) continue;
      seen.add(slot);
      columns[slot.column]?.push(slot);
      const next = (slot.box && outgoing.get(slot.box.id)) ?? [];
      const inOrder = next.toSorted(
        (a, b) => Number(!!a.edge.boundary) - Number(!!b.edge.boundary),
      );
      for (const { slots } of inOrder.toReversed()) {
        for (const passed of slots.slice(1, -1)) {
          if (seen.has(passed)) continue;
          seen.add(passed);
          columns[passed.column]?.push(passed);
        }
        open.push(slots.at(-1)!);
      }
    }
  };
  for (const { id } of boxes) if (!entered.has(id)) visit(slotOf.get(id)!);
  for (const { id } of boxes) visit(slotOf.get(id)!);
  return columns.map((slots) => slots.toSorted((a, b) => a.lane - b.lane));
}

/** One column's part of a flow. */
interface Link {
  readonly from: Slot;
  readonly to: Slot;
  /** What leaves a boundary event leaves below whatever leaves the box itself. */
  readonly shift: number;
}

function linksOf(chains: readonly Chain[]): readonly Link[] {
  return chains.flatMap(({ edge, slots }) =>
    slots.slice(1).map((to, index) => ({
      from: slots[index]!,
      to,
      shift: index === 0 && edge.boundary ? 0.4 - edge.boundary.dx / 10_000 : 0,
    })),
  );
}

function positionsOf(columns: readonly (readonly Slot[])[]): ReadonlyMap<Slot, number> {
  return new Map(columns.flatMap((slots) => slots.map((slot, index) => [slot, index] as const)));
}

/** Each column sorted by the middle of what its slots are linked with on one side. */
function swept(
  columns: readonly (readonly Slot[])[],
  links: readonly Link[],
  isForward: boolean,
): Slot[][] {
  const position = new Map(positionsOf(columns));
  const linked = Map.groupBy(links, ({ from, to }) => (isForward ? to : from));
  const result = columns.map((slots) => [...slots]);
  const indexes = result.map((_, index) => index);
  for (const index of isForward ? indexes : indexes.toReversed()) {
    const slots = result[index] ?? [];
    const wanted = new Map(
      slots.map((slot) => {
        const all = (linked.get(slot) ?? []).map(({ from, to, shift }) =>
          isForward ? (position.get(from) ?? 0) + shift : (position.get(to) ?? 0) - shift,
        );
        const mean = all.reduce((sum, value) => sum + value, 0) / all.length;
        return [slot, all.length === 0 ? (position.get(slot) ?? 0) : mean] as const;
      }),
    );
    slots.sort((a, b) => a.lane - b.lane || (wanted.get(a) ?? 0) - (wanted.get(b) ?? 0));
    for (const [row, slot] of slots.entries()) position.set(slot, row);
  }
  return result;
}

function crossings(columns: readonly (readonly Slot[])[], links: readonly Link[]): number {
  const position = positionsOf(columns);
  const byColumn = Map.groupBy(links, ({ from }) => from.column);
  let count = 0;
  for (const own of byColumn.values()) {
    const ends = own
      .map(({ from, to, shift }) => ({
        a: (position.get(from) ?? 0) + shift,
        b: position.get(to) ?? 0,
      }))
      .sort((one, other) => one.a - other.a || one.b - other.b);
    for (const [index, { a, b }] of ends.entries()) {
      for (let other = 0; other < index; other += 1) {
        const before = ends[other]!;
        if (before.b > b && before.a < a) count += 1;
      }
    }
  }
  return count;
}
