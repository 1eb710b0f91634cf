/**
 * Files of decisions (DMN 1.1 to 1.5) as graphs that can be evaluated: reads a file, checks all of it, and
 * tells everything that is wrong with it. With one problem there is no graph.
 */
import type { Variables } from '../model/expression.ts';
import { rootNamespace } from '../xml/names.ts';
import type { Decision, DecisionGraph, InputData, Knowledge } from './decision-graph.ts';
import type { DecisionProblem } from './decision-problem.ts';
import { DecisionReport } from './decision-problem.ts';
import {
  cosmeticNamespaces,
  dmnNamespaces,
  inertElements,
  isFeel,
  isKnownElement,
  knownVendorAttributes,
} from './dmn-names.ts';
import { childrenOf, LogicReader } from './logic-reader.ts';
import { logicIn, type ReadLogic, readLogic } from './read-logic.ts';
import { exampleOf, type ItemType } from './value-types.ts';
import { readXml, type XmlElement } from './xml-tree.ts';

/** A file as it was handed in. */
export interface DecisionFile {
  /** Name for people; never opened. */
  readonly name: string;
  readonly xml: string;
}

/** A file that was read: its decisions, or what is wrong with it. */
export type ReadDecisions =
  | { readonly graph: DecisionGraph }
  | { readonly problems: readonly DecisionProblem[] };

/** Decisions, inputs and knowledge in one file. */
const mostNodes = 1_000;
/** A key: part of stored data and of URLs. */
const storedName = /^[A-Za-z_][\w.-]{0,99}$/;

/** True for a file whose root is one of DMN, whatever else is wrong with it. */
export function isDecisionFile(xml: string): boolean {
  return /\/spec\/DMN\//i.test(rootNamespace(xml));
}

/** Reads and checks a file. Never throws for what is in it. */
export async function readDecisions(file: DecisionFile): Promise<ReadDecisions> {
  const report = new DecisionReport(file.name);
  const read = readXml(file.xml);
  if ('fault' in read) {
    const { rule, line, message, remedy } = read.fault;
    report.add(rule, { line, element: '' }, message, remedy);
    return { problems: report.problems };
  }
  const { root } = read;
  if (root.name !== 'definitions' || !dmnNamespaces.has(root.namespace)) {
    report.add(
      'dmn-unknown',
      { line: root.line, element: '' },
      `expected definitions of DMN 1.1 to 1.5, found ${root.name} of "${root.namespace}"`,
      'hand in a file of DMN',
    );
    return { problems: report.problems };
  }
  const graph = await new GraphReader(root, report).read();
  return graph ? { graph } : { problems: report.problems.toSorted((a, b) => a.line - b.line) };
}

class GraphReader {
  readonly #root: XmlElement;
  readonly #report: DecisionReport;
  readonly #nodes = new Map<string, XmlElement>();
  readonly #types = new Map<string, ItemType>();
  readonly #reader: LogicReader;

  constructor(root: XmlElement, report: DecisionReport) {
    this.#root = root;
    this.#report = report;
    const language = root.attributes.get('expressionLanguage');
    this.#reader = new LogicReader(report, this.#types, isFeel(language) ? undefined : language);
  }

