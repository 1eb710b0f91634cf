/**
 * The engine's promises on a real PostgreSQL: what is answered is kept, what writes here happens once,
 * what reaches outside has one key, messages find their waits, and any node goes on with any instance.
 */
import { describe, expect, onTestFinished, test } from 'vitest';
import { z } from 'zod';
import { testDatabase } from '../../test/support/database.ts';
import { Bug, defineError, RetryableFault, refuse } from '../kernel/errors.ts';
import { newId } from '../kernel/ids.ts';
import { defineExternal, defineTransactional } from '../kernel/procedure.ts';
import { newTrace } from '../kernel/tracing.ts';
import { type Database, openDatabase } from '../postgres/index.ts';
import { createEngine } from './create-engine.ts';
import { constant } from './model/expression.ts';
import type { JobContext } from './model/job.ts';
import type { ProcessModel } from './model/process-model.ts';
import {
  boundaryEvent,
  callActivity,
  catchEvent,
  drawProcess,
  endEvent,
  error,
  eventBasedGateway,
  message,
  parallelGateway,
  serviceTask,
  startEvent,
  timer,
  undoTask,
  userTask,
} from './testing/draw-process.ts';
import { type EngineInTest, EngineWorld, nothingOpen } from './testing/in-process-engine.ts';
import { endSessions } from './testing/mortal-database.ts';
import { plainRunner } from './testing/plain-runner.ts';
import { virtualClock } from './testing/virtual-clock.ts';
import { waitFor } from './testing/wait-for.ts';

const start = startEvent();
const end = endEvent();

const noMore = defineError({ code: 'NO_MORE', status: 409, title: 'No more' });

/** Writes one row; refuses when told to. */
const note = defineTransactional({
  name: 'notes.write',
  summary: 'Write a note',
  input: z.object({ text: z.string() }),
  output: z.object({ text: z.string() }),
  access: ['service'],
  errors: [noMore],
  async execute({ tx }, { text }) {
    await tx.query('insert into public.note (text) values ($1)', [text]);
    return text === 'refused' ? refuse(noMore, 'expected another text') : { text };
  },
});

/** An outside system that answers as the test says. */
function outside(answer: (key: string, call: number) => Promise<string> | string) {
  const keys: string[] = [];
  const reconciled: string[] = [];
  const charge = defineExternal({
    name: 'outside.charge',
    summary: 'Charge',
    input: z.object({}),
    output: z.string(),
    access: ['service'],
    errors: [],
    async execute({ idempotencyKey }) {
      keys.push(idempotencyKey);
      return await answer(idempotencyKey, keys.length);
    },
    async reconcile({ idempotencyKey }) {
      reconciled.push(idempotencyKey);
      return keys.includes(idempotencyKey) ? 'charged before' : null;
    },
  });
  return { charge, keys, reconciled };
}

async function world(
  processes: readonly ProcessModel[],
  procedures: ConstructorParameters<typeof EngineWorld>[0]['procedures'] = [note],
) {
  const { database, connectionString } = await testDatabase({
    migrations: [{ schema: 'engine', folder: new URL('./store/migrations/', import.meta.url) }],
  });
  await database.query('create table public.note (text text not null)');
  const made = new EngineWorld({ database, connectionString, processes, procedures });
  onTestFinished(() => made.end());
  const notes = async () => {
    const { rows } = await database.query<{ text: string }>('select text from public.note');
    return rows.map(({ text }) => text).sort();
  };
  return { database, world: made, notes };
}

const writes = (text: string) =>
  serviceTask({ job: async ({ run }) => await run(note, { text }), result: text });

/** A job that waits until the test lets it go on. */
function held(work: (context: JobContext) => Promise<unknown> = async () => null) {
  const begun = Promise.withResolvers<JobContext>();
  const release = Promise.withResolvers<void>();
  const job = async (context: JobContext) => {
    begun.resolve(context);
    await release.promise;
    return await work(context);
  };
  return { job, begun: begun.promise, release: () => release.resolve() };
}

const oneWait = (more: Parameters<typeof drawProcess>[1]['nodes'] = {}, flows: string[] = []) =>
  drawProcess('wait', {
    nodes: {
      start: startEvent(null, { result: 'order' }),
      wait: catchEvent(message('paid', 'order'), { result: 'payment' }),
      end,
      ...more,
    },
    flows: ['start -> wait -> end', ...flows],
    output: (v) => v.payment,
  });

