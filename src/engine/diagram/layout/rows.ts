/**
 * How high each slot stands: ways that go on straight do so, above all the longest of them, and nothing comes
 * closer to its neighbours than its own room allows. The heights of a column that come nearest to what
 * its slots want, in their order, are found exactly (the pool of adjacent violators, by medians).
 */
import type { Chain, Columns, Slot } from './columns.ts';

/** Free room between neighbours in a column, in pixels. */
const gap = 28;
/** Half of the room of a flow that only passes. */
const passing = 8;
/** Around what lies in a lane. */
const lanePadding = 24;
const leastLane = 100;
const sweeps = 16;
/** Of these: sweeps in which slots look to both sides, which straightens long ways. */
const lastSweeps = 6;
/** How much more than others a flow of a long way pulls. */
const mainWeight = 100;

/** Heights of the slots. */
export interface Rows {
  /** Height of the middle of each slot, where flows enter and leave. */
  readonly middle: ReadonlyMap<Slot, number>;
  readonly height: number;
  readonly lanes: readonly number[];
}

interface Pull {
  readonly to: Slot;
  /** How far below the other one it wants to be. */
  readonly below: number;
  readonly weight: number;
}

/** Finds how high each slot stands. With lanes, a slot stays within its lane. */
export function rowsOf({ columns, chains }: Columns, lanes: number | undefined): Rows {
  const extents = extentsOf(columns, chains);
  const { before, behind } = pullsOf(chains);
  const onBothSides = new Map(
    columns
      .flat()
      .map((slot) => [slot, [...(before.get(slot) ?? []), ...(behind.get(slot) ?? [])]]),
  );
  // At the end what stands on a long way stands where that way comes from.
  const onWay = new Map(
    [...onBothSides].map(([slot, pulls]) => {
      const main = (before.get(slot) ?? []).filter(({ weight }) => weight === mainWeight);
      return [slot, main.length > 0 ? main : pulls];
    }),
  );
  const middle = new Map<Slot, number>();
  const heights: number[] = [];
  let top = 0;
  for (let lane = 0; lane < (lanes ?? 1); lane += 1) {
    const own = columns.map((slots) => slots.filter((slot) => slot.lane === lane));
    for (const slots of own) stack(slots, extents, middle);
    for (let sweep = 0; sweep < sweeps; sweep += 1) {
      const isForward = sweep % 2 === 1;
      const isLast = sweep >= sweeps - lastSweeps;
      const pulls = isLast ? onBothSides : isForward ? before : behind;
      for (const slots of isForward ? own : own.toReversed()) settle(slots, pulls, extents, middle);
    }
    for (const slots of own) settle(slots, onWay, extents, middle);
    straighten(own, chains, extents, middle);
    const { upper, lower } = reachOf(own.flat(), extents, middle);
    const padding = lanes === undefined ? 0 : lanePadding;
    const least = lanes === undefined ? 0 : leastLane;
    const height = Math.ceil(Math.max(least, lower - upper + 2 * padding));
    const shift = top + (height - (lower - upper)) / 2 - upper;
    for (const slot of own.flat()) middle.set(slot, Math.round(at(middle, slot) + shift));
    top += height;
    heights.push(height);
  }
  return { middle, height: top, lanes: heights };
}

function reachOf(
  slots: readonly Slot[],
  extents: ReadonlyMap<Slot, Extent>,
  middle: ReadonlyMap<Slot, number>,
): { readonly upper: number; readonly lower: number } {
  if (slots.length === 0) return { upper: 0, lower: 0 };
  let [upper, lower] = [Infinity, -Infinity];
  for (const slot of slots) {
    const { up, down } = extents.get(slot)!;
    upper = Math.min(upper, at(middle, slot) - up);
    lower = Math.max(lower, at(middle, slot) + down);
  }
  return { upper, lower };
}

const at = (middle: ReadonlyMap<Slot, number>, slot: Slot) => middle.get(slot) ?? 0;

