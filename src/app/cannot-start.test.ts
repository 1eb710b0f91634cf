/** Which failures of a start are told to whoever starts the program without a stack. */
import { expect, test } from 'vitest';
import { defineModule } from '../kernel/module.ts';
import { checkModules } from '../procedures/index.ts';
import { CannotStart, explained } from './cannot-start.ts';
import { readConfig } from './config.ts';

const config = readConfig({});

/** What two modules of one name are answered with. */
function misfit(): unknown {
  const one = defineModule({ name: 'one', summary: 'One', procedures: [], events: [], errors: [] });
  try {
    checkModules([one, one]);
  } catch (error) {
    return error;
  }
  throw new Error('expected two modules of one name to be refused');
}

test.each([
  ['manifests that do not fit together', misfit()],
  [
    'a version that was changed while instances are on it',
    new Error('process "sale" version 1 has another structure than the one deployed, and 2 open …'),
  ],
  ['a taken port', Object.assign(new Error(), { syscall: 'listen', code: 'EADDRINUSE' })],
])('%s', (_, error) => {
  expect(explained(error, config)).toBeInstanceOf(CannotStart);
});

test('a failure that nobody knows keeps its stack', () => {
  const bug = new TypeError('x is not a function');
  expect(explained(bug, config)).toBe(bug);
});
