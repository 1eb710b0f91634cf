/** The relay against real brokers: order and headers, a broker that goes and comes, a fallback. */
import { expect, test } from 'vitest';
import { z } from 'zod';
import { laterCleanup } from '../../../test/support/cleanup.ts';
import { eventLog, silentLog, startLog, thing } from '../../../test/support/event-log.ts';
import { describeWithKafka, suiteBrokers } from '../../../test/support/kafka/kafka-suite.ts';
import { readTopic } from '../../../test/support/kafka/read-topic.ts';
import { brokerUser } from '../../../test/support/kafka/test-broker.ts';
import { waitUntil } from '../../../test/support/wait-until.ts';
import { systemClock } from '../../kernel/clock.ts';
import { defineEvent, type Topic } from '../../kernel/event.ts';
import { newId } from '../../kernel/ids.ts';
import type { EventLog } from '../event-log.ts';
import type { KafkaCluster } from './cluster.ts';
import { partitionHash } from './partition-hash.ts';
import { createPublisher, withAdmin } from './publisher.ts';
import { type RelayOptions, startRelay } from './relay.ts';

const happened = (topic: Topic, name = 'thing.happened') =>
  defineEvent({
    name,
    version: 1,
    topic,
    summary: 'Something happened',
    payload: z.object({ n: z.number() }),
    key: ({ n }) => String(n),
  });