describe('steps', () => {
  test('steps that write here happen once, and nothing is left open', async () => {
    const model = drawProcess('p', {
      nodes: { start, a: writes('a'), b: writes('b'), end },
      flows: ['start -> a -> b -> end'],
    });
    const { world: w, notes } = await world([model]);
    const id = await w.begin(await w.start(), 'p');
    const { state } = await w.until(id, 'completed');
    expect(state.elements[1]?.vars).toEqual({ input: {}, a: { text: 'a' }, b: { text: 'b' } });
    expect(await notes()).toEqual(['a', 'b']);
    expect(await w.open()).toEqual(nothingOpen);
    expect(await w.lines(id)).toEqual([
      'started',
      'completed start',
      'entered a',
      'completed a',
      'entered b',
      'completed b',
      'completed end',
      'completed',
    ]);
  });

  test('a fault after a write keeps nothing of it; the next attempt comes after the backoff', async () => {
    let attempts = 0;
    const job = async ({ run }: JobContext) => {
      attempts += 1;
      await run(note, { text: `attempt ${attempts}` });
      if (attempts < 3) throw new RetryableFault('BUSY', 'busy');
      return attempts;
    };
    const model = drawProcess('p', {
      nodes: { start, a: serviceTask({ job }), end },
      flows: ['start -> a -> end'],
    });
    const { world: w, notes } = await world([model]);
    const id = await w.begin(await w.start(), 'p');
    for (const attempt of [1, 2]) {
      await w.untilAt(id, 'a', ({ job: j }) => j?.phase === 'backoff' && j.attempt === attempt);
      expect(await notes()).toEqual([]);
      w.clock.advanceBy(attempt * 1000);
    }
    await w.until(id, 'completed');
    expect(await notes()).toEqual(['attempt 3']);
  });

  test('a refusal rolls back and is caught by the process', async () => {
    const model = drawProcess('p', {
      nodes: {
        start,
        a: writes('refused'),
        on: boundaryEvent('a', error('NO_MORE')),
        b: writes('instead'),
        end,
      },
      flows: ['start -> a -> end', 'on -> b -> end'],
    });
    const { world: w, notes } = await world([model]);
    const id = await w.begin(await w.start(), 'p');
    await w.until(id, 'completed');
    expect(await notes()).toEqual(['instead']);
  });

  test.each([
    ['writing, then reaching outside', ['note', 'charge']],
    ['reaching outside, then writing', ['charge', 'note']],
  ])('%s in one step is refused', async (_, order) => {
    const { charge } = outside(() => 'charged');
    const job = async ({ run }: JobContext) => {
      for (const what of order) {
        await (what === 'note' ? run(note, { text: 'x' }) : run(charge, {}));
      }
    };
    const model = drawProcess('p', {
      nodes: { start, a: serviceTask({ job }), end },
      flows: ['start -> a -> end'],
    });
    const { world: w, notes } = await world([model], [note, charge]);
    const id = await w.begin(await w.start(), 'p');
    const { incident } = await w.untilAt(id, 'a', (e) => e.incident !== undefined);
    expect(incident?.code).toBe('BUG');
    expect(incident?.message).toContain('two steps');
    expect(await notes()).toEqual([]);
  });

  test('procedures that run beside each other in one step share its transaction', async () => {
    const job = ({ run }: JobContext) =>
      Promise.all(['x', 'y', 'z'].map((text) => run(note, { text })));
    const model = drawProcess('p', {
      nodes: { start, a: serviceTask({ job }), end },
      flows: ['start -> a -> end'],
    });
    const { world: w, notes } = await world([model]);
    await w.until(await w.begin(await w.start(), 'p'), 'completed');
    expect(await notes()).toEqual(['x', 'y', 'z']);
  });

  test('an outside call has one key on every attempt; an unknown outcome is asked for first', async () => {
    const { charge, keys, reconciled } = outside((_, call) => {
      if (call === 1) throw new RetryableFault('TIMEOUT', 'late', { outcomeUnknown: true });
      return 'charged';
    });
    const model = drawProcess('p', {
      nodes: {
        start,
        a: serviceTask({ job: ({ run }) => run(charge, {}), result: 'got' }),
        end,
      },
      flows: ['start -> a -> end'],
    });
    const { world: w } = await world([model], [charge]);
    const id = await w.begin(await w.start(), 'p');
    await w.untilAt(id, 'a', ({ job }) => job?.phase === 'backoff');
    w.clock.advanceBy(1000);
    const { state } = await w.until(id, 'completed');
    expect(state.elements[1]?.vars?.got).toBe('charged before');
    expect(keys).toEqual(reconciled);
  });

  test('a step that takes too long is told to stop, and what it writes later is not kept', async () => {
    const slow = held(({ run }) => run(note, { text: 'late' }));
    let calls = 0;
    const job = async (context: JobContext) => {
      calls += 1;
      if (calls > 1) return await context.run(note, { text: 'second' });
      return await slow.job(context);
    };
    const model = drawProcess('p', {
      nodes: { start, a: serviceTask({ job, timeoutMs: 200 }), end },
      flows: ['start -> a -> end'],
    });
    const { world: w, notes } = await world([model]);
    const id = await w.begin(await w.start(), 'p');
    const { signal } = await slow.begun;
    const backoff = await w.untilAt(id, 'a', (e) => e.job?.phase === 'backoff');
    expect([signal.aborted, backoff.job?.unknown]).toEqual([true, true]);
    slow.release();
    // On a busy machine the second attempt can take too long as well, and is made again.
    await waitFor('the end', async () => {
      w.clock.advanceBy(1000);
      return (await w.stored(id)).status === 'completed';
    });
    expect(await notes()).toEqual(['second']);
  });

  test('what PostgreSQL will not commit counts as a failed attempt', async () => {
    const model = drawProcess('p', {
      nodes: { start, a: writes('twice'), end },
      flows: ['start -> a -> end'],
    });
    const { world: w, database } = await world([model]);
    await database.query('alter table public.note add unique (text) deferrable initially deferred');
    await database.query(`insert into public.note values ('twice')`);
    const id = await w.begin(await w.start(), 'p');
    for (const attempt of [1, 2]) {
      await w.untilAt(id, 'a', ({ job }) => job?.phase === 'backoff' && job.attempt === attempt);
      w.clock.advanceBy(attempt * 1000);
    }
    const { incident } = await w.untilAt(id, 'a', (e) => e.incident !== undefined);
    expect(incident?.code).toBe('STEP_NOT_COMMITTED');
    await database.query('delete from public.note');
    const [engine] = w.engines;
    expect(
      await engine?.engine.request(id, {
        type: 'incident-retry',
        n: incidentAt(await w.stored(id)),
        by: 'ada',
      }),
    ).toBe(true);
    await w.until(id, 'completed');
  });

  test('one instance that PostgreSQL will not take does not hold up the others of its group', async () => {
    const poison = drawProcess('poison', {
      nodes: { start, t: userTask({ title: constant('fine'), roles: ['manager'] }), end },
      flows: ['start -> t -> end'],
      businessKey: (v) => String(v.input),
    });
    const { world: w, database } = await world([poison]);
    await database.query(`alter table engine.task add check (business_key is distinct from 'bad')`);
    const node = await w.start();
    const begun = await Promise.allSettled(
      Array.from({ length: 20 }, (_, i) => w.begin(node, 'poison', i === 7 ? 'bad' : `good ${i}`)),
    );
    expect(begun.filter(({ status }) => status === 'rejected')).toHaveLength(1);
    expect((await w.open()).tasks).toBe(19);
  });
});

