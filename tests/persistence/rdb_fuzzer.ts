/**
 * Breaks RDB files and DUMP payloads and gives them to the reader: each must be
 * refused or loaded, with every structure whole, all values readable, and all
 * memory back once the data has gone.
 */
import { Buffer } from "node:buffer";
import { assert, assertEquals } from "@std/assert";
import { RdbError } from "../../src/persistence/rdb_loader.ts";
import { Random } from "../support/random.ts";
import * as rdb from "./rdb_bytes.ts";
import { NOW_MS, type RdbHost } from "./rdb_host.ts";

/** No input is so large that it may take longer. */
const ROUND_MS_MAX = 5000;
/** Nothing that is broken may make the engine grow by more. */
const GROWTH_BYTES_MAX = 64 << 20;

const INTERESTING = [
  ...[0, 1, 2, 3, 11, 12, 63, 64, 127, 128, 129, 192, 193, 194, 195, 196],
  ...[224, 240, 241, 243, 244, 252, 253, 254, 255],
];

export interface FuzzCounts {
  loaded: number;
  refused: number;
  /** Rounds by what was wrong, for whoever wants to see the spread. */
  faults: Map<number, number>;
}

export class RdbFuzzer {
  readonly host: RdbHost;
  readonly #random: Random;
  /** Types with their values, as a file has them. */
  readonly #values: Uint8Array[];
  readonly #baseBytes: number;
  readonly #baseReserved: number;
  readonly counts: FuzzCounts = { loaded: 0, refused: 0, faults: new Map() };
  /** The input of the current round, to be kept when it fails. */
  input: Uint8Array = new Uint8Array();

  constructor(host: RdbHost, seed: number) {
    this.host = host;
    this.#random = new Random(seed);
    this.#values = [...oldValues(), ...dumpedValues(host)];
    host.empty();
    this.#baseBytes = host.usedBytes;
    this.#baseReserved = host.engine.calls.reservedBytes();
  }

  /** One broken input, read and judged. */
  round(): void {
    const isFile = this.#random.int(2) === 0;
    const startMs = performance.now();
    const isLoaded = isFile ? this.#file() : this.#payload();
    const tookMs = performance.now() - startMs;
    if (isLoaded) this.counts.loaded++;
    else this.counts.refused++;
    this.#judge();
    assert(tookMs < ROUND_MS_MAX, `it took ${tookMs} ms`);
  }

  #judge(): void {
    const { host } = this;
    host.verify();
    // Walks through every element of every value.
    host.bench.server.keyspace.digest();
    host.empty();
    assertEquals(host.usedBytes, this.#baseBytes, "memory did not come back");
    const grown = host.engine.calls.reservedBytes() - this.#baseReserved;
    assert(grown < GROWTH_BYTES_MAX, `the engine grew by ${grown} bytes`);
  }

  #file(): boolean {
    const random = this.#random;
    const parts: rdb.Piece[] = [];
    const keyCount = 1 + random.int(4);
    if (random.int(4) === 0) parts.push(rdb.select(1));
    if (random.int(4) === 0) parts.push(rdb.resize(keyCount, 1));
    for (let i = 0; i < keyCount; i++) {
      if (random.int(5) === 0) parts.push(rdb.dueMs(NOW_MS + 1000));
      const value = this.#value();
      parts.push(value.subarray(0, 1), rdb.string(`k${i}`), value.subarray(1));
    }
    const version = random.int(8) === 0 ? 4 : 12;
    this.input = random.int(10) === 0
      ? this.#broken(rdb.file(version, ...parts))
      : rdb.file(version, this.#broken(rdb.concat(parts)));
    try {
      this.host.load(this.input, {
        checksum: random.int(10) === 0,
        piece: random.int(3) === 0 ? 1 + random.int(20) : 1 << 16,
        byteCount: random.int(3) === 0 ? -1 : this.input.length,
        budget: 1 + random.int(50),
        replaces: random.int(2) === 0,
      });
      return true;
    } catch (error) {
      if (!(error instanceof RdbError)) throw error;
      assert(error.expected !== "no memory for more", error.expected);
      const { faults } = this.counts;
      faults.set(error.fault, (faults.get(error.fault) ?? 0) + 1);
      return false;
    }
  }

