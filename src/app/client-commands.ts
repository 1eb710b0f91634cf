/** The commands that watch and steer a running program, as they appear in `orderloom --help`. */
import type { Command } from 'commander';
import { addBulkCommands } from './client-commands/bulk-commands.ts';
import { client, type Listing, listing } from './client-commands/client-command.ts';
import { addEngine, addIncidents } from './client-commands/engine-commands.ts';
import { addConsumerGroups, addDeadLetters, addEvents } from './client-commands/event-commands.ts';
import {
  addDiagram,
  addDrawings,
  addMigrate,
  addProcesses,
  addSchedules,
} from './client-commands/process-commands.ts';
import { addTaskCommands, addTaskList } from './client-commands/task-commands.ts';
import { addWebhookCommands } from './client-commands/webhook-commands.ts';
import { type ClientOptions, commandContext } from './command-context.ts';

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
