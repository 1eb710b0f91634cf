/** `orderloom bulk`: one action on many instances, as a job: tried first, watched, stopped. */
import type { z } from 'zod';
import type {
  bulkItemSchema,
  bulkOperationSchema,
} from '../../engine/procedures/bulk-procedures.ts';
import { CommandError, type InstanceRow, type PageAnswer } from '../api-client.ts';
import type { CommandContext, ListOptions } from '../command-context.ts';
import { type InstanceFilterOptions, instanceFilterOf } from '../instance-filter-options.ts';
import { facts, moment, pageText, table } from '../terminal.ts';

type Operation = z.output<typeof bulkOperationSchema>;
type Item = z.output<typeof bulkItemSchema>;

/** Options of a command that begins an operation. */
export interface BulkOptions extends InstanceFilterOptions {
  readonly reason: string;
  readonly rate?: string;
  readonly dryRun?: boolean;
  readonly detach?: boolean;
  readonly to?: string;
}

interface Begun {
  readonly operation: Operation | null;
  readonly count: { readonly value: number; readonly capped: boolean };
  readonly samples: readonly InstanceRow[];
}

/** Tries an operation, or begins it and shows its progress until it has ended. */
export async function beginBulk(
  context: CommandContext,
  action: string,
  options: BulkOptions,
): Promise<void> {
  const { api, answer, say } = context;
  const { reason, rate, dryRun = false, to } = options;
  const given = Object.entries(instanceFilterOf(options)).filter(
    ([, value]) => value !== undefined,
  );
  if (given.length === 0) {
    throw new CommandError(
      'expected at least one condition, such as --process or --status, found none',
    );
  }
  const begun = await api.post<Begun>('/processes/bulk-operations', {
    ...{ action, reason, dryRun, filter: Object.fromEntries(given) },
    ...(rate === undefined ? {} : { perSecond: Number(rate) }),
    ...(to === undefined ? {} : { to: Number(to) }),
  });
  const { operation } = begun;
  if (!operation) {
    answer(begun, () => triedText(action, begun));
    return;
  }
  if (options.detach) {
    answer(operation, () => `${operationText(operation)}\n\n${nextText(operation)}`);
    return;
  }
  say(`${capital(action)} of ${countText(begun)}, at most ${operation.perSecond} a second.`);
  say(`Ctrl-C leaves it running; stop it with:  orderloom bulk stop ${operation.id}`);
  await followBulk(context, operation.id);
}

/** Shows an operation; with `follow`, its progress until it has ended. */
export async function showBulk(
  context: CommandContext,
  id: string,
  options: { readonly follow?: boolean },
): Promise<void> {
  if (options.follow) {
    await followBulk(context, id);
    return;
  }
  const operation = await context.api.get<Operation>(pathOf(id));
  const bad = await badItems(context, operation);
  context.answer(operation, () => `${operationText(operation)}${bad}`);
}

/** Lists operations, newest first. */
export async function listBulk(
  { api, answer }: CommandContext,
  { limit, cursor }: ListOptions,
): Promise<void> {
  const page = await api.get<PageAnswer<Operation>>('/processes/bulk-operations', {
    limit,
    cursor,
  });
  answer(page, () =>
    pageText(
      page,
      ['bulk operation', 'bulk operations'],
      [
        { title: 'OPERATION', value: ({ id }) => id },
        { title: 'ACTION', value: ({ action }) => action },
        { title: 'STATUS', value: ({ status }) => status },
        { title: 'DONE', align: 'right', value: ({ done, total }) => `${done}/${total}` },
        { title: 'FAILED', align: 'right', value: ({ failed }) => failed },
        { title: 'SKIPPED', align: 'right', value: ({ skipped }) => skipped },
        { title: 'BY', value: ({ by }) => by },
        { title: 'BEGAN', value: ({ createdAt }) => moment(createdAt) },
        { title: 'WHY', value: ({ reason }) => reason },
      ],
    ),
  );
}

