/**
 * Reads what a file says of its own diagram. Files come from outside: shapes without a sound place are left out, and
 * a file whose diagram does not show every flow node is laid out as a whole instead.
 */
import type { ModdleElement } from 'bpmn-moddle';
import { elementOf, elementsOf, kindOf } from '../bpmn/moddle-values.ts';
import {
  type Drawn,
  type DrawnEdge,
  type DrawnShape,
  elementsWithin,
  isFlowNode,
} from './drawn-elements.ts';
import type { Box, Point } from './geometry.ts';
import { layOutDrawing } from './layout/lay-out-drawing.ts';

/** Coordinates beyond are taken for a mistake, in pixels. */
const farthest = 1_000_000;

/** The drawings of a file as they were drawn; where nobody drew all of it, laid out here. Pure. */
export function drawingsOf(definitions: ModdleElement): readonly Drawn[] {
  const drawn = readDiagram(definitions);
  const shown = new Set(drawn.flatMap(({ shapes }) => shapes.map(({ element }) => element)));
  const processes = elementsOf(definitions, 'rootElements').filter(
    (root) => kindOf(root) === 'process',
  );
  const nodes = processes.flatMap((process) => [...elementsWithin(process)].filter(isFlowNode));
  return nodes.every((node) => shown.has(node)) ? drawn : layOutDrawing(definitions);
}

/** The diagrams of a file, as far as they can be drawn. */
export function readDiagram(definitions: ModdleElement): readonly Drawn[] {
  return elementsOf(definitions, 'diagrams').flatMap((diagram) => {
    const plane = elementOf(diagram, 'plane');
    const element = plane && elementOf(plane, 'bpmnElement');
    if (!plane || !element) return [];
    const parts = elementsOf(plane, 'planeElement');
    const shapes = parts.flatMap((part) => shapeOf(part) ?? []);
    const edges = parts.flatMap((part) => edgeOf(part) ?? []);
    return shapes.length === 0 ? [] : [{ element, shapes, edges }];
  });
}

function shapeOf(part: ModdleElement): DrawnShape | undefined {
  const element = elementOf(part, 'bpmnElement');
  const box = boxOf(elementOf(part, 'bounds'));
  if (kindOf(part) !== 'bPMNShape' || !element || !box) return undefined;
  const label = labelOf(part);
  return {
    element,
    box,
    ...(label ? { label } : {}),
    ...(typeof part.isExpanded === 'boolean' ? { isExpanded: part.isExpanded } : {}),
    ...(typeof part.isHorizontal === 'boolean' ? { isHorizontal: part.isHorizontal } : {}),
  };
}

function edgeOf(part: ModdleElement): DrawnEdge | undefined {
  const element = elementOf(part, 'bpmnElement');
  if (kindOf(part) !== 'bPMNEdge' || !element) return undefined;
  const points = elementsOf(part, 'waypoint').flatMap((point) => pointOf(point) ?? []);
  if (points.length < 2) return undefined;
  const label = labelOf(part);
  return { element, points, ...(label ? { label } : {}) };
}

function labelOf(part: ModdleElement): Box | undefined {
  const label = elementOf(part, 'label');
  return label && boxOf(elementOf(label, 'bounds'));
}

function pointOf(point: ModdleElement): Point | undefined {
  const { x, y } = point;
  return isPlace(x) && isPlace(y) ? { x, y } : undefined;
}

function boxOf(bounds: ModdleElement | undefined): Box | undefined {
  if (!bounds) return undefined;
  const { x, y, width, height } = bounds;
  if (!isPlace(x) || !isPlace(y) || !isPlace(width) || !isPlace(height)) return undefined;
  return width < 0 || height < 0 ? undefined : { x, y, width, height };
}

function isPlace(value: unknown): value is number {
  return typeof value === 'number' && Math.abs(value) <= farthest;
}
