/**
 * How an instance begins: the payload is read by the start event, event sub-processes listen, then the
 * start event is entered. A payload that its message definition does not accept is an incident of the
 * process, and is read again when a person retries it.
 */
import { awaitedStart } from '../elements/events/start-event.ts';
import { everyMember } from '../model/named-values.ts';
import type { ProcessModel, StartEvent } from '../model/process-model.ts';
import { needsAll } from './gather.ts';
import type { Moves } from './moves.ts';
import { readStart } from './start-payload.ts';
import { processElement } from './working-state.ts';

/** How a process is gone into. */
export interface EnterProcessOptions {
  /** True when the start event has read the payload already. @defaultValue false */
  readonly isRead?: boolean;
  /** Of a start event with several definitions: the index of the one that happened. */
  readonly part?: number | undefined;
}

/** Goes into a process by a start event of it. */
export function enterProcess(
  t: Moves,
  start: string,
  { isRead = false, part }: EnterProcessOptions,
): void {
  const of = part === undefined ? {} : { part };
  t.guard(processElement, { type: 'enter', start, ...of }, () => {
    try {
      if (!isRead) readPayload(t, start, part);
      t.openEventSubProcesses(processElement, null);
    } catch (error) {
      t.dropWaits(processElement, () => true);
      throw error;
    }
    enterStart(t, start, part);
  });
}

/** The payload as the start event reads it; null when it does not fit. */
export function narrowStart(
  model: ProcessModel,
  node: StartEvent,
  payload: unknown,
  part: number | undefined,
): { readonly payload: unknown } | null {
  try {
    return { payload: readStart(model, node, payload, part) };
  } catch {
    return null;
  }
}

function readPayload(t: Moves, start: string, part: number | undefined): void {
  const node = t.node(start);
  if (node.type !== 'startEvent' || node.event === null) return;
  const payload = readStart(t.model, node, payloadOf(t, node), part);
  t.setVariable(processElement, node.result ?? 'input', payload);
}

function payloadOf(t: Moves, { result: name = 'input' }: StartEvent): unknown {
  const known = t.variables(processElement);
  return name === everyMember ? known : known[name];
}

/** One that needs all of its definitions has one of them, and waits for the others. */
function enterStart(t: Moves, start: string, part: number | undefined): void {
  const node = t.node(start) as StartEvent;
  if (part === undefined || !needsAll(node.event)) {
    t.enter(start, processElement);
    return;
  }
  const gathered = { [start]: { [part]: payloadOf(t, node) } };
  t.enter(start, processElement, { via: awaitedStart, gathered });
}
