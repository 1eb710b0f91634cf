/** `orderloom incidents`: what failed for good, and a person's way out: try again, or skip. */
import {
  CommandError,
  type IncidentAnswer,
  type IncidentGroupAnswer,
  type PageAnswer,
} from '../api-client.ts';
import type { CommandContext, ListOptions } from '../command-context.ts';
import { moment, pageText } from '../terminal.ts';

/** Lists open incidents, newest first. */
export async function listIncidents(
  { api, answer }: CommandContext,
  { limit, cursor }: ListOptions,
): Promise<void> {
  const page = await api.get<PageAnswer<IncidentAnswer>>('/incidents', { limit, cursor });
  const [first] = page.items;
  answer(page, () => {
    const text = pageText(
      page,
      ['open incident', 'open incidents'],
      [
        { title: 'INCIDENT', value: ({ id }) => id },
        { title: 'ABOUT', value: ({ businessKey }) => businessKey },
        { title: 'PROCESS', value: ({ process }) => process },
        { title: 'STEP', value: ({ element }) => element },
        { title: 'CODE', value: ({ code }) => code },
        { title: 'SINCE', value: ({ openedAt }) => moment(openedAt) },
        { title: 'WHAT HAPPENED', value: ({ message }) => message },
      ],
    );
    return first ? `${text}\nMend the cause, then:  orderloom incidents retry ${first.id}` : text;
  });
}

/** Lists causes of open incidents, the most frequent first. */
export async function listIncidentGroups(
  { api, answer }: CommandContext,
  { limit, cursor }: ListOptions,
): Promise<void> {
  const query = { limit, cursor };
  const page = await api.get<PageAnswer<IncidentGroupAnswer>>('/incidents/groups', query);
  answer(page, () =>
    pageText(
      page,
      ['cause', 'causes'],
      [
        { title: 'OPEN', align: 'right', value: ({ open }) => open },
        { title: 'CAUSE', value: ({ cause }) => cause },
        { title: 'FAILED', value: ({ source }) => source },
        { title: 'CODE', value: ({ code }) => code },
        { title: 'FIRST', value: ({ firstSeen }) => moment(firstSeen) },
        { title: 'LAST', value: ({ lastSeen }) => moment(lastSeen) },
        { title: 'WHAT HAPPENED', value: ({ message }) => message },
      ],
    ),
  );
}

/** Tries the failed step again, with the same idempotency key. */
export async function retryIncident(context: CommandContext, id: string): Promise<void> {
  const incident = await findIncident(context, id);
  const result = await context.api.post(`${pathOf(incident)}/retry`, {});
  context.answer(result, () => `Trying ${incident.element} again.`);
}

/** Goes on without the failed step; the reason is kept in the history. */
export async function skipIncident(
  context: CommandContext,
  id: string,
  options: { readonly reason: string; readonly output?: string },
): Promise<void> {
  const { reason } = options;
  const output = options.output === undefined ? {} : { output: parseOutput(options.output) };
  const incident = await findIncident(context, id);
  const result = await context.api.post(`${pathOf(incident)}/skip`, { reason, ...output });
  context.answer(result, () => `Skipped ${incident.element}: ${reason}`);
}

function pathOf({ instanceId, n }: IncidentAnswer): string {
  return `/processes/${instanceId}/incidents/${n}`;
}

function parseOutput(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new CommandError(`--output: expected JSON such as '{"sent": true}', found ${text}`);
  }
}

/** The one open incident with this id, of this instance, or of what the instance is about. */
async function findIncident({ api }: CommandContext, id: string): Promise<IncidentAnswer> {
  const found: IncidentAnswer[] = [];
  let cursor: string | undefined;
  do {
    const page = await api.get<PageAnswer<IncidentAnswer>>('/incidents', { limit: 200, cursor });
    found.push(
      ...page.items.filter((one) => [one.id, one.instanceId, one.businessKey].includes(id)),
    );
    cursor = page.nextCursor ?? undefined;
  } while (cursor !== undefined);
  const [only, ...others] = found;
  if (only === undefined) {
    throw new CommandError(
      `expected the id of an open incident, of a process or of what it is about, found ${id}; ` +
        'list them with `orderloom incidents`',
    );
  }
  if (others.length > 0) {
    const ids = found.map((one) => `\n  ${one.id}  ${one.element}: ${one.code}`).join('');
    throw new CommandError(`${id} has several open incidents; name one of them:${ids}`);
  }
  return only;
}
