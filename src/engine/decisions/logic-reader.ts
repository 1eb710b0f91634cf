/** Reads the FEEL of one file of decisions: each text once, so many at a time, with what is wrong noted. */
import type { Variables } from '../model/expression.ts';
import type { DecisionReport } from './decision-problem.ts';
import type { DecisionRuleName } from './decision-rules.ts';
import { isFeel } from './dmn-names.ts';
import {
  type CellTest,
  type FeelText,
  plainExpression,
  plainTests,
  readExpression,
  readTests,
} from './feel-text.ts';
import { type ItemTypes, isKnownType } from './value-types.ts';
import type { XmlElement } from './xml-tree.ts';

/**
 * Texts of FEEL in one file, without plain values; each takes about 12 kB. The same text is read once.
 */
const mostTexts = 5_000;
/** So many texts are read before others get their turn. */
const textsPerTurn = 100;

/** What the readers of one file share. */
export class LogicReader {
  readonly report: DecisionReport;
  readonly types: ItemTypes;
  readonly language: string | undefined;
  readonly #known = new Map<string, FeelText | CellTest | 'refused'>();
  #isFull = false;

  constructor(report: DecisionReport, types: ItemTypes, language: string | undefined) {
    this.report = report;
    this.types = types;
    this.language = language;
  }

  /** Different texts of FEEL that were read: what the file takes of memory. */
  get weight(): number {
    return this.#known.size;
  }

  /** Reads the FEEL in an element, or the text that an element of it holds. Null, and a problem, when it is none. */
  async expression(at: XmlElement, owner: string, names: Variables): Promise<FeelText | null> {
    if (!this.#isFeel(at, owner)) return null;
    const plain = plainExpression(textIn(at));
    if (plain) return plain;
    const read = await this.#read('=', at, owner, names, readExpression);
    return read && 'evaluate' in read ? read : null;
  }

  /** Reads the tests of a cell. */
  async tests(at: XmlElement, owner: string, names: Variables): Promise<CellTest | null> {
    if (!this.#isFeel(at, owner)) return null;
    const plain = plainTests(textIn(at));
    if (plain) return plain;
    const read = await this.#read('?', at, owner, names, readTests);
    return read && 'passes' in read ? read : null;
  }

  #isFeel(at: XmlElement, owner: string): boolean {
    const language = at.attributes.get('expressionLanguage') ?? this.language;
    if (isFeel(language)) return true;
    this.refuse('expression-language', at, owner, `expected FEEL, found "${language}"`, {
      remedy: 'write it in FEEL and leave out the language',
    });
    return false;
  }

  async #read(
    kind: string,
    at: XmlElement,
    owner: string,
    names: Variables,
    reader: (
      text: string,
      names: Variables,
    ) => FeelText | CellTest | { readonly rule: DecisionRuleName; readonly message: string },
  ): Promise<FeelText | CellTest | null> {
    const text = textIn(at);
    const key = `${kind}${owner} ${Object.keys(names).length} ${text}`;
    const known = this.#known.get(key);
    if (known !== undefined) return known === 'refused' ? null : known;
    if (this.#known.size >= mostTexts) {
      if (this.#isFull) return null;
      this.#isFull = true;
      const message = `expected at most ${mostTexts} different texts of FEEL, found more`;
      this.refuse('file-too-large', at, owner, message, { remedy: 'divide the file' });
      return null;
    }
    if (this.#known.size % textsPerTurn === textsPerTurn - 1) {
      await new Promise((resolve) => setImmediate(resolve));
    }
    const read = reader(text, names);
    this.#known.set(key, 'rule' in read ? 'refused' : read);
    if (!('rule' in read)) return read;
    this.refuse(read.rule, at, owner, read.message, { remedy: 'write FEEL that ends' });
    return null;
  }

  /** Notes a problem. */
  refuse(
    rule: DecisionRuleName,
    { line }: XmlElement,
    element: string,
    message: string,
    { remedy }: { readonly remedy: string },
  ): void {
    this.report.add(rule, { line, element }, message, remedy);
  }

  /** Notes a type that nobody knows. */
  checkType(type: string | undefined, at: XmlElement, owner: string): void {
    if (type === undefined || isKnownType(type, this.types)) return;
    this.refuse(
      'type-unknown',
      at,
      owner,
      `expected a type of FEEL or of the file, found "${type}"`,
      {
        remedy: 'define it as an itemDefinition, or leave it out',
      },
    );
  }
}

/** The text of an element: in `<text>`, or its own. */
export function textIn(element: XmlElement): string {
  return element.children.find(({ name }) => name === 'text')?.text ?? element.text;
}

/** The elements of a name inside of another. */
export function childrenOf(element: XmlElement, name: string): readonly XmlElement[] {
  return element.children.filter((child) => child.name === name);
}
