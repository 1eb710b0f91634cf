/** `orderloom tasks` and `orderloom task` as they appear in `orderloom --help`. */
import type { Command } from 'commander';
import { commandContext } from '../command-context.ts';
import type { TaskChangeOptions, TaskListOptions } from '../commands/tasks.ts';

/** What people do with one task, with nobody else to name. */
const steps = {
  claim: 'take a task, so that nobody else does it',
  unclaim: 'give a task back, so that others may take it',
  resolve: 'give a task that was delegated to you back to its owner, worked on',
} as const;

/** Adds the list, whose own options are there already. */
export function addTaskList(tasks: Command): void {
  tasks
    .option('--status <status>', 'open, completed or cancelled (default: open)')
    .option('--mine', 'only those that you have')
    .option('--unassigned', 'only those that nobody has')
    .option('--group <group>', 'only those for this role or group')
    .option('--process <process>', 'only those of this process')
    .option('--overdue', 'only those that are overdue')
    .option('--sort <order>', 'created, due or priority (default: created)')
    .action(async (options: TaskListOptions) => {
      const { listTasks } = await import('../commands/tasks.ts');
      await listTasks(commandContext(tasks.opts()), options);
    });
}

/** Adds the commands below `task`, whose own options (`--url`, `--json`) they share. */
export function addTaskCommands(task: Command): void {
  const context = () => commandContext(task.opts());
  const commands = () => import('../commands/tasks.ts');
  const below = (name: string, description: string) =>
    task.command(name).description(description).argument('<id>', 'task id');
  below('show', 'show a task: who has it, until when, the form of its answer').action(
    async (id: string) => (await commands()).showTask(context(), id),
  );
  for (const [step, description] of Object.entries(steps)) {
    below(step, description).action(async (id: string) =>
      (await commands()).stepTask(context(), id, step as keyof typeof steps),
    );
  }
  below('assign', 'give a task to a person, or take it from whoever has it')
    .argument('[person]', 'id or email; none: nobody has it then')
    .action(async (id: string, person: string | undefined) =>
      (await commands()).assignTask(context(), id, person ?? null),
    );
  below('delegate', 'have another person work on a task, who gives it back when done')
    .argument('<person>', 'id or email')
    .action(async (id: string, person: string) =>
      (await commands()).delegateTask(context(), id, person),
    );
  below('complete', 'complete a task with its answer')
    .option('--output <json>', 'the answer, as the form of the task wants it (default: {})')
    .action(async (id: string, { output }: { readonly output?: string }) =>
      (await commands()).completeTask(context(), id, output ?? '{}'),
    );
  below('change', 'change the dates of a task, and how urgent it is')
    .option('--due <moment>', 'such as 2026-12-24T18:00:00Z; "none" for no date')
    .option('--follow-up <moment>', 'when somebody should look at it again; "none" for no date')
    .option('--priority <number>', '0 to 100, the higher the more urgent')
    .action(async (id: string, options: TaskChangeOptions) =>
      (await commands()).changeTask(context(), id, options),
    );
  below('comment', 'say something about a task; without a text, show what was said')
    .argument('[text]')
    .action(async (id: string, text: string | undefined) => {
      const { commentTask, listComments } = await commands();
      await (text === undefined ? listComments(context(), id) : commentTask(context(), id, text));
    });
  below('attach', 'attach something by where it is found; without a URL, show what is attached')
    .argument('[url]')
    .option('--name <name>', 'what it is called (default: the end of the URL)')
    .action(async (id: string, url: string | undefined, { name }: { readonly name?: string }) => {
      const { attachToTask, listAttachments } = await commands();
      await (url === undefined
        ? listAttachments(context(), id)
        : attachToTask(context(), id, { url, ...(name === undefined ? {} : { name }) }));
    });
  below('audit', 'list what was done with a task, by whom and when').action(async (id: string) =>
    (await commands()).auditTask(context(), id),
  );
}
