/**
 * What the parts of a transition (loops, compensation, errors, incidents) may do to the instance, next
 * to what elements may do.
 */
import type { ElementContext, Trigger } from '../elements/element.ts';
import type { Effects, HistoryKind } from '../model/events.ts';
import type { Variables } from '../model/expression.ts';
import type { ModelIndex } from '../model/model-index.ts';
import type { FlowNode } from '../model/process-model.ts';
import type {
  Completed,
  ElementInstance,
  InstanceState,
  InstanceStatus,
  Resume,
  Wait,
} from '../model/state.ts';

/** How a node is entered. */
export interface EnterOptions {
  /** The sequence flow that the token came by. */
  readonly via?: string;
  readonly vars?: Variables;
  /** The number under which the outside knows an earlier run of it. */
  readonly key?: number;
  readonly gathered?: Exclude<ElementInstance['gathered'], undefined>;
  readonly done?: readonly Completed[];
}

/** The instance within a transition, as its parts see it. */
export interface Moves extends ElementContext {
  readonly index: ModelIndex;
  /** The state as it is at this point of the transition. */
  readonly current: InstanceState;
  readonly effects: Effects;
  /** As elements do, and with what an event that needs all of its definitions has so far. */
  enter(node: string, scope: number, options?: EnterOptions): void;
  has(n: number): boolean;
  /** Counts work that grows with the instance, in element instances looked at. */
  spend(work: number): void;
  children(scope: number): ElementInstance[];
  /** A list of the state with another value at an index; copied once in a transition. */
  withItem(list: readonly unknown[], index: number, value: unknown): readonly unknown[];
  clear(
    n: number,
    field: 'compensating' | 'incident' | 'called' | 'held' | 'arrived' | 'gathered' | 'loop',
  ): void;
  dropWaits(n: number, isDropped: (on: string) => boolean): void;
  /** Closes one wait; others of the same node stay open. */
  dropWait(n: number, wait: Wait): void;
  /** Does something once all that was thrown before has acted, unless the process ends by then. */
  afterThrown(act: () => void): void;
  /** Opens the waits of an event beside the element instance. */
  listen(n: number, event: FlowNode): void;
  record(kind: HistoryKind, node: string, n: number, data?: unknown): void;
  openIncident(n: number, code: string, message: string, resume?: Resume, procedure?: string): void;
  closeIncident(n: number): void;
  /** What throws within `act` becomes an incident of the element instance. */
  guard(n: number, resume: Resume, act: () => void): void;
  trigger(host: number, on: string, trigger: Trigger): boolean;
  /** Opens a sub-process with what waits beside it, but without its start event; gives its number. */
  openScope(id: string, scope: number): number;
  /** Runs the entering of an element again. */
  reenter(n: number): void;
  /** Goes into a process by a start event. */
  enterProcess(start: string, options?: { readonly part?: number }): void;
  /** Ends an activity that was never done: like `leave`, but there is nothing to undo later. */
  skip(n: number, result: unknown): void;
  /** Takes away what lingered. */
  removeLingering(n: number): void;
  /** Tokens that are held until an activity lingers no more. */
  waitingFor(n: number): ElementInstance[];
  /** Lets a held token go on. */
  release(n: number): void;
  /** Looks again at a scope whose children are done. */
  lookAtScope(n: number): void;
  end(
    status: Exclude<InstanceStatus, 'active'>,
    output: unknown,
    error: { readonly code: string; readonly message: string } | null,
  ): void;
}
