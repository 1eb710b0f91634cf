/** The commands for events and for who reads them; as they appear in `orderloom --help`. */
import type { Command } from 'commander';
import { commandContext } from '../command-context.ts';
import type { EventsOptions } from '../commands/events.ts';
import { type Listing, listing } from './client-command.ts';

/** Adds `events`. */
export function addEvents(program: Command): void {
  listing(program.command('events'), 'show the newest events of the log, or follow it')
    .option('--follow', 'show each event as it comes, until interrupted')
    .option('--name <names>', 'only events of these names, separated by commas')
    .option('--key <keys>', 'only events of these keys, such as ids of orders')
    .option('--since <time>', 'only events that occurred at this time or later (ISO 8601)')
    .option('--after <position>', 'only events after this position')
    .action(async (options: Listing & EventsOptions & { readonly follow?: boolean }) => {
      const { url, json, follow, ...wanted } = options;
      const { followEvents, listEvents } = await import('../commands/events.ts');
      const context = commandContext(options);
      await (follow ? followEvents(context, wanted) : listEvents(context, wanted));
    });
}

/** Adds `consumer-groups` and what stands below it. */
export function addConsumerGroups(program: Command): void {
  const groups = listing(
    program.command('consumer-groups'),
    'list the readers of the event log; pause, resume, replay or remove one, and see what it could not handle',
  ).action(async () => {
    const { listConsumerGroups } = await import('../commands/consumer-groups.ts');
    await listConsumerGroups(commandContext(groups.opts()), groups.opts());
  });
  for (const [action, description] of [
    ['pause', 'let events wait for the group'],
    ['resume', 'let a paused group go on'],
  ] as const) {
    groups
      .command(action)
      .description(description)
      .argument('<group>')
      .action(async (group: string) => {
        const { steerConsumerGroup } = await import('../commands/consumer-groups.ts');
        await steerConsumerGroup(commandContext(groups.opts()), action, group);
      });
  }
  groups
    .command('replay')
    .description('let it handle the log again from there on, or go past what it never shall')
    .argument('<group>')
    .option('--after <position>', 'the event after this position is the next; 0 is the beginning')
    .option('--since <time>', 'events that occurred at this time or later: 2026-01-31T12:00:00Z')
    .action(async (group: string, options: { after?: string; since?: string }) => {
      const { replayConsumerGroup } = await import('../commands/consumer-groups.ts');
      await replayConsumerGroup(commandContext(groups.opts()), group, options);
    });
  groups
    .command('letters')
    .description('list events that could not be handled: of this group, or of all')
    .argument('[group]')
    .option('--key <key>', 'only events of this key')
    .action(async (group: string | undefined, options: { key?: string }) => {
      const { listLetters } = await import('../commands/consumer-groups.ts');
      await listLetters(commandContext(groups.opts()), group, { ...groups.opts(), ...options });
    });
  groups
    .command('retry')
    .description('try what it could not handle again, in the order of each key')
    .argument('<group>')
    .option('--key <key>', 'only events of this key')
    .action(async (group: string, options: { key?: string }) => {
      const { retryLetters } = await import('../commands/consumer-groups.ts');
      await retryLetters(commandContext(groups.opts()), group, options);
    });
  groups
    .command('remove')
    .description(
      'forget a group that nobody runs any more: for it the log keeps all it has not read',
    )
    .argument('<group>')
    .action(async (group: string) => {
      const { removeConsumerGroup } = await import('../commands/consumer-groups.ts');
      await removeConsumerGroup(commandContext(groups.opts()), group);
    });
}

/** Adds `dead-letters` and what stands below it. */
export function addDeadLetters(program: Command): void {
  const letters = listing(
    program.command('dead-letters'),
    'list messages of Kafka topics that could not be acted upon; replay them',
  )
    .option('--topic <topic>', 'only messages that came from this topic')
    .action(async () => {
      const { listDeadLetters } = await import('../commands/dead-letters.ts');
      await listDeadLetters(commandContext(letters.opts()), letters.opts());
    });
  letters
    .command('replay')
    .description(
      'take dead letters through their triggers again: these, or with --topic the oldest',
    )
    .argument('[ids...]', 'cluster/topic/partition/offset, as the list shows them')
    .action(async (ids: readonly string[]) => {
      const { replayDeadLetters } = await import('../commands/dead-letters.ts');
      await replayDeadLetters(commandContext(letters.opts()), ids, letters.opts());
    });
}