/** Stops an operation. */
export async function stopBulk({ api, answer }: CommandContext, id: string): Promise<void> {
  const operation = await api.post<Operation>(`${pathOf(id)}/stop`, {});
  answer(operation, () => operationText(operation));
}

const lookEveryMs = 500;

async function followBulk(context: CommandContext, id: string): Promise<void> {
  const { api, say, answer } = context;
  let shown = '';
  for (;;) {
    const operation = await api.get<Operation>(pathOf(id));
    const line = progressText(operation);
    if (line !== shown) say(line);
    shown = line;
    if (operation.endedAt !== null) {
      const bad = await badItems(context, operation);
      answer(operation, () => `\n${operationText(operation)}${bad}`);
      return;
    }
    await new Promise((resolve) => setTimeout(resolve, lookEveryMs));
  }
}

/** `  45 %  450 of 1000, 3 failed` */
function progressText({ status, total, done, failed, skipped }: Operation): string {
  if (status === 'collecting') return `  writing down which are meant: ${total} so far`;
  const through = done + failed + skipped;
  const share = total === 0 ? 100 : Math.floor((100 * through) / total);
  const bad = [
    ...(failed > 0 ? [`${failed} failed`] : []),
    ...(skipped > 0 ? [`${skipped} skipped`] : []),
  ];
  return [`  ${String(share).padStart(3)} %  ${through} of ${total}`, ...bad].join(', ');
}

async function badItems({ api }: CommandContext, operation: Operation): Promise<string> {
  const pages = await Promise.all(
    (['failed', 'skipped'] as const)
      .filter((status) => operation[status] > 0)
      .map((status) =>
        api.get<PageAnswer<Item>>(`${pathOf(operation.id)}/items`, { status, limit: 10 }),
      ),
  );
  const items = pages.flatMap((page) => page.items);
  if (items.length === 0) return '';
  const rows = table(items, [
    { title: 'INSTANCE', value: ({ instanceId }) => instanceId },
    { title: 'OUTCOME', value: ({ status }) => status },
    { title: 'WHY', value: ({ message }) => message },
  ]);
  const all = operation.failed + operation.skipped;
  const rest = all > items.length ? `\n… and ${all - items.length} more` : '';
  return `\n\n${rows}${rest}`;
}

function operationText(operation: Operation): string {
  const { id, action, status, total, done, failed, skipped, remaining } = operation;
  return facts([
    ['Operation', id],
    ['Action', `${action}: ${operation.reason}`],
    ['Asked by', `${operation.by}, ${moment(operation.createdAt)}`],
    ['Meant', JSON.stringify(operation.filter)],
    ['Status', operation.endedAt ? `${status}, ${moment(operation.endedAt)}` : status],
    ['Done', `${done} of ${total}`],
    ['Failed', failed > 0 ? String(failed) : null],
    ['Skipped', skipped > 0 ? `${skipped} (nothing was to be done any more)` : null],
    ['Remaining', remaining > 0 ? String(remaining) : null],
  ]);
}

function triedText(action: string, begun: Begun): string {
  const rows = table(begun.samples, [
    { title: 'INSTANCE', value: ({ id }) => id },
    { title: 'PROCESS', value: ({ process, version }) => `${process} ${version}` },
    { title: 'ABOUT', value: ({ businessKey }) => businessKey },
    { title: 'STATUS', value: ({ status }) => status },
    { title: 'STARTED', value: ({ startedAt }) => moment(startedAt) },
  ]);
  const head = `Nothing was done. ${capital(action)} would be for ${countText(begun)}.`;
  return rows === '' ? head : `${head} The newest of them:\n\n${rows}`;
}

function countText({ count: { value, capped } }: Begun): string {
  return `${value}${capped ? ' or more' : ''} ${value === 1 ? 'instance' : 'instances'}`;
}

function nextText({ id }: Operation): string {
  return `Watch it:  orderloom bulk show ${id} --follow`;
}

function pathOf(id: string): string {
  return `/processes/bulk-operations/${encodeURIComponent(id)}`;
}

function capital(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}
