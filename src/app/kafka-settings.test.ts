/** Settings of Kafka: what they mean, and what is wrong with them told at once. */
import { rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { laterCleanup } from '../../test/support/cleanup.ts';
import { readConfig } from './config.ts';
import { clustersOf } from './kafka.ts';

test('without brokers there is no cluster', () => {
  expect(clustersOf(readConfig({}))).toEqual([]);
});

test('one cluster by single settings, others as JSON', async () => {
  const file = join(tmpdir(), `orderloom-ca-${process.pid}.pem`);
  await writeFile(file, 'a certificate');
  laterCleanup(() => rm(file));
  const config = readConfig({
    KAFKA_BROKERS: 'a:9092, b',
    KAFKA_CA_FILE: file,
    KAFKA_USERNAME: 'me',
    KAFKA_PASSWORD: 'secret',
    KAFKA_SASL_MECHANISM: 'SCRAM-SHA-256',
    KAFKA_FALLBACK: 'comcast',
    KAFKA_CLUSTERS: JSON.stringify([
      { name: 'comcast', brokers: ['[::1]:9092'], tls: true, standby: true },
    ]),
  });
  expect(clustersOf(config)).toEqual([
    {
      name: 'main',
      brokers: ['a:9092', 'b'],
      tls: { ca: 'a certificate' },
      sasl: { mechanism: 'SCRAM-SHA-256', username: 'me', password: 'secret' },
      fallback: 'comcast',
      standby: false,
    },
    { name: 'comcast', brokers: ['[::1]:9092'], tls: {}, standby: true },
  ]);
});

test.each([
  [{ KAFKA_BROKERS: 'http://a:9092' }, /KAFKA_BROKERS: expected host:port/],
  [{ KAFKA_USERNAME: 'me' }, /KAFKA_PASSWORD: .* go together/],
  [{ KAFKA_CLUSTERS: '{' }, /KAFKA_CLUSTERS: expected JSON, found another value \(not shown\)/],
  [
    { KAFKA_CLUSTERS: '[{"name":"b","brokers":["b"],"username":"me"}]' },
    /expected username and password together/,
  ],
  [
    { KAFKA_BROKERS: 'a', KAFKA_CLUSTERS: '[{"name":"main","brokers":["b"]}]' },
    /expected other names than "main"/,
  ],
])('%j is refused with what to do', (env, message) => {
  expect(() => readConfig(env)).toThrow(message);
});

test('a file of certificates that is not there stops the start', () => {
  const config = readConfig({ KAFKA_BROKERS: 'a', KAFKA_CA_FILE: '/nowhere/ca.pem' });
  expect(() => clustersOf(config)).toThrow(/KAFKA_CA_FILE: expected a file.*ENOENT/);
});
