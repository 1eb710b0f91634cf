/**
 * One transition of one instance: a working copy of its state on which elements act, and the list of
 * what follows. Element instances are copied when they are first changed, so the state that a
 * transition began with stays as it was.
 *
 * Arriving tokens are put on an agenda and handled one after the other, never by recursion; scopes
 * that lost their last child are closed when the agenda is empty.
 */
import { assert } from '../../kernel/errors.ts';
import type { ElementContext, Trigger } from '../elements/element.ts';
import { messageWait, timerWait } from '../elements/event-waits.ts';
import { elementOf } from '../elements/index.ts';
import type { Effects, HistoryKind } from '../model/events.ts';
import type { Variables } from '../model/expression.ts';
import { indexOf, type ModelIndex } from '../model/model-index.ts';
import {
  type Activity,
  type ErrorEventDefinition,
  type FlowNode,
  isActivity,
  type ProcessModel,
} from '../model/process-model.ts';
import type {
  Completed,
  ElementInstance,
  InstanceState,
  InstanceStatus,
  Undo,
  Wait,
} from '../model/state.ts';

/** Number of the element instance that is the process itself. */
export const processElement = 1;

/** A drawing that loops without waiting would never end; this many arrivals in one transition do. */
const longestAgenda = 100_000;

interface Arrival {
  readonly n: number;
  readonly node: string;
  readonly scope: number;
  readonly via: string | undefined;
}

/** Errors of expressions and payloads become incidents under this code. */
const expressionFailed = 'EXPRESSION_FAILED';

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
    childrenCancelled: [],
    ended: null,
  };
}

export class Transition implements ElementContext {
  readonly model: ProcessModel;
  readonly at: number;
  readonly effects: Effects = noEffects();
  readonly #index: ModelIndex;
  readonly #elements: Record<number, ElementInstance>;
  readonly #arrivals: Arrival[] = [];
  readonly #emptied = new Set<number>();
  #status: InstanceStatus;
  #next: number;
  #seq: number;

  constructor(model: ProcessModel, state: InstanceState, at: number) {
    this.model = model;
    this.at = at;
    this.#index = indexOf(model);
    this.#elements = { ...state.elements };
    this.#status = state.status;
    this.#next = state.next;
    this.#seq = state.seq;
  }

