/**
 * The page that says what of BPMN 2.0 is run: from the models that the tests play and those that they
 * expect to be refused, so that nothing stands there which no test has shown.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { bpmnlintRules, type Place } from '../../engine/bpmn/bpmnlint-rules.ts';
import { extension, extensionNamespace } from '../../engine/bpmn/extension.ts';
import {
  eventsShown,
  eventsToShow,
  type ShownEvent,
} from '../../engine/bpmn/models/events-shown.ts';
import { rules } from '../../engine/bpmn/rules.ts';
import { decisionRules } from '../../engine/decisions/decision-rules.ts';
import { code, markdownTable, pageHead } from './markdown.ts';

const folder = fileURLToPath(new URL('../../engine/bpmn/models/', import.meta.url));
const folderInDocs = '../../src/engine/bpmn/models';

/** What of BPMN 2.0 is run, and what is refused by which rule. */
export function bpmnPage(): string {
  const introduction = [
    'What a drawing may hold. Each model below is played by the tests, event by event, and must leave',
    'exactly the history that stands beside it. Whatever is not here is refused when a drawing is',
    'deployed, by the rules at the end; nothing is passed over in silence.',
    '',
    'Expressions are FEEL; a leading `=` is optional, except in timers. They read the variables of an',
    'instance: `input` is what it was started with, and results have the names that the drawing gives.',
  ].join('\n');
  return [
    pageHead('BPMN 2.0', introduction),
    `## Elements\n\n${elementsTable()}\n`,
    `## Events by position\n\n${eventsTable()}\n`,
    `## Models that run\n\n${modelsTable()}\n`,
    `## Our extension\n\nNamespace ${code(extensionNamespace)}, inside of \`extensionElements\`.\n\n${extensionTable()}\n`,
    `## Rules\n\n${rulesTable()}\n`,
    `## Rules of bpmnlint\n\n${bpmnlintIntroduction}\n\n${bpmnlintTable()}\n`,
    '## Rules of decisions\n\nFor files of DMN: [decide by tables](../guides/decisions.md).\n',
    `${decisionRulesTable()}\n`,
  ].join('\n');
}

const modelsIn = (where: string) =>
  readdirSync(`${folder}${where}`)
    .flatMap((name) => /^(.*)\.bpmn$/.exec(name)?.[1] ?? [])
    .sort();
const linkTo = (where: string, name: string) => `[${name}](${folderInDocs}/${where}/${name}.bpmn)`;

/** Elements of the standard that the models that run hold. */
function elementsTable(): string {
  // What only carries another element, or the text of one.
  const notElements =
    /^(definitions|process|extensionElements|documentation|text|condition|script|flowNodeRef|\w*[eE]xpression)$/;
  const found = new Map<string, string[]>();
  for (const name of modelsIn('runs')) {
    const xml = readFileSync(`${folder}runs/${name}.bpmn`, 'utf8');
    for (const element of new Set([...xml.matchAll(/<([a-zA-Z]+)[\s/>]/g)].map(([, tag]) => tag))) {
      if (element === undefined || notElements.test(element)) continue;
      found.set(element, [...(found.get(element) ?? []), name]);
    }
  }
  const rows = [...found]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([element, names]) => [
      code(element),
      String(names.length),
      linkTo('runs', names[0] ?? ''),
    ]);
  return markdownTable(['Element', 'Models', 'Such as'], rows);
}

/** Events of the models that run: each cell links to a model that holds one. */
function eventsTable(): string {
  const shown = modelsIn('runs').flatMap((model) =>
    eventsShown(readFileSync(`${folder}runs/${model}.bpmn`, 'utf8')).map((event) => ({
      ...event,
      model,
    })),
  );
  const toShow = eventsToShow();
  const triggers = [...new Set(toShow.map(({ trigger }) => trigger))];
  const rowOf = ({ position, isInterrupting }: ShownEvent) =>
    isInterrupting ? position : `${position}, not interrupting`;
  const rows = [...new Set(toShow.map(rowOf))].map((row) => [
    row,
    ...triggers.map((trigger) => {
      const fitting = shown.filter((one) => rowOf(one) === row && one.trigger === trigger);
      // The one that is about this event, and little else, has a short name with the event in it.
      const named = fitting
        .filter(({ model }) => model.includes(trigger.replace(' ', '-')))
        .sort((a, b) => a.model.length - b.model.length);
      const model = (named[0] ?? fitting[0])?.model;
      return model === undefined ? '-' : `[yes](${folderInDocs}/runs/${model}.bpmn)`;
    }),
  ]);
  return markdownTable(['Position', ...triggers], rows);
}

function modelsTable(): string {
  const rows = modelsIn('runs').map((name) => [
    linkTo('runs', name),
    `[history](${folderInDocs}/runs/${name}.history)`,
  ]);
  return markdownTable(['Model', 'What follows'], rows);
}

function extensionTable(): string {
  const rows = extension.types.map(({ name, properties }) => [
    code(`<orderloom:${name.charAt(0).toLowerCase()}${name.slice(1)}>`),
    (properties as readonly { readonly name: string }[])
      .map((property) => code(property.name))
      .join(', '),
  ]);
  return markdownTable(['Element', 'Holds'], rows);
}

function decisionRulesTable(): string {
  const rows = Object.entries(decisionRules).map(([rule, text]) => [code(rule), text]);
  return markdownTable(['Rule', 'What it asks'], rows);
}

const bpmnlintIntroduction = [
  'The rules that bpmnlint 11 recommends. What a process cannot run with is an error of ours by another name; what',
  'could be drawn better is a warning of `orderloom lint`, said by bpmnlint itself, and refuses nothing.',
].join('\n');

function bpmnlintTable(): string {
  const rows = Object.entries(bpmnlintRules as Readonly<Record<string, Place>>).map(
    ([rule, place]) => [code(rule), placeText(place)],
  );
  return markdownTable(['Rule of bpmnlint', 'Here'], rows);
}

function placeText(place: Place): string {
  if (place.as === 'error') return `error: ${place.rules.map(code).join(', ')}`;
  return place.as === 'warning' ? 'warning, by the same name' : `left out: ${place.why}`;
}

function rulesTable(): string {
  const refused = modelsIn('refused');
  const names = Object.keys(rules);
  const rows = Object.entries(rules).map(([rule, text]) => {
    const broken = refused.filter((model) => {
      const [own] = names.filter((n) => model.startsWith(n)).sort((a, b) => b.length - a.length);
      return own === rule;
    });
    return [code(rule), text, broken.map((model) => linkTo('refused', model)).join(', ') || '-'];
  });
  return markdownTable(['Rule', 'What it asks', 'Models that break it'], rows);
}