function incidentAt({
  state,
}: {
  state: { elements: Readonly<Record<number, { n: number; incident?: unknown }>> };
}) {
  return Object.values(state.elements).find((e) => e.incident)?.n ?? 0;
}

describe('messages', () => {
  test('one that comes before its wait is kept and matched later', async () => {
    const slow = held();
    const model = drawProcess('p', {
      nodes: {
        start: startEvent(null, { result: 'order' }),
        a: serviceTask({ job: slow.job }),
        wait: catchEvent(message('paid', 'order'), { result: 'payment' }),
        end,
      },
      flows: ['start -> a -> wait -> end'],
    });
    const { world: w } = await world([model]);
    const node = await w.start();
    const id = await w.begin(node, 'p', 'o-1');
    await w.publish(node, { id: newId(), name: 'paid', payload: { order: 'o-1', amount: 5 } });
    await w.publish(node, { id: newId(), name: 'paid', payload: { order: 'o-2', amount: 6 } });
    slow.release();
    const { state } = await w.until(id, 'completed');
    expect(state.elements[1]?.vars?.payment).toEqual({ order: 'o-1', amount: 5 });
    expect((await w.open()).messages).toBe(1);
  });

  test('the same message twice acts once; two messages for one wait: one is kept', async () => {
    const model = drawProcess('p', {
      nodes: {
        start: startEvent(null, { result: 'order' }),
        one: catchEvent(message('paid', 'order')),
        two: catchEvent(message('paid', 'order')),
        end,
      },
      flows: ['start -> one -> two -> end'],
    });
    const { world: w } = await world([model]);
    const node = await w.start();
    const id = await w.begin(node, 'p', 'o');
    const event = { id: newId(), name: 'paid', payload: { order: 'o' } };
    await Promise.all([w.publish(node, event), w.publish(node, event), w.publish(node, event)]);
    await w.untilAt(id, 'two');
    await w.publish(node, event);
    expect((await w.lines(id)).filter((line) => line.startsWith('message'))).toEqual([
      'message one',
    ]);
    await w.publish(node, { ...event, id: newId() });
    await w.until(id, 'completed');
    const other = await w.begin(node, 'p', 'x');
    await Promise.all(
      [1, 2, 3].map(() => w.publish(node, { ...event, id: newId(), payload: { order: 'x' } })),
    );
    await w.until(other, 'completed');
    expect((await w.open()).messages).toBe(1);
  });

  test('one that races the making of its wait is never lost', async () => {
    const { world: w } = await world([oneWait()]);
    // Nothing but the two commits may bring them together: no sweep helps.
    const node = await w.start({ sweepMs: 3_600_000 });
    const orders = Array.from({ length: 150 }, (_, i) => `o-${i}`);
    const ids = await Promise.all(
      orders.map(async (order) => {
        const begun = w.begin(node, 'wait', order);
        await w.publish(node, { id: newId(), name: 'paid', payload: { order } });
        return await begun;
      }),
    );
    for (const id of ids) await w.until(id, 'completed');
    expect(await w.open()).toEqual(nothingOpen);
  });

  test('one message serves every process that waits for it', async () => {
    const other = { ...oneWait(), key: 'other' };
    const { world: w } = await world([oneWait(), other]);
    const node = await w.start({ sweepMs: 3_600_000 });
    const ids = [await w.begin(node, 'wait', 'o'), await w.begin(node, 'other', 'o')];
    await w.publish(node, { id: newId(), name: 'paid', payload: { order: 'o' } });
    for (const id of ids) await w.until(id, 'completed');
  });

  test('message, timer and cancel at the same moment leave exactly one outcome', async () => {
    const model = drawProcess('race', {
      nodes: {
        start: startEvent(null, { result: 'order' }),
        g: eventBasedGateway(),
        paid: catchEvent(message('paid', 'order')),
        late: catchEvent(timer(1000)),
        a: writes('paid'),
        b: writes('late'),
        end,
      },
      flows: ['start -> g -> paid -> a -> end', 'g -> late -> b -> end'],
    });
    const { world: w, notes } = await world([model]);
    const node = await w.start();
    const orders = Array.from({ length: 30 }, (_, i) => `o-${i}`);
    const ids = await Promise.all(orders.map((order) => w.begin(node, 'race', order)));
    const published = orders.map((order) =>
      w.publish(node, { id: newId(), name: 'paid', payload: { order } }),
    );
    w.clock.advanceBy(1000);
    await Promise.all(published);
    for (const id of ids) await w.until(id, 'completed');
    expect(await notes()).toHaveLength(30);
    for (const id of ids) {
      const won = (await w.lines(id)).filter((line) => /^(message|timer) /.test(line));
      expect(won).toHaveLength(1);
    }
    const { messages, ...rest } = await w.open();
    expect(rest).toEqual({ ...nothingOpen, messages: undefined });
    expect(messages).toBe(ids.length - (await notes()).filter((text) => text === 'paid').length);
  });

  test('a message that starts a process starts it once', async () => {
    const model = drawProcess('p', {
      nodes: { start: startEvent(message('ordered'), { result: 'order' }), a: writes('a'), end },
      flows: ['start -> a -> end'],
    });
    const { world: w, notes } = await world([model]);
    const node = await w.start();
    const event = { id: newId(), name: 'ordered', payload: { id: 1 } };
    await Promise.all([w.publish(node, event), w.publish(node, event)]);
    await w.publish(node, event);
    await waitFor('the note', async () => (await notes()).length > 0);
    expect(await notes()).toEqual(['a']);
  });
});

