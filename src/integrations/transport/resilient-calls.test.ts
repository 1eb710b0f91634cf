/** Retries and the circuit breaker, with windows short enough to watch. */
import { expect, test } from 'vitest';
import { RetryableFault, TerminalFault } from '../../kernel/errors.ts';
import { eventually, recordingLog } from '../sandbox/test-support.ts';
import { backoffMs } from './backoff.ts';
import type { BreakerState } from './observer.ts';
import { type ResilientCalls, resilientCalls } from './resilient-calls.ts';
import { breakerSettings, httpSettings, retrySettings } from './settings.ts';

const signal = new AbortController().signal;
const down = () => Promise.reject(new RetryableFault('TEST_UNREACHABLE', 'down'));
const up = () => Promise.resolve('up');

function calls(options: { attempts?: number; halfOpenAfterMs?: number } = {}) {
  const states: BreakerState[] = [];
  const outcomes: string[] = [];
  const made: ResilientCalls = resilientCalls({
    system: 'test',
    codePrefix: 'TEST',
    retry: { attempts: options.attempts ?? 1, baseDelayMs: 0, maxDelayMs: 0 },
    breaker: breakerSettings.parse({ halfOpenAfterMs: options.halfOpenAfterMs ?? 30 }),
    log: recordingLog(),
    observer: {
      attempt: ({ outcome }) => outcomes.push(outcome),
      breaker: ({ state }) => states.push(state),
    },
  });
  return { ...made, states, outcomes, breaker: made.breaker };
}

async function times(count: number, work: () => Promise<unknown>): Promise<void> {
  for (let time = 0; time < count; time += 1) await work().catch(() => undefined);
}

test('the defaults are those of the design', () => {
  expect(breakerSettings.parse({})).toMatchObject({
    volumeThreshold: 20,
    errorPercentage: 50,
    halfOpenAfterMs: 5_000,
  });
  const settings = httpSettings.parse({ baseUrl: 'https://a.example', apiKey: 'k' });
  // Three attempts and their pauses fit into the ten seconds of a step.
  expect(settings.timeoutMs * settings.retry.attempts + 2 * settings.retry.maxDelayMs).toBeLessThan(
    10_000,
  );
});

test('pauses double up to a bound, and are drawn from their whole width', () => {
  const settings = retrySettings.parse({ baseDelayMs: 100, maxDelayMs: 500 });
  const longest = [1, 2, 3, 4, 5].map((attempt) => backoffMs(attempt, settings, () => 0.999_999));
  expect(longest).toEqual([99, 199, 399, 499, 499]);
  expect(backoffMs(5, settings, () => 0)).toBe(0);
});

test('a breaker opens after enough calls of which half failed, not before', async () => {
  const { run, breaker, states, close } = calls();
  const call = (work: () => Promise<unknown>) => () => run(work, { repeatable: true, signal });
  await times(19, call(down));
  expect(breaker.state).toBe('closed');
  await times(1, call(down));
  expect(breaker.state).toBe('open');
  expect(states).toEqual(['open']);
  let ran = false;
  const refused = run(
    async () => {
      ran = true;
    },
    { repeatable: true, signal },
  );
  await expect(refused).rejects.toMatchObject({
    code: 'TEST_CIRCUIT_OPEN',
    outcomeUnknown: false,
    retryAfterMs: 30,
  });
  expect(ran).toBe(false);
  close();
});

test('a breaker stays closed while at most half of the calls fail', async () => {
  const { run, breaker, close } = calls();
  for (let time = 0; time < 20; time += 1) {
    await run(up, { repeatable: true, signal });
    await times(1, () => run(down, { repeatable: true, signal }));
  }
  expect(breaker.state).toBe('closed');
  close();
});

test('an open breaker lets one call through after a while, which closes or opens it', async () => {
  const { run, breaker, states, close } = calls();
  const call = (work: () => Promise<unknown>) => () => run(work, { repeatable: true, signal });
  await times(20, call(down));
  await eventually(() => breaker.state === 'half-open');
  await times(1, call(down));
  expect(breaker.state).toBe('open');
  await eventually(() => breaker.state === 'half-open');
  expect(await run(up, { repeatable: true, signal })).toBe('up');
  expect(breaker.state).toBe('closed');
  expect(states).toEqual(['open', 'half-open', 'open', 'half-open', 'closed']);
  close();
});

test('what is not the system failing does not open a breaker', async () => {
  const { run, breaker, close } = calls();
  const broken = () => Promise.reject(new TerminalFault('TEST_CONTRACT_BROKEN', 'broken'));
  const gaveUp = () => Promise.reject(new RetryableFault('TEST_CALL_ABORTED', 'gave up'));
  await times(30, () => run(broken, { repeatable: true, signal }));
  await times(30, () => run(gaveUp, { repeatable: true, signal }));
  expect(breaker.state).toBe('closed');
  close();
});

test('a fault is tried again up to the limit, and every attempt is observed', async () => {
  const { run, outcomes, close } = calls({ attempts: 3 });
  await expect(run(down, { repeatable: true, signal })).rejects.toThrow();
  expect(outcomes).toEqual(['TEST_UNREACHABLE', 'TEST_UNREACHABLE', 'TEST_UNREACHABLE']);
  expect(await run(up, { repeatable: true, signal })).toBe('up');
  expect(outcomes.at(-1)).toBe('ok');
  close();
});

test('work that may not be repeated is tried again only when it was certainly not done', async () => {
  const { run, close } = calls({ attempts: 3 });
  let attempts = 0;
  const doubtful = () => {
    attempts += 1;
    return Promise.reject(new RetryableFault('TEST_TIMEOUT', 'silence', { outcomeUnknown: true }));
  };
  await expect(run(doubtful, { repeatable: false, signal })).rejects.toThrow();
  expect(attempts).toBe(1);
  await expect(run(doubtful, { repeatable: true, signal })).rejects.toThrow();
  expect(attempts).toBe(4);
  close();
});

test('what was unknown once stays unknown, whatever the last attempt says', async () => {
  const { run, close } = calls({ attempts: 2 });
  let attempts = 0;
  const work = () => {
    attempts += 1;
    return Promise.reject(
      attempts === 1
        ? new RetryableFault('TEST_TIMEOUT', 'silence', { outcomeUnknown: true })
        : new RetryableFault('TEST_UNREACHABLE', 'gone'),
    );
  };
  await expect(run(work, { repeatable: true, signal })).rejects.toMatchObject({
    code: 'TEST_UNREACHABLE',
    outcomeUnknown: true,
  });
  close();
});

test('a system that asks for more time than there is ends the attempts', async () => {
  const { run, outcomes, close } = calls({ attempts: 3 });
  const later = () =>
    Promise.reject(new RetryableFault('TEST_OVERLOADED', 'later', { retryAfterMs: 60_000 }));
  await expect(run(later, { repeatable: true, signal })).rejects.toMatchObject({
    retryAfterMs: 60_000,
  });
  expect(outcomes).toHaveLength(1);
  close();
});
