/** The commands that watch and steer a running program, as they appear in `orderloom --help`. */
import type { Command } from 'commander';
import { addBulkCommands } from './bulk-commands.ts';
import { type ClientOptions, type CommandContext, commandContext } from './command-context.ts';
import type { DiagramOptions } from './commands/diagram.ts';
import type { EventsOptions } from './commands/events.ts';
import type { MigrateOptions } from './commands/migrate.ts';
import type { ModifyOptions } from './commands/modify.ts';
import { addInstanceFilter, type InstanceFilterOptions } from './instance-filter-options.ts';
import { addTaskCommands, addTaskList } from './task-commands.ts';
import { addWebhookCommands } from './webhook-commands.ts';

type Listing = ClientOptions & { readonly limit?: string; readonly cursor?: string };

/** Adds them. Each is loaded when it is used, so that none slows the others down. */
export function addClientCommands(program: Command): void {
  addOrders(program);
  addTasks(program);
  addProcesses(program);
  addIncidents(program);
  addEngine(program);
  addBulkCommands(
    listing(program.command('bulk'), 'do one thing to many process instances; list what was done'),
  );
  client(program.command('statistics'), 'count process instances; by element for one process')
    .argument('[process]')
    .option('--check', 'count all instances anew and compare; takes long with many')
    .action(async (name: string | undefined, options: ClientOptions & { check?: boolean }) => {
      const { showStatistics, checkStatistics } = await import('./commands/statistics.ts');
      const context = commandContext(options);
      await (options.check ? checkStatistics(context) : showStatistics(context, name));
    });
  client(
    program.command('cluster'),
    'show the nodes, their shards and how far they are behind',
  ).action(async (options: ClientOptions) => {
    const { showCluster } = await import('./commands/cluster.ts');
    await showCluster(commandContext(options));
  });
  addEvents(program);
  addMigrate(program);
  addDrawings(program);
  addDiagram(program);
  addSchedules(program);
  addConsumerGroups(program);
  addDeadLetters(program);
  addWebhookCommands(
    listing(
      program.command('webhooks'),
      'list who outside is told of events; tell somebody, see what was sent, send it again',
    ),
  );
  client(program.command('trace'), 'show the trace events of an order or a trace, oldest first')
    .argument('<id>', 'trace id or order id')
    .action(async (id: string, options: ClientOptions) => {
      const { showTrace } = await import('./commands/trace.ts');
      await showTrace(commandContext(options), id);
    });
  client(program.command('demo'), 'play the three stories of an order, with live output').action(
    async (options: ClientOptions) => {
      const { playDemo } = await import('./commands/demo.ts');
      process.exitCode = await playDemo(commandContext(options));
    },
  );
}

function client(command: Command, description: string): Command {
  return command
    .description(description)
    .option(
      '--url <url>',
      'where the program runs (default: ORDERLOOM_URL, else this machine, at PORT or 3001)',
    )
    .option('--json', 'print the JSON of the API');
}

function listing(command: Command, description: string): Command {
  return client(command, description)
    .option('--limit <count>', 'rows per page, 1 to 200')
    .option('--cursor <cursor>', 'the page after this one');
}

function addOrders(program: Command): void {
  listing(program.command('orders'), 'list orders, or show one')
    .argument('[orderId]')
    .option('--status <status>', 'only orders in this status')
    .action(async (id: string | undefined, options: Listing & { status?: string }) => {
      const { listOrders, showOrder } = await import('./commands/orders.ts');
      const context = commandContext(options);
      await (id === undefined ? listOrders(context, options) : showOrder(context, id));
    });
}

function addTasks(program: Command): void {
  addTaskList(listing(program.command('tasks'), 'list what waits for a person'));
  addTaskCommands(
    client(program.command('task'), 'claim, hand on, complete and talk about a task'),
  );
  for (const [name, approved] of [
    ['approve', true],
    ['reject', false],
  ] as const) {
    client(program.command(name), `${name} an order, or what a task asks`)
      .argument('<id>', 'order id or task id')
      .option('--reason <text>', 'kept with the decision')
      .action(async (id: string, options: ClientOptions & { reason?: string }) => {
        const { decide } = await import('./commands/tasks.ts');
        const { reason } = options;
        const why = reason === undefined ? {} : { reason };
        await decide(commandContext(options), id, { approved, ...why });
      });
  }
}

function addDrawings(program: Command): void {
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
        const { deploy } = await import('./commands/deploy.ts');
        const { dryRun = false, delegates } = options;
        const table = delegates === undefined ? {} : { delegates };
        await deploy(commandContext(options), files, { dryRun, ...table });
      },
    );
  client(program.command('export'), 'print a process as BPMN 2.0, with a diagram')
    .argument('<process>')
    .option('--version <version>', 'default: the newest')
    .action(async (process: string, options: ClientOptions & { version?: string }) => {
      const { exportProcess } = await import('./commands/deploy.ts');
      await exportProcess(commandContext(options), process, options.version);
    });
}

function addDiagram(program: Command): void {
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
      const { printDiagram } = await import('./commands/diagram.ts');
      await printDiagram(commandContext(options), what, options);
    });
}