describe('starting', () => {
  test('a success that is told again, by a call repeated after a crash, starts one instance', async () => {
    const model = drawProcess('p', {
      nodes: {
        start: startEvent(message('cards.charge'), { result: 'charge' }),
        a: writes('a'),
        end,
      },
      flows: ['start -> a -> end'],
    });
    const { world: w, database, notes } = await world([model]);
    const { engine } = await w.start();
    const tell = (repeatKey: string | null) =>
      database.transaction((tx) =>
        engine.procedureSucceeded({
          tx,
          procedure: 'cards.charge',
          output: { id: 1 },
          trace: newTrace(),
          repeatKey,
        }),
      );
    await tell('key-1');
    await tell('key-1');
    await tell('key-2');
    await waitFor('both notes', async () => (await notes()).length === 2);
    const { rows } = await database.query('select 1 from engine.instance');
    expect(rows).toHaveLength(2);
  });

  test('the same start key at the same moment starts one instance', async () => {
    const { world: w } = await world([oneWait()]);
    const { engine } = await w.start();
    const ask = () =>
      engine.startProcess({ process: 'wait', input: 'o', trace: newTrace(), startKey: 'once' });
    const answers = await Promise.all([ask(), ask(), ask(), ask()]);
    const ids = new Set(answers.map((answer) => ('instanceId' in answer ? answer.instanceId : '')));
    expect(ids.size).toBe(1);
    expect(answers.filter((answer) => 'existing' in answer && !answer.existing)).toHaveLength(1);
  });

  test('in a transaction that rolls back nothing has started', async () => {
    const {
      world: w,
      database,
      notes,
    } = await world([
      drawProcess('p', { nodes: { start, a: writes('a'), end }, flows: ['start -> a -> end'] }),
    ]);
    const { engine } = await w.start();
    await expect(
      database.transaction(async (tx) => {
        await engine.startProcess({ process: 'p', input: {}, trace: newTrace(), tx });
        throw new Error('no');
      }),
    ).rejects.toThrow('no');
    const { rows } = await database.query('select 1 from engine.instance');
    expect([rows, await notes()]).toEqual([[], []]);
  });

  test('a changed structure is refused while instances are open on it', async () => {
    const { world: w, database, ...rest } = await world([oneWait()]);
    const node = await w.start();
    const id = await w.begin(node, 'wait', 'o');
    await node.stop();
    const changed = oneWait({ more: userTask() }, ['wait -> more', 'more -> end']);
    const again = new EngineWorld({
      database,
      connectionString: w.connectionString,
      processes: [changed],
    });
    onTestFinished(() => again.end());
    await expect(again.start()).rejects.toThrow('open instances are on it');
    await again.end();
    const back = await w.start();
    await back.engine.request(id, { type: 'cancel', reason: 'so', by: 'ada' });
    await w.until(id, 'cancelled');
    await w.end();
    await again.start();
    expect(rest).toBeDefined();
  });
});

