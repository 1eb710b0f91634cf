/**
 * One transition of one instance. Arriving tokens are put on an agenda and handled one after the
 * other, never by recursion; scopes that lost their last child are closed when the agenda is empty.
 *
 * What throws while an element acts (an expression, a payload that does not fit) becomes an incident
 * of that element, and all else goes on.
 */
import { assert, Bug } from '../../kernel/errors.ts';
import type { Trigger } from '../elements/element.ts';
import { waitsFor } from '../elements/event-waits.ts';
import { NoFlowTaken } from '../elements/gateways/choose-flows.ts';
import { elementOf } from '../elements/index.ts';
import type { InstanceEvent } from '../model/events.ts';
import type { Variables } from '../model/expression.ts';
import { asJson } from '../model/json.ts';
import { everyMember, namedValues } from '../model/named-values.ts';
import type { FlowNode } from '../model/process-model.ts';
import { type Activity, isActivity } from '../model/process-model.ts';
import type { ElementInstance, InstanceState, InstanceStatus, Resume } from '../model/state.ts';
import {
  compensate,
  giveBack,
  isOwnUndo,
  keepRest,
  rememberCompleted,
  rememberInterrupted,
  undoDone,
  unfinishedUndos,
  withRest,
} from './compensation.ts';
import { lookAtConditions } from './conditions.ts';
import { reportDeadlocks } from './deadlock.ts';
import { flowsBehind, flowsBehindSkipped, isRunOfLoop, resultVariables } from './element-result.ts';
import { type EnterProcessOptions, enterProcess, narrowStart } from './enter-process.ts';
import { catchError, interruptScope } from './errors.ts';
import { catchEscalation } from './escalations.ts';
import { Line } from './line.ts';
import { beginLingering, handUp, lingeringIn } from './lingering.ts';
import { eventsOfRun, type LoopEvent } from './loop-events.ts';
import { goOn, openLoop, runDone, runResult } from './loops.ts';
import { meetWait } from './meet-wait.ts';
import type { EnterOptions, Moves } from './moves.ts';
import { cancelTransaction } from './transactions.ts';
import { CallsTooDeep, processElement, WorkingState } from './working-state.ts';

/** A drawing that loops without waiting would never end; this many arrivals in one transition do. */
const longestAgenda = 100_000;

/** Errors of expressions and payloads become incidents under this code. */
const expressionFailed = 'EXPRESSION_FAILED';

interface Arrival {
  readonly n: number;
  readonly node: string;
  readonly scope: number;
  readonly via: string | undefined;
  /** Entered before, and not finished with it. */
  readonly again?: boolean;
}

/** What an instance is started by. */
type StartEventOf = InstanceEvent & { readonly type: 'start' };

/** The working copy of one transition, with an agenda of arriving tokens. */
export class Transition extends WorkingState implements Moves {
  #arrivals = new Line<Arrival>();
  /** Element instances that were made in this transition and whose token has not arrived yet. */
  readonly #expected = new Set<number>();
  /** Activities that began to linger: what their interruption leads to waits for them. */
  #lingering: number[] = [];
  /** What was thrown to the instance itself: it acts once the thrower has gone on. */
  #following = new Line<() => void>();
  /** Joins that fired in this transition. */
  readonly #fired = new Set<number>();

  /** False when the instance has ended. */
  get isActive(): boolean {
    return this.status === 'active';
  }

