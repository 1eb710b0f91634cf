/**
 * The first look at a drawing from outside, before anything is built of it: is it XML that is small and shallow
 * enough, whose extensions does it use, and on which line stands each id. Takes time and memory in proportion to
 * the file, and stops at the first limit.
 */
import { walkXml, type XmlLimits, type XmlTag, type XmlVisitor } from '../xml/walk-xml.ts';
import { vendorNamespaces } from './dialect/namespaces.ts';
import { extensionNamespace } from './extension.ts';
import type { DrawingProblem } from './problem.ts';

const limits: XmlLimits = {
  deepest: 100,
  mostElements: 100_000,
  remedy: 'divide the process into several that call each other',
};
/** After so many, one more tells nobody anything new. */
const mostProblems = 200;

/** The namespace of BPMN's own elements. */
export const bpmnNamespace = 'http://www.omg.org/spec/BPMN/20100524/MODEL';

const readNamespaces: ReadonlySet<string> = new Set([
  bpmnNamespace,
  'http://www.omg.org/spec/BPMN/20100524/DI',
  'http://www.omg.org/spec/DD/20100524/DC',
  'http://www.omg.org/spec/DD/20100524/DI',
  'http://www.w3.org/2001/XMLSchema-instance',
  'http://www.w3.org/XML/1998/namespace',
  extensionNamespace,
  ...vendorNamespaces.keys(),
]);
/** What drawing tools note for themselves: colours, and which tool it was. */
const cosmeticNamespaces: ReadonlySet<string> = new Set([
  'http://camunda.org/schema/modeler/1.0',
  'http://bpmn.io/schema/bpmn/biocolor/1.0',
  'http://www.omg.org/spec/BPMN/non-normative/color/1.0',
  'http://flowable.org/modeler',
]);

/** What the first look found. */
export interface Scan {
  readonly problems: readonly DrawingProblem[];
  /** True when the file must not be read any further. */
  readonly isFatal: boolean;
  /** Line of each id, the first when it is used twice. */
  readonly lines: ReadonlyMap<string, number>;
}

interface Open {
  /** Of this element, or of the nearest around it that has one. */
  readonly id: string;
  /** Nothing is judged in a diagram, nor inside of what was found foreign. */
  readonly isIgnored: boolean;
}

/** Looks at a file without building anything of it. A fatal problem ends the look at its place. */
export function scanXml(file: string, xml: string): Scan {
  const look = new Look(file);
  const fault = walkXml(xml, limits, look);
  if (fault) look.problems.push({ file, element: look.nearestId, ...fault });
  return { problems: look.problems, isFatal: fault !== null, lines: look.lines };
}

/** Judges whose elements and attributes there are. */
class Look implements XmlVisitor {
  readonly problems: DrawingProblem[] = [];
  readonly lines = new Map<string, number>();
  readonly #file: string;
  readonly #open: Open[] = [];

  constructor(file: string) {
    this.#file = file;
  }

  get nearestId(): string {
    return this.#open.at(-1)?.id ?? '';
  }

  opened(tag: XmlTag): void {
    const own = tag.attributes.find(({ written }) => written === 'id')?.value;
    if (own !== undefined && !this.lines.has(own)) this.lines.set(own, tag.line);
    const id = own ?? this.nearestId;
    const isIgnored = this.#open.at(-1)?.isIgnored ?? false;
    this.#open.push({ id, isIgnored: isIgnored || !this.#judge(tag, id) });
  }

  closed(): void {
    this.#open.pop();
  }

  /** False where nothing inside of it is to be judged. */
  #judge({ namespace, name, written, attributes, line }: XmlTag, id: string): boolean {
    if (cosmeticNamespaces.has(namespace) || name === 'BPMNDiagram') return false;
    if (!readNamespaces.has(namespace)) {
      this.#foreign(`<${written}>`, namespace, id, line);
      return false;
    }
    for (const attribute of attributes) {
      const { namespace } = attribute;
      const isOwn = !attribute.written.includes(':') || readNamespaces.has(namespace);
      if (isOwn || cosmeticNamespaces.has(namespace)) continue;
      this.#foreign(attribute.written, namespace, id, line);
    }
    return true;
  }

  #foreign(what: string, namespace: string, element: string, line: number): void {
    if (this.problems.length >= mostProblems) return;
    this.problems.push({
      ...{ file: this.#file, line, element, rule: 'extension-foreign' },
      message: `expected extensions of ${extensionNamespace} only, found ${what} of "${namespace}"`,
      remedy: 'say the same with our own extension, or take it out',
    });
  }
}
