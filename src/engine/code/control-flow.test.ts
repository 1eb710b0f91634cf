/** Conditions, branches, races, loops and sub-processes, by what their models do. */
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { DrivenProcess } from '../../../test/support/driven-process.ts';
import {
  call,
  choice,
  condition,
  end,
  forEach,
  parallel,
  sequence,
  sleep,
  step,
  subprocess,
  when,
  workflow,
} from './index.ts';

const input = z.object({ n: z.number() });
const started = () => workflow('p', { version: 1, input });
const text = z.object({ text: z.string() });

/** A step that calls the procedure of its own name. */
const mark = <const Id extends string>(id: Id) =>
  step({ id, output: text, execute: ({ engine }) => engine.run(id, {}) });
const answers = new Proxy(
  {},
  { get: (_, name) => () => ({ text: String(name) }), has: () => true },
);
const drive = (model: ConstructorParameters<typeof DrivenProcess>[0]) =>
  new DrivenProcess(model, answers);

describe('a condition', () => {
  const { model } = started()
    .step(mark('before'))
    .step(
      condition({
        id: 'big',
        predicate: ({ input: { n } }) => n > 10,
        whenTrue: sequence(mark('big-one'), mark('big-two')),
      }),
    )
    .step(
      step({
        id: 'after',
        output: text,
        execute: ({ inputData }) => ({ text: `after ${inputData.text}` }),
      }),
    )
    .commit();

  it('takes one way, which joins what follows it', async () => {
    const big = await drive(model).start({ n: 11 });
    expect(big.calledProcedures).toEqual(['before', 'big-one', 'big-two']);
    expect(big.ended?.output).toEqual({ text: 'after big-two' });

    const small = await drive(model).start({ n: 10 });
    expect(small.calledProcedures).toEqual(['before']);
    expect(small.ended?.output).toEqual({ text: 'after before' });
  });

  it('hands on the output of the way that was taken, also out of nested ones', async () => {
    const nested = started()
      .step(mark('before'))
      .step(
        condition({
          id: 'outer',
          predicate: ({ input: { n } }) => n > 0,
          whenTrue: (flow) =>
            flow.step(
              condition({
                id: 'inner',
                predicate: ({ input: { n } }) => n > 1,
                whenTrue: mark('in'),
              }),
            ),
          whenFalse: mark('out'),
        }),
      )
      .step(step({ id: 'after', output: text, execute: ({ inputData }) => inputData }))
      .commit();
    const outputs = [];
    for (const n of [2, 1, 0]) outputs.push((await drive(nested.model).start({ n })).ended?.output);
    expect(outputs).toEqual([{ text: 'in' }, { text: 'before' }, { text: 'out' }]);
  });

  it('chooses by a value', async () => {
    const { model: chosen } = started()
      .step(
        choice({
          id: 'size',
          on: ({ input: { n } }) => (n > 10 ? 'big' : n > 5 ? 'medium' : 'small'),
          cases: {
            big: mark('big'),
            small: (flow) => flow.step(mark('small')).step(end({ id: 'done' })),
          },
          otherwise: mark('medium'),
        }),
      )
      .commit();
    const runs = [];
    for (const n of [11, 6, 1]) runs.push(await drive(chosen).start({ n }));
    expect(runs.map((run) => run.calledProcedures)).toEqual([['big'], ['medium'], ['small']]);
    expect(runs.map((run) => run.ended?.output)).toEqual([
      { text: 'big' },
      { text: 'medium' },
      null,
    ]);
  });
});

describe('branches side by side', () => {
  it('wait for each other', async () => {
    const { model } = started()
      .step(
        parallel({
          id: 'both',
          branches: { one: sequence(mark('a'), mark('b')), two: mark('c') },
        }),
      )
      .step(
        step({
          id: 'after',
          output: text,
          execute: ({ steps }) => ({ text: steps.b.text + steps.c.text }),
        }),
      )
      .commit();
    const run = await drive(model).start({ n: 1 });
    expect(run.calledProcedures).toEqual(['a', 'c', 'b']);
    expect(run.ended?.output).toEqual({ text: 'bc' });
  });

  it('end the process as a whole when one of them ends', async () => {
    const { model } = started()
      .step(
        parallel({
          id: 'both',
          branches: [
            (flow) =>
              flow.step(
                condition({
                  id: 'stop',
                  predicate: ({ input: { n } }) => n > 1,
                  whenTrue: end({ id: 'stopped' }),
                }),
              ),
            when({ id: 'w', on: 'x', filter: { n: ({ input: { n } }) => n } }),
          ],
        }),
      )
      .commit();
    expect((await drive(model).start({ n: 2 })).ended?.status).toBe('completed');
    expect((await drive(model).start({ n: 1 })).waitingAt).toEqual(['w']);
  });

  it('race: the first wins and the others are cancelled', async () => {
    const { model } = started()
      .step(
        parallel({
          id: 'race',
          waitForAll: false,
          branches: {
            answer: when({ id: 'w', on: 'x', filter: { n: '{{ input.n }}' }, output: text }),
            deadline: sleep({ id: 'late', for: '1h' }),
          },
        }),
      )
      .commit();
    const answered = await drive(model).start({ n: 1 });
    expect(answered.waitingAt).toEqual(['late', 'w']);
    expect(await answered.message('x', { n: 1, text: 'hello' })).toBe(true);
    expect(answered.ended?.output).toEqual({ branch: 'answer', output: { text: 'hello' } });

    const late = await drive(model).start({ n: 1 });
    await late.timer('late');
    expect(late.ended?.output).toEqual({ branch: 'deadline', output: { n: 1 } });
  });
});

describe('scopes', () => {
  it('of a loop run once for each item', async () => {
    const double = (mode: 'sequential' | 'parallel') =>
      started()
        .step(
          forEach({
            id: 'each',
            mode,
            items: ({ input: { n } }) => Array.from({ length: n }, (_, index) => index),
            body: (flow) =>
              flow.step(mark('a')).step(
                step({
                  id: 'double',
                  input: z.object({ item: z.number() }),
                  output: input,
                  execute: ({ inputData }) => ({ n: inputData.item * 2 }),
                }),
                ({ steps }) => ({ item: steps['each.item'] }),
              ),
          }),
        )
        .commit();
    for (const mode of ['sequential', 'parallel'] as const) {
      const run = await drive(double(mode).model).start({ n: 3 });
      expect(run.ended?.output).toEqual([{ n: 0 }, { n: 2 }, { n: 4 }]);
    }
    const empty = await drive(double('sequential').model).start({ n: 0 });
    expect(empty.ended?.output).toEqual([]);
  });

  it('of a subprocess give their last output, or null when they ended early', async () => {
    const { model } = started()
      .step(
        subprocess({
          id: 'sub',
          body: (flow) =>
            flow
              .step(
                condition({
                  id: 'stop',
                  predicate: ({ input: { n } }) => n > 1,
                  whenTrue: end({ id: 'early' }),
                }),
              )
              .step(mark('inner')),
        }),
      )
      .commit();
    expect((await drive(model).start({ n: 1 })).ended?.output).toEqual({ text: 'inner' });
    const early = await drive(model).start({ n: 2 });
    expect(early.ended).toMatchObject({ status: 'completed', output: null });
  });

  it('of another workflow are called with their version', () => {
    const child = workflow('child', { version: 3, input }).step(mark('a')).commit();
    const { model } = started()
      .step(call({ id: 'it', workflow: child }))
      .commit();
    expect(model.nodes.it).toMatchObject({
      type: 'callActivity',
      calledProcess: 'child',
      calledVersion: 3,
    });
  });
});
