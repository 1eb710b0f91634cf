/** Draws shapes: what the standard has as a circle, a diamond, a rounded box, a page, a pool. */
import type { ModdleElement } from 'bpmn-moddle';
import { elementOf, elementsOf, kindOf } from '../../bpmn/moddle-values.ts';
import {
  type DrawnShape,
  isContainer,
  isData,
  isEvent,
  isGateway,
  shownText,
} from '../drawn-elements.ts';
import { type Box, middleOf } from '../geometry.ts';
import { lineHeight, wrapText } from '../text-size.ts';
import { escaped, pathAt, short, tag, textLines } from './markup.ts';
import { eventSigns, gatewaySigns, markerSigns, type Sign, taskIcons } from './symbols.ts';

/** What people call the kind of an element: `service task`. */
export function kindName(element: ModdleElement): string {
  const words = kindOf(element).replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
  return element.triggeredByEvent === true ? `event ${words.trim()}` : words.trim();
}

/** The shape without what stands beside it. */
export function drawShape(shape: DrawnShape): string {
  const { element, box } = shape;
  const kind = kindOf(element);
  if (isEvent(element)) return drawEvent(element, box);
  if (isGateway(element)) return drawGateway(element, box);
  if (kind.startsWith('dataStore')) return drawStore(box);
  if (isData(element)) return drawData(element, box);
  if (kind === 'textAnnotation') return drawNote(element, box);
  if (kind === 'group') return drawGroup(element, box);
  if (kind === 'participant' || kind === 'lane') return drawPool(shape);
  return drawActivity(shape);
}

function signMarkup(sign: Sign, at: { x: number; y: number }, isFilled: boolean): string {
  const filled = sign.isFilled ?? isFilled;
  return [
    pathAt(at, sign.path, filled ? 'sign filled' : 'sign'),
    sign.onFilled && filled ? pathAt(at, sign.onFilled, 'on-filled') : '',
    sign.onFilled && sign.isFilled === false ? pathAt(at, sign.onFilled, 'sign filled') : '',
  ].join('');
}

function drawEvent(element: ModdleElement, box: Box): string {
  const kind = kindOf(element);
  const { x: cx, y: cy } = middleOf(box);
  const radius = Math.min(box.width, box.height) / 2;
  const isGoingOn = element.cancelActivity === false || element.isInterrupting === false;
  const dashed = isGoingOn ? ' dashed' : '';
  const isThrown = kind === 'endEvent' || kind === 'intermediateThrowEvent';
  const isBetween = kind.startsWith('intermediate') || kind === 'boundaryEvent';
  const outer =
    kind === 'endEvent'
      ? tag('circle', { cx, cy, r: radius - 1, class: 'shape thick' })
      : tag('circle', { cx, cy, r: radius, class: `shape${dashed}` });
  const inner = isBetween ? tag('circle', { cx, cy, r: radius - 3.5, class: `ring${dashed}` }) : '';
  const sign = eventSignOf(element);
  return outer + inner + (sign ? signMarkup(sign, { x: cx, y: cy }, isThrown) : '');
}

function eventSignOf(element: ModdleElement): Sign | undefined {
  const definitions = [
    ...elementsOf(element, 'eventDefinitions'),
    ...elementsOf(element, 'eventDefinitionRef'),
  ];
  const [first, second] = definitions;
  if (second)
    return eventSigns[element.parallelMultiple === true ? 'parallelMultiple' : 'multiple'];
  return first && eventSigns[kindOf(first)];
}

function drawGateway(element: ModdleElement, box: Box): string {
  const kind = kindOf(element);
  const { x, y } = middleOf(box);
  const corners = [
    `${short(x)},${short(box.y)}`,
    `${short(box.x + box.width)},${short(y)}`,
    `${short(x)},${short(box.y + box.height)}`,
    `${short(box.x)},${short(y)}`,
  ];
  const diamond = tag('polygon', { points: corners.join(' '), class: 'shape' });
  if (kind !== 'eventBasedGateway') {
    return diamond + pathAt({ x, y }, gatewaySigns[kind] ?? '', 'sign bold');
  }
  const isStart = element.instantiate === true;
  const isParallel = element.eventGatewayType === 'Parallel';
  const sign = eventSigns[isParallel ? 'parallelMultiple' : 'multiple']!;
  const small = `translate(${short(x)} ${short(y)}) scale(.8)`;
  return [
    diamond,
    tag('circle', { cx: x, cy: y, r: 13, class: 'ring' }),
    isStart ? '' : tag('circle', { cx: x, cy: y, r: 10.5, class: 'ring' }),
    tag('path', { d: sign.path, class: 'sign', transform: small }),
  ].join('');
}

