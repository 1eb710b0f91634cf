/** Tasks that evaluate a decision: `camunda:decisionRef`, and Flowable's service task of type `dmn`. */
import type { DialectContext } from './dialect-context.ts';
import { say } from './our-words.ts';
import type { VendorWords } from './vendor-words.ts';

/** Writes the decision of a task in our words; false when it has none. */
export function decidedWork(context: DialectContext, words: VendorWords): boolean {
  if (words.peek('type') === 'dmn') return flowableDecision(context, words);
  const decision = words.take('decisionRef');
  if (decision === undefined) return false;
  const binding = words.take('decisionRefBinding') ?? 'latest';
  const version = words.take('decisionRefVersion');
  if (binding !== 'latest' && binding !== 'version') {
    refuse(
      context,
      words,
      `expected decisionRefBinding latest or version, found "${binding}"`,
      'name a version by its number, or the latest',
    );
  }
  say(words.element, 'Task', {
    ...plainKey(context, words, decision),
    decisionVersion: binding === 'version' ? Number(version) : undefined,
    decisionResult: words.take('mapDecisionResult') ?? 'resultList',
  });
  return true;
}

/** Its outputs become variables by their names. */
function flowableDecision(context: DialectContext, words: VendorWords): boolean {
  words.take('type');
  const known = ['decisionTableReferenceKey', 'decisionServiceReferenceKey'];
  const ignored = ['fallbackToDefaultTenant', 'sameDeployment', 'decisionTaskThrowErrorOnNoHits'];
  let decision = '';
  for (const { attributes, children } of words.takeElements('field')) {
    const { name = '', stringValue, expression } = attributes;
    const text = (stringValue ?? expression ?? children[0]?.body ?? '').trim();
    if (known.includes(name)) decision = text;
    else if (!ignored.includes(name) || (text !== 'false' && name !== 'sameDeployment')) {
      refuse(
        context,
        words,
        `expected the key of a decision, found field "${name}" as "${text}"`,
        'take it out',
      );
    }
  }
  say(words.element, 'Task', {
    ...plainKey(context, words, decision),
    ...{ decisionResult: 'singleResult', result: '*' },
  });
  return true;
}

function plainKey(context: DialectContext, words: VendorWords, decision: string) {
  if (/^[A-Za-z_][\w.-]*$/.test(decision)) return { decision };
  refuse(
    context,
    words,
    `expected the id of a decision, found "${decision}"`,
    'name the decision there, and draw a gateway where it depends',
  );
  return { decision: 'unknown' };
}

function refuse(
  { report }: DialectContext,
  { element }: VendorWords,
  message: string,
  remedy: string,
) {
  report.add('dialect-unsupported', element, message, remedy);
}
