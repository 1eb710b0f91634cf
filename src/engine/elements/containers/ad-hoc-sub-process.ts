/**
 * Ad-hoc sub-process: what lies in it begins as somebody says, one after the other or side by side. It is
 * looked at each time that something in it is done: when its completion condition holds it needs no more,
 * and ends what still runs or waits for it. Without a condition it is done when what began with it is.
 */

import { isStartable, startableIn } from '../../model/ad-hoc.ts';
import { asJson } from '../../model/json.ts';
import type { AdHoc, NodeOf } from '../../model/process-model.ts';
import type { ElementContext } from '../element.ts';

type Container = NodeOf<'subProcess'>;

/** Starts what begins with it. */
export function openAdHoc(context: ElementContext, n: number, node: Container, adHoc: AdHoc): void {
  const given = adHoc.activate?.evaluate(context.variables(n)) ?? [];
  const odd =
    Array.isArray(given) &&
    given.find((id) => !isStartable(context.model.nodes, String(id), node.id));
  if (!Array.isArray(given) || odd !== undefined) {
    const startable = startableIn(context.model.nodes, node.id).join(', ');
    throw new Error(
      `expected a list of activities that may begin in "${node.id}" (${startable}), found ${JSON.stringify(odd || given)}`,
    );
  }
  const queue = given.map(String);
  if (adHoc.sequential) {
    context.patch(n, { adHoc: { queue: queue.slice(1) } });
    for (const first of queue.slice(0, 1)) context.enter(first, n);
  } else {
    context.patch(n, { adHoc: { queue: [] } });
    for (const id of queue) context.enter(id, n);
  }
  if (queue.length === 0 && !adHoc.completion) leave(context, n, node);
}

/** Something in it is done: it may be complete, or another one has its turn. */
export function lookAtAdHoc(
  context: ElementContext,
  n: number,
  node: Container,
  adHoc: AdHoc,
): void {
  const { adHoc: { queue = [], enough } = {}, live = 0 } = context.element(n);
  const isEnough = enough || adHoc.completion?.evaluate(context.variables(n)) === true;
  if (isEnough) {
    if (adHoc.cancelRemaining && !enough) context.interruptScope(n);
    // What cannot end at once, or is waited for, has this looked at again.
    if ((context.element(n).live ?? 0) > 0) {
      context.patch(n, { adHoc: { queue: [], enough: true } });
    } else leave(context, n, node);
    return;
  }
  if (live > 0) return;
  const [next, ...rest] = queue;
  if (next !== undefined) {
    context.patch(n, { adHoc: { queue: rest } });
    context.enter(next, n);
  } else if (!adHoc.completion) leave(context, n, node);
}

function leave(context: ElementContext, n: number, node: Container): void {
  context.leave(n, asJson(node.output?.evaluate(context.variables(n))));
}
