/**
 * Of several messages and waits with one key each finds its own, also when what was found is on its way to
 * another one already.
 */
import { expect, test } from 'vitest';
import type { Match, OpenWait } from '../store/message-store.ts';
import { waitFor } from '../testing/wait-for.ts';
import { Matcher } from './matcher.ts';

const wait = (instanceId: string): OpenWait => ({
  ...{ process: 'p', instanceId, n: 1, on: 'paid', message: 'payment', key: 'K' },
});

const pair = (messageId: string, one: OpenWait, mayHaveMore = false): Match => ({
  ...one,
  messageId,
  payload: null,
  mayHaveMore,
});

/** Rows as PostgreSQL would have them, and deliveries that end when the test says so. */
function matcherOver(messages: Set<string>, waits: OpenWait[]) {
  const delivered: string[] = [];
  const held: ((failure?: string) => void)[] = [];
  const failures: unknown[] = [];
  const matcher = new Matcher({
    matchMessages: async (ids) =>
      [...messages]
        .filter((id) => ids.includes(id))
        .flatMap((id, i) => waits.slice(i, i + 1).map((one) => pair(id, one))),
    matchWaits: async (sought) =>
      [...messages].flatMap((id, i) => sought.slice(i, i + 1).map((one) => pair(id, one, true))),
    readKept: async () => [...messages].map((id) => ({ id, process: 'p', name: 'm', key: 'K' })),
    async deliver({ messageId, instanceId }) {
      const failure = await new Promise<string | undefined>((resolve) => held.push(resolve));
      if (failure !== undefined) throw new Error(failure);
      const at = waits.findIndex((one) => one.instanceId === instanceId);
      if (at < 0) return false;
      waits.splice(at, 1);
      messages.delete(messageId);
      delivered.push(`${messageId} to ${instanceId}`);
      return true;
    },
    mayBeOpen: ({ instanceId }) => waits.some((one) => one.instanceId === instanceId),
    stopping: () => false,
    failed: (error) => failures.push(error),
  });
  const release = () => {
    for (const one of held.splice(0)) one();
  };
  return { matcher, delivered, held, release, failures };
}

test('a wait whose oldest message is on its way to another one finds the next message', async () => {
  const [first, second] = [wait('a'), wait('b')];
  const { matcher, delivered, held, release } = matcherOver(new Set(['m1', 'm2']), [first, second]);
  matcher.noteWaits([first]);
  await waitFor('a delivery', () => held.length === 1);
  matcher.noteWaits([second]);
  // A turn of the loop each for the look, its answer, and what follows from it.
  for (let turn = 0; turn < 5; turn += 1) await new Promise((resolve) => setImmediate(resolve));
  expect(held.length).toBe(1);
  release();
  await waitFor('a delivery', () => held.length === 1);
  release();
  await waitFor('all to be taken', () => delivered.length === 2);
  expect(delivered).toEqual(['m1 to a', 'm2 to b']);
  await matcher.close();
});

test('a message whose wait is on its way to be over goes to the next one', async () => {
  const [first, second] = [wait('a'), wait('b')];
  const { matcher, delivered, held, release } = matcherOver(new Set(['m1', 'm2']), [first, second]);
  matcher.noteMessages(['m1']);
  await waitFor('a delivery', () => held.length === 1);
  // Both sides look: the second message is found for the wait that the first one is on its way to.
  matcher.noteMessages(['m2']);
  await waitFor('both deliveries', () => held.length === 2);
  release();
  await waitFor('a delivery', () => held.length === 1);
  release();
  await waitFor('all to be taken', () => delivered.length === 2);
  expect(delivered).toEqual(['m1 to a', 'm2 to b']);
  await matcher.close();
});

