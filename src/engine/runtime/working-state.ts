/**
 * The working copy of an instance's state within one transition, and the list of what follows from
 * the transition. Element instances are copied when they are first changed, so the state that the
 * transition began with stays as it was. Here are the changes that know nothing of BPMN.
 */
import { assert, Bug } from '../../kernel/errors.ts';
import type { Effects, HistoryKind, LaterEvent } from '../model/events.ts';
import type { Variables } from '../model/expression.ts';
import { storableText } from '../model/json.ts';
import { indexOf, type ModelIndex } from '../model/model-index.ts';
import { everyMember, namedValues } from '../model/named-values.ts';
import type { FlowNode, ProcessModel } from '../model/process-model.ts';
import type {
  ElementInstance,
  InstanceState,
  InstanceStatus,
  Resume,
  Wait,
} from '../model/state.ts';
import { waiterOf } from '../model/wait-number.ts';
import { variablesOf } from './variables.ts';

/** Number of the element instance that is the process itself. */
export const processElement = 1;

/**
 * Element instances that one transition may look at, over and over, in search of some of them: about half a second.
 * What is in proportion to an instance stays far below; a storm of signals among thousands of waits does not.
 */
const mostLookedAt = 20_000_000;
/** What making an element instance takes, compared with looking at one: 200,000 may come in one transition. */
const workOfOne = 100;
/** Processes that call each other, one inside of the other; deeper is one that calls itself without an end. */
const deepestCalls = 100;

/** A call whose process would lie too deep among those that call each other. */
export class CallsTooDeep extends Error {
  readonly code = 'CALLS_TOO_DEEP';
}

/** Nothing follows. */
export function noEffects(): Effects {
  return {
    history: [],
    waitsAdded: [],
    waitsRemoved: [],
    jobs: [],
    jobsCancelled: [],
    incidentsOpened: [],
    incidentsClosed: [],
    children: [],
    messagesThrown: [],
    signalsThrown: [],
    escalations: [],
    updates: [],
    childrenCancelled: [],
    ended: null,
  };
}

/** The working copy of a state, and what follows from its changes. */
export class WorkingState {
  readonly model: ProcessModel;
  readonly at: number;
  readonly index: ModelIndex;
  readonly effects: Effects = noEffects();
  protected readonly elements: Record<number, ElementInstance>;
  /** Scopes that lost a child in this transition. */
  protected readonly emptied = new Set<number>();
  protected status: InstanceStatus;
  /** Conditions that are waited for have to be read, since variables or waits have changed. */
  protected conditionsDue = true;
  /** Lists that this transition made: nobody else holds them, so that they may be written to until it is over. */
  #ownLists: Set<readonly unknown[]> | undefined;
  /** Numbers of the children of each scope; made when it is first asked for. */
  #children: Map<number, Set<number>> | undefined;
  #next: number;
  #seq: number;
  #lookedAt = 0;

  constructor(model: ProcessModel, state: InstanceState, at: number) {
    this.model = model;
    this.at = at;
    this.index = indexOf(model);
    this.elements = { ...state.elements };
    this.status = state.status;
    this.#next = state.next;
    this.#seq = state.seq;
  }

