/**
 * A file of decisions as a tree of elements, each with its line. Reads in time and memory in proportion to
 * the file and stops at the first limit; document types, and with them entities, are refused.
 */
import { Parser } from 'saxen';
import { longestFile } from '../../kernel/drawing-size.ts';

const deepest = 60;
const mostElements = 200_000;

/** An element as it was written; names without their prefix. */
export interface XmlElement {
  readonly namespace: string;
  readonly name: string;
  /** Without those that declare namespaces; of another namespace as `{namespace}name`. */
  readonly attributes: ReadonlyMap<string, string>;
  readonly children: readonly XmlElement[];
  /** The text inside of it, without that of its children. */
  readonly text: string;
  /** Counts from 1. */
  readonly line: number;
}

/** A tree, or why there is none. */
export type XmlResult =
  | { readonly root: XmlElement }
  | {
      readonly rule: 'file-too-large' | 'no-doctype' | 'xml-malformed';
      readonly line: number;
      readonly message: string;
    };

interface Open {
  readonly element: XmlElement & { readonly children: XmlElement[] };
  readonly prefixes: ReadonlyMap<string, string>;
  readonly texts: string[];
}

/** Reads a file; never throws for what is in it. */
export function readXml(xml: string): XmlResult {
  if (xml.length > longestFile) {
    const message = `expected at most ${longestFile} characters, found ${xml.length}`;
    return { rule: 'file-too-large', line: 1, message };
  }
  return new TreeReader(xml).read();
}

/** The namespace of the first element; empty where there is none. Looks no further. */
export function rootNamespace(xml: string): string {
  const parser = new Parser();
  let found = '';
  parser.on('openTag', (name, attributes) => {
    found = resolve(name, declared(attributes(), new Map())).namespace;
    parser.stop();
  });
  parser.on('error', () => parser.stop());
  parser.on('warn', () => undefined);
  // A root that begins later is none that anybody draws.
  parser.parse(xml.slice(0, 20_000));
  return found;
}

class TreeReader {
  readonly #xml: string;
  readonly #parser = new Parser();
  readonly #open: Open[] = [];
  readonly #lineStarts: number[] = [0];
  #root: XmlElement | undefined;
  #failure: Exclude<XmlResult, { root: XmlElement }> | undefined;
  #elements = 0;

  constructor(xml: string) {
    this.#xml = xml;
    for (let at = xml.indexOf('\n'); at >= 0; at = xml.indexOf('\n', at + 1)) {
      this.#lineStarts.push(at + 1);
    }
  }

  read(): XmlResult {
    const parser = this.#parser;
    // The parser counts lines anew for each question; it goes forward, and so does this.
    let place = 0;
    parser.on('openTag', (name, attributes, decode) => {
      place = this.#xml.indexOf(`<${name}`, place) + 1;
      this.#opened(name, attributes(), decode, this.#lineAt(place));
    });
    parser.on('text', (text, decode) => void this.#open.at(-1)?.texts.push(decode(text)));
    parser.on('cdata', (text) => void this.#open.at(-1)?.texts.push(text));
    parser.on('closeTag', () => this.#closed());
    parser.on('attention', (text, _, context) => {
      const found = /^<!\s*[A-Za-z]+/.exec(text)?.[0] ?? text.slice(0, 20);
      this.#stop('no-doctype', context().line + 1, `expected elements only, found "${found}"`);
    });
    const malformed = (error: Error, context: () => { readonly line: number }) =>
      this.#stop(
        'xml-malformed',
        context().line + 1,
        `expected well-formed XML, found: ${error.message.split('\n')[0]}`,
      );
    parser.on('error', malformed);
    parser.on('warn', malformed);
    parser.parse(this.#xml);
    if (this.#failure) return this.#failure;
    if (this.#root && this.#open.length === 0) return { root: this.#root };
    const message = 'expected well-formed XML, found none that ends';
    return { rule: 'xml-malformed', line: 1, message };
  }

  #lineAt(place: number): number {
    let low = 0;
    let high = this.#lineStarts.length;
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if ((this.#lineStarts[middle] ?? 0) <= place) low = middle;
      else high = middle;
    }
    return low + 1;
  }

  #stop(rule: 'file-too-large' | 'no-doctype' | 'xml-malformed', line: number, message: string) {
    this.#failure ??= { rule, line, message };
    this.#parser.stop();
  }

  #opened(
    written: string,
    attributes: Readonly<Record<string, string>>,
    decode: (text: string) => string,
    line: number,
  ): void {
    if (this.#failure) return;
    this.#elements += 1;
    if (this.#elements > mostElements || this.#open.length >= deepest) {
      const message = `expected at most ${mostElements} elements, ${deepest} deep, found more`;
      this.#stop('file-too-large', line, message);
      return;
    }
    const prefixes = declared(attributes, this.#open.at(-1)?.prefixes ?? new Map());
    const known = new Map<string, string>();
    for (const [name, value] of Object.entries(attributes)) {
      if (name === 'xmlns' || name.startsWith('xmlns:')) continue;
      const at = name.indexOf(':');
      const own = at < 0 ? name : `{${prefixes.get(name.slice(0, at)) ?? ''}}${name.slice(at + 1)}`;
      known.set(own, decode(value));
    }
    const { namespace, name } = resolve(written, prefixes);
    const element = { namespace, name, attributes: known, children: [], text: '', line };
    this.#open.push({ element, prefixes, texts: [] });
  }

  #closed(): void {
    const open = this.#open.pop();
    if (!open) return;
    const element = Object.freeze({ ...open.element, text: open.texts.join('') });
    const around = this.#open.at(-1);
    if (around) around.element.children.push(element);
    else this.#root ??= element;
  }
}

function declared(
  attributes: Readonly<Record<string, string>>,
  around: ReadonlyMap<string, string>,
): ReadonlyMap<string, string> {
  const own = Object.entries(attributes).filter(
    ([name]) => name === 'xmlns' || name.startsWith('xmlns:'),
  );
  if (own.length === 0) return around;
  return new Map([...around, ...own.map(([name, value]) => [name.slice(6), value] as const)]);
}

function resolve(written: string, prefixes: ReadonlyMap<string, string>) {
  const at = written.indexOf(':');
  if (at < 0) return { namespace: prefixes.get('') ?? '', name: written };
  return { namespace: prefixes.get(written.slice(0, at)) ?? '', name: written.slice(at + 1) };
}
