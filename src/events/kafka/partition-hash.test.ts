/** The hash is that of Kafka's own clients. */

import { murmur2 } from '@platformatic/kafka';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { partitionHash } from './partition-hash.ts';

test.each([
  ['21', -973932308],
  ['foobar', -790332482],
  ['a-little-bit-long-string', -985981536],
  ['a-little-bit-longer-string', -1486304829],
  ['lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8', -58897971],
])('of %s as in the tests of the Java client', (key, murmur) => {
  expect(partitionHash(Buffer.from(key))).toBe(murmur & 0x7fffffff);
});

test('of any key as in the client library', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 70 }), (bytes) => {
      expect(partitionHash(bytes)).toBe(murmur2(Buffer.from(bytes)) & 0x7fffffff);
    }),
  );
});
