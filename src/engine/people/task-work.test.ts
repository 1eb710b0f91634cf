/**
 * People's work on a real engine: who gets a task when several want it, who may do what, what an answer
 * must look like, four eyes, escalation, and what a crash between an answer and its transition leaves.
 */

import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { testDatabase } from '../../../test/support/database.ts';
import type { Caller, Role } from '../../kernel/caller.ts';
import { Refusal } from '../../kernel/errors.ts';
import type { Page } from '../../kernel/page.ts';
import type { ProcedureRunner } from '../../kernel/procedure.ts';
import { newTrace } from '../../kernel/tracing.ts';
import { compileDrawing } from '../bpmn/compile-drawing.ts';
import { forEach, parallel, task, workflow } from '../code/index.ts';
import { taskProcedures } from '../procedures/task-procedures.ts';
import { type EngineInTest, EngineWorld } from '../testing/in-process-engine.ts';
import { plainRunner } from '../testing/plain-runner.ts';
import { play } from '../testing/play.ts';
import { waitFor } from '../testing/wait-for.ts';
import { businessCalendar } from './business-calendar.ts';
import type { Person, TaskPeople } from './task-people.ts';
import type { taskSchema } from './task-view.ts';

type Task = z.output<typeof taskSchema>;

const rolesOf = { ada: 'manager', bob: 'manager', eve: 'customer', olga: 'operator' } as const;
const folks: readonly Person[] = Object.entries(rolesOf).map(([name, role], index) => ({
  id: `01900000-0000-7000-8000-00000000000${index}`,
  email: `${name}@example.com`,
  name,
  roles: [role],
}));
const idOf = (name: string) => folks.find((one) => one.name === name)?.id ?? name;
const people: TaskPeople = {
  find: async (_, reference) =>
    folks.find(({ id, email }) => id === reference || email === reference.toLowerCase()) ?? null,
  groups: { accounting: ['manager'] },
};
const as = (name: string, ...roles: readonly Role[]): Caller => ({
  ...{ kind: 'user', userId: idOf(name), roles, demo: false },
});
const [ada, bob] = [as('ada', 'manager'), as('bob', 'manager')];
const [eve, olga] = [as('eve', 'customer'), as('olga', 'operator')];
const program: Caller = { kind: 'service', userId: null, roles: ['service'], demo: false };

const review = workflow('review', { version: 1, input: z.object({ id: z.string() }) })
  .step(
    task({
      id: 'enter',
      candidateGroups: ['accounting'],
      candidateUsers: ['EVE@example.com'],
      title: 'Enter it',
      subject: ({ input }) => ({ id: input.id }),
      output: z.object({ amount: z.number().positive() }),
      due: '1h',
      escalations: [
        { priority: 80 },
        { after: '1h', groups: ['support'], users: ['bob@example.com'] },
      ],
    }),
  )
  .step(
    task({
      id: 'release',
      roles: ['manager'],
      notDoneBy: ['enter'],
      priority: 70,
      title: 'Release it',
      subject: () => null,
      output: z.object({ ok: z.boolean() }),
      form: {
        type: 'object',
        required: ['ok'],
        properties: { ok: { type: 'boolean' }, note: { type: 'string', maxLength: 5 } },
        additionalProperties: false,
      },
    }),
  )
  .commit();

const sign = <const Id extends string>(id: Id, notDoneBy: readonly string[]) =>
  task({
    ...{ id, notDoneBy, title: id, roles: ['manager'], output: z.object({}) },
    subject: () => null,
  });
const both = workflow('both', { version: 1, input: z.object({ id: z.string() }) })
  .step(parallel({ id: 'signed', branches: { a: sign('a', []), b: sign('b', ['a']) } }))
  .commit();

const each = workflow('each', { version: 1, input: z.object({ id: z.string() }) })
  .step(
    forEach({
      ...{ id: 'all', mode: 'parallel', items: () => [1, 2] },
      body: (flow) => flow.step(sign('signature', ['signature'])),
    }),
  )
  .commit();
