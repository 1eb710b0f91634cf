/** Steps: attempts, input, output, unknown outcomes, and mistakes in writing them. */
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { DrivenProcess } from '../../../test/support/driven-process.ts';
import { RetryableFault } from '../../kernel/errors.ts';
import type { ServiceTask } from '../model/process-model.ts';
import { step, workflow } from './index.ts';

const started = () => workflow('p', { version: 1, input: z.object({ n: z.number() }) });
const number = z.object({ n: z.number() });

describe('a step', () => {
  it('is not run while the workflow is written, and once for each attempt with its real input', async () => {
    const attempts: unknown[] = [];
    const { model } = started()
      .step(
        step({
          id: 'a',
          input: number,
          output: number,
          execute: ({ inputData, attempt, idempotencyKey }) => {
            attempts.push([inputData, attempt, idempotencyKey]);
            if (attempt === 1) throw new RetryableFault('BUSY', 'try again');
            return { n: inputData.n + 1 };
          },
        }),
        ({ input }) => ({ n: input.n * 2 }),
      )
      .commit();
    expect(attempts).toEqual([]);

    const run = await new DrivenProcess(model).start({ n: 1 });
    await run.timer('a');

    const key = expect.stringMatching(/^instance\/a\/\d+$/);
    expect(attempts).toEqual([
      [{ n: 2 }, 1, key],
      [{ n: 2 }, 2, key],
    ]);
    expect(new Set(attempts.map((attempt) => (attempt as unknown[])[2])).size).toBe(1);
    expect(run.ended).toMatchObject({ status: 'completed', output: { n: 3 } });
    expect(run.variables).toEqual({ input: { n: 1 }, a: { n: 3 } });
  });

  it('takes the output of the step before when it has no mapping', async () => {
    const add = <const Id extends string>(id: Id) =>
      step({
        id,
        input: number,
        output: number,
        execute: ({ inputData }) => ({ n: inputData.n + 1 }),
      });
    const { model } = started().step(add('a')).step(add('b')).commit();
    const run = await new DrivenProcess(model).start({ n: 1 });
    expect(run.ended?.output).toEqual({ n: 3 });
  });

  it('refuses an output that does not fit its schema, or is no JSON', async () => {
    const wrong = started()
      .step(step({ id: 'a', output: number, execute: ({ engine }) => engine.run('x', {}) }))
      .commit();
    const first = await new DrivenProcess(wrong.model, { x: () => ({ n: 'one' }) }).start({ n: 1 });
    expect(first.incidents).toEqual([
      expect.stringMatching(/^a: STEP_OUTPUT_INVALID: the output of step "a" .* at \/n: /),
    ]);

    const dated = started()
      .step(
        step({ id: 'a', output: z.object({ at: z.date() }), execute: () => ({ at: new Date() }) }),
      )
      .commit();
    const second = await new DrivenProcess(dated.model).start({ n: 1 });
    expect(second.incidents).toEqual([
      expect.stringContaining(
        'a: STEP_OUTPUT_NOT_JSON: the output of step "a" is kept as JSON, but at "/at" it holds a Date',
      ),
    ]);
  });

  it('asks what became of an attempt whose outcome is unknown before it tries again', async () => {
    const worked: string[] = [];
    const { model } = started()
      .step(
        step({
          id: 'charge',
          output: number,
          execute: () => {
            worked.push('charge');
            throw new RetryableFault('TIMEOUT', 'no answer', { outcomeUnknown: true });
          },
          reconcile: () => {
            worked.push('ask');
            return { n: 7 };
          },
        }),
      )
      .commit();
    const run = await new DrivenProcess(model).start({ n: 1 });
    await run.timer('charge');
    expect(worked).toEqual(['charge', 'ask']);
    expect(run.ended?.output).toEqual({ n: 7 });
  });

  it('charges anew when the outside says that nothing was done', async () => {
    let attempts = 0;
    const { model } = started()
      .step(
        step({
          id: 'charge',
          output: number,
          execute: () => {
            attempts += 1;
            if (attempts === 1)
              throw new RetryableFault('TIMEOUT', 'no answer', { outcomeUnknown: true });
            return { n: attempts };
          },
          reconcile: () => null,
        }),
      )
      .commit();
    const run = await new DrivenProcess(model).start({ n: 1 });
    await run.timer('charge');
    expect(run.ended?.output).toEqual({ n: 2 });
  });

  it('says how many of it may be at work, for each key, and how urgent it is', () => {
    const execute = () => null;
    const { model } = workflow('p', {
      version: 1,
      input: z.object({ n: z.number(), customer: z.string() }),
      priority: ({ input }) => ((input as { n: number }).n > 9 ? 'batch' : 'interactive'),
      fairBy: ({ input }) => input.customer,
    })
      .step(step({ id: 'plain', execute, concurrency: 3 }))
      .step(
        step({
          id: 'keyed',
          execute,
          concurrency: {
            limit: 1,
            key: ({ input }) => (input as { customer: string }).customer,
          },
        }),
      )
      .commit();
    const { plain, keyed } = model.nodes;
    const variables = { input: { n: 10, customer: 'c-1' } };
    expect(plain).toMatchObject({ concurrency: { limit: 3 } });
    const { concurrency } = keyed as ServiceTask;
    expect([concurrency?.limit, concurrency?.key?.evaluate(variables)]).toEqual([1, 'c-1']);
    const { priority } = model;
    expect(typeof priority === 'object' && priority.evaluate(variables)).toBe('batch');
    expect(model.fairBy?.evaluate(variables)).toBe('c-1');
  });

  it('says what is wrong with how it was written', () => {
    const execute = () => null;
    expect(() => step({ id: 'No_Kebab', execute })).toThrow(
      /lower case with hyphens.*found "No_Kebab"/,
    );
    expect(() => step({ id: 'a', execute, compensate: execute, irreversible: 'why' })).toThrow(
      /either a compensation or a reason/,
    );
    expect(() => step({ id: 'a', execute, retry: { maxAttempts: 0 } })).toThrow(
      /maxAttempts of at least 1/,
    );
    expect(() => step({ id: 'a', execute, concurrency: 0 })).toThrow(
      /concurrency of step "a" to be a whole number of 1 or more, found 0/,
    );
    expect(() => step({ id: 'a', execute, timeout: 'P1M' })).toThrow(/months and years/);
  });
});
