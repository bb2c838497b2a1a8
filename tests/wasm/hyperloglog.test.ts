/** HyperLogLogs in the engine: a plain model beside them, and no memory. */
import { assert, assertEquals } from "@std/assert";
import {
  HLL_CORRUPT,
  MISSING,
  NOT_A_HLL,
  OUT_OF_MEMORY,
  WRONG_TYPE,
} from "../../wasm/codes.ts";
import { Random } from "../support/random.ts";
import { BUILDS, loadModules } from "../support/wasm.ts";
import { bytesOf, type CommandExports, CommandHost } from "./word_host.ts";

const SEED = 6_021;
const REGISTERS = 16384, HEADER = 16, DENSE_BYTES = 12304;
const LIST = 1;

interface Exports extends CommandExports {
  setClock(ms: number): void;
  deleteKey(db: number, key: number): number;
  dueOf(db: number, key: number): number;
  setEntryKind(entry: number, type: number, encoding: number): void;
  setString(
    db: number,
    key: number,
    value: number,
    flags: number,
    dueMs: number,
  ): number;
  peekString(db: number, key: number): number;
  viewPtr(): number;
  viewBytes(): number;
  setHyperLogLogLimit(sparseBytes: number): void;
  addElements(db: number, key: number, first: number): number;
  replyCardinality(db: number, key: number): number;
  replyUnionCardinality(db: number): number;
  mergeHyperLogLogs(db: number): number;
  makeDense(db: number, key: number): number;
  isSparseKey(db: number, key: number): number;
  testHyperLogLog(): number;
}

const MODULES = [
  ...["allocator", "arguments", "access", "entry", "database", "limits"],
  ...["reply", "string", "hyperloglog", "hll_selftest"],
  ...["keys", "lookup"],
];

class Host extends CommandHost<Exports> {
  constructor(calls: Exports) {
    super(calls);
    calls.setClock(1_000_000);
  }

  set(key: string, value: string | Uint8Array, dueMs = 0): void {
    this.say(key, value);
    assertEquals(this.calls.setString(this.db, 1, 2, 0, dueMs), 1);
  }

  get(key: string): Uint8Array | null {
    this.say(key);
    const { calls } = this;
    if (calls.peekString(this.db, 1) === MISSING) return null;
    return this.bytes(calls.viewPtr() >>> 0, calls.viewBytes() >>> 0).slice();
  }

  add(key: string, ...elements: string[]): number {
    this.say(key, ...elements);
    return this.calls.addElements(this.db, 1, 2);
  }

  merge(...keys: string[]): number {
    this.say(...keys);
    return this.calls.mergeHyperLogLogs(this.db);
  }

  /** The cardinality of one key or the union of several, or a code. */
  count(...keys: string[]): number {
    this.say(...keys);
    const { calls } = this;
    const code = keys.length === 1
      ? calls.replyCardinality(this.db, 1)
      : calls.replyUnionCardinality(this.db);
    if (code < 0) return code;
    return Number(this.takeText().slice(1));
  }
}

// The model: registers, one after the other.

const MASK = (1n << 64n) - 1n;
const FACTOR = 0xc6a4a7935bd1e995n;

/** MurmurHash64A in whole numbers. */
function murmur(bytes: Uint8Array): bigint {
  let hash = 0xadc83b19n ^ (BigInt(bytes.length) * FACTOR & MASK);
  let at = 0;
  for (; at + 8 <= bytes.length; at += 8) {
    let word = wordOf(bytes.subarray(at, at + 8)) * FACTOR & MASK;
    word = (word ^ (word >> 47n)) * FACTOR & MASK;
    hash = (hash ^ word) * FACTOR & MASK;
  }
  if (at < bytes.length) {
    hash = (hash ^ wordOf(bytes.subarray(at))) * FACTOR & MASK;
  }
  hash = (hash ^ (hash >> 47n)) * FACTOR & MASK;
  return hash ^ (hash >> 47n);
}

function wordOf(bytes: Uint8Array): bigint {
  return bytes.reduceRight((word, byte) => word << 8n | BigInt(byte), 0n);
}

function raise(registers: Uint8Array, element: string): void {
  const hash = murmur(bytesOf(element));
  let rank = 1;
  for (let rest = hash >> 14n; rank < 51 && !(rest & 1n); rest >>= 1n) rank++;
  const register = Number(hash & 0x3fffn);
  registers[register] = Math.max(registers[register], rank);
}

