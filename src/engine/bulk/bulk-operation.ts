/**
 * A bulk operation: one action on all instances that a filter finds, carried out as a durable job. What
 * it is, and which instances each action is for.
 */
import type { InstanceFilter } from '../search/instance-filter.ts';

/** What can be done to many instances. */
export const bulkActions = ['cancel', 'retry', 'suspend', 'resume', 'migrate'] as const;
export type BulkAction = (typeof bulkActions)[number];

/** What came of one item; `pending` and `asked` have no outcome yet. */
export const itemStatuses = ['pending', 'asked', 'done', 'failed', 'skipped'] as const;

/** How far an operation is. */
export const bulkStatuses = ['collecting', 'running', 'stopping', 'stopped', 'completed'] as const;
export type BulkStatus = (typeof bulkStatuses)[number];

/** What only some actions need. */
export interface BulkParameters {
  /** `migrate`: the version; absent for the newest. */
  readonly to?: number | undefined;
  /** `migrate`: new ids of elements. */
  readonly elements?: Readonly<Record<string, string | null>> | undefined;
}

/** An operation as it is stored. */
export interface BulkOperation {
  readonly id: string;
  readonly action: BulkAction;
  readonly filter: InstanceFilter;
  readonly parameters: BulkParameters;
  readonly reason: string;
  readonly asked_by: string;
  readonly status: BulkStatus;
  readonly per_second: number;
  readonly collected_to: string | null;
  readonly total: number;
  readonly done: number;
  readonly failed: number;
  readonly skipped: number;
  readonly created_at: Date;
  readonly ended_at: Date | null;
}

/** The filter with what the action takes for granted. */
export function filterFor(action: BulkAction, filter: InstanceFilter): InstanceFilter {
  switch (action) {
    case 'retry':
      return { ...filter, incident: true };
    case 'resume':
      return { ...filter, status: 'suspended' };
    default:
      return { ...filter, open: true };
  }
}
