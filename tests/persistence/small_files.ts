/**
 * Small RDB files with values of every type that a file can hold, those of old
 * versions too, and each in few bytes: to be damaged at every place.
 */
import { Bench, bytesOf } from "../dispatch/harness.ts";
import { encodeCommands } from "../support/client.ts";
import { latin1, type Plain, plain, ReplyReader } from "../support/reply.ts";

/** The forms for many elements begin early, so that both stay small. */
const NEAR_BORDERS = {
  "hash-max-listpack-entries": "2",
  "zset-max-listpack-entries": "2",
  "set-max-listpack-entries": "2",
  "set-max-intset-entries": "3",
  "list-max-listpack-size": "3",
};

const NOW_VALUES = [
  "SET text hello",
  "SET number 12345",
  `SET compressible ${"abc".repeat(30)}`,
  "RPUSH list a 1 -1000",
  "RPUSH longer 1 2 3 4 5 6 7",
  "SADD numbers 1 2 70000",
  "SADD words a b",
  "SADD more a b c 1",
  "HSET hash a 1 b 2",
  "HSET larger a 1 b 2 c 3",
  "ZADD scores 1 a 2.5 b",
  "ZADD ranks 1 a 2.5 b -inf c",
  "HSET dated a 1 b 2 c 3",
  "HPEXPIREAT dated 4000000000000 FIELDS 1 a",
];

/** Values as DUMP gives them, without their last ten bytes. */
export function smallValues(): Uint8Array[] {
  const client = new Bench(NEAR_BORDERS).connect();
  const keys = new Set<string>();
  for (const line of NOW_VALUES) {
    const words = line.split(" ");
    client.call(...words);
    keys.add(words[1]);
  }
  const now = [...keys].map((key) => {
    const dump = String(answer(client.call("DUMP", key)));
    return bytesOf(dump.slice(0, -10));
  });
  return [...now, ...oldValues()];
}

/** The same data as commands, with transactions and notes of the time. */
export function smallLog(): Uint8Array<ArrayBuffer> {
  const commands = NOW_VALUES.map((line) => line.split(" "));
  commands.splice(3, 0, ["MULTI"]);
  commands.splice(6, 0, ["EXEC"], ["SELECT", "1"]);
  const text = latin1(encodeCommands(commands));
  return bytesOf(`#TS:1700000000\r\n${text}#TS:1700000001\r\n`);
}

/** What DUMP would give: the value, the version, the checksum. */
export function payloadOf(value: Uint8Array, version = 11): Uint8Array {
  const payload = new Uint8Array(value.length + 10);
  payload.set(value);
  payload[value.length] = version;
  const view = new DataView(payload.buffer);
  const sum = crc64(payload.subarray(0, value.length + 2));
  view.setBigUint64(value.length + 2, sum, true);
  return payload;
}

/** The slow and obvious way, bit by bit, of the polynomial of Jones. */
function crc64(bytes: Uint8Array): bigint {
  let sum = 0n;
  for (const byte of bytes) {
    sum ^= BigInt(byte);
    for (let bit = 0; bit < 8; bit++) {
      sum = sum & 1n ? (sum >> 1n) ^ 0x95ac9329ac4bc9b5n : sum >> 1n;
    }
  }
  return sum;
}

/** What a client reads. */
export function answer(text: string): Plain {
  const reader = new ReplyReader();
  reader.push(bytesOf(text));
  return plain(reader.next()!);
}

/** The types that no version of today writes: type, then the value. */
function oldValues(): Uint8Array[] {
  const pairs = ziplist(["a", "1", "b", "2.5"]);
  return [
    [1, number(2), string("x"), string("y")],
    [3, number(2), string("a"), [1, 0x31], string("b"), [254]],
    [9, string([2, 1, 0x61, 1, 0, 0x31, 1, 0x62, 1, 0, 0x32, 0xff])],
    [10, string(ziplist(["x", "y", "17"]))],
    [12, string(pairs)],
    [13, string(pairs)],
    [14, number(2), string(ziplist(["x"])), string(ziplist(["y", "z"]))],
  ].map((parts) => Uint8Array.from(parts.flat()));
}

/** Of short strings only. */
function ziplist(elements: string[]): number[] {
  const entries: number[] = [];
  let last = 0;
  let before = 0;
  for (const element of elements) {
    last = 10 + entries.length;
    entries.push(before, element.length, ...bytesOf(element));
    before = 2 + element.length;
  }
  const total = 10 + entries.length + 1;
  return [
    ...[total, 0, 0, 0, last, 0, 0, 0, elements.length, 0],
    ...entries,
    0xff,
  ];
}

/** A length of less than 64. */
function number(value: number): number[] {
  return [value];
}

function string(content: string | number[]): number[] {
  const bytes = typeof content === "string" ? [...bytesOf(content)] : content;
  return [...number(bytes.length), ...bytes];
}

const AUX = 250, RESIZE = 251, DUE_MS = 252, DUE_S = 253, SELECT = 254;
const FREQUENCY = 249, IDLE = 248, EOF = 255;

/** A file with all of that, without a checksum. */
export function smallFile(version = 12): Uint8Array<ArrayBuffer> {
  const file: number[] = [
    ...bytesOf(`REDIS${String(version).padStart(4, "0")}`),
  ];
  const far = [0, 0x20, 0x4a, 0xa9, 0xa3, 3, 0, 0];
  file.push(AUX, ...string("redis-ver"), ...string("7.2.4"));
  file.push(SELECT, 0, RESIZE, 30, 2);
  for (const [i, value] of smallValues().entries()) {
    if (i === 1) file.push(DUE_MS, ...far);
    if (i === 2) file.push(IDLE, 40);
    if (i === 3) file.push(FREQUENCY, 5);
    if (i === 4) file.push(DUE_S, 0xff, 0xff, 0xff, 0x7e);
    if (i === 5) file.push(SELECT, 1);
    file.push(value[0], ...string(`k${i}`), ...value.subarray(1));
  }
  file.push(EOF, 0, 0, 0, 0, 0, 0, 0, 0);
  return Uint8Array.from(file);
}