await describeWithKafka('the relay to Kafka', () => {
  const brokers = suiteBrokers({ main: { secure: true }, other: {} });
  const cluster = (name: keyof typeof brokers): KafkaCluster => ({
    name,
    brokers: [brokers[name].address],
  });

  async function relay(
    eventLog: EventLog,
    options: Pick<RelayOptions, 'cluster' | 'events'> & Partial<RelayOptions>,
  ) {
    const publisher = createPublisher({ cluster: options.cluster, createTopicPartitions: 4 });
    const running = startRelay({
      publisher,
      eventLog,
      clock: systemClock,
      log: silentLog,
      fallbackAfterMs: 0,
      probeEveryMs: 20,
      ...options,
    });
    expect(running).toBeDefined();
    laterCleanup(async () => {
      await running?.stop();
      await publisher.close();
    });
    return running!;
  }

  const numbersOf = (messages: readonly { readonly value: Buffer }[]) =>
    messages.map(({ value }) => (JSON.parse(value.toString()) as { n: number }).n);

  test('events are CloudEvents in binary mode, in order for each key, each once', async () => {
    const { log, record } = await eventLog();
    const main = cluster('main');
    const topic = `t.${newId()}`;
    const first = { ...thing(0, 'key-0'), traceId: 'a'.repeat(32) };
    await record(first);
    for (let n = 1; n < 60; n += 1) await record(thing(n, `key-${n % 5}`));
    await record(thing(60, 'key-0', 'thing.kept'));
    const events = [happened(topic), happened({ other: topic }, 'thing.kept')];
    const running = await relay(log, { cluster: main, events });
    await waitUntil('all to be carried', () => running.state.carried === 60);
    const messages = await readTopic(main, topic);
    expect(numbersOf(messages).toSorted((a, b) => a - b)).toEqual(
      Array.from({ length: 60 }, (_, n) => n),
    );
    for (const key of ['key-0', 'key-1', 'key-2', 'key-3', 'key-4']) {
      const ofKey = messages.filter((message) => message.key === key);
      expect(numbersOf(ofKey)).toEqual(numbersOf(ofKey).toSorted((a, b) => a - b));
      expect(new Set(ofKey.map(({ partition }) => partition))).toEqual(
        new Set([partitionHash(Buffer.from(key)) % 4]),
      );
    }
    const sent = messages.find(({ headers }) => headers.ce_id === first.id);
    expect(sent?.headers).toEqual({
      ce_specversion: '1.0',
      'content-type': 'application/json',
      ce_id: first.id,
      ce_source: '/orderloom',
      ce_type: 'thing.happened',
      ce_time: first.occurredAt.toISOString(),
      ce_subject: 'key-0',
      ce_partitionkey: 'key-0',
      ce_dataversion: '1',
      ce_sequence: '1',
      ce_traceid: 'a'.repeat(32),
      traceparent: `00-${'a'.repeat(32)}-${first.id.replaceAll('-', '').slice(-16)}-01`,
      orderloom_redelivery: 'possible',
    });
    expect(sent?.producedAt).toEqual(first.occurredAt);
  });

  test('a broker that is killed and comes back gets what happened meanwhile, in order', {
    timeout: 120_000,
  }, async () => {
    const { log, record } = await eventLog();
    const broker = brokers.other;
    const mortal = { name: 'mortal', brokers: [broker.address] };
    const topic = `t.${newId()}`;
    const running = await relay(log, { cluster: mortal, events: [happened(topic)] });
    await record(thing(0));
    await waitUntil('the first event', () => running.state.carried === 1);
    await broker.halt('SIGKILL');
    for (let n = 1; n <= 200; n += 1) await record(thing(n));
    await waitUntil('the failure to show', () => running.state.status === 'waiting');
    expect(running.state).toMatchObject({ target: 'mortal', failingSince: expect.any(String) });
    await broker.restart();
    await waitUntil('all to be carried', () => running.state.carried === 201);
    expect(running.state).toMatchObject({ status: 'direct', failingSince: null });
    const numbers = numbersOf(await readTopic(mortal, topic));
    // A repetition is allowed, a gap or another order is not.
    expect(numbers.filter((n, at) => numbers.indexOf(n) === at)).toEqual(
      Array.from({ length: 201 }, (_, n) => n),
    );
  });

  test('while a cluster is down its fallback takes the events, and gives the turn back', {
    timeout: 120_000,
  }, async () => {
    const { log, record } = await eventLog();
    const broker = brokers.other;
    const cloud = { name: 'cloud', brokers: [broker.address], fallback: 'main' };
    const main = cluster('main');
    const topic = { cloud: `cloud.${newId()}`, main: `main.${newId()}` };
    const standIn = createPublisher({ cluster: main, createTopicPartitions: 1 });
    laterCleanup(() => standIn.close());
    const running = await relay(log, {
      cluster: cloud,
      fallback: { cluster: main, publisher: standIn },
      events: [happened(topic)],
    });
    await record(thing(1));
    await waitUntil('the first event', () => running.state.carried === 1);
    await broker.halt('SIGTERM');
    await record(thing(2), thing(3));
    await waitUntil('the diverted events', () => running.state.carried === 3);
    expect(running.state).toMatchObject({ status: 'diverted', target: 'main' });
    const diverted = await readTopic(main, topic.main);
    expect(numbersOf(diverted)).toEqual([2, 3]);
    for (const { headers } of diverted) {
      expect(headers).toMatchObject({
        orderloom_fallback_for: 'cloud',
        orderloom_redelivery: 'possible',
      });
    }
    await broker.restart();
    // It is asked although nothing happens: health is not to wait for the next event.
    await waitUntil(
      'the cluster to have its turn again',
      () => running.state.status === 'direct' && running.state.failingSince === null,
    );
    await record(thing(4));
    await waitUntil('the fourth event', () => running.state.carried === 4);
    const direct = await readTopic(cloud, topic.cloud);
    expect(numbersOf(direct)).toEqual([1, 4]);
    expect(direct.at(-1)?.headers).not.toHaveProperty('orderloom_fallback_for');
    expect(direct.at(-1)?.headers).not.toHaveProperty('orderloom_redelivery');
    expect(numbersOf(await readTopic(main, topic.main))).toEqual([2, 3]);
  });

  test('clusters stand side by side, each with its own cursor; one of two nodes carries', async () => {
    const { log, record, database } = await eventLog();
    const second = await startLog(database);
    const topic = `t.${newId()}`;
    const [main, other] = [cluster('main'), cluster('other')];
    const event = happened({ main: `${topic}-main`, other: `${topic}-other` });
    await record(thing(1), thing(2));
    const relays = [
      await relay(log, { cluster: main, events: [event] }),
      await relay(second, { cluster: main, events: [event] }),
      await relay(log, { cluster: other, events: [event] }),
    ];
    const carried = () => relays.map(({ state }) => state.carried);
    await waitUntil('both clusters', () => carried().reduce((sum, n) => sum + n) === 4);
    expect(numbersOf(await readTopic(main, `${topic}-main`))).toEqual([1, 2]);
    expect(numbersOf(await readTopic(other, `${topic}-other`))).toEqual([1, 2]);
    expect(
      relays
        .slice(0, 2)
        .map(({ state }) => state.isHere)
        .toSorted(),
    ).toEqual([false, true]);
  });

  test('TLS with a password', async () => {
    const { log, record } = await eventLog();
    const { secure } = brokers.main;
    if (secure === null) throw new Error('expected a secure listener');
    const safe: KafkaCluster = {
      name: 'safe',
      brokers: [secure.address],
      tls: { ca: secure.certificate },
      sasl: { mechanism: 'PLAIN', ...brokerUser },
    };
    const topic = `t.${newId()}`;
    await record(thing(7));
    const running = await relay(log, { cluster: safe, events: [happened(topic)] });
    await waitUntil('the event', () => running.state.carried === 1);
    expect(numbersOf(await readTopic(safe, topic))).toEqual([7]);
    const stranger = createPublisher({
      cluster: { ...safe, sasl: { mechanism: 'PLAIN', username: 'x', password: 'y' } },
      createTopicPartitions: 0,
    });
    await expect(stranger.probe()).rejects.toThrow();
  });

  test('a topic that is missing is waited for; an event too large is parked and others go on', async () => {
    const { log, record, database } = await eventLog();
    const main = cluster('main');
    const topic = `t.${newId()}`;
    await record(thing(1));
    const publisher = createPublisher({ cluster: main, createTopicPartitions: 0 });
    const running = await relay(log, { cluster: main, events: [happened(topic)], publisher });
    await waitUntil('the missing topic', () => running.state.lastError?.includes(topic));
    const other = createPublisher({ cluster: main, createTopicPartitions: 1 });
    laterCleanup(() => other.close());
    await other.send([
      {
        topic,
        key: Buffer.from('x'),
        value: Buffer.from('{"n":0}'),
        headers: new Map(),
        timestamp: 0n,
      },
    ]);
    await waitUntil('the event', () => running.state.carried === 1);
    const large = { ...thing(2, 'large'), payload: { n: 2, more: 'x'.repeat(1_200_000) } };
    await record(thing(3), large, thing(4));
    await waitUntil('the others', () => running.state.carried === 3);
    expect(numbersOf(await readTopic(main, topic))).toEqual([0, 1, 3, 4]);
    const { rows } = await database.query('select event_id, error from events.dead_letter');
    expect(rows).toEqual([
      { event_id: large.id, error: expect.stringContaining('KAFKA_MESSAGE_REFUSED') },
    ]);
  });

  test('a topic that was made takes messages at once', async () => {
    const main = cluster('main');
    const publisher = createPublisher({ cluster: main, createTopicPartitions: 8 });
    laterCleanup(() => publisher.close());
    for (let n = 0; n < 12; n += 1) {
      const topic = `t.${newId()}`;
      expect(await publisher.missingOf([topic])).toEqual([]);
      const found = await withAdmin(main, (admin) => admin.metadata({ topics: [topic] }));
      const leaders = found.topics.get(topic)?.partitions.map(({ leader }) => leader);
      expect(leaders).toEqual(Array(8).fill(1));
    }
  });

  test('a topic that is deleted is waited for: nothing goes to the fallback of a cluster that works', async () => {
    const { log, record } = await eventLog();
    const [main, other] = [cluster('main'), cluster('other')];
    const topic = `t.${newId()}`;
    const make = () =>
      withAdmin(main, (admin) =>
        admin.createTopics({ topics: [topic], partitions: 1, replicas: -1 }),
      );
    await make();
    const publisher = createPublisher({ cluster: main, createTopicPartitions: 0 });
    const standIn = createPublisher({ cluster: other, createTopicPartitions: 1 });
    laterCleanup(() => standIn.close());
    const running = await relay(log, {
      cluster: main,
      fallback: { cluster: other, publisher: standIn },
      events: [happened({ main: topic, other: topic })],
      publisher,
    });
    await record(thing(1));
    await waitUntil('the first event', () => running.state.carried === 1);
    await withAdmin(main, (admin) => admin.deleteTopics({ topics: [topic] }));
    const gone = async () => (await publisher.missingOf([topic])).length === 1;
    await waitUntil('the broker to have heard of it', gone);
    await record(thing(2));
    const failing = await waitUntil('the failure to show', () => running.state.lastError);
    expect(failing).toContain(topic);
    expect(running.state).toMatchObject({ status: 'waiting', target: 'main' });
    await make();
    await waitUntil('the second event', () => running.state.carried === 2);
    expect(numbersOf(await readTopic(main, topic))).toEqual([2]);
  });
});
