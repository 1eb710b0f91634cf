/** What all commands have in common that ask a running program. */
import type { Command } from 'commander';
import type { ClientOptions } from '../command-context.ts';

/** Options of a command that lists something. */
export type Listing = ClientOptions & { readonly limit?: string; readonly cursor?: string };

/** Gives a command the options by which it finds the program and prints its answer. */
export function client(command: Command, description: string): Command {
  return command
    .description(description)
    .option(
      '--url <url>',
      'where the program runs (default: ORDERLOOM_URL, else this machine, at PORT or 3001)',
    )
    .option('--json', 'print the JSON of the API');
}

/** The same, for a command that lists something. */
export function listing(command: Command, description: string): Command {
  return client(command, description)
    .option('--limit <count>', 'rows per page, 1 to 200')
    .option('--cursor <cursor>', 'the page after this one');
}