interface Extent {
  readonly up: number;
  readonly down: number;
}

function extentsOf(
  columns: readonly (readonly Slot[])[],
  chains: readonly Chain[],
): ReadonlyMap<Slot, Extent> {
  const extents = new Map<Slot, Extent>();
  for (const slot of columns.flat()) {
    const { box } = slot;
    const half = box ? box.height / 2 : passing;
    const { top, bottom } = box?.margins ?? { top: 0, bottom: 0 };
    extents.set(slot, { up: half + top, down: half + bottom });
  }
  // A label stands on its flow, right behind the source.
  for (const { edge, slots } of chains) {
    const first = slots[1];
    if (!first || first.box || edge.label.height === 0) continue;
    const { up, down } = extents.get(first)!;
    extents.set(first, { up: Math.max(up, edge.label.height + 6), down });
  }
  return extents;
}

/** Who wants to stand beside whom. The longest way through counts most, then the longest through the rest. */
function pullsOf(chains: readonly Chain[]): {
  readonly before: ReadonlyMap<Slot, readonly Pull[]>;
  readonly behind: ReadonlyMap<Slot, readonly Pull[]>;
} {
  const straight = longestWays(chains);
  const before = new Map<Slot, Pull[]>();
  const behind = new Map<Slot, Pull[]>();
  const note = (pulls: Map<Slot, Pull[]>, slot: Slot, pull: Pull) => {
    const known = pulls.get(slot);
    if (known) known.push(pull);
    else pulls.set(slot, [pull]);
  };
  for (const chain of chains) {
    for (const [index, to] of chain.slots.slice(1).entries()) {
      const from = chain.slots[index]!;
      if (from.lane !== to.lane) continue;
      const passes = Number(!from.box) + Number(!to.box);
      const below = index === 0 && chain.edge.boundary ? chain.edge.boundary.turn + 20 : 0;
      const weight = straight.has(chain) ? mainWeight : (1 + passes) ** 2;
      note(before, to, { to: from, below, weight });
      note(behind, from, { to, below: -below, weight: below === 0 ? weight : weight / 10 });
    }
  }
  return { before, behind };
}

/** Flows of the longest path from left to right, of the longest through what is left, and so on. */
function longestWays(chains: readonly Chain[]): ReadonlySet<Chain> {
  const candidates = chains.filter(({ edge }) => !edge.boundary);
  const outgoing = Map.groupBy(candidates, ({ slots }) => slots[0]!);
  const slots = [...new Set(candidates.flatMap((chain) => [chain.slots[0]!, chain.slots.at(-1)!]))];
  const length = new Map<Slot, number>();
  for (const slot of slots.toSorted((a, b) => b.column - a.column)) {
    for (const chain of outgoing.get(slot) ?? []) {
      const reached = 1 + (length.get(chain.slots.at(-1)!) ?? 0);
      length.set(slot, Math.max(reached, length.get(slot) ?? 0));
    }
  }
  const straight = new Set<Chain>();
  const used = new Set<Slot>();
  const byLength = slots.toSorted(
    (a, b) => (length.get(b) ?? 0) - (length.get(a) ?? 0) || a.column - b.column,
  );
  const lengthBehind = ({ slots: own }: Chain) => length.get(own.at(-1)!) ?? 0;
  for (const start of byLength) {
    let slot: Slot | undefined = used.has(start) ? undefined : start;
    while (slot) {
      used.add(slot);
      const free = (outgoing.get(slot) ?? []).filter(({ slots: own }) => !used.has(own.at(-1)!));
      const [longest] = free.toSorted((a, b) => lengthBehind(b) - lengthBehind(a));
      if (longest) straight.add(longest);
      slot = longest?.slots.at(-1);
    }
  }
  return straight;
}

function distance(a: Slot, b: Slot, extents: ReadonlyMap<Slot, Extent>): number {
  const free = a.box && b.box ? gap : a.box || b.box ? gap / 2 : 0;
  return extents.get(a)!.down + free + extents.get(b)!.up;
}

