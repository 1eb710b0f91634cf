/** What the command line makes of its arguments, before any command does something. */
import { expect, test } from 'vitest';
import { commandLine } from './command-line.ts';

/** The command that would have run, and its own options. */
async function parsed(line: string): Promise<{ command: string; options: object }> {
  const program = commandLine();
  let seen: { command: string; options: object } | undefined;
  const before = new Error('the command would run now');
  program.hook('preAction', (_, command) => {
    seen = { command: command.name(), options: command.opts() };
    throw before;
  });
  await expect(program.parseAsync(line.split(' '), { from: 'user' })).rejects.toBe(before);
  if (!seen) throw new Error(`expected a command in "${line}"`);
  return seen;
}

test.each([
  ['processes --process trip --version 2', 'processes', { process: 'trip', version: '2' }],
  ['bulk cancel --process trip --version 2 --reason gone', 'cancel', { version: '2' }],
  ['export trip --version 2', 'export', { version: '2' }],
  ['diagram trip --process --version 2', 'diagram', { process: true, version: '2' }],
])('behind a command --version is the version of a process: %s', async (line, command, options) => {
  expect(await parsed(line)).toMatchObject({ command, options });
});

test.each([
  ['bulk cancel --reason gone --json', { reason: 'gone' }],
  ['bulk --json cancel --reason gone', { reason: 'gone' }],
])('options of the command around it may stand on either side: %s', async (line, options) => {
  expect((await parsed(line)).options).toMatchObject(options);
});

test('help says which options a command cannot do without', () => {
  const cancel = commandLine()
    .commands.find((command) => command.name() === 'bulk')
    ?.commands.find((command) => command.name() === 'cancel');
  expect(cancel?.helpInformation()).toMatch(/--reason <text>[^-]*\(required\)/);
});
