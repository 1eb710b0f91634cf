/** Call activities: which version is called, and which variables go in and come out. */
import type { ModdleElement } from 'bpmn-moddle';
import type { DialectContext } from './dialect-context.ts';
import { add, say } from './our-words.ts';
import { translateMappings } from './translate-work.ts';
import { toldText, variableText } from './vendor-values.ts';
import type { VendorElement, VendorWords } from './vendor-words.ts';

/** Writes the mappings of a call activity in our words. */
export function translateCall(context: DialectContext, words: VendorWords): void {
  const { element } = words;
  const { report } = context;
  const binding = words.take('calledElementBinding') ?? 'latest';
  const version = words.take('calledElementVersion');
  if (binding === 'version') say(element, 'Task', { version: Number(version) });
  else if (binding !== 'latest') {
    report.add(
      'dialect-unsupported',
      element,
      `expected calledElementBinding latest or version, found "${binding}"`,
      'call a version by its number, or the latest',
    );
  }
  const type = words.take('calledElementType');
  if (type !== undefined && type !== 'key') {
    report.add(
      'dialect-unsupported',
      element,
      `expected the called process by its key, found calledElementType "${type}"`,
      'name the key of the process',
    );
  }
  if (words.take('inheritVariables') === 'true') add(element, 'Input', { name: '*', value: '*' });
  let keepsKey = words.take('inheritBusinessKey') === 'true';
  for (const given of words.takeElements('in')) {
    if (given.attributes.businessKey === undefined) pass(context, element, 'Input', given);
    else keepsKey = isOwnKey(context, element, given.attributes.businessKey);
  }
  for (const given of words.takeElements('out')) pass(context, element, 'Assign', given);
  if (keepsKey) say(element, 'Task', { keepsBusinessKey: 'true' });
  translateMappings(context, words, 'Local');
}

function isOwnKey({ report }: DialectContext, element: ModdleElement, text: string): boolean {
  if (/^[$#]\{\s*execution\.(processB|b)usinessKey\s*\}$/.test(text)) return true;
  report.add(
    'dialect-unsupported',
    element,
    `expected the business key of the caller, #{execution.processBusinessKey}; found "${text}"`,
    'hand in the key as a variable, and read it in the called process: <orderloom:process businessKey="..."/>',
  );
  return false;
}

/** One variable, or all of them. */
function pass(
  { report }: DialectContext,
  element: ModdleElement,
  kind: 'Input' | 'Assign',
  { attributes }: VendorElement,
): void {
  const { source, sourceExpression, target, variables, local } = attributes;
  if (variables === 'all') {
    add(element, kind, { name: '*', value: kind === 'Input' ? '*' : '= output' });
    return;
  }
  const isKnown = target !== undefined && (source ?? sourceExpression) !== undefined;
  if (!isKnown || local === 'true') {
    report.add(
      'dialect-unsupported',
      element,
      `expected a source and a target, or all variables, found ${local === 'true' ? 'local="true"' : 'neither'}`,
      'name the variable that is passed, and what it is called there',
    );
    return;
  }
  const text = source === undefined ? toldText(sourceExpression ?? '') : variableText(source);
  add(element, kind, { name: target, value: text });
}
