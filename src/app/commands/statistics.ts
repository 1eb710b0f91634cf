/** `orderloom statistics [process]`: how many instances there are, and where they stand. */
import type { z } from 'zod';
import type { versionCountsSchema } from '../../engine/procedures/statistics-procedures.ts';
import type { CommandContext } from '../command-context.ts';
import { table } from '../terminal.ts';

type VersionCounts = z.output<typeof versionCountsSchema>;

/** Counts by version; with a process given, by element as well. */
export async function showStatistics(
  { api, answer }: CommandContext,
  process: string | undefined,
): Promise<void> {
  const found = await api.get<{ versions: VersionCounts[] }>('/processes/statistics', { process });
  answer(found, () => {
    const { versions } = found;
    if (versions.length === 0) return process === undefined ? 'no processes' : `no ${process}`;
    const elements = versions.filter((one) => one.elements.length > 0).map(elementsText);
    return [versionsText(versions), ...elements].join('\n\n');
  });
}

/** Counts everything anew and says whether the figures are right. */
export async function checkStatistics({ api, answer }: CommandContext): Promise<void> {
  const check = await api.get<{
    exact: boolean;
    differences: readonly Record<'process' | 'kind' | 'element', string>[];
  }>('/processes/statistics/check');
  answer(check, () =>
    check.exact
      ? 'Counted anew: the figures are exact.'
      : `Counted anew: ${check.differences.length} figures differ:\n${JSON.stringify(check.differences, null, 2)}`,
  );
}

function versionsText(versions: readonly VersionCounts[]): string {
  return table(versions, [
    { title: 'PROCESS', value: ({ process }) => process },
    { title: 'VERSION', align: 'right', value: ({ version }) => version },
    { title: 'RUNNING', align: 'right', value: ({ running }) => running },
    { title: 'WAITING', align: 'right', value: ({ waiting }) => waiting },
    { title: 'SUSPENDED', align: 'right', value: ({ suspended }) => suspended },
    { title: 'INCIDENTS', align: 'right', value: ({ incidents }) => incidents },
    { title: 'RETRYING', align: 'right', value: ({ retrying }) => retrying },
    { title: 'COMPLETED', align: 'right', value: ({ completed }) => completed },
    { title: 'FAILED', align: 'right', value: ({ failed }) => failed },
    { title: 'CANCELLED', align: 'right', value: ({ cancelled }) => cancelled },
  ]);
}

function elementsText({ process, version, elements }: VersionCounts): string {
  const rows = table(elements, [
    { title: 'ELEMENT', value: ({ element }) => element || 'process' },
    { title: 'NAME', value: ({ name }) => name },
    { title: 'TOKENS', align: 'right', value: ({ tokens }) => tokens },
    { title: 'INCIDENTS', align: 'right', value: ({ incidents }) => incidents },
    { title: 'RETRYING', align: 'right', value: ({ retrying }) => retrying },
    { title: 'COMPLETED', align: 'right', value: ({ completed }) => completed },
  ]);
  return `${process}, version ${version}:\n${rows}`;
}