/** A matcher that finds a wait of its own for each message, of the instance that is said. */
function matcherFinding(instanceOf: (message: string) => string) {
  const held: { readonly instance: string; readonly end: () => void }[] = [];
  const looked: string[] = [];
  const matcher = new Matcher({
    matchMessages: async (ids) => {
      looked.push(...ids);
      return ids.map((id) => pair(id, { ...wait(instanceOf(id)), n: Number(id) }));
    },
    matchWaits: async () => [],
    readKept: async () => [],
    deliver: ({ instanceId: instance }) =>
      new Promise((resolve) => held.push({ instance, end: () => resolve(true) })),
    mayBeOpen: () => true,
    stopping: () => false,
    failed: () => undefined,
  });
  const release = () => {
    for (const { end } of held.splice(0)) end();
  };
  return { matcher, held, looked, release };
}

const numbers = (count: number) => Array.from({ length: count }, (_, i) => `${i}`);

test('a thousand instances are enough: others are looked for when these have moved', async () => {
  const { matcher, held, release } = matcherFinding((message) => message);
  matcher.noteMessages(numbers(1_500));
  await waitFor('deliveries', () => held.length === 1_000);
  for (let turn = 0; turn < 5; turn += 1) await new Promise((resolve) => setImmediate(resolve));
  expect(held.length).toBe(1_000);
  release();
  await waitFor('the others', () => held.length === 500);
  release();
  await matcher.close();
});

test('however many messages are for one instance, they hold up no other', async () => {
  const { matcher, held, release } = matcherFinding((message) =>
    Number(message) < 3_000 ? 'busy' : 'other',
  );
  matcher.noteMessages(numbers(3_001));
  await waitFor('the other', () => held.some(({ instance }) => instance === 'other'));
  release();
  await matcher.close();
});

test('what was met already goes there at once, and not before what stands in line', async () => {
  const [first, second] = [wait('a'), wait('b')];
  const { matcher, delivered, held, release } = matcherOver(new Set(['m1', 'm2']), [first, second]);
  matcher.noteMatches([pair('m1', first)]);
  expect(held.length).toBe(1);
  matcher.noteMessages(['m2']);
  matcher.noteMatches([pair('m1', second)]);
  expect(held.length).toBe(1);
  release();
  await waitFor('a delivery', () => held.length === 1);
  release();
  await waitFor('all to be taken', () => delivered.length === 2);
  expect(delivered).toEqual(['m1 to a', 'm2 to b']);
  await matcher.close();
});

const met = (ids: readonly string[]) => ids.map((id) => pair(id, { ...wait(id), n: Number(id) }));

test('what was met and has no room stands in line and is not looked for again', async () => {
  const { matcher, held, looked, release } = matcherFinding((message) => message);
  expect(matcher.hasRoomFor(1_000)).toBe(true);
  matcher.noteMatches(met(numbers(1_500)));
  expect(held.length).toBe(1_000);
  expect(matcher.hasRoomFor(1)).toBe(false);
  release();
  await waitFor('the others', () => held.length === 500);
  expect(held.map(({ instance }) => instance)).toEqual(numbers(1_500).slice(1_000));
  release();
  expect(looked).toEqual([]);
  await matcher.close();
});

test('the line has an end: what is met beyond it is looked for', async () => {
  const { matcher, held, looked, release } = matcherFinding((message) => message);
  matcher.noteMatches(met(numbers(20_100)));
  let delivered = 0;
  while (delivered < 20_100) {
    await waitFor('deliveries', () => held.length > 0);
    delivered += held.length;
    release();
  }
  expect(looked).toEqual(numbers(20_100).slice(20_000));
  await matcher.close();
});

test('a message that is found in another way leaves the line', async () => {
  const { matcher, held, looked, release } = matcherFinding((message) => message);
  matcher.noteMatches(met(numbers(1_001)));
  matcher.noteToldMessages(['1000']);
  for (const { end } of held.splice(0, 500)) end();
  await waitFor('the last one', () => held.some(({ instance }) => instance === '1000'));
  release();
  await waitFor('the look', () => looked.length === 1);
  release();
  for (let turn = 0; turn < 5; turn += 1) await new Promise((resolve) => setImmediate(resolve));
  expect(held.length).toBe(0);
  await matcher.close();
});

