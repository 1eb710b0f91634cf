/** What a transition throws to others, as rows of its own commit. */
import { newId } from '../../kernel/ids.ts';
import type { Effects } from '../model/events.ts';

/** A row for `engine.commit_more`. */
export interface ThrownRow {
  readonly thrownId: string;
  readonly id: string;
  readonly kind: 'message' | 'signal';
  readonly name: string;
  readonly payload: string;
  readonly traceId: string;
}

/** The rows of what a transition threw, in the order of throwing within each kind. */
export function thrownRows(
  { id, traceId }: { readonly id: string; readonly traceId: string },
  { messagesThrown, signalsThrown }: Effects,
): ThrownRow[] {
  const row = (kind: ThrownRow['kind'], name: string, payload: unknown): ThrownRow => {
    return { thrownId: newId(), id, kind, name, payload: JSON.stringify(payload), traceId };
  };
  return [
    ...messagesThrown.map(({ message, payload }) => row('message', message, payload)),
    ...signalsThrown.map(({ signal, payload }) => row('signal', signal, payload)),
  ];
}
