/** Whether an instance goes on, and how it ended. Stored; never renamed. */
export type InstanceStatus = 'active' | 'completed' | 'failed' | 'cancelled';

/** Where an instance stands, as the outside sees it. */
export const instanceStatuses = [
  'running',
  'waiting',
  'suspended',
  'completed',
  'failed',
  'cancelled',
] as const;
