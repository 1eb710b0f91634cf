/** `orderloom events`: the event log, newest last, and with `--follow` what comes. */
import type { EventAnswer, PageAnswer } from '../api-client.ts';
import type { CommandContext } from '../command-context.ts';
import { dayOf, pageText, timeOfDay } from '../terminal.ts';

/** Which events to show. */
export interface EventsOptions {
  readonly name?: string;
  readonly key?: string;
  readonly since?: string;
  readonly after?: string;
  readonly limit?: string;
  readonly cursor?: string;
}

/** Shows a page of the log, the newest events last. */
export async function listEvents(
  { api, answer }: CommandContext,
  { name, key, ...query }: EventsOptions,
): Promise<void> {
  const page = await api.get<PageAnswer<EventAnswer>>('/event-log', {
    ...query,
    names: name,
    keys: key,
  });
  answer(page, () =>
    pageText(
      { ...page, items: page.items.toReversed() },
      ['event', 'events'],
      [
        { title: 'POSITION', align: 'right', value: ({ position }) => position },
        { title: 'AT', value: ({ occurredAt }) => `${dayOf(occurredAt)} ${timeOfDay(occurredAt)}` },
        { title: 'EVENT', value: (event) => event.name },
        { title: 'KEY', value: (event) => event.key },
        { title: 'PAYLOAD', value: ({ payload }) => JSON.stringify(payload) },
      ],
    ),
  );
}

/** Prints each event as it comes, as one line; with `--json` as its CloudEvent. Ends with the stream. */
export async function followEvents(
  { api, json, say }: CommandContext,
  { name, key, after }: EventsOptions,
): Promise<void> {
  for await (const { id, data } of api.follow('/events', { names: name, keys: key, after })) {
    if (json) console.log(JSON.stringify(data));
    const event = data as CloudEvent;
    say(
      `${id.padStart(8)}  ${timeOfDay(event.time)}  ${event.type}  ${event.subject}  ` +
        JSON.stringify(event.data),
    );
  }
}

interface CloudEvent {
  readonly time: string;
  readonly type: string;
  readonly subject: string;
  readonly data: unknown;
}
