/** What is noted of one decision that was made: why it came out as it did, for the history. */

/** A rule that held. */
export interface MatchedRule {
  /** Counts from 1, in the order of the table. */
  readonly number: number;
  readonly id: string;
  readonly outputs: Readonly<Record<string, unknown>>;
}

/** What one decision was made of. */
export interface DecisionStep {
  readonly decision: string;
  readonly name: string;
  /** Of a table: what its inputs were. Else the variables that it requires. */
  readonly inputs: readonly { readonly name: string; readonly value: unknown }[];
  /** Of a table: the rules that held; null for any other logic. */
  readonly matched: readonly MatchedRule[] | null;
  readonly result: unknown;
}
