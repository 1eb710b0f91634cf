/**
 * Lays a whole file out: each process, or its pools with their lanes below each other, message flows in the room
 * between them, and at the end what only points at something: associations of data and notes, and groups.
 *
 * bpmn-auto-layout was tried and left: it lays out the first pool only, draws sub-processes closed, and has no
 * place for lanes, message flows, notes, groups and associations.
 */
import type { ModdleElement } from 'bpmn-moddle';
import { elementOf, elementsOf, idOf, kindOf, textOf } from '../../bpmn/moddle-values.ts';
import {
  type Drawn,
  type DrawnEdge,
  type DrawnShape,
  elementsWithin,
  isContainer,
  isData,
  isFlowNode,
} from '../drawn-elements.ts';
import { type Box, borderTowards, boxAround, middleOf, type Point } from '../geometry.ts';
import { type Companions, layOutProcess, movedInside } from './lay-out-process.ts';

/** Around everything, in pixels. */
const margin = 40;
const poolHeader = 30;
const laneHeader = 24;
const poolPadding = 30;
const leastPool = { width: 600, height: 60 };
const poolGap = 48;
/** Between message flows that lie in the same room. */
const messageGap = 12;

/** Elements of one drawing that can be laid out; more make a picture that nobody can read. */
export const mostLaidOut = 5_000;

/** Gives one drawing for each process, or one for the collaboration that the file has. Pure. */
export function layOutDrawing(definitions: ModdleElement): readonly Drawn[] {
  const roots = elementsOf(definitions, 'rootElements');
  const processes = roots.filter((root) => kindOf(root) === 'process');
  const collaboration = roots.find((root) => kindOf(root) === 'collaboration');
  const participants = collaboration ? elementsOf(collaboration, 'participants') : [];
  const inPool = new Set(participants.map((one) => elementOf(one, 'processRef')));
  const alone = processes.filter((process) => !inPool.has(process));
  return [
    ...(collaboration && participants.length > 0 ? [layOutCollaboration(collaboration)] : []),
    ...alone.map(layOutAlone),
  ];
}

function layOutAlone(process: ModdleElement): Drawn {
  // Lanes without a pool are drawn in one, without its name.
  const companions = companionsIn(process);
  const lanes = lanesOf(process);
  const inside = layOutProcess(process, companions, lanes.leaves.length > 0 ? lanes : undefined);
  const left = margin + lanes.depth * laneHeader + (lanes.depth > 0 ? poolPadding : 0);
  const moved = movedInside(inside, { x: left, y: margin });
  const right = left + inside.width + poolPadding;
  const bands = laneShapes(lanes, inside.lanes, { x: margin, y: margin, right });
  return finished(process, [process], [...bands, ...moved.shapes], moved.edges);
}

function layOutCollaboration(collaboration: ModdleElement): Drawn {
  const participants = elementsOf(collaboration, 'participants');
  const messages = elementsOf(collaboration, 'messageFlows');
  const pools = participants.map((participant) => {
    const process = elementOf(participant, 'processRef');
    const hasContent = process && elementsOf(process, 'flowElements').length > 0;
    if (!hasContent) return { participant, process, lanes: lanesOf(undefined), inside: undefined };
    const lanes = lanesOf(process);
    const use = lanes.leaves.length > 0 ? lanes : undefined;
    return {
      participant,
      process,
      lanes,
      inside: layOutProcess(process, companionsIn(process), use),
    };
  });
  const width = Math.max(
    leastPool.width,
    ...pools.map(
      ({ lanes, inside }) =>
        poolHeader + lanes.depth * laneHeader + 2 * poolPadding + (inside?.width ?? 0),
    ),
  );
  const gap = poolGap + messages.length * messageGap;
  const shapes: DrawnShape[] = [];
  const edges: DrawnEdge[] = [];
  let y = margin;
  for (const { participant, lanes, inside } of pools) {
    const hasLanes = lanes.leaves.length > 0;
    const content = inside ? inside.height + (hasLanes ? 0 : 2 * poolPadding) : leastPool.height;
    const box = { x: margin, y, width, height: Math.max(leastPool.height, content) };
    shapes.push({ element: participant, box, isHorizontal: true });
    if (inside) {
      const left = box.x + poolHeader;
      const corner = { x: left, y, right: box.x + width };
      shapes.push(...laneShapes(lanes, inside.lanes, corner));
      const at = {
        x: left + lanes.depth * laneHeader + poolPadding,
        y: y + (hasLanes ? 0 : poolPadding),
      };
      const moved = movedInside(inside, at);
      shapes.push(...moved.shapes);
      edges.push(...moved.edges);
    }
    y += box.height + gap;
  }
  edges.push(...messageFlows(messages, shapes));
  const scopes = [collaboration, ...pools.flatMap(({ process }) => (process ? [process] : []))];
  return finished(collaboration, scopes, shapes, edges);
}