  async read(): Promise<DecisionGraph | null> {
    checkElements(this.#root, this.#report);
    for (const element of childrenOf(this.#root, 'itemDefinition')) {
      const type = await this.#type(element, 0);
      this.#types.set(type.name, type);
    }
    for (const element of this.#root.children) this.#place(element);
    if (this.#report.problems.length > 0) return null;
    this.#checkRequirements();
    if (this.#report.problems.length > 0) return null;
    const inputs = new Map<string, InputData>();
    const decisions = new Map<string, Decision>();
    const knowledge = new Map<string, Knowledge>();
    for (const [id, element] of this.#nodes) {
      if (element.name === 'inputData') inputs.set(id, this.#named(element, id));
      else if (element.name === 'decision') {
        const read = await this.#decision(element, id);
        if (read) decisions.set(id, read);
      } else {
        const read = await this.#knowledge(element, id);
        if (read) knowledge.set(id, read);
      }
    }
    if (this.#report.problems.length > 0) return null;
    const { weight } = this.#reader;
    return Object.freeze({ decisions, inputs, knowledge, types: this.#types, weight });
  }

  #add(
    rule: Parameters<DecisionReport['add']>[0],
    { line }: XmlElement,
    element: string,
    message: string,
    remedy: string,
  ): void {
    this.#report.add(rule, { line, element }, message, remedy);
  }

  async #type(element: XmlElement, depth: number): Promise<ItemType> {
    const name = (element.attributes.get('name') ?? '').trim();
    const [base] = childrenOf(element, 'typeRef');
    const [allowed] = childrenOf(element, 'allowedValues');
    if (depth > 10) {
      this.#add(
        'type-unknown',
        element,
        name,
        'expected types at most 10 deep, found more',
        'name a part of it',
      );
      return { name, isList: false, components: [] };
    }
    if (childrenOf(element, 'functionItem').length > 0) {
      this.#add(
        'dmn-element',
        element,
        name,
        'expected types of values, found one of functions',
        'take it out',
      );
    }
    const components: ItemType[] = [];
    for (const component of childrenOf(element, 'itemComponent')) {
      components.push(await this.#type(component, depth + 1));
    }
    const tests = allowed && (await this.#reader.tests(allowed, name, {}));
    return {
      name,
      base: base?.text.trim() ?? element.attributes.get('typeRef'),
      isList: element.attributes.get('isCollection') === 'true',
      allowed: tests ?? undefined,
      components,
    };
  }

  /** Notes where a decision, an input or a piece of knowledge stands. */
  #place(element: XmlElement): void {
    const { name, namespace } = element;
    if (namespace !== this.#root.namespace || name === 'itemDefinition') return;
    if (inertElements.has(name)) return;
    const id = element.attributes.get('id') ?? '';
    if (!['decision', 'inputData', 'businessKnowledgeModel'].includes(name)) {
      this.#add(
        'dmn-element',
        element,
        id,
        `expected decisions, inputs and knowledge, found a ${name}`,
        remedyOf(name),
      );
      return;
    }
    if (!storedName.test(id)) {
      this.#add(
        'id-invalid',
        element,
        id.slice(0, 100),
        `expected a ${name} to have an id of at most 100 letters, digits, dots, hyphens and underscores, found "${id.slice(0, 100)}"`,
        'give it such an id, and never change it',
      );
    }
    if (this.#nodes.has(id)) {
      this.#add(
        'id-duplicate',
        element,
        id,
        `expected every id once, found "${id}" again`,
        'give one of the two another id',
      );
    }
    if (this.#nodes.size === mostNodes) {
      this.#add(
        'file-too-large',
        element,
        id,
        `expected at most ${mostNodes} decisions and inputs, found more`,
        'divide the file',
      );
    }
    if (this.#nodes.size < mostNodes) this.#nodes.set(id, element);
  }

  /** Everything that is required is there, and nothing requires itself. */
  #checkRequirements(): void {
    const decisions = [...this.#nodes].filter(([, { name }]) => name === 'decision');
    if (decisions.length === 0) {
      this.#add(
        'nothing-decided',
        this.#root,
        '',
        'expected a decision, found none',
        'add a decision to it',
      );
    }
    for (const [id, element] of this.#nodes) {
      for (const { kind, required, at } of this.#requirements(element)) {
        if (this.#nodes.get(required)?.name === kind) continue;
        this.#add(
          'reference-missing',
          at,
          id,
          `expected a ${kind} "${required}" in the file, found none`,
          'mend the reference, or add what it names; imports of other files are not read',
        );
      }
    }
    const settled = new Set<string>();
    const open = new Set<string>();
    const visit = (id: string): void => {
      const element = this.#nodes.get(id);
      if (!element || settled.has(id)) return;
      if (open.has(id)) {
        this.#add(
          'requirement-cycle',
          element,
          id,
          `expected no requirement to lead back, found one at "${id}"`,
          'take one of them out',
        );
        return;
      }
      open.add(id);
      for (const { required } of this.#requirements(element)) visit(required);
      open.delete(id);
      settled.add(id);
    };
    for (const id of this.#nodes.keys()) visit(id);
  }

  #requirements(element: XmlElement) {
    const kinds = {
      requiredDecision: 'decision',
      requiredInput: 'inputData',
      requiredKnowledge: 'businessKnowledgeModel',
    } as const;
    return element.children
      .filter(({ name }) => name === 'informationRequirement' || name === 'knowledgeRequirement')
      .flatMap(({ children }) => children)
      .flatMap((at) => {
        const kind = Object.hasOwn(kinds, at.name)
          ? kinds[at.name as keyof typeof kinds]
          : undefined;
        const href = at.attributes.get('href') ?? '';
        return kind ? [{ kind, required: href.replace(/^#/, ''), at }] : [];
      });
  }

  #required(element: XmlElement, kind: string): readonly string[] {
    return this.#requirements(element).flatMap((one) => (one.kind === kind ? [one.required] : []));
  }

  /** What it is known by, and its type. */
  #named(element: XmlElement, id: string): InputData {
    const [variable] = childrenOf(element, 'variable');
    const name = variable?.attributes.get('name') ?? element.attributes.get('name') ?? id;
    const type = variable?.attributes.get('typeRef');
    if (variable) this.#reader.checkType(type, variable, id);
    return { name, type };
  }

  /** Names that are known where an element has its logic, with examples of their values. */
  #names(element: XmlElement): Variables {
    const names = new Map<string, unknown>();
    for (const required of this.#requirements(element)) {
      const found = this.#nodes.get(required.required);
      if (!found) continue;
      if (found.name === 'decision') for (const name of outputNames(found)) names.set(name, null);
      const { name, type } = this.#named(found, required.required);
      names.set(name, exampleOf(type, this.#types));
    }
    return Object.fromEntries(names);
  }

  async #logic(element: XmlElement, id: string, names: Variables): Promise<ReadLogic | null> {
    const logic = logicIn(element);
    if (logic) return await readLogic(this.#reader, logic, id, names);
    this.#add(
      'nothing-decided',
      element,
      id,
      `expected ${element.name} "${id}" to say how it is made, found nothing`,
      'add a decision table or an expression to it',
    );
    return null;
  }

  async #decision(element: XmlElement, id: string): Promise<Decision | null> {
    const { name: variable, type } = this.#named(element, id);
    const logic = await this.#logic(element, id, this.#names(element));
    if (!logic) return null;
    return {
      ...{ id, variable, type, logic },
      name: element.attributes.get('name') ?? id,
      decisions: this.#required(element, 'decision'),
      inputs: this.#required(element, 'inputData'),
      knowledge: this.#required(element, 'businessKnowledgeModel'),
    };
  }

  async #knowledge(element: XmlElement, id: string): Promise<Knowledge | null> {
    const [body] = childrenOf(element, 'encapsulatedLogic');
    const kind = body?.attributes.get('kind') ?? 'FEEL';
    if (!body || kind !== 'FEEL') {
      this.#add(
        'dmn-element',
        element,
        id,
        `expected knowledge as logic in FEEL, found ${body ? kind : 'none'}`,
        'write it in FEEL',
      );
      return null;
    }
    const parameters = childrenOf(body, 'formalParameter').map(
      ({ attributes }) => attributes.get('name') ?? '',
    );
    const own = Object.fromEntries(parameters.map((name) => [name, null]));
    const logic = await this.#logic(body, id, { ...this.#names(element), ...own });
    if (!logic) return null;
    const { name } = this.#named(element, id);
    return {
      name,
      parameters,
      logic,
      knowledge: this.#required(element, 'businessKnowledgeModel'),
    };
  }
}

function outputNames(decision: XmlElement): readonly string[] {
  return childrenOf(decision, 'decisionTable')
    .flatMap((table) => childrenOf(table, 'output'))
    .flatMap(({ attributes }) => attributes.get('name') ?? []);
}

function remedyOf(kind: string): string {
  if (kind === 'import') return 'copy what it needs into the file';
  if (kind === 'decisionService') return 'take it out, and evaluate its decisions themselves';
  return 'take it out';
}

/** Elements and vendors' extensions that would change what is decided, or that nobody knows. */
function checkElements(root: XmlElement, report: DecisionReport): void {
  const note = (element: XmlElement, owner: string, what: string, namespace: string) =>
    report.add(
      'extension-foreign',
      { line: element.line, element: owner },
      `expected no extension that is not read here, found ${what} of "${namespace}"`,
      'take it out',
    );
  const isCosmetic = (namespace: string) =>
    cosmeticNamespaces.test(namespace) || namespace.startsWith('http://www.w3.org/');
  const visit = (element: XmlElement, around: string): void => {
    const owner = element.attributes.get('id') ?? around;
    if (element.namespace === root.namespace && !isKnownElement(element.name)) {
      report.add(
        'dmn-element',
        { line: element.line, element: owner },
        `expected elements of DMN that are read here, found <${element.name}>`,
        'mend its name, or take it out',
      );
      return;
    }
    if (element.name === 'decisionService') return;
    for (const name of element.attributes.keys()) {
      const [, namespace = '', local = ''] = /^\{(.*)\}(.*)$/.exec(name) ?? [];
      if (local === '' || isCosmetic(namespace) || knownVendorAttributes.has(local)) continue;
      note(element, owner, local, namespace);
    }
    for (const child of element.children) {
      const isStandard = child.namespace === root.namespace;
      // A diagram changes nothing.
      if (!isStandard && /\/DMNDI\/?$|\/DC\/?$|\/DI\/?$/i.test(child.namespace)) continue;
      if (isCosmetic(child.namespace)) continue;
      if (isStandard || child.name === 'properties') visit(child, owner);
      else if (child.name !== 'versionTag') note(child, owner, `<${child.name}>`, child.namespace);
    }
  };
  visit(root, '');
}
