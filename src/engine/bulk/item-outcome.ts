/**
 * What came of one item of a bulk operation, told from the database alone, so that it can be told after a
 * crash as well. "Done" means that the thing itself came to pass, not that it was accepted: a retried
 * incident is done when its step no longer fails.
 */
import type { BulkAction } from './bulk-operation.ts';

/** What is looked at. */
export interface AskedItem {
  readonly instance_id: string;
  readonly n: number;
  /** Milliseconds since it was asked. */
  readonly waited_ms: number;
  /** Of the instance; null when there is none any more. */
  readonly status: string | null;
  /** The request is still to be handled. */
  readonly in_inbox: boolean;
  readonly cancelling: boolean;
  /** The incident that was to be retried is still open. */
  readonly still_open: boolean;
  /** The incident that has been opened at the same place since. */
  readonly new_incident: string | null;
  /** The step is at work, or waits for its next attempt. */
  readonly trying: boolean;
}

/** An outcome; null: it is not known yet. */
export type ItemOutcome = {
  readonly status: 'done' | 'failed' | 'skipped';
  readonly message: string | null;
} | null;

/** A retried step that is still at it after this long is left to itself. */
const patienceMs = 30_000;

const done = { status: 'done', message: null } as const;

/** Tells the outcome of an item that was asked. */
export function outcomeOf(action: BulkAction, item: AskedItem): ItemOutcome {
  const { status } = item;
  if (status === null) return { status: 'skipped', message: 'the instance is gone' };
  if (item.in_inbox) return null;
  switch (action) {
    case 'cancel':
      if (status === 'cancelled') return done;
      if (item.cancelling) return { status: 'done', message: 'it is being undone' };
      return skipped(status);
    case 'suspend':
      return status === 'suspended' ? done : skipped(status);
    case 'resume':
      return status === 'suspended' ? { status: 'failed', message: 'it is still suspended' } : done;
    case 'retry':
      return retryOutcome(item);
    case 'migrate':
      return null;
  }
}

function retryOutcome(item: AskedItem): ItemOutcome {
  if (item.new_incident !== null) return { status: 'failed', message: item.new_incident };
  if (item.still_open) {
    const why = item.status === 'suspended' ? 'the instance is suspended' : 'it was not retried';
    return { status: 'skipped', message: why };
  }
  if (!item.trying) return done;
  if (item.waited_ms < patienceMs) return null;
  return { status: 'done', message: 'the step is still being tried' };
}

function skipped(status: string): ItemOutcome {
  return { status: 'skipped', message: `the instance is ${status}` };
}
