/**
 * The whole program with Kafka: it starts without its broker and says so, an order's events reach their
 * topics when the broker comes, what another payment service publishes confirms the order, and dead
 * letters are listed and replayed from the command line. A billing order runs from topic to topic.
 */
import { randomUUID } from 'node:crypto';
import { Producer } from '@platformatic/kafka';
import { expect, test } from 'vitest';
import { describeWithKafka, suiteBrokers } from '../support/kafka/kafka-suite.ts';
import { readTopic } from '../support/kafka/read-topic.ts';
import { runProgram, startServer } from '../support/running-program.ts';
import { waitUntil } from '../support/wait-until.ts';

interface KafkaHealth {
  readonly status: string;
  readonly components: {
    readonly kafka: {
      readonly status: string;
      readonly details: { readonly relays: readonly { readonly status: string }[] };
    };
  };
}

interface Letter {
  readonly code: string;
  readonly origin: { readonly key: string };
  readonly can: readonly unknown[];
}

/** The list of dead letters, page by page. */
async function walkLetters(url: string): Promise<Letter[]> {
  const letters: Letter[] = [];
  let cursor: string | null = null;
  do {
    const query = new URLSearchParams({ limit: '1', ...(cursor === null ? {} : { cursor }) });
    const answer = await fetch(`${url}/api/v1/kafka/dead-letters?${query}`);
    const page = (await answer.json()) as { items: Letter[]; nextCursor: string | null };
    letters.push(...page.items);
    cursor = page.nextCursor;
  } while (cursor !== null);
  return letters;
}

interface OrderCreated {
  readonly orderId: string;
  readonly userId: string;
  readonly totalAmount: number;
  readonly currency: string;
}

/** Sends one message as another program does. */
async function send(broker: string, topic: string, key: string, body: object): Promise<void> {
  const producer = new Producer({ clientId: 'elsewhere', bootstrapBrokers: [broker] });
  const message = { topic, key: Buffer.from(key), value: Buffer.from(JSON.stringify(body)) };
  // A topic that was made just now may not have its leaders yet.
  await waitUntil(`a message in ${topic}`, () =>
    producer.send({ acks: -1, messages: [message] }).then(
      () => true,
      () => false,
    ),
  );
  await producer.close();
}

/** Tells of the payment of an order as another payment service does, without being Orderloom. */
async function publish(broker: string, topic: string, order: OrderCreated): Promise<void> {
  const { orderId, userId, totalAmount: amount, currency } = order;
  const payment = {
    paymentId: randomUUID(),
    ...{ orderId, userId, amount, currency },
    paymentMethod: 'credit_card',
    transactionId: 'ext-12345',
    processedAt: new Date().toISOString(),
  };
  await send(broker, topic, orderId, payment);
}

