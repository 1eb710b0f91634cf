/** Triggers, waits, deadlines, tasks and filters, by what their models do. */
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { DrivenProcess } from '../../../test/support/driven-process.ts';
import type { NodeOf } from '../model/process-model.ts';
import { play } from '../testing/play.ts';
import { end, externalTask, sleep, step, subprocess, task, when, workflow } from './index.ts';

const order = z.object({ id: z.string(), total: z.number(), note: z.string().optional() });
const onOrder = when({ id: 'on-order', on: 'orders.create', mode: 'after', output: order });
const begin = () => workflow('p', { version: 1, businessKey: '{{ on-order.id }}' }).step(onOrder);
const placed = { id: 'o-1', total: 5 };
const paid = z.object({ orderId: z.string(), status: z.string() });

describe('a trigger', () => {
  it('starts the workflow, whose input is the payload', async () => {
    const { model } = begin()
      .step(step({ id: 'a', output: order, execute: ({ inputData }) => inputData }))
      .commit();
    expect(model.nodes['on-order']).toMatchObject({
      type: 'startEvent',
      event: { type: 'message', message: 'orders.create', correlation: [] },
      result: 'on-order',
    });
    const run = await new DrivenProcess(model).start(placed);
    expect(run.ended?.output).toEqual(placed);
    expect(model.businessKey?.evaluate(run.variables)).toBe('o-1');
  });
});

describe('a wait', () => {
  const wait = when({
    id: 'wait',
    on: ['paid', 'waived'],
    filter: { status: ['completed', 'failed'], orderId: '{{ on-order.id }}' },
    output: paid,
  });

  it('becomes one indexed key for each name and combination of constants, fields sorted', () => {
    const { model } = begin().step(wait).commit();
    const { messages } = model.nodes.wait as NodeOf<'receiveTask'>;
    const keys = messages.map(({ message, correlation }) => [
      message,
      correlation.map(({ field, value }) => [field, value.evaluate({ 'on-order': placed })]),
    ]);
    expect(keys).toEqual(
      ['paid', 'waived'].flatMap((name) =>
        ['completed', 'failed'].map((status) => [
          name,
          [
            ['orderId', 'o-1'],
            ['status', status],
          ],
        ]),
      ),
    );
  });

  it('takes the message that is meant for it', async () => {
    const run = await new DrivenProcess(begin().step(wait).commit().model).start(placed);
    expect(await run.message('paid', { orderId: 'o-2', status: 'completed' })).toBe(false);
    expect(await run.message('paid', { orderId: 'o-1', status: 'pending' })).toBe(false);
    expect(await run.message('waived', { orderId: 'o-1', status: 'failed', by: 'me' })).toBe(true);
    expect(run.ended?.output).toEqual({ orderId: 'o-1', status: 'failed' });
  });

  it('that is not answered in time goes another way', async () => {
    const { model } = begin()
      .step(
        when({
          id: 'wait',
          on: 'paid',
          filter: { orderId: ({ steps }) => steps['on-order'].id },
          output: paid,
          timeout: '24h',
          onTimeout: (flow) => flow.step(end({ id: 'too-late' })),
        }),
      )
      .commit();
    const run = await new DrivenProcess(model).start(placed);
    const timer = run.waits.find(({ wait: { kind } }) => kind === 'timer')?.wait;
    expect(timer).toMatchObject({ due: Date.UTC(2026, 0, 2) });
    await run.timer('wait.timeout');
    expect(run.ended).toMatchObject({ status: 'completed', output: null });
  });

  it('raises TIMEOUT when it does not say what to do', async () => {
    const { model } = begin()
      .step(
        subprocess({
          id: 'sub',
          body: when({
            id: 'wait',
            on: 'paid',
            filter: { orderId: '{{ on-order.id }}' },
            timeout: { hours: 1 },
          }),
        }),
      )
      .catch({ id: 'late', code: 'TIMEOUT' }, (flow) =>
        flow.step(
          step({
            id: 'note',
            output: z.object({ code: z.string() }),
            execute: ({ inputData }) => ({ code: inputData.code }),
          }),
        ),
      )
      .commit();
    const run = await new DrivenProcess(model).start(placed);
    await run.timer('wait.timeout');
    expect(run.ended?.output).toEqual({ code: 'TIMEOUT' });
  });

  it('sleeps for a while or until a moment', async () => {
    const { model } = begin()
      .step(sleep({ id: 'nap', for: ({ input }) => input.total * 1000 }))
      .step(sleep({ id: 'night', until: () => '2026-02-01T00:00:00Z' }))
      .commit();
    const run = await new DrivenProcess(model).start(placed);
    expect(run.waits[0]?.wait).toMatchObject({ due: Date.UTC(2026, 0, 1) + 5000 });
    await run.timer('nap');
    expect(run.waits[0]?.wait).toMatchObject({ due: Date.UTC(2026, 1, 1) });
  });
});