interface Lanes {
  readonly count: number;
  /** Lanes that hold no others, from the top. */
  readonly leaves: readonly ModdleElement[];
  readonly all: readonly { readonly lane: ModdleElement; readonly depth: number }[];
  /** How many lie within each other at most. */
  readonly depth: number;
  readonly laneOf: (id: string) => number;
}

function lanesOf(process: ModdleElement | undefined): Lanes {
  const all: { lane: ModdleElement; depth: number }[] = [];
  const leaves: ModdleElement[] = [];
  const number = new Map<string, number>();
  const walk = (set: ModdleElement, depth: number) => {
    for (const lane of elementsOf(set, 'lanes')) {
      all.push({ lane, depth });
      const children = elementOf(lane, 'childLaneSet');
      const before = leaves.length;
      if (children) walk(children, depth + 1);
      if (leaves.length === before) leaves.push(lane);
      for (const node of elementsOf(lane, 'flowNodeRef')) {
        if (!number.has(idOf(node))) number.set(idOf(node), before);
      }
    }
  };
  for (const set of process ? elementsOf(process, 'laneSets') : []) walk(set, 1);
  return {
    count: Math.max(1, leaves.length),
    leaves,
    all,
    depth: Math.max(0, ...all.map(({ depth }) => depth)),
    laneOf: (id) => number.get(id) ?? 0,
  };
}

function laneShapes(
  lanes: Lanes,
  heights: readonly number[],
  { x, y, right }: Point & { readonly right: number },
): DrawnShape[] {
  const tops = lanes.leaves.map((_, index) =>
    heights.slice(0, index).reduce((sum, height) => sum + height, y),
  );
  return lanes.all.map(({ lane, depth }) => {
    const own = leavesOf(lane).map((leaf) => lanes.leaves.indexOf(leaf));
    const left = x + (depth - 1) * laneHeader;
    const height = own.reduce((sum, index) => sum + (heights[index] ?? 0), 0);
    const box = { x: left, y: tops[own[0] ?? 0] ?? y, width: right - left, height };
    return { element: lane, box, isHorizontal: true };
  });
}

function leavesOf(lane: ModdleElement): readonly ModdleElement[] {
  const children = elementOf(lane, 'childLaneSet');
  const within = children ? elementsOf(children, 'lanes').flatMap(leavesOf) : [];
  return within.length > 0 ? within : [lane];
}

/** Which data and notes stand beside which node: the first that they are associated with. */
function companionsIn(process: ModdleElement): Companions {
  const parent = new Map<ModdleElement, ModdleElement>();
  const visit = (container: ModdleElement) => {
    const all = [...elementsOf(container, 'flowElements'), ...elementsOf(container, 'artifacts')];
    for (const element of all) {
      parent.set(element, container);
      if (isContainer(element)) visit(element);
    }
  };
  visit(process);
  const hosts = new Map<string, ModdleElement[]>();
  const taken = new Set<ModdleElement>();
  for (const { from, to } of pointersIn(process)) {
    const isBeside = (one: ModdleElement) => isData(one) || kindOf(one) === 'textAnnotation';
    const companion = isBeside(from) ? from : isBeside(to) ? to : undefined;
    const scope = companion && parent.get(companion);
    if (!companion || !scope || taken.has(companion)) continue;
    let host: ModdleElement | undefined = companion === from ? to : from;
    while (host && parent.get(host) !== scope) host = parent.get(host);
    if (!host || !isFlowNode(host)) continue;
    taken.add(companion);
    hosts.set(idOf(host), [...(hosts.get(idOf(host)) ?? []), companion]);
  }
  return hosts;
}

interface Pointer {
  readonly element: ModdleElement;
  readonly from: ModdleElement;
  readonly to: ModdleElement;
}

/** Associations in a scope, those of data included, by what they join. */
function* pointersIn(scope: ModdleElement): Generator<Pointer> {
  for (const element of elementsWithin(scope)) {
    const { from, to } = {
      from: elementOf(element, 'sourceRef'),
      to: elementOf(element, 'targetRef'),
    };
    if (kindOf(element) === 'association' && from && to) yield { element, from, to };
    for (const association of elementsOf(element, 'dataInputAssociations')) {
      for (const source of elementsOf(association, 'sourceRef')) {
        yield { element: association, from: source, to: element };
      }
    }
    for (const association of elementsOf(element, 'dataOutputAssociations')) {
      const target = elementOf(association, 'targetRef');
      if (target) yield { element: association, from: element, to: target };
    }
  }
}

