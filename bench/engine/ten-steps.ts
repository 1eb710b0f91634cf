/** The work that everybody is measured on: ten steps, one after the other, each of them trivial. */
import type { FlowNode, ProcessModel, SequenceFlow } from '../../src/engine/model/process-model.ts';

/** Steps of one instance. */
export const stepCount = 10;

/** What an instance starts with. */
export const startInput = { customer: 'c-1001', total: 129.9 };

/** What a step gives. */
export function stepOutput(step: number): { readonly step: number } {
  return { step };
}

/**
 * The process of ten service tasks. `onStep` is called when a step begins, with its number:
 * all steps before it are durable then.
 */
export function tenSteps(onStep: (step: number) => void): ProcessModel {
  const nodes: Record<string, FlowNode> = {};
  const flows: Record<string, SequenceFlow> = {};
  const ids = ['start', ...Array.from({ length: stepCount }, (_, i) => `step-${i + 1}`), 'end'];
  const flowId = (at: number) => `flow-${at}`;
  for (const [at, id] of ids.entries()) {
    const common = {
      id,
      name: id,
      parent: null,
      incoming: at === 0 ? [] : [flowId(at)],
      outgoing: at === ids.length - 1 ? [] : [flowId(at + 1)],
    };
    const next = ids[at + 1];
    if (next) flows[flowId(at + 1)] = { id: flowId(at + 1), source: id, target: next };
    if (at === 0) nodes[id] = { ...common, type: 'startEvent', event: null };
    else if (!next) nodes[id] = { ...common, type: 'endEvent', event: null };
    else {
      nodes[id] = {
        ...common,
        type: 'serviceTask',
        boundary: [],
        retry: {
          maxAttempts: 3,
          initialDelayMs: 1_000,
          factor: 2,
          maxDelayMs: 30_000,
          jitter: 0.5,
        },
        timeoutMs: 10_000,
        result: id,
        job: async () => {
          onStep(at);
          return stepOutput(at);
        },
      };
    }
  }
  return { key: 'ten-steps', version: 1, name: 'Ten steps', nodes, flows };
}
