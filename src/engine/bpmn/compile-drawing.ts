/**
 * Drawings as process models: reads a file, checks all of it, and makes a model of each executable
 * process. With one problem anywhere in the file there are no models.
 */
import type { ModdleElement } from 'bpmn-moddle';
import { problemsOf } from '../code/validate-model.ts';
import { asCondition, asText } from '../expressions/feel.ts';
import type { BusinessCalendar } from '../model/human-work.ts';
import type { Priority } from '../model/priority.ts';
import { priorities } from '../model/priority.ts';
import type {
  EventDefinitionModel,
  FlowNode,
  NodeOf,
  ProcessModel,
  SequenceFlow,
} from '../model/process-model.ts';
import { readActivity } from './activities/read-activity.ts';
import { adviceOf } from './advice.ts';
import { checkCollaboration } from './check-collaboration.ts';
import {
  checkGraph,
  type Drawn,
  isContainer,
  isEventSubProcess,
  nameOf,
  type Placed,
  type PlacedFlow,
  readUndoes,
} from './check-graph.ts';
import { CorrelationKeys } from './correlation-keys.ts';
import { translateDialect } from './dialect/translate.ts';
import { gatherStarts } from './gather-starts.ts';
import { translateInstantiation } from './instantiation.ts';
import { checkProperties, isKnownKind } from './known-properties.ts';
import { linkFlows } from './link-events.ts';
import { elementOf, elementsOf, idOf, kindOf, numberOf, textOf } from './moddle-values.ts';
import type { DrawingProblem } from './problem.ts';
import {
  allVariables,
  feel,
  feelOf,
  handlerOf,
  isCode,
  type ProcessContext,
  variable,
} from './process-context.ts';
import { readCalendars } from './read-calendars.ts';
import { type EventPosition, eventTrigger, readDefinition } from './read-events.ts';
import { ElementExtension } from './read-extension.ts';
import { type DrawingFile, inertRoots, readFile } from './read-file.ts';
import { checkScripts, type Scripts } from './read-script.ts';
import type { Report } from './report.ts';
import { translateData } from './translate-data.ts';

export type { DrawingFile } from './read-file.ts';

/** What a drawing is checked against. */
export interface CompileOptions {
  /** Which procedures the program offers; absent where nobody knows. */
  readonly knowsProcedure?: (name: string) => boolean;
  /** Which decisions are deployed; absent where nobody knows. */
  readonly knowsDecision?: (name: string) => boolean;
  /** Who runs scripts in JavaScript; absent: they are refused. */
  readonly scripts?: Scripts;
  /** Business calendars of the program; absent where nobody knows them. */
  readonly calendar?: (name: string) => BusinessCalendar | undefined;
  /** Whether `warnings` is wanted: what people would draw otherwise. */
  readonly isAdvised?: boolean;
  /** The code that an exported workflow refers to. */
  readonly code?: (process: string, version: number) => ProcessModel | undefined;
}

/** What became of a file: its models, or what is wrong with it. */
export interface CompiledDrawing {
  readonly problems: readonly DrawingProblem[];
  /** Of version 1; `withVersion` gives them another. Empty when there are problems. */
  readonly models: readonly ProcessModel[];
  /** What runs, and could be drawn better; empty where it was not asked for. */
  readonly warnings: readonly DrawingProblem[];
}

/** A key of a process, and an id of a node: part of stored data, of URLs and of idempotency keys. */
const storedName = /^[A-Za-z_][\w.-]{0,99}$/;

/** Reads and checks a file. Never throws for what is in it. */
export async function compileDrawing(
  file: DrawingFile,
  options: CompileOptions = {},
): Promise<CompiledDrawing> {
  const { definitions, report } = await readFile(file);
  const models: ProcessModel[] = [];
  let warnings: readonly DrawingProblem[] = [];
  if (definitions) {
    if (options.isAdvised) warnings = await adviceOf(definitions, report);
    translateDialect(definitions, report, file.delegates);
    checkProperties(definitions, report);
    checkCollaboration(definitions, report);
    await checkScripts(definitions, report, options.scripts);
    const roots = elementsOf(definitions, 'rootElements');
    for (const root of roots) checkRoot(root, report);
    const processes = roots.filter(
      (root) => kindOf(root) === 'process' && root.isExecutable === true,
    );
    if (processes.length === 0) {
      report.add(
        'nothing-executable',
        '',
        'expected a process with isExecutable="true", found none',
        'mark the process as executable',
      );
    }
    for (const process of processes) {
      const model = new ProcessReader(process, report, options).read();
      if (model) models.push(model);
    }
  }
  const problems = report.problems.toSorted((a, b) => a.line - b.line);
  return { problems, models: problems.length === 0 ? models : [], warnings };
}

