/** Follows a process instance from outside: each new line of its timeline, until a condition holds. */
import { type ApiClient, CommandError, type InstanceAnswer } from './api-client.ts';

/** How often the instance is looked at. */
const lookMs = 100;

/** True for an instance that will not move any more. */
export function hasEnded({ status }: Pick<InstanceAnswer, 'status'>): boolean {
  return status === 'completed' || status === 'failed' || status === 'cancelled';
}

/**
 * Resolves with the instance once `until` holds. Every entry after `from` is told once, in order.
 * Rejects when the time is up, or when the instance ended without the condition.
 */
export async function followInstance(
  api: ApiClient,
  instanceId: string,
  options: {
    readonly onEntry: (entry: InstanceAnswer['timeline'][number]) => void;
    readonly until: (instance: InstanceAnswer) => boolean;
    /** The first entry to tell. @defaultValue 1 */
    readonly from?: number;
    /** @defaultValue no limit */
    readonly withinMs?: number;
    /** What is waited for, for the message when it does not come. */
    readonly waitingFor?: string;
  },
): Promise<InstanceAnswer> {
  const { onEntry, until, withinMs = Number.POSITIVE_INFINITY, waitingFor = 'its end' } = options;
  const giveUpAt = performance.now() + withinMs;
  let from = options.from ?? 1;
  while (true) {
    const instance = await api.get<InstanceAnswer>(`/processes/${instanceId}`, { from });
    for (const entry of instance.timeline) onEntry(entry);
    from = (instance.timeline.at(-1)?.seq ?? from - 1) + 1;
    const isWhole = from > instance.lastSeq;
    if (isWhole && until(instance)) return instance;
    if (isWhole && hasEnded(instance)) {
      throw new CommandError(
        `expected process ${instanceId} to come to ${waitingFor}, found that it ended (${instance.status})`,
      );
    }
    if (performance.now() > giveUpAt) {
      throw new CommandError(
        `expected process ${instanceId} to come to ${waitingFor} within ${withinMs / 1000} s, found it ` +
          `${instance.status}; look with \`orderloom processes ${instanceId}\``,
      );
    }
    if (isWhole) await new Promise((resolve) => setTimeout(resolve, lookMs));
  }
}
