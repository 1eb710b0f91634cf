/** How a line of the history is told to people. */
import { expect, test } from 'vitest';
import { z } from 'zod';
import { DrivenProcess } from '../../../test/support/driven-process.ts';
import { RetryableFault } from '../../kernel/errors.ts';
import { sleep, step, workflow } from '../code/index.ts';
import type { HistoryEntry } from '../model/events.ts';
import { timelineEntry } from './instance-view.ts';

test('the pause before an attempt is no deadline', async () => {
  const { model } = workflow('p', { version: 1, input: z.object({}) })
    .step(sleep({ id: 'pause', for: '1h' }))
    .step(step({ id: 'pay', output: z.object({}), execute: ({ engine }) => engine.run('pay', {}) }))
    .commit();
  const answers = ['away', 'well'];
  const pay = () => {
    if (answers.shift() === 'away') throw new RetryableFault('GATEWAY_AWAY', 'nobody is there');
    return {};
  };
  const run = await new DrivenProcess(model, { pay }).start({});
  await run.timer('pause');
  await run.timer('pay');
  expect(run.ended?.status).toBe('completed');
  const told = run.history.map((entry) => timelineEntry(model, entry, new Date(0)).text);
  expect(told.filter((text) => /^(Pause|Pay):/.test(text))).toEqual([
    'Pause: began',
    'Pause: time was up',
    'Pause: done',
    'Pay: began',
    'Pay: attempt 1 failed (GATEWAY_AWAY: nobody is there)',
    'Pay: tried again',
    'Pay: done',
  ]);
});

test('of large data the short members are at hand, and without them nobody is called undefined', () => {
  const large = { digest: 'd', characters: 40_000 };
  const told = (kind: HistoryEntry['kind'], short = {}) =>
    timelineEntry(
      undefined,
      { ...{ seq: 1, node: 'look', n: 2 }, kind, data: { ...short, large } } as HistoryEntry,
      new Date(0),
    ).text;
  expect(told('task.completed', { by: 'ada' })).toBe('look: decided by ada');
  expect(told('task.completed')).toBe('look: decided by somebody (named in its data)');
  expect(told('process.modified')).toBe(
    'look: moved by hand by somebody (named in its data): told in its data',
  );
  expect(told('compensation.started')).toBe('look: undoing very many completed steps');
});
