/** What is derived from the code says what the code says, and can be derived without a program. */
import { expect, test } from 'vitest';
import { commandLine } from '../../src/app/command-line.ts';
import { differentFiles } from '../../src/app/commands/contracts.ts';

test('contracts and reference pages are those that the code gives; else: npm run contracts', async () => {
  expect((await differentFiles(commandLine())).map(([path]) => path)).toEqual([]);
});
