/**
 * What an element that was carried over waits for: its messages under the keys of the new version, its
 * timers at the moment they had, boundary events and handlers that the new version added. What has
 * happened already (a deadline that fired without interrupting) does not come again.
 */
import { messageWait, waitsFor } from '../elements/event-waits.ts';
import { definitionsIn } from '../model/event-definitions.ts';
import type { Variables } from '../model/expression.ts';
import { asJson, storableJson, storableText } from '../model/json.ts';
import { indexOf } from '../model/model-index.ts';
import type {
  EventDefinitionModel,
  FlowNode,
  NodeOf,
  ProcessModel,
} from '../model/process-model.ts';
import { isActivity } from '../model/process-model.ts';
import type { ElementInstance, TaskWait, Wait } from '../model/state.ts';
import { taskTerms } from '../people/task-terms.ts';
import type { NodeMapping } from './node-mapping.ts';

/** An element and what its waits are made from. */
export interface WaitingElement {
  readonly mapping: NodeMapping;
  /** As the old version has it. */
  readonly old: ElementInstance;
  /** Id of its node in the new version; empty for the process. */
  readonly node: string;
  readonly variables: Variables;
  /** True for one run of a loop, whose boundary events belong to the loop. */
  readonly isRun: boolean;
  /** True when handlers of its scope no longer listen: one has interrupted it, or it is undone. */
  readonly isInterrupted: boolean;
  readonly at: number;
  readonly restartTimers: readonly string[];
}

/** The waits in the new version. Throws when one cannot be computed from the variables. */
export function waitsOf(element: WaitingElement): Wait[] {
  return [...attachedWaits(element), ...ownWaits(element), ...handlerWaits(element)];
}

function ownWaits(element: WaitingElement): Wait[] {
  const { mapping, old, node: id, variables } = element;
  const node = mapping.to.nodes[id];
  if (!node || old.loop) return [];
  // After a failure on entering it waits for nothing: a retry enters it again.
  if (!(old.waits ?? []).some((wait) => isOwn(mapping, old, wait))) return [];
  switch (node.type) {
    case 'receiveTask':
      return node.messages.map((definition) => messageWait(id, definition, variables));
    case 'userTask':
      return [
        taskWait(element, node),
        ...node.messages.map((definition) => messageWait(id, definition, variables)),
      ];
    case 'intermediateCatchEvent':
      return eventWait(element, id, node.event);
    case 'eventBasedGateway':
      return behindGateway(mapping.to, node).flatMap((target) =>
        target.type === 'receiveTask'
          ? target.messages.map((definition) => messageWait(target.id, definition, variables))
          : eventWait(element, target.id, target.event),
      );
    case 'externalTask':
      // A worker may be at it: it goes on under the topic that it was handed out with.
      return (old.waits ?? []).flatMap((wait) =>
        wait.kind === 'external' ? [{ ...wait, on: id }] : [],
      );
    case 'serviceTask':
      // The pause before the next attempt.
      return (old.waits ?? []).flatMap((wait) =>
        wait.kind === 'timer' && wait.on === old.node ? [{ ...wait, on: id }] : [],
      );
    default:
      return [];
  }
}

/** True for a wait of the element itself, not of what is attached to it. */
function isOwn(mapping: NodeMapping, old: ElementInstance, wait: Wait): boolean {
  if (wait.on === old.node) return true;
  return mapping.from.get(old.node)?.type === 'eventBasedGateway' && !isAttached(mapping, wait.on);
}

function isAttached(mapping: NodeMapping, id: string): boolean {
  return mapping.from.get(id)?.type === 'boundaryEvent';
}

function behindGateway(model: ProcessModel, gateway: NodeOf<'eventBasedGateway'>) {
  return gateway.outgoing.flatMap((flow) => {
    const target = model.nodes[model.flows[flow]?.target ?? ''];
    return target?.type === 'receiveTask' || target?.type === 'intermediateCatchEvent'
      ? [target]
      : [];
  });
}

function taskWait({ old, variables, at }: WaitingElement, node: NodeOf<'userTask'>): TaskWait {
  const { due: _due, followUp: _followUp, escalations: _escalations, ...terms } = node;
  const open = old.waits?.find((wait): wait is TaskWait => wait.kind === 'task');
  return {
    kind: 'task',
    on: node.id,
    roles: node.roles,
    title: storableText(String(node.title.evaluate(variables))),
    subject: storableJson(asJson(node.subject.evaluate(variables))),
    ...taskTerms(terms, variables, at),
    dueAt: open?.dueAt ?? null,
    // What was promised to people stays, as timers keep their moment.
    ...(open?.followUpAt === undefined ? {} : { followUpAt: open.followUpAt }),
    ...(open?.escalations === undefined ? {} : { escalations: open.escalations }),
  };
}

function attachedWaits(element: WaitingElement): Wait[] {
  const { mapping, old, node: id, isRun } = element;
  const node = mapping.to.nodes[id];
  if (!node || !isActivity(node) || isRun) return [];
  return node.boundary.flatMap((boundaryId) => {
    const boundary = mapping.to.nodes[boundaryId];
    if (boundary?.type !== 'boundaryEvent') return [];
    const wasThere = mapping.before(boundaryId).some((one) => one.attachedTo === old.node);
    return listening(element, boundary, wasThere);
  });
}

function handlerWaits(element: WaitingElement): Wait[] {
  const { mapping, old, node: id, isInterrupted } = element;
  const node = mapping.to.nodes[id];
  const isScope = id === '' || (node?.type === 'subProcess' && !old.loop);
  if (!isScope || isInterrupted) return [];
  return (indexOf(mapping.to).eventStarts.get(id) ?? []).flatMap((start) => {
    const wasThere = mapping.before(start.id).some(({ parent }) => {
      const handler = mapping.from.get(parent ?? '');
      return handler !== undefined && (handler.parent ?? '') === old.node;
    });
    return listening(element, start, wasThere);
  });
}

/** What was there before goes on listening if it still does; what is new begins to. */
function listening(
  element: WaitingElement,
  node: { readonly id: string; readonly event: EventDefinitionModel | null },
  wasThere: boolean,
): Wait[] {
  if (wasThere && !isOpen(element, node.id)) return [];
  return eventWait(element, node.id, node.event);
}

function isOpen({ mapping, old }: WaitingElement, id: string): boolean {
  return (old.waits ?? []).some((wait) => mapping.of(wait.on) === id);
}

function eventWait(
  { mapping, old, variables, at, restartTimers }: WaitingElement,
  id: string,
  event: EventDefinitionModel | null,
): Wait[] {
  const before = (old.waits ?? []).filter((wait) => mapping.of(wait.on) === id);
  return waitsFor(id, event, variables, at).flatMap((wait): Wait[] => {
    const running = before.find((one) => one.kind === wait.kind && one.part === wait.part);
    // What has come of an event that needs all of its definitions does not come again.
    if (!running && old.gathered?.[before[0]?.on ?? id]) return [];
    if (running?.kind === 'timer' && !restartTimers.includes(id)) return [{ ...running, on: id }];
    return [running?.kind === 'condition' ? { ...running, on: id } : wait];
  });
}

/** Timers that may be named as to begin anew. */
export function isTimer(node: FlowNode | undefined): boolean {
  const event = node !== undefined && 'event' in node ? node.event : null;
  return definitionsIn(event).some(({ type }) => type === 'timer');
}
