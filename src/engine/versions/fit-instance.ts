/**
 * Carries the state of one instance over to another version of its process: elements under their new
 * ids, variables transformed and checked, waits as the new version has them. Pure, so that it can be
 * tried on every open instance before anything is moved. Nothing is guessed: what does not fit is a
 * problem, and an instance with a problem stays as it is.
 */
import { isDeepStrictEqual } from 'node:util';
import { isStartable } from '../model/ad-hoc.ts';
import type { Effects, LaterEvent } from '../model/events.ts';
import type { Variables } from '../model/expression.ts';
import { asJson } from '../model/json.ts';
import { indexOf } from '../model/model-index.ts';
import type { MigrationPlan, ProcessModel } from '../model/process-model.ts';
import type { ElementInstance, Incident, InstanceState, Wait } from '../model/state.ts';
import { kindOfSubProcess, type Structure } from '../model/structure.ts';
import { isSameWait } from '../model/wait-number.ts';
import { variablesOf } from '../runtime/variables.ts';
import { noEffects, processElement } from '../runtime/working-state.ts';
import { contractProblems } from './contract.ts';
import { FlowFit } from './fit-flow.ts';
import { fitCompensating, fitCompleted } from './fit-undos.ts';
import { isTimer, waitsOf } from './fit-waits.ts';
import { NodeMapping } from './node-mapping.ts';
import type { Problem } from './problem.ts';

/** What a migration changes of one instance. */
export interface FitChanges {
  /** Ids of elements at work or waiting that have another id now. */
  readonly renamed: Readonly<Record<string, string>>;
  /** Ids (of the new version) of what is now waited for, and (of the old) of what no longer is. */
  readonly waitsOpened: readonly string[];
  readonly waitsClosed: readonly string[];
  /** Variables of the process with another value, and those taken away. */
  readonly variables: readonly string[];
}

/** An instance as the new version would have it; with problems it must not be used. */
export interface Fitted {
  readonly state: InstanceState;
  readonly effects: Effects;
  /** Ids of all elements that have another id in the new version, with it; also of those that are done. */
  readonly renamed: Readonly<Record<string, string>>;
  readonly changes: FitChanges;
  readonly problems: readonly Problem[];
}

/** Two versions of a process and the plan between them, looked at once for many instances. */
export class Fitting {
  readonly mapping: NodeMapping;
  readonly plan: MigrationPlan;
  /** What is wrong with the plan, whatever the instances. */
  readonly problems: readonly Problem[];
  readonly #flow: FlowFit;

  constructor(from: Structure, to: ProcessModel, plan: MigrationPlan = {}) {
    this.plan = plan;
    this.mapping = new NodeMapping(from, to, plan);
    this.#flow = new FlowFit(this.mapping);
    const unknown = (plan.restartTimers ?? []).filter((id) => !isTimer(to.nodes[id]));
    this.problems = [
      ...this.mapping.problems(),
      ...unknown.map((element): Problem => {
        const message = `expected a timer of version ${to.version} to restart, found none with id "${element}"`;
        return { code: 'PLAN_INVALID', element, message };
      }),
    ];
  }

  /** Carries one open instance over. `at` is the moment of the move, in milliseconds since 1970. */
  carry(state: InstanceState, at: number): Fitted {
    return new InstanceFit(this.mapping, this.plan, state, at).result(this.problems, (elements) =>
      this.#flow.problems(elements),
    );
  }
}

class InstanceFit {
  readonly #mapping: NodeMapping;
  readonly #plan: MigrationPlan;
  readonly #state: InstanceState;
  readonly #at: number;
  readonly #problems: Problem[] = [];
  readonly #effects = noEffects();
  readonly #opened: string[] = [];
  readonly #closed: string[] = [];

  constructor(mapping: NodeMapping, plan: MigrationPlan, state: InstanceState, at: number) {
    this.#mapping = mapping;
    this.#plan = plan;
    this.#state = state;
    this.#at = at;
  }

