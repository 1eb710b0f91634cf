/**
 * The process model while it is being written: nodes and flows are added, ends of flows dangle until
 * the next element takes them up, and `freeze` hands out the finished, immutable model.
 */
import type { z } from 'zod';
import { assert } from '../../kernel/errors.ts';
import { expectAuthored } from '../model/authoring-error.ts';
import type { Expression } from '../model/expression.ts';
import type { FlowNode, NodeOf, SequenceFlow, VariableContract } from '../model/process-model.ts';

/** The loose end of a flow: where it comes from, and on which condition it is taken. */
export interface Exit {
  readonly source: string;
  readonly condition?: Expression<boolean>;
  /** Taken by a gateway when no other condition holds. */
  readonly isDefault?: boolean;
  /** For people: `yes`, `delivered`. */
  readonly name?: string;
}

type Kept = 'incoming' | 'outgoing' | 'boundary' | 'defaultFlow';
type DraftOf<Node> = Node extends FlowNode ? Omit<Node, Kept> : never;

/** A node without what the graph itself keeps track of. */
export type Draft = DraftOf<FlowNode>;

interface Links {
  readonly incoming: string[];
  readonly outgoing: string[];
  readonly boundary: string[];
  defaultFlow?: string;
}

/** A model under construction. */
export class Graph {
  readonly #nodes = new Map<string, Draft>();
  readonly #links = new Map<string, Links>();
  readonly #flows = new Map<string, SequenceFlow>();
  readonly #checks: (() => void)[] = [];
  readonly #schemas = new Map<string, z.ZodType>();
  readonly #knows = new Map<string, readonly string[]>();

  /** Adds a node and connects what leads to it. Ids are unique in the whole workflow. */
  add(node: Draft, entry: readonly Exit[] = []): Exit {
    expectAuthored(
      !this.#nodes.has(node.id),
      `expected every id of a workflow to be used once, found "${node.id}" twice: rename one of them`,
    );
    this.#nodes.set(node.id, node);
    this.#links.set(node.id, { incoming: [], outgoing: [], boundary: [] });
    if (node.type === 'boundaryEvent') this.#linksOf(node.attachedTo).boundary.push(node.id);
    for (const exit of entry) this.#connect(exit, node.id);
    return { source: node.id };
  }

  /** The wanted id for a generated node, numbered when it is taken. */
  freeId(wanted: string): string {
    let id = wanted;
    for (let count = 2; this.#nodes.has(id); count += 1) id = `${wanted}-${count}`;
    return id;
  }

  /** The node of this id, as far as it is known. */
  get(id: string): Draft | undefined {
    return this.#nodes.get(id);
  }

  /** Notes what is certainly known where an element stands. */
  noteKnown(id: string | null, known: ReadonlyMap<string, z.ZodType | null>): void {
    if (id !== null) this.#knows.set(id, [...known.keys()]);
    for (const [name, schema] of known) if (schema) this.#schemas.set(name, schema);
  }

  /** What the functions of the finished workflow rely on. */
  contract(): VariableContract {
    const knows = [...this.#knows].filter(([id]) => this.#nodes.has(id));
    return Object.freeze({
      schemas: Object.freeze(Object.fromEntries(this.#schemas)),
      knows: Object.freeze(Object.fromEntries(knows)),
    });
  }

  /** Runs a check when everything has been added. */
  finally(check: () => void): void {
    this.#checks.push(check);
  }

  /** The finished nodes and flows. */
  freeze(): { nodes: Record<string, FlowNode>; flows: Record<string, SequenceFlow> } {
    for (const check of this.#checks) check();
    const nodes = [...this.#nodes.values()].map(
      (draft) => [draft.id, this.#finish(draft)] as const,
    );
    return {
      nodes: Object.freeze(Object.fromEntries(nodes)),
      flows: Object.freeze(Object.fromEntries(this.#flows)),
    };
  }

  #connect(exit: Exit, target: string): void {
    const id = this.#freeFlowId(`${exit.source}->${target}`);
    const { source, condition, isDefault, name } = exit;
    this.#flows.set(
      id,
      Object.freeze({
        id,
        source,
        target,
        ...(condition && { condition }),
        ...(name !== undefined && { name }),
      }),
    );
    this.#linksOf(source).outgoing.push(id);
    this.#linksOf(target).incoming.push(id);
    if (isDefault) this.#linksOf(source).defaultFlow = id;
  }

  #freeFlowId(wanted: string): string {
    let id = wanted;
    for (let count = 2; this.#flows.has(id); count += 1) id = `${wanted}#${count}`;
    return id;
  }

  #linksOf(id: string): Links {
    const links = this.#links.get(id);
    assert(links, `the workflow's compiler connected "${id}" before adding it`);
    return links;
  }

  #finish(draft: Draft): FlowNode {
    const { incoming, outgoing, boundary, defaultFlow } = this.#linksOf(draft.id);
    return Object.freeze({
      ...draft,
      incoming: Object.freeze(incoming),
      outgoing: Object.freeze(outgoing),
      ...(activityTypes.has(draft.type) && { boundary: Object.freeze(boundary) }),
      ...(defaultFlow !== undefined && { defaultFlow }),
    } as FlowNode);
  }
}

const activityTypes: ReadonlySet<FlowNode['type']> = new Set<NodeOf<FlowNode['type']>['type']>([
  'serviceTask',
  'externalTask',
  'receiveTask',
  'userTask',
  'subProcess',
  'callActivity',
]);
