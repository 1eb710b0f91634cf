/**
 * The first look at a file from outside, before anything is built of it: is it small and shallow enough,
 * does it bring entities, whose extensions does it use, and on which line stands each id. Takes time and
 * memory in proportion to the file, and stops at the first limit.
 */
import { Parser } from 'saxen';
import { longestFile } from '../../kernel/drawing-size.ts';
import { vendorNamespaces } from './dialect/namespaces.ts';
import { extensionNamespace } from './extension.ts';
import type { DrawingProblem } from './problem.ts';

const deepest = 100;
const mostElements = 100_000;
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
  readonly prefixes: Readonly<Record<string, string>>;
  /** Nothing is judged in a diagram, nor inside of what was found foreign. */
  readonly isIgnored: boolean;
}

/** Looks at a file. */
export function scanXml(file: string, xml: string): Scan {
  const look = new Look(file);
  if (xml.length > longestFile) {
    look.stop('file-too-large', 1, {
      message: `expected at most ${longestFile} characters, found ${xml.length}`,
      remedy: 'divide the file, or leave out images that a tool has put into it',
    });
  } else look.read(xml);
  return look;
}

class Look implements Scan {
  readonly problems: DrawingProblem[] = [];
  lines: ReadonlyMap<string, number> = new Map();
  isFatal = false;
  readonly #file: string;
  readonly #open: Open[] = [];
  readonly #parser = new Parser();
  #elements = 0;

  constructor(file: string) {
    this.#file = file;
  }

  read(xml: string): void {
    const parser = this.#parser;
    this.lines = linesOfIds(xml);
    parser.on('openTag', (name, attributes, decode, _, context) =>
      this.#opened(name, attributes(), decode, () => context().line + 1),
    );
    parser.on('closeTag', () => void this.#open.pop());
    parser.on('attention', (text, _, context) => {
      const declared = /^<!\s*[A-Za-z]+/.exec(text)?.[0] ?? text.slice(0, 20);
      this.stop('no-doctype', context().line + 1, {
        message: `expected elements only, found "${declared}"`,
        remedy: 'take the document type and its entities out of the file',
      });
    });
    const malformed = (error: Error, context: () => { readonly line: number }) =>
      this.stop('xml-malformed', context().line + 1, {
        message: `expected well-formed XML, found: ${error.message}`,
        remedy: 'mend the file, or save it anew from the tool that drew it',
      });
    parser.on('error', malformed);
    parser.on('warn', malformed);
    parser.parse(xml);
  }

  /** Notes a problem that ends the look. */
  stop(
    rule: DrawingProblem['rule'],
    line: number,
    what: Pick<DrawingProblem, 'message' | 'remedy'>,
  ): void {
    if (!this.isFatal) this.#note(rule, line, this.#open.at(-1)?.id ?? '', what);
    this.isFatal = true;
    this.#parser.stop();
  }

  #note(
    rule: DrawingProblem['rule'],
    line: number,
    element: string,
    what: Pick<DrawingProblem, 'message' | 'remedy'>,
  ): void {
    if (this.problems.length < mostProblems || this.isFatal) {
      this.problems.push({ file: this.#file, line, element, rule, ...what });
    }
  }

  #opened(
    name: string,
    attributes: Readonly<Record<string, string>>,
    decode: (text: string) => string,
    line: () => number,
  ): void {
    if (this.isFatal) return;
    this.#elements += 1;
    if (this.#elements > mostElements || this.#open.length >= deepest) {
      this.stop('file-too-large', line(), {
        message: `expected at most ${mostElements} elements, ${deepest} deep, found more`,
        remedy: 'divide the process into several that call each other',
      });
      return;
    }
    const around = this.#open.at(-1);
    const prefixes = prefixesOf(attributes, around?.prefixes ?? {});
    const ownId = attributes.id === undefined ? undefined : decode(attributes.id);
    const id = ownId ?? around?.id ?? '';
    const { namespace, local } = resolve(name, prefixes, true);
    let isIgnored = around?.isIgnored ?? false;
    if (!isIgnored) {
      if (cosmeticNamespaces.has(namespace) || local === 'BPMNDiagram') isIgnored = true;
      else if (!readNamespaces.has(namespace)) {
        isIgnored = true;
        this.#foreign(`<${name}>`, namespace, id, line());
      } else this.#judgeAttributes(attributes, prefixes, id, line);
    }
    this.#open.push({ id, prefixes, isIgnored });
  }

  #judgeAttributes(
    attributes: Readonly<Record<string, string>>,
    prefixes: Readonly<Record<string, string>>,
    id: string,
    line: () => number,
  ): void {
    for (const name of Object.keys(attributes)) {
      if (!name.includes(':') || name.startsWith('xmlns:')) continue;
      const { namespace } = resolve(name, prefixes, false);
      if (readNamespaces.has(namespace) || cosmeticNamespaces.has(namespace)) continue;
      this.#foreign(name, namespace, id, line());
    }
  }

  #foreign(what: string, namespace: string, id: string, line: number): void {
    this.#note('extension-foreign', line, id, {
      message: `expected extensions of ${extensionNamespace} only, found ${what} of "${namespace}"`,
      remedy: 'say the same with our own extension, or take it out',
    });
  }
}

/** In one pass: asking the parser for each line would take time in proportion to the square. */
function linesOfIds(xml: string): ReadonlyMap<string, number> {
  const lines = new Map<string, number>();
  let line = 1;
  for (const [text, , id] of xml.matchAll(/\n|\sid=(["'])([^"'<]{1,200})\1/g)) {
    if (id !== undefined && !lines.has(id)) lines.set(id, line);
    if (text.startsWith('\n')) line += 1;
  }
  return lines;
}

function prefixesOf(
  attributes: Readonly<Record<string, string>>,
  around: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  let own: Record<string, string> | undefined;
  for (const [name, value] of Object.entries(attributes)) {
    if (name !== 'xmlns' && !name.startsWith('xmlns:')) continue;
    own ??= { ...around };
    own[name.slice(6)] = value;
  }
  return own ?? around;
}

function resolve(
  name: string,
  prefixes: Readonly<Record<string, string>>,
  isElement: boolean,
): { readonly namespace: string; readonly local: string } {
  const at = name.indexOf(':');
  if (at < 0) return { namespace: isElement ? (prefixes[''] ?? '') : '', local: name };
  const prefix = name.slice(0, at);
  const standing = prefix === 'xml' ? 'http://www.w3.org/XML/1998/namespace' : '';
  return { namespace: prefixes[prefix] ?? standing, local: name.slice(at + 1) };
}
