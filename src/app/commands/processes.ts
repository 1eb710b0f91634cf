/** `orderloom processes [id]`: the instances, or the timeline of one, as it is or as it goes on. */
import {
  ApiProblem,
  CommandError,
  type InstanceAnswer,
  type InstanceRow,
  type PageAnswer,
} from '../api-client.ts';
import type { CommandContext, ListOptions } from '../command-context.ts';
import { followInstance, hasEnded } from '../follow-instance.ts';
import { type InstanceFilterOptions, instanceFilterOf } from '../instance-filter-options.ts';
import { dayOf, facts, moment, pageText, printable, timeOfDay } from '../terminal.ts';

/** Lists process instances, newest first. */
export async function listProcesses(
  { api, answer }: CommandContext,
  options: ListOptions & InstanceFilterOptions,
): Promise<void> {
  const { limit, cursor } = options;
  const query = { ...instanceFilterOf(options), limit, cursor };
  const page = await api.get<PageAnswer<InstanceRow>>('/processes', query);
  answer(page, () =>
    pageText(
      page,
      ['process', 'processes'],
      [
        { title: 'INSTANCE', value: ({ id }) => id },
        { title: 'PROCESS', value: ({ process }) => process },
        { title: 'ABOUT', value: ({ businessKey }) => businessKey },
        { title: 'STATUS', value: ({ status }) => status },
        { title: 'INCIDENTS', align: 'right', value: ({ openIncidents }) => openIncidents || '-' },
        {
          title: 'RETRYING',
          value: ({ retrying: [step] }) => step && `${step.element}, attempt ${step.attempt}`,
        },
        { title: 'STARTED', value: ({ startedAt }) => moment(startedAt) },
        { title: 'ENDED', value: ({ endedAt }) => moment(endedAt) },
      ],
    ),
  );
}

/**
 * Shows one instance, by its own id or by that of what it is about (an order's id shows the newest
 * instance of that order). With `follow`, goes on until the instance has ended.
 */
export async function showProcess(
  context: CommandContext,
  id: string,
  options: { readonly follow?: boolean; readonly at?: string; readonly all?: boolean },
): Promise<void> {
  const { api, json, answer, say } = context;
  const { at } = options;
  const isShown = options.all ? () => true : isStory;
  const first = await findInstance(context, id, at);
  if (!options.follow || hasEnded(first)) {
    const timeline = first.timeline.filter(isShown).map(timelineFrom(first.startedAt)).join('\n');
    answer(first, () => `${headText(first)}\n\n${timeline}${nowText(first)}`);
    return;
  }
  say(`${headText(first)}\n`);
  const textOf = timelineFrom(first.startedAt);
  const last = await followInstance(api, first.id, {
    onEntry: (entry) => {
      if (isShown(entry)) say(textOf(entry));
    },
    until: hasEnded,
  });
  say(`\nEnded: ${last.status}`);
  // Whole, since what was followed came in pieces.
  if (json) answer(await findInstance(context, first.id, at), () => '');
}

/** Asks for a change of one instance. */
export async function steerProcess(
  context: CommandContext,
  id: string,
  action: 'suspend' | 'resume' | 'cancel',
  done: string,
  body: { readonly reason?: string },
): Promise<void> {
  const instance = await findInstance(context, id, undefined);
  const result = await context.api.post(`/processes/${instance.id}/${action}`, body);
  context.answer(result, () => `${done} ${instance.name} ${instance.id}.`);
}

/** Has an activity of an ad-hoc sub-process begin. */
export async function startActivity(
  context: CommandContext,
  id: string,
  element: string,
  { scope }: { readonly scope?: string },
): Promise<void> {
  if (scope !== undefined && !/^[1-9]\d{0,8}$/.test(scope)) {
    throw new CommandError(`--scope: expected the number of a sub-process, found ${scope}`);
  }
  const instance = await findInstance(context, id, undefined);
  const body = { element, ...(scope !== undefined && { scope: Number(scope) }) };
  const result = await context.api.post(`/processes/${instance.id}/activities`, body);
  context.answer(result, () => `${element} of ${instance.name} ${instance.id} begins.`);
}

/** The instance of this id, else the newest about this thing, and rather one that no other process called. */
export async function findInstance(
  { api }: CommandContext,
  id: string,
  at: string | undefined,
): Promise<InstanceAnswer> {
  const get = (instanceId: string) =>
    api.get<InstanceAnswer>(`/processes/${encodeURIComponent(instanceId)}`, { at });
  try {
    return await get(id);
  } catch (error) {
    // An order of a telecom operator has no id of ours: 400 says that it is none.
    if (!(error instanceof ApiProblem) || (error.status !== 404 && error.status !== 400))
      throw error;
    const about = await api.get<PageAnswer<InstanceRow>>('/processes', { businessKey: id });
    const found = about.items.find(({ parent }) => parent === null) ?? about.items[0];
    if (found !== undefined) return await get(found.id);
    if (error.status === 404) throw error;
    throw new CommandError(
      `expected an instance, or what one is about; found nothing for "${id}" (PROCESS_NOT_FOUND)`,
    );
  }
}

function headText(instance: InstanceAnswer): string {
  return facts([
    ['Process', `${instance.name} (${instance.process}, version ${instance.version})`],
    ['Instance', instance.id],
    ['About', instance.businessKey],
    ['Status', instance.status],
    ['Started', moment(instance.startedAt)],
    ['Ended', instance.endedAt && moment(instance.endedAt)],
    ['Suspended', suspensionText(instance)],
    ['Trace', instance.traceId],
  ]);
}

function suspensionText({ suspended }: InstanceAnswer): string | null {
  return suspended && `by ${suspended.by} since ${moment(suspended.since)}: ${suspended.reason}`;
}

type Entry = InstanceAnswer['timeline'][number];

/** False for what only holds the graph together: gateways, joins, nameless starts and ends. */
export function isStory({ type, name }: Entry): boolean {
  if (type.endsWith('Gateway') || type === 'startEvent') return false;
  return type !== 'endEvent' || name !== 'End';
}

/**
 * Lines of a timeline, to be asked for in their order: where an entry is of another day than the one before it (at
 * first: than the start), the day stands above it. Instances wait for months, and a time of day does not tell.
 */
export function timelineFrom(startedAt: string): (entry: Entry) => string {
  let day = dayOf(startedAt);
  return (entry) => {
    const before = day;
    day = dayOf(entry.at);
    return day === before ? entryText(entry) : `        ${day}\n${entryText(entry)}`;
  };
}

/** One line of a timeline: when, and what happened. */
export function entryText(entry: Entry): string {
  return `  ${String(entry.seq).padStart(4)}  ${timeOfDay(entry.at)}  ${printable(entry.text)}`;
}

/** What is going on, and what it waits for. */
function nowText({ elements }: InstanceAnswer): string {
  const lines = elements.flatMap(({ name, waitingFor, incident, retrying }) => [
    ...(retrying
      ? [
          `  ${name}: failed (${retrying.code}: ${retrying.message}), attempt ${retrying.attempt} follows`,
        ]
      : []),
    ...waitingFor.map(({ kind, name: what, due }) => {
      const until = due === undefined ? '' : ` until ${moment(due)}`;
      return `  ${name}: waits for ${kind} ${what}${until}`;
    }),
    ...(incident ? [`  ${name}: incident ${incident.code} (${incident.message})`] : []),
  ]);
  // A wait for one of several values is several waits of one name, which read the same.
  const told = [...new Set(lines)];
  return told.length === 0 ? '' : `\n\nNow:\n${told.map(printable).join('\n')}`;
}
