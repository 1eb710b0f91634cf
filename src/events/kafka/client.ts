/**
 * The Kafka client, with one flaw of it mended: how it passes over tagged fields, which answers carry so
 * that old clients can ignore what is new. It takes the number of these fields for a signed number of
 * bytes and goes on reading at the wrong place. Brokers send such fields when a partition has another
 * leader (`CurrentLeader`, since Kafka 3.7), so it failed with "Out of bounds" exactly when it had to find
 * the new leader; what was stored of that request was sent again. Everything here imports the client
 * from this file.
 */
import { Admin, Consumer, Producer, Reader } from '@platformatic/kafka';

/**
 * Passes over tagged fields as the protocol has them (KIP-482): how many, then of each its number, its
 * size and its bytes, all numbers unsigned.
 */
Reader.prototype.readTaggedFields = function readTaggedFields(this: Reader): void {
  const fields = this.readUnsignedVarInt();
  for (let field = 0; field < fields; field += 1) {
    this.readUnsignedVarInt();
    this.skip(this.readUnsignedVarInt());
  }
};

export { Admin, Consumer, Producer };
