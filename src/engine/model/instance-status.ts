/** Whether an instance goes on, and how it ended. Stored; never renamed. */
export type InstanceStatus = 'active' | 'completed' | 'failed' | 'cancelled';
