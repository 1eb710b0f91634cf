/** The test kit does what its guide says: fakes, time, deaths, people, and errors that show why. */
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { defineError } from '../../kernel/errors.ts';
import { defineEvent } from '../../kernel/event.ts';
import { defineExternal, defineTransactional } from '../../kernel/procedure.ts';
import { condition, end, sleep, step, task, when, workflow } from '../code/index.ts';
import {
  answers,
  atEveryCrashPoint,
  breaks,
  fails,
  fake,
  holds,
  refuses,
  succeedsUnheard,
  testProcess,
  timesOut,
} from './index.ts';
import { waitFor } from './wait-for.ts';

const DECLINED = defineError({ code: 'DECLINED', status: 409, title: 'Declined' });
const chargeCard = defineExternal({
  name: 'cards.charge',
  summary: 'Charge a card',
  input: z.object({ amount: z.number() }),
  output: z.object({ receipt: z.string() }),
  access: ['service'],
  errors: [DECLINED],
  execute: async () => ({ receipt: 'real' }),
  reconcile: async () => null,
});
const bookSeat = defineTransactional({
  name: 'seats.book',
  summary: 'Book a seat',
  input: z.object({ seat: z.string() }),
  output: z.object({ seat: z.string() }),
  access: ['service'],
  errors: [],
  execute: async (_, { seat }) => ({ seat }),
});
const seatPaid = defineEvent({
  name: 'seat.paid',
  version: 1,
  summary: 'A seat was paid',
  payload: z.object({ seat: z.string() }),
  key: ({ seat }) => seat,
});

const trip = workflow('trip', { version: 1, input: z.object({ seat: z.string() }) })
  .step(
    step({
      id: 'book',
      input: z.object({ seat: z.string() }),
      execute: ({ engine, inputData }) => engine.run(bookSeat, inputData),
      irreversible: 'a test',
    }),
    ({ input }) => ({ seat: input.seat }),
  )
  .step(
    step({
      id: 'charge',
      input: z.object({}),
      output: z.object({ receipt: z.string() }),
      execute: ({ engine }) => engine.run(chargeCard, { amount: 5 }),
      retry: { maxAttempts: 3, initialDelay: '10s', jitter: 0 },
      irreversible: 'a test',
    }),
    () => ({}),
  )
  .step(when({ id: 'paid', on: seatPaid, filter: { seat: '{{ input.seat }}' } }))
  .step(sleep({ id: 'the-day', for: '90d' }))
  .step(
    task({
      id: 'check-in',
      roles: ['manager'],
      title: 'Check in',
      subject: () => ({}),
      output: z.boolean(),
    }),
  )
  .step(
    condition({
      id: 'came',
      predicate: ({ inputData }) => inputData,
      whenFalse: (no) => no.step(end({ id: 'no-show' })),
    }),
  )
  .commit();

const seats = () => fake(bookSeat, answers({ seat: 'A1' }));
const cards = () => fake(chargeCard, answers({ receipt: 'r-1' }));
const passed = {
  book: ['entered book', 'completed book'],
  charge: ['entered charge', 'completed charge'],
};

describe('a process from its start to its end', () => {
  test('with messages, months and people', async () => {
    const charge = cards();
    const t = await testProcess({ processes: [trip], fakes: [seats(), charge] });
    const begun = performance.now();
    const run = await t.start('trip', { seat: 'A1' });
    expect(await run.waitingAt()).toEqual(['paid']);
    await t.publish(seatPaid, { seat: 'B2' });
    expect(await run.waitingAt()).toEqual(['paid']);
    await t.publish(seatPaid, { seat: 'A1' });
    await t.passes('89d');
    expect(await run.waitingAt()).toEqual(['the-day']);
    await t.passes('1d');
    await run.completeTask(true, { by: 'ada' });
    await run.ends('completed');
    await run.did(
      ...[
        'started',
        'completed start',
        ...passed.book,
        ...passed.charge,
        'entered paid',
        'message paid',
      ],
      ...['completed paid', 'entered the-day', 'timer the-day', 'completed the-day'],
      ...['entered check-in', 'task check-in', 'completed check-in', 'completed came'],
      ...['completed end', 'completed'],
    );
    expect(charge.calls).toEqual([{ amount: 5 }]);
    expect((await t.only('trip')).id).toBe(run.id);
    expect(performance.now() - begun).toBeLessThan(10_000);
  });

  test('a message that comes first is kept; one that comes twice acts once', async () => {
    const t = await testProcess({ processes: [trip], fakes: [seats(), cards()] });
    await t.publish('seat.paid', { seat: 'A1' }, '00000000-0000-7000-8000-000000000001');
    await t.publish('seat.paid', { seat: 'A1' }, '00000000-0000-7000-8000-000000000001');
    const run = await t.start('trip', { seat: 'A1' });
    expect(await run.waitingAt()).toEqual(['the-day']);
    await run.cancel();
    await run.ends('cancelled');
  });
});