  #payload(): boolean {
    const value = this.#value();
    const body = this.#broken(value);
    const whole = rdb.payload(body[0] ?? 0, body.subarray(1));
    this.input = this.#random.int(20) === 0 ? this.#broken(whole) : whole;
    const reply = this.host.call("RESTORE", "k", "0", this.input, "REPLACE");
    if (reply === "+OK") return true;
    assert(
      reply === "-ERR Bad data format" ||
        reply === "-ERR DUMP payload version or checksum are wrong",
      reply,
    );
    return false;
  }

  #value(): Uint8Array {
    return this.#values[this.#random.int(this.#values.length)];
  }

  /** Some changes of bytes, a cut, or a piece of another value. */
  #broken(bytes: Uint8Array): Uint8Array {
    let result = bytes.slice();
    for (let left = this.#random.int(4); left >= 0; left--) {
      result = this.#brokenOnce(result);
    }
    return result;
  }

  #brokenOnce(bytes: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
    const random = this.#random;
    if (bytes.length === 0) return bytes;
    // What matters most stands at the front of things.
    const at = random.int(2) === 0
      ? random.int(bytes.length)
      : random.int(Math.min(bytes.length, 40));
    switch (random.int(7)) {
      case 0:
        bytes[at] ^= 1 << random.int(8);
        return bytes;
      case 1:
        bytes[at] = INTERESTING[random.int(INTERESTING.length)];
        return bytes;
      case 2:
        bytes[at] += random.int(5) - 2;
        return bytes;
      case 3:
        return random.int(4) === 0 ? bytes.slice(0, at) : bytes;
      case 4: {
        const count = 1 + random.int(8);
        return rdb.joined(bytes.subarray(0, at), bytes.subarray(at + count));
      }
      case 5: {
        const again = bytes.subarray(at, at + 1 + random.int(16));
        return rdb.joined(bytes.subarray(0, at), again, bytes.subarray(at));
      }
      default: {
        const other = this.#value();
        const from = random.int(other.length);
        const piece = other.subarray(from, from + 1 + random.int(40));
        return rdb.joined(
          bytes.subarray(0, at),
          piece,
          bytes.subarray(random.int(2) === 0 ? at : at + piece.length),
        );
      }
    }
  }
}

/** Values in the forms that only old files and later versions have. */
function oldValues(): Uint8Array[] {
  const words = ["a", "b", 1, "c", 300, "x".repeat(70), -5, "d"];
  const texts = words.map(String);
  const scored = ["a", 1, "b", "1.5", "c", 2, "d", "inf"];
  const due = NOW_MS + 5000;
  return [
    rdb.joined([0], rdb.compressed("some text", 40)),
    rdb.joined([1, 3], rdb.string("a"), rdb.int16(700), rdb.string("b")),
    rdb.joined([10], rdb.string(rdb.ziplist(...words, 2 ** 40, 70_000))),
    rdb.joined(
      [14, 2],
      rdb.string(rdb.ziplist(...words)),
      rdb.string(rdb.ziplist("z")),
    ),
    rdb.joined(
      ...[[18, 3, 2], rdb.string(rdb.listpack(...words))],
      ...[[1], rdb.string("plain"), [2], rdb.string(rdb.listpack("end"))],
    ),
    ...[2, 4, 8].map((width) =>
      rdb.joined([11], rdb.string(rdb.intset(width as 2, -7, 1, 2, 3000)))
    ),
    rdb.joined([20], rdb.string(rdb.listpack(...words))),
    rdb.joined(
      [3, 2],
      ...[rdb.string("a"), rdb.textDouble("1.25")],
      ...[rdb.string("b"), rdb.textDouble("inf")],
    ),
    rdb.joined([12], rdb.string(rdb.ziplist(...scored))),
    rdb.joined([17], rdb.string(rdb.listpack(...scored))),
    rdb.joined([9], rdb.string(rdb.zipmap(2, ...texts))),
    rdb.joined([13], rdb.string(rdb.ziplist(...words))),
    rdb.joined([16], rdb.string(rdb.listpack(...words))),
    rdb.joined(
      ...[[24], rdb.little(due, 8), [2, 1], rdb.string("f"), rdb.string("v")],
      ...[[0], rdb.string("g"), rdb.string("w")],
    ),
    rdb.joined(
      ...[[25], rdb.little(due, 8)],
      rdb.string(rdb.listpack("f", "v", due, "g", "w", 0)),
    ),
  ];
}

/** Values of every encoding, small ones, as DUMP writes them. */
function dumpedValues(host: RdbHost): Uint8Array[] {
  const numbers = Array.from({ length: 20 }, (_, i) => i);
  const commands: (string | number)[][] = [
    ["SET", "string", "value"],
    ["SET", "int", 12345],
    ["SET", "long", "abcabc ".repeat(60)],
    ["RPUSH", "list", "a", "b", 5],
    ["RPUSH", "nodes", ...numbers.map((i) => `${i}`.repeat(500))],
    ["SADD", "intset", 1, 2, 70_000],
    ["SADD", "set", "a", "b", 3],
    ["SADD", "table", "a".repeat(65), "b", 3],
    ["HSET", "hash", "f", "v", "g", 5],
    ["HSET", "fields", "f", "v".repeat(65), "g", 5],
    ["HSET", "dated", "f", "v", "g", 5],
    ["HPEXPIREAT", "dated", NOW_MS + 9000, "FIELDS", 1, "f"],
    ["ZADD", "zset", 1, "a", 2.5, "b"],
    ["ZADD", "skiplist", 1, "a".repeat(65), "-inf", "b", 7, "c"],
  ];
  for (const words of commands) {
    const reply = host.call(...words);
    assert(!reply.startsWith("-"), `${words[0]}: ${reply}`);
  }
  const names = new Set(commands.map(([, name]) => String(name)));
  return [...names].map((name) => {
    const reply = host.raw("DUMP", name);
    const start = reply.indexOf("\r\n") + 2;
    const bytes = Buffer.from(reply.slice(start, -2), "latin1");
    return new Uint8Array(bytes.subarray(0, -10));
  });
}
