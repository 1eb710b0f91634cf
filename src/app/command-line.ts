/** Every command of `orderloom`. What a command needs is loaded when it is used. */
import { Command, Help, type Option } from 'commander';
import { addClientCommands } from './client-commands.ts';
import type { IntegrateOptions } from './commands/integrate.ts';
import { programInfo } from './program-info.ts';

const roles = {
  serve: 'run the API, the engine and what they need, until SIGTERM',
  worker: 'run the engine without the API, until SIGTERM; health and metrics answer at PORT',
  api: 'run the API without the engine, until SIGTERM; workers move the processes',
} as const;

/** The program as commander knows it. Nothing runs before `parseAsync`. */
export function commandLine(): Command {
  const program = new Command('orderloom')
    .description(programInfo.description)
    .version(programInfo.version)
    .configureHelp({ optionDescription: describeOption })
    .showHelpAfterError('(run `orderloom --help` for the commands)');
  for (const role of Object.keys(roles) as (keyof typeof roles)[]) {
    program
      .command(role)
      .description(roles[role])
      .option('--paused', 'start no step and fire no timer until `orderloom engine resume`')
      .option('--quiet', 'print nothing but the log')
      .action(async ({ paused = false, quiet = false }: { paused?: boolean; quiet?: boolean }) => {
        const { serve } = await import('./commands/serve.ts');
        const env = paused ? { ...process.env, ENGINE_PAUSED: 'on' } : process.env;
        process.exitCode = await serve(env, role, { quiet });
      });
  }
  program
    .command('services')
    .description('run the four services as four processes on ports 3001 to 3004, until SIGTERM')
    .action(async () => {
      const { runServices } = await import('./commands/services.ts');
      process.exitCode = await runServices(process.env);
    });
  program
    .command('config')
    .description('list every setting with its value and default, and say whether they are usable')
    .option('--json', 'print JSON')
    .action(async ({ json = false }: { json?: boolean }) => {
      const { showConfig } = await import('./commands/config.ts');
      process.exitCode = showConfig(process.env, { json });
    });
  program
    .command('grant')
    .description('give roles to a registered user; this is how the first admin is made')
    .argument('<email>')
    .argument('<roles...>', 'such as admin')
    .action(async (email: string, roles: string[]) => {
      const { grant } = await import('./commands/grant.ts');
      await grant(process.env, email, roles);
    });
  program
    .command('integrate')
    .description(
      "make another service's operations procedures and its webhooks events, from its OpenAPI document",
    )
    .argument('<source>', 'URL of the service or of its document, or the path of a file')
    .option('--name <name>', 'what the service is called here (default: from its title)')
    .option(
      '--only <patterns>',
      'operations and events to take, separated by commas; * is anything',
    )
    .option('--check', 'write nothing; say what has changed, with exit code 1 when anything has')
    .option('--json', 'print JSON')
    .action(async (source: string, options: IntegrateOptions) => {
      const { integrate } = await import('./commands/integrate.ts');
      process.exitCode = await integrate(source, options);
    });
  program
    .command('check-deploy')
    .description(
      'say which open instances would break if this code were deployed, and why (exit code 1), and whose history cannot tell (2); 3 when it could not be checked',
    )
    .option('--json', 'print JSON')
    .option('--strict', 'also fail when a history would have gone another way')
    .option('--samples <count>', 'ids shown of each cause, up to 100 (default: 5)')
    .action(async (options: { json?: boolean; strict?: boolean; samples?: string }) => {
      const { checkDeployment, notChecked } = await import('./commands/check-deploy.ts');
      process.exitCode = notChecked;
      process.exitCode = await checkDeployment(process.env, options);
    });
  program
    .command('lint')
    .description(
      'say everything that is wrong with drawings (BPMN 2.0) and decisions (DMN), and what could be drawn better',
    )
    .argument('<paths...>', 'files, and folders with all that is in them')
    .option('--json', 'print JSON')
    .option(
      '--delegates <file>',
      'procedures by Java class, bean or expression (default: orderloom.delegates.json beside the files)',
    )
    .action(async (files: string[], options: { json?: boolean; delegates?: string }) => {
      const { lint } = await import('./commands/lint.ts');
      process.exitCode = await lint(files, options);
    });
  addClientCommands(program);
  program
    .command('contracts')
    .description('compare what is derived from the code (OpenAPI, reference docs) with it')
    .option('--check', 'fail when a file is not as it would be written (this is the default)')
    .option('--write', 'write the files')
    .action(async (options: { write?: boolean }) => {
      const { contracts } = await import('./commands/contracts.ts');
      process.exitCode = await contracts(program, options);
    });
  // Behind a command `--version` is that command's own. Said last: commands made before do not take it
  // over, so that theirs may stand anywhere.
  program.enablePositionalOptions();
  return program;
}

/** An option as help shows it; one that a command cannot do without says so. */
function describeOption(option: Option): string {
  const text = new Help().optionDescription(option);
  return option.mandatory ? `${text} (required)` : text;
}