/** Reads a value's registers; null when its runs are not sound. */
function registersOf(value: Uint8Array): Uint8Array | null {
  const registers = new Uint8Array(REGISTERS);
  if (value[4] === 0) {
    for (let i = 0; i < REGISTERS; i++) {
      const bit = i * 6, at = HEADER + (bit >> 3);
      const pair = value[at] | (value[at + 1] ?? 0) << 8;
      registers[i] = pair >> (bit & 7) & 63;
    }
    return registers;
  }
  let register = 0;
  for (let at = HEADER; at < value.length; at++) {
    const code = value[at];
    if (code & 0x80) {
      const end = register + (code & 3) + 1;
      if (end > REGISTERS) return null;
      registers.fill((code >> 2 & 31) + 1, register, end);
      register = end;
    } else if (code & 0x40) {
      register += ((code & 63) << 8 | value[++at]) + 1;
    } else register += code + 1;
  }
  return register === REGISTERS ? registers : null;
}

function assertRegisters(host: Host, key: string, model: Uint8Array): void {
  const value = host.get(key);
  assert(value !== null);
  assertEquals(registersOf(value), model);
}

for (const build of BUILDS) {
  const test = (name: string, run: (host: Host) => void) =>
    Deno.test(`${name} (${build.name})`, async () => {
      run(new Host(await loadModules<Exports>(MODULES, build)));
    });

  test("random elements raise the registers that the model raises", (host) => {
    for (let seed = SEED; seed < SEED + 12; seed++) {
      const random = new Random(seed);
      const limit = random.pick([0, 20, 100, 600, 3000, 16000]);
      host.calls.setHyperLogLogLimit(limit);
      const models = new Map<string, Uint8Array>();
      for (let step = 0; step < 40; step++) {
        const key = random.pick(["a", "b", "c"]);
        let model = models.get(key);
        if (!model) models.set(key, model = new Uint8Array(REGISTERS));
        if (random.chance(0.15)) {
          const from = random.pick(["a", "b", "c"]);
          assertEquals(host.merge(key, from), 1, `seed ${seed}`);
          models.get(from)?.forEach((rank, i) => {
            model[i] = Math.max(model[i], rank);
          });
        } else {
          const elements = Array.from(
            { length: random.int(random.pick([2, 10, 200])) },
            () => "e".repeat(random.int(9)) + random.int(50_000),
          );
          const before = model.slice();
          const isNew = host.get(key) === null;
          for (const element of elements) raise(model, element);
          const hasChanged = isNew || model.some((it, i) => it !== before[i]);
          assertEquals(host.add(key, ...elements), hasChanged ? 1 : 0);
        }
        assertRegisters(host, key, model);
        host.verify();
      }
      for (const [key, model] of models) {
        const counted = host.count(key);
        assertEquals(host.count(key, key), counted, `seed ${seed}`);
        assertEquals(host.count(key), counted, "the second time");
        host.say(key);
        assert(host.calls.makeDense(host.db, 1) >= 0);
        assertEquals(host.get(key)!.length, DENSE_BYTES);
        assertRegisters(host, key, model);
        host.add(key, "another one");
        assert(Math.abs(host.count(key) - counted) <= 1 + counted * 0.05);
        host.say(key);
        host.calls.deleteKey(host.db, 1);
      }
      host.verify();
    }
  });

  test("a due time stays through every form", (host) => {
    host.add("from");
    host.set("key", host.get("from")!, 5_000_000);
    for (let i = 0; i < 3000; i++) host.add("key", `element ${i}`);
    host.say("key");
    assertEquals(host.calls.isSparseKey(host.db, 1), 0);
    assertEquals(host.calls.dueOf(host.db, 1), 5_000_000);
    host.verify();
  });

  test("what is no HyperLogLog is refused and left alone", (host) => {
    const headless = new Uint8Array(DENSE_BYTES);
    const dense = headless.slice();
    dense.set(bytesOf("HYLL"));
    const values: [string | Uint8Array, number][] = [
      ["", NOT_A_HLL],
      ["12345", NOT_A_HLL],
      ["HYLL\x01\0\0\0\0\0\0\0\0\0\0", NOT_A_HLL],
      [headless, NOT_A_HLL],
      [dense.subarray(1), NOT_A_HLL],
      [dense.subarray(0, DENSE_BYTES - 1), NOT_A_HLL],
      ["HYLL\x02\0\0\0\0\0\0\0\0\0\0\0\x7f", NOT_A_HLL],
      // No run, one that is cut off, one register too few, too many.
      ["HYLL\x01\0\0\0\0\0\0\0\0\0\0\0", HLL_CORRUPT],
      ["HYLL\x01\0\0\0\0\0\0\0\0\0\0\0\x7f", HLL_CORRUPT],
      ["HYLL\x01\0\0\0\0\0\0\0\0\0\0\0\x3f", HLL_CORRUPT],
    ];
    for (const [value, code] of values) {
      host.set("bad", stale(value));
      const before = host.get("bad");
      assertEquals(host.count("bad"), code, String(value));
      assertEquals(host.count("bad", "none"), code);
      assertEquals(host.merge("to", "bad"), code);
      assertEquals(host.merge("bad", "none"), code);
      // Its register is one of the last: it has to be looked for to the end.
      assertEquals(host.add("bad", "element 6"), code);
      assertEquals(host.get("bad"), before);
      assertEquals(host.get("to"), null);
    }
    host.set("bad", "a list");
    host.say("bad");
    host.calls.setEntryKind(host.calls.lookupKey(host.db, 1), LIST, 0);
    assertEquals(host.count("bad"), WRONG_TYPE);
    assertEquals(host.merge("to", "bad"), WRONG_TYPE);
    assertEquals(host.add("bad", "a"), WRONG_TYPE);
    host.say("bad");
    host.calls.setEntryKind(host.calls.lookupKey(host.db, 1), 0, 1);
    host.verify();
  });

  test("random bytes in the code do no harm", (host) => {
    const random = new Random(SEED);
    for (let round = 0; round < 300; round++) {
      const header = bytesOf("HYLL\x01\0\0\0\0\0\0\0\0\0\0");
      const value = new Uint8Array(HEADER + random.int(60));
      value.set(header);
      value[15] = 0x80;
      value.set(random.bytes(value.length - HEADER), HEADER);
      if (round % 2) {
        // Sound ones, cut and repeated anyhow.
        host.calls.setHyperLogLogLimit(3000);
        host.add("good", `${round}`, `${round + 1}`, `${round + 2}`);
        const good = host.get("good")!.subarray(HEADER);
        const at = random.int(good.length);
        value.set(good.subarray(at, at + value.length - HEADER), HEADER);
      }
      host.set("bad", value);
      for (let i = 0; i < 20; i++) {
        host.calls.setHyperLogLogLimit(random.pick([0, 30, 70, 3000]));
        host.add(
          "bad",
          ...Array.from({ length: 5 }, () => `${random.int(99)}`),
        );
        host.count("bad");
        host.merge("bad", "good");
      }
      host.verify();
    }
  });
}

