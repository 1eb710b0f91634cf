/**
 * `orderloom migrate`: moves the open instances of one version of a process to another, page by page,
 * or one instance. What does not fit stays as it is and is listed with the reason; the exit code is
 * then 1.
 */
import type { z } from 'zod';
import type {
  migrationPageSchema,
  migrationSchema,
} from '../../engine/procedures/version-procedures.ts';
import { CommandError } from '../api-client.ts';
import type { CommandContext } from '../command-context.ts';
import { table } from '../terminal.ts';
import { findInstance } from './processes.ts';

type Page = z.output<typeof migrationPageSchema>;
type One = z.output<typeof migrationSchema>;

/** What the command line gives. */
export interface MigrateOptions {
  readonly from?: string;
  readonly to?: string;
  readonly instance?: string;
  readonly map?: readonly string[];
  readonly restartTimer?: readonly string[];
  readonly dryRun?: boolean;
}

/** Instances of one call; each is a commit of its own. */
const pageSize = 100;

/** Moves all of them, or one; gives the exit code. */
export async function migrateInstances(
  context: CommandContext,
  process: string | undefined,
  options: MigrateOptions,
): Promise<number> {
  const plan = {
    ...(options.to !== undefined && { to: versionOf('--to', options.to) }),
    ...(options.map && { elements: Object.fromEntries(options.map.map(pairOf)) }),
    ...(options.restartTimer && { restartTimers: options.restartTimer }),
    dryRun: options.dryRun ?? false,
  };
  if (options.instance !== undefined) return await migrateOne(context, options.instance, plan);
  if (process === undefined || options.from === undefined) {
    throw new CommandError(
      'expected a process and --from <version>, or --instance <id>; ' +
        'such as: orderloom migrate process-order --from 1 --to 2 --dry-run',
    );
  }
  const input = { process, from: versionOf('--from', options.from), limit: pageSize, ...plan };
  return await migrateAll(context, input, plan.dryRun);
}

async function migrateOne(context: CommandContext, id: string, plan: object): Promise<number> {
  const instance = await findInstance(context, id, undefined);
  const result = await context.api.post<One>(`/processes/${instance.id}/migrate`, plan);
  context.answer(result, () => oneText(result));
  return result.outcome === 'refused' ? 1 : 0;
}

function oneText({ outcome, from, to, changes, problems }: One): string {
  const what = {
    migrated: `Moved from version ${from} to version ${to}.`,
    fits: `Fits version ${to}; nothing was moved.`,
    refused: `Does not fit version ${to}; it stays on version ${from}.`,
    pending: 'Asked for; the node that holds it has not answered yet.',
  }[outcome];
  const renamed = Object.entries(changes.renamed).map(([old, now]) => `  ${old} is now ${now}`);
  return [
    what,
    ...renamed,
    ...changes.waitsOpened.map((on) => `  begins to wait at ${on}`),
    ...changes.waitsClosed.map((on) => `  no longer waits at ${on}`),
    ...changes.variables.map((name) => `  variable ${name} changes`),
    ...problems.map(({ code, message }) => `  ${code}: ${message}`),
  ].join('\n');
}

async function migrateAll(
  context: CommandContext,
  input: object,
  dryRun: boolean,
): Promise<number> {
  const total = { looked: 0, moved: 0, pending: 0, refused: [] as Page['refused'] };
  const done = dryRun ? 'would be moved' : 'moved';
  let cursor: string | undefined;
  do {
    const body = cursor === undefined ? input : { ...input, cursor };
    const page = await context.api.post<Page>('/processes/migrate', body);
    total.looked += page.looked;
    total.moved += page.moved;
    total.pending += page.pending;
    total.refused.push(...page.refused);
    cursor = page.nextCursor ?? undefined;
    if (cursor !== undefined) context.say(`${total.moved} of ${total.looked} ${done} so far`);
  } while (cursor !== undefined);
  context.answer(total, () => {
    const lines = [`${total.moved} of ${total.looked} instances ${done}.`];
    if (total.pending > 0) lines.push(`${total.pending} asked for and not answered yet.`);
    if (total.refused.length > 0) lines.push('', refusedText(total.refused));
    return lines.join('\n');
  });
  return total.refused.length > 0 ? 1 : 0;
}

function refusedText(refused: Page['refused']): string {
  const rows = refused.flatMap(({ instanceId, problems }) =>
    problems.map((problem) => ({ instanceId, ...problem })),
  );
  return table(rows, [
    { title: 'STAYS', value: ({ instanceId }) => instanceId },
    { title: 'ELEMENT', value: ({ element }) => element || '(process)' },
    { title: 'WHY', value: ({ code }) => code },
    { title: 'WHAT TO DO', value: ({ message }) => message },
  ]);
}

function versionOf(option: string, text: string): number {
  const version = Number(text);
  if (Number.isSafeInteger(version) && version >= 1) return version;
  throw new CommandError(`${option}: expected a version such as 2, found ${text}`);
}

/** `old=new`; `old=` gives the element up. */
function pairOf(text: string): readonly [string, string | null] {
  const [old, target, ...rest] = text.split('=');
  if (!old || target === undefined || rest.length > 0) {
    throw new CommandError(`--map: expected old-element=new-element, found ${text}`);
  }
  return [old, target === '' ? null : target];
}