  /** Handles all arrivals and closes emptied scopes, then gives the new state. */
  settle(): InstanceState {
    let handled = 0;
    while (this.#arrivals.length > 0 || this.#emptied.size > 0) {
      const arrival = this.#arrivals.shift();
      if (arrival) this.#arrive(arrival);
      else this.#closeEmptied();
      handled += 1;
      assert(
        handled < longestAgenda,
        `process "${this.model.key}" passed ${longestAgenda} elements without waiting: it has a loop ` +
          'that never ends; add a wait or a counter to it',
      );
    }
    if (this.#status === 'active') this.#reportDeadlock();
    return {
      status: this.#status,
      next: this.#next,
      seq: this.#seq,
      elements: this.#status === 'active' ? this.#elements : this.#keepProcess(),
    };
  }

  get ended(): boolean {
    return this.#status !== 'active';
  }

  // --- looking ---------------------------------------------------------------------------------

  node(id: string): FlowNode {
    const node = this.model.nodes[id];
    assert(node, `process "${this.model.key}" has no node "${id}"`);
    return node;
  }

  startOf(container: string): string {
    const start = this.#index.startOf.get(container);
    assert(start, `sub-process "${container}" has no start event`);
    return start.id;
  }

  has(n: number): boolean {
    return this.#elements[n] !== undefined;
  }

  element(n: number): ElementInstance {
    const element = this.#elements[n];
    assert(element, `element instance ${n} is gone`);
    return element;
  }

  variables(n: number): Variables {
    return variablesOf(this.#elements, n);
  }

  joining(node: string, scope: number): ElementInstance | undefined {
    return Object.values(this.#elements).find((e) => e.node === node && e.parent === scope);
  }

  // --- changing --------------------------------------------------------------------------------

  patch(n: number, change: Partial<ElementInstance>): void {
    this.#elements[n] = { ...this.element(n), ...change };
  }

  record(kind: HistoryKind, node: string, n: number, data?: unknown): void {
    const entry = { seq: this.#seq, kind, node, n };
    this.effects.history.push(data === undefined ? entry : { ...entry, data });
    this.#seq += 1;
  }

  /** Makes the element instance of the process itself and starts the given start event. */
  begin(start: string, payload: unknown): void {
    const node = this.node(start);
    assert(node.type === 'startEvent', `"${start}" is no start event`);
    const vars = node.result === undefined ? { input: payload } : { [node.result]: payload };
    this.#elements[processElement] = { n: processElement, node: '', parent: 0, vars, live: 0 };
    this.#next = processElement + 1;
    this.record('process.started', '', processElement, payload);
    this.openEventSubProcesses(processElement, null);
    this.enter(start, processElement);
  }

  enter(id: string, scope: number, options: { via?: string; vars?: Variables } = {}): void {
    const node = this.node(id);
    const waiting = elementOf(node.type).joins ? this.joining(id, scope) : undefined;
    const loops =
      isActivity(node) && node.multiInstance !== undefined && this.element(scope).node !== id;
    const n = waiting?.n ?? this.#create(id, scope, loops ? {} : { vars: options.vars });
    this.#arrivals.push({ n, node: id, scope, via: options.via });
  }

  leave(n: number, result?: unknown): void {
    const element = this.element(n);
    const node = this.node(element.node);
    if (isActivity(node)) this.#rememberDone(element, node);
    this.#complete(n, node, result);
  }

  /** Ends an activity that was never done: like `leave`, but there is nothing to undo later. */
  skip(n: number, result: unknown): void {
    this.terminateChildren(n);
    this.#complete(n, this.node(this.element(n).node), result);
  }

  #complete(n: number, node: FlowNode, result: unknown): void {
    const element = this.element(n);
    const parent = this.element(element.parent);
    this.record('element.completed', node.id, n, result);
    if (parent.loop && parent.node === node.id) {
      this.#remove(n);
      this.#runDone(parent.n, node as Activity, Number(element.vars?.loopCounter), result);
      return;
    }
    if ('result' in node && node.result !== undefined && result !== undefined) {
      this.setVariable(element.parent, node.result, result);
    }
    this.#remove(n);
    this.#take(node.outgoing, element.parent);
  }

  leaveBy(n: number, flows: readonly string[]): void {
    const { node, parent } = this.element(n);
    this.record('element.completed', node, n);
    this.#remove(n);
    this.#take(flows, parent);
  }

  consume(n: number): void {
    this.record('element.completed', this.element(n).node, n);
    this.#remove(n);
  }

  terminate(n: number): void {
    const element = this.element(n);
    this.terminateChildren(n);
    const node = this.node(element.node);
    if (!element.loop) elementOf(node.type).terminate?.(this, n, node);
    if (element.job?.phase === 'running') this.effects.jobsCancelled.push(n);
    // Its work may have happened outside, so it is undone as if it had been completed.
    if (element.job && isActivity(node)) this.#rememberDone(element, node);
    else if (element.done && element.done.length > 0) this.#rememberInner(element);
    this.record('element.cancelled', node.id, n);
    this.#remove(n);
  }

  terminateChildren(scope: number, except?: number): void {
    for (const child of Object.values(this.#elements)) {
      if (child.parent === scope && child.n !== except && this.has(child.n))
        this.terminate(child.n);
    }
  }

  wait(n: number, wait: Wait): void {
    const element = this.element(n);
    this.patch(n, { waits: [...(element.waits ?? []), wait] });
    this.effects.waitsAdded.push({ n, wait });
  }

  openEventSubProcesses(scope: number, container: string | null): void {
    for (const start of this.#index.eventStarts.get(container ?? '') ?? []) {
      if (start.event?.type === 'message') {
        this.wait(scope, messageWait(start.id, start.event, this.variables(scope)));
      } else if (start.event?.type === 'timer') {
        this.wait(scope, timerWait(start.id, start.event, this.variables(scope), this.at));
      }
    }
  }

  startJob(n: number, attempt: number, unknown: boolean): void {
    const countsFrom = this.element(n).job?.countsFrom;
    this.patch(n, {
      job: {
        attempt,
        phase: 'running',
        ...(unknown ? { unknown } : {}),
        ...(countsFrom === undefined ? {} : { countsFrom }),
      },
    });
    this.effects.jobs.push({ n, node: this.element(n).node, attempt });
  }

  startChild(n: number, process: string, version: number | null, input: unknown): void {
    this.effects.children.push({ n, process, version, input });
  }

  cancelChild(n: number): void {
    this.effects.childrenCancelled.push(n);
  }

  setVariable(scope: number, name: string, value: unknown): void {
    let n = scope;
    while (this.element(n).vars === undefined) n = this.element(n).parent;
    this.patch(n, { vars: { ...this.element(n).vars, [name]: value } });
  }

  // --- errors and incidents --------------------------------------------------------------------

  throwError(n: number, code: string, message: string, data: unknown): void {
    this.record('error.thrown', this.element(n).node, n, { code, message, data });
    if (this.#catch(n, code, message, data)) return;
    this.openIncident(n, code, message);
  }

  endWithError(n: number, code: string, message: string): void {
    this.record('error.thrown', this.element(n).node, n, { code, message });
    if (this.#catch(n, code, message, null)) return;
    this.terminateChildren(processElement);
    this.#end('failed', null, { code, message });
  }

  openIncident(n: number, code: string, message: string): void {
    const element = this.element(n);
    if (element.incident) this.effects.incidentsClosed.push(n);
    this.patch(n, { incident: { code, message } });
    this.record('incident.opened', element.node, n, { code, message });
    this.effects.incidentsOpened.push({ n, node: element.node, code, message });
  }

  closeIncident(n: number): void {
    this.patch(n, { incident: undefined } as unknown as Partial<ElementInstance>);
    this.effects.incidentsClosed.push(n);
  }

  /** Looks from the element outward for an error event that catches the code. */
  #catch(n: number, code: string, message: string, data: unknown): boolean {
    let at = n;
    while (at !== 0) {
      const element = this.element(at);
      if (at !== n && this.#catchInScope(at, code, message, data)) return true;
      const host = this.#elements[element.parent];
      const isRun = host?.loop !== undefined && host.node === element.node;
      if (element.node !== '' && !isRun && this.#catchAtBoundary(at, code, message, data)) {
        return true;
      }
      at = element.parent;
    }
    return false;
  }

  #catchInScope(scope: number, code: string, message: string, data: unknown): boolean {
    const element = this.element(scope);
    if (element.loop) return false;
    const start = catching(this.#index.eventStarts.get(element.node) ?? [], code);
    if (!start || start.parent === null) return false;
    this.#dropWaits(scope, () => true);
    this.terminateChildren(scope);
    const vars = start.result === undefined ? {} : { [start.result]: { code, message, data } };
    this.enter(start.parent, scope, { via: start.id, vars });
    return true;
  }

  #catchAtBoundary(n: number, code: string, message: string, data: unknown): boolean {
    const element = this.element(n);
    const node = this.node(element.node);
    if (!isActivity(node)) return false;
    const attached = node.boundary
      .map((id) => this.node(id))
      .filter((b) => b.type === 'boundaryEvent');
    const boundary = catching(attached, code);
    if (!boundary) return false;
    if (element.incident) this.closeIncident(n);
    // The job said that it did nothing: there is nothing to undo.
    if (element.job) this.patch(n, { job: undefined } as unknown as Partial<ElementInstance>);
    this.terminate(n);
    if (boundary.result !== undefined) {
      this.setVariable(element.parent, boundary.result, { code, message, data });
    }
    this.enter(boundary.id, element.parent);
    return true;
  }

  // --- triggers, cancellation, compensation ----------------------------------------------------

  /** A wait of `host` that names node `on` was met. False when no such wait is open. */
  trigger(host: number, on: string, trigger: Trigger): boolean {
    const element = this.#elements[host];
    const open = element?.waits?.some(
      (wait) =>
        wait.on === on &&
        wait.kind === trigger.kind &&
        (wait.kind !== 'message' || trigger.kind !== 'message' || wait.message === trigger.message),
    );
    if (!element || !open) return false;
    const node = this.node(on);
    if (trigger.kind === 'message') this.record('message.received', on, host, trigger.payload);
    if (trigger.kind === 'timer') {
      this.record('timer.fired', on, host);
      this.#dropWaits(host, (wait) => wait.kind === 'timer' && wait.on === on);
    }
    if (trigger.kind === 'task') {
      this.record('task.completed', on, host, { by: trigger.by, output: trigger.output });
    }
    this.#guard(host, () => {
      if (element.node !== on && node.type === 'startEvent' && node.interrupting !== false) {
        this.#dropWaits(host, () => true);
      }
      elementOf(node.type).trigger?.(this, host, node, trigger);
    });
    return true;
  }

  /** Ends what runs, undoes what was done, last first, and ends the process as cancelled. */
  cancel(reason: string, by: string): boolean {
    const process = this.element(processElement);
    if (process.cancelling) return false;
    this.record('cancel.requested', '', processElement, { reason, by });
    this.terminateChildren(processElement);
    this.#dropWaits(processElement, () => true);
    this.patch(processElement, { cancelling: { reason, by } });
    this.compensate(processElement, processElement);
    return true;
  }

  compensationScope(n: number): number {
    const container = this.element(this.element(n).parent);
    if (container.node === '') return container.n;
    const node = this.node(container.node);
    return node.type === 'subProcess' && node.triggeredByEvent ? container.parent : container.n;
  }

  compensate(owner: number, scope: number, activity?: string): void {
    const done = this.element(scope).done ?? [];
    const matches = (completed: Completed) => activity === undefined || completed.node === activity;
    const queue = undosOf(this.model, done.filter(matches), {});
    this.patch(scope, { done: done.filter((completed) => !matches(completed)) });
    this.record(
      'compensation.started',
      this.element(owner).node,
      owner,
      queue.map((undo) => undo.handler),
    );
    this.patch(owner, { compensating: { queue } });
    this.#undoNext(owner);
  }

  #undoNext(owner: number): void {
    const [undo, ...queue] = this.element(owner).compensating?.queue ?? [];
    if (undo) {
      this.patch(owner, { compensating: { queue } });
      this.enter(undo.handler, owner, { vars: undo.vars ?? {} });
      return;
    }
    this.patch(owner, { compensating: undefined } as unknown as Partial<ElementInstance>);
    if (owner === processElement) {
      const { reason = '' } = this.element(owner).cancelling ?? {};
      this.#end('cancelled', null, { code: 'CANCELLED', message: reason });
    } else {
      const node = this.node(this.element(owner).node);
      elementOf(node.type).compensated?.(this, owner, node);
    }
  }

  /** Keeps what the undo of a completed activity needs, in the scope that holds it. */
  #rememberDone(element: ElementInstance, node: Activity): void {
    if (element.loop) return;
    if (node.type === 'subProcess') {
      if (element.done && element.done.length > 0) this.#rememberInner(element);
      return;
    }
    if (node.compensation === undefined) return;
    const scope = this.#containerOf(element);
    this.patch(scope.n, {
      done: [
        ...(scope.done ?? []),
        { node: node.id, ...(element.vars ? { vars: element.vars } : {}) },
      ],
    });
  }

  #rememberInner(element: ElementInstance): void {
    const scope = this.#containerOf(element);
    const inner = { node: element.node, vars: element.vars ?? {}, inner: element.done ?? [] };
    this.patch(scope.n, { done: [...(scope.done ?? []), inner] });
  }

