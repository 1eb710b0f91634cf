/** `orderloom trace <id>`: the trace events of one order or one trace, oldest first. */
import { CommandError, type PageAnswer, type Query, type TraceEventAnswer } from '../api-client.ts';
import type { CommandContext } from '../command-context.ts';
import { pageText, timeOfDay } from '../terminal.ts';

/** Shows what was done under a trace id, or for the order with this id. */
export async function showTrace({ api, answer }: CommandContext, id: string): Promise<void> {
  const page = await api.get<PageAnswer<TraceEventAnswer>>('/trace-events', {
    ...filterOf(id),
    limit: 200,
  });
  answer(page, () =>
    pageText(
      { ...page, items: page.items.toReversed() },
      ['trace event', 'trace events'],
      [
        { title: 'AT', value: ({ at }) => timeOfDay(at) },
        { title: 'EVENT', value: ({ type }) => type },
        { title: 'STATUS', value: ({ status }) => status },
        { title: 'SERVICE', value: ({ service }) => service },
        { title: 'PROCEDURE', value: ({ procedure }) => procedure },
        { title: 'MS', align: 'right', value: ({ durationMs }) => Math.round(durationMs) },
        { title: 'DETAILS', value: detailsText },
      ],
    ),
  );
}

function filterOf(id: string): Query {
  if (/^[0-9a-f]{32}$/i.test(id)) return { traceId: id.toLowerCase() };
  if (/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(id)) return { orderId: id };
  throw new CommandError(
    `expected a trace id (32 hex digits) or an order's id (a UUID), found "${id}"`,
  );
}

function detailsText({ errorCode, details }: TraceEventAnswer): string {
  const known = Object.entries(details)
    .filter(([, value]) => value !== null && typeof value !== 'object')
    .map(([name, value]) => `${name}=${value}`);
  return [errorCode, ...known].filter((part) => part !== null).join(' ');
}