function stack(
  slots: readonly Slot[],
  extents: ReadonlyMap<Slot, Extent>,
  middle: Map<Slot, number>,
): void {
  for (const [index, slot] of slots.entries()) {
    const above = slots[index - 1];
    middle.set(slot, above ? at(middle, above) + distance(above, slot, extents) : 0);
  }
}

/** Lets a flow pass through all of its columns at one height, where its neighbours leave it room to. */
function straighten(
  columns: readonly (readonly Slot[])[],
  chains: readonly Chain[],
  extents: ReadonlyMap<Slot, Extent>,
  middle: Map<Slot, number>,
): void {
  const row = new Map(
    columns.flatMap((slots) => slots.map((slot, index) => [slot, index] as const)),
  );
  for (const { edge, slots } of chains) {
    const passed = slots.slice(1, -1).filter((slot) => row.has(slot));
    if (passed.length === 0) continue;
    let [low, high] = [-Infinity, Infinity];
    for (const slot of passed) {
      const own = columns[slot.column] ?? [];
      const above = own[row.get(slot)! - 1];
      const below = own[row.get(slot)! + 1];
      if (above) low = Math.max(low, at(middle, above) + distance(above, slot, extents));
      if (below) high = Math.min(high, at(middle, below) - distance(slot, below, extents));
    }
    if (low > high) continue;
    const target = at(middle, slots.at(-1)!);
    const source = at(middle, slots[0]!) + (edge.boundary?.turn ?? 0);
    const usual = passed.map((slot) => at(middle, slot)).toSorted((a, b) => a - b);
    const wanted = [target, source].find((y) => y >= low && y <= high);
    const y = wanted ?? Math.min(high, Math.max(low, usual[usual.length >> 1]!));
    for (const slot of passed) middle.set(slot, y);
  }
}

interface Wish {
  readonly value: number;
  readonly weight: number;
}

/** Moves the slots of one column to where they want to be, as far as their order and room allow. */
function settle(
  slots: readonly Slot[],
  pulls: ReadonlyMap<Slot, readonly Pull[]>,
  extents: ReadonlyMap<Slot, Extent>,
  middle: Map<Slot, number>,
): void {
  const offsets: number[] = [];
  const blocks: { readonly wishes: Wish[]; value: number; count: number }[] = [];
  for (const [index, slot] of slots.entries()) {
    const above = slots[index - 1];
    const offset = above ? (offsets[index - 1] ?? 0) + distance(above, slot, extents) : 0;
    offsets.push(offset);
    const own = (pulls.get(slot) ?? []).map(({ to, below, weight }) => ({
      value: at(middle, to) + below - offset,
      weight,
    }));
    if (own.length === 0) own.push({ value: at(middle, slot) - offset, weight: 0.1 });
    blocks.push({ wishes: own, value: median(own), count: 1 });
    for (let last = blocks.at(-1)!, one = blocks.at(-2); one && one.value > last.value; ) {
      blocks.pop();
      one.wishes.push(...last.wishes);
      one.value = median(one.wishes);
      one.count += last.count;
      last = one;
      one = blocks.at(-2);
    }
  }
  let index = 0;
  for (const { value, count } of blocks) {
    for (const end = index + count; index < end; index += 1) {
      middle.set(slots[index]!, value + (offsets[index] ?? 0));
    }
  }
}

/** The value that half of the weight lies on either side of; between two that are as good, the middle. */
function median(wishes: readonly Wish[]): number {
  const sorted = wishes.toSorted((a, b) => a.value - b.value);
  const half = sorted.reduce((sum, { weight }) => sum + weight, 0) / 2;
  let sum = 0;
  for (const [index, { value, weight }] of sorted.entries()) {
    sum += weight;
    if (sum === half) return (value + (sorted[index + 1]?.value ?? value)) / 2;
    if (sum > half) return value;
  }
  return 0;
}
