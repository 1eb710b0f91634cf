/** Runs the command line, and tells what went wrong to the person at the terminal. */
import { CommandError } from './api-client.ts';
import { commandLine } from './command-line.ts';
import { ConfigError } from './config-error.ts';

try {
  await commandLine().parseAsync();
} catch (error) {
  if (!(error instanceof Error)) throw error;
  // What the user can mend is told by its message: a stack would bury it.
  const forUser = error instanceof ConfigError || error instanceof CommandError;
  console.error(forUser ? `orderloom: ${error.message}` : error);
  // A command may have said by which code it fails.
  process.exitCode ||= 1;
}
