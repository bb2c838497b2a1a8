import { assert, assertEquals } from "@std/assert";
import {
  BIT_CHANGED,
  BIT_OFFSET,
  BIT_VALUE,
  BITOP_AND,
  BITOP_ANDOR,
  BITOP_DIFF,
  BITOP_DIFF1,
  BITOP_NOT,
  BITOP_ONE,
  BITOP_OR,
  BITOP_XOR,
  OUT_OF_MEMORY,
  OVERFLOW_WRAP,
  WRONG_TYPE,
} from "../../wasm/codes.ts";
import { Random } from "../support/random.ts";
import { BUILDS } from "../support/wasm.ts";
import { bitAt, someBytes, type Step, Strings, withBit } from "./bits_host.ts";
import { bytesOf } from "./word_host.ts";

const SEED = 20261120;
const NEVER = -1;
/** These need another source beside the first. */
const COMPARES_FIRST = new Set([BITOP_DIFF, BITOP_DIFF1, BITOP_ANDOR]);
/** Tiles of BITOP are this long; lengths around it are worth a try. */
const TILE_BYTES = 8192;

function modelCount(bytes: Uint8Array, first: number, last: number): number {
  let count = 0;
  for (let bit = first; bit <= last; bit++) count += bitAt(bytes, bit);
  return count;
}

function modelFind(
  bytes: Uint8Array,
  value: number,
  first: number,
  last: number,
): number {
  for (let bit = first; bit <= last; bit++) {
    if (bitAt(bytes, bit) === value) return bit;
  }
  return -1;
}

function modelCombine(operation: number, sources: Uint8Array[]): Uint8Array {
  const byteCount = Math.max(...sources.map((source) => source.length));
  return Uint8Array.from({ length: byteCount }, (_, i) => {
    const [first, ...rest] = sources.map((source) => source[i] ?? 0);
    if (operation === BITOP_NOT) return ~first;
    const others = rest.reduce((sum, byte) => sum | byte, 0);
    if (operation === BITOP_DIFF) return first & ~others;
    if (operation === BITOP_DIFF1) return others & ~first;
    if (operation === BITOP_ANDOR) return first & others;
    if (operation === BITOP_ONE) return onlyOnce([first, ...rest]);
    return rest.reduce((sum, byte) => {
      if (operation === BITOP_AND) return sum & byte;
      return operation === BITOP_OR ? sum | byte : sum ^ byte;
    }, first);
  });
}

function onlyOnce(bytes: number[]): number {
  let found = 0;
  for (let bit = 1; bit < 256; bit <<= 1) {
    if (bytes.filter((byte) => byte & bit).length === 1) found |= bit;
  }
  return found;
}

