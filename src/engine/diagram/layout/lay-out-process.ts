/**
 * Lays out what lies in a process or sub-process, from the inside out: sub-processes are boxes as large as what
 * is in them, boundary events hang at the lower edge of theirs, data and notes stand beside what they
 * belong to, and parts that no flow connects lie below each other.
 */
import type { ModdleElement } from 'bpmn-moddle';
import { elementOf, elementsOf, idOf, kindOf, textOf } from '../../bpmn/moddle-values.ts';
import {
  besideSize,
  type DrawnEdge,
  type DrawnShape,
  isContainer,
  isData,
  isEvent,
  isFlowNode,
  isGateway,
  shownText,
  sizeOf,
} from '../drawn-elements.ts';
import { movedBox, type Point } from '../geometry.ts';
import type { BoundaryExit, FlowBox, FlowEdge } from './flow-graph.ts';
import { layOutFlow } from './lay-out-flow.ts';

/** What lies in a container, from its own upper left corner. */
export interface Inside {
  readonly shapes: readonly DrawnShape[];
  readonly edges: readonly DrawnEdge[];
  readonly width: number;
  readonly height: number;
  /** Heights of the lanes, from the top. */
  readonly lanes: readonly number[];
}

/** Elements that stand beside others, by the id of the other one. */
export type Companions = ReadonlyMap<string, readonly ModdleElement[]>;

/** Around what lies in a sub-process, and above for its name. */
const padding = 20;
const nameRoom = 34;
const markerRoom = 24;
const partGap = 40;
const companionGap = 20;
/** Parts without flows stand side by side up to this width. */
const leastRow = 720;
const eventRadius = 18;

/** Lays out a container. `laneOf`: number of the lane that an element lies in. */
export function layOutProcess(
  container: ModdleElement,
  companions: Companions,
  lanes?: { readonly count: number; readonly laneOf: (id: string) => number },
): Inside {
  const flowElements = elementsOf(container, 'flowElements');
  const attached = Map.groupBy(
    flowElements.filter((element) => elementOf(element, 'attachedToRef')),
    (element) => idOf(elementOf(element, 'attachedToRef')!),
  );
  const nodes = flowElements.filter(
    (element) => isFlowNode(element) && !elementOf(element, 'attachedToRef'),
  );
  const targets = new Map(
    flowElements
      .filter((element) => kindOf(element) === 'sequenceFlow')
      .map((flow) => [elementOf(flow, 'sourceRef'), elementOf(flow, 'targetRef')]),
  );
  const groups = new Map(
    nodes.map((element) => {
      const hanging = attached.get(idOf(element)) ?? [];
      const lane = lanes?.laneOf(idOf(element)) ?? 0;
      return [
        idOf(element),
        new Standing(element, hanging, { companions, targets, lane }),
      ] as const;
    }),
  );
  const edges = edgesOf(container, groups);
  const boxes = [...groups.values()].map(({ box }) => box);
  const parts = lanes
    ? [{ boxes, edges: edges.map(({ flow }) => flow), isSingle: false }]
    : partsOf(boxes, edges, groups);
  return arrange(parts, groups, edges, {
    count: lanes?.count,
    loose: looseIn(container, companions),
  });
}

interface StandingOptions {
  readonly companions: Companions;
  /** What lies behind events; ways from one element to the same one run together. */
  readonly targets: ReadonlyMap<ModdleElement | undefined, ModdleElement | undefined>;
  readonly lane: number;
}

/** A node with all that moves along with it. */
class Standing {
  readonly element: ModdleElement;
  readonly box: FlowBox;
  readonly exits = new Map<string, BoundaryExit>();
  readonly #inside: Inside | undefined;
  readonly #hanging: readonly ModdleElement[];
  readonly #beside: readonly ModdleElement[];