  #containerOf(element: ElementInstance): ElementInstance {
    let parent = this.element(element.parent);
    while (parent.loop) parent = this.element(parent.parent);
    return parent;
  }

  // --- loops -----------------------------------------------------------------------------------

  #openLoop(n: number, node: Activity): void {
    const loop = node.multiInstance;
    assert(loop, `activity "${node.id}" has no loop`);
    const items = loop.collection.evaluate(this.variables(n));
    if (!Array.isArray(items)) {
      throw new Error(
        `loop "${node.id}" needs a list, but ${loop.collection.source} is ${typeof items}`,
      );
    }
    this.patch(n, {
      live: 0,
      loop: {
        total: items.length,
        next: 0,
        completed: 0,
        results: [],
        ...(loop.sequential ? { items } : {}),
      },
    });
    if (items.length === 0) this.leave(n, []);
    else if (loop.sequential) this.#startRun(n, node, items[0], 0);
    else items.forEach((item, index) => void this.#startRun(n, node, item, index));
  }

  #startRun(body: number, node: Activity, item: unknown, index: number): void {
    const loop = this.element(body).loop;
    assert(loop && node.multiInstance, `activity "${node.id}" has no open loop`);
    this.patch(body, { loop: { ...loop, next: index + 1 } });
    this.enter(node.id, body, { vars: { [node.multiInstance.item]: item, loopCounter: index } });
  }

  #runDone(body: number, node: Activity, index: number, result: unknown): void {
    const before = this.element(body).loop;
    const settings = node.multiInstance;
    assert(before && settings, `activity "${node.id}" has no open loop`);
    const results = [...before.results];
    results[index] = result ?? null;
    const loop = { ...before, results, completed: before.completed + 1 };
    this.patch(body, { loop });
    const { completed, total } = loop;
    const enough = settings.completionCondition?.evaluate({
      ...flatten(this.variables(body)),
      results,
      completed,
      total,
    });
    if (completed === total || enough === true) {
      this.terminateChildren(body);
      this.leave(body, results);
    } else if (settings.sequential) {
      this.#startRun(body, node, loop.items?.[loop.next], loop.next);
    }
  }

  // --- the agenda ------------------------------------------------------------------------------

  /** Runs the entering of an element again, e.g. when a person retries its incident. */
  reenter(n: number): void {
    const { node, parent } = this.element(n);
    this.#arrivals.push({ n, node, scope: parent, via: undefined });
  }

  #create(node: string, scope: number, fields: { vars?: Variables | undefined }): number {
    const n = this.#next;
    this.#next += 1;
    this.#elements[n] = {
      n,
      node,
      parent: scope,
      ...(fields.vars === undefined ? {} : { vars: fields.vars }),
    };
    this.patch(scope, { live: (this.element(scope).live ?? 0) + 1 });
    return n;
  }

  #arrive(arrival: Arrival): void {
    if (!this.has(arrival.scope)) return;
    const node = this.node(arrival.node);
    const definition = elementOf(node.type);
    if (!this.has(arrival.n)) {
      // A token for a join that has just fired opens the next one; all others were interrupted.
      if (definition.joins) this.enter(arrival.node, arrival.scope, viaOf(arrival));
      return;
    }
    const { n } = arrival;
    const scope = this.element(arrival.scope);
    this.#guard(n, () => {
      if (isActivity(node)) {
        this.record('element.entered', node.id, n);
        const isRun = scope.loop !== undefined && scope.node === node.id;
        if (!isRun) this.#openBoundary(n, node);
        if (node.multiInstance && !isRun) {
          this.#openLoop(n, node);
          return;
        }
      } else if (node.type === 'intermediateCatchEvent' || node.type === 'eventBasedGateway') {
        this.record('element.entered', node.id, n);
      }
      definition.enter(this, n, node, arrival.via);
    });
  }

  #openBoundary(n: number, node: Activity): void {
    for (const id of node.boundary) {
      const boundary = this.node(id);
      if (boundary.type !== 'boundaryEvent') continue;
      if (boundary.event.type === 'message') {
        this.wait(n, messageWait(id, boundary.event, this.variables(n)));
      } else if (boundary.event.type === 'timer') {
        this.wait(n, timerWait(id, boundary.event, this.variables(n), this.at));
      }
    }
  }

  /** What throws while an element acts (an expression, a payload) becomes its incident. */
  #guard(n: number, act: () => void): void {
    try {
      act();
    } catch (error) {
      if (!this.has(n)) throw error;
      this.openIncident(
        n,
        expressionFailed,
        error instanceof Error ? error.message : String(error),
      );
    }
  }

  #take(flows: readonly string[], scope: number): void {
    for (const id of flows) {
      const flow = this.model.flows[id];
      assert(flow, `process "${this.model.key}" has no flow "${id}"`);
      this.enter(flow.target, scope, { via: id });
    }
  }

  #remove(n: number): void {
    const element = this.element(n);
    if (element.waits && element.waits.length > 0) {
      this.effects.waitsRemoved.push({ n, on: null });
    }
    if (element.incident) this.effects.incidentsClosed.push(n);
    delete this.#elements[n];
    const parent = this.#elements[element.parent];
    if (!parent) return;
    this.patch(parent.n, { live: (parent.live ?? 1) - 1 });
    this.#emptied.add(parent.n);
  }

  #dropWaits(n: number, drop: (wait: Wait) => boolean): void {
    const waits = this.element(n).waits ?? [];
    const dropped = new Set(waits.filter(drop).map((wait) => wait.on));
    if (dropped.size === 0) return;
    this.patch(n, { waits: waits.filter((wait) => !dropped.has(wait.on)) });
    for (const on of dropped) this.effects.waitsRemoved.push({ n, on });
  }

  #closeEmptied(): void {
    for (const n of this.#emptied) {
      this.#emptied.delete(n);
      const element = this.#elements[n];
      if (!element || (element.live ?? 0) > 0 || element.loop) continue;
      if (element.compensating) {
        this.#undoNext(n);
      } else if (n === processElement) {
        if (this.#status === 'active') {
          this.#end('completed', this.model.output?.evaluate(this.variables(n)) ?? null, null);
        }
      } else {
        const node = this.node(element.node);
        this.#guard(n, () => elementOf(node.type).childrenDone?.(this, n, node));
      }
    }
  }

  #end(
    status: Exclude<InstanceStatus, 'active'>,
    output: unknown,
    error: { code: string; message: string } | null,
  ): void {
    this.terminateChildren(processElement);
    this.#dropWaits(processElement, () => true);
    this.#status = status;
    this.record(`process.${status}`, '', processElement, error ?? output);
    this.effects.ended = { status, output, error };
    this.#arrivals.length = 0;
    this.#emptied.clear();
  }

  /** A finished instance keeps its variables and nothing else. */
  #keepProcess(): Record<number, ElementInstance> {
    const { n, node, parent, vars } = this.element(processElement);
    return { [processElement]: { n, node, parent, ...(vars ? { vars } : {}) } };
  }

  #reportDeadlock(): void {
    const all = Object.values(this.#elements);
    const movable = all.some(
      (e) =>
        (e.waits?.length ?? 0) > 0 ||
        e.job !== undefined ||
        e.incident !== undefined ||
        (e.node !== '' && !e.loop && this.node(e.node).type === 'callActivity'),
    );
    const stuck = all.find((e) => e.arrived !== undefined) ?? all.at(-1);
    if (movable || !stuck) return;
    this.openIncident(
      stuck.n,
      'DEADLOCK',
      `nothing can move this instance any more: "${stuck.node}" waits for a token that cannot come; ` +
        'skip it with a reason or cancel the instance',
    );
  }
}

