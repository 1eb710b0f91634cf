/**
 * A process of a drawing as a process model: everything in it is looked at, so that one reading tells all that is wrong,
 * and with one problem there is no model.
 */
import type { ModdleElement } from 'bpmn-moddle';
import { problemsOf } from '../code/validate-model.ts';
import type { BusinessCalendar } from '../model/human-work.ts';
import type { ProcessModel } from '../model/process-model.ts';
import { checkGraph, type Drawn } from './check-graph.ts';
import { CorrelationKeys } from './events/correlation-keys.ts';
import { linkFlows } from './events/link-events.ts';
import { translateInstantiation } from './instantiation.ts';
import { elementsOf, idOf, numberOf, textOf } from './moddle-values.ts';
import { checkName, placeElements } from './place-elements.ts';
import type { ProcessContext } from './process-context.ts';
import { readCalendars } from './read-calendars.ts';
import { ElementExtension } from './read-extension.ts';
import { type Graph, readGraph } from './read-graph.ts';
import { readProcessFacts } from './read-process-facts.ts';
import type { Scripts } from './read-script.ts';
import { readUndoes } from './read-undoes.ts';
import type { Report } from './report.ts';
import { translateData } from './translate-data.ts';

/** What a process is read against. */
export interface ReadOptions {
  /** Which procedures the program offers; absent where nobody knows. */
  readonly knowsProcedure?: (name: string) => boolean;
  /** Which decisions are deployed; absent where nobody knows. */
  readonly knowsDecision?: (name: string) => boolean;
  /** Who runs scripts in JavaScript; absent: they are refused. */
  readonly scripts?: Scripts;
  /** Business calendars of the program; absent where nobody knows them. */
  readonly calendar?: (name: string) => BusinessCalendar | undefined;
  /** The code that an exported workflow refers to. */
  readonly code?: (process: string, version: number) => ProcessModel | undefined;
}

/** The model of a process; null when there are problems, and then the report has them. */
export function readProcess(
  process: ModdleElement,
  report: Report,
  options: ReadOptions,
): ProcessModel | null {
  const key = idOf(process);
  checkName(process, 'a process', report);
  const together = translateInstantiation(process, report);
  const data = translateData(process, report);
  const drawn = readDrawn(process, report);
  checkGraph(drawn, process, report);
  const extension = new ElementExtension(process, report);
  const context: ProcessContext = {
    report,
    code: codeOf(process, extension, report, options),
    knowsProcedure: options.knowsProcedure,
    knowsDecision: options.knowsDecision,
    scripts: options.scripts,
    together,
    correlationKeys: new CorrelationKeys(process, report),
    calendars: readCalendars(process, extension, report, options.calendar),
  };
  const graph = readGraph(context, drawn);
  checkCompensation(graph, report);
  if (report.problems.length > 0) return null;
  const description = elementsOf(process, 'documentation')
    .map((one) => textOf(one, 'text'))
    .join('\n');
  const model: ProcessModel = Object.freeze({
    key,
    version: 1,
    name: textOf(process, 'name') ?? key,
    ...(description === '' ? {} : { description }),
    nodes: Object.freeze(inOrderOf(context.code?.nodes, graph.nodes)),
    flows: Object.freeze(inOrderOf(context.code?.flows, graph.flows)),
    ...readProcessFacts(context, process, extension),
    ...(data.length > 0 && !context.code ? { data } : {}),
  });
  for (const problem of problemsOf(model)) {
    if (/has \d+ starts instead/.test(problem)) continue;
    report.add('model-unsound', process, problem, 'mend the drawing there');
  }
  return report.problems.length > 0 ? null : model;
}

/** Nodes and flows as they are drawn, with the flows that links stand for. */
function readDrawn(process: ModdleElement, report: Report): Drawn {
  const { nodes, flows, associations } = placeElements(process, report);
  return {
    nodes,
    flows: [...flows, ...linkFlows(nodes, flows, report)],
    undoes: readUndoes(nodes, associations, report),
  };
}

function codeOf(
  process: ModdleElement,
  extension: ElementExtension,
  report: Report,
  options: ReadOptions,
): ProcessModel | undefined {
  const given = extension.one('code');
  if (!given) return undefined;
  const key = textOf(given, 'process') ?? '';
  const version = numberOf(given, 'version') ?? Number.NaN;
  const found = options.code?.(key, version);
  if (!found) {
    report.add(
      'code-missing',
      process,
      `expected code of "${key}" version ${version}, found none`,
      'deploy it to a program that has that workflow',
    );
  }
  return found;
}

function checkCompensation({ nodes }: Graph, report: Report): void {
  for (const node of Object.values(nodes)) {
    const event = 'event' in node ? node.event : null;
    if (event?.type !== 'compensation' || event.activity === undefined) continue;
    const target = nodes[event.activity];
    const canBeUndone = target && ('compensation' in target || target.type === 'subProcess');
    if (canBeUndone) continue;
    report.add(
      'compensation-target',
      node.id,
      `expected an activity that has a compensation handler, found "${event.activity}"`,
      'name one that has, or leave out activityRef to undo everything',
    );
  }
}

/** The same entries, in the order of the code that they come from, so that both have one digest. */
function inOrderOf<Value>(
  code: Readonly<Record<string, unknown>> | undefined,
  entries: Readonly<Record<string, Value>>,
): Record<string, Value> {
  if (!code) return { ...entries };
  const names = [...Object.keys(code), ...Object.keys(entries)];
  return Object.fromEntries(
    names.flatMap((name) => (entries[name] === undefined ? [] : [[name, entries[name]]])),
  );
}
