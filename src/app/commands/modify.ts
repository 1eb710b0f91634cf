/** `orderloom processes modify`: begins at other elements of an instance, and ends what runs, in one step. */
import { CommandError } from '../api-client.ts';
import type { CommandContext } from '../command-context.ts';
import { table } from '../terminal.ts';
import { findInstance } from './processes.ts';

/** What the command line gives; each option may be given several times. */
export interface ModifyOptions {
  readonly cancel?: readonly string[];
  readonly startBefore?: readonly string[];
  readonly startAfter?: readonly string[];
  readonly startAt?: readonly string[];
  readonly reason: string;
  readonly dryRun?: boolean;
}

interface Answer {
  readonly outcome: 'modified' | 'fits';
  readonly pending?: boolean;
  readonly changes: readonly {
    readonly kind: string;
    readonly element: string;
    readonly n: number;
  }[];
}

/** Asks for it: what is ended comes first, then what begins. */
export async function modifyProcess(
  context: CommandContext,
  id: string,
  options: ModifyOptions,
): Promise<void> {
  const { cancel = [], startBefore = [], startAfter = [], startAt = [] } = options;
  const instructions = [
    ...cancel.map(cancelOf),
    ...startBefore.map((element) => ({ type: 'start-before', element })),
    ...startAfter.map((element) => ({ type: 'start-after', element })),
    ...startAt.map((flow) => ({ type: 'start-at', flow })),
  ];
  if (instructions.length === 0) {
    throw new CommandError(
      'expected what to do, found nothing; ' +
        'such as: orderloom processes modify <id> --cancel pay --start-before ship --reason "paid in cash"',
    );
  }
  const instance = await findInstance(context, id, undefined);
  const body = { instructions, reason: options.reason, dryRun: options.dryRun ?? false };
  const result = await context.api.post<Answer>(`/processes/${instance.id}/modify`, body);
  context.answer(result, () => textOf(result));
}

/** `element`, or `element/n` for one of several. */
function cancelOf(text: string) {
  const [, element, n] = /^(.+?)(?:\/([1-9]\d{0,8}))?$/.exec(text) ?? [];
  return { type: 'cancel', element: element ?? text, ...(n !== undefined && { n: Number(n) }) };
}

function textOf({ outcome, pending, changes }: Answer): string {
  const what =
    outcome === 'fits'
      ? 'It can be done; nothing was changed.'
      : pending
        ? 'Asked for; the node that holds it has not answered yet.'
        : 'Done.';
  const rows = table(changes, [
    { title: 'WHAT', value: ({ kind }) => kind },
    { title: 'ELEMENT', value: ({ element }) => element || '(process)' },
    { title: 'NUMBER', align: 'right', value: ({ n }) => n },
  ]);
  return `${what}\n\n${rows}`;
}
