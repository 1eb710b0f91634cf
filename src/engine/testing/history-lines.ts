/** History as one short line per entry, for exact assertions. */
import type { HistoryEntry } from '../model/events.ts';

/**
 * `entered a`, `job failed a: CODE`, `incident a: CODE`, `undoing: b, a`, `completed` (the process).
 * Words, not data: what a test says of data it asks of the state.
 */
export function historyLine({ kind, node, data }: HistoryEntry): string {
  const { code } = (data ?? {}) as { code?: string };
  const what = kind.slice(kind.indexOf('.') + 1);
  switch (kind) {
    case 'process.failed':
    case 'process.cancelled':
      return `${what}: ${code}`;
    case 'process.started':
    case 'process.completed':
    case 'process.suspended':
    case 'process.resumed':
      return what;
    case 'process.migrated':
      return `migrated to ${(data as { to: number }).to}`;
    case 'process.modified':
      return 'modified';
    case 'cancel.requested':
      return 'cancel';
    case 'activity.started':
      return `asked for ${node}`;
    case 'transaction.cancelled':
      return `revoked ${node}`;
    case 'compensation.started':
      return `undoing: ${(data as string[]).join(', ') || 'nothing'}`;
    case 'job.failed':
      return `job failed ${node}: ${code}`;
    case 'error.thrown':
      return `error ${node}: ${code}`;
    case 'incident.opened':
      return `incident ${node || 'process'}: ${code}`;
    case 'incident.retried':
    case 'incident.skipped':
      return `${what} ${node || 'process'}`;
    case 'update.accepted':
      return `update ${node}`;
    case 'message.received':
      return `message ${node}`;
    case 'message.thrown':
      return `sends ${(data as { message: string }).message} ${node}`;
    case 'signal.received':
      return `signal ${node}`;
    case 'signal.thrown':
      return `signals ${(data as { signal: string }).signal} ${node}`;
    case 'condition.met':
      return `condition ${node}`;
    case 'escalation.thrown':
      return `escalation ${node}: ${code}`;
    case 'timer.fired':
      return `timer ${node}`;
    case 'variables.set':
      return 'variables set';
    case 'external.completed':
      return `external ${node}`;
    case 'task.completed':
      return `task ${node}`;
    default:
      return `${what} ${node}`;
  }
}