/** The model as the version that it was deployed as. */
export function withVersion(model: ProcessModel, version: number): ProcessModel {
  return Object.freeze({ ...model, version });
}

function checkRoot(root: ModdleElement, report: Report): void {
  const kind = kindOf(root);
  checkProperties(root, report);
  if (inertRoots.has(kind) || kind.endsWith('EventDefinition')) return;
  report.add(
    'element-unsupported',
    root,
    `expected processes, and messages, errors, signals and escalations, found a ${kind}`,
    'take it out, or draw it as a process',
  );
}

class ProcessReader {
  readonly #process: ModdleElement;
  readonly #report: Report;
  readonly #options: CompileOptions;
  readonly #placed = new Map<string, Placed>();
  readonly #flows: PlacedFlow[] = [];
  readonly #associations: ModdleElement[] = [];

  constructor(process: ModdleElement, report: Report, options: CompileOptions) {
    this.#process = process;
    this.#report = report;
    this.#options = options;
  }

  read(): ProcessModel | null {
    const process = this.#process;
    const report = this.#report;
    const key = idOf(process);
    checkName(process, 'a process', report);
    const together = translateInstantiation(process, report);
    const data = translateData(process, report);
    this.#place(process, null);
    this.#flows.push(...linkFlows(this.#placed, this.#flows, report));
    const undoes = readUndoes(this.#placed, this.#associations, report);
    const drawn: Drawn = { nodes: this.#placed, flows: this.#flows, undoes };
    checkGraph(drawn, process, report);
    const extension = new ElementExtension(process, report);
    const context: ProcessContext = {
      report,
      code: this.#codeOf(extension),
      knowsProcedure: this.#options.knowsProcedure,
      knowsDecision: this.#options.knowsDecision,
      scripts: this.#options.scripts,
      together,
      correlationKeys: new CorrelationKeys(process, report),
      calendars: readCalendars(process, extension, report, this.#options.calendar),
    };
    const nodes = gatherStarts(this.#nodes(context, drawn), report);
    const flows = this.#sequenceFlows(context);
    this.#checkCompensation(nodes);
    if (report.problems.length > 0) return null;
    const description = elementsOf(process, 'documentation')
      .map((one) => textOf(one, 'text'))
      .join('\n');
    const model: ProcessModel = Object.freeze({
      key,
      version: 1,
      name: textOf(process, 'name') ?? key,
      ...(description === '' ? {} : { description }),
      nodes: Object.freeze(inOrderOf(context.code?.nodes, nodes)),
      flows: Object.freeze(inOrderOf(context.code?.flows, flows)),
      ...this.#facts(context, extension),
      ...(data.length > 0 && !context.code ? { data } : {}),
    });
    for (const problem of problemsOf(model)) {
      if (/has \d+ starts instead/.test(problem)) continue;
      report.add('model-unsound', process, problem, 'mend the drawing there');
    }
    return report.problems.length > 0 ? null : model;
  }

  /** Collects what is drawn in a container, whether this engine runs it or not. */
  #place(container: ModdleElement, parent: string | null): void {
    for (const element of elementsOf(container, 'flowElements')) {
      const kind = kindOf(element);
      if (kind === 'sequenceFlow') {
        this.#placeFlow(element);
        continue;
      }
      const id = idOf(element);
      checkName(element, `a ${kind}`, this.#report);
      if (!isKnownKind(kind)) {
        this.#report.add(
          'element-unsupported',
          element,
          `expected an element that this engine runs, found a ${kind}`,
          'draw it with elements that it runs',
        );
      }
      checkProperties(element, this.#report);
      // Data takes no part in the flow: it is in the mappings of what reads and writes it.
      if (!kind.startsWith('data')) this.#placed.set(id, { element, id, kind, parent });
      if (isContainer(kind)) this.#place(element, id);
    }
    for (const artifact of elementsOf(container, 'artifacts')) {
      if (kindOf(artifact) === 'association') this.#associations.push(artifact);
    }
  }

  #placeFlow(element: ModdleElement): void {
    checkProperties(element, this.#report);
    const source = elementOf(element, 'sourceRef');
    const target = elementOf(element, 'targetRef');
    if (!source || !target) {
      this.#report.add(
        'reference-missing',
        element,
        'expected a flow to have both ends, found one missing',
        'connect it, or take it out',
      );
      return;
    }
    const own = new ElementExtension(element, this.#report).text('flow', 'id');
    const id = own ?? idOf(element);
    if (id in Object.prototype) checkName(element, 'a flow', this.#report);
    this.#flows.push({ element, id, source: idOf(source), target: idOf(target) });
  }

  #codeOf(extension: ElementExtension): ProcessModel | undefined {
    const given = extension.one('code');
    if (!given) return undefined;
    const process = textOf(given, 'process') ?? '';
    const version = numberOf(given, 'version') ?? Number.NaN;
    const found = this.#options.code?.(process, version);
    if (!found) {
      this.#report.add(
        'code-missing',
        this.#process,
        `expected code of "${process}" version ${version}, found none`,
        'deploy it to a program that has that workflow',
      );
    }
    return found;
  }

  #nodes(context: ProcessContext, drawn: Drawn): Record<string, FlowNode> {
    const nodes: Record<string, FlowNode> = {};
    const idsBy = (end: 'source' | 'target') => Map.groupBy(this.#flows, (flow) => flow[end]);
    const [incoming, outgoing] = [idsBy('target'), idsBy('source')];
    const attached = this.#attached();
    for (const placed of this.#placed.values()) {
      const isUndoMark = placed.kind === 'boundaryEvent' && isCompensation(placed.element);
      const body = isKnownKind(placed.kind) ? this.#body(context, placed) : null;
      if (!body || isUndoMark) continue;
      const { id, parent } = placed;
      nodes[id] = Object.freeze({
        ...body,
        id,
        name: nameOf(placed),
        parent,
        incoming: (incoming.get(id) ?? []).map((flow) => flow.id),
        outgoing: (outgoing.get(id) ?? []).map((flow) => flow.id),
        ...this.#defaultOf(placed),
        ...('retry' in body || activities.has(body.type) ? linksOf(id, attached, drawn) : {}),
      } as unknown as FlowNode);
      const isSending = placed.kind === 'endEvent' && body.type === 'serviceTask';
      if (isSending) this.#endBehind(nodes, nodes[id] as FlowNode);
    }
    return nodes;
  }

  /** An end that runs a procedure is a step with an end of its own behind it, which no drawing shows. */
  #endBehind(nodes: Record<string, FlowNode>, step: FlowNode): void {
    const { id: source, parent, name } = step;
    const id = `${source}.end`;
    const flow = `${source}.ends`;
    const element = { $type: 'bpmn:SequenceFlow', id: flow } as ModdleElement;
    this.#flows.push({ element, id: flow, source, target: id });
    nodes[source] = Object.freeze({ ...step, outgoing: [flow] });
    const place = { id, name, parent, incoming: [flow], outgoing: [] };
    nodes[id] = Object.freeze({ ...place, type: 'endEvent', event: null });
  }

  #defaultOf({ element }: Placed) {
    const preferred = elementOf(element, 'default');
    const flow = this.#flows.find((one) => one.element === preferred);
    return preferred && flow ? { defaultFlow: flow.id } : {};
  }

  /** Ids of boundary events by the activity that they are attached to; undoing is drawn, and is no event. */
  #attached(): ReadonlyMap<string, readonly string[]> {
    const attached = new Map<string, string[]>();
    for (const { element, kind, id } of this.#placed.values()) {
      const host = elementOf(element, 'attachedToRef');
      if (kind !== 'boundaryEvent' || !host || isCompensation(element)) continue;
      attached.set(idOf(host), [...(attached.get(idOf(host)) ?? []), id]);
    }
    return attached;
  }

