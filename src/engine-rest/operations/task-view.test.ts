/** Filters of tasklists: what the procedure is asked, what is judged row by row, and what nobody applies. */
import { expect, test } from 'vitest';
import { historyFilter, keepHistory, keepTask, type Task, taskFilter } from './task-view.ts';

const task: Task = {
  ...{ id: 't1', instanceId: 'i1', process: 'payout', version: 3, businessKey: 'p-1' },
  ...{ element: 'enter', title: 'Enter 100% of it', subject: null, roles: ['manager'] },
  ...{ candidateGroups: ['risk'], candidateUsers: ['ann@x.example'], status: 'open' },
  ...{ suspended: false, priority: 50, assignee: 'bob', owner: 'ada', delegation: 'pending' },
  ...{ createdAt: '2026-01-01T00:00:00.000Z', dueAt: '2026-01-03T00:00:00.000Z' },
  ...{ followUpAt: null, formKey: null, closedAt: null },
};

test.each([
  [{ nameLike: 'Enter%' }, true],
  [{ nameLike: '%of it' }, true],
  [{ nameLike: '%1_0%of%' }, true],
  [{ nameLike: 'enter%' }, false],
  [{ nameLike: '%of' }, false],
  [{ nameNotLike: '%100%' }, false],
  [{ assigneeLike: 'b_b' }, true],
  [{ assigneeIn: 'ada,bob' }, true],
  [{ assigneeNotIn: ['bob'] }, false],
  [{ candidateGroups: 'manager,other' }, true],
  [{ candidateGroups: 'other' }, false],
  [{ involvedUser: 'ada' }, true],
  [{ involvedUser: 'eve' }, false],
  [{ processDefinitionId: 'payout:3' }, true],
  [{ processDefinitionId: 'payout:2' }, false],
  [{ processInstanceBusinessKeyIn: 'p-1,p-2' }, true],
  [{ dueDate: '2026-01-03T01:00:00.000+0100' }, true],
  [{ followUpBeforeOrNotExistent: '2020-01-01T00:00:00.000+0000' }, true],
  [{ withoutDueDate: 'true' }, false],
  [{ withoutCandidateUsers: true }, false],
  [{ active: true }, true],
  [{ suspended: true }, false],
])('%j keeps it: %s', (given, isKept) => {
  expect(keepTask(given)(task)).toBe(isKept);
});

test('a pattern costs no more than its length, whatever it is', () => {
  const title = 'a'.repeat(2_000);
  expect(keepTask({ nameLike: `${'%a'.repeat(500)}b` })({ ...task, title })).toBe(false);
});

test('who looks for offers is shown none that are taken, unless they ask for them', () => {
  expect(taskFilter({ candidateGroup: 'risk' })).toEqual({
    ...{ candidateGroup: 'risk', unassigned: 'true' },
  });
  expect(taskFilter({ candidateGroup: 'risk', includeAssignedTasks: 'true' })).toEqual({
    candidateGroup: 'risk',
  });
  expect(taskFilter({ delegationState: 'PENDING', priority: '70', name: 'x' })).toEqual({
    ...{ delegation: 'pending', minPriority: 70, maxPriority: 70, title: 'x' },
  });
});

test.each([
  [{ tenantIdIn: 'a' }, /tenantIdIn/],
  [{ delegationState: 'PERHAPS' }, /PENDING or RESOLVED/],
  [{ dueBefore: 'soon' }, /dueBefore/],
  [{ priority: 'high' }, /whole number/],
])('%j is refused', (given, message) => {
  expect(() => taskFilter(given)).toThrow(message);
});

test('the history has closed tasks, too, under names of its own', () => {
  const closed: Task = { ...task, status: 'completed', closedAt: '2026-01-02T00:00:00.000Z' };
  expect(historyFilter({ taskAssignee: 'bob' })).toEqual({ status: 'all', assignee: 'bob' });
  const [before, finished] = ['2026-01-02T00:00:01.000+0000', 'true'];
  expect(keepHistory({ finishedBefore: before, finished })(closed)).toBe(true);
  expect(keepHistory({ finished })(task)).toBe(false);
  expect(keepHistory({ finishedAfter: before })(closed)).toBe(false);
});