function addProcesses(program: Command): void {
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
        const { listProcesses, showProcess } = await import('./commands/processes.ts');
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
        const { steerProcess } = await import('./commands/processes.ts');
        await steerProcess(commandContext(processes.opts()), id, name, done, { reason });
      });
  }
  processes
    .command('resume')
    .description('let a suspended instance go on')
    .argument('<id>', 'instance id, or the id of what it is about')
    .action(async (id: string) => {
      const { steerProcess } = await import('./commands/processes.ts');
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
      const { modifyProcess } = await import('./commands/modify.ts');
      await modifyProcess(commandContext(processes.opts()), id, options);
    });
  processes
    .command('start-activity')
    .description('have an activity of an ad-hoc sub-process begin')
    .argument('<id>', 'instance id, or the id of what it is about')
    .argument('<element>', 'id of the activity')
    .option('--scope <n>', 'number of the sub-process, when several of it run')
    .action(async (id: string, element: string, options: { scope?: string }) => {
      const { startActivity } = await import('./commands/processes.ts');
      await startActivity(commandContext(processes.opts()), id, element, options);
    });
}

function addEngine(program: Command): void {
  const run = async (use: (commands: EngineCommands, context: CommandContext) => Promise<void>) =>
    await use(await import('./commands/engine.ts'), commandContext(engine.opts()));
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

type EngineCommands = typeof import('./commands/engine.ts');

function addSchedules(program: Command): void {
  const schedules = listing(
    program.command('schedules'),
    'list when processes begin by the clock; pause, resume or run a schedule',
  ).action(async () => {
    const { listSchedules } = await import('./commands/schedules.ts');
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
        const { steerSchedule } = await import('./commands/schedules.ts');
        await steerSchedule(commandContext(schedules.opts()), action, { process, schedule });
      });
  }
}

function addMigrate(program: Command): void {
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
      const { migrateInstances } = await import('./commands/migrate.ts');
      process.exitCode = await migrateInstances(commandContext(options), name, options);
    });
}

function addIncidents(program: Command): void {
  const run = async (use: (commands: Incidents, context: CommandContext) => Promise<void>) =>
    await use(await import('./commands/incidents.ts'), commandContext(incidents.opts()));
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

function addEvents(program: Command): void {
  listing(program.command('events'), 'show the newest events of the log, or follow it')
    .option('--follow', 'show each event as it comes, until interrupted')
    .option('--name <names>', 'only events of these names, separated by commas')
    .option('--key <keys>', 'only events of these keys, such as ids of orders')
    .option('--since <time>', 'only events that occurred at this time or later (ISO 8601)')
    .option('--after <position>', 'only events after this position')
    .action(async (options: Listing & EventsOptions & { readonly follow?: boolean }) => {
      const { url, json, follow, ...wanted } = options;
      const { followEvents, listEvents } = await import('./commands/events.ts');
      const context = commandContext(options);
      await (follow ? followEvents(context, wanted) : listEvents(context, wanted));
    });
}

function addConsumerGroups(program: Command): void {
  const groups = listing(
    program.command('consumer-groups'),
    'list the readers of the event log; pause, resume, replay or remove one, and see what it could not handle',
  ).action(async () => {
    const { listConsumerGroups } = await import('./commands/consumer-groups.ts');
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
        const { steerConsumerGroup } = await import('./commands/consumer-groups.ts');
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
      const { replayConsumerGroup } = await import('./commands/consumer-groups.ts');
      await replayConsumerGroup(commandContext(groups.opts()), group, options);
    });
  groups
    .command('letters')
    .description('list events that could not be handled: of this group, or of all')
    .argument('[group]')
    .option('--key <key>', 'only events of this key')
    .action(async (group: string | undefined, options: { key?: string }) => {
      const { listLetters } = await import('./commands/consumer-groups.ts');
      await listLetters(commandContext(groups.opts()), group, { ...groups.opts(), ...options });
    });
  groups
    .command('retry')
    .description('try what it could not handle again, in the order of each key')
    .argument('<group>')
    .option('--key <key>', 'only events of this key')
    .action(async (group: string, options: { key?: string }) => {
      const { retryLetters } = await import('./commands/consumer-groups.ts');
      await retryLetters(commandContext(groups.opts()), group, options);
    });
  groups
    .command('remove')
    .description(
      'forget a group that nobody runs any more: for it the log keeps all it has not read',
    )
    .argument('<group>')
    .action(async (group: string) => {
      const { removeConsumerGroup } = await import('./commands/consumer-groups.ts');
      await removeConsumerGroup(commandContext(groups.opts()), group);
    });
}

function addDeadLetters(program: Command): void {
  const letters = listing(
    program.command('dead-letters'),
    'list messages of Kafka topics that could not be acted upon; replay them',
  )
    .option('--topic <topic>', 'only messages that came from this topic')
    .action(async () => {
      const { listDeadLetters } = await import('./commands/dead-letters.ts');
      await listDeadLetters(commandContext(letters.opts()), letters.opts());
    });
  letters
    .command('replay')
    .description(
      'take dead letters through their triggers again: these, or with --topic the oldest',
    )
    .argument('[ids...]', 'cluster/topic/partition/offset, as the list shows them')
    .action(async (ids: readonly string[]) => {
      const { replayDeadLetters } = await import('./commands/dead-letters.ts');
      await replayDeadLetters(commandContext(letters.opts()), ids, letters.opts());
    });
}

type Incidents = typeof import('./commands/incidents.ts');
