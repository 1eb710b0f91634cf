/** What a consumer group is made of: its name, which events it wants, and what it does with them. */
import type { Transaction } from '../kernel/transaction.ts';
import type { RetryRule } from './failures.ts';
import type { LoggedEvent } from './logged-event.ts';

/** What `deliver` is given. */
export interface DeliveryContext {
  /**
   * Aborted when the program stops and does not wait any longer, and when this node has lost the group:
   * what it has not sent by then is sent by another one.
   */
  readonly signal: AbortSignal;
}

/** Carries events outside. */
export type Deliver = (events: readonly LoggedEvent[], context: DeliveryContext) => Promise<void>;

/** A consumer group: which events it wants, and what it does with them. */
export type ConsumerOptions = {
  /** Name of the group, the same on every node, without spaces: `kafka.main`. */
  readonly group: string;
  /** Names of the events; others are passed over. @defaultValue all */
  readonly names?: readonly string[];
  /** Most events handed over together. @defaultValue 100 */
  readonly batch?: number;
  /** Where a group begins that did not exist before. @defaultValue 'beginning' */
  readonly startAt?: 'beginning' | 'end';
  /** How failures are met. */
  readonly retry?: Partial<RetryRule>;
} & (
  | {
      /**
       * Handles events in the transaction that also moves the cursor: exactly once. What it does
       * outside of `tx` may happen again.
       */
      readonly handle: (events: readonly LoggedEvent[], tx: Transaction) => Promise<void>;
    }
  | {
      /**
       * Carries events outside; the cursor is moved afterwards: at least once, with the events' ids to
       * recognise repeats.
       */
      readonly deliver: Deliver;
    }
);
