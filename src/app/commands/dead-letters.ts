/** `orderloom dead-letters`: messages of Kafka topics that could not be acted upon, and their replay. */
import { CommandError, type PageAnswer, type TopicDeadLetterAnswer } from '../api-client.ts';
import type { CommandContext, ListOptions } from '../command-context.ts';
import { moment, pageText, printable } from '../terminal.ts';

/** Lists dead letters, oldest first within a partition. */
export async function listDeadLetters(
  { api, answer }: CommandContext,
  { limit, cursor, topic }: ListOptions & { readonly topic?: string },
): Promise<void> {
  const page = await api.get<PageAnswer<TopicDeadLetterAnswer>>('/kafka/dead-letters', {
    ...{ limit, cursor, topic },
  });
  const [first] = page.items;
  answer(page, () => {
    const text = pageText(
      page,
      ['dead letter', 'dead letters'],
      [
        { title: 'LETTER', value: ({ id }) => id },
        { title: 'TRIGGER', value: ({ trigger }) => trigger },
        { title: 'CAUSE', value: ({ cause, code }) => code ?? cause },
        { title: 'KEY', value: ({ origin }) => origin.key },
        { title: 'SINCE', value: ({ failedAt }) => moment(failedAt) },
        { title: 'WHAT HAPPENED', value: ({ detail }) => detail },
      ],
    );
    if (!first) return text;
    return `${text}\nMend the cause, then:  orderloom dead-letters replay ${first.id}`;
  });
}

/** Takes letters through their triggers again; fails when one of them is still poison. */
export async function replayDeadLetters(
  { api, answer }: CommandContext,
  ids: readonly string[],
  { topic }: { readonly topic?: string },
): Promise<void> {
  if ((ids.length === 0) === (topic === undefined)) {
    throw new CommandError(
      'expected either ids of dead letters or --topic; list them with `orderloom dead-letters`',
    );
  }
  const { results } = await api.post<ReplayAnswer>(
    '/kafka/dead-letters/replay',
    topic === undefined ? { ids } : { topic },
  );
  answer({ results }, () =>
    results.length === 0
      ? 'no dead letters'
      : results
          .map(({ id, outcome, detail }) =>
            printable(`${said[outcome]}  ${id}${detail === null ? '' : `: ${detail}`}`),
          )
          .join('\n'),
  );
  if (results.some(({ outcome }) => outcome === 'failed' || outcome === 'unknown')) {
    process.exitCode = 1;
  }
}

interface ReplayAnswer {
  readonly results: readonly {
    readonly id: string;
    readonly outcome: 'replayed' | 'before' | 'failed' | 'unknown';
    readonly detail: string | null;
  }[];
}

const said = {
  replayed: 'replayed',
  before: 'was replayed before',
  failed: 'failed again',
  unknown: 'not found',
} as const;
