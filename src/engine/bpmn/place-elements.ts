/**
 * What is drawn in a process, each element with its place, whether this engine runs it or not: what the checks and
 * the readers of a process look at.
 */
import type { ModdleElement } from 'bpmn-moddle';
import { checkProperties, isKnownKind } from './known-properties.ts';
import { elementOf, elementsOf, idOf, kindOf, textOf } from './moddle-values.ts';
import { ElementExtension } from './read-extension.ts';
import type { Report } from './report.ts';

/** A flow element with its place. */
export interface Placed {
  readonly element: ModdleElement;
  readonly id: string;
  readonly kind: string;
  /** Id of the sub-process that holds it; null at the top. */
  readonly parent: string | null;
}

/** A sequence flow whose ends are known. */
export interface PlacedFlow {
  readonly element: ModdleElement;
  readonly id: string;
  readonly source: string;
  readonly target: string;
}

/** Everything in one process. */
export interface PlacedElements {
  /** By their ids; without data, which takes no part in the flow. */
  readonly nodes: ReadonlyMap<string, Placed>;
  readonly flows: readonly PlacedFlow[];
  readonly associations: readonly ModdleElement[];
}

/** A key of a process, and an id of a node: part of stored data, of URLs and of idempotency keys. */
const storedName = /^[A-Za-z_][\w.-]{0,99}$/;

/** True for a kind of element that others lie in. */
export const isContainer = (kind: string): boolean =>
  kind === 'subProcess' || kind === 'adHocSubProcess' || kind === 'transaction';

/** True for a kind of element that does work. */
export const isActivityKind = (kind: string): boolean =>
  /(?:^t|T)ask$|[sS]ubProcess|callActivity|transaction/.test(kind);

/** True for a sub-process that waits for an event. */
export function isEventSubProcess({ kind, element }: Placed): boolean {
  return kind === 'subProcess' && element.triggeredByEvent === true;
}

/** The name of an element; its id when people gave it none, nothing for what only holds flows together. */
export function nameOf({ element, id, kind }: Placed): string {
  const written = textOf(element, 'name');
  if (written !== undefined) return written;
  return kind.endsWith('Gateway') ? '' : id;
}

/** Collects what is drawn in a process, and notes what has no id that can be kept, or is of no kind that runs. */
export function placeElements(process: ModdleElement, report: Report): PlacedElements {
  const placing = new Placing(report);
  placing.place(process, null);
  return placing;
}

class Placing implements PlacedElements {
  readonly nodes = new Map<string, Placed>();
  readonly flows: PlacedFlow[] = [];
  readonly associations: ModdleElement[] = [];
  readonly #report: Report;

  constructor(report: Report) {
    this.#report = report;
  }

  place(container: ModdleElement, parent: string | null): void {
    for (const element of elementsOf(container, 'flowElements')) {
      const kind = kindOf(element);
      if (kind === 'sequenceFlow') {
        this.#placeFlow(element);
        continue;
      }
      const id = idOf(element);
      checkName(element, `a ${kind}`, this.#report);
      if (!isKnownKind(kind)) {
        this.#report.add(
          'element-unsupported',
          element,
          `expected an element that this engine runs, found a ${kind}`,
          'draw it with elements that it runs',
        );
      }
      checkProperties(element, this.#report);
      // Data takes no part in the flow: it is in the mappings of what reads and writes it.
      if (!kind.startsWith('data')) this.nodes.set(id, { element, id, kind, parent });
      if (isContainer(kind)) this.place(element, id);
    }
    for (const artifact of elementsOf(container, 'artifacts')) {
      if (kindOf(artifact) === 'association') this.associations.push(artifact);
    }
  }

  #placeFlow(element: ModdleElement): void {
    checkProperties(element, this.#report);
    const source = elementOf(element, 'sourceRef');
    const target = elementOf(element, 'targetRef');
    if (!source || !target) {
      this.#report.add(
        'reference-missing',
        element,
        'expected a flow to have both ends, found one missing',
        'connect it, or take it out',
      );
      return;
    }
    const own = new ElementExtension(element, this.#report).text('flow', 'id');
    const id = own ?? idOf(element);
    if (id in Object.prototype) checkName(element, 'a flow', this.#report);
    this.flows.push({ element, id, source: idOf(source), target: idOf(target) });
  }
}

/** Notes an id that cannot be part of stored data, of URLs and of idempotency keys. */
export function checkName(element: ModdleElement, what: string, report: Report): void {
  const id = idOf(element);
  const isReserved = id in Object.prototype;
  if (storedName.test(id) && !isReserved) return;
  report.add(
    'id-invalid',
    element,
    `expected ${what} to have an id of at most 100 letters, digits, dots, hyphens and underscores, found "${id.slice(0, 100)}"${isReserved ? ', which every object of JavaScript has' : ''}`,
    'give it such an id, and never change it',
  );
}