const [before, after] = ([1, 2] as const).map((version) => {
  const [one, two] = version === 1 ? ['enter', 'release'] : ['entry', 'sign-off'];
  return workflow('moved', { version, input: z.object({ id: z.string() }) })
    .step(sign(one as 'enter', []))
    .step(sign(two as 'release', [one as string]))
    .commit();
});

let world: EngineWorld;
let node: EngineInTest;
let runner: ProcedureRunner;

function runnerOf({ engine, database }: EngineInTest): ProcedureRunner {
  const procedures = taskProcedures(
    () => engine,
    () => runner,
    people,
  );
  return plainRunner({ database, procedures, clock: world.clock });
}

beforeAll(async () => {
  const { database, connectionString } = await testDatabase({
    migrations: [{ schema: 'engine', folder: new URL('../store/migrations/', import.meta.url) }],
  });
  world = new EngineWorld({
    database,
    connectionString,
    processes: [review.model, both.model, each.model, before!.model, after!.model],
  });
  node = await world.start();
  runner = runnerOf(node);
  return () => world.end();
});

async function call<Answer = Task>(name: string, input: object, caller: Caller): Promise<Answer> {
  const answer = await runner.run(`tasks.${name}`, input, { caller, trace: newTrace() });
  if (answer instanceof Refusal) throw answer;
  return answer as Answer;
}
const refused = async (name: string, input: object, caller: Caller) => {
  const answer = await runner.run(`tasks.${name}`, input, { caller, trace: newTrace() });
  return answer instanceof Refusal ? answer.code : 'done';
};
const list = (query: object, caller: Caller) => call<Page<Task>>('list', query, caller);
const allowed = ({ can }: Task) =>
  can.flatMap(({ action, allowed: is }) => (is ? [action.replace('tasks.', '')] : []));

let made = 0;
async function begun(): Promise<{ readonly instanceId: string; readonly taskId: string }> {
  made += 1;
  const instanceId = await world.begin(node, 'review', { id: `r${made}` });
  const { items } = await list({ instanceId }, olga);
  return { instanceId, taskId: items[0]!.id };
}
async function taskAt(instanceId: string, element: string): Promise<Task> {
  const { items } = await list({ instanceId, element }, olga);
  return items[0]!;
}

