/** Errors, compensation and event handlers, by what their models do. */
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { DrivenProcess } from '../../../test/support/driven-process.ts';
import { defineError, refuse } from '../../kernel/errors.ts';
import { compensate, end, fail, parallel, step, subprocess, when, workflow } from './index.ts';

const started = () => workflow('p', { version: 1, input: z.object({ id: z.string() }) });
const refused = defineError({ code: 'NO_STOCK', status: 409, title: 'No' });

/** A step that does and undoes by procedures of its own name. */
const doing = <const Id extends string>(id: Id) =>
  step({
    id,
    input: z.object({ id: z.string() }),
    output: z.object({ id: z.string(), made: z.string() }),
    execute: ({ engine, inputData }) => engine.run(`do-${id}`, inputData),
    compensate: ({ engine, inputData, output }) => engine.run(`undo-${id}`, { inputData, output }),
  });
const plain = <const Id extends string>(id: Id) =>
  step({ id, execute: ({ engine }) => engine.run(id, {}) });
const answers = new Proxy<Record<string, (input: never) => unknown>>(
  {},
  { get: (_, name) => (given: { id?: string }) => ({ id: given.id ?? '', made: String(name) }) },
);

describe('an error', () => {
  it('is handled by its code; the handler reads it and joins what follows', async () => {
    const { model } = started()
      .step(doing('a'))
      .catch({ id: 'sold-out', code: ['NO_STOCK', 'NO_SHOP'] }, (flow) =>
        flow.step(
          step({
            id: 'note',
            input: z.object({ code: z.string(), data: z.unknown().optional() }),
            output: z.unknown(),
            execute: ({ inputData }) => inputData as never,
          }),
        ),
      )
      .step(plain('after'))
      .commit();
    const run = await new DrivenProcess(model, {
      'do-a': () => refuse(refused, 'none left', { data: { left: 0 } }),
      after: () => null,
    }).start({ id: 'o' });
    expect(run.calledProcedures).toEqual(['do-a', 'after']);
    expect(run.variables.note).toEqual({ code: 'NO_STOCK', data: { left: 0 } });
    expect(run.ended?.status).toBe('completed');
  });

  it('that nobody handles is an incident', async () => {
    const { model } = started()
      .step(doing('a'))
      .catch({ id: 'other', code: 'OTHER' }, end({ id: 'stop' }))
      .commit();
    const run = await new DrivenProcess(model, {
      'do-a': () => refuse(refused, 'none left'),
    }).start({ id: 'o' });
    expect(run.incidents).toEqual(['a: NO_STOCK: none left']);
  });

  it('of an end fails the process, or is handled around its subprocess', async () => {
    const failing = fail({ id: 'no', code: 'NO', message: 'not today' });
    const bare = await new DrivenProcess(started().step(failing).commit().model).start({ id: 'o' });
    expect(bare.ended).toMatchObject({
      status: 'failed',
      error: { code: 'NO', message: 'not today' },
    });

    const { model } = started()
      .step(subprocess({ id: 'sub', body: failing }))
      .catch({ id: 'caught' }, plain('handled'))
      .commit();
    const run = await new DrivenProcess(model, { handled: () => null }).start({ id: 'o' });
    expect(run.ended?.status).toBe('completed');
    expect(run.calledProcedures).toEqual(['handled']);
  });

  it('cannot be caught where none is raised', () => {
    const flow = started().step(parallel({ id: 'both', branches: [plain('a'), plain('b')] }));
    expect(() => flow.catch({ id: 'x' }, end({ id: 'y' })).commit()).toThrow(
      /expected .catch after a step.*put what may fail into a subprocess/,
    );
  });
});