  result(
    ofPlan: readonly Problem[],
    flow: (elements: InstanceState['elements']) => Iterable<Problem>,
  ): Fitted {
    this.#problems.push(...ofPlan);
    const old = Object.values(this.#state.elements);
    for (const element of old) this.#checkKind(element);
    const carried: Record<number, ElementInstance> = {};
    for (const element of old) carried[element.n] = this.#carry(element);
    // Only what has its place in the new version can be looked at further.
    if (this.#problems.length === 0) {
      this.#problems.push(...flow(this.#state.elements));
      for (const element of old) this.#carryWaits(carried, element);
      this.#problems.push(...contractProblems(this.#mapping.to, carried));
    }
    return {
      state: { ...this.#state, elements: carried },
      effects: this.#effects,
      changes: this.#changes(carried),
      renamed: this.#mapping.renamed,
      problems: this.#problems,
    };
  }

  #report = (problem: Problem): void => {
    this.#problems.push(problem);
  };

  #checkKind(element: ElementInstance): void {
    const { node: id, loop, parent } = element;
    if (id === '') return;
    const target = this.#mapping.of(id);
    const before = this.#mapping.from.get(id);
    const after = target === null ? undefined : this.#mapping.to.nodes[target];
    const { version } = this.#mapping.to;
    const report = (code: Problem['code'], message: string) =>
      this.#report({ code, element: id, message });
    if (!after || !before) {
      report(
        'ELEMENT_GONE',
        `version ${version} has no element "${target ?? id}", and the instance is there; map ` +
          `"${id}" to the element that took its place, or wait until the instance has left it`,
      );
    } else if (
      before.type !== after.type ||
      kindOfEvent(before) !== kindOfEvent(after) ||
      (before.kind ?? null) !== kindOfSubProcess(after)
    ) {
      report(
        'ELEMENT_KIND',
        `"${id}" is a ${kindText(before, before.kind)}, but "${after.id}" of version ${version} a ${kindText(after, kindOfSubProcess(after))}`,
      );
    } else if (before.calledProcess !== (after as { calledProcess?: string }).calledProcess) {
      report(
        'CHILD_CHANGED',
        `"${id}" has started process "${before.calledProcess}", but version ${version} calls ` +
          'another one there; wait until the child has ended',
      );
    } else this.#checkLoop(element, this.#state.elements[parent], loop !== undefined);
  }

