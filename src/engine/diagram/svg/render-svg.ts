/**
 * Draws a diagram as SVG: one text that stands for itself, loads nothing, runs nothing and can be read in light and
 * in dark. Text of the drawing is text in the picture whatever it holds. Each element is a group with a
 * title and its id in `data-element`, and with the class of its state where it is marked.
 */
import { idOf, kindOf } from '../../bpmn/moddle-values.ts';
import {
  type Drawn,
  type DrawnEdge,
  type DrawnShape,
  isContainer,
  shownText,
} from '../drawn-elements.ts';
import { boxAround, movedBox } from '../geometry.ts';
import { type ElementMark, type Marks, noMarks } from '../marks.ts';
import { textWidth } from '../text-size.ts';
import { drawEdge, edgeLabel } from './draw-edge.ts';
import { drawShape, kindName, shapeLabel } from './draw-shape.ts';
import { escaped, pathAt, tag } from './markup.ts';
import { styleSheet } from './style.ts';
import { badgeSigns } from './symbols.ts';

/** Around the picture, in pixels; badges and names need some. */
const margin = 20;
/** Between diagrams of one file, below each other. */
const gap = 60;

/** What stands with the picture. */
export interface SvgOptions {
  /** The name of the picture. */
  readonly title: string;
  /** What it shows, for those who cannot see it. */
  readonly description: string;
  readonly marks?: Marks;
}

/** Draws all diagrams of a file below each other. */
export function renderSvg(drawings: readonly Drawn[], options: SvgOptions): string {
  const { title, description, marks = noMarks } = options;
  let y = 0;
  let width = 0;
  const pictures = drawings.map((drawn) => {
    const around = boxAround([
      ...drawn.shapes.flatMap(({ box, label }) => (label ? [box, label] : [box])),
      ...drawn.edges.flatMap(({ points, label }) => (label ? [...points, label] : points)),
    ]);
    const at = { x: margin - around.x, y: y + margin - around.y };
    y += around.height + 2 * margin + gap;
    width = Math.max(width, around.width + 2 * margin);
    const transform = `translate(${Math.round(at.x)} ${Math.round(at.y)})`;
    return tag('g', { transform }, pictureOf(drawn, marks));
  });
  const height = Math.max(2 * margin, Math.ceil(y - gap));
  const size = { width: Math.max(2 * margin, Math.ceil(width)), height };
  const content = [
    tag('title', {}, escaped(title)),
    tag('desc', {}, escaped(description)),
    tag('style', {}, styleSheet()),
    tag('rect', { class: 'paper', ...size }),
    ...pictures,
  ];
  return `${tag(
    'svg',
    {
      xmlns: 'http://www.w3.org/2000/svg',
      ...size,
      viewBox: `0 0 ${size.width} ${size.height}`,
      class: 'ol-diagram',
      role: 'img',
      'aria-label': title,
      'font-family': 'Arial, Helvetica, "Liberation Sans", sans-serif',
      'font-size': 12,
    },
    content.join('\n'),
  )}\n`;
}

/** From the back to the front: pools, what holds others, flows, elements, names, badges. */
function pictureOf({ shapes, edges }: Drawn, marks: Marks): string {
  const parents = new Set(shapes.map(({ element }) => element.$parent));
  const ranked = shapes.map((shape) => {
    const isOpen = shape.isExpanded ?? parents.has(shape.element);
    return { shape: { ...shape, isExpanded: isOpen }, rank: rankOf(shape, isOpen) };
  });
  const size = ({ box }: DrawnShape) => box.width * box.height;
  const inOrder = (isBehind: boolean) =>
    ranked
      .filter(({ rank }) => rank < 2 === isBehind)
      .toSorted((a, b) => a.rank - b.rank || size(b.shape) - size(a.shape))
      .map(({ shape }) => shape);
  const drawn = (shape: DrawnShape) => {
    const mark = marks.elements.get(idOf(shape.element));
    return tag('g', attributesOf(shape, mark), titleOf(shape, mark) + drawShape(shape));
  };
  return [
    ...inOrder(true).map(drawn),
    ...inOrderTaken(edges, marks).map((edge) => flowGroup(edge, marks)),
    ...inOrder(false).map(drawn),
    ...shapes.map(shapeLabel),
    ...edges.map(edgeLabel),
    ...shapes.map((shape) => badgesOf(shape, marks)),
  ]
    .filter((text) => text !== '')
    .join('\n');
}

/** Ways that were taken lie above others that share a piece with them. */
function inOrderTaken(edges: readonly DrawnEdge[], { taken }: Marks): readonly DrawnEdge[] {
  const isTaken = ({ element }: DrawnEdge) => taken.has(idOf(element));
  return edges.toSorted((a, b) => Number(isTaken(a)) - Number(isTaken(b)));
}

function rankOf({ element }: DrawnShape, isOpen: boolean): number {
  const kind = kindOf(element);
  if (kind === 'participant') return 0;
  if (kind === 'lane') return 0.5;
  if (kind === 'group') return 3;
  return isContainer(element) && isOpen ? 1 : 2;
}

function attributesOf({ element }: DrawnShape, mark: ElementMark | undefined) {
  return { class: mark?.state, 'data-element': idOf(element) };
}

/** The browser shows it to who points at the element. */
function titleOf({ element }: DrawnShape, mark: ElementMark | undefined): string {
  const name = shownText(element) || idOf(element);
  const said = mark ? `: ${mark.note}` : '';
  return tag('title', {}, escaped(`${name} (${kindName(element)})${said}`));
}

function flowGroup(edge: DrawnEdge, marks: Marks): string {
  const id = idOf(edge.element);
  const state = marks.taken.has(id) ? 'taken' : undefined;
  return tag('g', { class: state, 'data-element': id }, drawEdge(edge));
}

/** Pills at the upper right corner, the most important at the right. */
function badgesOf({ element, box }: DrawnShape, marks: Marks): string {
  const mark = marks.elements.get(idOf(element));
  if (!mark) return '';
  let right = box.x + box.width + 8;
  return mark.badges
    .map(({ kind, count }) => {
      const isNumbered = count > 1 || mark.badges.length > 1 || marks.areCounts;
      const text = isNumbered ? count.toLocaleString('en-US') : '';
      const width = text === '' ? 18 : 22 + Math.ceil(textWidth(text, 11));
      right -= width + 2;
      const at = movedBox({ x: right, y: box.y - 10, width, height: 18 }, { x: 2, y: 0 });
      return [
        tag('rect', { ...at, rx: 9, class: `badge-${kind}` }),
        pathAt({ x: at.x + 4, y: at.y + 4 }, badgeSigns[kind] ?? '', 'badge-sign'),
        text === ''
          ? ''
          : tag('text', { x: at.x + 17, y: at.y + 13, class: 'badge-text' }, escaped(text)),
      ].join('');
    })
    .join('');
}
