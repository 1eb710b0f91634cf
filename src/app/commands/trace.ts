/** `orderloom trace <id>`: the trace events of one order or one trace, oldest first. */
import {
  CommandError,
  type InstanceRow,
  type PageAnswer,
  type Query,
  type TraceEventAnswer,
} from '../api-client.ts';
import type { CommandContext } from '../command-context.ts';
import { pageFooter, table, timeOfDay } from '../terminal.ts';

/** Shows what was done under a trace id, or under the trace of the order with this id. */
export async function showTrace(context: CommandContext, id: string): Promise<void> {
  const { api, answer } = context;
  const filter = await filterOf(context, id);
  const page = await api.get<PageAnswer<TraceEventAnswer>>('/trace-events', {
    ...filter,
    limit: 200,
  });
  answer(page, () =>
    [
      table(page.items.toReversed(), [
        { title: 'AT', value: ({ at }) => timeOfDay(at) },
        { title: 'EVENT', value: ({ type }) => type },
        { title: 'STATUS', value: ({ status }) => status },
        { title: 'SERVICE', value: ({ service }) => service },
        { title: 'PROCEDURE', value: ({ procedure }) => procedure },
        { title: 'MS', align: 'right', value: ({ durationMs }) => Math.round(durationMs) },
        { title: 'DETAILS', value: detailsText },
      ]),
      '',
      pageFooter(page, 'trace events'),
    ].join('\n'),
  );
}

/** An order's way is one trace: that of the request which placed it, carried on by its process. */
async function filterOf({ api }: CommandContext, id: string): Promise<Query> {
  if (/^[0-9a-f]{32}$/i.test(id)) return { traceId: id.toLowerCase() };
  if (!/^[0-9a-f-]{36}$/i.test(id)) {
    throw new CommandError(
      `expected a trace id (32 hex digits) or an order's id (a UUID), found "${id}"`,
    );
  }
  const carriers = await api.get<PageAnswer<InstanceRow>>('/processes', { businessKey: id });
  const first = carriers.items.at(-1);
  return first === undefined ? { orderId: id } : { traceId: first.traceId };
}

function detailsText({ errorCode, details }: TraceEventAnswer): string {
  const known = Object.entries(details)
    .filter(([, value]) => value !== null && typeof value !== 'object')
    .map(([name, value]) => `${name}=${value}`);
  return [errorCode, ...known].filter((part) => part !== null).join(' ');
}
