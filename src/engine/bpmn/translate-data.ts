/**
 * Data of the standard, as our own mappings: a data object is a variable of the process or sub-process that
 * holds it, data associations copy it into an activity before it begins and out of it when it has ended, and the
 * data inputs of what runs a procedure are its input. It is written into the drawing in our extension, before
 * anything else reads it. An association with neither inputs nor outputs behind it is a picture: each
 * activity sees all variables anyway. Data stores lie outside, so nothing can be copied from or to them.
 */
import type { ModdleElement } from 'bpmn-moddle';
import { everyMember } from '../model/named-values.ts';
import {
  type DataSet,
  dataSets,
  fieldsOfFirstSet,
  inputsOfFirstSet,
  outputsOfFirstSet,
} from './data-sets.ts';
import { add, addValue, say, says } from './dialect/our-words.ts';
import { checkProperties } from './known-properties.ts';
import { elementOf, elementsOf, idOf, kindOf, textOf } from './moddle-values.ts';
import { feel, isVariableName, unread } from './process-context.ts';
import type { Report } from './report.ts';

/** Works with the whole of one input, and gives the whole of one output. */
const wholeKinds = ['serviceTask', 'sendTask', 'receiveTask', 'businessRuleTask', 'scriptTask'];
/** Takes what its data inputs hold as its input. */
const inputKinds = ['serviceTask', 'sendTask', 'businessRuleTask', 'callActivity'];
const holderKinds = ['subProcess', 'transaction', 'adHocSubProcess'];

/** Translates the data of one process in place; gives the names of its variables that are data objects. */
export function translateData(process: ModdleElement, report: Report): readonly string[] {
  const reader = new DataReader(report);
  reader.name(process);
  reader.container(process);
  return [...new Set(reader.names.values())];
}

/** Which end of an association is the one that holds data of the process. */
interface Copied {
  /** Name of the input or output of the activity. */
  readonly own: string;
  readonly association: ModdleElement;
}

class DataReader {
  /** Variables of data objects and properties of the process, by element. */
  readonly names = new Map<ModdleElement, string>();
  readonly #report: Report;

  constructor(report: Report) {
    this.#report = report;
  }

  /** Finds the variables: by the name of the object, else the one name that its references have, else its id. */
  name(container: ModdleElement): void {
    const elements = elementsOf(container, 'flowElements');
    for (const property of elementsOf(container, 'properties')) {
      if (kindOf(container) === 'process') this.names.set(property, nameOf(property));
    }
    for (const object of elements.filter((one) => kindOf(one) === 'dataObject')) {
      const references = elements.filter((one) => elementOf(one, 'dataObjectRef') === object);
      const called = new Set(references.map((one) => textOf(one, 'name')).filter(isName));
      const [only] = called;
      const name = called.size === 1 && !isName(textOf(object, 'name')) ? only : undefined;
      this.names.set(object, name ?? nameOf(object));
    }
    for (const element of elements) if (holderKinds.includes(kindOf(element))) this.name(element);
  }

  container(container: ModdleElement): void {
    for (const element of elementsOf(container, 'flowElements')) {
      const kind = kindOf(element);
      if (kind === 'dataObject' && holderKinds.includes(kindOf(container))) {
        add(container, 'Local', { name: this.names.get(element), value: '= null' });
      }
      if (/^(startEvent|boundaryEvent|intermediateCatchEvent)$/.test(kind)) this.#caught(element);
      else if (/^(endEvent|intermediateThrowEvent)$/.test(kind)) this.#thrown(element);
      else if (/[tT]ask$|[sS]ubProcess$|^(callActivity|transaction)$/.test(kind)) {
        this.#activity(element);
      }
      if (holderKinds.includes(kind)) this.container(element);
    }
  }

  // --- activities ------------------------------------------------------------------------------------