describe('people', () => {
  test('an incident is retried, and skipped with a reason', async () => {
    let isBroken = true;
    const job = async () => {
      if (isBroken) throw new Bug('broken');
      return 'done';
    };
    const model = drawProcess('p', {
      nodes: { start, a: serviceTask({ job }), b: serviceTask({ job, result: 'b' }), end },
      flows: ['start -> a -> b -> end'],
    });
    const { world: w, database } = await world([model]);
    const { engine } = await w.start();
    const id = await w.begin({ engine } as EngineInTest, 'p');
    const { n } = await w.untilAt(id, 'a', (e) => e.incident !== undefined);
    expect((await w.open()).incidents).toBe(1);
    expect(await engine.request(id, { type: 'incident-retry', n: n + 5, by: 'ada' })).toBe(false);
    isBroken = false;
    expect(await engine.request(id, { type: 'incident-retry', n, by: 'ada' })).toBe(true);
    expect(await engine.request(id, { type: 'incident-retry', n, by: 'ada' })).toBe(false);
    await w.until(id, 'completed');
    isBroken = true;
    const other = await w.begin({ engine } as EngineInTest, 'p');
    const first = await w.untilAt(other, 'a', (e) => e.incident !== undefined);
    const skip = { type: 'incident-skip', by: 'ada', reason: 'by hand', output: 1 } as const;
    expect(await engine.request(other, { ...skip, n: first.n })).toBe(true);
    const second = await w.untilAt(other, 'b', (e) => e.incident !== undefined);
    await engine.request(other, { ...skip, n: second.n });
    await w.until(other, 'completed');
    const { rows } = await database.query('select 1 from engine.incident where closed_at is null');
    expect(rows).toEqual([]);
  });

  test('asking an instance that has ended or never was leaves nothing behind', async () => {
    const { world: w } = await world([
      drawProcess('p', { nodes: { start, end }, flows: ['start -> end'] }),
    ]);
    const { engine } = await w.start();
    const id = await w.begin({ engine } as EngineInTest, 'p');
    const cancel = { type: 'cancel', reason: 'so', by: 'ada' } as const;
    expect(await engine.request(id, cancel)).toBe(false);
    expect(await engine.request(newId(), cancel)).toBe(false);
    expect((await w.open()).inbox).toBe(0);
  });

  test('an interrupted job is told to stop, its outcome is not kept, and then it is undone', async () => {
    const slow = held(({ run }) => run(note, { text: 'work' }));
    const model = drawProcess('p', {
      nodes: {
        start,
        a: serviceTask({ job: slow.job, undo: 'ua' }),
        ua: undoTask({ job: ({ run }) => run(note, { text: 'undo' }) }),
        end,
      },
      flows: ['start -> a -> end'],
    });
    const { world: w, notes } = await world([model]);
    const { engine } = await w.start();
    const id = await w.begin({ engine } as EngineInTest, 'p');
    const { signal } = await slow.begun;
    expect(await engine.request(id, { type: 'cancel', reason: 'so', by: 'ada' })).toBe(true);
    expect(signal.aborted).toBe(true);
    expect(await notes()).toEqual([]);
    slow.release();
    await w.until(id, 'cancelled');
    expect(await notes()).toEqual(['undo']);
  });

  test('a job that was interrupted while it stood in the queue never runs', async () => {
    const slow = held();
    const model = drawProcess('p', {
      nodes: { start, a: serviceTask({ job: slow.job }), end },
      flows: ['start -> a -> end'],
    });
    const queued = drawProcess('queued', {
      nodes: { start, a: writes('never'), end },
      flows: ['start -> a -> end'],
    });
    const { world: w, notes } = await world([model, queued]);
    const { engine } = await w.start({ jobConcurrency: 1 });
    const first = await w.begin({ engine } as EngineInTest, 'p');
    await slow.begun;
    const second = await w.begin({ engine } as EngineInTest, 'queued');
    await engine.request(second, { type: 'cancel', reason: 'so', by: 'ada' });
    slow.release();
    await w.until(first, 'completed');
    await w.until(second, 'cancelled');
    expect(await notes()).toEqual([]);
  });
});