  #body(
    context: ProcessContext,
    placed: Placed,
  ): (Readonly<Record<string, unknown>> & { readonly type: FlowNode['type'] }) | null {
    const { element, kind } = placed;
    switch (kind) {
      case 'startEvent':
        return this.#start(context, placed);
      case 'endEvent':
        return runsProcedure(context, element)
          ? readActivity(context, element)
          : this.#event(context, element, 'end', 'endEvent');
      case 'intermediateCatchEvent':
        return this.#event(context, element, 'intermediate catch', 'intermediateCatchEvent');
      case 'intermediateThrowEvent':
        return runsProcedure(context, element)
          ? readActivity(context, element)
          : this.#event(context, element, 'intermediate throw', 'intermediateThrowEvent');
      case 'boundaryEvent': {
        const host = elementOf(element, 'attachedToRef');
        const event = this.#event(context, element, 'boundary', 'boundaryEvent');
        const links = {
          attachedTo: host ? idOf(host) : '',
          interrupting: element.cancelActivity !== false,
        };
        return event && { ...event, ...links };
      }
      case 'exclusiveGateway':
      case 'inclusiveGateway':
      case 'parallelGateway':
      case 'eventBasedGateway':
        return { type: kind };
      case 'complexGateway': {
        const written = elementOf(element, 'activationCondition');
        if (written && isCode(written)) return this.#codedGateway(context, placed);
        const activation = written && feelOf(context, element, written);
        return {
          type: kind,
          ...(activation ? { activation: asCondition(activation) } : {}),
        } as const;
      }
      default:
        return readActivity(context, element);
    }
  }

  #codedGateway({ code, report }: ProcessContext, { element, id }: Placed) {
    const node = code?.nodes[id];
    if (node?.type === 'complexGateway' && node.activation) {
      return { type: 'complexGateway', activation: node.activation } as const;
    }
    report.add(
      'code-missing',
      element,
      `expected an activation condition of gateway "${id}" in the code, found none`,
      'write the condition in FEEL',
    );
    return null;
  }

  #start(context: ProcessContext, { element, parent }: Placed) {
    const holder = parent === null ? undefined : this.#placed.get(parent);
    const position: EventPosition = !holder
      ? 'process start'
      : isEventSubProcess(holder)
        ? 'event sub-process start'
        : 'sub-process start';
    const start = this.#event(context, element, position, 'startEvent');
    const interrupting = element.isInterrupting === false ? { interrupting: false } : {};
    const together = context.together?.get(idOf(element));
    return start && { ...start, ...interrupting, ...(together ? { together } : {}) };
  }

  #event<
    Type extends
      | 'startEvent'
      | 'endEvent'
      | 'boundaryEvent'
      | 'intermediateCatchEvent'
      | 'intermediateThrowEvent',
  >(context: ProcessContext, element: ModdleElement, position: EventPosition, type: Type) {
    const extension = new ElementExtension(element, context.report);
    const code = handlerOf(context, element, extension, 'event', type);
    if (code === 'missing') return null;
    const before = context.report.problems.length;
    const event = readDefinition(context, element, position, code !== null);
    if (context.report.problems.length > before) return null;
    if (code) {
      const {
        event: own,
        result,
        together,
      } = code as Pick<NodeOf<'startEvent'>, 'event' | 'result' | 'together'>;
      if (eventText(own) === eventText(event)) {
        const more = {
          ...(result === undefined ? {} : { result }),
          ...(together ? { together } : {}),
        };
        return { type, event: own, ...more };
      }
      context.report.add(
        'code-missing',
        element,
        `expected the event that the code has, ${eventText(own)}; found ${eventText(event)}`,
        'draw the event that the code has',
      );
      return null;
    }
    const result = variable(context, element, extension.text('event', 'result'));
    return { type, event, ...(result === undefined ? {} : { result }) };
  }

  #sequenceFlows(context: ProcessContext): Record<string, SequenceFlow> {
    const flows: Record<string, SequenceFlow> = {};
    for (const { element, id, source, target } of this.#flows) {
      if (flows[id]) {
        context.report.add(
          'id-duplicate',
          element,
          `expected every flow to have an id of its own, found "${id}" again`,
          'give one of them another id',
        );
      }
      const name = textOf(element, 'name');
      const written = elementOf(element, 'conditionExpression');
      const condition = written && this.#condition(context, element, id, written);
      flows[id] = Object.freeze({
        id,
        source,
        target,
        ...(condition ? { condition } : {}),
        ...(name === undefined ? {} : { name }),
      });
    }
    return flows;
  }

  #condition(context: ProcessContext, flow: ModdleElement, id: string, written: ModdleElement) {
    if (isCode(written)) {
      const found = context.code?.flows[id]?.condition;
      if (found) return found;
      context.report.add(
        'code-missing',
        flow,
        `expected a condition of flow "${id}" in the code, found none`,
        'write the condition in FEEL',
      );
      return null;
    }
    const read = feelOf(context, flow, written);
    return read && asCondition(read);
  }

  #checkCompensation(nodes: Readonly<Record<string, FlowNode>>): void {
    for (const node of Object.values(nodes)) {
      const event = 'event' in node ? node.event : null;
      if (event?.type !== 'compensation' || event.activity === undefined) continue;
      const target = nodes[event.activity];
      const canBeUndone = target && ('compensation' in target || target.type === 'subProcess');
      if (canBeUndone) continue;
      this.#report.add(
        'compensation-target',
        node.id,
        `expected an activity that has a compensation handler, found "${event.activity}"`,
        'name one that has, or leave out activityRef to undo everything',
      );
    }
  }

  #facts(context: ProcessContext, extension: ElementExtension): Partial<ProcessModel> {
    const { code } = context;
    if (code) {
      const { output, businessKey, tags, search, priority, input, contract, migrations } = code;
      const { variables, versionTag, fairBy, data } = code;
      const told = { output, businessKey, tags, search, priority, input, contract, migrations };
      const facts = { ...told, variables, versionTag, fairBy, data };
      return Object.fromEntries(Object.entries(facts).filter(([, value]) => value !== undefined));
    }
    const read = (name: string) => {
      const text = extension.text('process', name);
      return text === undefined ? null : feel(context, this.#process, text);
    };
    const businessKey = read('businessKey');
    const output = read('output');
    const fairBy = read('fairBy');
    const priority = extension.text('process', 'priority');
    if (priority !== undefined && !(priorities as readonly string[]).includes(priority)) {
      this.#report.add(
        'extension-invalid',
        this.#process,
        `expected priority ${priorities.join(', ')}, found "${priority}"`,
        'name one of them',
      );
    }
    const isOfProcess = extension.text('process', 'variables') === 'process';
    const versionTag = extension.text('process', 'versionTag');
    return {
      output: output ?? (isOfProcess ? allVariables : { source: 'null', evaluate: () => null }),
      ...(isOfProcess ? { variables: 'process' } : {}),
      ...(versionTag === undefined ? {} : { versionTag }),
      ...(businessKey ? { businessKey: asText(businessKey) } : {}),
      ...(fairBy ? { fairBy } : {}),
      ...(priority === undefined ? {} : { priority: priority as Priority }),
    };
  }
}

