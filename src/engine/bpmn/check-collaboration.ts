/**
 * The rules of the standard about what surrounds a process: lanes, the message flows between pools, and whether what
 * is referred to is of the kind that is meant. Nothing of it moves a token, but a drawing that breaks them says
 * something else to people than it does.
 */
import type { ModdleElement } from 'bpmn-moddle';
import { elementOf, elementsOf, idOf, kindOf } from './moddle-values.ts';
import type { Report } from './report.ts';

/** What each definition refers to, and by which property. */
const references: Readonly<Record<string, readonly [property: string, kind: string]>> = {
  messageEventDefinition: ['messageRef', 'message'],
  signalEventDefinition: ['signalRef', 'signal'],
  errorEventDefinition: ['errorRef', 'error'],
  escalationEventDefinition: ['escalationRef', 'escalation'],
  sendTask: ['messageRef', 'message'],
  receiveTask: ['messageRef', 'message'],
};

/** Notes what is wrong around the processes of a file. */
export function checkCollaboration(definitions: ModdleElement, report: Report): void {
  const poolOf = new Map<ModdleElement, string>();
  const roots = elementsOf(definitions, 'rootElements');
  for (const root of roots) {
    checkReference(root, report);
    if (kindOf(root) !== 'process') continue;
    const inside = new Set<ModdleElement>();
    collect(root, inside, report);
    for (const element of inside) poolOf.set(element, idOf(root));
    const taken = new Map<ModdleElement, string>();
    for (const set of elementsOf(root, 'laneSets')) checkLanes(set, { inside, taken, report });
  }
  for (const root of roots) {
    for (const flow of elementsOf(root, 'messageFlows')) checkMessageFlow(flow, poolOf, report);
  }
}

function collect(container: ModdleElement, into: Set<ModdleElement>, report: Report): void {
  for (const element of elementsOf(container, 'flowElements')) {
    into.add(element);
    checkReference(element, report);
    for (const definition of elementsOf(element, 'eventDefinitions')) {
      checkReference(definition, report);
    }
    collect(element, into, report);
  }
}

function checkReference(element: ModdleElement, report: Report): void {
  const [property, kind] = references[kindOf(element)] ?? [];
  const found = property === undefined ? undefined : elementOf(element, property);
  if (!found || kind === undefined || kindOf(found) === kind) return;
  report.add(
    'reference-missing',
    element,
    `expected "${property}" to name a ${kind}, found the ${kindOf(found)} "${idOf(found)}"`,
    `name a ${kind}, or draw the event of that kind`,
  );
}

interface Lanes {
  readonly inside: ReadonlySet<ModdleElement>;
  /** Lanes of one set by what lies in them. */
  readonly taken: Map<ModdleElement, string>;
  readonly report: Report;
}

function checkLanes(set: ModdleElement, { inside, taken, report }: Lanes): void {
  for (const lane of elementsOf(set, 'lanes')) {
    for (const node of elementsOf(lane, 'flowNodeRef')) {
      const other = taken.get(node);
      const isOther = other !== undefined && other !== idOf(lane);
      if (!inside.has(node) || isOther) {
        report.add(
          'lane-content',
          lane,
          `expected elements of its own process that lie in no other lane, found "${idOf(node)}"` +
            (isOther ? `, which lies in "${other}", too` : ''),
          'take it out of this lane',
        );
      }
      taken.set(node, idOf(lane));
    }
    const inner = elementOf(lane, 'childLaneSet');
    // What lies in a lane lies in one of the lanes that it is divided into, too.
    if (inner) checkLanes(inner, { inside, taken: new Map(), report });
  }
}

/** Ends of message flows: pools, what sends or receives, and sub-processes that hold such. */
const speaking = /(?:^t|T)ask$|[sS]ubProcess$|^(?:callActivity|transaction|participant)$|Event$/;

function checkMessageFlow(
  flow: ModdleElement,
  poolOf: ReadonlyMap<ModdleElement, string>,
  report: Report,
): void {
  const ends = [elementOf(flow, 'sourceRef'), elementOf(flow, 'targetRef')];
  const [from, to] = ends.map((end) => {
    const process = end && kindOf(end) === 'participant' ? elementOf(end, 'processRef') : undefined;
    // A pool without a process is one of its own.
    return end && (poolOf.get(end) ?? (process ? idOf(process) : idOf(end)));
  });
  const mute = ends.find((end) => end && !speaking.test(kindOf(end)));
  const isInside = from !== undefined && from === to;
  if (!mute && !isInside) return;
  report.add(
    'message-flow',
    flow,
    `expected it to lead from one pool to another, between pools, activities and events; found ${
      mute ? `a ${kindOf(mute)} "${idOf(mute)}"` : `both ends in "${from}"`
    }`,
    mute ? 'lead it to what sends or receives' : 'draw a sequence flow',
  );
}