describe('a task', () => {
  const { model } = begin()
    .step(
      task({
        id: 'approve',
        roles: ['manager'],
        title: ({ input }) => `Order ${input.id}`,
        subject: ({ input }) => ({ total: input.total }),
        output: z.object({ approved: z.boolean() }),
        completedBy: { on: 'approved', filter: { orderId: '{{ on-order.id }}' } },
        due: '2h',
      }),
    )
    .commit();

  it('is shown to people and completed by one', async () => {
    const run = await new DrivenProcess(model).start(placed);
    expect(run.waits.find(({ wait }) => wait.kind === 'task')?.wait).toMatchObject({
      roles: ['manager'],
      title: 'Order o-1',
      subject: { total: 5 },
      dueAt: Date.UTC(2026, 0, 1, 2),
    });
    await run.complete('approve', { approved: true });
    expect(run.ended?.output).toEqual({ approved: true });
  });

  it('is completed by a message as well', async () => {
    const run = await new DrivenProcess(model).start(placed);
    await run.message('approved', { orderId: 'o-1', approved: false });
    expect(run.ended?.output).toEqual({ approved: false });
  });
});

describe('work for a worker outside', () => {
  const { model } = begin()
    .step(
      externalTask({
        id: 'weigh',
        topic: ({ input }) => `scales.${input.id}`,
        variables: ({ input }) => ({ total: input.total }),
        output: z.object({ grams: z.number() }),
        priority: 7,
        timeout: '1h',
        onTimeout: end({ id: 'nobody-came' }),
      }),
    )
    .commit();

  it('is handed out with what it needs, and gives what the worker found', () => {
    const run = play(model, placed);
    const wait = run.at('weigh').waits?.find(({ kind }) => kind === 'external');
    expect(wait).toMatchObject({ topic: 'scales.o-1', priority: 7, attempt: 1 });
    expect(run.seenAt('weigh')).toMatchObject({ total: 5 });
    run.external('weigh', { retries: 1 }).external('weigh', { variables: { grams: 5 } });
    expect(run.effects?.ended?.output).toEqual({ grams: 5 });
  });

  it('may come too late', () => {
    expect(play(model, placed).timer('weigh.timeout').status).toBe('completed');
  });
});

describe('a filter', () => {
  const waiting = (filter: Record<string, never>) => () =>
    begin()
      .step(when({ id: 'w', on: 'x', filter }))
      .commit();

  it.each([
    [{}, /expected "w" to have a filter/],
    [{ a: '{{ on-order }} x' }, /expected one path in braces/],
    [
      { a: '{{ nobody.id }}' },
      /names "nobody", which has not certainly run.*known there: input, on-order/,
    ],
    [
      { a: '{{ on-order.nope }}' },
      /names the field "nope", which is not in the schema; it has id, total, note/,
    ],
    [{ a: '{{ on-order.id.more }}' }, /nothing lies below/],
    [{ a: [] }, /a list of constants/],
    [{ a: null }, /to be a template, a constant/],
  ])('%j is refused when the workflow is committed', (filter, message) => {
    expect(waiting(filter as never)).toThrow(message);
  });

  it('may read the input, and optional fields', () => {
    expect(waiting({ a: '{{ input.id }}', b: '{{ on-order.note }}' } as never)).not.toThrow();
  });
});
