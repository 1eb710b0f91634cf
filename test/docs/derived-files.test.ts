/** What is derived from the code says what the code says, and can be derived without a program. */
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test, vi } from 'vitest';
import { commandLine } from '../../src/app/command-line.ts';
import { differentFiles, ownDocument } from '../../src/app/commands/contracts.ts';
import { integrate } from '../../src/app/commands/integrate.ts';
import { ownIntegrations } from '../../src/app/services/topology.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));

test('contracts and reference pages are those that the code gives; else: npm run contracts', async () => {
  expect((await differentFiles(commandLine())).map(([path]) => path)).toEqual([]);
});

test.each([...ownIntegrations])(
  'what is kept of %s is what it offers; else: npm run contracts',
  async (name) => {
    vi.spyOn(console, 'log').mockImplementation(() => undefined);
    vi.spyOn(console, 'error').mockImplementation(() => undefined);
    expect(await integrate(join(root, ownDocument), { name, check: true })).toBe(0);
  },
);
