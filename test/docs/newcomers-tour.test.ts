/**
 * The newcomer's tour, followed to the letter in a copy of the project: files are written and changed
 * as the guide says, its commands run, and the program that comes of it does what the guide promises.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, onTestFinished, test } from 'vitest';
import { temporaryDataFolder } from '../support/data-folder.ts';
import { startServer } from '../support/running-program.ts';
import { waitUntil } from '../support/wait-until.ts';
import { applyChange, guideBlocks } from './guide-blocks.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const guide = 'docs/guides/your-first-procedure-and-step.md';

test('a newcomer who follows the guide has a new procedure and a new step', async () => {
  const folder = await copyOfTheProject();
  const dataFolder = await temporaryDataFolder();
  let url = '';
  let lastCommand = '';
  for (const block of guideBlocks(await readFile(join(root, guide), 'utf8'))) {
    if (block.kind === 'file') {
      await mkdir(dirname(join(folder, block.path)), { recursive: true });
      await writeFile(join(folder, block.path), block.text);
    } else if (block.kind === 'change') {
      const path = join(folder, block.path);
      await writeFile(path, applyChange(await readFile(path, 'utf8'), block.diff));
    } else if (block.kind === 'answer') {
      const asked = lastCommand.replace('curl http://localhost:3001', url);
      await waitUntil(`${asked} to answer ${block.text}`, async () => {
        return (await (await fetch(asked)).text()) === block.text;
      });
    } else {
      for (const command of block.commands) {
        lastCommand = command;
        if (command === 'npm start') {
          const server = await startServer({ folder, env: { ORDERLOOM_DATA: dataFolder } });
          url = server.url;
        } else if (!command.startsWith('curl')) await run(command, folder, url);
      }
    }
  }
  expect(url).not.toBe('');
}, 180_000);

/** The project without what is not part of it; packages are those that are installed. */
async function copyOfTheProject(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'orderloom-tour-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const left = new Set(['node_modules', '.git', '.orderloom', 'coverage']);
  await cp(root, folder, {
    recursive: true,
    filter: (path) =>
      !path
        .slice(root.length)
        .split(sep)
        .some((part) => left.has(part)),
  });
  for (const packages of ['node_modules', 'tools/api-types/node_modules']) {
    await symlink(join(root, packages), join(folder, packages)).catch(() => undefined);
  }
  return folder;
}

/** Runs a command as in a terminal of the folder; a failure shows what it printed. */
async function run(command: string, cwd: string, url: string): Promise<void> {
  const { PATH = '', HOME = cwd } = process.env;
  const child = spawn('/bin/sh', ['-c', command], {
    cwd,
    env: { PATH, HOME, ORDERLOOM_URL: url },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  let printed = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      printed += text;
    });
  }
  const [code] = await once(child, 'close');
  expect(code, `${command}\n${printed}`).toBe(0);
}

describe('reading a guide', () => {
  test('gives files, changes, commands and answers in their order', () => {
    const markdown = [
      '**`src/a.ts`**',
      '',
      '```ts',
      'const a = 1;',
      '```',
      '',
      '**`src/b.ts`**',
      '',
      '```diff',
      '+added',
      '```',
      '',
      '```sh',
      'npm start',
      'curl x',
      '```',
      '',
      '```json',
      '{}',
      '```',
      '',
    ].join('\n');
    expect(guideBlocks(markdown)).toEqual([
      { kind: 'file', path: 'src/a.ts', text: 'const a = 1;\n' },
      { kind: 'change', path: 'src/b.ts', diff: '+added\n' },
      { kind: 'commands', commands: ['npm start', 'curl x'] },
      { kind: 'answer', text: '{}' },
    ]);
  });

  test('a change is made in the one place that it names', () => {
    expect(applyChange('one\ntwo\n', ' one\n+more\n')).toBe('one\nmore\ntwo\n');
    expect(applyChange('one\ntwo\n', '-two\n+2\n')).toBe('one\n2\n');
    expect(() => applyChange('one\none\n', ' one\n+more\n')).toThrow(/found it 2 times/);
    expect(() => applyChange('two\n', ' one\n+more\n')).toThrow(/found it 0 times/);
  });
});
