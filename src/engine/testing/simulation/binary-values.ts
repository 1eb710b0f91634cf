/** Reads arrays in PostgreSQL's binary form back: the other half of `store/binary-array.ts`. */

const headerBytes = 20;

function* elements(value: unknown): Generator<Buffer> {
  const buffer = value as Buffer;
  for (let at = headerBytes; at < buffer.length; ) {
    const length = buffer.readInt32BE(at);
    yield buffer.subarray(at + 4, at + 4 + length);
    at += 4 + length;
  }
}

/** The texts of an array. */
export function readTexts(value: unknown): readonly string[] {
  return [...elements(value)].map((bytes) => bytes.toString('utf8'));
}

/** The ids of an array. */
export function readUuids(value: unknown): readonly string[] {
  return [...elements(value)].map((bytes) => {
    const hex = bytes.toString('hex');
    const parts = [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20)];
    return [...parts, hex.slice(20)].join('-');
  });
}

/** The numbers of an array of four bytes each. */
export function readIntegers(value: unknown): readonly number[] {
  return [...elements(value)].map((bytes) => bytes.readInt32BE());
}

/** The numbers of an array of eight bytes each. */
export function readBigints(value: unknown): readonly bigint[] {
  return [...elements(value)].map((bytes) => bytes.readBigInt64BE());
}
