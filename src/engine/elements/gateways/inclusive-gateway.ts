/**
 * Inclusive gateway: takes every flow whose condition holds, and as a join waits for every token that may
 * still come. That can be told only when nothing else moves, so a join is looked at then.
 */
import type { NodeOf } from '../../model/process-model.ts';
import type { ElementContext, ElementDefinition } from '../element.ts';
import { arrive, leftOver } from './arrivals.ts';
import { isAwaited, sourcesOf } from './awaited-tokens.ts';
import { flowsThatHold } from './choose-flows.ts';

/** One way or several, and all of those that were taken are waited for. */
export const inclusiveGateway: ElementDefinition<'inclusiveGateway'> = {
  type: 'inclusiveGateway',
  doc: 'Takes every flow whose condition holds; joins all tokens that can still come.',
  joins: true,
  enter(context, n, node, via) {
    if (node.incoming.length > 1) arrive(context, n, via);
    else context.leaveBy(n, flowsThatHold(context.model, node, context.variables(n)));
  },
  settled(context, n, node) {
    const { arrived = {}, parent } = context.element(n);
    const tokens = context.tokensIn(parent).filter((token) => token.n !== n);
    // One that is held on its way to the join comes as soon as it is released.
    if (tokens.some((token) => token.node === node.id)) return false;
    const isThere = (flow: string) => (arrived[flow] ?? 0) > 0;
    const ids = tokens.map((token) => token.node);
    if (isAwaited(sourcesOf(context.model, node.id), ids, isThere)) return false;
    pass(context, n, node);
    return true;
  },
};

function pass(context: ElementContext, n: number, node: NodeOf<'inclusiveGateway'>): void {
  const { arrived = {}, parent } = context.element(n);
  context.leaveBy(n, flowsThatHold(context.model, node, context.variables(n)));
  leftOver(context, node.id, parent, arrived, Object.keys(arrived));
}