describe('who sees and does what', () => {
  test('candidates by group, user and email see it; others do not, operators see all', async () => {
    const { taskId, instanceId } = await begun();
    const shown = async (caller: Caller) =>
      (await list({ instanceId }, caller)).items.map(({ id }) => id);
    expect(await shown(ada)).toEqual([taskId]);
    expect(await shown(eve)).toEqual([taskId]);
    expect(await shown(olga)).toEqual([taskId]);
    expect(await shown(as('nobody', 'customer'))).toEqual([]);
    const stranger = { caller: as('nobody', 'customer'), trace: newTrace() };
    expect(await runner.run('tasks.get', { taskId }, stranger)).toMatchObject({
      code: 'TASK_NOT_YOURS',
      detail: 'expected one of accounting, people whom it names, found customer',
    });
    const seen = await call('get', { taskId }, ada);
    expect(allowed(seen)).toEqual(['approve', 'reject', 'complete', 'claim', 'comment', 'attach']);
    expect(seen).toMatchObject({
      form: { type: 'object', properties: { amount: { type: 'number' } }, required: ['amount'] },
    });
    const looked = await call('get', { taskId }, olga);
    expect(allowed(looked)).toEqual(['assign', 'delegate', 'change', 'comment', 'attach']);
    expect(await refused('complete', { taskId, output: { amount: 1 } }, olga)).toBe(
      'TASK_NOT_YOURS',
    );
  });

  test('of two who claim at once one has it, and the other is told who', async () => {
    const { taskId } = await begun();
    const [first, second] = await Promise.all(
      [ada, bob].map((caller) =>
        runner.run('tasks.claim', { taskId }, { caller, trace: newTrace() }),
      ),
    );
    const [won, lost] = first instanceof Refusal ? [second, first] : [first, second];
    expect(lost).toMatchObject({
      code: 'TASK_CLAIMED',
      data: { assignee: (won as Task).assignee },
    });
    const winner = (won as Task).assignee === ada.userId ? ada : bob;
    const loser = winner === ada ? bob : ada;
    expect(await refused('claim', { taskId }, winner)).toBe('done');
    expect(await refused('complete', { taskId, output: { amount: 1 } }, loser)).toBe(
      'TASK_CLAIMED',
    );
    expect(await refused('unclaim', { taskId }, loser)).toBe('TASK_NOT_YOURS');
    expect(await call('unclaim', { taskId }, winner)).toMatchObject({ assignee: null });
    expect(await refused('claim', { taskId }, loser)).toBe('done');
  });

  test('delegated, resolved, completed; all of it in the audit', async () => {
    const { taskId } = await begun();
    await call('claim', { taskId }, ada);
    expect(await refused('delegate', { taskId, to: 'nobody' }, ada)).toBe('TASK_PERSON_UNKNOWN');
    await call('delegate', { taskId, to: 'eve@example.com' }, ada);
    expect(await refused('complete', { taskId, output: { amount: 1 } }, eve)).toBe(
      'TASK_DELEGATED',
    );
    expect(await refused('unclaim', { taskId }, eve)).toBe('TASK_DELEGATED');
    await call('comment', { taskId, text: 'It is 12.' }, eve);
    await call('attach', { taskId, name: 'invoice', url: 'https://files.example/1' }, eve);
    const resolved = await call('resolve', { taskId }, eve);
    expect(resolved).toMatchObject({
      assignee: ada.userId,
      owner: ada.userId,
      delegation: 'resolved',
    });
    await call('complete', { taskId, output: { amount: 12 } }, ada);
    const { items } = await call<Page<{ kind: string; by: string | null }>>(
      'audit',
      { taskId },
      ada,
    );
    expect(items.map(({ kind, by }) => [kind, folks.find(({ id }) => id === by)?.name])).toEqual([
      ...[
        ['created', undefined],
        ['claimed', 'ada'],
        ['delegated', 'ada'],
        ['commented', 'eve'],
      ],
      ...[
        ['attached', 'eve'],
        ['resolved', 'eve'],
        ['answered', 'ada'],
        ['completed', 'ada'],
      ],
    ]);
    const comments = await call<Page<{ text: string }>>('comments', { taskId }, ada);
    expect(comments.items.map(({ text }) => text)).toEqual(['It is 12.']);
  });

  test('attachments are taken away once', async () => {
    const { taskId } = await begun();
    const { id } = await call('attach', { taskId, name: 'x', url: 'https://a.example/' }, ada);
    expect(await refused('detach', { taskId, attachmentId: id }, ada)).toBe('done');
    expect(await refused('detach', { taskId, attachmentId: id }, ada)).toBe(
      'TASK_ATTACHMENT_NOT_FOUND',
    );
    expect((await call<Page<unknown>>('attachments', { taskId }, ada)).items).toEqual([]);
  });

  test('a program acts for people, and operators give tasks to them', async () => {
    const { taskId, instanceId } = await begun();
    expect(await refused('claim', { taskId, userId: 'bob@example.com' }, ada)).toBe(
      'TASK_NOT_YOURS',
    );
    await call('claim', { taskId, userId: 'bob@example.com' }, program);
    expect(await refused('claim', { taskId, userId: idOf('ada') }, program)).toBe('TASK_CLAIMED');
    await call('assign', { taskId, assignee: 'ada@example.com' }, olga);
    await call('complete', { taskId, output: { amount: 1 } }, program);
    const release = await taskAt(instanceId, 'release');
    expect(await refused('claim', { taskId: release.id }, ada)).toBe('TASK_FOUR_EYES');
  });
});

