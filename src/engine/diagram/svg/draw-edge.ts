/** Draws lines: sequence flows with their signs, message flows, and what only points at something. */
import type { ModdleElement } from 'bpmn-moddle';
import { elementOf, kindOf, textOf } from '../../bpmn/moddle-values.ts';
import { type DrawnEdge, isGateway } from '../drawn-elements.ts';
import type { Point } from '../geometry.ts';
import { textWidth, wrapText } from '../text-size.ts';
import { arrowHead, distance, roundedWay, shortened, tag, textLines, towards } from './markup.ts';

const closed = { length: 10, width: 8 };
const open = { length: 9, width: 10, isOpen: true };

/** The line with its ends. */
export function drawEdge({ element, points }: DrawnEdge): string {
  switch (kindOf(element)) {
    case 'sequenceFlow':
      return [
        tag('path', { d: roundedWay(shortened(points, 6)), class: 'flow' }),
        arrowHead(points, 'head', closed),
        startSign(element, points),
      ].join('');
    case 'messageFlow':
    case 'conversationLink':
      return [
        tag('path', { d: roundedWay(shortened(points, 6)), class: 'flow dashed' }),
        tag('circle', { cx: points[0]!.x, cy: points[0]!.y, r: 4, class: 'open' }),
        arrowHead(points, 'open', closed),
      ].join('');
    default:
      return pointer(element, points);
  }
}

/** Associations, of data or not: dotted, with arrows where they have a direction. */
function pointer(element: ModdleElement, points: readonly Point[]): string {
  const direction = textOf(element, 'associationDirection') ?? 'None';
  const isData = kindOf(element).startsWith('data');
  const style = 'pointer dotted';
  return [
    tag('path', { d: roundedWay(points), class: style }),
    isData || direction !== 'None' ? arrowHead(points, 'pointer', open) : '',
    direction === 'Both' ? arrowHead(points.toReversed(), 'pointer', open) : '',
  ].join('');
}

/** A stroke across the default flow, a diamond at the start of a flow with a condition. */
function startSign(element: ModdleElement, points: readonly Point[]): string {
  const [first, second] = points;
  const source = elementOf(element, 'sourceRef');
  if (!first || !second || !source) return '';
  if (elementOf(source, 'default') === element) {
    const at = towards(first, second, Math.min(11, distance(first, second) / 2));
    const isLevel = Math.abs(first.y - second.y) < Math.abs(first.x - second.x);
    const [dx, dy] = isLevel ? [3, 6] : [6, 3];
    return tag('path', {
      d: `M${at.x - dx} ${at.y + dy}L${at.x + dx} ${at.y - dy}`,
      class: 'flow',
    });
  }
  if (!elementOf(element, 'conditionExpression') || isGateway(source)) return '';
  const tip = towards(first, second, Math.min(16, distance(first, second) / 2));
  const center = towards(first, tip, distance(first, tip) / 2);
  const [ux, uy] = [center.x - first.x, center.y - first.y];
  const [wx, wy] = [-uy * 0.55, ux * 0.55];
  const corners = [
    first,
    { x: center.x + wx, y: center.y + wy },
    tip,
    { x: center.x - wx, y: center.y - wy },
  ];
  return tag('path', { d: `M${corners.map(({ x, y }) => `${x} ${y}`).join('L')}Z`, class: 'open' });
}

/** The name of a flow, where the drawing says or beside its middle. */
export function edgeLabel({ element, points, label }: DrawnEdge): string {
  const text = textOf(element, 'name') ?? '';
  if (text === '') return '';
  const at = label ?? middleOfWay(points);
  const width = Math.max(96, label?.width ?? 0);
  const lines = wrapText(text, { width, mostLines: 4 });
  if (!label) return textLines(lines, { x: at.x, y: at.y - 16 }, { style: 'flow-name' });
  const isWide = label.width > Math.max(...lines.map((line) => textWidth(line))) + 24;
  const anchor = isWide ? ('middle' as const) : ('start' as const);
  const x = isWide ? at.x + label.width / 2 : at.x;
  return textLines(lines, { x, y: at.y }, { style: 'flow-name', anchor });
}

function middleOfWay(points: readonly Point[]): Point {
  const index = Math.floor((points.length - 1) / 2);
  const [a, b] = [points[index]!, points[index + 1] ?? points[index]!];
  return { x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 };
}
