/** Tasks that the program or a worker does: topics, delegates, expressions, decisions, mappings, retries. */
import type { ModdleElement } from 'bpmn-moddle';
import { readJuel } from '../../expressions/juel.ts';
import type { Expression } from '../../model/expression.ts';
import type { DialectContext } from './dialect-context.ts';
import { add, addValue, say, says } from './our-words.ts';
import { retryOf } from './retry-cycle.ts';
import { decidedWork } from './translate-decision.ts';
import { parameterValue, textExpression, toldText, type UnusableValue } from './vendor-values.ts';
import type { VendorElement, VendorWords } from './vendor-words.ts';

/** Service, send, business rule and script tasks. */
export function translateWork(context: DialectContext, words: VendorWords): void {
  const { element } = words;
  const decided = decidedWork(context, words);
  const result = words.take('resultVariable') ?? words.take('resultVariableName');
  const kind = decided ? 'decision' : kindOfWork(context, words);
  say(element, 'Task', { result: result ?? (kind === 'procedure' ? '*' : undefined) });
  translateRetry(context, words);
  if (kind === 'procedure') {
    translateFields(context, words);
    translateMappings(context, words, 'Input');
    if (!says(element, 'Input')) add(element, 'Input', { name: '*', value: '*' });
  } else if (kind === 'topic') {
    translateMappings(context, words, 'Input', 'Output');
    translateProperties(words);
  } else translateMappings(context, words, 'Local');
}

/** Facts of the drawing for the worker; a name that is there twice means its last value. */
function translateProperties(words: VendorWords): void {
  const given = words.takeElements('properties').flatMap(({ children }) => children);
  for (const { attributes } of given) {
    const { name = attributes.id ?? '', value = '' } = attributes;
    if (name !== '') add(words.element, 'Property', { name, value });
  }
}

function kindOfWork(
  context: DialectContext,
  words: VendorWords,
): 'topic' | 'procedure' | 'expression' | 'none' {
  const { element } = words;
  const type = words.take('type');
  if (type === 'external' || type === 'external-worker') {
    const topic = words.take('topic');
    const priority = words.take('taskPriority');
    say(element, 'Task', {
      topic: topic === undefined ? undefined : toldText(topic),
      taskPriority: priority,
    });
    return 'topic';
  }
  if (type !== undefined) {
    context.report.add(
      'dialect-unsupported',
      element,
      `expected work for a worker outside or a delegate, found type "${type}"`,
      'integrate the system that it calls, and run a procedure of it',
    );
    // It is told once; a task without any work would be told again.
    say(element, 'Task', { expression: '= null' });
    return 'expression';
  }
  const written = words.take('class') ?? words.take('delegateExpression');
  const expression = words.take('expression');
  return delegated(context, element, written, expression);
}

/** What a delegate is known by in the table: as it is written, or without the signs around a bean. */
function delegated(
  { report, delegates }: DialectContext,
  element: ModdleElement,
  written: string | undefined,
  expression: string | undefined,
): 'procedure' | 'expression' | 'none' {
  const name = written ?? expression;
  if (name === undefined) return says(element, 'Task') ? 'procedure' : 'none';
  const bean = /^[$#]\{\s*([\w.]+)\s*(?:\([^)]*\))?\s*\}$/.exec(name)?.[1];
  const known = [name, bean].find((one) => one !== undefined && Object.hasOwn(delegates, one));
  if (known !== undefined) {
    say(element, 'Task', { procedure: delegates[known] });
    return 'procedure';
  }
  if (written === undefined && expression !== undefined && 'expression' in readJuel(expression)) {
    say(element, 'Task', { expression: toldText(expression) });
    return 'expression';
  }
  report.add(
    'delegate-unmapped',
    element,
    `expected a procedure for "${name}", found none in the table of delegates`,
    `add "${bean ?? name}": "module.procedure" to orderloom.delegates.json, or to delegates of the deployment`,
  );
  // It is told once; a task without any work would be told again.
  say(element, 'Task', { expression: '= null' });
  return 'expression';
}

/** How often it is tried again. With a topic the worker says. */
function translateRetry({ report }: DialectContext, words: VendorWords): void {
  const { element } = words;
  const [given] = words.takeElements('failedJobRetryTimeCycle');
  if (!given || says(element, 'Retry') || hasTopic(element)) return;
  const retry = retryOf(given.body);
  if (retry) add(element, 'Retry', retry);
  else {
    report.add(
      'extension-invalid',
      element,
      `expected a retry cycle such as R3/PT10M or PT5M,PT1H; found "${given.body}"`,
      'write the times there, not as an expression',
    );
  }
}

function hasTopic(element: ModdleElement): boolean {
  const values = (element.extensionElements as { values?: ModdleElement[] } | undefined)?.values;
  return (values ?? []).some(
    (value) => value.$type === 'orderloom:Task' && value.topic !== undefined,
  );
}

/** What Flowable injects into a delegate is input of the procedure. */
function translateFields(context: DialectContext, words: VendorWords): void {
  for (const field of words.takeElements('field')) {
    const { name = '', stringValue, expression } = field.attributes;
    const text = stringValue ?? expression ?? field.children[0]?.body ?? '';
    place(context, words.element, 'Input', name, textExpression(text));
  }
}

/** `inputOutput`: parameters in as `into`, parameters out as `out`. */
export function translateMappings(
  context: DialectContext,
  words: VendorWords,
  into: 'Input' | 'Local',
  out: 'Assign' | 'Output' = 'Assign',
): void {
  const given = words.takeElements('inputOutput').flatMap(({ children }) => children);
  for (const parameter of given) {
    const kind = parameter.name === 'inputParameter' ? into : out;
    placeParameter(context, words.element, kind, parameter);
  }
}

function placeParameter(
  context: DialectContext,
  element: ModdleElement,
  kind: 'Input' | 'Local' | 'Assign' | 'Output',
  parameter: VendorElement,
): void {
  place(context, element, kind, parameter.attributes.name ?? '', parameterValue(parameter));
}

/** Writes a named value, or tells why it cannot be used. */
export function place(
  { report }: DialectContext,
  element: ModdleElement,
  kind: 'Input' | 'Local' | 'Assign' | 'Output',
  name: string,
  value: Expression | UnusableValue,
): void {
  if ('rule' in value) report.add(value.rule, element, `"${name}": ${value.message}`, value.remedy);
  else addValue(element, kind, name, value);
}
