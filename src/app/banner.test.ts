/** What a person is told to type when the program is ready. */
import { expect, test } from 'vitest';
import { demoLines } from './banner.ts';

test('the commands find a program at another port than the usual one', () => {
  expect(demoLines('http://localhost:3001').join('\n')).toContain(
    'Watch them:  npx orderloom orders',
  );
  const elsewhere = demoLines('http://localhost:4000').join('\n');
  expect(elsewhere).toContain('Watch them:  PORT=4000 npx orderloom orders');
  expect(elsewhere).toContain('play:  PORT=4000 npx orderloom demo');
});
