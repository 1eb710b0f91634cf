/** Shards: the unit of ownership. There are 256, and an instance's id decides its shard, for ever. */

/** The shard of an instance. The last byte of a UUIDv7 is random, so shards fill evenly. */
export function shardOf(instanceId: string): number {
  return Number.parseInt(instanceId.slice(-2), 16);
}