describe('what procedures answer', () => {
  const upTo = async (
    ...behaviours: Parameters<typeof fake<typeof chargeCard>> extends [unknown, ...infer Rest]
      ? Rest
      : never
  ) => {
    const charge = fake(chargeCard, ...behaviours);
    const t = await testProcess({ processes: [trip], fakes: [seats(), charge] });
    return { t, charge, run: await t.start('trip', { seat: 'A1' }) };
  };

  test('a fault, then an answer: the same step under the same key', async () => {
    const { t, run, charge } = await upTo(fails(), answers({ receipt: 'r-1' }));
    expect(await run.waitingAt()).toEqual(['charge']);
    await t.passes('10s');
    await run.didInOrder('job failed charge: UNREACHABLE', 'completed charge');
    expect(new Set(charge.idempotencyKeys).size).toBe(1);
    expect(charge.calls.length).toBe(2);
  });

  test('a refusal that nobody handles, and a person who tries again', async () => {
    const { run } = await upTo(refuses('DECLINED'), answers({ receipt: 'r-2' }));
    expect(await run.incidents()).toMatchObject([{ node: 'charge', code: 'DECLINED' }]);
    await run.retry('charge');
    expect((await run.variables()).charge).toEqual({ receipt: 'r-2' });
  });

  test('a break, and a person who goes on without the step', async () => {
    const { run } = await upTo(breaks('GONE'));
    await run.skip('charge', { receipt: 'by hand' });
    expect(await run.waitingAt()).toEqual(['paid']);
  });

  test('no answer: the outside is asked before it is called again', async () => {
    const never = await upTo(timesOut(), answers({ receipt: 'r-1' }));
    await never.t.passes('10s');
    expect([never.charge.asked, never.charge.calls.length]).toEqual([1, 2]);
    const done = await upTo(succeedsUnheard({ receipt: 'r-1' }));
    await done.t.passes('10s');
    expect([done.charge.asked, done.charge.calls.length]).toEqual([1, 1]);
    expect((await done.run.variables()).charge).toEqual({ receipt: 'r-1' });
  });

  test('something that happens while a step is at work', async () => {
    const held = holds(answers({ receipt: 'r-1' }));
    const { run } = await upTo(held);
    expect(held.waiting).toBe(1);
    await run.cancel();
    await run.ends('cancelled');
    await waitFor('the step to be told', () => held.waiting === 0);
    held.release();
  });

  test('a procedure that is given by name alone', async () => {
    const call = step({
      id: 'call',
      input: z.object({}),
      execute: ({ engine }) => engine.run('anything.at-all', { n: 1 }),
      irreversible: 'a test',
    });
    const named = fake('anything.at-all', answers('so'));
    const process = workflow('named', { version: 1, input: z.object({}) })
      .step(call)
      .commit();
    const t = await testProcess({ processes: [process], fakes: [named] });
    await (await t.start('named')).ends();
    expect(named.calls).toEqual([{ n: 1 }]);
  });
});

describe('deaths', () => {
  test('at every commit the story ends the same', { timeout: 60_000 }, async () => {
    const { deaths } = await atEveryCrashPoint(
      () => {
        const charge = cards();
        return { processes: [trip], fakes: [seats(), charge], charge };
      },
      async (t, { charge }) => {
        const run = await t.start('trip', { seat: 'A1' });
        await t.publish(seatPaid, { seat: 'A1' });
        await t.passes('90d');
        await run.completeTask(false);
        await run.ends();
        return { history: await run.history(), keys: new Set(charge.idempotencyKeys).size };
      },
    );
    expect(deaths).toBeGreaterThan(10);
  });

  test('one by hand, in the middle of a step', async () => {
    const held = holds(answers({ receipt: 'r-1' }));
    const charge = fake(chargeCard, held);
    const t = await testProcess({ processes: [trip], fakes: [seats(), charge] });
    const run = await t.start('trip', { seat: 'A1' });
    await t.kill();
    held.release();
    expect(await run.waitingAt()).toEqual(['paid']);
    expect([t.deaths, new Set(charge.idempotencyKeys).size]).toEqual([1, 1]);
  });

  test('a story that a death changes is told as such', async () => {
    let runs = 0;
    const told = atEveryCrashPoint(
      () => ({ processes: [trip], fakes: [seats(), cards()] }),
      async (t) => {
        await t.start('trip', { seat: 'A1' });
        runs += 1;
        return runs;
      },
    );
    await expect(told).rejects.toThrow(/expected the same end as without a death.*point 1/);
  });
});

describe('what a failing assertion says', () => {
  test('where it is, and what it did', async () => {
    const t = await testProcess({ processes: [trip], fakes: [seats(), cards()] });
    const run = await t.start('trip', { seat: 'A1' });
    await expect(run.ends()).rejects.toThrow(
      /expected the instance of "trip" to be completed, it is active; it waits at paid\nits history:\n {2}started/,
    );
    await expect(run.did('started')).rejects.toMatchObject({
      expected: ['started'],
      actual: ['started', 'completed start', ...passed.book, ...passed.charge, 'entered paid'],
    });
    await expect(run.didInOrder('completed charge', 'entered book')).rejects.toThrow(
      /expected "entered book" after "completed charge"; (.*\n){7}> entered paid/,
    );
    await expect(run.didNot('entered paid')).rejects.toThrow('expected no "entered paid"');
    await expect(run.completeTask()).rejects.toThrow('expected one open task, found none');
    await expect(run.retry('charge')).rejects.toThrow('expected an incident at "charge"');
    await expect(t.start('trip', { seat: 1 })).rejects.toThrow('does not accept this input');
    await expect(t.only('other')).rejects.toThrow('expected one "other", found 0');
  });
});
