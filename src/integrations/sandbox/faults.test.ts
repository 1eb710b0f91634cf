/** Faults are counted: the same calls meet the same faults every time. */
import { expect, test } from 'vitest';
import { jumpingClock } from '../../../test/support/jumping-clock.ts';
import { faultPlan } from './faults.ts';

const call = (operationId = 'doIt', changes = true, header?: string) => ({
  operationId,
  changes,
  header,
});

test('an error rate is spread evenly, and is the same every time', () => {
  const plan = faultPlan();
  const run = () => {
    plan.set({ errorRate: 0.3 });
    return Array.from({ length: 10 }, () => (plan.forCall(call()).status === null ? '.' : 'x'));
  };
  expect(run().join('')).toBe('...x..x..x');
  expect(run()).toEqual(run());
});

test('counts are used up, by the operations that they are for', () => {
  const plan = faultPlan();
  plan.set({ failNext: 1, status: 500, timeoutAfterCommitNext: 1, operations: ['doIt'] });
  expect(plan.forCall(call('other'))).toMatchObject({ status: null, timeoutAfterCommit: false });
  expect(plan.forCall(call())).toMatchObject({ status: 500, timeoutAfterCommit: false });
  expect(plan.forCall(call('doIt', false))).toMatchObject({ timeoutAfterCommit: false });
  expect(plan.forCall(call())).toMatchObject({ status: null, timeoutAfterCommit: true });
  expect(plan.forCall(call())).toEqual({ latencyMs: 0, status: null, timeoutAfterCommit: false });
  expect(plan.get()).toMatchObject({ failNext: 0, timeoutAfterCommitNext: 0 });
});

test('a header asks for faults of one call, and is not counted', () => {
  const plan = faultPlan();
  const header = 'latency=500, error=503, timeout-after-commit, nonsense=1, error=abc';
  expect(plan.forCall(call('doIt', true, header))).toEqual({
    latencyMs: 500,
    status: 503,
    timeoutAfterCommit: true,
  });
  expect(plan.forCall(call())).toEqual({ latencyMs: 0, status: null, timeoutAfterCommit: false });
});

test('clearing switches all off', () => {
  const plan = faultPlan();
  plan.set({ failNext: 5, latencyMs: 9, callbacks: { lose: 1 } });
  plan.clear();
  expect(plan.forCall(call())).toEqual({ latencyMs: 0, status: null, timeoutAfterCommit: false });
  expect(plan.forCallback()).toEqual({ kind: 'none', delayMs: 0 });
});

test('latency ends when its time is over, and when the faults are switched off', async () => {
  const clock = jumpingClock();
  const plan = faultPlan();
  const over: string[] = [];
  const held = [
    plan.delayed(clock, 10).then(() => over.push('short')),
    plan.delayed(clock, 600_000).then(() => over.push('long')),
  ];
  clock.jump(10);
  await held[0];
  expect(over).toEqual(['short']);
  plan.clear();
  await held[1];
  expect(over).toEqual(['short', 'long']);
});
