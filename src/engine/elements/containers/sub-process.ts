/** Sub-process: a scope of its own; done when nothing runs in it any more. */
import { definitionsIn } from '../../model/event-definitions.ts';
import { asJson } from '../../model/json.ts';
import type { FlowNode } from '../../model/process-model.ts';
import type { ElementDefinition } from '../element.ts';
import { lookAtAdHoc, openAdHoc } from './ad-hoc-sub-process.ts';

/** A scope, entered by a token or by an event. */
export const subProcess: ElementDefinition<'subProcess'> = {
  type: 'subProcess',
  doc: 'A scope with its own variables: embedded, triggered by an event, a transaction, or ad hoc.',
  enter(context, n, node) {
    context.patch(n, { vars: context.element(n).vars ?? {}, live: 0 });
    context.openEventSubProcesses(n, node.id);
    if (node.adHoc) openAdHoc(context, n, node, node.adHoc);
    else context.enter(context.startOf(node.id), n);
  },
  childrenDone(context, n, node) {
    if (node.adHoc) {
      lookAtAdHoc(context, n, node, node.adHoc);
      return;
    }
    context.leave(n, asJson(node.output?.evaluate(context.variables(n))));
  },
  /** Of a transaction that was cancelled all is undone. */
  compensated(context, n, node) {
    const edge = node.boundary.find((id) => isCancel(context.node(id)));
    const scope = context.element(n).parent;
    context.terminate(n);
    if (edge !== undefined) context.enter(edge, scope);
  },
};

function isCancel(node: FlowNode): boolean {
  return node.type === 'boundaryEvent' && definitionsIn(node.event)[0]?.type === 'cancel';
}