for (const { name, debug } of BUILDS) {
  Deno.test(`a bit is read and written where it lies (${name})`, async () => {
    const strings = await Strings.load(debug);
    const random = new Random(SEED);
    console.log(`seed ${SEED}`);
    const models = new Map<string, Uint8Array>();
    for (let round = 0; round < 4000; round++) {
      const key = random.pick(["a", "b", "c", "d"]);
      const model = models.get(key);
      const bit = random.int(random.pick([8, 100, 5000, 80_000]));
      const value = random.int(2);
      if (random.chance(0.02)) {
        const text = random.pick(["12345", "x".repeat(44), "y".repeat(500)]);
        strings.set(key, text);
        models.set(key, bytesOf(text));
      } else if (random.chance(0.5)) {
        const before = bitAt(model ?? new Uint8Array(), bit);
        const after = withBit(model ?? new Uint8Array(), bit, value);
        const same = model?.length === after.length && before === value;
        const expected = before | (same ? 0 : BIT_CHANGED);
        strings.calls.takeChanges();
        assertEquals(strings.setBit(key, bit, value), expected);
        assertEquals(strings.calls.takeChanges(), same ? 0 : 1);
        models.set(key, after);
      } else {
        const expected = bitAt(model ?? new Uint8Array(), bit);
        assertEquals(strings.getBit(key, bit), expected, `round ${round}`);
      }
    }
    for (const [key, model] of models) assertEquals(strings.get(key), model);
    strings.verify();
  });

  Deno.test(`a string that is written becomes raw (${name})`, async () => {
    const strings = await Strings.load(debug);
    strings.set("n", 17);
    assertEquals(strings.getBit("n", 2), 1);
    assertEquals(strings.encoding("n"), 0);
    assertEquals(strings.setBit("n", 2, 1), 1);
    assertEquals(strings.encoding("n"), 2);
    assertEquals(strings.get("n"), bytesOf("17"));
  });

  Deno.test(`writing a bit keeps the due time (${name})`, async () => {
    const strings = await Strings.load(debug);
    for (const value of ["12", "short", "x".repeat(2000)]) {
      strings.set("k", value, 5_000_000);
      strings.setBit("k", 30_000, 1);
      strings.say("k");
      assertEquals(strings.calls.dueOf(strings.db, 0), 5_000_000);
    }
    strings.verify();
  });

  Deno.test(`bits are counted between any two ends (${name})`, async () => {
    const strings = await Strings.load(debug);
    const random = new Random(SEED + 1);
    console.log(`seed ${SEED + 1}`);
    for (const byteCount of [1, 2, 3, 9, 11]) {
      const bytes = random.bytes(byteCount);
      strings.set("k", bytes);
      strings.open("k");
      for (let first = 0; first < byteCount * 8; first++) {
        for (let last = first; last < byteCount * 8; last++) {
          const count = strings.calls.countBits(first, last);
          assertEquals(count, modelCount(bytes, first, last));
        }
      }
    }
    for (let round = 0; round < 200; round++) {
      const bytes = someBytes(random, 1 + random.int(3000));
      const first = random.int(bytes.length * 8);
      const last = first + random.int(bytes.length * 8 - first);
      strings.set("k", bytes);
      strings.open("k");
      const count = strings.calls.countBits(first, last);
      assertEquals(count, modelCount(bytes, first, last), `round ${round}`);
    }
  });

  Deno.test(`counting sums up long runs of ones (${name})`, async () => {
    const strings = await Strings.load(debug);
    for (const byteCount of [447, 448, 449, 450, 897, 4096, 100_003]) {
      strings.set("k", new Uint8Array(byteCount).fill(0xff));
      strings.open("k");
      const lastBit = byteCount * 8 - 1;
      assertEquals(strings.calls.countBits(0, lastBit), byteCount * 8);
      assertEquals(strings.calls.countBits(1, lastBit - 1), byteCount * 8 - 2);
    }
  });

  Deno.test(`a bit is found between any two ends (${name})`, async () => {
    const strings = await Strings.load(debug);
    const random = new Random(SEED + 2);
    console.log(`seed ${SEED + 2}`);
    for (let round = 0; round < 1500; round++) {
      const bytes = someBytes(
        random,
        1 + random.int(random.pick([3, 20, 700])),
      );
      const first = random.int(bytes.length * 8);
      const last = first + random.int(bytes.length * 8 - first);
      strings.set("k", bytes);
      strings.open("k");
      for (const value of [0, 1]) {
        const found = strings.calls.findBit(value, first, last);
        const expected = modelFind(bytes, value, first, last);
        assertEquals(found, expected, `round ${round}`);
      }
    }
  });

  Deno.test(`a lone bit is found wherever it is (${name})`, async () => {
    const strings = await Strings.load(debug);
    for (const value of [0, 1]) {
      for (let bit = 0; bit < 160 * 8; bit++) {
        const fill = new Uint8Array(160).fill(value ? 0 : 0xff);
        strings.set("k", withBit(fill, bit, value));
        strings.open("k");
        const { findBit } = strings.calls;
        assertEquals(findBit(value, 0, 1279), bit);
        assertEquals(findBit(value, bit, 1279), bit);
        assertEquals(findBit(value, 0, bit), bit);
        if (bit > 0) assertEquals(findBit(value, 0, bit - 1), -1);
        if (bit < 1279) assertEquals(findBit(value, bit + 1, 1279), -1);
      }
    }
  });

  Deno.test(`BITOP combines as its model does (${name})`, async () => {
    const strings = await Strings.load(debug);
    const random = new Random(SEED + 3);
    console.log(`seed ${SEED + 3}`);
    const keys = ["a", "b", "c", "d", "e", "f"];
    const lengths = [0, 1, 7, 8, 9, 20, 21, 63, 64, 65, 511, 512, 513, 1000];
    const long = [TILE_BYTES - 1, TILE_BYTES, TILE_BYTES + 1, 3 * TILE_BYTES];
    for (let round = 0; round < (debug ? 500 : 2000); round++) {
      const models = new Map<string, Uint8Array>();
      for (const key of keys) {
        const byteCount = random.pick(random.chance(0.1) ? long : lengths);
        const value = random.chance(0.1)
          ? bytesOf(random.int(2 ** 32))
          : someBytes(random, byteCount);
        strings.set(key, value, random.chance(0.2) ? 2_000_000 : 0);
        models.set(key, value);
      }
      const operation = random.int(8);
      const least = COMPARES_FIRST.has(operation) ? 2 : 1;
      const count = operation === BITOP_NOT ? 1 : least + random.int(8);
      const sources = Array.from(
        { length: count },
        () => random.pick([...keys, "missing"]),
      );
      const to = random.pick(keys);
      const expected = modelCombine(
        operation,
        sources.map((key) => models.get(key) ?? new Uint8Array()),
      );
      const byteCount = strings.combine(operation, to, ...sources);
      assertEquals(byteCount, expected.length, `round ${round}`);
      if (byteCount > 0) {
        assertEquals(strings.get(to), expected, `round ${round}`);
        assertEquals(strings.encoding(to), 2);
        strings.say(to);
        assertEquals(strings.calls.dueOf(strings.db, 0), -1);
      } else assertEquals(strings.get(to), models.get(to));
    }
    strings.verify();
  });

  Deno.test(`BITOP takes thousands of sources (${name})`, async () => {
    const strings = await Strings.load(debug);
    strings.set("long", new Uint8Array(3 * TILE_BYTES).fill(1));
    for (let i = 0; i < 50; i++) strings.set(`k${i}`, i);
    const sources = Array.from({ length: 3000 }, (_, i) => `k${i % 100}`);
    const expected = modelCombine(BITOP_OR, [
      new Uint8Array(3 * TILE_BYTES).fill(1),
      ...Array.from({ length: 50 }, (_, i) => bytesOf(i)),
    ]);
    strings.combine(BITOP_OR, "d", ...sources, "long", ...sources);
    assertEquals(strings.get("d"), expected);
  });

  Deno.test(`BITOP leaks nothing (${name})`, async () => {
    const strings = await Strings.load(debug);
    const bytes = new Uint8Array(100_000).fill(7);
    strings.set("a", bytes);
    for (const operation of [BITOP_AND, BITOP_OR, BITOP_XOR, BITOP_NOT]) {
      strings.combine(operation, "d", "a");
      strings.say("");
      const usedBytes = strings.calls.usedBytes();
      strings.combine(operation, "d", "a");
      strings.say("");
      assertEquals(strings.calls.usedBytes(), usedBytes);
    }
    strings.verify();
  });

  Deno.test(`another type is refused and left (${name})`, async () => {
    const strings = await Strings.load(debug);
    const { calls, db } = strings;
    strings.makeList("list");
    strings.set("d", "kept");
    assertEquals(strings.getBit("list", 0), WRONG_TYPE);
    assertEquals(strings.setBit("list", 0, 1), WRONG_TYPE);
    assertEquals(strings.combine(BITOP_OR, "d", "d", "list"), WRONG_TYPE);
    strings.say("list", "u8", 0);
    assertEquals(calls.openFields(db, 0, 0), WRONG_TYPE);
    assertEquals(calls.openFields(db, 0, 8), WRONG_TYPE);
    assertEquals(strings.get("d"), bytesOf("kept"));
  });

  Deno.test(`BITOP replaces another type (${name})`, async () => {
    const strings = await Strings.load(debug);
    strings.set("a", "abc");
    strings.makeList("d");
    assertEquals(strings.combine(BITOP_OR, "d", "a"), 3);
    assertEquals(strings.get("d"), bytesOf("abc"));
    strings.verify();
  });

  Deno.test(`a bit offset is one in a string (${name})`, async () => {
    const strings = await Strings.load(debug);
    const good = ["0", "1", "4294967295"];
    for (const offset of good) assertEquals(strings.getBit("k", offset), 0);
    const bad = ["-1", "4294967296", "9223372036854775807", "", "a", "#1"];
    bad.push("1.5", " 1", "01", "-0", "9223372036854775808", "#");
    for (const offset of bad) {
      assertEquals(strings.getBit("k", offset), BIT_OFFSET, offset);
      assertEquals(strings.setBit("k", offset, 1), BIT_OFFSET, offset);
    }
    strings.calls.setMaxStringBytes(2);
    assertEquals(strings.setBit("k", 15, 1), BIT_CHANGED);
    assertEquals(strings.setBit("k", 16, 1), BIT_OFFSET);
    assertEquals(strings.get("k"), new Uint8Array([0, 1]));
  });

  Deno.test(`a bad offset comes before a bad bit (${name})`, async () => {
    const strings = await Strings.load(debug);
    for (const value of ["2", "-1", "", "x", "01", "1.0", "4294967296"]) {
      assertEquals(strings.setBit("k", 0, value), BIT_VALUE, value);
    }
    assertEquals(strings.setBit("k", "x", "2"), BIT_OFFSET);
    assertEquals(strings.get("k"), null);
  });
}

