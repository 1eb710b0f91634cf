/**
 * A process model as BPMN 2.0 with a laid-out diagram. The graph travels whole; what cannot travel in XML
 * (the functions of code) is referred to by the process, its version and the id of the element, so that
 * the drawing can be read again by a program that has the code, and is the same process then.
 */
import { BpmnModdle, type ModdleElement } from 'bpmn-moddle';
import { extension } from '../bpmn/extension.ts';
import { codeLanguage } from '../bpmn/process-context.ts';
import { definitionsIn } from '../model/event-definitions.ts';
import type { Expression } from '../model/expression.ts';
import type {
  EventDefinitionModel,
  FlowNode,
  ProcessModel,
  SequenceFlow,
  SingleEventDefinition,
} from '../model/process-model.ts';
import { isActivity } from '../model/process-model.ts';
import { elementOfPattern } from '../time/start-moments.ts';
import { layOutDrawing } from './layout/lay-out-drawing.ts';
import { writeDiagram } from './write-diagram.ts';

/** The model as XML. */
export async function exportModel(model: ProcessModel): Promise<string> {
  return await new Exporter(model).xml();
}

type Properties = Record<string, unknown>;

class Exporter {
  readonly #model: ProcessModel;
  readonly #moddle = new BpmnModdle({ orderloom: structuredClone(extension) });
  readonly #elements = new Map<string, ModdleElement>();
  readonly #messages = new Map<string, ModdleElement>();
  readonly #errors = new Map<string, ModdleElement>();
  readonly #signals = new Map<string, ModdleElement>();
  readonly #escalations = new Map<string, ModdleElement>();
  readonly #flowIds = new Map<string, string>();

  constructor(model: ProcessModel) {
    this.#model = model;
  }

  async xml(): Promise<string> {
    const { key, name, version, description } = this.#model;
    const nodes = Object.values(this.#model.nodes);
    for (const node of nodes) this.#elements.set(node.id, this.#node(node));
    for (const node of nodes) this.#link(node);
    const process = this.#create('bpmn:Process', {
      id: key,
      name,
      isExecutable: true,
      ...(description === undefined
        ? {}
        : { documentation: [this.#create('bpmn:Documentation', { text: description })] }),
      extensionElements: this.#extensions([
        this.#create('orderloom:Code', { process: key, version }),
      ]),
    });
    this.#fill(process, null);
    const definitions = this.#create('bpmn:Definitions', {
      id: `${key}.definitions`,
      targetNamespace: `urn:orderloom:process:${key}`,
      rootElements: [
        ...[...this.#messages.values(), ...this.#errors.values()],
        ...[...this.#signals.values(), ...this.#escalations.values()],
        process,
      ],
    });
    for (const child of definitions.rootElements as ModdleElement[]) child.$parent = definitions;
    writeDiagram(this.#moddle, definitions, layOutDrawing(definitions));
    const { xml } = await this.#moddle.toXML(definitions, { format: true });
    return xml;
  }

  #create(type: string, properties: Properties): ModdleElement {
    const element = this.#moddle.create(type, properties);
    for (const value of Object.values(properties).flat()) {
      if (isOwned(type, value)) value.$parent = element;
    }
    return element;
  }

