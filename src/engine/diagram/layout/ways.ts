/**
 * The ways of flows, once everything has its column and its height. A way is orthogonal, begins and ends at the
 * edges of its boxes, and leads through no box: it turns in the channel between two columns, in a track that
 * no other way has at that height, or right above or below a gateway where nothing stands in between.
 * What leads back goes around everything, above or below.
 */
import { type Box, type Point, withoutDetours } from '../geometry.ts';
import type { Chain, Columns, Slot } from './columns.ts';
import type { FlowBox, FlowEdge } from './flow-graph.ts';
import type { Rows } from './rows.ts';

/** Where boxes, ways and labels are; the origin is the upper left corner of all of them. */
export interface Ways {
  readonly boxes: ReadonlyMap<string, Box>;
  readonly ways: ReadonlyMap<string, readonly Point[]>;
  readonly labels: ReadonlyMap<string, Box>;
  readonly width: number;
  /** What was added above and below the rows for ways that go around. */
  readonly above: number;
  readonly below: number;
}

/** Between a column and the first track, in pixels. */
const trackMargin = 20;
const trackWidth = 12;
const leastChannel = 48;
/** Ways closer than this are taken for one. */
const near = 7;

/** A vertical piece in a channel, shared by flows that leave or enter at the same place. */
interface Net {
  readonly lefts: Set<number>;
  readonly rights: Set<number>;
  low: number;
  high: number;
  track: number;
}

/** Stands for a piece that was not taken. */
const triedNet: Net = { lefts: new Set(), rights: new Set(), low: 0, high: 0, track: 0 };

type Turn =
  | { readonly kind: 'straight' | 'at-source' | 'at-target' }
  | { readonly kind: 'track'; readonly net: Net };

interface Around {
  readonly edge: FlowEdge;
  readonly side: 'above' | 'below';
  /** Undefined: straight up or down from the box. */
  readonly leaves: Net | undefined;
  readonly enters: Net | undefined;
  level: number;
}

/** Finds a way for every flow; none leads through a box. */
export function waysOf(graph: Columns, rows: Rows): Ways {
  return new Router(graph, rows).route();
}

class Router {
  readonly #graph: Columns;
  readonly #rows: Rows;
  readonly #leaving: ReadonlyMap<string, number>;
  readonly #entering: ReadonlyMap<string, number>;
  /** By channel: -1 lies left of the first column. */
  readonly #nets = new Map<number, Map<string, Net>>();
  /** Vertical pieces within columns, x from the middle of the column. */
  readonly #verticals = new Map<number, { x: number; low: number; high: number; key: string }[]>();
  readonly #horizontals = new Map<number, { y: number; key: string }[]>();

  constructor(graph: Columns, rows: Rows) {
    this.#graph = graph;
    this.#rows = rows;
    const edges = [...graph.chains.map(({ edge }) => edge), ...graph.around];
    this.#leaving = countOf(edges, ({ source, boundary }) => boundary?.event ?? source);
    this.#entering = countOf(edges, ({ target }) => target);
  }

