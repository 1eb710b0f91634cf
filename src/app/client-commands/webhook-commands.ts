/** `orderloom webhooks` as it appears in `orderloom --help`. */
import type { Command } from 'commander';
import { commandContext } from '../command-context.ts';
import type { ReplayOptions } from '../commands/webhooks.ts';

/** Adds the list and the commands below it; `--url`, `--json` and the options of lists are there already. */
export function addWebhookCommands(webhooks: Command): void {
  const context = () => commandContext(webhooks.opts());
  const commands = () => import('../commands/webhooks.ts');
  const below = (name: string, description: string) =>
    webhooks.command(name).description(description).argument('<id>', 'subscription id');
  webhooks
    .option(
      '--status <status>',
      'active, failing or disabled; of deliveries: pending, delivered or failed',
    )
    .action(async () => (await commands()).listWebhooks(context(), webhooks.opts()));
  webhooks
    .command('add')
    .description('tell an address of events from now on, signed')
    .argument('<url>')
    .option('--events <names>', 'only events of these names, separated by commas')
    .option('--keys <keys>', 'only events of these keys, such as ids of orders')
    .option('--description <text>', 'whose it is, and what for')
    .action(async (url: string, options) => (await commands()).addWebhook(context(), url, options));
  below('deliveries', 'list what was sent, and what came of it')
    .option('--key <key>', 'only events of this key')
    .action(async (id: string, options: { readonly key?: string }) =>
      (await commands()).listDeliveries(context(), id, { ...webhooks.opts(), ...options }),
    );
  below('replay', 'send one delivery again, or all of a time, also for the first time')
    .argument('[deliveryId]')
    .option('--after <position>', 'events after this position of the log; 0 is the beginning')
    .option('--since <time>', 'events that occurred at this time or later: 2026-01-31T12:00:00Z')
    .option('--failed', 'of these only what was given up')
    .action(async (id: string, deliveryId: string | undefined, options: ReplayOptions) =>
      (await commands()).replayWebhook(context(), id, deliveryId, options),
    );
  below('off', 'send nothing until it is switched on again').action(async (id: string) =>
    (await commands()).switchWebhook(context(), id, false),
  );
  below('on', 'go on sending, also to a receiver that was given up').action(async (id: string) =>
    (await commands()).switchWebhook(context(), id, true),
  );
  below('rotate', 'make a new secret; the old one signs beside it for a while')
    .option('--overlap-hours <hours>', 'how long both sign (default: 24)')
    .action(async (id: string, options: { readonly overlapHours?: string }) =>
      (await commands()).rotateWebhookSecret(context(), id, options),
    );
  below('remove', 'end it, with its deliveries and their log').action(async (id: string) =>
    (await commands()).removeWebhook(context(), id),
  );
}