function linksOf(
  id: string,
  attached: ReadonlyMap<string, readonly string[]>,
  { undoes }: Drawn,
): Readonly<Record<string, unknown>> {
  const undo = undoes.get(id);
  return {
    boundary: attached.get(id) ?? [],
    ...(undo === undefined ? {} : { compensation: undo }),
  };
}

const activities: ReadonlySet<string> = new Set([
  ...['task', 'serviceTask', 'externalTask', 'receiveTask', 'userTask', 'subProcess'],
  'callActivity',
]);

/** What must be the same in a drawing and in the code that it refers to. */
function eventText(event: EventDefinitionModel | null): string {
  switch (event?.type) {
    case 'message':
      return `message ${event.message}`;
    case 'signal':
      return `signal ${event.signal}`;
    case 'error':
    case 'escalation':
      return `${event.type} ${event.code ?? 'of any code'}`;
    case 'multiple':
      return `${event.parallel ? 'all of' : 'any of'} ${event.events.map(eventText).join(', ')}`;
    default:
      return event?.type ?? 'none';
  }
}

/** True for an event that sends its message by a procedure, as a send task does. */
function runsProcedure({ report }: ProcessContext, event: ModdleElement): boolean {
  return (
    eventTrigger(event) === 'message' &&
    new ElementExtension(event, report).one('task') !== undefined
  );
}

function isCompensation(event: ModdleElement): boolean {
  return eventTrigger(event) === 'compensate';
}

function checkName(element: ModdleElement, what: string, report: Report): void {
  const id = idOf(element);
  const isReserved = id in Object.prototype;
  if (storedName.test(id) && !isReserved) return;
  report.add(
    'id-invalid',
    element,
    `expected ${what} to have an id of at most 100 letters, digits, dots, hyphens and underscores, found "${id.slice(0, 100)}"${isReserved ? ', which every object of JavaScript has' : ''}`,
    'give it such an id, and never change it',
  );
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