describe('called processes', () => {
  const child = drawProcess('child', {
    nodes: { start, a: writes('child'), wait: catchEvent(message('go')), end },
    flows: ['start -> a -> wait -> end'],
    output: () => 'made',
    input: z.object({ of: z.number() }),
  });
  const parent = drawProcess('parent', {
    nodes: {
      start,
      c: callActivity('child', { result: 'got', input: (v) => ({ of: v.input }) }),
      end,
    },
    flows: ['start -> c -> end'],
  });

  test('a child gives its output; cancelling reaches it', async () => {
    const { world: w, database } = await world([parent, child]);
    const node = await w.start();
    const id = await w.begin(node, 'parent', 5);
    await w.publish(node, { id: newId(), name: 'go', payload: {} });
    const { state } = await w.until(id, 'completed');
    expect(state.elements[1]?.vars?.got).toBe('made');
    const other = await w.begin(node, 'parent', 5);
    const { rows } = await database.query<{ id: string }>(
      'select id from engine.instance where parent_id = $1',
      [other],
    );
    await w.untilAt(rows[0]?.id ?? '', 'wait');
    await node.engine.request(other, { type: 'cancel', reason: 'so', by: 'ada' });
    await w.until(other, 'cancelled');
    await w.until(rows[0]?.id ?? '', 'cancelled');
    // The child tells its end to a parent that has ended.
    await waitFor('an empty inbox', async () => (await w.open()).inbox === 0);
    expect(await w.open()).toEqual(nothingOpen);
  });

  test('a child that does not accept its input, or is not there, is an incident of the caller', async () => {
    const lost = { ...parent, key: 'lost', nodes: { ...parent.nodes } };
    const { world: w } = await world([
      parent,
      child,
      {
        ...lost,
        nodes: { ...lost.nodes, c: { ...lost.nodes.c, calledProcess: 'nobody' } as never },
      },
    ]);
    const node = await w.start();
    for (const [process, input] of [
      ['parent', 'no number'],
      ['lost', 5],
    ] as const) {
      const id = await w.begin(node, process, input);
      const { incident } = await w.untilAt(id, 'c', (e) => e.incident !== undefined);
      expect(incident?.code).toBe('CHILD_NOT_STARTED');
    }
  });
});

