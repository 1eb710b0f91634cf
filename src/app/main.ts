/** The command line: `orderloom serve`, `config`, and the commands that watch and steer a running one. */
import { Command } from 'commander';
import { ConfigError } from './config.ts';
import { programInfo } from './program-info.ts';

const program = new Command('orderloom')
  .description(programInfo.description)
  .version(programInfo.version)
  .showHelpAfterError('(run `orderloom --help` for the commands)');

program
  .command('serve')
  .description('run the API, the engine and what they need, until SIGTERM')
  .action(async () => {
    const { serve } = await import('./commands/serve.ts');
    process.exitCode = await serve(process.env);
  });

program
  .command('config')
  .description('list every setting with its value and default, and say whether they are usable')
  .option('--json', 'print JSON')
  .action(async ({ json = false }: { json?: boolean }) => {
    const { showConfig } = await import('./commands/config.ts');
    process.exitCode = showConfig(process.env, { json });
  });

try {
  await program.parseAsync();
} catch (error) {
  if (!(error instanceof Error)) throw error;
  // A wrong configuration is the user's to mend: the message says all, a stack would bury it.
  console.error(error instanceof ConfigError ? `orderloom: ${error.message}` : error);
  process.exitCode = 1;
}
