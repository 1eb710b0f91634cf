/** Which activity undoes which: by the associations of compensation events, or by an event sub-process of its own. */
import type { ModdleElement } from 'bpmn-moddle';
import { definitionsOf, eventTrigger } from './events/event-positions.ts';
import { idOf, kindOf } from './moddle-values.ts';
import { isActivityKind, type Placed } from './place-elements.ts';
import type { Report } from './report.ts';

/** The activity that undoes another one, by that one's id. */
export function readUndoes(
  nodes: ReadonlyMap<string, Placed>,
  associations: readonly ModdleElement[],
  report: Report,
): ReadonlyMap<string, string> {
  const undoes = new Map<string, string>();
  for (const { element, kind } of nodes.values()) {
    if (kind !== 'boundaryEvent' || eventTrigger(element) !== 'compensate') continue;
    if (definitionsOf(element).length > 1) continue;
    const host = element.attachedToRef as ModdleElement | undefined;
    const targets = associations
      .filter(({ sourceRef }) => sourceRef === element)
      .map(({ targetRef }) => targetRef as ModdleElement | undefined);
    const [handler] = targets;
    if (
      host &&
      handler &&
      targets.length === 1 &&
      isActivityKind(kindOf(handler)) &&
      !undoes.has(idOf(host))
    ) {
      undoes.set(idOf(host), idOf(handler));
      continue;
    }
    report.add(
      'compensation-handler',
      element,
      `expected one association with the activity that undoes "${host ? idOf(host) : '?'}", found ${targets.length}`,
      'draw one association, to an activity that is for compensation',
    );
  }
  readOwnUndoes(nodes, undoes, report);
  return undoes;
}

/** Sub-processes that undo themselves by an event sub-process. */
function readOwnUndoes(
  nodes: ReadonlyMap<string, Placed>,
  undoes: Map<string, string>,
  report: Report,
): void {
  for (const { element, kind, parent } of nodes.values()) {
    const handler = parent === null ? undefined : nodes.get(parent);
    if (kind !== 'startEvent' || handler?.element.triggeredByEvent !== true) continue;
    if (eventTrigger(element) !== 'compensate') continue;
    const host = handler.parent;
    if (host !== null && !undoes.has(host)) {
      undoes.set(host, handler.id);
      continue;
    }
    report.add(
      'compensation-handler',
      element,
      host === null
        ? 'expected it in a sub-process, which can be undone once it is completed, found it in a process'
        : `expected one way to undo "${host}", found more`,
      host === null ? 'put what it undoes into a sub-process' : 'take the others out',
    );
  }
}
