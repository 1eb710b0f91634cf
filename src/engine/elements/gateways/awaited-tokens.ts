/**
 * Whether a token may still come to a join by a flow that has none: the question of the inclusive join in
 * the standard. A token counts when some way leads from it to such a flow without visiting the join, and
 * none leads to a flow that has a token already: that one could add nothing.
 */
import type { ProcessModel } from '../../model/process-model.ts';

/** The nodes from which a token can come by each incoming flow of a join, without visiting the join. */
export type Sources = ReadonlyMap<string, ReadonlySet<string>>;

const known = new WeakMap<ProcessModel, Map<string, Sources>>();

/** Computed once for each join of a model. */
export function sourcesOf(model: ProcessModel, join: string): Sources {
  let ofModel = known.get(model);
  if (!ofModel) {
    ofModel = new Map();
    known.set(model, ofModel);
  }
  let sources = ofModel.get(join);
  if (!sources) {
    sources = computed(model, join);
    ofModel.set(join, sources);
  }
  return sources;
}

function computed(model: ProcessModel, join: string): Sources {
  const before = new Map<string, string[]>();
  const link = (source: string, target: string) =>
    before.set(target, [...(before.get(target) ?? []), source]);
  for (const { source, target } of Object.values(model.flows)) link(source, target);
  // What happens at the edge of an activity sends its token on as well as the activity itself.
  for (const node of Object.values(model.nodes)) {
    if (node.type === 'boundaryEvent') link(node.attachedTo, node.id);
  }
  const incoming = model.nodes[join]?.incoming ?? [];
  return new Map(
    incoming.map((flow) => {
      const source = model.flows[flow]?.source ?? join;
      const reached = new Set(source === join ? [] : [source]);
      for (const id of reached) {
        for (const other of before.get(id) ?? []) if (other !== join) reached.add(other);
      }
      return [flow, reached];
    }),
  );
}

/** True when one of the tokens, given by their nodes, may still come by a flow that has none. */
export function isAwaited(
  sources: Sources,
  tokens: readonly string[],
  hasToken: (flow: string) => boolean,
): boolean {
  const flows = [...sources.keys()];
  const empty = flows.filter((flow) => !hasToken(flow));
  const filled = flows.filter(hasToken);
  return tokens.some((node) => {
    const reaches = (flow: string) => sources.get(flow)?.has(node) === true;
    return empty.some(reaches) && !filled.some(reaches);
  });
}
