/**
 * A suite of tests that need a Kafka broker. Where there is none (no Java, no jars) its tests are
 * skipped, and one line says why.
 */
import { describe } from 'vitest';
import { brokerJars } from './broker-jars.ts';

/** As `describe`, with a broker available to the tests inside. */
export async function describeWithKafka(name: string, tests: () => void): Promise<void> {
  const { missing } = await brokerJars();
  if (missing !== null) console.warn(`Kafka tests skipped (${name}): ${missing}`);
  describe.skipIf(missing !== null)(
    missing === null ? name : `${name} (skipped: ${missing})`,
    tests,
  );
}