  /** Handles all arrivals and closes emptied scopes: nothing moves any more until the next event. */
  proceed(): void {
    let handled = 0;
    while (this.#isUnsettled()) {
      const following = this.#following.shift();
      if (following) {
        following();
        // What it interrupted is waited for by what it led to, and by nothing else.
        this.#lingering = [];
      } else if (this.conditionsDue) this.#lookAtConditions();
      else if (this.#arrivals.length > 0) this.#arrive(this.#arrivals.shift() as Arrival);
      else this.#closeEmptied();
      handled += 1;
      if (handled > longestAgenda) throw this.#endless();
      this.checkWork();
    }
  }

  /** Handles all that still moves, then gives the new state. */
  settle(): InstanceState {
    this.proceed();
    if (this.status !== 'active') return this.stateWith(this.#onlyProcess());
    const numbers = Object.keys(this.elements).map(Number);
    reportDeadlocks(this, numbers);
    return this.stateWith(this.elements);
  }

  #isUnsettled(): boolean {
    if (this.status !== 'active') return false;
    if (!this.index.hasConditions) this.conditionsDue = false;
    const isAtRest = this.#arrivals.length + this.#following.length + this.emptied.size === 0;
    return !isAtRest || this.conditionsDue || this.#lateJoin();
  }

  #lookAtConditions(): void {
    this.conditionsDue = false;
    lookAtConditions(this, this.everyElement());
  }

