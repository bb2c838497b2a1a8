// CRC-64 as RDB files and DUMP have it: Jones's polynomial, reflected, begun at
// 0 and ended as it is. A sum can be gone on with: it is its own state.
//
// Eight bytes at a time are looked up in eight tables of 256 sums each, which
// are made when the first sum is asked for. Table n holds what a byte
// contributes that is followed by n others.

const POLYNOMIAL: u64 = 0x95ac9329ac4bc9b5;
const TABLE_COUNT: u32 = 8;
const TABLE_BYTES: u32 = 2048;
const tables: u32 = u32(memory.data(16384, 8));

// @ts-ignore: decorator
@inline
function sumAt(table: u32, byte: u64): u64 {
  return load<u64>(tables + table * TABLE_BYTES + (u32(byte) << 3));
}

function makeTables(): void {
  for (let byte: u32 = 0; byte < 256; byte++) {
    let sum = u64(byte);
    for (let bit = 0; bit < 8; bit++) {
      sum = (sum >> 1) ^ (POLYNOMIAL & (0 - (sum & 1)));
    }
    store<u64>(tables + (byte << 3), sum);
  }
  for (let at: u32 = TABLE_BYTES; at < TABLE_COUNT * TABLE_BYTES; at += 8) {
    const sum = load<u64>(tables + at - TABLE_BYTES);
    store<u64>(tables + at, sumAt(0, sum & 255) ^ (sum >> 8));
  }
}

/** The sum of what was summed up before and of these bytes behind it. */
export function crc64(sum: u64, at: u32, byteCount: u32): u64 {
  if (!sumAt(0, 1)) makeTables();
  const end = at + byteCount;
  for (const wordsEnd = at + (byteCount & ~7); at != wordsEnd; at += 8) {
    sum ^= load<u64>(at);
    sum = sumAt(7, sum & 255) ^
      sumAt(6, (sum >> 8) & 255) ^
      sumAt(5, (sum >> 16) & 255) ^
      sumAt(4, (sum >> 24) & 255) ^
      sumAt(3, (sum >> 32) & 255) ^
      sumAt(2, (sum >> 40) & 255) ^
      sumAt(1, (sum >> 48) & 255) ^
      sumAt(0, sum >> 56);
  }
  for (; at != end; at++) {
    sum = sumAt(0, (sum ^ u64(load<u8>(at))) & 255) ^ (sum >> 8);
  }
  return sum;
}
