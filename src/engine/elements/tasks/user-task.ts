/** User task: waits for a person, or for a message that carries a person's decision. */
import { asJson, storableJson, storableText } from '../../model/json.ts';
import { taskTerms } from '../../people/task-terms.ts';
import type { ElementDefinition } from '../element.ts';
import { definitionOf, messageWait, readPayload } from '../event-waits.ts';

/** A person, or the message of a person, ends it. */
export const userTask: ElementDefinition<'userTask'> = {
  type: 'userTask',
  doc: 'Waits for a person who may do it; listed under tasks.',
  enter(context, n, node) {
    const variables = context.variables(n);
    context.wait(n, {
      kind: 'task',
      on: node.id,
      roles: node.roles,
      title: storableText(String(node.title.evaluate(variables))),
      subject: storableJson(asJson(node.subject.evaluate(variables))),
      ...taskTerms(node, variables, context.at),
    });
    for (const definition of node.messages) {
      context.wait(n, messageWait(node.id, definition, variables));
    }
  },
  trigger(context, host, node, trigger) {
    if (trigger.kind === 'task') {
      context.leave(host, trigger.output);
    } else if (trigger.kind === 'message') {
      const definition = definitionOf(node.messages, trigger.message, trigger.payload);
      context.leave(host, definition ? readPayload(definition, trigger.payload) : trigger.payload);
    }
  },
};
