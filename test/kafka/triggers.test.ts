/**
 * Topics as triggers, against a real broker: a message starts a process or calls a procedure once,
 * however often it comes; poison becomes a dead letter and can be replayed; nodes share a topic's
 * partitions; a broker that goes and comes loses nothing.
 */
import { Producer } from '@platformatic/kafka';
import { expect, test } from 'vitest';
import { z } from 'zod';
import {
  createEngine,
  type Engine,
  engineModule,
  step,
  when,
  workflow,
} from '../../src/engine/index.ts';
import {
  createOutbox,
  eventMigrations,
  type Kafka,
  type KafkaOptions,
  kafkaModule,
} from '../../src/events/index.ts';
import { startKafka } from '../../src/events/kafka/kafka.ts';
import { withAdmin } from '../../src/events/kafka/publisher.ts';
import { systemClock } from '../../src/kernel/clock.ts';
import { defineError, refuse } from '../../src/kernel/errors.ts';
import { defineEvent } from '../../src/kernel/event.ts';
import { newId } from '../../src/kernel/ids.ts';
import { defineModule } from '../../src/kernel/module.ts';
import { defineTransactional } from '../../src/kernel/procedure.ts';
import { defineTopicTrigger, type TopicTrigger } from '../../src/kernel/topic-trigger.ts';
import { createProcedureRunner } from '../../src/procedures/index.ts';
import { billingFulfilled, billingFulfillment } from '../docs/billing-fulfillment.ts';
import { laterCleanup } from '../support/cleanup.ts';
import { testDatabase } from '../support/database.ts';
import { silentLog, startLog } from '../support/event-log.ts';
import { describeWithKafka, suiteBrokers } from '../support/kafka/kafka-suite.ts';
import { readTopic } from '../support/kafka/read-topic.ts';
import { waitUntil } from '../support/wait-until.ts';

const notWelcome = defineError({ code: 'NOT_WELCOME', status: 409, title: 'Not welcome' });

/** Writes a line; refuses what it is told to refuse while the table `refused` has it. */
const note = defineTransactional({
  name: 'notebook.note',
  summary: 'Write a line',
  input: z.object({ text: z.string() }),
  output: z.object({}),
  access: ['service'],
  errors: [notWelcome],
  async execute({ tx }, { text }) {
    await tx.query('insert into line (text) values ($1)', [text]);
    const { rowCount } = await tx.query('select 1 from refused where text = $1', [text]);
    return rowCount > 0 ? refuse(notWelcome, `expected no ${text}`) : {};
  },
});

const notebook = defineModule({
  name: 'notebook',
  summary: 'Lines',
  procedures: [note],
  events: [billingFulfilled],
  errors: [notWelcome],
});

/** A process that begins with the event that a message has become. */
const tracking = workflow('tracking', { version: 1, businessKey: '{{ on-fulfilled.orderId }}' })
  .step(when({ id: 'on-fulfilled', on: billingFulfilled }))
  .step(
    step({
      id: 'write',
      execute: ({ engine, inputData }) =>
        engine.run('notebook.note', { text: `${inputData.orderId} ${inputData.trackingNumber}` }),
      irreversible: 'a line stays',
    }),
  )
  .commit();

/** The trigger of the guide, on a topic of its own. */
const toEvent = (topic: string): TopicTrigger => ({ ...billingFulfillment, topic });

const toProcedure = (topic: string) =>
  defineTopicTrigger({
    name: 'notebook.lines',
    summary: 'Lines to write',
    topic,
    value: z.object({ text: z.string() }),
    does: { procedure: 'notebook.note' },
  });

function unused(): never {
  throw new Error('only the manifest was wanted');
}