  #checkLoop(
    { node: id, loop }: ElementInstance,
    parent: ElementInstance | undefined,
    isBody: boolean,
  ): void {
    const after = this.#mapping.to.nodes[this.#mapping.of(id) ?? ''];
    const several = after && 'multiInstance' in after ? after.multiInstance : undefined;
    const again = after && 'standardLoop' in after ? after.standardLoop : undefined;
    const host = isBody ? loop : parent?.node === id ? parent.loop : undefined;
    const isLooping = host !== undefined;
    const isStandard = host?.standard === true;
    const isSequential = loop?.items !== undefined;
    if (
      isLooping === (several !== undefined || again !== undefined) &&
      isStandard === (again !== undefined) &&
      (!isBody || isStandard || several?.sequential === isSequential)
    ) {
      return;
    }
    const message =
      `"${id}" runs ${isLooping ? 'as a loop' : 'once'}, which version ${this.#mapping.to.version} ` +
      'does in another way; wait until the instance has left it';
    this.#report({ code: 'LOOP_CHANGED', element: id, message });
  }

  #carry(element: ElementInstance): ElementInstance {
    const {
      node: id,
      done,
      compensating,
      incident,
      arrived,
      gathered,
      job,
      vars,
      held,
      adHoc,
    } = element;
    const node = this.#mapping.of(id) ?? id;
    const { mapping } = { mapping: this.#mapping };
    return {
      ...element,
      node,
      ...(vars && { vars: this.#carryVariables(element, node, vars) }),
      ...(done && { done: fitCompleted(mapping, this.#renamedInside(done), this.#report) }),
      ...(compensating && {
        compensating: fitCompensating(mapping, compensating, this.#report),
      }),
      ...(incident && { incident: { ...this.#carryIncident(incident) } }),
      ...(arrived && { arrived: this.#carryArrived(id, arrived) }),
      ...(held?.via !== undefined && { held: { ...held, via: this.#carryVia(held.via) } }),
      ...(gathered && { gathered: this.#carryGathered(gathered) }),
      ...(adHoc && { adHoc: { ...adHoc, queue: this.#carryQueue(id, adHoc.queue) } }),
      // The outside knows the work under the old name; asked again it must recognise it.
      ...(job && node !== id && { keyNode: element.keyNode ?? id }),
    };
  }

  /** Activities of an ad-hoc sub-process that wait for their turn. */
  #carryQueue(container: string, queue: readonly string[]): readonly string[] {
    return queue.map((old) => {
      const target = this.#mapping.of(old);
      const inside = this.#mapping.of(container) ?? container;
      if (target !== null && isStartable(this.#mapping.to.nodes, target, inside)) return target;
      const message =
        `"${old}" waits for its turn in "${container}", and nothing in version ${this.#mapping.to.version} ` +
        'can take that turn; map it to an activity that may begin there';
      this.#report({ code: 'ELEMENT_GONE', element: old, message });
      return old;
    });
  }

  /** A sequence flow, or the start event that a handler is entered by. */
  #carryVia(via: string): string {
    return this.#mapping.flow(via) ?? this.#mapping.of(via) ?? via;
  }

  #carryVariables(element: ElementInstance, node: string, vars: Variables): Variables {
    const renamed = this.#renamedVariables(vars);
    const isRun = this.#state.elements[element.parent]?.loop !== undefined;
    const transform =
      node === '' ? this.#plan.variables : isRun ? undefined : this.#plan.inside?.[node];
    if (!transform) return renamed;
    try {
      const all: Record<string, unknown> = { ...renamed };
      for (const [name, value] of Object.entries(transform(renamed))) {
        if (value === undefined) delete all[name];
        else all[name] = asJson(value);
      }
      return all;
    } catch (error) {
      const text = error instanceof Error ? error.message : String(error);
      const message = `the transform of the variables failed: ${text}`;
      this.#report({ code: 'TRANSFORM_FAILED', element: element.node, message });
      return renamed;
    }
  }

  /** Outputs are kept under the id of their step, so they follow it. */
  #renamedVariables(vars: Variables): Variables {
    const renamed = Object.entries(vars).map(([name, value]) => {
      const target = this.#mapping.from.has(name) ? this.#mapping.of(name) : null;
      return [target !== null && !(target in vars) ? target : name, value];
    });
    return Object.fromEntries(renamed);
  }

  #renamedInside<Kept extends { readonly vars?: Variables }>(kept: readonly Kept[]): Kept[] {
    return kept.map((one) => (one.vars ? { ...one, vars: this.#renamedVariables(one.vars) } : one));
  }

  #carryArrived(
    join: string,
    arrived: Readonly<Record<string, number>>,
  ): Readonly<Record<string, number>> {
    const carried: Record<string, number> = {};
    const incoming = this.#mapping.to.nodes[this.#mapping.of(join) ?? '']?.incoming ?? [];
    for (const [old, count] of Object.entries(arrived)) {
      const flow = this.#mapping.flow(old);
      if (flow !== null && incoming.includes(flow)) carried[flow] = count;
      else {
        const message = `a token came to join "${join}" by "${old}", which the new version does not have`;
        this.#report({ code: 'JOIN_CHANGED', element: join, message });
      }
    }
    return carried;
  }

  #carryGathered(gathered: NonNullable<ElementInstance['gathered']>) {
    const entries = Object.entries(gathered);
    return Object.fromEntries(entries.map(([id, come]) => [this.#mapping.of(id) ?? id, come]));
  }

  #carryIncident(incident: Incident): Incident {
    const { resume } = incident;
    if (resume.type === 'enter' && resume.start !== undefined) {
      const start = this.#mapping.of(resume.start) ?? resume.start;
      return { ...incident, resume: { ...resume, start } };
    }
    if (resume.type !== 'event' || !('on' in resume.event)) return incident;
    const on = this.#mapping.of(resume.event.on) ?? resume.event.on;
    const event: LaterEvent = { ...resume.event, on };
    return { ...incident, resume: { type: 'event', event } };
  }

  #carryWaits(carried: Record<number, ElementInstance>, old: ElementInstance): void {
    const element = carried[old.n] as ElementInstance;
    // What lingers or has not begun yet waits for nothing that has a row.
    if (old.lingering || old.held) return;
    const parent = this.#state.elements[old.parent];
    let waits: Wait[];
    try {
      waits = waitsOf({
        mapping: this.#mapping,
        old,
        node: element.node,
        variables: variablesOf(carried, old.n),
        isRun: parent?.loop !== undefined && parent.node === old.node,
        isInterrupted: this.#isInterrupted(old),
        at: this.#at,
        restartTimers: this.#plan.restartTimers ?? [],
      });
    } catch (error) {
      const text = error instanceof Error ? error.message : String(error);
      const message = `what "${element.node}" is to wait for cannot be computed: ${text}`;
      this.#report({ code: 'WAIT_INVALID', element: old.node, message });
      return;
    }
    const before = old.waits ?? [];
    waits = waits.map((wait) => goingOn(wait, before));
    if (before.length > 0 && waits.length === 0 && this.#isLost(old)) {
      const message = `"${old.node}" would wait for nothing in the new version`;
      this.#report({ code: 'WAIT_GONE', element: old.node, message });
    }
    this.#noteWaits(old.n, before, waits);
    if (waits.length > 0) carried[old.n] = { ...element, waits };
    else if (old.waits) carried[old.n] = { ...element, waits: [] };
  }

  /** Rows of the same node are exchanged together, and left alone when nothing of them changed. */
  #noteWaits(n: number, before: readonly Wait[], after: Wait[]): void {
    const same = new Set<string>();
    for (const on of new Set(before.map((wait) => wait.on))) {
      const old = before.filter((wait) => wait.on === on);
      const kept = after.filter((wait) => wait.on === on);
      if (isDeepStrictEqual(old, kept)) same.add(on);
      else {
        this.#effects.waitsRemoved.push({ n, on });
        if (!after.some((wait) => wait.on === this.#mapping.of(on))) this.#closed.push(on);
      }
    }
    const known = new Set(before.map(({ on }) => this.#mapping.of(on)));
    for (const wait of after) {
      if (same.has(wait.on)) continue;
      // While it is suspended only tasks and signals have rows; they come back when it is resumed.
      const isParked = ['message', 'timer', 'external'].includes(wait.kind);
      if (!this.#state.suspended || !isParked) this.#effects.waitsAdded.push({ n, wait });
      if (!known.has(wait.on)) this.#opened.push(wait.on);
    }
  }

  /** True when nothing but its waits could move the element. */
  #isLost({ node, job, incident, live, arrived }: ElementInstance): boolean {
    const isCall = this.#mapping.from.get(node)?.type === 'callActivity';
    return !job && !incident && live === undefined && !arrived && !isCall;
  }

  #isInterrupted({ n, cancelling, compensating, ending }: ElementInstance): boolean {
    if (cancelling || compensating || ending) return true;
    return Object.values(this.#state.elements).some(({ parent, node }) => {
      if (parent !== n) return false;
      const target = this.#mapping.of(node) ?? '';
      const container = this.#mapping.to.nodes[target];
      if (container?.type !== 'subProcess' || !container.triggeredByEvent) return false;
      const start = indexOf(this.#mapping.to).startOf.get(target);
      return start?.event?.type === 'error' || start?.interrupting !== false;
    });
  }

  #changes(carried: Readonly<Record<number, ElementInstance>>): FitChanges {
    const renamed = Object.values(this.#state.elements).flatMap(({ n, node }) => {
      const target = carried[n]?.node ?? node;
      return target === node ? [] : [[node, target]];
    });
    const before = this.#state.elements[processElement]?.vars ?? {};
    const after = carried[processElement]?.vars ?? {};
    const names = [...new Set([...Object.keys(before), ...Object.keys(after)])];
    return {
      renamed: Object.fromEntries(renamed),
      waitsOpened: [...new Set(this.#opened)],
      waitsClosed: [...new Set(this.#closed)],
      variables: names.filter((name) => !isDeepStrictEqual(before[name], after[name])),
    };
  }
}

interface WithEvent {
  readonly type: string;
  readonly event?: { readonly type: string } | null;
}

function kindOfEvent(node: object): string {
  return (node as WithEvent).event?.type ?? '';
}

function kindText(node: object, kind: string | null = null): string {
  const { type } = node as WithEvent;
  const more = kind ?? kindOfEvent(node);
  return more === '' ? type : `${type} (${more})`;
}

/** A wait that went on in a loop is the same one, and keeps its number. */
function goingOn(wait: Wait, before: readonly Wait[]): Wait {
  if (wait.kind !== 'message') return wait;
  return before.find((one) => one.kind === 'message' && isSameWait(one, wait)) ?? wait;
}
