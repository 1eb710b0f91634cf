/** What is wrong with a laid-out drawing, for tests: what overlaps, sticks out, misses its ends or runs through a shape. */
import type { ModdleElement } from 'bpmn-moddle';
import { elementOf, idOf, kindOf } from '../../bpmn/moddle-values.ts';
import { type Drawn, type DrawnShape, isFlowNode } from '../drawn-elements.ts';
import type { Box, Point } from '../geometry.ts';

/** One line for each fault; none when the drawing is as it has to be. */
export function layoutFaults({ shapes, edges }: Drawn): readonly string[] {
  const boxOf = new Map(shapes.map(({ element, box }) => [element, box]));
  const nodes = shapes.filter(({ element }) => isPlaced(element));
  const faults: string[] = [];
  for (const [index, shape] of nodes.entries()) {
    const around = shape.element.$parent && boxOf.get(shape.element.$parent);
    if (around && !isWithin(shape.box, around)) faults.push(`${name(shape)} sticks out`);
    for (const other of nodes.slice(index + 1)) {
      if (areApart(shape, other) && overlap(shape.box, other.box)) {
        faults.push(`${name(shape)} overlaps ${name(other)}`);
      }
    }
    for (const other of nodes) {
      if (
        shape.label &&
        other !== shape &&
        areSiblings(shape, other) &&
        overlap(shape.label, other.box)
      ) {
        faults.push(`the label of ${name(shape)} lies on ${name(other)}`);
      }
    }
  }
  for (const { element, points } of edges) {
    if (kindOf(element) !== 'sequenceFlow') continue;
    const id = idOf(element);
    const source = elementOf(element, 'sourceRef')!;
    const target = elementOf(element, 'targetRef')!;
    if (!isOnBorder(points[0], boxOf.get(source))) faults.push(`${id} begins beside its source`);
    if (!isOnBorder(points.at(-1), boxOf.get(target))) faults.push(`${id} ends beside its target`);
    for (const [index, to] of points.slice(1).entries()) {
      const from = points[index]!;
      if (from.x !== to.x && from.y !== to.y) faults.push(`${id} is not orthogonal`);
      for (const shape of nodes) {
        const isEnd = [source, target].includes(shape.element);
        if (isEnd || !areSiblings(shape, { element })) continue;
        if (isHost(shape.element, source)) continue;
        if (runsThrough(from, to, shape.box)) faults.push(`${id} runs through ${name(shape)}`);
      }
    }
  }
  return faults;
}

const name = ({ element }: Pick<DrawnShape, 'element'>) => idOf(element);

function isPlaced(element: ModdleElement): boolean {
  return isFlowNode(element) || /^data|^textAnnotation$/.test(kindOf(element));
}

function areSiblings(a: Pick<DrawnShape, 'element'>, b: Pick<DrawnShape, 'element'>): boolean {
  return a.element.$parent === b.element.$parent;
}

function areApart(a: DrawnShape, b: DrawnShape): boolean {
  return areSiblings(a, b) && !isHost(a.element, b.element) && !isHost(b.element, a.element);
}

function isHost(host: ModdleElement, event: ModdleElement): boolean {
  return elementOf(event, 'attachedToRef') === host;
}

function overlap(a: Box, b: Box): boolean {
  return a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;
}

function isWithin(inner: Box, outer: Box): boolean {
  return (
    inner.x >= outer.x &&
    inner.y >= outer.y &&
    inner.x + inner.width <= outer.x + outer.width &&
    inner.y + inner.height <= outer.y + outer.height
  );
}

function isOnBorder(point: Point | undefined, box: Box | undefined): boolean {
  if (!point || !box) return false;
  const isBeside = point.x === box.x || point.x === box.x + box.width;
  const isAbove = point.y === box.y || point.y === box.y + box.height;
  const isLevel = point.y >= box.y && point.y <= box.y + box.height;
  const isInWidth = point.x >= box.x && point.x <= box.x + box.width;
  return (isBeside && isLevel) || (isAbove && isInWidth);
}

function runsThrough(from: Point, to: Point, box: Box): boolean {
  const way = {
    x: Math.min(from.x, to.x),
    y: Math.min(from.y, to.y),
    width: Math.abs(from.x - to.x) || 0.1,
    height: Math.abs(from.y - to.y) || 0.1,
  };
  return overlap(way, box);
}
