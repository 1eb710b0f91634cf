/** What the readers of activities share: what an activity says of itself, without its place in the graph. */
import type { ModdleElement } from 'bpmn-moddle';
import type { Activity } from '../../model/process-model.ts';
import { type ProcessContext, variable } from '../process-context.ts';
import type { ElementExtension } from '../read-extension.ts';

/** A node without its place in the graph, which the drawing as a whole gives it. */
export type Body<Node> = Omit<
  Node,
  'id' | 'name' | 'parent' | 'incoming' | 'outgoing' | 'boundary' | 'compensation'
>;

/** A node of code without what the drawing says itself. */
export function bodyOf<Node extends Activity>(node: Node): Body<Node> {
  const { id, name, parent, incoming, outgoing, boundary, compensation, ...body } = node;
  const { forCompensation, startQuantity, completionQuantity, defaultFlow, ...rest } =
    body as typeof body & Partial<Activity>;
  return rest as unknown as Body<Node>;
}

/** The variable that keeps what the activity gives, if the drawing names one. */
export function resultOf(
  context: ProcessContext,
  element: ModdleElement,
  extension: ElementExtension,
) {
  const result = variable(context, element, extension.text('task', 'result'));
  return result === undefined ? {} : { result };
}