Deno.test("no bit operation half-applies when memory runs out", async () => {
  const value = "x".repeat(600);
  const attempts: [string, (strings: Strings) => number][] = [
    ["a new key", (it) => it.setBit("new", 50, 1)],
    ["an integer", (it) => it.setBit("int", 1, 0)],
    ["a short string", (it) => it.setBit("short", 9000, 1)],
    ["a long string", (it) => it.setBit("long", 900_000, 1)],
    ["a short result", (it) => it.combine(BITOP_XOR, "new", "short", "int")],
    ["a long result", (it) => it.combine(BITOP_NOT, "new", "long")],
    ["a replaced string", (it) => it.combine(BITOP_OR, "int", "long")],
    ["its own source", (it) => it.combine(BITOP_NOT, "long", "long")],
    ["a field", (it) => {
      it.say("int");
      return it.calls.openFields(it.db, 0, 70_000);
    }],
  ];
  for (const [name, attempt] of attempts) {
    for (let allowed = 0;; allowed++) {
      const strings = await Strings.load(true);
      const { calls } = strings;
      strings.set("int", 123, 9_000_000);
      strings.set("short", "abc");
      strings.set("long", value);
      strings.say("", "", "", "");
      const usedBytes = calls.usedBytes();
      // The words of the attempt take one block themselves.
      calls.failAllocationsAfter(allowed + 1);
      const code = attempt(strings);
      calls.failAllocationsAfter(NEVER);
      strings.verify();
      if (code !== OUT_OF_MEMORY) {
        assert(allowed > 0 && code >= 0, `${name}: ${code}`);
        break;
      }
      assertEquals(strings.get("new"), null, name);
      assertEquals(strings.get("int"), bytesOf("123"), name);
      assertEquals(strings.get("short"), bytesOf("abc"), name);
      assertEquals(strings.get("long"), bytesOf(value), name);
      strings.say("", "", "", "");
      assertEquals(calls.usedBytes(), usedBytes, `${name}, ${allowed}`);
    }
  }
});

