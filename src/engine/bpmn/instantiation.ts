/**
 * Processes that begin by a receive task or an event-based gateway with `instantiate="true"`: in the model each
 * receive task, and each event behind such a gateway, is a start event. Of a gateway of the type `Parallel` all of
 * them must happen, in one instance. What may not stand there is noted, and nothing is passed over.
 */
import type { ModdleElement } from 'bpmn-moddle';
import { definitionsOf, eventTrigger } from './events/event-positions.ts';
import { elementOf, elementsOf, idOf, kindOf, textOf, writtenProperties } from './moddle-values.ts';
import type { Report } from './report.ts';

/** Start events that must all happen in one instance: the others of each, by its id. */
export type Together = ReadonlyMap<string, readonly string[]>;

const containers = ['subProcess', 'transaction', 'adHocSubProcess'];
const plain = ['id', 'name', 'documentation', 'extensionElements', 'incoming', 'outgoing'];
/** What a start event keeps of a receive task. */
const ofReceiveTasks = [
  ...['messageRef', 'instantiate', 'implementation', 'ioSpecification', 'dataOutputAssociations'],
];
const atOnce = ['message', 'signal', 'conditional', 'multiple'];

/** Makes start events of what begins a process, in place. */
export function translateInstantiation(process: ModdleElement, report: Report): Together {
  noteNested(process, true, report);
  const translation = new Instantiation(process, report);
  for (const element of elementsOf(process, 'flowElements')) {
    if (element.instantiate !== true) continue;
    if (kindOf(element) === 'receiveTask') translation.receiveTask(element);
    else if (kindOf(element) === 'eventBasedGateway') translation.gateway(element);
  }
  return translation.together;
}

function noteNested(container: ModdleElement, isTop: boolean, report: Report): void {
  for (const element of elementsOf(container, 'flowElements')) {
    const begins = element.instantiate === true;
    const isParallel = element.eventGatewayType === 'Parallel';
    if (begins ? !isTop : isParallel) {
      report.add(
        'instantiation',
        element,
        begins
          ? 'expected what begins a process at its top, found it in a sub-process'
          : 'expected eventGatewayType="Parallel" where the gateway begins its process only, found it elsewhere',
        begins
          ? 'take instantiate="true" out'
          : 'wait for all of several events by one event with parallelMultiple="true"',
      );
    }
    if (containers.includes(kindOf(element))) noteNested(element, false, report);
  }
}

class Instantiation {
  readonly together = new Map<string, readonly string[]>();
  readonly #process: ModdleElement;
  readonly #report: Report;

  constructor(process: ModdleElement, report: Report) {
    this.#process = process;
    this.#report = report;
  }

  receiveTask(task: ModdleElement): void {
    if (!this.#begins(task)) return;
    this.#replace(task, this.#startOf(task));
  }

  gateway(gateway: ModdleElement): void {
    if (!this.#begins(gateway)) return;
    const flows = this.#flows.filter((flow) => elementOf(flow, 'sourceRef') === gateway);
    const targets = flows.flatMap((flow) => elementOf(flow, 'targetRef') ?? []);
    const isParallel = gateway.eventGatewayType === 'Parallel';
    const wrong = targets.find((target) => !this.#mayBegin(target, isParallel));
    if (targets.length < 2 || wrong) {
      const what = isParallel ? 'messages' : 'messages, signals or conditions';
      this.#note(
        gateway,
        `expected two or more events that wait for ${what}, or receive tasks, entered from here only, found ${wrong ? `"${idOf(wrong)}"` : targets.length}`,
        'draw such an event behind each flow; a moment begins a process by a start event of its own',
      );
      return;
    }
    this.#take([gateway, ...flows]);
    for (const target of targets) {
      this.#replace(target, this.#startOf(target));
      if (!isParallel) continue;
      this.together.set(
        idOf(target),
        targets.filter((other) => other !== target).map((other) => idOf(other)),
      );
    }
  }

  get #flows(): readonly ModdleElement[] {
    return elementsOf(this.#process, 'flowElements').filter(
      (element) => kindOf(element) === 'sequenceFlow',
    );
  }

  #into(element: ModdleElement): readonly ModdleElement[] {
    return this.#flows.filter((flow) => elementOf(flow, 'targetRef') === element);
  }