describe('four eyes', () => {
  const manager: Caller = { kind: 'service', userId: null, roles: ['manager'], demo: false };

  test('who worked on it for its owner did it, too', async () => {
    const { taskId, instanceId } = await begun();
    await call('claim', { taskId }, ada);
    await call('delegate', { taskId, to: 'BOB@example.com' }, ada);
    await call('resolve', { taskId }, bob);
    await call('complete', { taskId, output: { amount: 1 } }, ada);
    const release = (await taskAt(instanceId, 'release')).id;
    const output = { ok: true };
    for (const one of [ada, bob, as('bob', 'admin')]) {
      expect(await refused('claim', { taskId: release }, one)).toBe('TASK_FOUR_EYES');
      expect(await refused('complete', { taskId: release, output }, one)).toBe('TASK_FOUR_EYES');
    }
    for (const assignee of ['Bob@Example.com', idOf('ada')]) {
      expect(await refused('assign', { taskId: release, assignee }, olga)).toBe('TASK_FOUR_EYES');
    }
    expect(await refused('claim', { taskId: release, userId: idOf('bob') }, program)).toBe(
      'TASK_FOUR_EYES',
    );
  });

  test('a program does it for the person who has it, or not at all', async () => {
    const { taskId, instanceId } = await begun();
    const answer = { taskId, output: { amount: 1 } };
    expect(await refused('complete', answer, program)).toBe('TASK_FOUR_EYES');
    expect(await refused('claim', { taskId }, program)).toBe('TASK_PERSON_UNKNOWN');
    expect(await refused('claim', { taskId, userId: idOf('olga') }, program)).toBe(
      'TASK_NOT_YOURS',
    );
    await call('claim', { taskId, userId: 'ADA@example.com' }, program);
    await call('complete', answer, program);
    const release = { taskId: (await taskAt(instanceId, 'release')).id, output: { ok: true } };
    for (const one of [program, manager, ada]) {
      expect(await refused('complete', release, one)).toBe('TASK_FOUR_EYES');
    }
    await call('complete', release, bob);
  });

  test('of two tasks that one person answers at once, one is done', async () => {
    const instanceId = await world.begin(node, 'both', { id: 'x' });
    const { items } = await list({ instanceId }, ada);
    expect(items.map(({ element }) => element).sort()).toEqual(['a', 'b']);
    const codes = await Promise.all(
      items.map(({ id }) => refused('complete', { taskId: id, output: {} }, ada)),
    );
    expect(codes.sort()).toEqual(['TASK_FOUR_EYES', 'done']);
    const [left] = (await list({ instanceId }, bob)).items;
    await call('complete', { taskId: left!.id, output: {} }, bob);
    await world.until(instanceId, 'completed');
  });

  test('a task that runs for each of a list may ask for another person each time', async () => {
    const instanceId = await world.begin(node, 'each', { id: 'x' });
    const [one, two] = (await list({ instanceId }, ada)).items;
    await call('complete', { taskId: one!.id, output: {} }, ada);
    expect(await refused('claim', { taskId: two!.id }, ada)).toBe('TASK_FOUR_EYES');
    await call('complete', { taskId: two!.id, output: {} }, bob);
    await world.until(instanceId, 'completed');
    const alone = workflow('alone', { version: 1, input: z.object({}) });
    expect(() => alone.step(sign('a', ['a'])).commit()).toThrow(/"a", which is no other user task/);
  });

  test('it holds in another version, in which both tasks have other ids', async () => {
    const { engine } = node;
    const options = { process: 'moved', version: 1, input: { id: 'm' }, trace: newTrace() };
    const started = await engine.startProcess(options);
    if (started instanceof Refusal) throw started;
    const { instanceId } = started;
    await call('complete', { taskId: (await taskAt(instanceId, 'enter')).id, output: {} }, ada);
    const elements = { enter: 'entry', release: 'sign-off' };
    const moved = await engine.migrateInstance({ instanceId, to: 2, elements, by: 'olga' });
    expect(moved).toMatchObject({ outcome: 'migrated' });
    const { id, version } = await taskAt(instanceId, 'sign-off');
    expect(version).toBe(2);
    expect(await refused('complete', { taskId: id, output: {} }, ada)).toBe('TASK_FOUR_EYES');
    await call('complete', { taskId: id, output: {} }, bob);
  });

  test('a process whose messages go around it is refused', () => {
    const told = task({
      ...{ id: 'told', title: 'told', roles: ['manager'], output: z.object({}) },
      subject: () => null,
      completedBy: { on: 'told', filter: { id: '{{ input.id }}' } },
    });
    const written = workflow('around', { version: 1, input: z.object({ id: z.string() }) })
      .step(told)
      .step(sign('b', ['told']));
    expect(() => written.commit()).toThrow(/"told" is under a rule of four eyes.*messages/);
  });
});

