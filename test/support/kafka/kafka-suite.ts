/**
 * A suite of tests that need a Kafka broker. Where there is none (no Java, no jars) its tests are
 * skipped, and one line says why.
 */
import { afterAll, beforeAll, describe } from 'vitest';
import { brokerJars } from './broker-jars.ts';
import { startTestBroker, type TestBroker, type TestBrokerOptions } from './test-broker.ts';

/** As `describe`, with a broker available to the tests inside. */
export async function describeWithKafka(name: string, tests: () => void): Promise<void> {
  const { missing } = await brokerJars();
  if (missing !== null) console.warn(`Kafka tests skipped (${name}): ${missing}`);
  describe.skipIf(missing !== null)(
    missing === null ? name : `${name} (skipped: ${missing})`,
    tests,
  );
}

/** Two brokers on two busy cores may take longer than hooks usually may. */
const longestStartMs = 120_000;

/** Brokers for a suite, by name: started together before its tests, gone after them. */
export function suiteBrokers<Name extends string>(
  wanted: Readonly<Record<Name, TestBrokerOptions>>,
): Readonly<Record<Name, TestBroker>> {
  const started = {} as Record<Name, TestBroker>;
  beforeAll(async () => {
    const names = Object.keys(wanted) as Name[];
    await Promise.all(
      names.map(async (name) => {
        started[name] = await startTestBroker(wanted[name]);
      }),
    );
  }, longestStartMs);
  afterAll(async () => {
    await Promise.all(Object.values<TestBroker>(started).map((broker) => broker.stop()));
  });
  return started;
}