await describeWithKafka('topics as triggers', () => {
  const brokers = suiteBrokers({ main: {} });
  const cluster = () => ({ name: 'main', brokers: [brokers.main.address] });

  async function shop() {
    const manifest = engineModule({ engine: unused, runner: unused });
    const { database } = await testDatabase({
      migrations: [
        eventMigrations,
        ...[kafkaModule({ kafka: unused }), manifest].map(({ schema, migrations }) => ({
          schema: schema!,
          folder: migrations!,
        })),
      ],
      maxConnections: 24,
    });
    await database.query('create table line (n serial primary key, text text not null)');
    await database.query('create table refused (text text)');
    const eventLog = await startLog(database);
    const late: { engine?: Engine } = {};
    const outbox = createOutbox({
      subscribers: [(tx, events) => late.engine!.eventsRecorded(tx, events), eventLog.subscriber],
    });
    const runner = createProcedureRunner({
      modules: [notebook],
      database,
      outbox,
      clock: systemClock,
      log: silentLog,
      onSuccess: ({ tx, procedure, output, trace }) =>
        late.engine!.procedureSucceeded({ tx, procedure: procedure.name, output, trace }),
    });
    const engine = createEngine({
      database,
      runner,
      clock: systemClock,
      log: silentLog,
      processes: [tracking.model],
    });
    late.engine = engine;
    await engine.start();
    laterCleanup(() => engine.stop());
    const group = `g.${newId()}`;
    const clusters = [cluster()];
    const node = (
      triggers: readonly TopicTrigger[],
      options: Partial<KafkaOptions> = {},
    ): Kafka => {
      const kafka = startKafka({
        clusters,
        events: notebook.events,
        triggers,
        eventLog,
        outbox,
        runner,
        database,
        clock: systemClock,
        log: silentLog,
        group,
        createTopicPartitions: 4,
        fallbackAfterMs: 0,
        ...options,
      });
      laterCleanup(() => kafka.stop());
      return kafka;
    };
    const lines = async () =>
      (await database.query<{ text: string }>('select text from line order by n')).rows.map(
        ({ text }) => text,
      );
    return { database, node, lines, clusters };
  }

  interface Sent {
    readonly key?: string;
    readonly value: string;
    readonly id?: string;
  }

  /** A topic of its own, and a producer that is not ours. */
  async function topicOf(partitions = 1) {
    const topic = `t.${newId()}`;
    await withAdmin(cluster(), (admin) =>
      admin.createTopics({ topics: [topic], partitions, replicas: 1 }),
    );
    const { brokers } = cluster();
    const producer = new Producer({ clientId: 'tests', bootstrapBrokers: brokers });
    laterCleanup(async () => {
      await producer.close();
    });
    const send = async (...messages: readonly Sent[]) => {
      const records = messages.map(({ key = 'k', value, id = newId() }) => ({
        topic,
        key: Buffer.from(key),
        value: Buffer.from(value),
        headers: new Map([
          [Buffer.from('ce_source'), Buffer.from('/elsewhere')],
          [Buffer.from('ce_id'), Buffer.from(id)],
        ]),
      }));
      // A topic that was made just now may not have its leaders yet.
      await waitUntil('the messages to be stored', () =>
        producer.send({ acks: -1, messages: records }).then(
          () => true,
          () => false,
        ),
      );
    };
    return { topic, send };
  }

  const shipped = (order: string) =>
    JSON.stringify({
      eventId: `evt-${order}`,
      eventType: 'FULFILLMENT_COMPLETE',
      mboOrderId: order,
      trackingNumber: `T-${order}`,
    });

  test('a message starts a process; the same one again does nothing', async () => {
    const { node, lines, database } = await shop();
    const { topic, send } = await topicOf();
    const kafka = node([toEvent(topic)]);
    await send(
      { value: shipped('A'), id: 'a' },
      { value: '{"eventType":"HEARTBEAT"}' },
      { value: shipped('A'), id: 'a' },
    );
    await send({ value: shipped('A'), id: 'a' }, { value: shipped('B'), id: 'b' });
    await waitUntil('both orders', async () => (await lines()).length === 2);
    await waitUntil('everything to be read', () => kafka.state.consumers[0]?.lag === 0);
    expect((await lines()).toSorted()).toEqual(['A T-A', 'B T-B']);
    const { rows } = await database.query('select business_key from engine.instance order by 1');
    expect(rows).toEqual([{ business_key: 'A' }, { business_key: 'B' }]);
    expect(kafka.state).toMatchObject({ isWell: true, consumers: [{ status: 'reading' }] });
  });

  test('poison goes to the dead-letter topic and to nowhere else, and can be replayed once', async () => {
    const { node, lines, database, clusters } = await shop();
    const { topic, send } = await topicOf();
    await database.query("insert into refused values ('no')");
    const kafka = node([toProcedure(topic)]);
    await send(
      { value: '{"text":"first"}' },
      { value: 'not json', id: 'x' },
      { value: '{"text":7}' },
      { key: 'who', value: '{"text":"no"}', id: 'n' },
      { value: '{"text":"last"}' },
    );
    await waitUntil('the last one', async () => (await lines()).includes('last'));
    expect(await lines()).toEqual(['first', 'last']);
    const letters = await readTopic(clusters[0]!, `${topic}.dlq`);
    const about = (cause: string, offset: number) =>
      expect.objectContaining({
        dlq_cause: cause,
        dlq_trigger: 'notebook.lines',
        dlq_topic: topic,
        dlq_partition: '0',
        dlq_offset: String(offset),
      });
    expect(
      letters
        .map(({ headers }) => headers)
        .toSorted((a, b) => Number(a.dlq_offset) - Number(b.dlq_offset)),
    ).toEqual([about('unreadable', 1), about('value', 2), about('refused', 3)]);
    expect(letters.find(({ key }) => key === 'who')).toMatchObject({
      value: Buffer.from('{"text":"no"}'),
      headers: { ce_id: 'n', ce_source: '/elsewhere', dlq_code: 'NOT_WELCOME' },
    });

    const { deadLetters } = kafka;
    const page = await deadLetters.list({ limit: 2 });
    expect(page).toMatchObject({ hasMore: true, counted: 3, letters: { length: 2 } });
    const rest = await deadLetters.list({ limit: 2, after: page.letters[1]!.place });
    const all = [...page.letters, ...rest.letters];
    expect(all.map(({ message }) => message.offset).toSorted()).toEqual(['1', '2', '3']);
    expect(rest.hasMore).toBe(false);

    await database.query('delete from refused');
    const places = all.map(({ place }) => place);
    const outcomes = (await deadLetters.replay(places, 'an operator')).map(
      ({ outcome }) => outcome,
    );
    expect(outcomes.toSorted()).toEqual(['failed', 'failed', 'replayed']);
    expect(await lines()).toEqual(['first', 'last', 'no']);
    const again = await deadLetters.replay(places, 'an operator');
    expect(again.map(({ outcome }) => outcome).toSorted()).toEqual(['before', 'failed', 'failed']);
    expect(await lines()).toEqual(['first', 'last', 'no']);
    expect(await deadLetters.list({ limit: 10 })).toMatchObject({
      counted: 2,
      letters: { length: 2 },
    });
    const wrong = [
      { cluster: 'none', topic: 'x', partition: 0, offset: '0' },
      { cluster: 'main', topic: 'x', partition: 0, offset: '0' },
      { cluster: 'main', topic: `${topic}.dlq`, partition: 0, offset: '9999' },
    ];
    const unknown = await deadLetters.replay(wrong, 'an operator');
    expect(unknown.map(({ outcome }) => outcome)).toEqual(['unknown', 'unknown', 'unknown']);
  });

  test('two nodes share the partitions; one that leaves is stood in for, and each message acts once', async () => {
    const { node, lines } = await shop();
    const { topic, send } = await topicOf(4);
    const wave = (from: number) =>
      Array.from({ length: 100 }, (_, n) => ({
        key: String(n % 10),
        value: JSON.stringify({ text: `${n % 10}:${String(from + n).padStart(4, '0')}` }),
      }));
    const first = node([toProcedure(topic)]);
    await send(...wave(0));
    await waitUntil('the first wave', async () => (await lines()).length === 100);
    const second = node([toProcedure(topic)]);
    const partitions = () => [first, second].map(({ state }) => state.consumers[0]?.partitions);
    await send(...wave(100));
    await waitUntil('both to have partitions', () => partitions().join() === '2,2');
    await send(...wave(200));
    await waitUntil('the third wave', async () => (await lines()).length === 300);
    await first.stop();
    await send(...wave(300));
    await waitUntil('the fourth wave', async () => (await lines()).length === 400);
    await waitUntil('the whole topic', () => partitions()[1] === 4);
    const written = await lines();
    expect(new Set(written).size).toBe(400);
    for (let key = 0; key < 10; key += 1) {
      const ofKey = written.filter((text) => text.startsWith(`${key}:`));
      expect(ofKey).toEqual(ofKey.toSorted());
    }
  });

  test('a broker that is away at the start and goes later: the node lives, nothing is lost', {
    timeout: 120_000,
  }, async () => {
    const { node, lines } = await shop();
    const { topic, send } = await topicOf();
    await send({ value: '{"text":"1"}' });
    const running = brokers.main;
    await running.halt('SIGTERM');
    const kafka = node([toProcedure(topic)]);
    await waitUntil('the failure to show', () => kafka.state.consumers[0]?.lastError);
    expect(kafka.state).toMatchObject({ isWell: false, consumers: [{ status: 'away' }] });
    await running.restart();
    await waitUntil('the first line', async () => (await lines()).length === 1);
    await running.halt('SIGKILL');
    await waitUntil('the failure to show', () => kafka.state.consumers[0]?.lastError);
    await running.restart();
    await send({ value: '{"text":"2"}' });
    await waitUntil('the second line', async () => (await lines()).length === 2);
    expect(await lines()).toEqual(['1', '2']);
    await waitUntil('all to be well', () => kafka.state.isWell);
  });

  test('declarations that do not fit together are refused, all at once', async () => {
    const { node } = await shop();
    const event = defineEvent({ ...billingFulfilled, name: 'billing.round', topic: 'round' });
    const round = { ...toEvent('round'), name: 'round', does: { event } };
    const wrong = { ...toProcedure('x'), name: 'wrong', does: { procedure: 'notebook.nothing' } };
    const clusters = [{ name: 'main', brokers: ['127.0.0.1:1'], fallback: 'none' }];
    expect(() => node([round, wrong, wrong], { clusters, events: [event] })).toThrow(
      /two triggers are named wrong.*fallback "none".*come back for ever.*notebook.nothing/s,
    );
  });
});
