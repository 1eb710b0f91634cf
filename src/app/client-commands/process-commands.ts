/** The commands for processes: what is deployed, what runs, and where it stands; as they appear in `orderloom --help`. */
import type { Command } from 'commander';
import { type ClientOptions, commandContext } from '../command-context.ts';
import type { DiagramOptions } from '../commands/diagram.ts';
import type { MigrateOptions } from '../commands/migrate.ts';
import type { ModifyOptions } from '../commands/modify.ts';
import { addInstanceFilter, type InstanceFilterOptions } from '../instance-filter-options.ts';
import { client, type Listing, listing } from './client-command.ts';

/** Adds `deploy` and `export`. */
export function addDrawings(program: Command): void {
  client(
    program.command('deploy'),
    'deploy drawings (BPMN 2.0) and decisions (DMN): each new content is the next version',
  )
    .argument('<files...>')
    .option('--dry-run', 'only check them, against the procedures of the program that runs')
    .option(
      '--delegates <file>',
      'procedures by Java class, bean or expression (default: orderloom.delegates.json beside the files)',
    )
    .action(
      async (
        files: string[],
        options: ClientOptions & { dryRun?: boolean; delegates?: string },
      ) => {
        const { deploy } = await import('../commands/deploy.ts');
        const { dryRun = false, delegates } = options;
        const table = delegates === undefined ? {} : { delegates };
        await deploy(commandContext(options), files, { dryRun, ...table });
      },
    );
  client(program.command('export'), 'print a process as BPMN 2.0, with a diagram')
    .argument('<process>')
    .option('--version <version>', 'default: the newest')
    .action(async (process: string, options: ClientOptions & { version?: string }) => {
      const { exportProcess } = await import('../commands/deploy.ts');
      await exportProcess(commandContext(options), process, options.version);
    });
}

/** Adds `diagram`. */
export function addDiagram(program: Command): void {
  client(
    program.command('diagram'),
    'print a picture (SVG) of where an instance stands, of a process, or of a file of BPMN',
  )
    .argument(
      '<what>',
      'a file, an instance by its id or by what it is about, or with --process the name of a process',
    )
    .option('--process', 'the newest version of a process, with how much is where')
    .option('--version <version>', 'this version of the process')
    .option('--at <seq>', 'the instance as it was after this line of its timeline')
    .option('--data', 'instead of a picture, what bpmn-js needs for one')
    .action(async (what: string, options: ClientOptions & DiagramOptions) => {
      const { printDiagram } = await import('../commands/diagram.ts');
      await printDiagram(commandContext(options), what, options);
    });
}

/** Adds `processes` and what stands below it. */
export function addProcesses(program: Command): void {
  const processes = listing(
    program.command('processes'),
    'list process instances, or show the timeline of one',
  ).argument('[id]', 'instance id, or the id of what it is about, such as an order');
  addInstanceFilter(processes)
    .option('--follow', 'show each new line until the instance has ended')
    .option('--all', 'also gateways, joins, starts and ends')
    .option('--at <seq>', 'as it was after this line of its timeline')
    .action(
      async (
        id: string | undefined,
        options: Listing & {
          readonly follow?: boolean;
          readonly at?: string;
          readonly all?: boolean;
        } & InstanceFilterOptions,
      ) => {
        const { listProcesses, showProcess } = await import('../commands/processes.ts');
        const context = commandContext(options);
        await (id === undefined
          ? listProcesses(context, options)
          : showProcess(context, id, options));
      },
    );
  for (const [name, done, description] of [
    ['suspend', 'Suspended', 'hold an instance: nothing of it begins until it is resumed'],
    ['cancel', 'Cancelling', 'end an instance, and undo in reverse order what it has done'],
  ] as const) {
    processes
      .command(name)
      .description(description)
      .argument('<id>', 'instance id, or the id of what it is about')
      .requiredOption('--reason <text>', 'kept in the timeline')
      .action(async (id: string, { reason }: { reason: string }) => {
        const { steerProcess } = await import('../commands/processes.ts');
        await steerProcess(commandContext(processes.opts()), id, name, done, { reason });
      });
  }
  processes
    .command('resume')
    .description('let a suspended instance go on')
    .argument('<id>', 'instance id, or the id of what it is about')
    .action(async (id: string) => {
      const { steerProcess } = await import('../commands/processes.ts');
      await steerProcess(commandContext(processes.opts()), id, 'resume', 'Resumed', {});
    });
  processes
    .command('modify')
    .description('begin at other elements of an instance and end what runs, in one step')
    .argument('<id>', 'instance id, or the id of what it is about')
    .option('--cancel <element...>', 'end what runs there; element/number for one of several')
    .option('--start-before <element...>', 'a token begins before the element')
    .option('--start-after <element...>', 'a token begins behind the element')
    .option('--start-at <flow...>', 'a token begins on the sequence flow')
    .requiredOption('--reason <text>', 'kept in the timeline')
    .option('--dry-run', 'only say what would come of it')
    .action(async (id: string, options: ModifyOptions) => {
      const { modifyProcess } = await import('../commands/modify.ts');
      await modifyProcess(commandContext(processes.opts()), id, options);
    });
  processes
    .command('start-activity')
    .description('have an activity of an ad-hoc sub-process begin')
    .argument('<id>', 'instance id, or the id of what it is about')
    .argument('<element>', 'id of the activity')
    .option('--scope <n>', 'number of the sub-process, when several of it run')
    .action(async (id: string, element: string, options: { scope?: string }) => {
      const { startActivity } = await import('../commands/processes.ts');
      await startActivity(commandContext(processes.opts()), id, element, options);
    });
}

/** Adds `schedules` and what stands below it. */
export function addSchedules(program: Command): void {
  const schedules = listing(
    program.command('schedules'),
    'list when processes begin by the clock; pause, resume or run a schedule',
  ).action(async () => {
    const { listSchedules } = await import('../commands/schedules.ts');
    await listSchedules(commandContext(schedules.opts()), schedules.opts());
  });
  for (const [action, description] of [
    ['pause', 'let its moments pass without an instance'],
    ['resume', 'let it go on with the first moment from now'],
    ['run', 'start an instance now'],
  ] as const) {
    schedules
      .command(action)
      .description(description)
      .argument('<process>')
      .argument('<schedule>')
      .action(async (process: string, schedule: string) => {
        const { steerSchedule } = await import('../commands/schedules.ts');
        await steerSchedule(commandContext(schedules.opts()), action, { process, schedule });
      });
  }
}

/** Adds `migrate`. */
export function addMigrate(program: Command): void {
  const several = (value: string, before: readonly string[] = []) => [...before, value];
  client(program.command('migrate'), 'move open instances to another version of their process')
    .argument('[process]', 'name of the process')
    .option('--from <version>', 'the version that they are on')
    .option('--to <version>', 'the version that they come to (default: the newest)')
    .option('--instance <id>', 'only this instance: its id, or that of what it is about')
    .option('--map <old=new>', 'an element that has another id; old= gives it up', several)
    .option('--restart-timer <id>', 'a timer of the new version that begins anew', several)
    .option('--dry-run', 'only say what would come of it')
    .action(async (name: string | undefined, options: ClientOptions & MigrateOptions) => {
      const { migrateInstances } = await import('../commands/migrate.ts');
      process.exitCode = await migrateInstances(commandContext(options), name, options);
    });
}