  route(): Ways {
    const { chains, columns } = this.#graph;
    for (const { edge, slots } of chains) {
      for (const slot of slots.slice(1, -1)) {
        this.#noteHorizontal(slot.column, this.#y(slot), edge.id);
      }
    }
    const turns = new Map(chains.map((chain) => [chain, this.#turnsOf(chain)]));
    const around = this.#goAround().toSorted((a, b) => this.#span(a) - this.#span(b));
    for (const nets of this.#nets.values()) giveTracks([...nets.values()]);
    const { middles, channels, width } = this.#widths(turns);
    const levels = levelsOf(around);
    const boxes = new Map<string, Box>();
    for (const slot of columns.flat()) {
      const { box } = slot;
      if (!box) continue;
      const x = middles[slot.column]! - box.width / 2;
      const y = this.#y(slot) - box.height / 2 + levels.above;
      boxes.set(box.id, { x, y, width: box.width, height: box.height });
    }
    const trackX = (channel: number, { track }: Net) =>
      channels.get(channel)!.x + trackMargin + track * trackWidth;
    const place = { middles, trackX, shift: levels.above };
    const ways = new Map<string, readonly Point[]>();
    const labels = new Map<string, Box>();
    for (const [chain, own] of turns) {
      const way = this.#wayOf(chain, own, place);
      ways.set(chain.edge.id, way);
      const channel = channels.get(chain.slots[0]!.column)!;
      const label = labelOf(chain.edge, way, own[0]!, channel);
      if (label) labels.set(chain.edge.id, label);
    }
    for (const one of around) {
      const y =
        one.side === 'above'
          ? levels.above - levels.of(one)
          : levels.above + this.#rows.height + levels.of(one);
      const way = this.#wayAround(one, y, place);
      ways.set(one.edge.id, way);
      const { width: room, height } = one.edge.label;
      if (height === 0) continue;
      const on = way.flatMap((point) => (point.y === y ? [point.x] : []));
      const x = (Math.min(...on) + Math.max(...on) - room) / 2;
      labels.set(one.edge.id, { x, y: y - height - 2, width: room, height });
    }
    return { boxes, ways, labels, width, above: levels.above, below: levels.below };
  }

  #y(slot: Slot): number {
    return this.#rows.middle.get(slot) ?? 0;
  }

  #noteHorizontal(column: number, y: number, key: string): void {
    const known = this.#horizontals.get(column) ?? [];
    known.push({ y, key });
    this.#horizontals.set(column, known);
  }

  /** Where each piece of a flow, from one column to the next, changes its height. */
  #turnsOf({ edge, slots }: Chain): readonly Turn[] {
    return slots.slice(1).map((to, index) => {
      const from = slots[index]!;
      const isLast = index === slots.length - 2;
      const source = index === 0 ? from.box : undefined;
      const target = isLast ? to.box : undefined;
      const start = index === 0 && edge.boundary ? edge.boundary.turn : 0;
      const [a, b] = [this.#y(from) + start, this.#y(to)];
      if (a === b && start === 0) return { kind: 'straight' as const };
      if (source && this.#turnsAtSource(edge, from, b)) return { kind: 'at-source' as const };
      if (target && this.#turnsAtTarget(target, to, a)) return { kind: 'at-target' as const };
      if (a === b) return { kind: 'straight' as const };
      const key = this.#netKey(edge, index === 0, isLast, from);
      return { kind: 'track' as const, net: this.#net(from.column, key, { left: a, right: b }) };
    });
  }

  #netKey(edge: FlowEdge, isFirst: boolean, isLast: boolean, from: Slot): string {
    const port = edge.boundary?.event ?? edge.source;
    if (isFirst && (this.#leaving.get(port) ?? 0) > 1) return `from ${port}`;
    if (isLast && (this.#entering.get(edge.target) ?? 0) > 1) return `to ${edge.target}`;
    return `${edge.id} ${from.column}`;
  }

  #net(
    channel: number,
    key: string,
    ends: { readonly left?: number; readonly right?: number; readonly reach?: number },
  ): Net {
    const nets = this.#nets.get(channel) ?? new Map<string, Net>();
    this.#nets.set(channel, nets);
    const net = nets.get(key) ?? {
      lefts: new Set<number>(),
      rights: new Set<number>(),
      low: Infinity,
      high: -Infinity,
      track: 0,
    };
    nets.set(key, net);
    const { left, right, reach } = ends;
    if (left !== undefined) net.lefts.add(left);
    if (right !== undefined) net.rights.add(right);
    for (const y of [left, right, reach]) {
      if (y === undefined) continue;
      net.low = Math.min(net.low, y);
      net.high = Math.max(net.high, y);
    }
    return net;
  }

  /** A gateway is left at the top or bottom, a boundary event downwards, where nothing is in the way. */
  #turnsAtSource({ boundary, source, target }: FlowEdge, slot: Slot, to: number): boolean {
    const box = slot.box!;
    const middle = this.#y(slot);
    if (boundary) {
      if (to < middle + boundary.turn) return false;
      const from = middle + boundary.dy;
      return this.#takes(slot, {
        x: boundary.dx,
        from,
        to,
        key: `${source} to ${target}`,
        side: 1,
      });
    }
    if (!box.isGateway || (this.#leaving.get(source) ?? 0) < 2) return false;
    const from = leavesBox(box, middle, to);
    if (from === undefined) return false;
    return this.#takes(slot, { x: 0, from, to, key: `out of ${source}`, side: 1 });
  }

  #turnsAtTarget(box: FlowBox, slot: Slot, from: number): boolean {
    if (!box.isGateway || (this.#entering.get(box.id) ?? 0) < 2) return false;
    const end = leavesBox(box, this.#y(slot), from);
    if (end === undefined) return false;
    return this.#takes(slot, { x: 0, from: end, to: from, key: `into ${box.id}`, side: -1 });
  }

  /** Takes a vertical piece of a column, and the horizontal one from its end out of the column, if free. */
  #takes(
    slot: Slot,
    way: {
      readonly x: number;
      readonly from: number;
      readonly to: number;
      readonly key: string;
      /** 1: on to the right, -1: from the left, 0: no horizontal piece. */
      readonly side: 1 | -1 | 0;
    },
  ): boolean {
    const { x, from, to, key, side } = way;
    const [low, high] = [Math.min(from, to), Math.max(from, to)];
    for (const other of this.#graph.columns[slot.column] ?? []) {
      const { box } = other;
      if (!box || other === slot) continue;
      const upper = this.#y(other) - box.height / 2 - box.margins.top - near;
      const lower = this.#y(other) + box.height / 2 + box.margins.bottom + near;
      const left = -box.width / 2 - box.margins.left - near;
      const right = box.width / 2 + box.margins.right + near;
      const isOnWay = lower > low && upper < high && left < x && right > x;
      const isBeside =
        side !== 0 && lower > to && upper < to && (side === 1 ? right > x : left < x);
      if (isOnWay || isBeside) return false;
    }
    const verticals = this.#verticals.get(slot.column) ?? [];
    const isTaken = verticals.some(
      (one) =>
        one.key !== key &&
        Math.abs(one.x - x) < near &&
        one.low < high + near &&
        one.high > low - near,
    );
    if (isTaken) return false;
    if (side !== 0) {
      const beside = this.#horizontals.get(slot.column) ?? [];
      if (beside.some((one) => one.key !== key && Math.abs(one.y - to) < near)) return false;
      this.#noteHorizontal(slot.column, to, key);
    }
    verticals.push({ x, low, high, key });
    this.#verticals.set(slot.column, verticals);
    return true;
  }

  #goAround(): Around[] {
    return this.#graph.around.map((edge) => {
      const from = this.#graph.slotOf.get(edge.source)!;
      const to = this.#graph.slotOf.get(edge.target)!;
      if (edge.boundary) return this.#around(edge, from, to, 'below', true);
      const above = this.#around(edge, from, to, 'above', false);
      if (!above.leaves && !above.enters) return above;
      const below = this.#around(edge, from, to, 'below', false);
      return !below.leaves && !below.enters ? below : this.#around(edge, from, to, 'above', true);
    });
  }

  #span({ edge }: Around): number {
    const { slotOf } = this.#graph;
    return Math.abs(slotOf.get(edge.source)!.column - slotOf.get(edge.target)!.column);
  }

  /** One side tried; nothing is taken in the channels unless `isSettled`. */
  #around(edge: FlowEdge, from: Slot, to: Slot, side: Around['side'], isSettled: boolean): Around {
    const reach = side === 'above' ? -1e6 : 1e6;
    const isFree = (slot: Slot, key: string, x: number, dy: number | undefined) => {
      const box = slot.box!;
      if (dy === undefined && (side === 'above' ? box.isTopTaken : box.isBottomTaken)) return false;
      if (from === to && x === 0) return false;
      const edgeY = dy ?? (side === 'above' ? -box.height / 2 : box.height / 2);
      return this.#takes(slot, { x, from: this.#y(slot) + edgeY, to: reach, key, side: 0 });
    };
    const { boundary, source, target } = edge;
    const out = boundary ? `${source} to ${target}` : `out of ${source}`;
    const leavesFreely = isFree(from, out, boundary?.dx ?? 0, boundary?.dy);
    const entersFreely = isFree(to, `into ${target}`, 0, undefined);
    const inChannel = (isFreely: boolean, make: () => Net) =>
      isFreely ? undefined : isSettled ? make() : triedNet;
    const left = this.#y(from) + (boundary?.turn ?? 0);
    const right = this.#y(to);
    return {
      edge,
      side,
      leaves: inChannel(leavesFreely, () =>
        this.#net(from.column, `out ${edge.id}`, { left, reach }),
      ),
      enters: inChannel(entersFreely, () =>
        this.#net(to.column - 1, `in ${edge.id}`, { right, reach }),
      ),
      level: 0,
    };
  }

  #widths(turns: ReadonlyMap<Chain, readonly Turn[]>) {
    const { columns } = this.#graph;
    const labels = new Map<number, number>();
    for (const { edge, slots } of turns.keys()) {
      const column = slots[0]!.column;
      if (edge.label.width === 0) continue;
      labels.set(column, Math.max(labels.get(column) ?? 0, edge.label.width + 16));
    }
    const channels = new Map<number, { readonly x: number; readonly labels: number }>();
    const middles: number[] = [];
    let x = 0;
    for (let column = -1; column < columns.length; column += 1) {
      if (column >= 0) {
        const sides = (columns[column] ?? []).flatMap(({ box }) => (box ? [box] : []));
        const left = Math.max(0, ...sides.map((box) => box.width / 2 + box.margins.left));
        const right = Math.max(0, ...sides.map((box) => box.width / 2 + box.margins.right));
        middles.push(Math.round(x + left));
        x = Math.round(x + left) + Math.ceil(right);
      }
      const nets = [...(this.#nets.get(column)?.values() ?? [])];
      const tracks = nets.length === 0 ? 0 : 1 + Math.max(...nets.map(({ track }) => track));
      const used = tracks === 0 ? 0 : trackMargin + (tracks - 1) * trackWidth;
      channels.set(column, { x, labels: x + used + (tracks === 0 ? 0 : 2) });
      const room = labels.get(column) ?? 0;
      const isEdge = column === -1 || column === columns.length - 1;
      const needed = used + (tracks === 0 ? 0 : trackMargin);
      x += isEdge ? needed : Math.max(leastChannel, needed, used + room);
    }
    return { middles, channels, width: x };
  }

  #wayOf({ edge, slots }: Chain, turns: readonly Turn[], place: Place): readonly Point[] {
    const { middles, trackX, shift } = place;
    const [first, last] = [slots[0]!, slots.at(-1)!];
    const source = first.box!;
    const target = last.box!;
    const startX = middles[first.column]! + (edge.boundary?.dx ?? 0);
    const points: Point[] = [];
    if (edge.boundary) {
      points.push({ x: startX, y: this.#y(first) + edge.boundary.dy });
      if (turns[0]!.kind !== 'at-source') {
        points.push({ x: startX, y: this.#y(first) + edge.boundary.turn });
      }
    } else if (turns[0]!.kind === 'at-source') {
      points.push({ x: startX, y: leavesBox(source, this.#y(first), this.#y(slots[1]!))! });
    } else points.push({ x: startX + source.width / 2, y: this.#y(first) });
    for (const [index, turn] of turns.entries()) {
      const start = index === 0 ? (edge.boundary?.turn ?? 0) : 0;
      const a = this.#y(slots[index]!) + start;
      const b = this.#y(slots[index + 1]!);
      if (turn.kind === 'track') {
        const x = trackX(slots[index]!.column, turn.net);
        points.push({ x, y: a }, { x, y: b });
      } else if (turn.kind === 'at-source') points.push({ x: startX, y: b });
      else if (turn.kind === 'at-target') {
        const x = middles[last.column]!;
        points.push({ x, y: a }, { x, y: leavesBox(target, b, a)! });
      }
    }
    if (turns.at(-1)!.kind !== 'at-target') {
      points.push({ x: middles[last.column]! - target.width / 2, y: this.#y(last) });
    }
    return withoutDetours(points.map(({ x, y }) => ({ x, y: y + shift })));
  }

  #wayAround(around: Around, y: number, { middles, trackX, shift }: Place): readonly Point[] {
    const { edge, leaves, enters, side } = around;
    const from = this.#graph.slotOf.get(edge.source)!;
    const to = this.#graph.slotOf.get(edge.target)!;
    const half = side === 'above' ? -0.5 : 0.5;
    const points: Point[] = [];
    const startX = middles[from.column]! + (edge.boundary?.dx ?? 0);
    const startY = this.#y(from) + shift;
    if (edge.boundary) points.push({ x: startX, y: startY + edge.boundary.dy });
    if (leaves) {
      const leavesAt = startY + (edge.boundary?.turn ?? 0);
      const x = trackX(from.column, leaves);
      points.push({ x: startX + (edge.boundary ? 0 : from.box!.width / 2), y: leavesAt });
      points.push({ x, y: leavesAt }, { x, y });
    } else {
      if (!edge.boundary) points.push({ x: startX, y: startY + from.box!.height * half });
      points.push({ x: startX, y });
    }
    const endX = middles[to.column]!;
    const endY = this.#y(to) + shift;
    if (enters) {
      const x = trackX(to.column - 1, enters);
      points.push({ x, y }, { x, y: endY }, { x: endX - to.box!.width / 2, y: endY });
    } else points.push({ x: endX, y }, { x: endX, y: endY + to.box!.height * half });
    return withoutDetours(points);
  }
}

interface Place {
  readonly middles: readonly number[];
  readonly trackX: (channel: number, net: Net) => number;
  readonly shift: number;
}

/** The height at which a way up or down to `to` leaves a box; undefined when it lies beside it, or is taken. */
function leavesBox(box: FlowBox, middle: number, to: number): number | undefined {
  const half = box.height / 2;
  if (to < middle - half) return box.isTopTaken ? undefined : middle - half;
  if (to > middle + half) return box.isBottomTaken ? undefined : middle + half;
  return undefined;
}

function countOf(
  edges: readonly FlowEdge[],
  keyOf: (edge: FlowEdge) => string,
): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const edge of edges) counts.set(keyOf(edge), (counts.get(keyOf(edge)) ?? 0) + 1);
  return counts;
}

/**
 * Gives each vertical piece of a channel a track, from the left: where one comes in at the height at which
 * another goes out, it has to be left of it, and pieces that meet in height have different tracks.
 */
function giveTracks(nets: readonly Net[]): void {
  const goingOut = new Map<number, Net[]>();
  for (const net of nets) {
    for (const y of net.rights) goingOut.set(y, [...(goingOut.get(y) ?? []), net]);
  }
  const leftOf = new Map<Net, Set<Net>>(nets.map((net) => [net, new Set()]));
  for (const net of nets) {
    for (const y of net.lefts) {
      for (let close = y - near + 1; close < y + near; close += 1) {
        for (const other of goingOut.get(close) ?? []) {
          if (other !== net) leftOf.get(other)!.add(net);
        }
      }
    }
  }
  const waiting = nets.toSorted((a, b) => orderKey(a) - orderKey(b));
  const placed = new Set<Net>();
  const tracks: Net[][] = [];
  const isReady = (net: Net) => leftOf.get(net)!.isSubsetOf(placed);
  while (waiting.length > 0) {
    // In a circle of nets some two have to cross.
    const index = Math.max(0, waiting.findIndex(isReady));
    const [net] = waiting.splice(index, 1) as [Net];
    const before = [...leftOf.get(net)!].filter((other) => placed.has(other));
    net.track = before.reduce((track, other) => Math.max(track, other.track + 1), 0);
    const meets = (other: Net) => other.low < net.high + near && other.high > net.low - near;
    while (tracks[net.track]?.some(meets)) net.track += 1;
    const own = tracks[net.track] ?? [];
    own.push(net);
    tracks[net.track] = own;
    placed.add(net);
  }
}

/** Ways down turn the sooner the lower they come from, ways up the sooner the higher: so they do not cross. */
function orderKey({ lefts, rights }: Net): number {
  const [from] = lefts;
  const [to] = rights;
  if (from === undefined) return 1e6;
  return to !== undefined && to > from ? -from : from;
}

function levelsOf(around: Around[]) {
  const step = { above: 14, below: 14 };
  for (const { edge, side } of around) {
    step[side] = Math.max(step[side], 14 + (edge.label.height && edge.label.height + 4));
  }
  const most = { above: 0, below: 0 };
  for (const side of ['above', 'below'] as const) {
    const own = around.filter((one) => one.side === side);
    for (const [index, one] of own.entries()) one.level = index + 1;
    most[side] = own.length;
  }
  const depth = (side: 'above' | 'below') => (most[side] === 0 ? 0 : 10 + most[side] * step[side]);
  return {
    above: depth('above'),
    below: depth('below'),
    of: ({ side, level }: Around) => level * step[side],
  };
}

/** The label stands above the first long piece that leads to the right. */
function labelOf(
  { label }: FlowEdge,
  way: readonly Point[],
  turn: Turn,
  channel: { readonly x: number; readonly labels: number },
): Box | undefined {
  if (label.height === 0) return undefined;
  const line = turn.kind === 'straight' || turn.kind === 'at-target' ? way[0]! : undefined;
  const after = way.findIndex((point, index) => index > 0 && point.y === way[index + 1]?.y);
  const start = line ?? way[Math.max(0, after)]!;
  const x = turn.kind === 'at-source' ? start.x + 6 : Math.max(start.x + 4, channel.labels + 4);
  return { x, y: start.y - label.height - 2, ...label };
}