Deno.test("the last bit of the longest string is like any other", async () => {
  const strings = await Strings.load(false);
  const { calls } = strings;
  const lastBit = 2 ** 32 - 1;
  assertEquals(strings.setBit("k", lastBit, 1), BIT_CHANGED);
  assertEquals(strings.getBit("k", lastBit), 1);
  assert(strings.open("k"));
  assertEquals(calls.viewBytes() >>> 0, 2 ** 29);
  assertEquals(calls.countBits(0, lastBit), 1);
  assertEquals(calls.findBit(1, 0, lastBit), lastBit);
  assertEquals(calls.findBit(1, lastBit, lastBit), lastBit);
  assertEquals(calls.findBit(0, lastBit, lastBit), -1);
  // A field may begin at the last bit, and then the string is longer still.
  const step: Step = {
    ...{ kind: "set", type: "u8", offset: lastBit, amount: 255n },
    mode: OVERFLOW_WRAP,
  };
  assertEquals(strings.field("k", step).reply, ":128\r\n");
  assert(strings.open("k"));
  assertEquals(calls.viewBytes() >>> 0, 2 ** 29 + 1);
  assertEquals(calls.countBits(0, lastBit + 8), 8);
});

Deno.test("a string that no memory can hold is refused", async () => {
  const strings = await Strings.load(false);
  strings.calls.setMaxStringBytes(2 ** 32 - 1);
  assertEquals(strings.setBit("k", 2 ** 35 - 9, 1), OUT_OF_MEMORY);
  strings.say("k");
  const { calls, db } = strings;
  assertEquals(calls.openFields(db, 0, 2 ** 35 + 40), OUT_OF_MEMORY);
  assertEquals(strings.get("k"), null);
  strings.verify();
});
