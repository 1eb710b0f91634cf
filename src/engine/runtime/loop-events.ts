/**
 * What a multi-instance activity throws as its instances complete (`behavior` of the standard). It is read
 * before the run is gone, so that what cannot be read is an incident of that run, and thrown by the
 * activity as a whole, so that its boundary events catch it.
 */
import type { ToldDefinition } from '../model/event-definitions.ts';
import type { Variables } from '../model/expression.ts';
import { asJson } from '../model/json.ts';
import { namedValues } from '../model/named-values.ts';
import type { Activity, LoopThrow } from '../model/process-model.ts';
import type { Moves } from './moves.ts';

/** One event, with what it carries. */
export interface LoopEvent {
  readonly definition: ToldDefinition;
  readonly payload: unknown;
}

/**
 * The events of a run that is about to complete, in the order of the drawing. `result` is what its work
 * gave, `listed` what it adds to the list of results.
 */
export function eventsOfRun(
  t: Moves,
  run: number,
  node: Activity,
  { result, listed }: { readonly result: unknown; readonly listed: unknown },
): readonly LoopEvent[] {
  const throws = node.multiInstance?.throws;
  const { parent, vars } = t.element(run);
  const loop = t.element(parent).loop;
  if (!throws || !loop) return [];
  const completed = loop.completed + 1;
  const index = Number(vars?.loopCounter);
  const active = t.children(parent).length - 1;
  const known = {
    ...t.variables(run),
    ...(node.result === undefined ? {} : namedValues(node.result, result ?? null)),
    results: loop.results.map((one, i) => (i === index ? listed : one)),
    ...{ completed, total: loop.total, nrOfActiveInstances: active },
    ...{ nrOfInstances: loop.total, nrOfCompletedInstances: completed },
  };
  return throws
    .filter((one) => isThrown(one, completed, known))
    .flatMap(({ events }) =>
      events.map((definition) => ({
        definition,
        payload: asJson(definition.content?.evaluate(known)),
      })),
    );
}

/** Null is false, as in conditions of events. */
function isThrown({ when }: LoopThrow, completed: number, known: Variables): boolean {
  if (when === 'each') return true;
  if (when === 'first') return completed === 1;
  const value = when.evaluate(known);
  if (typeof value === 'boolean' || value === null) return value === true;
  throw new Error(`expected "${when.source}" to be true or false, found ${JSON.stringify(value)}`);
}
