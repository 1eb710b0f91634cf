/** A file of decisions as a tree of elements, each with its line and its text. */
import { assert } from '../../kernel/errors.ts';
import { walkXml, type XmlFault, type XmlLimits, type XmlVisitor } from '../xml/walk-xml.ts';

const limits: XmlLimits = {
  deepest: 60,
  mostElements: 200_000,
  remedy: 'divide the file, or make decisions of their own of what is nested deep',
};

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

interface Open {
  readonly element: XmlElement & { readonly children: XmlElement[] };
  readonly texts: string[];
}

/** The root of a file, or why it cannot be read; never throws for what is in it. */
export function readXml(xml: string): { readonly root: XmlElement } | { readonly fault: XmlFault } {
  const open: Open[] = [];
  let root: XmlElement | undefined;
  const grow: XmlVisitor = {
    opened({ namespace, name, attributes, line }) {
      const known = new Map(
        attributes.map((one) => [
          one.written.includes(':') ? `{${one.namespace}}${one.name}` : one.name,
          one.value,
        ]),
      );
      const element = { namespace, name, attributes: known, children: [], text: '', line };
      open.push({ element, texts: [] });
    },
    text: (text) => void open.at(-1)?.texts.push(text),
    closed() {
      const { element, texts } = open.pop() as Open;
      const grown = Object.freeze({ ...element, text: texts.join('') });
      const around = open.at(-1);
      if (around) around.element.children.push(grown);
      else root ??= grown;
    },
  };
  const fault = walkXml(xml, limits, grow);
  if (fault) return { fault };
  assert(root, 'a file without a fault has a root');
  return { root };
}
