/**
 * The one way in which XML from outside is read, be it a drawing or a file of decisions: tag by tag, up to the
 * first limit. Time and memory are in proportion to the file, whatever is in it. Document types, and with them
 * entities, are refused, nothing is fetched, and nothing throws.
 */
import { Parser } from 'saxen';
import { longestFile } from '../../kernel/drawing-size.ts';
import {
  innerScope,
  outermostScope,
  type QualifiedName,
  resolveName,
  type Scope,
} from './names.ts';

/** How much of a file is read. */
export interface XmlLimits {
  /** Elements inside of each other. */
  readonly deepest: number;
  readonly mostElements: number;
  /** What to do about a file that has more. */
  readonly remedy: string;
}

/** An attribute, its value without entities. */
export interface XmlAttribute extends QualifiedName {
  readonly value: string;
}

/** An element as it begins. */
export interface XmlTag extends QualifiedName {
  /** Without those that declare namespaces. */
  readonly attributes: readonly XmlAttribute[];
  /** Where it begins, counted from 1. */
  readonly line: number;
}

/** Who is told of what a file holds, in its order, and of nothing after a fault. */
export interface XmlVisitor {
  opened(tag: XmlTag): void;
  /** The element that was opened last and is still open ends. */
  closed(): void;
  /** Text inside of it, without entities; one text may come in several pieces. */
  text?(text: string): void;
}

/** Why a file is not read any further. */
export interface XmlFault {
  readonly rule: 'file-too-large' | 'no-doctype' | 'xml-malformed';
  readonly line: number;
  readonly message: string;
  readonly remedy: string;
}

/** Tells of everything in a file, and gives null when that is all; otherwise the fault at which it has stopped. */
export function walkXml(xml: string, limits: XmlLimits, visitor: XmlVisitor): XmlFault | null {
  if (xml.length > longestFile) {
    return {
      rule: 'file-too-large',
      line: 1,
      message: `expected at most ${longestFile} characters, found ${xml.length}`,
      remedy: 'divide the file, or leave out images that a tool has put into it',
    };
  }
  return new Walk(xml, limits, visitor).run();
}

class Walk {
  readonly #xml: string;
  readonly #limits: XmlLimits;
  readonly #visitor: XmlVisitor;
  readonly #parser = new Parser();
  readonly #scopes: Scope[] = [];
  #elements = 0;
  #fault: XmlFault | null = null;
  /** The parser would count all lines anew for each tag that is asked about; this goes on from the last one. */
  #place = 0;
  #line = 1;
  /** Where this line ends. */
  #lineEnd: number;

  constructor(xml: string, limits: XmlLimits, visitor: XmlVisitor) {
    this.#xml = xml;
    this.#limits = limits;
    this.#visitor = visitor;
    this.#lineEnd = xml.indexOf('\n');
  }

  run(): XmlFault | null {
    const parser = this.#parser;
    const visitor = this.#visitor;
    parser.on('openTag', (written, attributes, decode) => {
      this.#goTo(`<${written}`);
      // Reading the attributes may find a fault of its own.
      const given = attributes();
      if (!this.#fault) this.#opened(written, given, decode);
    });
    parser.on('closeTag', () => {
      if (this.#fault) return;
      this.#scopes.pop();
      visitor.closed();
    });
    parser.on('text', (text, decode) => {
      if (!this.#fault) visitor.text?.(decode(text));
    });
    parser.on('cdata', (text) => {
      this.#goTo(`<![CDATA[${text}`);
      if (!this.#fault) visitor.text?.(text);
    });
    // Tags that stand in these are none.
    parser.on('comment', (text) => this.#goTo(`<!--${text}`));
    parser.on('question', (text) => this.#goTo(text));
    parser.on('attention', (text, _, context) => {
      const declared = /^<!\s*[A-Za-z]+/.exec(text)?.[0] ?? text.slice(0, 20);
      this.#stop('no-doctype', context().line + 1, {
        message: `expected elements only, found "${declared}"`,
        remedy: 'take the document type and its entities out of the file',
      });
    });
    // At the end of a file the parser knows of no line; the last element is nearest then.
    const malformed = (error: Error, context: () => { readonly line: number }) =>
      this.#malformed(error.message, Math.max(context().line + 1, this.#line));
    parser.on('error', malformed);
    parser.on('warn', malformed);
    parser.parse(this.#xml);
    if (this.#elements === 0) this.#malformed('no element', 1);
    return this.#fault;
  }

  #opened(
    written: string,
    given: Readonly<Record<string, string>>,
    decode: (text: string) => string,
  ): void {
    const { deepest, mostElements, remedy } = this.#limits;
    this.#elements += 1;
    if (this.#elements > mostElements || this.#scopes.length >= deepest) {
      this.#stop('file-too-large', this.#line, {
        message: `expected at most ${mostElements} elements, ${deepest} deep, found more`,
        remedy,
      });
      return;
    }
    const { scope, others } = innerScope(given, this.#scopes.at(-1) ?? outermostScope);
    this.#scopes.push(scope);
    this.#visitor.opened({
      ...resolveName(written, scope, 'element'),
      attributes: others.map(([name, value]) => ({
        ...resolveName(name, scope, 'attribute'),
        value: decode(value),
      })),
      line: this.#line,
    });
  }

  /** Goes behind the next place where this is written, and counts the lines up to its beginning. */
  #goTo(text: string): void {
    const found = this.#xml.indexOf(text, this.#place);
    while (this.#lineEnd >= 0 && this.#lineEnd < found) {
      this.#line += 1;
      this.#lineEnd = this.#xml.indexOf('\n', this.#lineEnd + 1);
    }
    this.#place = found + text.length;
  }

  #malformed(found: string, line: number): void {
    this.#stop('xml-malformed', line, {
      message: `expected well-formed XML, found: ${found.split('\n')[0]}`,
      remedy: 'mend the file, or save it anew from the tool that made it',
    });
  }

  #stop(rule: XmlFault['rule'], line: number, what: Pick<XmlFault, 'message' | 'remedy'>): void {
    this.#fault ??= { rule, line, ...what };
    this.#parser.stop();
  }
}
