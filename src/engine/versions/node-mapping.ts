/**
 * Which element of the new version stands for one of the old version. What the plan does not name
 * stays by its id; what is built from a mapped id (`pay.timeout`, `pay.compensate`) follows it.
 */
import type { MigrationPlan, ProcessModel } from '../model/process-model.ts';
import type { Structure, StructureNode } from '../model/structure.ts';
import type { Problem } from './problem.ts';

/** Old and new elements side by side. */
export class NodeMapping {
  readonly from: ReadonlyMap<string, StructureNode>;
  readonly structure: Structure;
  readonly to: ProcessModel;
  readonly #elements: Readonly<Record<string, string | null>>;
  readonly #undoes = new Map<string, string>();
  readonly #back = new Map<string, StructureNode[]>();

  constructor(structure: Structure, to: ProcessModel, plan: MigrationPlan) {
    this.structure = structure;
    this.from = new Map(structure.nodes.map((node) => [node.id, node]));
    this.to = to;
    this.#elements = plan.elements ?? {};
    for (const { id, compensation } of structure.nodes) {
      if (compensation !== undefined) this.#undoes.set(compensation, id);
    }
    for (const node of structure.nodes) {
      const target = this.of(node.id);
      if (target !== null) this.#back.set(target, [...(this.#back.get(target) ?? []), node]);
    }
  }

  /** Id in the new version, whether it is there or not; null when the plan gives the element up. */
  of(old: string): string | null {
    if (old === '') return '';
    const named = this.#elements[old];
    if (named !== undefined) return named;
    const derived = this.#followed(old);
    if (derived !== undefined) return derived;
    const undone = this.#undoes.get(old);
    if (undone === undefined) return old;
    const target = this.#elements[undone];
    if (target === undefined || target === null) return target === null ? null : old;
    const node = this.to.nodes[target];
    return (node && 'compensation' in node ? node.compensation : undefined) ?? old;
  }

  /** The elements of the old version that became this one. */
  before(id: string): readonly StructureNode[] {
    return this.#back.get(id) ?? [];
  }

  /** The sequence flow of the new version that stands for one of the old; null when there is none. */
  flow(old: string): string | null {
    const flow = this.structure.flows.find(({ id }) => id === old);
    if (!flow) return this.to.flows[old] ? old : null;
    const source = this.of(flow.source);
    const target = this.of(flow.target);
    const same = this.to.flows[old];
    if (same && same.source === source && same.target === target) return old;
    const found = Object.values(this.to.flows).find(
      (one) => one.source === source && one.target === target,
    );
    return found?.id ?? null;
  }

  /** Elements that have another id in the new version, with it. */
  get renamed(): Readonly<Record<string, string>> {
    return Object.fromEntries(
      this.structure.nodes.flatMap(({ id }) => {
        const target = this.of(id);
        return target === null || target === id ? [] : [[id, target]];
      }),
    );
  }

  /** What is wrong with the plan itself, whatever the instances. */
  *problems(): Generator<Problem> {
    for (const [old, target] of Object.entries(this.#elements)) {
      const node = this.from.get(old);
      if (!node) {
        yield invalid(old, `expected an element of the old version, found none with id "${old}"`);
        continue;
      }
      if (target === null) continue;
      const next = this.to.nodes[target];
      if (!next) {
        const message = `expected an element of version ${this.to.version} for "${old}", found none with id "${target}"`;
        yield invalid(old, message);
      } else if (next.type !== node.type) {
        yield invalid(old, `"${old}" is a ${node.type} and "${target}" a ${next.type}`);
      } else if (this.before(target).length > 1 && node.type.endsWith('Gateway')) {
        yield invalid(
          old,
          `several gateways became "${target}"; tokens at them cannot be told apart`,
        );
      }
    }
  }

  /** `pay.timeout` follows `pay` when the new version has it. */
  #followed(old: string): string | undefined {
    for (let at = old.lastIndexOf('.'); at > 0; at = old.lastIndexOf('.', at - 1)) {
      const target = this.#elements[old.slice(0, at)];
      if (target === undefined) continue;
      if (target === null) return undefined;
      const derived = target + old.slice(at);
      return this.to.nodes[derived] ? derived : undefined;
    }
    return undefined;
  }
}

function invalid(element: string, message: string): Problem {
  return { code: 'PLAN_INVALID', element, message: `${message}; mend the mapping of elements` };
}
