/**
 * The contract between the advance loop and the elements of BPMN. Each element is one definition in
 * one file; the loop never names an element.
 */

import type { Variables } from '../model/expression.ts';
import type { ElementType, FlowNode, NodeOf, ProcessModel } from '../model/process-model.ts';
import type { Completed, ElementInstance, Wait } from '../model/state.ts';

/** What met a wait of an element. */
export type Trigger = {
  /** Of an event with several definitions: the index of the one that happened. */
  readonly part?: number;
} & (
  | { readonly kind: 'message'; readonly message: string; readonly payload: unknown }
  | { readonly kind: 'signal'; readonly signal: string; readonly payload: unknown }
  | { readonly kind: 'timer'; readonly due: number }
  | { readonly kind: 'condition' }
  /** All definitions of an event that needs all of them, in their order. */
  | { readonly kind: 'gathered'; readonly payloads: readonly unknown[] }
  | { readonly kind: 'task'; readonly output: unknown; readonly by: string }
);

/** What an element may do to its instance. All of it is bookkeeping; nothing here does I/O. */
export interface ElementContext {
  readonly model: ProcessModel;
  /** The moment of the event that is being handled, in milliseconds since 1970. */
  readonly at: number;
  node(id: string): FlowNode;
  /** The start event of a sub-process. */
  startOf(container: string): string;
  element(n: number): ElementInstance;
  variables(n: number): Variables;
  /** Changes fields of an element instance. */
  patch(n: number, change: Partial<ElementInstance>): void;
  /**
   * Starts a node in a scope. `via` is the sequence flow that the token came by; `key` the number
   * under which the outside knows an earlier run of it.
   */
  enter(
    node: string,
    scope: number,
    options?: {
      via?: string;
      vars?: Variables;
      key?: number;
      done?: readonly Completed[];
    },
  ): void;
  /** Ends the element normally: keeps its result, then takes its outgoing flows. */
  leave(n: number, result?: unknown): void;
  /** Ends a gateway by exactly these flows. */
  leaveBy(n: number, flows: readonly string[]): void;
  /** Notes that a gateway has begun and sends tokens on, while the gateway itself stays. */
  sendOn(n: number, flows: readonly string[]): void;
  /** Ends the element without taking a flow. */
  consume(n: number): void;
  /** Ends the element and what runs in it, as an interruption does. */
  terminate(n: number): void;
  /** Ends everything that runs in a scope but one child. */
  terminateChildren(scope: number, except?: number): void;
  /** Ends what runs in a scope and closes its event sub-processes, as one that interrupts does. */
  interruptScope(scope: number): void;
  wait(n: number, wait: Wait): void;
  /** Opens the waits of the event sub-processes of a scope. */
  openEventSubProcesses(scope: number, container: string | null): void;
  startJob(n: number, attempt: number, unknown: boolean): void;
  startChild(n: number, process: string, version: number | null, input: unknown): void;
  cancelChild(n: number): void;
  /** Raises an error at the element; the nearest catching event handles it, else an incident opens. */
  throwError(n: number, code: string, message: string, data: unknown, procedure?: string): void;
  /** Raises an error from an error end event: uncaught, it ends the process as failed. */
  endWithError(n: number, code: string, message: string): void;
  openIncident(n: number, code: string, message: string): void;
  /** Ends the token and cancels the transaction around it: all that was done in it is undone. */
  cancelTransaction(n: number): void;
  /** Broadcasts a signal: to the instance's own waits at once, to all others with the commit. */
  throwSignal(n: number, signal: string, payload: unknown): void;
  /** Publishes a message, as an event that was recorded in the commit. */
  throwMessage(n: number, message: string, payload: unknown): void;
  /** Tells the nearest event that catches the code; it acts once the thrower has gone on. */
  throwEscalation(n: number, code: string, payload: unknown): void;
  setVariable(scope: number, name: string, value: unknown): void;
  /** Undoes what was completed in a scope, last first; `owner` is told by `compensated`. */
  compensate(owner: number, scope: number, activity?: string): void;
  /** Number of the scope that an event in this element's scope compensates. */
  compensationScope(n: number): number;
  /** What else runs in a scope and may still send a token to a node of it. */
  tokensIn(scope: number): readonly ElementInstance[];
  /** The gateway's waiting instance in this scope, if a token is there already. */
  joining(node: string, scope: number): ElementInstance | undefined;
}

/**
 * One element of BPMN.
 *
 * `enter` runs when a token arrives; it either leaves at once or opens waits. `trigger` runs when a
 * wait that names this node is met; `host` is the element instance that holds the wait. `childrenDone`
 * runs when the last child of a container is gone. `compensated` runs when an undo that the element
 * asked for is finished. `terminate` runs before an interrupted element is removed.
 */
export interface ElementDefinition<Type extends ElementType> {
  readonly type: Type;
  /** One line for the table of supported elements. */
  readonly doc: string;
  enter(context: ElementContext, n: number, node: NodeOf<Type>, via?: string): void;
  trigger?(context: ElementContext, host: number, node: NodeOf<Type>, trigger: Trigger): void;
  childrenDone?(context: ElementContext, n: number, node: NodeOf<Type>): void;
  compensated?(context: ElementContext, n: number, node: NodeOf<Type>): void;
  terminate?(context: ElementContext, n: number, node: NodeOf<Type>): void;
  /** Looks again at a join when nothing else moves; true when it let its tokens go on. */
  settled?(context: ElementContext, n: number, node: NodeOf<Type>): boolean;
  /** True: a token that comes while another waits joins that one instead of a new instance. */
  readonly joins?: boolean;
}
