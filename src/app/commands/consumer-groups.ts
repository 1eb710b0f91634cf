/**
 * `orderloom consumer-groups`: how far the readers of the event log are (Kafka, webhooks, other services); pause
 * one, let it go on, send it back, forget it; see what it could not handle and try that again.
 */
import type { z } from 'zod';
import type { deadLetterSchema } from '../../events/procedures/dead-letter-procedures.ts';
import type { consumerGroupSchema } from '../../events/procedures/group-procedures.ts';
import { CommandError, type PageAnswer } from '../api-client.ts';
import type { CommandContext, ListOptions } from '../command-context.ts';
import { moment, pageText } from '../terminal.ts';

type GroupAnswer = z.output<typeof consumerGroupSchema>;
type LetterAnswer = z.output<typeof deadLetterSchema>;

/** Lists the groups with what each is behind and what stops it. */
export async function listConsumerGroups(
  { api, answer }: CommandContext,
  { limit, cursor }: ListOptions,
): Promise<void> {
  const page = await api.get<PageAnswer<GroupAnswer>>('/consumer-groups', { limit, cursor });
  const stuck = page.items.find(({ deadLetters }) => deadLetters > 0);
  answer(page, () => {
    const text = pageText(
      page,
      ['consumer group', 'consumer groups'],
      [
        { title: 'GROUP', value: ({ group }) => group },
        { title: 'STATUS', value: ({ status }) => status },
        { title: 'POSITION', value: ({ position }) => position, align: 'right' },
        { title: 'BEHIND', value: ({ lag }) => lag, align: 'right' },
        { title: 'SINCE', value: ({ oldestUnhandledAt }) => moment(oldestUnhandledAt) },
        { title: 'DEAD LETTERS', value: ({ deadLetters }) => deadLetters, align: 'right' },
        { title: 'LAST ERROR', value: ({ lastError }) => lastError ?? '' },
      ],
    );
    if (!stuck) return text;
    return `${text}\nWhat could not be handled:  orderloom consumer-groups letters ${stuck.group}`;
  });
}

/** Pauses a group, or lets it go on. */
export async function steerConsumerGroup(
  { api, answer }: CommandContext,
  action: 'pause' | 'resume',
  group: string,
): Promise<void> {
  const steered = await api.post<Steered>(`${pathOf(group)}/${action}`, {});
  const done = action === 'pause' ? 'is paused' : 'goes on';
  answer(steered, () => `${group} ${done}, from position ${steered.position}.`);
}

/** Sends a group to a position, or to a time: back to handle again, or forward past what it never shall. */
export async function replayConsumerGroup(
  { api, answer }: CommandContext,
  group: string,
  { after, since }: { readonly after?: string; readonly since?: string },
): Promise<void> {
  if ((after === undefined) === (since === undefined)) {
    throw new CommandError('expected either --after <position> or --since <time>');
  }
  const steered = await api.post<Steered>(
    `${pathOf(group)}/replay`,
    after === undefined ? { since } : { after },
  );
  answer(
    steered,
    () => `${group} stands at position ${steered.position}; what comes after it is next.`,
  );
}

/** Lists events that groups could not handle, in the order of the log. */
export async function listLetters(
  { api, answer }: CommandContext,
  group: string | undefined,
  { limit, cursor, key }: ListOptions & { readonly key?: string },
): Promise<void> {
  const query = { group, key, limit, cursor };
  const page = await api.get<PageAnswer<LetterAnswer>>('/dead-letters', query);
  const [first] = page.items;
  answer(page, () => {
    const text = pageText(
      page,
      ['dead letter', 'dead letters'],
      [
        { title: 'GROUP', value: (letter) => letter.group },
        { title: 'POSITION', value: ({ position }) => position, align: 'right' },
        { title: 'EVENT', value: ({ name }) => name },
        { title: 'KEY', value: (letter) => letter.key },
        { title: 'ATTEMPTS', value: ({ attempts }) => attempts, align: 'right' },
        { title: 'SINCE', value: ({ parkedAt }) => moment(parkedAt) },
        { title: 'WHAT HAPPENED', value: ({ error }) => error },
      ],
    );
    if (!first) return text;
    return `${text}\nMend the cause, then:  orderloom consumer-groups retry ${first.group}`;
  });
}

/** Has a group try its dead letters again: those of one key, or all. */
export async function retryLetters(
  { api, answer }: CommandContext,
  group: string,
  { key }: { readonly key?: string },
): Promise<void> {
  const asked = await api.post<{ readonly letters: number }>('/dead-letters/replay', {
    group,
    ...(key === undefined ? {} : { key }),
  });
  answer(asked, () => `${group} tries again what it could not handle: ${asked.letters}.`);
}

/** Forgets a group with its dead letters; one that a node runs is refused. */
export async function removeConsumerGroup(
  { api, answer }: CommandContext,
  group: string,
): Promise<void> {
  const removed = await api.delete<{ readonly group: string }>(pathOf(group));
  answer(removed, () => `${group} is gone; under this name a reader begins anew.`);
}

interface Steered {
  readonly group: string;
  readonly position: string;
}

function pathOf(group: string): string {
  return `/consumer-groups/${encodeURIComponent(group)}`;
}