function messageFlows(
  messages: readonly ModdleElement[],
  shapes: readonly DrawnShape[],
): DrawnEdge[] {
  const boxOf = new Map(shapes.map(({ element, box }) => [idOf(element), box]));
  const used = new Map<string, number>();
  return messages.flatMap((element, index) => {
    const from = elementOf(element, 'sourceRef');
    const to = elementOf(element, 'targetRef');
    const source = from && boxOf.get(idOf(from));
    const target = to && boxOf.get(idOf(to));
    if (!from || !to || !source || !target) return [];
    const isDown = source.y < target.y;
    const start = isDown ? source.y + source.height : source.y;
    const end = isDown ? target.y : target.y + target.height;
    const side = (one: ModdleElement) => {
      const times = used.get(idOf(one)) ?? 0;
      used.set(idOf(one), times + 1);
      return kindOf(one) === 'participant' ? 0 : [0, 14, -14, 28, -28][times % 5]!;
    };
    const [fromSide, toSide] = [side(from), side(to)];
    let startX = middleOf(source).x + fromSide;
    let endX = middleOf(target).x + toSide;
    if (kindOf(from) === 'participant') startX = endX;
    else if (kindOf(to) === 'participant') endX = startX;
    const edge = poolEdge(to, shapes, target, isDown);
    const turn = isDown ? edge - 16 - index * messageGap : edge + 16 + index * messageGap;
    const points = [
      { x: startX, y: start },
      ...(startX === endX
        ? []
        : [
            { x: startX, y: turn },
            { x: endX, y: turn },
          ]),
      { x: endX, y: end },
    ];
    const name = textOf(element, 'name') ?? '';
    const label = {
      x: startX + 6,
      y: (start + turn) / 2 - 7,
      width: Math.min(120, name.length * 7),
      height: 14,
    };
    return [{ element, points, ...(name === '' ? {} : { label }) }];
  });
}

/** The upper or lower edge of the pool that an element lies in. */
function poolEdge(
  element: ModdleElement,
  shapes: readonly DrawnShape[],
  box: Box,
  isUpper: boolean,
): number {
  const pool = shapes.find(
    (shape) =>
      kindOf(shape.element) === 'participant' &&
      (shape.element === element ||
        (shape.box.y <= box.y && shape.box.y + shape.box.height >= box.y + box.height)),
  );
  const around = pool?.box ?? box;
  return isUpper ? around.y : around.y + around.height;
}

/** The drawing with what points at things, when everything has its place. */
function finished(
  element: ModdleElement,
  scopes: readonly ModdleElement[],
  shapes: readonly DrawnShape[],
  edges: readonly DrawnEdge[],
): Drawn {
  const drawn = new Set(edges.map((edge) => edge.element));
  const boxOf = new Map(shapes.map((shape) => [shape.element, shape.box]));
  const wayOf = new Map(edges.map((edge) => [edge.element, edge.points]));
  const end = (one: ModdleElement): Box | undefined => {
    const way = wayOf.get(one);
    const box = boxOf.get(one);
    if (box || !way) return box;
    // A note about a flow points at the middle of its first piece.
    const [a, b = a] = way;
    return a && b ? { x: (a.x + b.x) / 2, y: (a.y + b.y) / 2, width: 0, height: 0 } : undefined;
  };
  const pointers: DrawnEdge[] = [];
  for (const { element: association, from, to } of scopes.flatMap((one) => [...pointersIn(one)])) {
    const [source, target] = [end(from), end(to)];
    if (drawn.has(association) || !source || !target) continue;
    drawn.add(association);
    const points = [
      borderTowards(source, middleOf(target)),
      borderTowards(target, middleOf(source)),
    ];
    pointers.push({ element: association, points });
  }
  const groups = scopes.flatMap((scope) => [...groupsIn(scope, shapes)]);
  return { element, shapes: [...shapes, ...groups], edges: [...edges, ...pointers] };
}

/** Groups have no place of their own: they are drawn around what is of their category. */
function* groupsIn(scope: ModdleElement, shapes: readonly DrawnShape[]): Generator<DrawnShape> {
  const own = [...elementsOf(scope, 'artifacts'), ...elementsWithin(scope)];
  for (const group of new Set(own)) {
    const value = kindOf(group) === 'group' ? elementOf(group, 'categoryValueRef') : undefined;
    if (!value) continue;
    const members = shapes.filter(({ element }) =>
      elementsOf(element, 'categoryValueRef').includes(value),
    );
    if (members.length === 0) continue;
    const { x, y, width, height } = boxAround(members.map(({ box }) => box));
    yield { element: group, box: { x: x - 14, y: y - 24, width: width + 28, height: height + 38 } };
  }
}
