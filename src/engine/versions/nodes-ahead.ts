/**
 * Which nodes an open instance may still come to. Taken widely: what begins by itself or by somebody
 * (handlers, undos, activities of an ad-hoc sub-process) is ahead as long as its scope runs.
 */
import type { ProcessModel } from '../model/process-model.ts';
import type { InstanceState } from '../model/state.ts';

/** Tells it for the instances of one model. */
export class NodesAhead {
  /** What a token at a node leads to next: by flows, and by the events at its edge. */
  readonly #next = new Map<string, string[]>();
  /** Nodes of each scope; the process's own have the empty id. */
  readonly #inside = new Map<string, string[]>();
  /** Of them, those that no flow leads to and that are no start. */
  readonly #free = new Map<string, string[]>();

  constructor({ nodes, flows }: ProcessModel) {
    const put = (into: Map<string, string[]>, key: string, id: string) =>
      into.set(key, [...(into.get(key) ?? []), id]);
    const entered = new Set<string>();
    for (const { source, target } of Object.values(flows)) {
      put(this.#next, source, target);
      entered.add(target);
    }
    for (const node of Object.values(nodes)) {
      const { id, parent, type } = node;
      const scope = parent ?? '';
      put(this.#inside, scope, id);
      if ('attachedTo' in node) put(this.#next, node.attachedTo, id);
      else if (type !== 'startEvent' && !entered.has(id)) put(this.#free, scope, id);
    }
  }

  /** Every node that may be at work from now on, those included at which the instance stands. */
  of({ elements }: InstanceState): ReadonlySet<string> {
    const standing = new Set(Object.values(elements).map(({ node }) => node));
    const ahead = new Set<string>();
    for (const id of standing) {
      for (const other of [...(this.#next.get(id) ?? []), ...(this.#free.get(id) ?? [])]) {
        ahead.add(other);
      }
    }
    // What is come to from here is come to as a whole.
    for (const id of ahead) {
      for (const other of [...(this.#next.get(id) ?? []), ...(this.#inside.get(id) ?? [])]) {
        ahead.add(other);
      }
    }
    return ahead.union(standing);
  }
}