describe('answers', () => {
  test('must fit the form and the process; the doer of one task may not do the other', async () => {
    const { taskId, instanceId } = await begun();
    expect(await refused('complete', { taskId, output: { amount: -1 } }, ada)).toBe(
      'TASK_OUTPUT_INVALID',
    );
    await call('complete', { taskId, output: { amount: 5 } }, ada);
    expect(await refused('complete', { taskId, output: { amount: 6 } }, bob)).toBe('TASK_CLOSED');
    const release = await taskAt(instanceId, 'release');
    expect(release).toMatchObject({ priority: 70, notDoneBy: ['enter'], assignee: null });
    const mine = (await list({ instanceId }, ada)).items[0]!;
    expect(mine.can.find(({ action }) => action === 'tasks.complete')).toEqual({
      action: 'tasks.complete',
      allowed: false,
      reason: 'whoever did "enter" may not do "release"',
    });
    const input = { taskId: release.id, output: { ok: true } };
    expect(await refused('complete', input, ada)).toBe('TASK_FOUR_EYES');
    const wrong = await runner.run(
      'tasks.complete',
      { taskId: release.id, output: { note: 'too long', more: 1 } },
      { caller: bob, trace: newTrace() },
    );
    expect((wrong as Refusal).issues).toEqual([
      { pointer: '/ok', expected: 'a value', found: 'nothing', message: expect.any(String) },
      { pointer: '/more', expected: 'no such field', found: '1', message: expect.any(String) },
      {
        ...{ pointer: '/note', expected: 'at most 5 characters', found: '"too long"' },
        message: expect.any(String),
      },
    ]);
    await call('complete', input, bob);
    const { state } = await world.until(instanceId, 'completed');
    expect(state.elements[1]?.vars).toMatchObject({ enter: { amount: 5 }, release: { ok: true } });
  });

  test('of two answers at once one counts', async () => {
    const { taskId, instanceId } = await begun();
    const codes = await Promise.all([
      refused('complete', { taskId, output: { amount: 1 } }, ada),
      refused('complete', { taskId, output: { amount: 2 } }, bob),
    ]);
    expect(codes.filter((code) => code === 'done')).toHaveLength(1);
    const { items } = await list({ instanceId, status: 'completed' }, olga);
    expect(items[0]?.closedBy).toBe(codes[0] === 'done' ? ada.userId : bob.userId);
  });

  test('a task that its process cancelled says so', async () => {
    const { taskId, instanceId } = await begun();
    await node.engine.request(instanceId, { type: 'cancel', reason: 'no', by: 'olga' });
    expect(await refused('claim', { taskId }, ada)).toBe('TASK_CLOSED');
    expect(await refused('complete', { taskId, output: { amount: 1 } }, ada)).toBe('TASK_CLOSED');
  });

  test('a suspended instance takes no answer, and keeps who has the task', async () => {
    const { taskId, instanceId } = await begun();
    await call('claim', { taskId }, ada);
    await node.engine.request(instanceId, { type: 'suspend', reason: 'look', by: 'olga' });
    const answer = { taskId, output: { amount: 1 } };
    expect(await refused('complete', answer, ada)).toBe('INSTANCE_SUSPENDED');
    await node.engine.request(instanceId, { type: 'resume', by: 'olga' });
    await call('complete', answer, ada);
  });

  test('an answer that was written down before a crash counts after it', async () => {
    const { taskId, instanceId } = await begun();
    const request = { type: 'task-completed', n: 0, output: { amount: 3 }, by: 'ada' } as const;
    const { rows } = await node.database.query<{ n: number }>(
      'select n from engine.task where id = $1',
      [taskId],
    );
    await node.database.transaction(async (tx) => {
      await node.engine.requestIn(tx, instanceId, { ...request, n: rows[0]!.n });
    });
    await node.kill();
    await node.bury();
    node = await world.start();
    runner = runnerOf(node);
    await waitFor('the second task', async () => {
      const { items } = await list({ instanceId, element: 'release' }, olga);
      return items.length === 1;
    });
  });
});