  /** True when nothing leads to it but a plain start, which the events stand for from here on. */
  #begins(element: ModdleElement): boolean {
    const [flow, second] = this.#into(element);
    if (!flow) return true;
    const source = elementOf(flow, 'sourceRef');
    const isPlainStart =
      source !== undefined &&
      kindOf(source) === 'startEvent' &&
      eventTrigger(source) === 'none' &&
      this.#flows.filter((one) => elementOf(one, 'sourceRef') === source).length === 1;
    if (isPlainStart && !second) {
      this.#take([source, flow]);
      return true;
    }
    this.#note(
      element,
      `expected no flow to what begins a process but one from a plain start event, found "${idOf(second ?? flow)}"`,
      'take instantiate="true" out, or the flow',
    );
    return false;
  }

  #mayBegin(target: ModdleElement, isParallel: boolean): boolean {
    if (this.#into(target).length > 1) return false;
    if (kindOf(target) === 'receiveTask') return true;
    const trigger = eventTrigger(target);
    return (
      kindOf(target) === 'intermediateCatchEvent' &&
      (isParallel ? trigger === 'message' : atOnce.includes(trigger))
    );
  }

  /** The start event that an event or a receive task is in the model. */
  #startOf(element: ModdleElement): ModdleElement {
    const isTask = kindOf(element) === 'receiveTask';
    const start = {
      $type: 'bpmn:StartEvent',
      $parent: element.$parent,
      id: idOf(element),
    } as ModdleElement;
    for (const name of ['name', 'documentation', 'incoming', 'outgoing']) {
      if (element[name] !== undefined) start[name] = element[name];
    }
    if (!isTask) {
      for (const name of writtenProperties(element)) start[name] = element[name];
      for (const definition of definitionsOf(element)) withoutAnybody(definition);
      return start;
    }
    this.#expectTask(element);
    const definition = { $type: 'bpmn:MessageEventDefinition', $parent: start } as ModdleElement;
    if (element.messageRef) definition.messageRef = element.messageRef;
    start.eventDefinitions = [definition];
    const io = elementOf(element, 'ioSpecification');
    if (io?.dataOutputs) start.dataOutputs = io.dataOutputs;
    if (element.dataOutputAssociations) {
      start.dataOutputAssociations = element.dataOutputAssociations;
      for (const one of elementsOf(element, 'dataOutputAssociations')) one.$parent = start;
    }
    const said = elementsOf(elementOf(element, 'extensionElements') ?? element, 'values');
    const correlation = said.filter((value) => kindOf(value) === 'correlation');
    extend(definition, correlation);
    withoutAnybody(definition);
    extend(
      start,
      said
        .filter((value) => !correlation.includes(value))
        .map((value) => (kindOf(value) === 'task' ? asEvent(value) : value)),
    );
    return start;
  }

  #expectTask(task: ModdleElement): void {
    const odd = writtenProperties(task).filter(
      (name) => !plain.includes(name) && !ofReceiveTasks.includes(name),
    );
    for (const name of odd) {
      this.#note(
        task,
        `expected nothing about "${name}" at a receive task that begins its process, found it set`,
        'take it out: the task is done in the moment in which the process begins',
      );
    }
    const io = elementOf(task, 'ioSpecification');
    const count = io ? elementsOf(io, 'outputSets').length : 0;
    if (count > 1) {
      this.#note(
        task,
        `expected one output set at a receive task that begins its process, found ${count}`,
        'leave one, and choose between what the message may bring behind the task',
      );
    }
  }

  #replace(element: ModdleElement, start: ModdleElement): void {
    for (const flow of this.#flows) {
      if (elementOf(flow, 'sourceRef') === element) flow.sourceRef = start;
    }
    this.#process.flowElements = elementsOf(this.#process, 'flowElements').map((one) =>
      one === element ? start : one,
    );
  }

  #take(elements: readonly ModdleElement[]): void {
    this.#process.flowElements = elementsOf(this.#process, 'flowElements').filter(
      (one) => !elements.includes(one),
    );
  }

  #note(at: ModdleElement, message: string, remedy: string): void {
    this.#report.add('instantiation', at, message, remedy);
  }
}

/** What a task says of its result, as an event says it. */
function asEvent(task: ModdleElement): ModdleElement {
  const said = Object.entries(task).filter(([name]) => !name.startsWith('$'));
  const event = { ...Object.fromEntries(said), $type: 'orderloom:Event', $attrs: task.$attrs };
  return event as unknown as ModdleElement;
}

function extend(element: ModdleElement, values: readonly ModdleElement[]): void {
  if (values.length === 0) return;
  element.extensionElements = { $type: 'bpmn:ExtensionElements', $parent: element, values };
}

/** Takes out the key of other engines' drawings by which the sender names the instance: there is none yet. */
function withoutAnybody(definition: ModdleElement): void {
  const holder = elementOf(definition, 'extensionElements');
  if (!holder) return;
  holder.values = elementsOf(holder, 'values').filter(
    (value) => textOf(value, 'field') !== 'correlatedBy',
  );
}
