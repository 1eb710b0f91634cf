/**
 * The rules of the standard that are about how elements hang together, checked on the drawing itself, so
 * that they are told also of elements that this engine does not run.
 */
import type { ModdleElement } from 'bpmn-moddle';
import { checkActivation, checkChoice, checkDirection, checkTargets } from './check-gateways.ts';
import { definitionsOf, eventTrigger } from './events/event-positions.ts';
import { elementOf, elementsOf, idOf, kindOf } from './moddle-values.ts';
import {
  isActivityKind,
  isContainer,
  isEventSubProcess,
  type Placed,
  type PlacedFlow,
} from './place-elements.ts';
import type { Report } from './report.ts';

/** The nodes and flows of one process. */
export interface Drawn {
  readonly nodes: ReadonlyMap<string, Placed>;
  readonly flows: readonly PlacedFlow[];
  /** Id of the activity that undoes another one, by that one's id. */
  readonly undoes: ReadonlyMap<string, string>;
}

/** Notes everything that is wrong with how a process hangs together. */
export function checkGraph(drawn: Drawn, process: ModdleElement, report: Report): void {
  const outgoing = Map.groupBy(drawn.flows, ({ source }) => source);
  const incoming = Map.groupBy(drawn.flows, ({ target }) => target);
  const check = new GraphCheck(drawn, report, outgoing, incoming);
  check.containers(process);
  for (const node of drawn.nodes.values()) check.node(node);
  for (const flow of drawn.flows) check.flow(flow);
  check.reach();
}

class GraphCheck {
  readonly #drawn: Drawn;
  readonly #report: Report;
  readonly #outgoing: ReadonlyMap<string, readonly PlacedFlow[]>;
  readonly #incoming: ReadonlyMap<string, readonly PlacedFlow[]>;
  readonly #handlers: ReadonlySet<string>;
  /** Boundary events by what they are attached to. */
  readonly #attached: ReadonlyMap<string, readonly Placed[]>;
  readonly #inside: ReadonlyMap<string | null, readonly Placed[]>;

