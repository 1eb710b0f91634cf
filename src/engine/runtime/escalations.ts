/**
 * Escalations: told outwards from the element that threw them, to the nearest event that catches the code,
 * exact codes before catch-alls. What catches it may end what it surrounds, or act beside it. One that
 * nothing catches is told to the process that called this one; without one, it changes nothing.
 */
import { namedValues } from '../model/named-values.ts';
import type { BoundaryEvent, StartEvent } from '../model/process-model.ts';
import { isActivity } from '../model/process-model.ts';
import { catching } from './catching.ts';
import { isRunOfLoop } from './element-result.ts';
import { interruptScope, isHandling } from './errors.ts';
import type { Moves } from './moves.ts';

/** What catches an escalation, and the element instance that it belongs to. */
type Catcher =
  | { readonly kind: 'boundary'; readonly host: number; readonly event: BoundaryEvent }
  | { readonly kind: 'handler'; readonly host: number; readonly event: StartEvent };

/** What is to be done about an escalation once its thrower has gone on; null when nothing catches it. */
export function catchEscalation(
  t: Moves,
  n: number,
  code: string,
  payload: unknown,
): { readonly by: string; readonly act: () => void } | null {
  const catcher = catcherOf(t, n, code);
  if (!catcher) return null;
  const { host } = catcher;
  const act = () => {
    if (t.has(host)) t.guard(host, { type: 'dismiss' }, () => handle(t, catcher, payload));
  };
  return { by: catcher.event.id, act };
}

function catcherOf(t: Moves, n: number, code: string): Catcher | null {
  for (let at = n, from = 0; at !== 0; ) {
    const element = t.element(at);
    const inner = from === 0 ? undefined : t.element(from);
    // The handler that ended its scope, and one that threw it itself, leave it to those further out.
    if (inner && !isHandling(t, inner) && !element.loop && !element.cancelling) {
      const starts = t.index.eventStarts.get(element.node) ?? [];
      const others = starts.filter((start) => start.parent !== inner.node);
      const event = catching(others, { type: 'escalation', code });
      if (event) return { kind: 'handler', host: at, event };
    }
    const isRun = isRunOfLoop(t, element.n);
    const node = element.node === '' || isRun ? null : t.node(element.node);
    if (node && isActivity(node)) {
      const attached = node.boundary.map((b) => t.node(b));
      const boundary = catching(
        attached.filter((b) => b.type === 'boundaryEvent'),
        { type: 'escalation', code },
      );
      if (boundary) return { kind: 'boundary', host: at, event: boundary };
    }
    from = at;
    at = element.parent;
  }
  return null;
}

function handle(t: Moves, { kind, host, event }: Catcher, payload: unknown): void {
  if (kind === 'boundary') {
    const { parent } = t.element(host);
    if (event.interrupting) t.terminate(host);
    if (event.result !== undefined) t.setVariable(parent, event.result, payload);
    t.enter(event.id, parent);
    return;
  }
  if (event.parent === null) return;
  if (event.interrupting !== false) interruptScope(t, host);
  const vars = event.result === undefined ? {} : namedValues(event.result, payload);
  t.enter(event.parent, host, { via: event.id, vars });
}
