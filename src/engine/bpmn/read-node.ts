/** What each node of a drawing says of itself, without its place in the graph: events, gateways and activities. */
import type { ModdleElement } from 'bpmn-moddle';
import { asCondition } from '../expressions/feel.ts';
import type { EventDefinitionModel, FlowNode, NodeOf } from '../model/process-model.ts';
import { readActivity } from './activities/read-activity.ts';
import { type EventPosition, eventTrigger } from './events/event-positions.ts';
import { readDefinition } from './events/read-definition.ts';
import { elementOf, idOf } from './moddle-values.ts';
import { isEventSubProcess, type Placed } from './place-elements.ts';
import { feelOf, handlerOf, isCode, type ProcessContext, variable } from './process-context.ts';
import { ElementExtension } from './read-extension.ts';

/** Reads a node; null when it cannot be read, and then the report says why. */
export function readNode(
  context: ProcessContext,
  placed: Placed,
  nodes: ReadonlyMap<string, Placed>,
): (Readonly<Record<string, unknown>> & { readonly type: FlowNode['type'] }) | null {
  const { element, kind } = placed;
  switch (kind) {
    case 'startEvent':
      return readStart(context, placed, nodes);
    case 'endEvent':
      return runsProcedure(context, element)
        ? readActivity(context, element)
        : readEvent(context, element, 'end', 'endEvent');
    case 'intermediateCatchEvent':
      return readEvent(context, element, 'intermediate catch', 'intermediateCatchEvent');
    case 'intermediateThrowEvent':
      return runsProcedure(context, element)
        ? readActivity(context, element)
        : readEvent(context, element, 'intermediate throw', 'intermediateThrowEvent');
    case 'boundaryEvent': {
      const host = elementOf(element, 'attachedToRef');
      const event = readEvent(context, element, 'boundary', 'boundaryEvent');
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
      if (written && isCode(written)) return codedGateway(context, placed);
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

function codedGateway({ code, report }: ProcessContext, { element, id }: Placed) {
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

function readStart(
  context: ProcessContext,
  { element, parent }: Placed,
  nodes: ReadonlyMap<string, Placed>,
) {
  const holder = parent === null ? undefined : nodes.get(parent);
  const position: EventPosition = !holder
    ? 'process start'
    : isEventSubProcess(holder)
      ? 'event sub-process start'
      : 'sub-process start';
  const start = readEvent(context, element, position, 'startEvent');
  const interrupting = element.isInterrupting === false ? { interrupting: false } : {};
  const together = context.together?.get(idOf(element));
  return start && { ...start, ...interrupting, ...(together ? { together } : {}) };
}

function readEvent<
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