  /** The state as it is now, with these elements. */
  protected stateWith(elements: Record<number, ElementInstance>): InstanceState {
    return { status: this.status, next: this.#next, seq: this.#seq, elements };
  }

  /** The state as it is at this point of the transition. */
  get current(): InstanceState {
    return this.stateWith({ ...this.elements });
  }

  node(id: string): FlowNode {
    const node = this.model.nodes[id];
    assert(node, `process "${this.model.key}" has no node "${id}"`);
    return node;
  }

  startOf(container: string): string {
    const start = this.index.startOf.get(container);
    assert(start, `sub-process "${container}" has no start event`);
    return start.id;
  }

  has(n: number): boolean {
    return this.elements[n] !== undefined;
  }

  element(n: number): ElementInstance {
    const element = this.elements[n];
    assert(element, `element instance ${n} is gone`);
    return element;
  }

  /** The element instance that waits for a message now, where the given one began to. */
  waitingSince(n: number, on: string): number {
    if (this.has(n)) return n;
    return waiterOf(this.everyElement(), n, on)?.n ?? n;
  }

  children(scope: number): ElementInstance[] {
    this.#children ??= this.#childrenByScope();
    const numbers = [...(this.#children.get(scope) ?? [])];
    this.spend(numbers.length);
    return numbers.map((n) => this.element(n));
  }

  #childrenByScope(): Map<number, Set<number>> {
    const scopes = new Map<number, Set<number>>();
    for (const { n, parent } of this.everyElement()) addChild(scopes, parent, n);
    return scopes;
  }

  /** All of them, in the order in which they came. It is counted: see `checkWork`. */
  protected everyElement(): ElementInstance[] {
    const all = Object.values(this.elements);
    this.spend(all.length);
    return all;
  }

  /** Counts work that grows with the instance, in element instances looked at. */
  spend(work: number): void {
    this.#lookedAt += work;
  }

  /** Throws once the transition has taken more work than any sound one does. */
  protected checkWork(): void {
    if (this.#lookedAt <= mostLookedAt) return;
    throw new Bug(
      `process "${this.model.key}" takes too long for one transition: its ${Object.keys(this.elements).length} ` +
        'running elements react on each other again and again; add waits between them, or divide the work among ' +
        'processes that it calls',
    );
  }

  variables(n: number): Variables {
    return variablesOf(this.elements, n);
  }

  joining(node: string, scope: number): ElementInstance | undefined {
    return this.children(scope).find((e) => e.node === node && e.held === undefined);
  }

  patch(n: number, change: Partial<ElementInstance>): void {
    const before = this.element(n);
    this.elements[n] = { ...before, ...change };
    if (change.parent === undefined || !this.#children) return;
    this.#children.get(before.parent)?.delete(n);
    addChild(this.#children, change.parent, n);
  }

  /**
   * The list with another value at an index. A transition copies a list of the state once, however many of its
   * items it sets: thousands of runs of a loop may end in one transition.
   */
  withItem(list: readonly unknown[], index: number, value: unknown): readonly unknown[] {
    if (this.#ownLists?.has(list)) {
      (list as unknown[])[index] = value;
      return list;
    }
    this.spend(list.length / 10);
    const own = list.with(index, value);
    this.#ownLists ??= new Set();
    this.#ownLists.add(own);
    return own;
  }

  /** Takes a field away, so that the state equals the one that JSON gives back. */
  clear(
    n: number,
    field: 'compensating' | 'incident' | 'called' | 'held' | 'arrived' | 'gathered' | 'loop',
  ): void {
    const { [field]: _, ...rest } = this.element(n);
    this.elements[n] = rest;
  }

  setVariable(scope: number, name: string, value: unknown): void {
    if (name === everyMember) {
      const given = Object.entries(namedValues(name, value));
      for (const [member, own] of given) this.setVariable(scope, member, own);
      return;
    }
    const n = this.#holderOf(scope, name);
    this.patch(n, { vars: { ...this.element(n).vars, [name]: value } });
    this.conditionsDue = true;
  }

  #holderOf(scope: number, name: string): number {
    let n = scope;
    if (this.model.variables === 'process' || this.model.data?.includes(name)) {
      while (n !== processElement && !Object.hasOwn(this.element(n).vars ?? {}, name)) {
        n = this.element(n).parent;
      }
      return n;
    }
    while (this.element(n).vars === undefined) n = this.element(n).parent;
    return n;
  }

  /** Variables of one scope as a person wants them; false when that scope is not there. */
  setByHand(event: LaterEvent & { type: 'variables-set' }): boolean {
    const { n = processElement, variables, removed, by } = event;
    const scope = this.elements[n];
    if (scope?.vars === undefined) return false;
    const kept = Object.entries({ ...scope.vars, ...variables });
    this.patch(n, { vars: Object.fromEntries(kept.filter(([name]) => !removed.includes(name))) });
    this.record('variables.set', scope.node, n, { by, variables, removed });
    return true;
  }

  record(kind: HistoryKind, node: string, n: number, data?: unknown): void {
    const entry = { seq: this.#seq, kind, node, n };
    this.effects.history.push(data === undefined ? entry : { ...entry, data });
    this.#seq += 1;
  }

  protected create(
    node: string,
    parent: number,
    fields: Pick<ElementInstance, 'vars' | 'key' | 'held' | 'gathered' | 'done'>,
  ): number {
    const n = this.#next;
    this.#next += 1;
    this.elements[n] = { n, node, parent, ...fields };
    this.spend(workOfOne);
    if (this.#children) addChild(this.#children, parent, n);
    const scope = this.elements[parent];
    if (scope) this.patch(parent, { live: (scope.live ?? 0) + 1 });
    return n;
  }

  protected remove(n: number): void {
    const element = this.element(n);
    if (element.waits && element.waits.length > 0) {
      this.effects.waitsRemoved.push({ n, on: null });
    }
    if (element.incident) this.effects.incidentsClosed.push(n);
    delete this.elements[n];
    this.#children?.get(element.parent)?.delete(n);
    const parent = this.elements[element.parent];
    if (!parent) return;
    this.patch(parent.n, { live: (parent.live ?? 1) - 1 });
    this.emptied.add(parent.n);
  }

  wait(n: number, wait: Wait): void {
    const element = this.element(n);
    this.patch(n, { waits: [...(element.waits ?? []), wait] });
    if (wait.kind === 'condition') this.conditionsDue = true;
    this.effects.waitsAdded.push({ n, wait });
  }

  /** Closes the waits of an element instance that name one of these nodes. */
  dropWaits(n: number, isDropped: (on: string) => boolean): void {
    const waits = this.element(n).waits ?? [];
    const dropped = new Set(waits.map((wait) => wait.on).filter(isDropped));
    if (dropped.size === 0) return;
    this.patch(n, { waits: waits.filter((wait) => !dropped.has(wait.on)) });
    for (const on of dropped) this.effects.waitsRemoved.push({ n, on });
  }

  /** Closes one wait. Rows of a node go together, so those of its other waits are written anew. */
  dropWait(n: number, dropped: Wait): void {
    const rest = (this.element(n).waits ?? []).filter((wait) => wait !== dropped);
    const waits = rest.map((wait) => (wait.on === dropped.on ? { ...wait } : wait));
    this.patch(n, { waits });
    this.effects.waitsRemoved.push({ n, on: dropped.on });
    for (const wait of waits) {
      if (wait.on === dropped.on) this.effects.waitsAdded.push({ n, wait });
    }
  }

  openIncident(
    n: number,
    code: string,
    text: string,
    resume: Resume = { type: 'enter' },
    procedure?: string,
  ): void {
    const element = this.element(n);
    const message = storableText(text);
    this.record('incident.opened', element.node, n, { code, message });
    // An event beside the element must not hide what the element itself needs.
    if (element.incident && resume.type === 'dismiss') return;
    if (element.incident) this.effects.incidentsClosed.push(n);
    const of = procedure === undefined ? {} : { procedure };
    this.patch(n, { incident: { code, message, ...of, resume } });
    this.effects.incidentsOpened.push({ n, node: element.node, code, message, ...of });
  }

  closeIncident(n: number): void {
    this.clear(n, 'incident');
    this.effects.incidentsClosed.push(n);
  }

  startJob(n: number, attempt: number, unknown: boolean): void {
    const { countsFrom, failed } = this.element(n).job ?? {};
    this.patch(n, {
      job: {
        attempt,
        phase: 'running',
        ...(unknown ? { unknown } : {}),
        ...(countsFrom === undefined ? {} : { countsFrom }),
        ...(failed === undefined ? {} : { failed }),
      },
    });
    this.effects.jobs.push({ n, node: this.element(n).node, attempt });
  }

  startChild(n: number, process: string, version: number | null, input: unknown): void {
    const depth = (this.element(processElement).depth ?? 0) + 1;
    if (depth > deepestCalls) {
      throw new CallsTooDeep(
        `process "${process}" would be the ${depth}th of processes that call each other, and ${deepestCalls} may be ` +
          'open inside of each other; give the calls an end',
      );
    }
    this.patch(n, { called: true });
    this.effects.children.push({ n, process, version, input, depth });
  }

  cancelChild(n: number): void {
    this.effects.childrenCancelled.push(n);
  }
}

function addChild(scopes: Map<number, Set<number>>, parent: number, n: number): void {
  const siblings = scopes.get(parent);
  if (siblings) siblings.add(n);
  else scopes.set(parent, new Set([n]));
}
