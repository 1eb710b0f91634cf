/**
 * Start events of which several messages must come to one instance: each waits for the values that whichever came
 * first has, so all of them must be found by the same fields.
 */
import { definitionsIn, type MessageEventDefinition } from '../../model/event-definitions.ts';
import type { FlowNode, StartEvent } from '../../model/process-model.ts';
import type { Report } from '../report.ts';
import { valueOfFirst } from './correlation-keys.ts';

interface Part {
  readonly definition: MessageEventDefinition;
  /** Variable that holds what came with it, when it is the first. */
  readonly variable: string;
}

/** The nodes, with start events that know how the messages of one instance find it. */
export function gatherStarts(
  nodes: Readonly<Record<string, FlowNode>>,
  report: Report,
): Record<string, FlowNode> {
  return Object.fromEntries(
    Object.entries(nodes).map(([id, node]) => [
      id,
      node.type === 'startEvent' && node.parent === null ? gathered(node, nodes, report) : node,
    ]),
  );
}

function gathered(
  start: StartEvent,
  nodes: Readonly<Record<string, FlowNode>>,
  report: Report,
): StartEvent {
  const others = (start.together ?? []).flatMap((id) => {
    const node = nodes[id];
    return node?.type === 'startEvent' ? [node] : [];
  });
  const isParallel = start.event?.type === 'multiple' && start.event.parallel;
  if (!isParallel && others.length === 0) return start;
  const parts = [start, ...others].flatMap(partsOf);
  const names = parts.map(({ definition }) => propertiesOf(definition).toSorted().join(', '));
  if (new Set(names).size > 1) {
    report.add(
      'correlation-missing',
      start.id,
      `expected messages that begin one instance to be found by the same fields, found ${names.join(' and ')}`,
      'name the same fields at each, or a correlation key of the standard where they have other names',
    );
  }
  const ready = (definition: MessageEventDefinition): MessageEventDefinition => ({
    ...definition,
    correlation: definition.correlation.map(({ field, value: { source } }) => ({
      field,
      value: valueOfFirst(source, placesOf(source, parts)),
    })),
  });
  const { event } = start;
  if (event?.type === 'message') return Object.freeze({ ...start, event: ready(event) });
  if (event?.type !== 'multiple') return start;
  const events = event.events.map((one) => (one.type === 'message' ? ready(one) : one));
  // What the first one brought is replaced by what all of them brought.
  return Object.freeze({ result: 'input', ...start, event: { ...event, events } });
}

function partsOf({ event, result = 'input' }: StartEvent): readonly Part[] {
  return definitionsIn(event).flatMap((definition) =>
    definition.type === 'message' ? [{ definition, variable: result }] : [],
  );
}

/** What the values are called, whatever field of the message they stand in. */
function propertiesOf({ correlation }: MessageEventDefinition): readonly string[] {
  return correlation.map(({ value }) => value.source);
}

function placesOf(property: string, parts: readonly Part[]) {
  return parts.flatMap(({ definition, variable }) =>
    definition.correlation.flatMap(({ field, value }) =>
      value.source === property ? [{ variable, field }] : [],
    ),
  );
}
