/** Look-ups of a process model that the core needs at every step, made once per model. */
import { assert } from '../../kernel/errors.ts';
import { definitionsIn } from './event-definitions.ts';
import type { ProcessModel, StartEvent } from './process-model.ts';

/** What the core looks up in a model. */
export interface ModelIndex {
  /** The start event of each sub-process, by the sub-process's id. */
  readonly startOf: ReadonlyMap<string, StartEvent>;
  /** Start events at the top of the process. */
  readonly starts: readonly StartEvent[];
  /** Start events of event sub-processes, by the container they wait in (`''` for the process). */
  readonly eventStarts: ReadonlyMap<string, readonly StartEvent[]>;
  /** Nodes other than gateways that leave by flows with conditions. */
  readonly choosing: ReadonlySet<string>;
  /** True when some join can tell only when nothing else moves whether it is complete. */
  readonly hasLateJoins: boolean;
  /** Compensation handlers, by handler id: the activity that each undoes. */
  readonly undoes: ReadonlyMap<string, string>;
  /** True when something waits for a condition, so that variables are looked at when they change. */
  readonly hasConditions: boolean;
}

const indexes = new WeakMap<ProcessModel, ModelIndex>();

/** The index of a model, built once. */
export function indexOf(model: ProcessModel): ModelIndex {
  let index = indexes.get(model);
  if (!index) {
    index = buildIndex(model);
    indexes.set(model, index);
  }
  return index;
}

function buildIndex(model: ProcessModel): ModelIndex {
  const startOf = new Map<string, StartEvent>();
  const starts: StartEvent[] = [];
  const eventStarts = new Map<string, StartEvent[]>();
  const undoes = new Map<string, string>();
  const choosing = new Set<string>();
  let hasLateJoins = false;
  for (const { condition, source } of Object.values(model.flows)) {
    if (condition && !model.nodes[source]?.type.endsWith('Gateway')) choosing.add(source);
  }
  for (const node of Object.values(model.nodes)) {
    if (node.type === 'startEvent') {
      if (node.parent === null) starts.push(node);
      else startOf.set(node.parent, node);
    }
    if (node.type === 'inclusiveGateway' || node.type === 'complexGateway') hasLateJoins = true;
    if ('compensation' in node && node.compensation !== undefined) {
      undoes.set(node.compensation, node.id);
    }
  }
  for (const node of Object.values(model.nodes)) {
    if (node.type !== 'subProcess') continue;
    if (node.adHoc) continue;
    const start = startOf.get(node.id);
    assert(start, `sub-process "${node.id}" of "${model.key}" has no start event`);
    if (!node.triggeredByEvent) continue;
    const container = node.parent ?? '';
    eventStarts.set(container, [...(eventStarts.get(container) ?? []), start]);
  }
  const hasConditions = Object.values(model.nodes).some(
    (node) =>
      'event' in node && definitionsIn(node.event).some(({ type }) => type === 'conditional'),
  );
  return { startOf, starts, eventStarts, undoes, choosing, hasLateJoins, hasConditions };
}
