/** An instance as it was at a moment of its past, told from its history alone. */
import type { HistoryEntry } from '../model/events.ts';
import { namedValues } from '../model/named-values.ts';
import type { ProcessModel } from '../model/process-model.ts';
import type { activeElements } from './instance-view.ts';

interface Moment {
  readonly elements: ReturnType<typeof activeElements>;
  readonly variables: Readonly<Record<string, unknown>>;
}

/** Elements that had begun and not ended, and the results known by then. */
export function momentOf(
  model: ProcessModel | undefined,
  history: readonly { readonly entry: HistoryEntry }[],
): Moment {
  const open = new Map<number, { node: string; attempt?: number }>();
  const variables: Record<string, unknown> = {};
  for (const { entry } of history) {
    const { kind, n, node, data } = entry;
    if (kind === 'process.started') {
      Object.assign(variables, namedValues(startVariable(model), data));
    } else if (kind === 'variables.set' && n === 1) {
      const set = data as { variables: object; removed: readonly string[] };
      Object.assign(variables, set.variables);
      for (const name of set.removed) delete variables[name];
    } else if (kind === 'element.entered') open.set(n, { node });
    else if (kind === 'element.cancelled') open.delete(n);
    else if (kind === 'job.failed') {
      open.set(n, { node, attempt: (data as { attempt: number }).attempt });
    } else if (kind === 'element.completed') {
      open.delete(n);
      const result = model?.nodes[node];
      if (data !== undefined && result && 'result' in result && result.result !== undefined) {
        Object.assign(variables, namedValues(result.result, data));
      }
    }
  }
  const elements = [...open].map(([n, { node, attempt }]) => ({
    element: node,
    name: model?.nodes[node]?.name ?? node,
    type: model?.nodes[node]?.type ?? 'unknown',
    n,
    ...(attempt === undefined ? {} : { attempt }),
    waitingFor: [],
  }));
  return { elements, variables };
}

function startVariable(model: ProcessModel | undefined): string {
  for (const node of Object.values(model?.nodes ?? {})) {
    if (node.type === 'startEvent' && node.parent === null && node.result) return node.result;
  }
  return 'input';
}
