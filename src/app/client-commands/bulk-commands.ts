/** `orderloom bulk` as it appears in `orderloom --help`. */
import type { Command } from 'commander';
import { commandContext } from '../command-context.ts';
import type { BulkOptions } from '../commands/bulk.ts';
import { addInstanceFilter } from '../instance-filter-options.ts';

const actions = {
  cancel: 'end instances, and undo in reverse order what they have done',
  retry: 'try the failed steps of instances with incidents again',
  suspend: 'hold instances: nothing of them begins until they are resumed',
  resume: 'let suspended instances go on',
  migrate: 'move instances of a process to another version',
} as const;

type Given = Readonly<Record<string, string | boolean | undefined>>;

/** Adds the commands below `bulk`, whose own options (`--url`, `--json`, …) they share. */
export function addBulkCommands(bulk: Command): void {
  const context = () => commandContext(bulk.opts());
  bulk.action(async () => {
    const { listBulk } = await import('../commands/bulk.ts');
    await listBulk(context(), bulk.opts());
  });
  for (const [action, description] of Object.entries(actions)) {
    const command = addInstanceFilter(bulk.command(action).description(description))
      .requiredOption('--reason <text>', 'kept with the operation and in the timelines')
      .option('--dry-run', 'only say how many it would be, with samples')
      .option('--rate <count>', 'at most so many a second, 1 to 1000 (default: 20)')
      .option('--detach', 'do not wait for the end');
    if (action === 'migrate') command.option('--to <version>', 'version (default: the newest)');
    command.action(async (options: BulkOptions) => {
      const { beginBulk } = await import('../commands/bulk.ts');
      await beginBulk(context(), action, options);
    });
  }
  bulk
    .command('show')
    .description('show how far an operation is, and what failed')
    .argument('<id>')
    .option('--follow', 'show its progress until it has ended')
    .action(async (id: string, options: Given) => {
      const { showBulk } = await import('../commands/bulk.ts');
      await showBulk(context(), id, { follow: options.follow === true });
    });
  bulk
    .command('stop')
    .description('treat no further instance; what was done stays done')
    .argument('<id>')
    .action(async (id: string) => {
      const { stopBulk } = await import('../commands/bulk.ts');
      await stopBulk(context(), id);
    });
}
