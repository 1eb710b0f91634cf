/** What billing orders need besides outside systems; `app/` wires it. */
import type { TraceContext } from '../../kernel/trace.ts';
import type { Transaction } from '../../kernel/transaction.ts';
import type { BillingSystems } from './provider.ts';

/** Starts the drawn processes. */
export interface Workflows {
  /**
   * Starts an instance in the caller's transaction. The same `startKey` gives the instance that it
   * started before.
   */
  start(
    tx: Transaction,
    options: {
      readonly process: string;
      readonly input: unknown;
      readonly startKey: string;
      readonly trace: TraceContext;
    },
  ): Promise<{ readonly instanceId: string; readonly definitionId: string }>;
}

/** Everything that the module is given. */
export interface BillingOrdersOptions {
  readonly systems: BillingSystems;
  readonly workflows: Workflows;
}