describe('death and take-over', () => {
  test('another node goes on at once where the dead one stood, under the same key', async () => {
    const slow = held();
    const { charge, keys, reconciled } = outside(() => 'charged');
    let calls = 0;
    const job = async (context: JobContext) => {
      calls += 1;
      if (calls === 1) {
        await context.run(charge, {});
        return await slow.job(context);
      }
      return await context.run(charge, {});
    };
    const model = drawProcess('p', {
      nodes: { start, a: serviceTask({ job, result: 'got' }), end },
      flows: ['start -> a -> end'],
    });
    const { world: w } = await world([model], [charge]);
    // So long a lease that only the lock of the dead node can explain a take-over.
    const first = await w.start({ leaseMs: 3_600_000 });
    const id = await w.begin(first, 'p');
    await slow.begun;
    await first.kill();
    const second = await w.start({ leaseMs: 3_600_000 });
    const { state } = await w.until(id, 'completed');
    expect(second.engine.counts.shards).toBe(256);
    expect(state.elements[1]?.vars?.got).toBe('charged before');
    expect(reconciled).toEqual(keys);
    slow.release();
    await first.bury();
    expect((await w.lines(id)).filter((line) => line === 'completed a')).toHaveLength(1);
  });

  test('a step that wrote and did not commit is done once by the next node', async () => {
    const slow = held();
    let calls = 0;
    const job = async (context: JobContext) => {
      calls += 1;
      await context.run(note, { text: 'x' });
      if (calls === 1) await slow.job(context);
    };
    const model = drawProcess('p', {
      nodes: { start, a: serviceTask({ job }), end },
      flows: ['start -> a -> end'],
    });
    const { world: w, notes } = await world([model]);
    const first = await w.start();
    const id = await w.begin(first, 'p');
    await slow.begun;
    await first.kill();
    await w.start();
    await w.until(id, 'completed');
    slow.release();
    await first.bury();
    expect(await notes()).toEqual(['x']);
  });

  test('a node whose shards were taken can write no more, and learns of it', async () => {
    const { world: w, database } = await world([oneWait({ t: userTask() })]);
    const model = drawProcess('task', {
      nodes: { start, t: userTask(), end },
      flows: ['start -> t -> end'],
    });
    const made = new EngineWorld({
      database,
      connectionString: w.connectionString,
      processes: [model],
    });
    onTestFinished(() => made.end());
    const { engine } = await made.start({ leaseMs: 3_600_000, sweepMs: 3_600_000 });
    const id = await made.begin({ engine } as EngineInTest, 'task');
    const { n } = await made.untilAt(id, 't');
    const stranger = newId();
    const life = await database.connect();
    await life.query('select pg_advisory_lock(28524, hashtext($1::text))', [stranger]);
    await database.query(
      `insert into engine.node select $1, name, host, pid, role, version, null, started_at,
              heartbeat_at, now() + interval '1 hour', draining, figures from engine.node`,
      [stranger],
    );
    await database.query('update engine.shard set owner = $1, epoch = epoch + 1', [stranger]);
    const before = await made.lines(id);
    const done = engine.request(id, { type: 'task-completed', n, output: 1, by: 'ada' });
    await waitFor('the loss', () => engine.counts.shards === 0);
    expect(await made.lines(id)).toEqual(before);
    // The stranger dies with its lock: the shards come back, and what was asked is done.
    life.release({ close: true });
    expect(await done).toBe(true);
    expect(engine.counts.shards).toBe(256);
    await made.until(id, 'completed');
    expect((await made.lines(id)).filter((line) => line === 'completed t')).toHaveLength(1);
  });

  test('a stale revision is refused alone, and the instance goes on from what is stored', async () => {
    const slow = held(async () => 'slow');
    const model = drawProcess('p', {
      nodes: { start, a: serviceTask({ job: slow.job }), end },
      flows: ['start -> a -> end'],
    });
    const { world: w, database } = await world([model, oneWait()]);
    const node = await w.start({ sweepMs: 3_600_000 });
    const id = await w.begin(node, 'p');
    const others = await Promise.all(
      Array.from({ length: 20 }, (_, i) => w.begin(node, 'wait', `o-${i}`)),
    );
    await slow.begun;
    await database.query('update engine.instance set revision = revision + 1 where id = $1', [id]);
    slow.release();
    await Promise.all(
      others.map((_, i) =>
        w.publish(node, { id: newId(), name: 'paid', payload: { order: `o-${i}` } }),
      ),
    );
    for (const other of others) await w.until(other, 'completed');
    await w.until(id, 'completed');
    expect((await w.lines(id)).filter((line) => line === 'completed a')).toHaveLength(1);
  });

  test('all connections lost in the middle of things: everything goes on', async () => {
    const model = drawProcess('p', {
      nodes: {
        start: startEvent(null, { result: 'order' }),
        fork: parallelGateway(),
        a: writes('a'),
        b: serviceTask({ job: async () => 'b' }),
        join: parallelGateway(),
        wait: catchEvent(message('paid', 'order')),
        c: writes('c'),
        end,
      },
      flows: ['start -> fork -> a -> join -> wait -> c -> end', 'fork -> b -> join'],
    });
    const { world: w, database, notes } = await world([model]);
    const node = await w.start();
    const ids: string[] = [];
    const orders = Array.from({ length: 60 }, (_, i) => `o-${i}`);
    const patient = async <T>(work: () => Promise<T>): Promise<T> =>
      await waitFor('an answer', () => work().catch(() => null));
    const clients = orders.map(async (order) => {
      const startKey = order;
      const ask = { process: 'p', input: order, trace: newTrace(), startKey };
      const started = await patient(() => node.engine.startProcess(ask));
      if ('instanceId' in started) ids.push(started.instanceId);
      const event = { id: newId(), name: 'paid', payload: { order } };
      await patient(() => w.publish(node, event).then(() => true));
    });
    for (let round = 0; round < 5; round += 1) {
      await waitFor('some progress', async () => (await notes()).length > round * 15);
      await endSessions(database, node.applicationName);
    }
    await Promise.all(clients);
    await waitFor('all of them', async () => {
      // Steps that lost their connection try again after a while.
      w.clock.advanceBy(1000);
      const { rows } = await database.query(
        `select 1 from engine.instance where status in ('running', 'waiting')`,
      );
      return rows.length === 0;
    });
    for (const id of ids) await w.until(id, 'completed');
    expect(await notes()).toEqual([...orders.map(() => 'a'), ...orders.map(() => 'c')].sort());
    expect(await w.open()).toEqual(nothingOpen);
  });

  test('stop lets jobs finish, commits them, and frees the shards at once', async () => {
    const slow = held(({ run }) => run(note, { text: 'x' }));
    const model = drawProcess('p', {
      nodes: { start, a: serviceTask({ job: slow.job }), b: writes('b'), end },
      flows: ['start -> a -> b -> end'],
    });
    const { world: w, database, notes } = await world([model]);
    const first = await w.start({ leaseMs: 3_600_000 });
    const id = await w.begin(first, 'p');
    await slow.begun;
    const stopped = first.stop();
    slow.release();
    await stopped;
    expect(await notes()).toEqual(['x']);
    await w.untilAt(id, 'b');
    const { rows } = await database.query<{ held: number }>(
      'select count(*)::int as held from engine.shard where owner is not null',
    );
    expect([rows[0]?.held, w.clock.scheduled]).toEqual([0, 0]);
    await w.start();
    await w.until(id, 'completed');
  });
});