  #endless(): Bug {
    return new Bug(
      `process "${this.model.key}" passed ${longestAgenda} elements without waiting: it has a loop ` +
        'that never ends; add a wait or a counter to it',
    );
  }

  // --- coming and going ------------------------------------------------------------------------

  /** Makes the element instance of the process itself and starts the given start event. */
  begin(start: string, event: StartEventOf): void {
    const isRead = this.#create(start, event);
    this.enterProcess(start, { ...partOf(event), isRead });
  }

  /** Makes the element instance of the process, which stands before its start event with an incident. */
  beginStopped(start: string, event: StartEventOf, message: string): void {
    this.#create(start, event);
    const resume = { type: 'enter', start, ...partOf(event) } as const;
    this.openIncident(processElement, 'TRANSITION_FAILED', message, resume);
  }

  /** True when the payload is what the start event asks for. */
  #create(start: string, { payload, part, depth }: StartEventOf): boolean {
    const node = this.node(start);
    assert(node.type === 'startEvent', `"${start}" is no start event`);
    const narrowed = narrowStart(this.model, node, payload, part);
    const known = narrowed ? narrowed.payload : payload;
    this.create('', 0, { vars: namedValues(node.result ?? 'input', known) });
    this.patch(processElement, { live: 0, ...(depth === undefined ? {} : { depth }) });
    this.record('process.started', '', processElement, known);
    return narrowed !== null;
  }

  enterProcess(start: string, options: EnterProcessOptions = {}): void {
    enterProcess(this, start, options);
  }

  enter(id: string, scope: number, options: EnterOptions = {}): void {
    const { via, vars, key, gathered, done } = options;
    const after = this.#lingering.filter((n) => this.has(n));
    if (after.length > 0) {
      const held = { after, ...(via === undefined ? {} : { via }) };
      this.create(id, scope, { ...fieldsOf(vars, key), ...(done ? { done } : {}), held });
      return;
    }
    let n = this.#joinable(this.node(id), scope)?.n;
    if (n === undefined) {
      n = this.create(id, scope, {
        ...fieldsOf(vars, key),
        ...(gathered === undefined ? {} : { gathered }),
        ...(done ? { done } : {}),
      });
      this.#expected.add(n);
    }
    this.#arrivals.push({ n, node: id, scope, via });
  }

  openScope(id: string, scope: number): number {
    const node = this.node(id);
    assert(node.type === 'subProcess', `"${id}" is no sub-process`);
    const n = this.create(id, scope, {});
    this.record('element.entered', id, n);
    this.#openBoundary(n, node);
    const own = node.local?.evaluate(this.variables(n));
    this.patch(n, {
      vars: namedValues(everyMember, asJson(own ?? {})),
      live: 0,
      ...(node.adHoc ? { adHoc: { queue: [] } } : {}),
    });
    this.openEventSubProcesses(n, id);
    return n;
  }

  /** The element instance that a token to this node joins, if one waits for it. */
  #joinable(node: FlowNode, scope: number): ElementInstance | undefined {
    if (elementOf(node.type).joins) return this.joining(node.id, scope);
    if (!isActivity(node) || node.startQuantity === undefined) return undefined;
    // The runs of its loop are no tokens that come to it.
    if (this.element(scope).node === node.id) return undefined;
    const isGathering = (e: ElementInstance) => e.arrived !== undefined || this.#expected.has(e.n);
    return this.children(scope).find((e) => e.node === node.id && isGathering(e));
  }

  reenter(n: number): void {
    const { node, parent } = this.element(n);
    this.#arrivals.push({ n, node, scope: parent, via: undefined, again: true });
  }

  leave(n: number, result?: unknown): void {
    this.guard(n, { type: 'leave', result: result ?? null }, () => {
      const node = this.node(this.element(n).node);
      const isRun = isRunOfLoop(this, n);
      const given = isRun ? runResult(this, n, node as Activity, result) : result;
      const events = isRun ? eventsOfRun(this, n, node as Activity, { result, listed: given }) : [];
      const flows = flowsBehind(this, n, node, given);
      if (isActivity(node)) rememberCompleted(this, this.element(n), node);
      this.#complete(n, node, given, { flows, events });
    });
  }

  skip(n: number, result: unknown): void {
    this.terminateChildren(n);
    const node = this.node(this.element(n).node);
    this.#stopWork(this.element(n), node);
    const flows = flowsBehindSkipped(this, n, node, result);
    this.#complete(n, node, result, { flows, events: [] });
  }

  #complete(
    n: number,
    node: FlowNode,
    result: unknown,
    next: { readonly flows: readonly string[]; readonly events: readonly LoopEvent[] },
  ): void {
    const element = this.element(n);
    const isRun = isRunOfLoop(this, n);
    const kept = resultVariables(this, n, node, result);
    this.record('element.completed', node.id, n, result);
    for (const [name, value] of Object.entries(kept)) {
      this.setVariable(element.parent, name, value);
    }
    this.#removeElement(n, node);
    if (isRun) runDone(this, element.parent, element, result, next.events);
    else this.#take(next.flows, element.parent);
  }

  sendOn(n: number, flows: readonly string[]): void {
    const { node, parent } = this.element(n);
    this.record('element.entered', node, n);
    this.#take(flows, parent);
  }

  tokensIn(scope: number): readonly ElementInstance[] {
    // Tokens of an event sub-process never leave it.
    return this.children(scope).filter(({ node: id }) => {
      const node = this.node(id);
      return !(node.type === 'subProcess' && node.triggeredByEvent);
    });
  }

  leaveBy(n: number, flows: readonly string[]): void {
    const { node, parent } = this.element(n);
    this.record('element.completed', node, n);
    this.#removeElement(n, this.node(node));
    this.#take(flows, parent);
  }

  consume(n: number): void {
    this.leaveBy(n, []);
  }

  /** Only joins are met by several tokens: those still on the agenda begin the next join. */
  #removeElement(n: number, node: FlowNode): void {
    if (elementOf(node.type).joins) this.#fired.add(n);
    this.#expected.delete(n);
    this.remove(n);
  }

  terminate(n: number): void {
    const { node: id, lingering, held } = this.element(n);
    // It is interrupted already, and goes when the process that it called has ended.
    if (lingering) return;
    if (beginLingering(this, n)) {
      this.#lingering.push(n);
      this.cancelChild(n);
      return;
    }
    const node = this.node(id);
    const scope = this.element(n).compensating?.scope;
    const begun = unfinishedUndos(this, n);
    this.terminateChildren(n);
    const undos = withRest(this.element(n), begun);
    // A transaction undoes what is its own, and hands what is left of it to the scope around.
    if (scope === n) giveBack(this, n, undos);
    // Read only now: its children may have left something to undo in it.
    const element = this.element(n);
    this.#stopWork(element, node);
    rememberInterrupted(this, element);
    if (isOwnUndo(this, id)) keepRest(this, element);
    if (scope !== undefined && scope !== n) giveBack(this, scope, undos);
    // What no token has reached yet was never entered, so its history says nothing of it.
    if (!held && !this.#expected.delete(n)) this.record('element.cancelled', node.id, n);
    this.remove(n);
  }

  protected override remove(n: number): void {
    const element = this.element(n);
    if ((element.live ?? 0) > 0) handUp(this, element);
    super.remove(n);
  }

  removeLingering(n: number): void {
    this.remove(n);
  }

  waitingFor(n: number): ElementInstance[] {
    return this.everyElement().filter(({ held }) => held?.after.includes(n));
  }

  release(n: number): void {
    const { node, parent, held } = this.element(n);
    const via = held?.via;
    const target = this.node(node);
    const isGathering = isActivity(target) && target.startQuantity !== undefined;
    if (elementOf(target.type).joins || isGathering) {
      this.remove(n);
      this.enter(node, parent, via === undefined ? {} : { via });
      return;
    }
    this.clear(n, 'held');
    this.#expected.add(n);
    this.#arrivals.push({ n, node, scope: parent, via });
  }

  terminateChildren(scope: number, except?: number): void {
    for (const { n } of this.children(scope)) {
      if (n !== except && this.has(n)) this.terminate(n);
    }
  }

  #stopWork(element: ElementInstance, node: FlowNode): void {
    const { n, loop, job, arrived } = element;
    if (!loop && !arrived && !this.#expected.has(n))
      elementOf(node.type).terminate?.(this, n, node);
    if (job?.phase === 'running') this.effects.jobsCancelled.push(n);
  }

  interruptScope(scope: number): void {
    interruptScope(this, scope);
  }

  // --- events ----------------------------------------------------------------------------------

  /** A wait of `host` that names node `on` was met. False when no such wait is open. */
  trigger(host: number, on: string, met: Trigger): boolean {
    return meetWait(this, host, on, met);
  }

  throwMessage(n: number, message: string, payload: unknown): void {
    const { node } = this.element(n);
    this.record('message.thrown', node, n, { message, payload });
    this.effects.messagesThrown.push({ node, message, payload });
  }

  throwSignal(n: number, signal: string, payload: unknown): void {
    const { node } = this.element(n);
    this.record('signal.thrown', node, n, { signal, payload });
    this.effects.signalsThrown.push({ node, signal, payload });
    for (const { n: host, waits = [] } of this.everyElement()) {
      for (const wait of waits) {
        if (wait.kind !== 'signal' || wait.signal !== signal) continue;
        this.#following.push(() => {
          this.trigger(host, wait.on, { kind: 'signal', signal, payload });
        });
      }
    }
  }

  throwEscalation(n: number, code: string, payload: unknown): void {
    const caught = catchEscalation(this, n, code, payload);
    const by = caught?.by ?? null;
    this.record('escalation.thrown', this.element(n).node, n, { code, payload, by });
    if (caught) this.#following.push(caught.act);
    else this.effects.escalations.push({ code, payload });
  }

  afterThrown(act: () => void): void {
    this.#following.push(act);
  }

  openEventSubProcesses(scope: number, container: string | null): void {
    for (const start of this.index.eventStarts.get(container ?? '') ?? [])
      this.listen(scope, start);
  }

  #openBoundary(n: number, node: Activity): void {
    const open = this.element(n).waits ?? [];
    for (const id of node.boundary) {
      if (!open.some((wait) => wait.on === id)) this.listen(n, this.node(id));
    }
  }

  listen(n: number, node: FlowNode): void {
    const event = 'event' in node ? node.event : null;
    for (const wait of waitsFor(node.id, event, this.variables(n), this.at)) this.wait(n, wait);
  }

  throwError(n: number, code: string, message: string, data: unknown, procedure?: string): void {
    this.record('error.thrown', this.element(n).node, n, { code, message, data });
    if (catchError(this, n, { code, message, data })) return;
    const resume = { type: this.element(n).job ? 'job' : 'enter' } as const;
    this.openIncident(n, code, message, resume, procedure);
  }

  endWithError(n: number, code: string, message: string): void {
    this.record('error.thrown', this.element(n).node, n, { code, message });
    if (catchError(this, n, { code, message, data: null })) return;
    if (this.element(processElement).cancelling) this.openIncident(n, code, message);
    else this.end('failed', null, { code, message });
  }

  cancelTransaction(n: number): void {
    cancelTransaction(this, n);
    // Its undos wait for what lingers by themselves.
    this.#lingering = [];
  }

  // --- cancellation, compensation, the end -----------------------------------------------------

  /** Ends what runs, undoes what was done, last first, and ends the process as cancelled. */
  cancel(reason: string, by: string): boolean {
    const process = this.element(processElement);
    if (process.cancelling || process.ending) return false;
    this.record('cancel.requested', '', processElement, { reason, by });
    this.terminateChildren(processElement);
    this.dropWaits(processElement, () => true);
    if (process.incident) this.closeIncident(processElement);
    this.patch(processElement, { cancelling: { reason, by } });
    if (!this.#isLingered()) this.compensate(processElement, processElement);
    return true;
  }

  compensationScope(n: number): number {
    const container = this.element(this.element(n).parent);
    if (container.node === '') return container.n;
    const node = this.node(container.node);
    if (node.type !== 'subProcess' || !node.triggeredByEvent) return container.n;
    return isOwnUndo(this, node.id) ? container.n : container.parent;
  }

  compensate(owner: number, scope: number, activity?: string): void {
    // What is being undone in processes that were called from there came later than all that is left.
    const after = owner === processElement ? [] : lingeringIn(this, scope);
    if (after.length > 0) this.patch(owner, { held: { after } });
    else compensate(this, owner, scope, activity);
  }

  end(
    status: Exclude<InstanceStatus, 'active'>,
    output: unknown,
    error: { readonly code: string; readonly message: string } | null,
  ): void {
    this.terminateChildren(processElement);
    this.dropWaits(processElement, () => true);
    if (this.element(processElement).incident) this.closeIncident(processElement);
    if (this.#isLingered()) {
      this.patch(processElement, { ending: { status, output, error } });
      return;
    }
    this.status = status;
    this.record(`process.${status}`, '', processElement, error ?? output);
    this.effects.ended = { status, output, error };
    this.#arrivals = new Line();
    this.#following = new Line();
    this.emptied.clear();
  }

  /** Whether something that was interrupted in the process has not ended yet. */
  #isLingered(): boolean {
    return (this.element(processElement).live ?? 0) > 0;
  }

  /** A finished instance keeps its variables and nothing else. */
  #onlyProcess(): Record<number, ElementInstance> {
    const { n, node, parent, vars } = this.element(processElement);
    return { [processElement]: { n, node, parent, ...(vars ? { vars } : {}) } };
  }

  // --- the agenda ------------------------------------------------------------------------------

  #arrive(arrival: Arrival): void {
    const { n, node: id, scope, via } = arrival;
    this.#lingering = [];
    if (!this.has(scope)) return;
    if (!this.has(n)) {
      // A token for a join that has just fired opens the next one; all others were interrupted.
      if (this.#fired.has(n)) this.enter(id, scope, via === undefined ? {} : { via });
      return;
    }
    const isFirst = this.#expected.delete(n);
    const node = this.node(id);
    this.guard(n, { type: 'enter' }, () => {
      try {
        if (this.#gather(arrival, node, isFirst)) this.#enterElement(arrival, node);
      } catch (error) {
        // Half of the waits would be worse than none. Boundary events stay as they are.
        if (this.has(n)) this.dropWaits(n, (on) => this.node(on).type !== 'boundaryEvent');
        throw error;
      }
    });
  }

  /** True when the activity may begin: every token that it needs has come. */
  #gather({ n, scope, via = '', again }: Arrival, node: FlowNode, isFirst: boolean): boolean {
    if (!isActivity(node) || node.startQuantity === undefined || isRunOfLoop(this, n)) return true;
    const { arrived } = this.element(n);
    if (again) return arrived === undefined;
    if (!isFirst && !arrived) {
      // It has begun while this token was on its way.
      this.enter(node.id, scope, { via });
      return false;
    }
    const counts = { ...arrived, [via]: (arrived?.[via] ?? 0) + 1 };
    const total = Object.values(counts).reduce((sum, count) => sum + count, 0);
    if (total < node.startQuantity) {
      this.patch(n, { arrived: counts });
      return false;
    }
    if (arrived) this.clear(n, 'arrived');
    if (this.element(n).incident) this.closeIncident(n);
    return true;
  }

  #enterElement({ n, via, again }: Arrival, node: FlowNode): void {
    const isKept = isActivity(node) || isWaitingEvent(node);
    if (isKept && !again) this.record('element.entered', node.id, n);
    if (isActivity(node)) {
      const isRun = isRunOfLoop(this, n);
      if (!isRun) this.#openBoundary(n, node);
      if ((node.multiInstance || node.standardLoop) && !isRun) {
        openLoop(this, n, node);
        return;
      }
    }
    if (isActivity(node) && node.local) {
      const own = namedValues(everyMember, asJson(node.local.evaluate(this.variables(n))));
      this.patch(n, { vars: { ...this.element(n).vars, ...own } });
    }
    elementOf(node.type).enter(this, n, node, via);
  }

  guard(n: number, resume: Resume, act: () => void): void {
    try {
      act();
    } catch (error) {
      if (!this.has(n)) throw error;
      const message = error instanceof Error ? error.message : String(error);
      const { job } = this.element(n);
      // The work is done, and its result kept: a restart must not do it again.
      if (job && resume.type === 'leave') this.patch(n, { job: { ...job, phase: 'stopped' } });
      const isNamed = error instanceof NoFlowTaken || error instanceof CallsTooDeep;
      const code = isNamed ? error.code : expressionFailed;
      this.openIncident(n, code, message, resume);
    }
  }

  /** Has the joins looked at that can tell only when nothing else moves; true when one of them fired. */
  #lateJoin(): boolean {
    if (!this.index.hasLateJoins || this.status !== 'active') return false;
    for (const { n, node: id, arrived, incident } of this.everyElement()) {
      // One that waited in vain may be complete by now; one that failed waits for a person.
      if (!arrived || (incident && incident.code !== 'DEADLOCK')) continue;
      const node = this.node(id);
      let hasFired = false;
      this.guard(n, { type: 'enter' }, () => {
        hasFired = elementOf(node.type).settled?.(this, n, node) === true;
      });
      if (hasFired) return true;
    }
    return false;
  }

  #take(flows: readonly string[], scope: number): void {
    for (const id of flows) {
      const flow = this.model.flows[id];
      assert(flow, `process "${this.model.key}" has no flow "${id}"`);
      this.enter(flow.target, scope, { via: id });
    }
  }

  #closeEmptied(): void {
    for (const n of this.emptied) {
      this.emptied.delete(n);
      const element = this.elements[n];
      if (!element || element.loop) continue;
      // An ad-hoc sub-process is looked at whenever something in it is done.
      if ((element.live ?? 0) > 0 && !element.adHoc) continue;
      this.#lingering = [];
      this.lookAtScope(n);
    }
  }

  lookAtScope(n: number): void {
    const element = this.element(n);
    if (element.compensating) undoDone(this, n);
    else if (element.revoked) this.compensate(n, n);
    else if (element.loop) goOn(this, n);
    else if (element.ending)
      this.end(element.ending.status, element.ending.output, element.ending.error);
    else if (element.cancelling) this.compensate(n, n);
    else this.guard(n, { type: 'scope' }, () => this.#childrenDone(element));
  }

  #childrenDone({ n, node: id }: ElementInstance): void {
    if (n !== processElement) {
      const node = this.node(id);
      elementOf(node.type).childrenDone?.(this, n, node);
    } else if (this.status === 'active' && !this.element(n).incident) {
      this.end('completed', asJson(this.model.output?.evaluate(this.variables(n))), null);
    }
  }
}

function partOf({ part }: StartEventOf) {
  return part === undefined ? {} : { part };
}

function fieldsOf(vars: Variables | undefined, key: number | undefined) {
  return { ...(vars === undefined ? {} : { vars }), ...(key === undefined ? {} : { key }) };
}

function isWaitingEvent(node: FlowNode): boolean {
  return node.type === 'intermediateCatchEvent' || node.type === 'eventBasedGateway';
}