  #activity(element: ModdleElement): void {
    const inputs = this.#copies(element, 'dataInputAssociations');
    const outputs = this.#copies(element, 'dataOutputAssociations');
    const { inputSets, outputSets } = this.#sets(element, inputs);
    this.#loop(element, inputs, outputs);
    if (inputSets.length > 1) this.#takeOneSet(element, inputSets, inputs);
    else this.#takeAll(element, inputs);
    if (outputSets.length > 1) this.#giveOneSet(element, outputSets, outputs);
    else this.#giveAll(element, outputs);
  }

  #takeAll(element: ModdleElement, inputs: readonly Copied[]): void {
    for (const { own, association } of inputs) {
      add(element, 'Local', { name: own, value: this.#valueIn(association) });
    }
    const given = elementsOf(elementOf(element, 'ioSpecification') ?? element, 'dataInputs');
    if (inputs.length > 0 && inputKinds.includes(kindOf(element)) && !says(element, 'Input')) {
      const isWhole = given.length === 1 && wholeKinds.includes(kindOf(element));
      for (const { own } of inputs) {
        add(element, 'Input', { ...(isWhole ? {} : { name: own }), value: `= ${own}` });
      }
    }
  }

  #giveAll(element: ModdleElement, outputs: readonly Copied[]): void {
    if (outputs.length === 0 || elementOf(element, 'loopCharacteristics')?.loopDataOutputRef)
      return;
    this.#keepResult(element);
    const isOne = new Set(outputs.map(({ own }) => own)).size === 1;
    for (const { own, association } of outputs) {
      const isWhole = isOne && wholeKinds.includes(kindOf(element));
      const value = this.#valueOut(association, own, isWhole ? 'output' : `output.${own}`);
      this.#assign(element, association, value);
    }
  }

  #takeOneSet(element: ModdleElement, sets: readonly DataSet[], inputs: readonly Copied[]): void {
    const read = inputs.map(({ own, association }) => ({
      name: own,
      value: feel({ report: this.#report }, element, this.#valueIn(association)) ?? unread,
    }));
    addValue(element, 'Local', everyMember, inputsOfFirstSet(sets, read));
    if (inputKinds.includes(kindOf(element)) && !says(element, 'Input')) {
      addValue(element, 'Input', everyMember, fieldsOfFirstSet(sets, read));
    }
  }

  #giveOneSet(element: ModdleElement, sets: readonly DataSet[], outputs: readonly Copied[]): void {
    this.#keepResult(element);
    const given = outputs.flatMap(({ own, association }) => {
      const target = this.#variableOf(elementOf(association, 'targetRef'), element);
      const text = this.#valueOut(association, own, `output.${own}`);
      const value = feel({ report: this.#report }, element, text) ?? unread;
      return target === undefined ? [] : [{ name: own, target, value }];
    });
    addValue(element, 'Assign', everyMember, outputsOfFirstSet(sets, given));
  }

  /** What the drawing keeps anyway is kept beside. */
  #keepResult(element: ModdleElement): void {
    const values = elementsOf(elementOf(element, 'extensionElements') ?? element, 'values');
    const result = values.map((value) => textOf(value, 'result')).find((one) => one !== undefined);
    if (result !== undefined) add(element, 'Assign', { name: result, value: '= output' });
  }

  #assign(element: ModdleElement, association: ModdleElement, value: string): void {
    const target = this.#variableOf(elementOf(association, 'targetRef'), element);
    if (target !== undefined) add(element, 'Assign', { name: target, value });
  }

  /** A loop over a list that is data, and the list that its runs make. */
  #loop(element: ModdleElement, inputs: readonly Copied[], outputs: readonly Copied[]): void {
    const loop = elementOf(element, 'loopCharacteristics');
    if (!loop || kindOf(loop) !== 'multiInstanceLoopCharacteristics') return;
    const list = elementOf(loop, 'loopDataInputRef');
    if (list) {
      const own = inputs.find(({ association }) => elementOf(association, 'targetRef') === list);
      const collection = own
        ? this.#valueIn(own.association)
        : `= ${this.#variableOf(list, element)}`;
      const item = elementOf(loop, 'inputDataItem');
      say(loop, 'Loop', { collection, ...(item ? { item: nameOf(item) } : {}) });
    }
    const all = elementOf(loop, 'loopDataOutputRef');
    if (!all) return;
    const item = elementOf(loop, 'outputDataItem');
    if (item && holderKinds.includes(kindOf(element))) {
      say(loop, 'Loop', { output: `= ${nameOf(item)}` });
    }
    this.#keepResult(element);
    const own = outputs.find(({ association }) =>
      elementsOf(association, 'sourceRef').includes(all),
    );
    if (own) this.#assign(element, own.association, '= output');
    else {
      const target = this.#variableOf(all, element);
      if (target !== undefined) add(element, 'Assign', { name: target, value: '= output' });
    }
  }

  /** The sets of an activity; with several of a kind, only where it can be told which one is whole. */
  #sets(
    element: ModdleElement,
    inputs: readonly Copied[],
  ): { readonly inputSets: readonly DataSet[]; readonly outputSets: readonly DataSet[] } {
    const io = elementOf(element, 'ioSpecification');
    if (!io) return { inputSets: [], outputSets: [] };
    checkProperties(io, this.#report);
    for (const part of ['dataInputs', 'dataOutputs', 'inputSets', 'outputSets'] as const) {
      for (const one of elementsOf(io, part)) checkProperties(one, this.#report);
    }
    const inputSets = dataSets(io, 'input', nameOf);
    const outputSets = dataSets(io, 'output', nameOf);
    const copied = new Set(inputs.map(({ own }) => own));
    const required = inputSets.length > 1 ? inputSets.flatMap((set) => set.required) : [];
    for (const { own, association } of inputSets.length > 1 ? inputs : []) {
      const first = inputs.find((one) => one.own === own);
      if (first?.association !== association) this.#odd(association, `another one into "${own}"`);
    }
    for (const name of new Set(required.filter((one) => !copied.has(one)))) {
      this.#report.add(
        'data-sets',
        element,
        `expected an association into each data input that one of several sets requires, found none into "${name}"`,
        'draw it, or take the input out of the set: the set would never be taken',
      );
    }
    const loop = elementOf(element, 'loopCharacteristics');
    const several = { in: inputSets.length > 1, out: outputSets.length > 1 };
    if (loop && (several.out || (several.in && loop.loopDataInputRef !== undefined))) {
      this.#report.add(
        'data-sets',
        element,
        'expected one set of data inputs and one of data outputs where a loop takes a list or makes one, found several',
        'leave one, or draw the loop around a sub-process in which the activity chooses',
      );
    }
    return { inputSets, outputSets };
  }

  // --- associations ----------------------------------------------------------------------------------

  /** The associations that copy something; the others are pictures. */
  #copies(
    element: ModdleElement,
    part: 'dataInputAssociations' | 'dataOutputAssociations',
  ): readonly Copied[] {
    return elementsOf(element, part).flatMap((association) => {
      checkProperties(association, this.#report);
      const isInput = part === 'dataInputAssociations';
      const own = isInput
        ? elementOf(association, 'targetRef')
        : elementsOf(association, 'sourceRef')[0];
      if (!own || nameOf(own).startsWith('__')) return [];
      return [{ own: nameOf(own), association }];
    });
  }

  #valueIn(association: ModdleElement): string {
    const said = this.#said(association);
    if (said !== undefined) return said;
    const [source, second] = elementsOf(association, 'sourceRef');
    if (second || !source) {
      this.#odd(association, source ? 'several sources' : 'no source');
      return '= null';
    }
    return `= ${this.#variableOf(source, association.$parent ?? association) ?? 'null'}`;
  }

  /** In the transformation of an output, the output has its own name. */
  #valueOut(association: ModdleElement, own: string, value: string): string {
    const said = this.#said(association);
    if (said === undefined) return `= ${value}`;
    return `= { ${own}: ${value}, result: ${said.replace(/^\s*=/, '')} }.result`;
  }

  /** What an association says of the value itself. */
  #said(association: ModdleElement): string | undefined {
    const assignments = elementsOf(association, 'assignment');
    const [assignment] = assignments;
    const from = assignment && elementOf(assignment, 'from');
    const written = elementOf(association, 'transformation') ?? from;
    if (assignments.length > 1) this.#odd(association, 'several assignments');
    if (!written) return undefined;
    const language = textOf(written, 'language');
    if (language !== undefined && !/feel/i.test(language)) {
      this.#report.add(
        'expression-language',
        association.$parent ?? association,
        `expected an expression in FEEL, found one in "${language}"`,
        'write it in FEEL and leave out the language',
      );
    }
    return textOf(written, 'body') ?? '';
  }

  #odd(association: ModdleElement, found: string): void {
    this.#report.add(
      'data-association',
      association.$parent ?? association,
      `expected a data association with one source and at most one assignment, found ${found}`,
      'say how the value is made in a transformation, or draw an association for each',
    );
  }

  /** The variable that a data object or property stands for; undefined, and a problem, when it is none. */
  #variableOf(data: ModdleElement | undefined, at: ModdleElement): string | undefined {
    const object = data && (elementOf(data, 'dataObjectRef') ?? data);
    const known = object && this.names.get(object);
    if (known !== undefined) return known;
    this.#report.add(
      'data-association',
      at,
      `expected data of the process, found ${data ? `${kindOf(data)} "${idOf(data)}"` : 'nothing'}`,
      'name a data object; what lies outside is read and written by a procedure',
    );
    return undefined;
  }

  // --- events ----------------------------------------------------------------------------------------

  /** What an event brings becomes the data that is drawn behind it. */
  #caught(event: ModdleElement): void {
    const [first, ...others] = this.#copies(event, 'dataOutputAssociations');
    if (!first) return;
    if (others.length > 0 || this.#said(first.association) !== undefined) {
      this.#odd(first.association, 'more than that at an event');
      return;
    }
    const target = this.#variableOf(elementOf(first.association, 'targetRef'), event);
    say(event, 'Event', { result: target });
  }

  /** What an event throws carries the data that is drawn before it. */
  #thrown(event: ModdleElement): void {
    const [first, ...others] = this.#copies(event, 'dataInputAssociations');
    if (!first) return;
    const definitions = elementsOf(event, 'eventDefinitions');
    const [definition] = definitions;
    if (!definition || definitions.length > 1 || others.length > 0) {
      this.#odd(first.association, 'an event that does not throw one thing');
      return;
    }
    add(definition, 'Input', { value: this.#valueIn(first.association) });
  }
}

function isName(text: string | undefined): text is string {
  return text !== undefined && isVariableName(text);
}

/** Its name, where a variable can have it, else its id. */
function nameOf(element: ModdleElement): string {
  const name = textOf(element, 'name');
  if (name?.startsWith('__')) return name;
  return isName(name) ? name : idOf(element);
}
