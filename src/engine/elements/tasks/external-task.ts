/** External task: waits for a worker outside of the program that fetches it by its topic. */
import { asJson, storableText } from '../../model/json.ts';
import type { ElementDefinition } from '../element.ts';

/** Names of topics are part of requests and lists. */
const longestTopic = 200;

/** A worker completes it, fails at it, or raises an error that a boundary event may catch. */
export const externalTask: ElementDefinition<'externalTask'> = {
  type: 'externalTask',
  doc: 'Hands work out to workers outside, by its topic; they complete it, fail at it, or raise an error.',
  enter(context, n, node) {
    const own = asJson(node.input?.evaluate(context.variables(n)));
    if (own !== null && (typeof own !== 'object' || Array.isArray(own))) {
      throw new Error(`expected the input of "${node.id}" to be an object, found ${typeof own}`);
    }
    if (own !== null) context.patch(n, { vars: { ...context.element(n).vars, ...own } });
    const variables = context.variables(n);
    const topic = storableText(String(node.topic.evaluate(variables) ?? '')).trim();
    if (topic === '' || topic.length > longestTopic) {
      throw new Error(
        `expected the topic of "${node.id}" to have 1 to ${longestTopic} characters, found "${topic.slice(0, longestTopic)}"`,
      );
    }
    const priority = Math.trunc(Number(node.priority?.evaluate(variables) ?? 0));
    if (!Number.isSafeInteger(priority)) {
      throw new Error(`expected the priority of "${node.id}" to be a whole number`);
    }
    context.wait(n, { kind: 'external', on: node.id, topic, priority, attempt: 1, retries: null });
  },
};