/** Variables visible from an element instance: own first, then outward. */
export function variablesOf(
  elements: Readonly<Record<number, ElementInstance>>,
  n: number,
): Variables {
  const chain: Variables[] = [];
  for (let at = elements[n]; at; at = elements[at.parent]) {
    if (at.vars) chain.push(at.vars);
  }
  if (chain.length === 1) return chain[0] as Variables;
  return Object.assign({}, ...chain.reverse());
}

function flatten(variables: Variables): Record<string, unknown> {
  return { ...variables };
}

function viaOf(arrival: Arrival): { via?: string } {
  return arrival.via === undefined ? {} : { via: arrival.via };
}

/** The first event that catches the code, exact codes before catch-alls. */
function catching<Event extends { event: { type: string } | null }>(
  events: readonly Event[],
  code: string,
): Event | undefined {
  const errors = events.filter((event) => event.event?.type === 'error');
  const codeOf = (event: Event) => (event.event as ErrorEventDefinition).code;
  return (
    errors.find((event) => codeOf(event) === code) ??
    errors.find((event) => codeOf(event) === undefined)
  );
}

/** Flattens completed activities into undos, last completed first, inner ones with their variables. */
function undosOf(model: ProcessModel, done: readonly Completed[], vars: Variables): Undo[] {
  const undos: Undo[] = [];
  for (const completed of [...done].reverse()) {
    const visible = { ...vars, ...completed.vars };
    if (completed.inner) {
      undos.push(...undosOf(model, completed.inner, visible));
      continue;
    }
    const node = model.nodes[completed.node];
    if (node && isActivity(node) && node.compensation !== undefined) {
      const keep = Object.keys(visible).length > 0;
      undos.push({ handler: node.compensation, ...(keep ? { vars: visible } : {}) });
    }
  }
  return undos;
}
