/** `docs/reference/command-line.md`: the help of every command, as the program prints it. */
import type { Command } from 'commander';
import { pageHead } from './markdown.ts';

/** The help of the program and of each command below it. */
export function commandLinePage(program: Command): string {
  const introduction = [
    'In the project folder, `npx orderloom` runs a command; `npm start` is `orderloom serve`. Tables are',
    'for people; `--json` prints exactly what the API answered. Errors go to standard error, and the exit',
    'code is then not 0. The client commands send the token in `ORDERLOOM_TOKEN`, where there is one.',
  ].join('\n');
  const sections = [program, ...program.commands.flatMap(withSubcommands)].map(helpSection);
  return [pageHead('The command line', introduction), ...sections].join('\n');
}

function withSubcommands(command: Command): Command[] {
  return [command, ...command.commands.flatMap(withSubcommands)];
}

function helpSection(command: Command): string {
  command.configureHelp({ helpWidth: 100 });
  return `## ${fullName(command)}\n\n\`\`\`text\n${command.helpInformation().trim()}\n\`\`\`\n`;
}

function fullName(command: Command): string {
  return command.parent ? `${fullName(command.parent)} ${command.name()}` : command.name();
}