/** The same value with its count marked as one that no longer holds. */
function stale(value: string | Uint8Array): Uint8Array {
  const bytes = bytesOf(value).slice();
  if (bytes.length > 15) bytes[15] = 0x80;
  return bytes;
}

Deno.test("without memory nothing has changed", async () => {
  const host = new Host(await loadModules<Exports>(MODULES, { debug: true }));
  const random = new Random(SEED);
  let failures = 0;
  for (let round = 0; round < 250; round++) {
    const limit = random.pick([0, 20, 100, 3000]);
    host.calls.setHyperLogLogLimit(limit);
    const isMerge = random.chance(0.3);
    const words = isMerge
      ? Array.from({ length: 2 }, () => random.pick(["a", "b", "c"]))
      : [
        random.pick(["a", "b", "c"]),
        ...Array.from({ length: random.int(6) }, () => `${random.int(5000)}`),
      ];
    const before = ["a", "b", "c"].map((key) => host.get(key));
    const used = host.used();
    for (let allowed = 0;; allowed++) {
      host.say(...words);
      host.calls.failAllocationsAfter(allowed);
      const code = isMerge
        ? host.calls.mergeHyperLogLogs(host.db)
        : host.calls.addElements(host.db, 1, 2);
      host.calls.failAllocationsAfter(-1);
      if (code !== OUT_OF_MEMORY) break;
      failures++;
      const after = ["a", "b", "c"].map((key) => host.get(key));
      assertEquals(after, before, `round ${round}`);
      assertEquals(host.used(), used, `round ${round}`);
      host.verify();
    }
    host.verify();
    if (random.chance(0.2)) {
      host.say(random.pick(["a", "b", "c"]));
      host.calls.deleteKey(host.db, 1);
    }
  }
  assert(failures > 100, `only ${failures} failures`);
});

Deno.test("the engine's self-test passes", async () => {
  const host = new Host(await loadModules<Exports>(MODULES, { debug: false }));
  assertEquals(host.calls.testHyperLogLog(), 1);
  host.verify();
});
