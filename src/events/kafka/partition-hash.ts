/**
 * The hash by which Kafka's own clients choose a partition for a key (murmur2), so that events of one
 * key lie in the same partition whoever produces them. The client library has one on big integers,
 * which was measured to cost 5 µs a key; this one works on 32 bits.
 */

const multiplier = 0x5bd1e995;
const seed = 0x9747b28c;

/** The positive hash of a key; modulo the number of partitions it is the partition. */
export function partitionHash(key: Uint8Array): number {
  const { length } = key;
  let hash = seed ^ length;
  let at = 0;
  for (; at + 4 <= length; at += 4) {
    let word = key[at]! | (key[at + 1]! << 8) | (key[at + 2]! << 16) | (key[at + 3]! << 24);
    word = Math.imul(word, multiplier);
    word ^= word >>> 24;
    hash = Math.imul(hash, multiplier) ^ Math.imul(word, multiplier);
  }
  const rest = length - at;
  if (rest === 3) hash ^= key[at + 2]! << 16;
  if (rest >= 2) hash ^= key[at + 1]! << 8;
  if (rest >= 1) hash = Math.imul(hash ^ key[at]!, multiplier);
  hash = Math.imul(hash ^ (hash >>> 13), multiplier);
  return (hash ^ (hash >>> 15)) & 0x7fffffff;
}
