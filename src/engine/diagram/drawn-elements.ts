/** Elements of a drawing by how they are drawn: as what, how large, and with which text beside them. */
import type { ModdleElement } from 'bpmn-moddle';
import { elementOf, elementsOf, idOf, kindOf, textOf } from '../bpmn/moddle-values.ts';
import type { Box, Point } from './geometry.ts';
import { textSize, wrapText } from './text-size.ts';

/** A shape of a diagram. */
export interface DrawnShape {
  readonly element: ModdleElement;
  readonly box: Box;
  /** Where its text stands, when that is not in it. */
  readonly label?: Box;
  /** Of sub-processes: whether what lies in it is shown. */
  readonly isExpanded?: boolean;
  /** Of pools and lanes; others are upright. */
  readonly isHorizontal?: boolean;
}

/** A line of a diagram. */
export interface DrawnEdge {
  readonly element: ModdleElement;
  readonly points: readonly Point[];
  readonly label?: Box;
}

/** What is drawn of one process, or of one collaboration. */
export interface Drawn {
  /** Of the process or collaboration. */
  readonly element: ModdleElement;
  readonly shapes: readonly DrawnShape[];
  readonly edges: readonly DrawnEdge[];
}

const containers: ReadonlySet<string> = new Set(['subProcess', 'transaction', 'adHocSubProcess']);

/** True for what holds other elements. */
export function isContainer(element: ModdleElement): boolean {
  return containers.has(kindOf(element));
}

/** True for round ones. */
export function isEvent(element: ModdleElement): boolean {
  return /Event$/.test(kindOf(element));
}

/** True for diamonds. */
export function isGateway(element: ModdleElement): boolean {
  return /Gateway$/.test(kindOf(element));
}

/** True for data objects, their references, inputs and outputs, and for data stores. */
export function isData(element: ModdleElement): boolean {
  return (
    /^data(Object|Store|Input|Output)/.test(kindOf(element)) &&
    !/Association$/.test(kindOf(element))
  );
}

/** True for what a token can stand at. */
export function isFlowNode(element: ModdleElement): boolean {
  return isEvent(element) || isGateway(element) || isContainer(element) || isTask(element);
}

function isTask(element: ModdleElement): boolean {
  return /(^t|T)ask$|^callActivity$/.test(kindOf(element));
}

/** The text that is shown with an element; empty when there is none. */
export function shownText(element: ModdleElement): string {
  const kind = kindOf(element);
  if (kind === 'textAnnotation') return textOf(element, 'text') ?? '';
  if (kind === 'group') {
    const value = elementOf(element, 'categoryValueRef');
    return (value && textOf(value, 'value')) ?? '';
  }
  const own = textOf(element, 'name') ?? '';
  if (!isData(element)) return own;
  const referred = elementOf(element, 'dataObjectRef') ?? elementOf(element, 'dataStoreRef');
  const state = elementOf(element, 'dataState');
  const name = own || (referred && textOf(referred, 'name')) || idOf(element);
  const stateName = state && textOf(state, 'name');
  return stateName ? `${name} [${stateName}]` : name;
}

/** Width of text that stands beside its element, in pixels. */
const besideWidth = 96;

/** The room for a text beside its element; none for an empty one. */
export function besideSize(text: string, width: number = besideWidth) {
  return textSize(text === '' ? [] : wrapText(text, { width }));
}

/** How large an element is drawn that holds no others; `hasEvents`: some hang at its lower edge. */
export function sizeOf(
  element: ModdleElement,
  hasEvents = false,
): {
  readonly width: number;
  readonly height: number;
} {
  const kind = kindOf(element);
  if (isEvent(element)) return { width: 36, height: 36 };
  if (isGateway(element)) return { width: 50, height: 50 };
  if (kind.startsWith('dataStore')) return { width: 50, height: 50 };
  if (isData(element)) return { width: 36, height: 50 };
  const text = shownText(element);
  if (kind === 'textAnnotation') {
    const { width, height } = textSize(wrapText(text, { width: 130 }));
    return { width: Math.max(50, width + 16), height: Math.max(30, height + 12) };
  }
  // A marker at the lower edge takes the room of a line, and so does an event that hangs there.
  const isMarked = elementOf(element, 'loopCharacteristics') || element.isForCompensation === true;
  const mostLines = isMarked || hasEvents ? 2 : 3;
  const width = [100, 130, 160].find(
    (one) => wrapText(text, { width: one - 12 }).length <= mostLines,
  );
  return { width: width ?? 190, height: 80 };
}

/** Every flow element and artifact that lies in an element, however deep. */
export function* elementsWithin(container: ModdleElement): Generator<ModdleElement> {
  for (const element of [
    ...elementsOf(container, 'flowElements'),
    ...elementsOf(container, 'artifacts'),
  ]) {
    yield element;
    if (isContainer(element)) yield* elementsWithin(element);
  }
}
