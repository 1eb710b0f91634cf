/** Shards: the unit of ownership. There are 256, and an instance's id decides its shard, for ever. */

/** How many there are. */
export const shardCount = 256;

/** The shard of an instance. The last byte of a UUIDv7 is random, so shards fill evenly. */
export function shardOf(instanceId: string): number {
  return Number.parseInt(instanceId.slice(-2), 16);
}

/** This id moved into a shard: its last byte is replaced, and what it sorts by stays. */
export function idInShard(id: string, shard: number): string {
  return id.slice(0, -2) + shard.toString(16).padStart(2, '0');
}