function drawActivity({ element, box, isExpanded }: DrawnShape): string {
  const kind = kindOf(element);
  const isOpen = isContainer(element) && isExpanded === true;
  const style = [
    isOpen ? 'inner' : 'shape',
    kind === 'callActivity' ? 'thick' : '',
    element.triggeredByEvent === true ? 'dotted' : '',
  ];
  const outline = tag('rect', {
    ...box,
    rx: 10,
    class: style.join(' ').trim().replace(/ +/g, ' '),
  });
  const second = {
    x: box.x + 4,
    y: box.y + 4,
    width: Math.max(0, box.width - 8),
    height: Math.max(0, box.height - 8),
  };
  const icon = taskIcons[kind];
  return [
    outline,
    kind === 'transaction' ? tag('rect', { ...second, rx: 7, class: 'ring' }) : '',
    icon ? signMarkup(icon, { x: box.x + 8, y: box.y + 8 }, false) : '',
    isOpen ? openName(element, box) : centeredName(element, box, icon !== undefined),
    markers(element, box, isContainer(element) && !isOpen),
  ].join('');
}

function openName(element: ModdleElement, box: Box): string {
  const [line = ''] = wrapText(shownText(element), { width: box.width - 40, mostLines: 1 });
  return tag('text', { x: box.x + 14, y: box.y + 21, class: 'name' }, escaped(line));
}

function centeredName(element: ModdleElement, box: Box, hasIcon: boolean): string {
  const below = markersOf(element).length > 0 || isContainer(element) ? 18 : 0;
  const room = box.height - 8 - below;
  const lines = wrapText(shownText(element), {
    width: box.width - 10,
    mostLines: Math.max(1, Math.floor(room / lineHeight)),
  });
  const { x } = middleOf(box);
  const height = lines.length * lineHeight;
  // Three lines and more would stand on the icon.
  const least = hasIcon && (lines.length > 2 || below > 0) ? 24 : 4;
  const top = Math.max(least, (box.height - below - height) / 2);
  return textLines(
    lines,
    { x, y: box.y + Math.min(top, box.height - height - 2) },
    { style: 'text' },
  );
}

function markersOf(element: ModdleElement): readonly (keyof typeof markerSigns)[] {
  const loop = elementOf(element, 'loopCharacteristics');
  const repeats = loop && kindOf(loop) === 'standardLoopCharacteristics' ? 'loop' : undefined;
  const several = loop && !repeats && (loop.isSequential === true ? 'sequential' : 'parallel');
  return [
    ...(repeats ? ([repeats] as const) : []),
    ...(several ? ([several] as const) : []),
    ...(element.isForCompensation === true ? (['compensation'] as const) : []),
    ...(kindOf(element) === 'adHocSubProcess' ? (['adHoc'] as const) : []),
  ];
}

function markers(element: ModdleElement, box: Box, isClosed: boolean): string {
  const signs = [...markersOf(element), ...(isClosed ? (['closed'] as const) : [])];
  const { x } = middleOf(box);
  const left = x - (signs.length * 20 - 4) / 2;
  return signs
    .map((sign, index) => {
      const at = { x: left + index * 20, y: box.y + box.height - 20 };
      return signMarkup(markerSigns[sign], at, false);
    })
    .join('');
}

function drawData(element: ModdleElement, { x, y, width, height }: Box): string {
  const fold = Math.min(12, width / 3);
  const kind = kindOf(element);
  const object = elementOf(element, 'dataObjectRef') ?? element;
  const arrow = 'M0-3H6V-6.5L12.5 0L6 6.5V3H0Z';
  const page = `M${short(x)} ${short(y)}h${short(width - fold)}l${short(fold)} ${short(fold)}v${short(height - fold)}h${short(-width)}z`;
  const corner = `M${short(x + width - fold)} ${short(y)}v${short(fold)}h${short(fold)}`;
  return [
    tag('path', { d: page, class: 'shape' }),
    tag('path', { d: corner, class: 'ring' }),
    kind === 'dataInput' ? pathAt({ x: x + 5, y: y + 11 }, arrow, 'sign') : '',
    kind === 'dataOutput' ? pathAt({ x: x + 5, y: y + 11 }, arrow, 'sign filled') : '',
    object.isCollection === true
      ? pathAt({ x: x + width / 2 - 8, y: y + height - 17 }, markerSigns.parallel.path, 'sign')
      : '',
  ].join('');
}

