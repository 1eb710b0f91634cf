/** `orderloom cluster`: the nodes, what each of them does, and how far they are behind together. */
import type { ClusterAnswer } from '../api-client.ts';
import type { CommandContext } from '../command-context.ts';
import { facts, moment, table } from '../terminal.ts';

/** Shows the nodes and the lag. */
export async function showCluster({ api, answer }: CommandContext): Promise<void> {
  const cluster = await api.get<ClusterAnswer>('/cluster');
  answer(cluster, () => {
    const { nodes, shards, lag } = cluster;
    const nodeTable = table(nodes, [
      { title: 'NODE', value: ({ name }) => name },
      { title: 'ROLE', value: ({ role }) => role },
      { title: 'VERSION', value: ({ version }) => version },
      { title: 'STATE', value: ({ state }) => state },
      { title: 'SINCE', value: ({ startedAt }) => moment(startedAt) },
      { title: 'HEARD', align: 'right', value: ({ heartbeatAgeMs }) => span(heartbeatAgeMs) },
      { title: 'SHARDS', align: 'right', value: ({ shards }) => shards },
      { title: 'INSTANCES', align: 'right', value: (node) => alive(node, node.instancesInMemory) },
      { title: 'AT WORK', align: 'right', value: (node) => alive(node, node.jobsAtWork) },
      { title: 'QUEUED', align: 'right', value: (node) => alive(node, node.jobsQueued) },
    ]);
    const { inbox, timers, messages } = lag;
    const without = `${shards.unowned} of ${shards.total}`;
    return `${nodeTable}\n\n${facts([
      ['Shards without a node', shards.unowned === 0 ? 'none' : without],
      ['Requests waiting', counted(inbox.waiting, inbox.oldestAgeMs)],
      ['Timers overdue', counted(timers.overdue, timers.oldestAgeMs)],
      ['Messages without a wait', counted(messages.unmatched, null)],
    ])}`;
  });
}

/** What a dead node said last is no longer so: others have its work. */
function alive({ state }: { readonly state: string }, figure: number): number | null {
  return state === 'dead' ? null : figure;
}

function counted(
  { value, capped }: { readonly value: number; readonly capped: boolean },
  oldestAgeMs: number | null,
): string {
  if (value === 0) return 'none';
  const oldest = oldestAgeMs === null ? '' : `, the oldest for ${span(oldestAgeMs)}`;
  return `${value}${capped ? ' or more' : ''}${oldest}`;
}

/** `0.4 s`, `12 s`, `3 min`. */
function span(milliseconds: number): string {
  const seconds = milliseconds / 1_000;
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  return seconds < 120 ? `${Math.round(seconds)} s` : `${Math.round(seconds / 60)} min`;
}