describe('compensation', () => {
  it('undoes what was done, last first, with input and output of then', async () => {
    const { model } = started()
      .step(doing('a'), ({ input }) => ({ id: `${input.id}-a` }))
      .step(doing('b'), ({ input }) => ({ id: `${input.id}-b` }))
      .step(compensate({ id: 'undo' }))
      .step(plain('after'))
      .commit();
    const run = await new DrivenProcess(model, answers).start({ id: 'o' });
    expect(run.calledProcedures).toEqual(['do-a', 'do-b', 'undo-b', 'undo-a', 'after']);
    expect(run.calls[2]?.input).toEqual({
      inputData: { id: 'o-b' },
      output: { id: 'o-b', made: 'do-b' },
    });
  });

  it('undoes one step by name', async () => {
    const flow = started()
      .step(doing('a'))
      .step(doing('b'), ({ input }) => input);
    const { model } = flow.step(compensate({ id: 'undo', step: 'a' })).commit();
    const run = await new DrivenProcess(model, answers).start({ id: 'o' });
    expect(run.calledProcedures).toEqual(['do-a', 'do-b', 'undo-a']);
    expect(() => flow.step(compensate({ id: 'undo', step: 'nope' })).commit()).toThrow(
      /"undo" undoes "nope", which is no step of this workflow/,
    );
    expect(() =>
      flow
        .step(plain('c'))
        .step(compensate({ id: 'undo', step: 'c' }))
        .commit(),
    ).toThrow(/which has no compensation/);
  });

  it('undoes what a failed subprocess had done', async () => {
    const { model } = started()
      .step(
        subprocess({
          id: 'sub',
          body: (flow) => flow.step(doing('a')).step(fail({ id: 'no', code: 'NO', message: 'no' })),
        }),
      )
      .catch({ id: 'caught', code: 'NO' }, (flow) => flow.step(compensate({ id: 'undo' })))
      .commit();
    const run = await new DrivenProcess(model, answers).start({ id: 'o' });
    expect(run.calledProcedures).toEqual(['do-a', 'undo-a']);
  });

  it('undoes also what was at work when its subprocess failed: it may have been done', async () => {
    const { model } = started()
      .step(
        subprocess({
          id: 'sub',
          body: (flow) =>
            flow.step(
              parallel({
                id: 'both',
                branches: [(one) => one.step(doing('a'), ({ input }) => input), plain('b')],
              }),
            ),
        }),
      )
      .catch({ id: 'caught', code: 'NO_STOCK' }, (flow) => flow.step(compensate({ id: 'undo' })))
      .commit();
    const run = new DrivenProcess(model, {
      b: () => refuse(refused, 'none left'),
      'undo-a': () => null,
    });
    await run.start({ id: 'o' }, { runJobs: false });
    expect(run.dueJobs).toEqual(['a', 'b']);
    await run.runJob(1);
    await run.runJobs();
    expect(run.calls).toEqual([
      { procedure: 'b', input: {} },
      { procedure: 'undo-a', input: { inputData: { id: 'o' } } },
    ]);
  });
});

describe('an event handler', () => {
  const cancelled = when({
    id: 'cancelled',
    on: 'order.cancelled',
    filter: { orderId: '{{ input.id }}' },
    output: z.object({ reason: z.string() }),
  });
  const { model } = started()
    .on(cancelled, (flow) => flow.step(compensate({ id: 'undo' })).step(plain('mail')))
    .step(doing('a'))
    .step(when({ id: 'paid', on: 'paid', filter: { orderId: '{{ input.id }}' } }))
    .step(plain('ship'))
    .commit();

  it('interrupts what runs and may undo what was done', async () => {
    const run = await new DrivenProcess(model, answers).start({ id: 'o' });
    expect(run.waitingAt).toEqual(['cancelled', 'paid']);
    expect(await run.message('order.cancelled', { orderId: 'other', reason: 'x' })).toBe(false);
    await run.message('order.cancelled', { orderId: 'o', reason: 'changed my mind' });
    expect(run.calledProcedures).toEqual(['do-a', 'undo-a', 'mail']);
    expect(run.ended?.status).toBe('completed');
  });

  it('is not needed when nothing happens', async () => {
    const run = await new DrivenProcess(model, answers).start({ id: 'o' });
    await run.message('paid', { orderId: 'o' });
    expect(run.calledProcedures).toEqual(['do-a', 'ship']);
    expect(run.ended?.status).toBe('completed');
  });

  it('may run beside the process', async () => {
    const listening = started()
      .on(cancelled, plain('note'), { interrupting: false })
      .step(when({ id: 'paid', on: 'paid', filter: { orderId: '{{ input.id }}' } }))
      .commit();
    const run = await new DrivenProcess(listening.model, answers).start({ id: 'o' });
    await run.message('order.cancelled', { orderId: 'o', reason: 'x' });
    expect(run.calledProcedures).toEqual(['note']);
    expect(run.waitingAt).toContain('paid');
  });

  it('belongs to a whole process or subprocess, and knows only what was known when it began', () => {
    const branch = started().step(
      parallel({
        id: 'both',
        branches: [(flow) => flow.on(cancelled, plain('m')).step(plain('a')), plain('b')],
      }),
    );
    expect(() => branch.commit()).toThrow(/found it in a branch: move it out/);
    const tooEarly = when({ id: 'c', on: 'x', filter: { orderId: '{{ a.id }}' } });
    expect(() => started().step(doing('a')).on(tooEarly, plain('m')).commit()).toThrow(
      /names "a", which has not certainly run/,
    );
  });
});
