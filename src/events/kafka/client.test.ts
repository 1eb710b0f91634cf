/** The client reads the answer of a broker that no longer leads a partition. */
import { produceV11, Reader, Writer } from '@platformatic/kafka';
import { expect, test } from 'vitest';
import './client.ts';
import { apiCodes } from './publisher.ts';

const produceKey = 0;
const notLeader = 6;

/** One partition of an answer to `Produce`, version 11, without its tagged fields. */
function partition(answer: Writer, index: number, errorCode: number): Writer {
  return answer
    .appendInt32(index)
    .appendInt16(errorCode)
    .appendInt64(errorCode === 0 ? 41n : -1n)
    .appendInt64(-1n)
    .appendInt64(0n)
    .appendUnsignedVarInt(1)
    .appendUnsignedVarInt(0);
}

/** As brokers answer since Kafka 3.7 whose partition 0 has moved to broker 2, and whose partition 1 has not. */
function movedPartition(): Buffer {
  const answer = Writer.create().appendUnsignedVarInt(2).appendString('orders');
  answer.appendUnsignedVarInt(3);
  // One tagged field, CurrentLeader: broker 2 in epoch 300, with no tagged fields of its own.
  partition(answer, 0, notLeader).appendUnsignedVarInt(1).appendUnsignedVarInt(0);
  answer.appendUnsignedVarInt(9).appendInt32(2).appendInt32(300).appendUnsignedVarInt(0);
  partition(answer, 1, 0).appendUnsignedVarInt(0);
  // Of the topic none; then the throttling, and one more field for the addresses of the new leaders.
  answer.appendUnsignedVarInt(0).appendInt32(0);
  answer.appendUnsignedVarInt(1).appendUnsignedVarInt(0).appendUnsignedVarInt(1);
  return answer.appendUnsignedVarInt(1).buffer;
}

test('an answer that names another leader is read to its end', () => {
  const reader = Reader.from(movedPartition());
  let failure: unknown;
  try {
    produceV11.parseResponse(1, produceKey, 11, reader);
  } catch (error) {
    failure = error;
  }
  // As itself: the client then asks who leads, instead of giving up the whole request.
  expect(apiCodes(failure)).toEqual(['NOT_LEADER_OR_FOLLOWER']);
  expect(failure).toMatchObject({
    response: {
      responses: [
        { name: 'orders', partitionResponses: [{ index: 0 }, { index: 1, baseOffset: 41n }] },
      ],
    },
  });
});
