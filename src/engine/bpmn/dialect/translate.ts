/**
 * Drawings made for Camunda 7, Operaton, Flowable and Activiti, as ours: what their extensions say is
 * written into the drawing in our own extension, before anything else reads it. Whatever has no meaning
 * here is told with its name; nothing is passed over.
 */
import type { ModdleElement } from 'bpmn-moddle';
import { elementOf, elementsOf, kindOf } from '../moddle-values.ts';
import type { Report } from '../report.ts';
import type { DialectContext } from './dialect-context.ts';
import { vendorNamespaces } from './namespaces.ts';
import { add, say, says } from './our-words.ts';
import { translateCall } from './translate-call.ts';
import { translateLoop } from './translate-loop.ts';
import { translatePerson } from './translate-person.ts';
import { translateMappings, translateWork } from './translate-work.ts';
import { VendorWords } from './vendor-words.ts';

/** Translates the extensions of a file in place. Does nothing to a file that has none. */
export function translateDialect(
  definitions: ModdleElement,
  report: Report,
  delegates: Readonly<Record<string, string>> = {},
): void {
  const declared = Object.entries(definitions.$attrs ?? {}).flatMap(([name, namespace]) => {
    const vendor = name.startsWith('xmlns:') ? vendorNamespaces.get(namespace) : undefined;
    return vendor ? [{ prefix: name.slice('xmlns:'.length), vendor }] : [];
  });
  const [first] = declared;
  if (!first) return;
  const prefixes = new Set(declared.map(({ prefix }) => prefix));
  const context: DialectContext = { report, vendor: first.vendor, delegates };
  for (const element of everyElement(definitions)) {
    const words = new VendorWords(element, prefixes);
    translateElement(context, words);
    for (const name of words.left) refuse(context, element, name);
  }
}

function* everyElement(element: ModdleElement): Generator<ModdleElement> {
  yield element;
  for (const [name, value] of Object.entries(element)) {
    // References lead to elements that are reached where they stand; what a diagram says is for people.
    if (name.startsWith('$') || name === 'extensionElements' || name === 'diagrams') continue;
    for (const inner of Array.isArray(value) ? value : [value]) {
      const isElement = typeof inner === 'object' && inner !== null && '$type' in inner;
      if (isElement && inner.$parent === element) yield* everyElement(inner);
    }
  }
}

/** What may stand anywhere, and is true here whatever it says. */
const granted = [
  ...['asyncBefore', 'asyncAfter', 'async', 'exclusive', 'asyncLeave', 'asyncLeaveExclusive'],
  ...['modelerTemplate', 'modelerTemplateVersion', 'modelerTemplateIcon', 'diagramRelationId'],
];

const remedies: Readonly<Record<string, string>> = {
  '<connector>': 'integrate the system that it calls, and run a procedure of it',
  '<executionListener>': 'draw what it does as a task; nothing here runs Java',
  '<taskListener>': 'draw what it does as a task; nothing here runs Java',
  '<eventListener>': 'follow the event log instead',
  '<mapException>': 'attach an error event for the code that the procedure refuses with',
  candidateStarterGroups: 'say in the roles of its callers who may start processes',
  candidateStarterUsers: 'say in the roles of its callers who may start processes',
  jobPriority: 'set the priority of the process: <orderloom:process priority="high"/>',
  skipExpression: 'draw an exclusive gateway before it',
  initiator: 'hand in who starts it as a variable',
  errorCodeVariable:
    'keep the error in a variable, <orderloom:event result="error"/>, and read error.code',
  errorMessageVariable:
    'keep the error in a variable, <orderloom:event result="error"/>, and read error.message',
  resource: 'write it inside of the drawing',
  variableMappingClass: 'map variables with in and out elements',
  variableMappingDelegateExpression: 'map variables with in and out elements',
};

function refuse({ report }: DialectContext, element: ModdleElement, written: string): void {
  const local = written.replace(/^[\w-]+:/, '');
  const isListener = /listener>$/i.test(written);
  report.add(
    isListener ? 'listener-unsupported' : 'dialect-unsupported',
    element,
    `expected extensions that this engine does what they say, found ${written} at a ${kindOf(element)}`,
    remedies[local] ?? 'take it out, or say the same with our own extension',
  );
}

function translateElement(context: DialectContext, words: VendorWords): void {
  const { element } = words;
  for (const name of granted) words.take(name);
  const kind = kindOf(element);
  switch (kind) {
    case 'process':
      translateProcess(words);
      break;
    case 'startEvent':
      translateStart(words);
      break;
    case 'serviceTask':
    case 'sendTask':
    case 'businessRuleTask':
    case 'scriptTask':
      translateWork(context, words);
      break;
    case 'userTask':
      translatePerson(context, words);
      break;
    case 'callActivity':
      translateCall(context, words);
      break;
    case 'receiveTask':
      spread(element, 'Task');
      expectAnybody(elementOf(element, 'messageRef') ? element : null);
      translateMappings(context, words, 'Local');
      break;
    case 'subProcess':
    case 'transaction':
    case 'adHocSubProcess':
      translateMappings(context, words, 'Local');
      break;
    case 'intermediateCatchEvent':
    case 'boundaryEvent':
      translateCatch(element);
      break;
    case 'multiInstanceLoopCharacteristics':
      translateLoop(words);
      break;
  }
  // Nothing but work for a worker outside depends on them.
  words.takeElements('properties');
  if (element.loopCharacteristics !== undefined || kind.endsWith('Task')) {
    // How often an element that begins at once is begun again: it cannot fail.
    words.takeElements('failedJobRetryTimeCycle');
  }
}

function translateProcess(words: VendorWords): void {
  for (const name of ['historyTimeToLive', 'isStartableInTasklist']) words.take(name);
  const tag = words.take('versionTag');
  say(words.element, 'Process', { variables: 'process', versionTag: tag });
}

function translateStart(words: VendorWords): void {
  for (const name of ['formKey', 'formRef', 'formRefBinding', 'formRefVersion']) words.take(name);
  const { element } = words;
  const [definition] = elementsOf(element, 'eventDefinitions');
  const kind = definition ? kindOf(definition) : 'none';
  const isPlain = kind === 'none' || kind === 'messageEventDefinition';
  if (isPlain && !says(element, 'Event')) say(element, 'Event', { result: '*' });
  const holder = element.$parent;
  const waits = holder && kindOf(holder) === 'subProcess' && kind === 'messageEventDefinition';
  if (waits && definition) expectAnybody(definition);
}

function translateCatch(element: ModdleElement): void {
  const [definition] = elementsOf(element, 'eventDefinitions');
  if (!definition || kindOf(definition) !== 'messageEventDefinition') return;
  spread(element, 'Event');
  expectAnybody(definition);
}

/** What a message brings becomes variables, as with those engines. */
function spread(element: ModdleElement, kind: 'Task' | 'Event'): void {
  say(element, kind, { result: '*' });
}

/**
 * With those engines whoever sends a message says which instance it is for, and the drawing does not.
 * So the wait has a key that no event carries, and is met by its instance.
 */
function expectAnybody(holder: ModdleElement | null): void {
  if (!holder || says(holder, 'Correlation')) return;
  add(holder, 'Correlation', { field: 'correlatedBy', value: '= "instance"' });
}
