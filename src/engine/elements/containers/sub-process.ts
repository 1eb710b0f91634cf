/** Sub-process: a scope of its own; done when nothing runs in it any more. */
import { asJson } from '../../model/json.ts';
import type { ElementDefinition } from '../element.ts';
import { lookAtAdHoc, openAdHoc } from './ad-hoc-sub-process.ts';

/** A scope, entered by a token or by an event. */
export const subProcess: ElementDefinition<'subProcess'> = {
  type: 'subProcess',
  doc: 'A scope with its own variables: embedded, triggered by an event, or ad hoc.',
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
};