  constructor(
    drawn: Drawn,
    report: Report,
    outgoing: ReadonlyMap<string, readonly PlacedFlow[]>,
    incoming: ReadonlyMap<string, readonly PlacedFlow[]>,
  ) {
    this.#drawn = drawn;
    this.#report = report;
    this.#outgoing = outgoing;
    this.#incoming = incoming;
    this.#handlers = new Set(drawn.undoes.values());
    const nodes = [...drawn.nodes.values()];
    this.#attached = Map.groupBy(nodes, ({ element }) => {
      const host = element.attachedToRef as ModdleElement | undefined;
      return host ? idOf(host) : '';
    });
    this.#inside = Map.groupBy(nodes, ({ parent }) => parent);
  }

  containers(process: ModdleElement): void {
    this.#container(process, null);
    for (const { element, kind, id } of this.#drawn.nodes.values()) {
      if (isContainer(kind)) this.#container(element, id);
    }
  }

  #container(element: ModdleElement, id: string | null): void {
    const inside = this.#inside.get(id) ?? [];
    if (kindOf(element) === 'adHocSubProcess') {
      this.#adHoc(element, inside);
      return;
    }
    const starts = inside.filter(({ kind }) => kind === 'startEvent');
    const { add } = bound(this.#report);
    if (starts.length === 0) {
      add('start-missing', element, 'expected a start event, found none', 'draw one');
    }
    const plain = starts.filter((start) => eventTrigger(start.element) === 'none');
    if (id === null ? plain.length > 1 : starts.length > 1) {
      const found = starts.map((start) => start.id).join(', ');
      add(
        'start-several',
        element,
        `expected one start event${id === null ? ' at most that waits for nothing' : ''}, found ${found}`,
        'draw one, and a gateway behind it',
      );
    }
    if (!inside.some(({ kind }) => kind === 'endEvent')) {
      add('end-missing', element, 'expected an end event, found none', 'draw one');
    }
  }

  #adHoc(element: ModdleElement, inside: readonly Placed[]): void {
    const { add } = bound(this.#report);
    const odd = inside.find(({ kind }) => kind === 'startEvent' || kind === 'endEvent');
    if (odd || !inside.some((node) => this.#isStartable(node))) {
      add(
        'adhoc-content',
        odd?.element ?? element,
        `expected an ad-hoc sub-process with an activity that no flow leads to, and no start or end events, found ${odd ? `"${odd.id}"` : 'no such activity'}`,
        odd ? 'take it out' : 'draw one, or an ordinary sub-process',
      );
    }
    const extension = elementOf(element, 'extensionElements');
    const values = extension ? elementsOf(extension, 'values') : [];
    const says = values.some(
      (value) => kindOf(value) === 'task' && (value.activate ?? value.handler) !== undefined,
    );
    if (element.completionCondition !== undefined || says) return;
    add(
      'adhoc-completion',
      element,
      'expected an ad-hoc sub-process to say when it is done, or which activities begin with it, found neither',
      'add a completionCondition, or <orderloom:task activate="= [...]"/>',
    );
  }

  #isAdHoc(parent: string | null): boolean {
    return parent !== null && this.#drawn.nodes.get(parent)?.kind === 'adHocSubProcess';
  }

  /** In an ad-hoc sub-process whatever no flow leads to may be started. */
  #isStartable(node: Placed): boolean {
    if (!this.#isAdHoc(node.parent) || !isActivityKind(node.kind) || isEventSubProcess(node))
      return false;
    return !this.#incoming.has(node.id) && node.element.isForCompensation !== true;
  }

  node(node: Placed): void {
    const { add } = bound(this.#report);
    const { element, id, kind } = node;
    const out = this.#outgoing.get(id) ?? [];
    const into = this.#incoming.get(id) ?? [];
    if (kind === 'endEvent' && out.length > 0) {
      add(
        'end-left',
        element,
        `expected no flow from an end event, found "${out[0]?.id}"`,
        'take it out, or draw an intermediate event',
      );
    }
    if ((kind === 'startEvent' || kind === 'boundaryEvent') && into.length > 0) {
      add(
        'start-entered',
        element,
        `expected no flow to a ${kind}, found "${into[0]?.id}"`,
        'lead it to what comes behind',
      );
    }
    if (isEventSubProcess(node)) {
      const attached = this.#attachedTo(id);
      if (out.length + into.length + attached.length > 0) {
        add(
          'event-subprocess-flow',
          element,
          `expected an event sub-process to stand alone, found ${out[0]?.id ?? into[0]?.id ?? attached[0]?.id}`,
          'take away what is connected to it, or make it an embedded one',
        );
      }
      return;
    }
    const isUndo = element.isForCompensation === true;
    if (isUndo || this.#handlers.has(id)) this.#undo(node, isUndo, out.length + into.length);
    const mayEnd =
      kind === 'endEvent' ||
      isUndo ||
      this.#isAdHoc(node.parent) ||
      (kind === 'boundaryEvent' && eventTrigger(element) === 'compensate');
    if (!mayEnd && out.length === 0) {
      add(
        'dead-end',
        element,
        'expected a flow to go on from it, found none',
        'draw one, to an end event if it is the last',
      );
    }
    if (kind === 'boundaryEvent') this.#boundary(element);
    if (isCancelEvent(node)) this.#cancel(node);
    checkChoice(node, out, this.#report);
    if (kind.endsWith('Gateway')) checkDirection(element, into.length, out.length, this.#report);
    if (kind === 'complexGateway') checkActivation(element, into.length, this.#report);
    if (kind === 'eventBasedGateway') {
      const isAlone = (target: Placed) =>
        (this.#incoming.get(target.id) ?? []).length <= 1 &&
        this.#attachedTo(target.id).length === 0;
      const targets = out.map((flow) => this.#drawn.nodes.get(flow.target));
      checkTargets(element, targets, isAlone, this.#report);
    }
  }

  #attachedTo(id: string): readonly Placed[] {
    return (id === '' ? undefined : this.#attached.get(id)) ?? [];
  }

  #undo({ element, id }: Placed, isUndo: boolean, flows: number): void {
    const { add } = bound(this.#report);
    if (flows > 0) {
      add(
        'compensation-flow',
        element,
        'expected no flow to or from what compensates, found some',
        'take them away',
      );
    }
    if (isUndo !== (this.#handlers.has(id) && element.triggeredByEvent !== true)) {
      add(
        'compensation-handler',
        element,
        isUndo
          ? 'expected a compensation event that is associated with it, found none'
          : 'expected an activity that is for compensation, found one that is not',
        isUndo
          ? 'draw an association from a compensation boundary event to it'
          : 'set isForCompensation="true"',
      );
    }
  }

  #boundary(element: ModdleElement): void {
    const { add } = bound(this.#report);
    const host = element.attachedToRef as ModdleElement | undefined;
    const placed = host && this.#drawn.nodes.get(idOf(host));
    const isBeside = placed?.parent === this.#drawn.nodes.get(idOf(element))?.parent;
    if (!placed || !isActivityKind(placed.kind) || !isBeside) {
      const found = placed && isActivityKind(placed.kind) ? 'one in another sub-process' : null;
      add(
        'boundary-detached',
        element,
        `expected it to be attached to an activity beside it, found ${found ?? (placed ? `a ${placed.kind}` : 'nothing')}`,
        'attach it to an activity',
      );
    }
    if (eventTrigger(element) === 'error' && element.cancelActivity === false) {
      add(
        'event-unsupported',
        element,
        'expected an error event to interrupt its activity, found cancelActivity="false"',
        'make it interrupting',
      );
    }
  }

  /** Both halves of a cancellation are there, and one transaction is meant. */
  #cancel({ element, kind, parent }: Placed): void {
    const found = kind === 'endEvent' ? this.#oddCancelEnd(parent) : this.#oddCancelEdge(element);
    if (found === null || !['endEvent', 'boundaryEvent'].includes(kind)) return;
    this.#report.add(
      'transaction-cancel',
      element,
      `expected a cancel end event inside of a transaction and one cancel event at its edge, found ${found}`,
      'draw both halves at one transaction',
    );
  }

  #oddCancelEnd(parent: string | null): string | null {
    const around = this.#transactionAround(parent);
    if (around === null) return 'it in no transaction';
    const edges = this.#attachedTo(around).filter(isCancelEvent).length;
    return edges === 1 ? null : `"${around}" with ${edges} at its edge`;
  }

  #oddCancelEdge(element: ModdleElement): string | null {
    const host = element.attachedToRef as ModdleElement | undefined;
    if (!host || kindOf(host) !== 'transaction') return `it at ${host ? kindOf(host) : 'nothing'}`;
    if (element.cancelActivity === false) return 'one with cancelActivity="false"';
    const ends = [...this.#drawn.nodes.values()].filter(
      (node) =>
        node.kind === 'endEvent' &&
        isCancelEvent(node) &&
        this.#transactionAround(node.parent) === idOf(host),
    );
    return ends.length > 0 ? null : `no cancel end event in "${idOf(host)}"`;
  }

  #transactionAround(id: string | null): string | null {
    for (let at = id; at !== null; ) {
      const placed = this.#drawn.nodes.get(at);
      if (placed?.kind === 'transaction') return at;
      at = placed?.parent ?? null;
    }
    return null;
  }

  flow({ element, id, source, target }: PlacedFlow): void {
    const { add } = bound(this.#report);
    const from = this.#drawn.nodes.get(source);
    const to = this.#drawn.nodes.get(target);
    if (!from || !to || from.parent !== to.parent) {
      add(
        'flow-crosses',
        element,
        `expected both ends of "${id}" in the same process or sub-process, found "${source}" and "${target}"`,
        'end the sub-process, and draw the flow from its edge',
      );
    }
    if (element.conditionExpression === undefined || !from) return;
    if (/^(exclusive|inclusive|complex)Gateway$/.test(from.kind) || isActivityKind(from.kind))
      return;
    add(
      'condition-misplaced',
      element,
      `expected a condition behind an activity or a gateway that chooses only, found one behind ${from.kind} "${source}"`,
      'draw an exclusive gateway before it',
    );
  }

  /** Every element is reached from a start. */
  reach(): void {
    const { nodes } = this.#drawn;
    const reached = new Set<string>();
    const add = (id: string) => void reached.add(id);
    for (const node of nodes.values()) {
      if (node.kind === 'startEvent' && node.parent === null) add(node.id);
      if (isEventSubProcess(node)) add(node.id);
    }
    for (const id of reached) {
      for (const { target } of this.#outgoing.get(id) ?? []) add(target);
      for (const attached of this.#attachedTo(id)) add(attached.id);
      const undo = this.#drawn.undoes.get(id);
      if (undo) add(undo);
      for (const node of this.#inside.get(id) ?? []) {
        if (node.kind === 'startEvent' || this.#isStartable(node)) add(node.id);
      }
    }
    for (const node of nodes.values()) {
      if (reached.has(node.id) || node.element.isForCompensation === true) continue;
      const around = node.parent === null || reached.has(node.parent);
      if (!around || node.kind === 'startEvent') continue;
      this.#report.add(
        'unreachable',
        node.element,
        'expected a way from a start to it, found none',
        'draw a flow to it, or take it out',
      );
    }
  }
}

function isCancelEvent({ element }: Placed): boolean {
  return definitionsOf(element).some((one) => kindOf(one) === 'cancelEventDefinition');
}

function bound(report: Report): { readonly add: Report['add'] } {
  return { add: report.add.bind(report) };
}