  #extensions(values: readonly ModdleElement[]): ModdleElement {
    return this.#create('bpmn:ExtensionElements', { values: [...values] });
  }

  #node(node: FlowNode): ModdleElement {
    const { id, name } = node;
    const element = drawnAs(node);
    const type = `bpmn:${element.charAt(0).toUpperCase()}${element.slice(1)}`;
    const properties: Properties = { id, name };
    if ('event' in node) Object.assign(properties, this.#event(node));
    if (isActivity(node)) {
      const handler = this.#create('orderloom:Task', { handler: id });
      properties.extensionElements = this.#extensions([handler]);
      if (node.forCompensation) properties.isForCompensation = true;
      if (node.startQuantity !== undefined) properties.startQuantity = node.startQuantity;
      if (node.completionQuantity !== undefined) {
        properties.completionQuantity = node.completionQuantity;
      }
      if (node.standardLoop) {
        const { testBefore, maximum, condition } = node.standardLoop;
        properties.loopCharacteristics = this.#create('bpmn:StandardLoopCharacteristics', {
          testBefore,
          ...(maximum === undefined ? {} : { loopMaximum: maximum }),
          ...(condition ? { loopCondition: this.#coded(condition) } : {}),
        });
      }
      if (node.multiInstance) {
        properties.loopCharacteristics = this.#create('bpmn:MultiInstanceLoopCharacteristics', {
          isSequential: node.multiInstance.sequential,
        });
      }
    }
    if (node.type === 'subProcess' && node.adHoc) {
      const { sequential, completion, cancelRemaining } = node.adHoc;
      properties.ordering = sequential ? 'Sequential' : 'Parallel';
      properties.cancelRemainingInstances = cancelRemaining;
      if (completion) properties.completionCondition = this.#coded(completion);
    } else if (node.type === 'subProcess') properties.triggeredByEvent = node.triggeredByEvent;
    if (node.type === 'complexGateway' && node.activation) {
      properties.activationCondition = this.#coded(node.activation);
    }
    if (node.type === 'callActivity') properties.calledElement = node.calledProcess;
    if (node.type === 'boundaryEvent') properties.cancelActivity = node.interrupting;
    if (node.type === 'startEvent' && node.interrupting === false) {
      properties.isInterrupting = false;
    }
    return this.#create(type, properties);
  }

  /** A function, to which the drawing only refers. */
  #coded({ source }: Expression): ModdleElement {
    return this.#create('bpmn:FormalExpression', { language: codeLanguage, body: source });
  }

  #event(node: FlowNode & { readonly event: EventDefinitionModel | null }): Properties {
    const isThrown = node.type === 'intermediateThrowEvent';
    const mayRefer = !isThrown || (node.event !== null && node.event.type !== 'compensation');
    const handler = mayRefer ? [this.#create('orderloom:Event', { handler: node.id })] : [];
    return {
      ...(handler.length > 0 ? { extensionElements: this.#extensions(handler) } : {}),
      eventDefinitions: definitionsIn(node.event).map((one) => this.#definition(one)),
      ...(node.event?.type === 'multiple' && node.event.parallel ? { parallelMultiple: true } : {}),
    };
  }

  #definition(event: SingleEventDefinition): ModdleElement {
    switch (event.type) {
      case 'message':
        return this.#create('bpmn:MessageEventDefinition', {
          messageRef: this.#message(event.message),
        });
      case 'timer':
        return this.#create('bpmn:TimerEventDefinition', {
          timeDuration: this.#create('bpmn:FormalExpression', {
            language: codeLanguage,
            body: event.due.source,
          }),
        });
      case 'cycle':
        return this.#create('bpmn:TimerEventDefinition', {
          [elementOfPattern(event.cron)]: this.#create('bpmn:FormalExpression', {
            body: event.cron,
          }),
        });
      case 'error':
        return this.#create('bpmn:ErrorEventDefinition', {
          ...(event.code === undefined ? {} : { errorRef: this.#error(event.code) }),
        });
      case 'signal':
        return this.#create('bpmn:SignalEventDefinition', {
          signalRef: this.#signal(event.signal),
        });
      case 'escalation':
        return this.#create('bpmn:EscalationEventDefinition', {
          ...(event.code === undefined ? {} : { escalationRef: this.#escalation(event.code) }),
        });
      case 'conditional':
        return this.#create('bpmn:ConditionalEventDefinition', {
          condition: this.#create('bpmn:FormalExpression', {
            language: codeLanguage,
            body: event.condition.source,
          }),
        });
      case 'link':
        return this.#create('bpmn:LinkEventDefinition', { name: event.link });
      case 'compensation':
        return this.#create('bpmn:CompensateEventDefinition', {});
      case 'cancel':
        return this.#create('bpmn:CancelEventDefinition', {});
      default:
        return this.#create('bpmn:TerminateEventDefinition', {});
    }
  }

  #message(name: string): ModdleElement {
    const known = this.#messages.get(name);
    if (known) return known;
    const made = this.#create('bpmn:Message', { id: `message.${this.#messages.size + 1}`, name });
    this.#messages.set(name, made);
    return made;
  }

  #signal(name: string): ModdleElement {
    const known = this.#signals.get(name);
    if (known) return known;
    const made = this.#create('bpmn:Signal', { id: `signal.${this.#signals.size + 1}`, name });
    this.#signals.set(name, made);
    return made;
  }

  #escalation(code: string): ModdleElement {
    const known = this.#escalations.get(code);
    if (known) return known;
    const id = `escalation.${this.#escalations.size + 1}`;
    const made = this.#create('bpmn:Escalation', { id, name: code, escalationCode: code });
    this.#escalations.set(code, made);
    return made;
  }

  #error(code: string): ModdleElement {
    const known = this.#errors.get(code);
    if (known) return known;
    const id = `error.${this.#errors.size + 1}`;
    const made = this.#create('bpmn:Error', { id, name: code, errorCode: code });
    this.#errors.set(code, made);
    return made;
  }

  /** References between nodes, which all are there by now. */
  #link(node: FlowNode): void {
    const element = this.#at(node.id);
    if (node.type === 'boundaryEvent') element.attachedToRef = this.#at(node.attachedTo);
    const event = 'event' in node ? node.event : null;
    if (event?.type === 'compensation' && event.activity !== undefined) {
      const [definition] = element.eventDefinitions as ModdleElement[];
      if (definition) definition.activityRef = this.#at(event.activity);
    }
  }

  #at(id: string): ModdleElement {
    const element = this.#elements.get(id);
    if (!element) throw new Error(`process "${this.#model.key}" has no element "${id}"`);
    return element;
  }

  /** Puts what lies in a container into it. */
  #fill(container: ModdleElement, parent: string | null): void {
    const inside = Object.values(this.#model.nodes).filter((node) => node.parent === parent);
    const flows = Object.values(this.#model.flows).filter(
      ({ source }) => this.#model.nodes[source]?.parent === parent && !this.#isLink(source),
    );
    const undoes = inside.flatMap((node) =>
      isActivity(node) && node.compensation !== undefined && !this.#isInside(node.compensation)
        ? [this.#undo(node.id, node.compensation)]
        : [],
    );
    const drawn = flows.map((flow) => this.#flow(flow));
    const elements = [
      ...inside.map(({ id }) => this.#at(id)),
      ...undoes.map(({ event }) => event),
      ...drawn,
    ];
    const artifacts = undoes.map(({ association }) => association);
    for (const child of [...elements, ...artifacts]) child.$parent = container;
    container.flowElements = elements;
    if (artifacts.length > 0) container.artifacts = artifacts;
    for (const node of inside) {
      if (node.type === 'subProcess') this.#fill(this.#at(node.id), node.id);
      if ('defaultFlow' in node && node.defaultFlow !== undefined) {
        const wanted = this.#flowIds.get(node.defaultFlow);
        this.#at(node.id).default = drawn.find(({ id }) => id === wanted);
      }
    }
  }

  /** The flow behind a throwing link is drawn by the names of both ends. */
  #isLink(source: string): boolean {
    const node = this.#model.nodes[source];
    return node?.type === 'intermediateThrowEvent' && node.event?.type === 'link';
  }

  /** An event sub-process undoes what it lies in, and needs no event beside that. */
  #isInside(handler: string): boolean {
    const node = this.#model.nodes[handler];
    return node?.type === 'subProcess' && node.triggeredByEvent;
  }

  #undo(activity: string, handler: string) {
    const event = this.#create('bpmn:BoundaryEvent', {
      id: `${handler}.event`,
      eventDefinitions: [this.#create('bpmn:CompensateEventDefinition', {})],
    });
    event.attachedToRef = this.#at(activity);
    const association = this.#create('bpmn:Association', {
      id: `${handler}.association`,
      associationDirection: 'One',
    });
    association.sourceRef = event;
    association.targetRef = this.#at(handler);
    return { event, association };
  }

  #flow({ id, source, target, condition, name }: SequenceFlow): ModdleElement {
    const own = this.#flowId(id);
    const flow = this.#create('bpmn:SequenceFlow', {
      id: own,
      ...(name === undefined ? {} : { name }),
      ...(own === id
        ? {}
        : { extensionElements: this.#extensions([this.#create('orderloom:Flow', { id })]) }),
      ...(condition
        ? {
            conditionExpression: this.#coded(condition),
          }
        : {}),
    });
    const from = this.#at(source);
    const to = this.#at(target);
    flow.sourceRef = from;
    flow.targetRef = to;
    from.outgoing = [...((from.outgoing as ModdleElement[] | undefined) ?? []), flow];
    to.incoming = [...((to.incoming as ModdleElement[] | undefined) ?? []), flow];
    return flow;
  }

  /** Ids of XML have fewer letters than those of code. */
  #flowId(id: string): string {
    const plain = id.replaceAll('->', '_to_').replace(/[^\w.-]/g, '_');
    const isTaken = (name: string) => [...this.#flowIds.values()].includes(name);
    let free = plain;
    for (let count = 2; isTaken(free) || this.#elements.has(free); count += 1) {
      free = `${plain}_${count}`;
    }
    this.#flowIds.set(id, free);
    return free;
  }
}

/** What the standard calls an element. */
function drawnAs(node: FlowNode): string {
  if (node.type === 'externalTask') return 'serviceTask';
  if (node.type !== 'subProcess') return node.type;
  if (node.adHoc) return 'adHocSubProcess';
  return node.transaction ? 'transaction' : 'subProcess';
}

/** What stands in an element; what it only refers to has another place. */
function isOwned(type: string, value: unknown): value is ModdleElement {
  if (typeof value !== 'object' || value === null || !('$type' in value)) return false;
  return !(
    type.endsWith('EventDefinition') &&
    /Message$|Error$|Signal$|Escalation$/.test(String(value.$type))
  );
}