await describeWithKafka('the program with Kafka', () => {
  const brokers = suiteBrokers({ main: {} });

  test('events wait for the broker and reach their topics; it stops cleanly', {
    timeout: 120_000,
  }, async () => {
    const broker = brokers.main;
    await broker.halt('SIGTERM');
    const program = await startServer({
      env: { KAFKA_BROKERS: broker.address, KAFKA_CREATE_TOPICS: '3' },
    });
    const health = async () => {
      const answer = await fetch(`${program.url}/actuator/health`);
      return { code: answer.status, ...((await answer.json()) as KafkaHealth) };
    };
    const placed = await fetch(`${program.url}/api/orders`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        items: [{ productId: 'prod-100', quantity: 1 }],
        total: 100,
        currency: 'USD',
        shippingAddress: {
          line1: '1 Main St',
          city: 'Springfield',
          postalCode: '12345',
          country: 'US',
        },
      }),
    });
    expect(placed.status).toBe(201);
    const { id: orderId } = (await placed.json()) as { id: string };
    const away = await waitUntil('health to show it', async () => {
      const found = await health();
      return found.components.kafka.status === 'DOWN' && found;
    });
    expect(away).toMatchObject({ code: 200, status: 'UP' });
    await broker.restart();
    const main = { name: 'main', brokers: [broker.address] };
    const created = await waitUntil(
      'the order in its topic',
      () =>
        readTopic(main, 'order.created').then(
          (found) => found.find(({ key }) => key === orderId),
          () => null,
        ),
      { explain: async () => JSON.stringify((await health()).components.kafka) },
    );
    expect(created.headers).toMatchObject({ ce_type: 'order.created', ce_subject: orderId });
    const order = JSON.parse(created.value.toString()) as OrderCreated;
    expect(order).toMatchObject({ orderId, status: 'pending' });
    await publish(broker.address, 'payment.processed', order);
    const confirmed = await waitUntil(
      'the confirmed order in its topic',
      () =>
        readTopic(main, 'order.confirmed').then(
          (found) => found.find(({ key }) => key === orderId),
          () => null,
        ),
      { explain: async () => JSON.stringify((await health()).components.kafka) },
    );
    expect(JSON.parse(confirmed.value.toString())).toMatchObject({ orderId, status: 'confirmed' });
    const payments = await readTopic(main, 'payment.processed');
    expect(payments.map(({ key }) => key)).toEqual([orderId]);
    const shipped = {
      ...{ eventId: 'evt-001', eventType: 'FULFILLMENT_COMPLETE', fulfillmentStatus: 'SHIPPED' },
      ...{ mboOrderId: 'ORD-12345', accountId: 'ACC-98765', traceId: 'trace-123' },
    };
    await send(broker.address, 'billing-fulfillment-events-cloud', 'ORD-12345', shipped);
    const provisioned = await waitUntil(
      'the billing order in the topic of its provisioning',
      () =>
        readTopic(main, 'wkfl-provisioning-request-cloud').then(
          ([found]) => found,
          () => null,
        ),
      { explain: async () => JSON.stringify((await health()).components.kafka) },
    );
    expect(JSON.parse(provisioned.value.toString())).toMatchObject({
      ...{ eventType: 'PROVISIONING_ORDER_CREATED', orderId: 'ORD-12345', traceId: 'trace-123' },
      billing: { monthlyCharges: 75, promotionalCredit: -15, totalDue: 60 },
    });
    await waitUntil(
      'health to be well',
      async () => (await health()).components.kafka.status === 'UP',
    );
    const figures = await (await fetch(`${program.url}/actuator/prometheus`)).text();
    expect(figures).toMatch(/orderloom_kafka_relayed_total\{cluster="main"\} [1-9]/);
    expect(figures).toMatch(/orderloom_kafka_relay_lag\{cluster="main"\} \d/);
    const listed = runProgram({ args: ['dead-letters', '--url', program.url] });
    expect(await listed.ended).toMatchObject({ code: 0 });
    expect(listed.output()).toContain('no dead letters');
    // Money for orders that nobody has placed here.
    const unknown = [1, 2, 3].map(() => ({ ...order, orderId: randomUUID() }));
    for (const one of unknown) await publish(broker.address, 'payment.processed', one);
    const letters = await waitUntil('three dead letters', async () => {
      const walked = await walkLetters(program.url);
      return walked.length === 3 && walked;
    });
    expect(letters.map(({ origin }) => origin.key).toSorted()).toEqual(
      unknown.map((one) => one.orderId).toSorted(),
    );
    expect(letters.map(({ code }) => code)).toEqual(Array(3).fill('PAYMENT_ORDER_UNKNOWN'));
    expect(letters[0]?.can).toEqual([{ action: 'kafka-dead-letters.replay', allowed: true }]);
    const replayed = runProgram({
      args: ['dead-letters', 'replay', 'main/none.dlq/0/1', '--url', program.url],
    });
    expect(await replayed.ended).toMatchObject({ code: 1 });
    expect(replayed.output()).toContain('not found  main/none.dlq/0/1: no trigger has');
    const list = (topic: string) =>
      fetch(`${program.url}/api/v1/kafka/dead-letters?topic=${topic}`);
    expect((await list('payment.processed')).status).toBe(200);
    for (const [topic, meant] of [
      ['payment.proccessed', 'payment.processed'],
      ['payment.failed.dlq', 'payment.failed'],
    ] as const) {
      expect(await (await list(topic)).json()).toMatchObject({
        code: 'KAFKA_TOPIC_NOT_READ',
        detail: expect.stringContaining(`found ${topic}; did you mean ${meant}`),
      });
    }
    await broker.halt('SIGKILL');
    const gone = await list('payment.processed');
    expect([gone.status, gone.headers.get('retry-after')]).toEqual([503, '1']);
    expect(await gone.json()).toMatchObject({ code: 'KAFKA_UNAVAILABLE' });
    expect(await program.stop()).toMatchObject({ code: 0 });
  });
});