test('what was met already is tried again by a look when its wait is gone', async () => {
  const [gone, open] = [wait('gone'), wait('b')];
  const { matcher, delivered, held, release } = matcherOver(new Set(['m1']), [open]);
  matcher.noteMatches([pair('m1', gone)]);
  release();
  await waitFor('another delivery', () => held.length === 1);
  release();
  await waitFor('it to be taken', () => delivered.length === 1);
  expect(delivered).toEqual(['m1 to b']);
  await matcher.close();
});

test('what could not be delivered is tried again by the next sweep, and not at once', async () => {
  const { matcher, delivered, held, release, failures } = matcherOver(new Set(['m1']), [wait('a')]);
  matcher.noteMessages(['m1']);
  await waitFor('a delivery', () => held.length === 1);
  held.splice(0)[0]?.('refused');
  await waitFor('a failure', () => failures.length === 1);
  for (let turn = 0; turn < 5; turn += 1) await new Promise((resolve) => setImmediate(resolve));
  expect(held.length).toBe(0);
  const swept = matcher.sweep();
  await waitFor('another delivery', () => held.length === 1);
  release();
  await swept;
  expect(delivered).toEqual(['m1 to a']);
  await matcher.close();
});

test('what both sides find at the same time is delivered once', async () => {
  const first = wait('a');
  const { matcher, delivered, held, release, failures } = matcherOver(new Set(['m1']), [first]);
  matcher.noteMessages(['m1']);
  matcher.noteWaits([first]);
  await waitFor('a delivery', () => held.length > 0);
  release();
  await waitFor('all to be taken', () => delivered.length === 1);
  expect(held.length).toBe(0);
  await matcher.walk();
  expect([delivered, failures]).toEqual([['m1 to a'], []]);
  await matcher.close();
});

/** A wait that goes on however many messages it takes; which look is answered when is for the test to say. */
function matcherOfLoop(kept: string[]) {
  const delivered: string[] = [];
  const looks: (() => void)[] = [];
  const one = wait('loop');
  const inOrder = (found: readonly Match[]) =>
    new Promise<readonly Match[]>((resolve) => looks.push(() => resolve(found)));
  const matcher = new Matcher({
    matchMessages: (ids) => {
      const [first, ...others] = kept.filter((id) => ids.includes(id));
      return inOrder(first === undefined ? [] : [pair(first, one, others.length > 0)]);
    },
    matchWaits: () => inOrder(kept.slice(0, 1).map((id) => pair(id, one, true))),
    readKept: async () => [],
    deliver: async ({ messageId }) => {
      kept.splice(kept.indexOf(messageId), 1);
      delivered.push(messageId);
      return true;
    },
    mayBeOpen: () => true,
    stopping: () => false,
    failed: () => undefined,
  });
  return { matcher, delivered, looks };
}

test('a wait that goes on is looked for again while more may be kept for it, and then no more', async () => {
  const { matcher, delivered, looks } = matcherOfLoop(['m1', 'm2', 'm3']);
  matcher.noteMessages(['m1', 'm2', 'm3']);
  for (let look = 1; look <= 4; look += 1) {
    await waitFor('a look', () => looks.length === 1);
    looks.splice(0)[0]?.();
  }
  for (let turn = 0; turn < 5; turn += 1) await new Promise((resolve) => setImmediate(resolve));
  expect([delivered, looks.length]).toEqual([['m1', 'm2', 'm3'], 0]);
  await matcher.close();
});

test('an answer that names a message taken since it was asked delivers it to nobody', async () => {
  const { matcher, delivered, looks } = matcherOfLoop(['m1']);
  matcher.noteMessages(['m1']);
  await waitFor('a look', () => looks.length === 1);
  matcher.noteWaits([wait('loop')]);
  await waitFor('both looks', () => looks.length === 2);
  looks[0]?.();
  await waitFor('a delivery', () => delivered.length === 1);
  looks[1]?.();
  // What it may have found beside that message is looked for once more.
  await waitFor('another look', () => looks.length === 3);
  looks[2]?.();
  await matcher.close();
  expect(delivered).toEqual(['m1']);
});