test('an overdue task is escalated level by level, each once', async () => {
  const { taskId } = await begun();
  await call('claim', { taskId }, eve);
  const escalate = () => call<{ escalated: number }>('escalate-overdue', { limit: 100 }, program);
  const [hour, before] = [3_600_000, world.clock.now().getTime()];
  await escalate();
  expect(await call('get', { taskId }, olga)).toMatchObject({ escalated: 0, overdue: false });
  world.clock.advanceBy(hour + 1);
  await Promise.all([escalate(), escalate()]);
  expect(await call('get', { taskId }, olga)).toMatchObject({
    ...{ escalated: 1, overdue: true, priority: 80, assignee: eve.userId },
    escalateAt: new Date(before + 2 * hour).toISOString(),
  });
  await call('change', { taskId, dueAt: new Date(before + 2 * hour).toISOString() }, olga);
  world.clock.advanceBy(hour);
  await escalate();
  expect(await call('get', { taskId }, olga)).toMatchObject({ escalated: 1 });
  world.clock.advanceBy(hour);
  await escalate();
  expect(await call('get', { taskId }, olga)).toMatchObject({
    ...{ escalated: 2, assignee: null, candidateGroups: ['support'], escalateAt: null },
    candidateUsers: ['bob@example.com'],
  });
  expect(await refused('get', { taskId }, ada)).toBe('TASK_NOT_YOURS');
  await call('claim', { taskId }, bob);
});

describe('the list', () => {
  test('pages by due date and priority meet every task once', async () => {
    const ids = new Set<string>();
    for (const dueAt of [null, '2031-01-02T00:00:00Z', '2031-01-01T00:00:00Z', null]) {
      const { taskId } = await begun();
      ids.add(taskId);
      await call('change', { taskId, dueAt, priority: dueAt === null ? 7 : 8 }, olga);
    }
    for (const sort of ['due', 'priority', 'created']) {
      const met: Task[] = [];
      let cursor: string | undefined;
      do {
        const query = { sort, limit: 3, maxPriority: 8, ...(cursor ? { cursor } : {}) };
        const page = await list(query, ada);
        met.push(...page.items);
        cursor = page.nextCursor ?? undefined;
      } while (cursor !== undefined);
      expect(met.map(({ id }) => id).toSorted()).toEqual([...ids].sort());
      if (sort === 'priority') expect(met.map(({ priority }) => priority)).toEqual([8, 8, 7, 7]);
      if (sort === 'due') expect(met[0]?.dueAt).toBe('2031-01-01T00:00:00.000Z');
    }
  });

  test('filters by who has it', async () => {
    const { taskId, instanceId } = await begun();
    const found = async (query: object, caller: Caller) =>
      (await list({ instanceId, ...query }, caller)).items.length;
    expect(await found({ unassigned: 'true' }, ada)).toBe(1);
    expect(await found({ candidateUser: 'EVE@example.com' }, ada)).toBe(1);
    expect(await found({ candidateGroup: 'accounting' }, ada)).toBe(1);
    expect(await found({ assignee: 'me' }, ada)).toBe(0);
    await call('claim', { taskId }, ada);
    expect(await found({ assignee: 'me' }, ada)).toBe(1);
    expect(await found({ assignee: 'me' }, eve)).toBe(0);
    expect(await found({ unassigned: 'true' }, ada)).toBe(0);
    expect(await found({ dueBefore: '2000-01-01T00:00:00Z' }, ada)).toBe(0);
    expect(await found({ overdue: 'false', process: 'review', minPriority: '50' }, ada)).toBe(1);
  });
});