function drawStore({ x, y, width, height }: Box): string {
  const ry = Math.min(8, height / 6);
  const rx = width / 2;
  const arc = (sweep: 0 | 1, to: number) =>
    `a${short(rx)} ${short(ry)} 0 0 ${sweep} ${short(to)} 0`;
  const top = y + ry;
  const body = `M${short(x)} ${short(top)}${arc(1, width)}v${short(height - 2 * ry)}${arc(1, -width)}z`;
  const rings = [0, 5, 10].map((by) => `M${short(x)} ${short(top + by)}${arc(0, width)}`);
  return (
    tag('path', { d: body, class: 'shape' }) + tag('path', { d: rings.join(''), class: 'ring' })
  );
}

function drawNote(element: ModdleElement, box: Box): string {
  const arm = Math.min(12, box.width / 3);
  const d = `M${short(box.x + arm)} ${short(box.y)}H${short(box.x)}V${short(box.y + box.height)}h${short(arm)}`;
  const mostLines = Math.max(1, Math.floor((box.height - 4) / lineHeight));
  const lines = wrapText(shownText(element), { width: Math.max(40, box.width - 10), mostLines });
  const at = { x: box.x + 8, y: box.y + 5 };
  return (
    tag('path', { d, class: 'ring' }) + textLines(lines, at, { style: 'beside', anchor: 'start' })
  );
}

function drawGroup(element: ModdleElement, box: Box): string {
  const [line = ''] = wrapText(shownText(element), { width: box.width - 20, mostLines: 1 });
  return (
    tag('rect', { ...box, rx: 10, class: 'group' }) +
    tag('text', { x: box.x + 12, y: box.y + 16, class: 'beside' }, escaped(line))
  );
}

/** Pools and lanes: the name stands in a band at the left, from below; upright ones have it at the top. */
function drawPool({ element, box, isHorizontal }: DrawnShape): string {
  const isPool = kindOf(element) === 'participant';
  const band = isPool ? 30 : 24;
  const hasBand = !isPool || elementOf(element, 'processRef') !== undefined;
  const isUpright = isHorizontal === false;
  const outline = tag('rect', { ...box, class: isPool ? 'pool' : 'lane' });
  const style = isPool ? 'name' : 'text';
  if (!hasBand) {
    const { x, y } = middleOf(box);
    const lines = wrapText(shownText(element), { width: box.width - 20, mostLines: 2 });
    return outline + textLines(lines, { x, y: y - (lines.length * lineHeight) / 2 }, { style });
  }
  const length = isUpright ? box.width : box.height;
  const [line = ''] = wrapText(shownText(element), { width: length - 12, mostLines: 1 });
  const center = isUpright
    ? { x: box.x + box.width / 2, y: box.y + band / 2 }
    : { x: box.x + band / 2, y: box.y + box.height / 2 };
  const turned = isUpright ? undefined : `rotate(-90 ${short(center.x)} ${short(center.y)})`;
  const d = isUpright
    ? `M${short(box.x)} ${short(box.y + band)}h${short(box.width)}`
    : `M${short(box.x + band)} ${short(box.y)}v${short(box.height)}`;
  return [
    outline,
    tag('path', { d, class: isPool ? 'ring' : 'lane' }),
    tag(
      'text',
      { x: center.x, y: center.y + 4, 'text-anchor': 'middle', class: style, transform: turned },
      escaped(line),
    ),
  ].join('');
}

/** The text beside events, gateways and data, where the drawing says or below the shape. */
export function shapeLabel({ element, box, label }: DrawnShape): string {
  if (!isEvent(element) && !isGateway(element) && !isData(element)) return '';
  const text = shownText(element);
  if (text === '') return '';
  const lines = wrapText(text, { width: Math.max(96, label?.width ?? 0), mostLines: 5 });
  const at = label
    ? { x: label.x + label.width / 2, y: label.y }
    : { x: middleOf(box).x, y: box.y + box.height + 4 };
  return textLines(lines, at, { style: 'beside' });
}