describe('timers', () => {
  test('far ones wait in the database, and fire after a restart in the order of their time', async () => {
    const day = 24 * 3_600_000;
    const model = drawProcess('p', {
      nodes: { start, t: catchEvent(timer(90 * day)), a: writes('woken'), end },
      flows: ['start -> t -> a -> end'],
    });
    const { world: w, notes } = await world([model]);
    const first = await w.start();
    const id = await w.begin(first, 'p');
    await first.stop();
    w.clock.advanceBy(89 * day);
    await w.start();
    expect((await w.open()).timers).toBe(1);
    await waitFor('the timer', async () => {
      w.clock.advanceBy(3_600_000);
      return (await notes()).length > 0;
    });
    await w.until(id, 'completed');
    expect(await w.open()).toEqual(nothingOpen);
  });
});

test('a start that fails half-way leaves nothing at work and holds no connection', async () => {
  const { database: looking, connectionString } = await testDatabase({
    migrations: [{ schema: 'engine', folder: new URL('./store/migrations/', import.meta.url) }],
  });
  const owned = async () => {
    const { rows } = await looking.query('select 1 from engine.shard where owner is not null');
    return rows.length;
  };
  const own = openDatabase({ connectionString, maxConnections: 4, applicationName: 'half-way' });
  let taken = 0;
  const database: Database = {
    ...own,
    // Schedules are written when the node has its shards already.
    async transaction(work, options) {
      taken = Math.max(taken, await owned());
      if (taken > 0) throw new Error('PostgreSQL is away');
      return await own.transaction(work, options);
    },
  };
  const clock = virtualClock();
  const silent = { debug() {}, info() {}, warn() {}, error() {} };
  const engine = createEngine({
    ...{ database, clock, log: silent, processes: [] },
    runner: plainRunner({ database, clock, procedures: [] }),
  });
  await expect(engine.start()).rejects.toThrow('PostgreSQL is away');
  expect([taken, await owned()]).toEqual([256, 0]);
  expect((await looking.query('select 1 from engine.node')).rows).toEqual([]);
  await own.close();
});
