/**
 * Whether the tokens of a scope can go on together in the new version: each in the scope that it was
 * in, no join waiting for a token that cannot come, nothing run twice because it now lies behind
 * another token instead of beside it.
 */
import type { ElementInstance } from '../model/state.ts';
import type { NodeMapping } from './node-mapping.ts';
import type { Problem } from './problem.ts';
import { Reachability } from './reachability.ts';

type Elements = Readonly<Record<number, ElementInstance>>;

/** What keeps tokens from going on together. `elements` are those of the old version. */
export class FlowFit {
  readonly #mapping: NodeMapping;
  readonly #before: Reachability;
  readonly #after: Reachability;

  constructor(mapping: NodeMapping) {
    this.#mapping = mapping;
    this.#before = new Reachability(mapping.structure);
    const nodes = Object.values(mapping.to.nodes);
    this.#after = new Reachability({ nodes, flows: Object.values(mapping.to.flows) });
  }

  *problems(elements: Elements): Generator<Problem> {
    for (const element of Object.values(elements)) {
      yield* this.#nesting(elements, element);
      if (element.live !== undefined && !element.loop) yield* this.#scope(elements, element);
    }
  }

  *#nesting(elements: Elements, element: ElementInstance): Generator<Problem> {
    const target = this.#mapping.to.nodes[this.#mapping.of(element.node) ?? ''];
    const container = scopeOf(elements, element);
    if (!target || container === null || isUndo(this.#mapping, element)) return;
    const expected = this.#mapping.of(container.node);
    if ((target.parent ?? '') === (expected ?? '')) return;
    const where = (id: string | null) => (id ? `in "${id}"` : 'at the top of the process');
    const message =
      `"${target.id}" lies ${where(target.parent)}, but the instance has it ${where(expected)}; ` +
      'elements cannot be moved into or out of a sub-process while they are at work';
    yield { code: 'ELEMENT_MOVED', element: element.node, message };
  }

  *#scope(elements: Elements, scope: ElementInstance): Generator<Problem> {
    const tokens = Object.values(elements).filter(
      (element) => element.parent === scope.n && this.#isToken(element),
    );
    yield* this.#joins(scope, tokens);
    for (const one of tokens) {
      for (const other of tokens) if (one.n !== other.n) yield* this.#order(one, other);
    }
  }

  /** Handlers and undos never meet the others of their scope. */
  #isToken(element: ElementInstance): boolean {
    const node = this.#mapping.to.nodes[this.#mapping.of(element.node) ?? ''];
    if (!node || isUndo(this.#mapping, element)) return false;
    return !(node.type === 'subProcess' && node.triggeredByEvent);
  }

  *#order(one: ElementInstance, other: ElementInstance): Generator<Problem> {
    const [from, to] = [this.#target(one), this.#target(other)];
    if (from === to || !this.#after.reaches(from, to)) return;
    if (one.node === other.node || this.#before.reaches(one.node, other.node)) return;
    const message = `"${from}" now comes before "${to}", but the instance is at both; the second would run twice`;
    yield { code: 'ORDER_CHANGED', element: one.node, message };
  }

  *#joins(scope: ElementInstance, tokens: readonly ElementInstance[]): Generator<Problem> {
    const container = this.#mapping.of(scope.node) || null;
    for (const join of Object.values(this.#mapping.to.nodes)) {
      if (join.type !== 'parallelGateway' || join.incoming.length < 2) continue;
      if (join.parent !== container) continue;
      const at = tokens.find((token) => this.#target(token) === join.id);
      const isAhead = tokens.some((token) => this.#after.reaches(this.#target(token), join.id));
      if (!at && !isAhead) continue;
      const lacking = join.incoming.filter((flow) => !this.#comesBy(flow, tokens, at));
      if (lacking.length === 0 || this.#lackedBefore(join.id, tokens)) continue;
      const message =
        `join "${join.id}" would wait for a token by ${lacking.join(', ')} that cannot come: the ` +
        'instance has passed where it would have begun';
      yield { code: 'JOIN_CHANGED', element: at?.node ?? tokens[0]?.node ?? '', message };
    }
  }

  #comesBy(
    flow: string,
    tokens: readonly ElementInstance[],
    at: ElementInstance | undefined,
  ): boolean {
    const arrived = Object.keys(at?.arrived ?? {}).some((old) => this.#mapping.flow(old) === flow);
    const source = this.#mapping.to.flows[flow]?.source ?? '';
    return (
      arrived ||
      tokens.some((token) => {
        const node = this.#target(token);
        return token !== at && (node === source || this.#after.reaches(node, source));
      })
    );
  }

  /** A join that could not fire before is not made worse by the new version. */
  #lackedBefore(join: string, tokens: readonly ElementInstance[]): boolean {
    return this.#mapping.before(join).some(({ id }) => {
      const at = tokens.find((token) => token.node === id);
      const incoming = this.#mapping.structure.flows.filter(({ target }) => target === id);
      return incoming.some(
        (flow) =>
          at?.arrived?.[flow.id] === undefined &&
          !tokens.some(
            (token) =>
              token !== at &&
              (token.node === flow.source || this.#before.reaches(token.node, flow.source)),
          ),
      );
    });
  }

  #target(element: ElementInstance): string {
    return this.#mapping.of(element.node) ?? '';
  }
}

/** The scope that a node lies in as the model has it; null for the process itself. */
function scopeOf(elements: Elements, element: ElementInstance): ElementInstance | null {
  let parent = elements[element.parent];
  // Runs of a loop are children of the loop, which lies where the activity lies.
  while (parent?.loop) parent = elements[parent.parent];
  return parent ?? null;
}

/** True for an undo under way: it runs in whatever asked for it. */
export function isUndo(mapping: NodeMapping, { node }: ElementInstance): boolean {
  return mapping.structure.nodes.some(({ compensation }) => compensation === node);
}