  constructor(
    element: ModdleElement,
    hanging: readonly ModdleElement[],
    { companions, targets, lane }: StandingOptions,
  ) {
    this.element = element;
    this.#hanging = hanging;
    this.#beside = [element, ...hanging].flatMap((one) => companions.get(idOf(one)) ?? []);
    this.#inside = isContainer(element) ? layOutProcess(element, companions) : undefined;
    const size = this.#inside
      ? containerSize(element, this.#inside)
      : sizeOf(element, hanging.length > 0);
    const slots = hanging.map((event) => 2 * eventRadius + 12 + hangingLabel(event).width);
    const hangingWidth = slots.reduce((sum, width) => sum + width, 0);
    const { height } = size;
    const width = Math.max(size.width, hanging.length > 1 ? 2 * Math.ceil(hangingWidth / 2) : 0);
    const labels = hanging.map((event) => hangingLabel(event).height);
    const under = hanging.length === 0 ? 0 : eventRadius + Math.max(...labels) + 10;
    const text = isGateway(element) || isEvent(element) ? besideSize(shownText(element)) : none;
    const company = rowSize(this.#beside);
    // Labels of gateways stand to the upper left, where no flow comes in.
    const labelLeft = isGateway(element) ? Math.max(0, text.width - width / 2 + 8) : 0;
    const labelBeside = isEvent(element) ? Math.max(0, (text.width - width) / 2) : 0;
    const overhang = Math.max(0, (company.width - width) / 2);
    const labelTop = isGateway(element) && text.height > 0 ? Math.max(0, text.height - 8) : 0;
    this.box = {
      id: idOf(element),
      width,
      height,
      isGateway: isGateway(element),
      isTopTaken: this.#beside.length > 0,
      isBottomTaken: hanging.length > 0 || (isEvent(element) && text.height > 0),
      lane,
      margins: {
        left: Math.max(labelLeft, labelBeside, overhang),
        right: Math.max(labelBeside, overhang),
        top: labelTop + (company.height === 0 ? 0 : company.height + companionGap),
        bottom:
          (isEvent(element) ? text.height + 4 : 0) + (under === 0 ? 0 : under + 8 * hanging.length),
      },
    };
    let right = width / 2;
    for (const [index, event] of hanging.entries()) {
      const dx = right - eventRadius - 8;
      right -= slots[index]!;
      const target = targets.get(event);
      const same = hanging.findIndex((other) => target && targets.get(other) === target);
      const turn = height / 2 + under + 8 * (same < 0 ? index : same);
      this.exits.set(idOf(event), { event: idOf(event), dx, dy: height / 2 + eventRadius, turn });
    }
  }

  /** Everything of it, once its box is at `corner`. */
  placed(corner: Point): { shapes: DrawnShape[]; edges: DrawnEdge[] } {
    const { width, height, margins } = this.box;
    const box = { ...corner, width, height };
    const shapes: DrawnShape[] = [];
    const text = besideSize(shownText(this.element));
    const center = corner.x + width / 2;
    const own = { element: this.element, box };
    if (text.height > 0 && isGateway(this.element)) {
      const x = center - 8 - text.width;
      shapes.push({ ...own, label: { ...text, x, y: corner.y + 8 - text.height } });
    } else if (text.height > 0 && isEvent(this.element)) {
      shapes.push({
        ...own,
        label: { ...text, x: center - text.width / 2, y: corner.y + height + 4 },
      });
    } else shapes.push(this.#inside ? { ...own, isExpanded: true } : own);
    const edges: DrawnEdge[] = [];
    if (this.#inside) {
      const at = {
        x: corner.x + (width - this.#inside.width) / 2,
        y: corner.y + nameRoom,
      };
      const moved = movedInside(this.#inside, at);
      shapes.push(...moved.shapes);
      edges.push(...moved.edges);
    }
    for (const event of this.#hanging) {
      const { dx } = this.exits.get(idOf(event))!;
      const at = { x: center + dx - eventRadius, y: corner.y + height - eventRadius };
      const label = hangingLabel(event);
      const place = { x: at.x + eventRadius - 6 - label.width, y: at.y + 2 * eventRadius + 2 };
      shapes.push({
        element: event,
        box: { ...at, width: 2 * eventRadius, height: 2 * eventRadius },
        ...(label.height > 0 ? { label: { ...label, ...place } } : {}),
      });
    }
    const company = rowSize(this.#beside);
    const bottom = corner.y - margins.top + company.height;
    shapes.push(...inRow(this.#beside, { x: center - company.width / 2, bottom }));
    return { shapes, edges };
  }
}

const none = { width: 0, height: 0 };

function hangingLabel(event: ModdleElement) {
  return besideSize(shownText(event), 72);
}

function containerSize(element: ModdleElement, { width, height }: Inside) {
  const least = Math.max(140, Math.min(300, shownText(element).length * 7));
  return {
    // Even, so that its middle is a whole pixel.
    width: 2 * Math.ceil(Math.max(least, width + 2 * padding) / 2),
    height: 2 * Math.ceil(Math.max(90, nameRoom + height + markerRoom) / 2),
  };
}

/** What stands beside others, side by side; data has its name above it. */
function rowSize(elements: readonly ModdleElement[]) {
  if (elements.length === 0) return none;
  const sizes = elements.map(companionSize);
  return {
    width: sizes.reduce((sum, { width }) => sum + width, 12 * (sizes.length - 1)),
    height: Math.max(...sizes.map(({ height }) => height)),
  };
}

function companionSize(element: ModdleElement) {
  const size = sizeOf(element);
  if (!isData(element)) return size;
  const text = besideSize(shownText(element));
  return { width: Math.max(size.width, text.width), height: size.height + 4 + text.height };
}

function inRow(
  elements: readonly ModdleElement[],
  { x, bottom }: { readonly x: number; readonly bottom: number },
): DrawnShape[] {
  let left = x;
  return elements.map((element) => {
    const whole = companionSize(element);
    const size = sizeOf(element);
    const center = left + whole.width / 2;
    left += whole.width + 12;
    const box = { ...size, x: center - size.width / 2, y: bottom - size.height };
    if (!isData(element)) return { element, box };
    const text = besideSize(shownText(element));
    // Above: below it the line to its element begins.
    const label = { ...text, x: center - text.width / 2, y: box.y - 4 - text.height };
    return { element, box, label };
  });
}

interface Flow {
  readonly element: ModdleElement;
  readonly flow: FlowEdge;
}

/** Sequence flows, and the associations that lead to what undoes an activity. */
function edgesOf(container: ModdleElement, groups: ReadonlyMap<string, Standing>): readonly Flow[] {
  const lines = [...elementsOf(container, 'flowElements'), ...elementsOf(container, 'artifacts')];
  return lines.flatMap((element) => {
    const kind = kindOf(element);
    if (kind !== 'sequenceFlow' && kind !== 'association') return [];
    const from = elementOf(element, 'sourceRef');
    const to = elementOf(element, 'targetRef');
    if (!from || !to) return [];
    const host = elementOf(from, 'attachedToRef');
    const source = idOf(host ?? from);
    const target = idOf(to);
    const boundary = host && groups.get(source)?.exits.get(idOf(from));
    if (!groups.has(source) || !groups.has(target)) return [];
    if (kind === 'association' && !boundary) return [];
    const label = kind === 'association' ? none : besideSize(textOf(element, 'name') ?? '');
    const flow = { id: idOf(element), source, target, label, ...(boundary ? { boundary } : {}) };
    return [{ element, flow }];
  });
}

interface Part {
  readonly boxes: readonly FlowBox[];
  readonly edges: readonly FlowEdge[];
  /** One box, and no flow. */
  readonly isSingle: boolean;
}

/** What flows connect, each for itself; those that begin by themselves last. */
function partsOf(
  boxes: readonly FlowBox[],
  flows: readonly Flow[],
  groups: ReadonlyMap<string, Standing>,
): readonly Part[] {
  const parent = new Map(boxes.map(({ id }) => [id, id]));
  const root = (id: string): string => {
    let at = id;
    while (parent.get(at) !== at) {
      const above = parent.get(parent.get(at)!)!;
      parent.set(at, above);
      at = above;
    }
    return at;
  };
  for (const { flow } of flows) parent.set(root(flow.source), root(flow.target));
  const edges = Map.groupBy(flows, ({ flow }) => root(flow.source));
  const parts = [...Map.groupBy(boxes, ({ id }) => root(id))].map(([id, own]) => ({
    boxes: own,
    edges: (edges.get(id) ?? []).map(({ flow }) => flow),
    isSingle: own.length === 1 && !edges.has(id),
  }));
  const rank = ({ boxes: own, isSingle }: Part) => {
    if (!isSingle) return 0;
    return groups.get(own[0]!.id)?.element.triggeredByEvent === true ? 2 : 1;
  };
  return parts.toSorted((a, b) => rank(a) - rank(b));
}

/** Data and notes that belong to nothing in the container. */
function looseIn(container: ModdleElement, companions: Companions): readonly ModdleElement[] {
  const taken = new Set([...companions.values()].flat());
  const all = [...elementsOf(container, 'flowElements'), ...elementsOf(container, 'artifacts')];
  const referred = new Set(all.map((element) => elementOf(element, 'dataObjectRef')));
  return all.filter(
    (element) =>
      !taken.has(element) &&
      !referred.has(element) &&
      (kindOf(element) === 'textAnnotation' || isData(element)),
  );
}

function arrange(
  parts: readonly Part[],
  groups: ReadonlyMap<string, Standing>,
  flows: readonly Flow[],
  {
    count,
    loose,
  }: { readonly count: number | undefined; readonly loose: readonly ModdleElement[] },
): Inside {
  const shapes: DrawnShape[] = [];
  const edges: DrawnEdge[] = [];
  const elements = new Map(flows.map(({ element, flow }) => [flow.id, element]));
  let lanes: readonly number[] = [];
  let [width, bottom] = [0, 0];
  let row = { x: 0, y: 0, height: 0 };
  const rowWidth = () => Math.max(leastRow, width);
  for (const part of parts) {
    const laid = layOutFlow(part.boxes, part.edges, count);
    const isBeside = part.isSingle && row.height > 0 && row.x + laid.width <= rowWidth();
    const gap = bottom === 0 ? 0 : partGap;
    const at = isBeside ? { x: row.x, y: row.y } : { x: 0, y: bottom + gap };
    lanes = laid.lanes;
    for (const [id, box] of laid.boxes) {
      const placed = groups.get(id)!.placed({ x: box.x + at.x, y: box.y + at.y });
      shapes.push(...placed.shapes);
      edges.push(...placed.edges);
    }
    for (const [id, way] of laid.ways) {
      const label = laid.labels.get(id);
      edges.push({
        element: elements.get(id)!,
        points: way.map(({ x, y }) => ({ x: x + at.x, y: y + at.y })),
        ...(label ? { label: movedBox(label, at) } : {}),
      });
    }
    width = Math.max(width, at.x + laid.width);
    bottom = Math.max(bottom, at.y + laid.height);
    row = part.isSingle
      ? { x: at.x + laid.width + partGap / 2, y: at.y, height: laid.height }
      : { x: 0, y: 0, height: 0 };
  }
  if (loose.length > 0) {
    const size = rowSize(loose);
    bottom += (bottom === 0 ? 0 : partGap) + size.height;
    shapes.push(...inRow(loose, { x: 0, bottom }));
    if (count !== undefined) bottom += padding;
    width = Math.max(width, size.width);
  }
  return { shapes, edges, width, height: bottom, lanes };
}

/** The same somewhere else. */
export function movedInside(
  { shapes, edges }: Pick<Inside, 'shapes' | 'edges'>,
  at: Point,
): { readonly shapes: readonly DrawnShape[]; readonly edges: readonly DrawnEdge[] } {
  return {
    shapes: shapes.map((shape) => ({
      ...shape,
      box: movedBox(shape.box, at),
      ...(shape.label ? { label: movedBox(shape.label, at) } : {}),
    })),
    edges: edges.map((edge) => ({
      ...edge,
      points: edge.points.map(({ x, y }) => ({ x: x + at.x, y: y + at.y })),
      ...(edge.label ? { label: movedBox(edge.label, at) } : {}),
    })),
  };
}
