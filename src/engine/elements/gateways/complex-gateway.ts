/**
 * Complex gateway: begins when its activation condition holds, taking one token of each flow that has one.
 * Then it waits for the other flows as an inclusive join does, takes what came by them, and is reset: it
 * leaves a second time by the flows whose condition holds although nothing begins, and is as new.
 */
import type { NodeOf } from '../../model/process-model.ts';
import type { ElementContext, ElementDefinition } from '../element.ts';
import { arrive, leftOver } from './arrivals.ts';
import { isAwaited, sourcesOf } from './awaited-tokens.ts';
import { flowsThatHold } from './choose-flows.ts';

type Gateway = NodeOf<'complexGateway'>;

/** Some of its tokens begin it, the others only end its round. */
export const complexGateway: ElementDefinition<'complexGateway'> = {
  type: 'complexGateway',
  doc: 'Begins when its activation condition holds, and is reset when no further token can come.',
  joins: true,
  enter(context, n, node, via) {
    if (node.incoming.length < 2) {
      const variables = { ...context.variables(n), waitingForStart: true };
      context.leaveBy(n, flowsThatHold(context.model, node, variables));
      return;
    }
    arrive(context, n, via);
    if (!context.element(n).began) begin(context, n, node);
  },
  settled(context, n, node) {
    const { arrived = {}, began, parent } = context.element(n);
    if (!began) return false;
    const tokens = context.tokensIn(parent).filter((token) => token.n !== n);
    // One that is held on its way to the join comes as soon as it is released.
    if (tokens.some((token) => token.node === node.id)) return false;
    const isThere = (flow: string) => began.includes(flow) || (arrived[flow] ?? 0) > 0;
    const ids = tokens.map((token) => token.node);
    if (isAwaited(sourcesOf(context.model, node.id), ids, isThere)) return false;
    reset(context, n, node, began);
    return true;
  },
};

function begin(context: ElementContext, n: number, node: Gateway): void {
  const { arrived = {} } = context.element(n);
  const counts = Object.fromEntries(node.incoming.map((flow) => [flow, arrived[flow] ?? 0]));
  const activationCount = Object.values(counts).reduce((sum, count) => sum + count, 0);
  const variables = context.variables(n);
  const gate = { ...variables, activationCount, arrived: counts };
  if (node.activation && node.activation.evaluate(gate) !== true) return;
  const flows = flowsThatHold(context.model, node, { ...variables, waitingForStart: true });
  const began = Object.keys(arrived);
  const left = Object.fromEntries(
    Object.entries(arrived).flatMap(([flow, count]) => (count > 1 ? [[flow, count - 1]] : [])),
  );
  context.patch(n, { arrived: left, began });
  context.sendOn(n, flows);
}

function reset(context: ElementContext, n: number, node: Gateway, began: readonly string[]): void {
  const { arrived = {}, parent } = context.element(n);
  const variables = { ...context.variables(n), waitingForStart: false };
  const conditional = node.outgoing.filter((id) => context.model.flows[id]?.condition);
  const flows = conditional.filter(
    (id) => context.model.flows[id]?.condition?.evaluate(variables) === true,
  );
  context.leaveBy(n, flows);
  const late = Object.keys(arrived).filter((flow) => !began.includes(flow));
  leftOver(context, node.id, parent, arrived, late);
}
