/** What a person is told to type when the program is ready. */
import { expect, test } from 'vitest';
import { demoLines, kafkaLines, pausedLines } from './banner.ts';
import { readConfig } from './config.ts';

test('the commands find a program at another port than the usual one', () => {
  expect(demoLines('http://localhost:3001').join('\n')).toContain(
    'Watch them:  npx orderloom orders',
  );
  const elsewhere = demoLines('http://localhost:4000').join('\n');
  expect(elsewhere).toContain('Watch them:  PORT=4000 npx orderloom orders');
  expect(elsewhere).toContain('play:  PORT=4000 npx orderloom demo');
});

test('who starts it paused, or with Kafka, sees that it is', () => {
  const config = readConfig({ KAFKA_BROKERS: 'a:9092,b:9092', ENGINE_PAUSED: 'on' });
  expect(kafkaLines(config)).toEqual(['  Kafka             main at a:9092, b:9092']);
  expect(pausedLines(config, 'http://localhost:4000').join('\n')).toContain(
    'until:  PORT=4000 npx orderloom engine resume',
  );
  const plain = readConfig({});
  expect([...kafkaLines(plain), ...pausedLines(plain, 'http://localhost:3001')]).toEqual([]);
});
