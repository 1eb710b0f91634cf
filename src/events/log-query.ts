/** What can be asked of the event log, and what it answers. */
import type { LoggedEvent } from './logged-event.ts';

/** Which events to read. */
export interface LogQuery {
  /** Position after which to read: a whole number; 0 is the beginning. */
  readonly after: bigint | string;
  /** Most events in one answer. */
  readonly limit: number;
  /** Only events of these names. @defaultValue all */
  readonly names?: readonly string[] | undefined;
  /** Only events of these keys. @defaultValue all */
  readonly keys?: readonly string[] | undefined;
  /** Only events whose payload names this user as `userId`. @defaultValue all */
  readonly owner?: string | undefined;
}

/** What was read. */
export interface LogPage {
  readonly events: readonly LoggedEvent[];
  /** Where to go on reading; beyond the last event when those that follow are of other names. */
  readonly next: string;
}
