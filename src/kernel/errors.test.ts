/** A refusal in one line says what its issues say, and no more of them than are read there. */
import { expect, test } from 'vitest';
import { defineError, refusalText, refuse, seeIssues } from './errors.ts';

const invalid = defineError({ code: 'INVALID_INPUT', status: 400, title: 'Not valid.' });
const issue = (pointer: string) => ({
  ...{ pointer, expected: 'string', found: 'nothing', message: 'Required' },
});

test('where the detail points at the issues, they take the place of the pointer', () => {
  const detail = `expected input that matches orders.create, found 4 problems: ${seeIssues}`;
  const issues = [issue('/a'), issue(''), issue('/c'), issue('/d')];
  expect(refusalText(refuse(invalid, detail, { issues }))).toBe(
    'expected input that matches orders.create, found 4 problems: /a (expected string, found nothing), ' +
      '/ (expected string, found nothing), /c (expected string, found nothing) and 1 more',
  );
});

test('a detail that says everything is left as it is', () => {
  const refusal = refuse(invalid, 'expected a total of 100, found 99', {
    issues: [issue('/total')],
  });
  expect(refusalText(refusal)).toBe('expected a total of 100, found 99');
});
