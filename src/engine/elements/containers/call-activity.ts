/** Call activity: another process runs as a child; its end ends the activity. */
import { asJson } from '../../model/json.ts';
import type { ElementDefinition } from '../element.ts';

/** Another process runs as a child of the activity. */
export const callActivity: ElementDefinition<'callActivity'> = {
  type: 'callActivity',
  doc: 'Starts another process and waits for its end.',
  enter(context, n, node) {
    const input = asJson(node.input.evaluate(context.variables(n)));
    context.startChild(n, node.calledProcess, node.calledVersion ?? null, input);
  },
  terminate(context, n) {
    context.cancelChild(n);
  },
};
