/** Shards: the unit of ownership. An instance's id decides its shard, for ever. */

/** How many shards there are; never changed. */
export const shardCount = 256;

/** The shard of an instance. The last byte of a UUIDv7 is random, so shards fill evenly. */
export function shardOf(instanceId: string): number {
  return Number.parseInt(instanceId.slice(-2), 16);
}
