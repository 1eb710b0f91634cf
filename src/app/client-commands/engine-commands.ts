/** The commands for the engine as a whole, and for what failed in it; as they appear in `orderloom --help`. */
import type { Command } from 'commander';
import { type CommandContext, commandContext } from '../command-context.ts';
import { client, listing } from './client-command.ts';

type EngineCommands = typeof import('../commands/engine.ts');
type Incidents = typeof import('../commands/incidents.ts');

/** Adds `incidents` and what stands below it. */
export function addIncidents(program: Command): void {
  const run = async (use: (commands: Incidents, context: CommandContext) => Promise<void>) =>
    await use(await import('../commands/incidents.ts'), commandContext(incidents.opts()));
  const incidents = listing(
    program.command('incidents'),
    'list what failed for good; retry or skip it',
  ).action(async () => {
    await run((commands, context) => commands.listIncidents(context, incidents.opts()));
  });
  incidents
    .command('groups')
    .description('what failed and how often, by cause')
    .action(async () => {
      await run((commands, context) => commands.listIncidentGroups(context, incidents.opts()));
    });
  incidents
    .command('retry')
    .description('try the failed step again')
    .argument('<id>', 'incident id, process id or order id')
    .action(async (id: string) => {
      await run((commands, context) => commands.retryIncident(context, id));
    });
  incidents
    .command('skip')
    .description('go on without the failed step')
    .argument('<id>', 'incident id, process id or order id')
    .requiredOption('--reason <text>', 'kept in the history')
    .option('--output <json>', "what stands for the step's result")
    .action(async (id: string, options: { reason: string; output?: string }) => {
      await run((commands, context) => commands.skipIncident(context, id, options));
    });
}

/** Adds `engine` and what stands below it. */
export function addEngine(program: Command): void {
  const run = async (use: (commands: EngineCommands, context: CommandContext) => Promise<void>) =>
    await use(await import('../commands/engine.ts'), commandContext(engine.opts()));
  const engine = client(
    program.command('engine'),
    'say whether the engine works or is paused; pause it, let it go on',
  ).action(async () => {
    await run((commands, context) => commands.showEngine(context));
  });
  engine
    .command('pause')
    .description('begin no more steps and fire no timers, on all nodes')
    .requiredOption('--reason <text>', 'kept and shown until the engine goes on')
    .action(async (options: { reason: string }) => {
      await run((commands, context) => commands.pauseEngine(context, options.reason));
    });
  engine
    .command('resume')
    .description('let all nodes go on')
    .action(async () => {
      await run((commands, context) => commands.resumeEngine(context));
    });
}