test('a drawing may name a calendar of the program', async () => {
  const file = new URL('../bpmn/models/runs/task-user-calendar.bpmn', import.meta.url);
  const xml = readFileSync(file, 'utf8').replace(/<orderloom:calendar [^>]*>/, '');
  const compile = (...names: readonly string[]) => {
    const calendars = names.map((name) => businessCalendar({ name, hours: '08:00-10:00' }));
    const calendar = (wanted: string) => calendars.find(({ name }) => name === wanted);
    return compileDrawing({ name: 'calendar', xml }, { calendar });
  };
  const { models } = await compile('office');
  // Begun on a Thursday: eight hours of work are four mornings.
  const input = { look: '2026-01-05T09:00:00', chief: 'eve' };
  expect(play(models[0]!, input).at('approve').waits?.[0]).toMatchObject({
    dueAt: Date.UTC(2026, 0, 6, 10),
  });
  expect((await compile('shop')).problems).toMatchObject([
    {
      rule: 'calendar-invalid',
      element: 'approve',
      remedy: expect.stringMatching(/BUSINESS_CALENDARS/),
    },
  ]);
});

test('the standard words and FEEL give the terms of a task when it is entered', async () => {
  const folder = new URL('../bpmn/models/runs/', import.meta.url);
  const wait = async (name: string, input: object) => {
    const xml = readFileSync(new URL(`${name}.bpmn`, folder), 'utf8');
    const { models } = await compileDrawing({ name, xml });
    return play(models[0]!, input).at('approve').waits?.[0];
  };
  expect(await wait('task-user-people', { buyer: 'bob', amount: 5_000 })).toMatchObject({
    ...{ assignee: 'bob', users: ['bob', 'ada@example.com'], groups: ['accounting', 'risk'] },
    ...{ priority: 90, formKey: 'approve-form' },
  });
  expect(await wait('task-user-potential-owner', { owner: 'olga' })).toMatchObject({
    ...{ assignee: 'olga', users: ['ada@example.com'], groups: ['accounting', 'manager'] },
  });
  const { models } = await compileDrawing({
    name: 'dialect-person',
    xml: readFileSync(new URL('dialect-person.bpmn', folder), 'utf8'),
  });
  const played = play(models[0]!, { clerk: 'Ada@Example.com', group: 'risk' });
  expect(played.at('enter').waits?.[0]).toMatchObject({
    ...{ assignee: 'ada@example.com', groups: ['accounting', 'risk'], priority: 70, roles: [] },
  });
  const { enter, release } = models[0]!.nodes;
  expect(enter).toMatchObject({
    form: {
      schema: {
        required: ['amount'],
        properties: {
          amount: { type: 'integer', title: 'Amount', minimum: 1 },
          currency: { type: 'string', enum: ['EUR', 'CHF'], default: 'EUR' },
        },
      },
    },
  });
  // What the drawing says itself is not widened by what its dialect leaves out.
  expect(release).toMatchObject({
    ...{ roles: [], notDoneBy: ['enter'] },
    form: { schema: { required: ['ok'], properties: { ok: { type: 'boolean' } } } },
  });
  // Begun on New Year's Day, a holiday: eight hours of work are Friday and the first of Monday.
  expect(
    await wait('task-user-calendar', { look: '2026-01-05T09:00:00', chief: 'eve' }),
  ).toMatchObject({
    dueAt: Date.UTC(2026, 0, 5, 9),
    followUpAt: Date.UTC(2026, 0, 5, 8),
    escalations: [
      { at: Date.UTC(2026, 0, 5, 10), groups: ['risk'], priority: 80 },
      { at: Date.UTC(2026, 0, 6, 9), groups: ['admin'], users: ['eve'] },
    ],
  });
});
