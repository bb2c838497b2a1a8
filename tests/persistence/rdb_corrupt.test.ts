import { assert, assertEquals } from "@std/assert";
import * as codes from "../../src/engine/rdb_codes.ts";
import { OUT_OF_MEMORY } from "../../src/engine/codes.ts";
import { Condition } from "../../src/engine/condition.ts";
import { RdbError } from "../../src/persistence/rdb_loader.ts";
import { failingEngine } from "../support/engine.ts";
import * as rdb from "./rdb_bytes.ts";
import { RdbHost } from "./rdb_host.ts";

/** A blob with some bytes put in the place of those at an offset. */
function patched(blob: Uint8Array, at: number, ...bytes: number[]) {
  const copy = blob.slice();
  copy.set(bytes, at < 0 ? blob.length + at : at);
  return copy;
}

const listpack = rdb.listpack("a", 1, "b", 2);
const ziplist = rdb.ziplist("a", 1, "b", 2);
const zipmap = rdb.zipmap(0, "a", "1", "b", "2");
const intset = rdb.intset(2, 1, 2, 3);
const long = rdb.listpack("x".repeat(200));

/** What is wrong, the type, and the value's pieces. */
const ROWS: [name: string, fault: number, type: number, ...rdb.Piece[]][] = [
  ["no such type", codes.FAULT_TYPE, 8],
  ["a later type", codes.FAULT_TYPE, 26],
  ["a stream", codes.FAULT_STREAM, 15],
  ["a stream of 7.0", codes.FAULT_STREAM, 19],
  ["a stream of 7.2", codes.FAULT_STREAM, 21],
  ["a module's value", codes.FAULT_MODULE, 7, [0x81, 0, 0, 0, 0, 0, 0, 0, 1]],
  ["an old module's value", codes.FAULT_MODULE, 6],
  ["a form before 7.4", codes.FAULT_PRE_RELEASE, 22],
  ["another form before 7.4", codes.FAULT_PRE_RELEASE, 23],
  ["a length of unknown form", codes.FAULT_LENGTH, 1, [0x82]],
  ["a number for a length", codes.FAULT_LENGTH, 1, [0xc0, 5]],
  ["more elements than bytes", codes.FAULT_TOO_LONG, 1, [0x40, 200]],
  [
    ...["2^63 elements", codes.FAULT_TOO_LONG, 2] as const,
    rdb.length(2n ** 63n),
  ],
  ["2^40 bytes", codes.FAULT_TOO_LONG, 0, rdb.length(2n ** 40n)],
  ["more bytes than there are", codes.FAULT_TOO_LONG, 0, [0x43, 0]],
  ["an unknown string", codes.FAULT_STRING_ENCODING, 0, [0xc4]],
  ["LZF of nothing", codes.FAULT_LZF, 0, [0xc3, 2, 0, 0, 65]],
  ["LZF that makes less", codes.FAULT_LZF, 0, [0xc3, 2, 5, 0, 65]],
  ["LZF that makes more", codes.FAULT_LZF, 0, [0xc3, 3, 1, 1, 65, 66]],
  [
    ...["LZF that would make too much", codes.FAULT_LZF, 0] as const,
    ...[[0xc3, 2], rdb.length(2 ** 31), [0, 65]],
  ],
  ["LZF from before its start", codes.FAULT_LZF, 0, [0xc3, 2, 3, 0x20, 0]],
  [
    ...["a member twice", codes.FAULT_DUPLICATE_ELEMENT, 2, [2]] as const,
    ...[rdb.string("m"), rdb.string("m")],
  ],
  [
    ...["a number twice", codes.FAULT_DUPLICATE_ELEMENT, 2, [2]] as const,
    ...[rdb.int8(7), rdb.string("7")],
  ],
  [
    ...["a scored member twice", codes.FAULT_DUPLICATE_ELEMENT, 5] as const,
    ...[[2], rdb.string("m"), rdb.double(1), rdb.string("m"), rdb.double(2)],
  ],
  [
    ...["a field twice", codes.FAULT_DUPLICATE_ELEMENT, 4, [2]] as const,
    ...["f", "1", "f", "2"].map(rdb.string),
  ],
  [
    ...["a score that is NaN", codes.FAULT_SCORE, 5, [1]] as const,
    ...[rdb.string("m"), rdb.double(NaN)],
  ],
  [
    ...["an old score that is NaN", codes.FAULT_SCORE, 3, [1]] as const,
    ...[rdb.string("m"), rdb.textDouble("nan")],
  ],
  [
    ...["a score that is a word", codes.FAULT_SCORE, 3, [1]] as const,
    ...[rdb.string("m"), rdb.textDouble("many")],
  ],
  ["a node of form 3", codes.FAULT_NODE, 18, [1, 3], rdb.string(listpack)],
  [
    ...["an intset of width 3", codes.FAULT_INTSET, 11] as const,
    rdb.string(patched(intset, 0, 3)),
  ],
  [
    ...["an intset that is cut", codes.FAULT_INTSET, 11] as const,
    rdb.string(intset.slice(0, -1)),
  ],
  [
    ...["an intset out of order", codes.FAULT_INTSET, 11] as const,
    rdb.string(rdb.intset(2, 2, 1)),
  ],
  [
    ...["an intset with equals", codes.FAULT_INTSET, 11] as const,
    rdb.string(rdb.intset(4, 1, 1)),
  ],
  [
    ...["an intset that counts wrong", codes.FAULT_INTSET, 11] as const,
    rdb.string(patched(intset, 4, 255, 255, 255, 255)),
  ],
  ["an intset of a byte", codes.FAULT_INTSET, 11, rdb.string([2])],
  ...([
    ["that is empty", new Uint8Array()],
    ["whose bytes are wrong", patched(listpack, 0, 200)],
    ["without an end", patched(listpack, -1, 0)],
    ["that counts wrong", patched(listpack, 4, 3)],
    ["with an end inside", patched(listpack, 9, 255)],
    ["with a wrong way back", patched(listpack, 8, 9)],
    ["with a string too long", patched(listpack, 6, 0xbf)],
    ["with a huge string", patched(long, 6, 0xf0, 255, 255, 255, 255)],
    ["with an unknown element", patched(listpack, 6, 0xf7)],
    ["whose way back is too long", patched(long, -3, 0x81)],
  ] as [string, Uint8Array][]).map(([what, blob]): typeof ROWS[number] => [
    `a listpack ${what}`,
    codes.FAULT_LISTPACK,
    16,
    rdb.string(blob),
  ]),
  ...([
    ["that is empty", new Uint8Array()],
    ["whose bytes are wrong", patched(ziplist, 0, 200)],
    ["whose tail is wrong", patched(ziplist, 4, 11)],
    ["that counts wrong", patched(ziplist, 8, 3)],
    ["without an end", patched(ziplist, -1, 0)],
    ["whose entry before is longer", patched(ziplist, 13, 9)],
    ["with a string too long", patched(ziplist, 11, 63)],
    ["with a huge string", patched(ziplist, 11, 0x80, 255, 255, 255, 255)],
    ["with an unknown entry", patched(ziplist, 11, 0xc1)],
  ] as [string, Uint8Array][]).map(([what, blob]): typeof ROWS[number] => [
    `a ziplist ${what}`,
    codes.FAULT_ZIPLIST,
    13,
    rdb.string(blob),
  ]),
  ...([
    ["that is empty", new Uint8Array()],
    ["without an end", patched(zipmap, -1, 0)],
    ["that counts wrong", patched(zipmap, 0, 3)],
    ["with a name too long", patched(zipmap, 1, 200)],
    ["with a huge name", patched(zipmap, 1, 254, 255, 255, 255, 255)],
    ["with too much to spare", patched(zipmap, 4, 200)],
    ["with a name alone", rdb.joined([1, 1], "a", [255])],
  ] as [string, Uint8Array][]).map(([what, blob]): typeof ROWS[number] => [
    `a zipmap ${what}`,
    codes.FAULT_ZIPMAP,
    9,
    rdb.string(blob),
  ]),
  [
    ...["a field without a value", codes.FAULT_PAIRS, 16] as const,
    rdb.string(rdb.listpack("f", "v", "g")),
  ],
  [
    ...["a member without a score", codes.FAULT_PAIRS, 12] as const,
    rdb.string(rdb.ziplist("m")),
  ],
  [
    ...["a field without a time", codes.FAULT_PAIRS, 25] as const,
    ...[rdb.little(5, 8), rdb.string(rdb.listpack("f", "v"))],
  ],
  [
    ...["fields twice in a listpack", codes.FAULT_DUPLICATE_ELEMENT] as const,
    ...[16, rdb.string(rdb.listpack("f", 1, "f", 2))] as const,
  ],
  [
    ...["fields twice in a zipmap", codes.FAULT_DUPLICATE_ELEMENT] as const,
    ...[9, rdb.string(rdb.zipmap(0, "f", "1", "f", "2"))] as const,
  ],
  [
    ...["members twice in a listpack", codes.FAULT_DUPLICATE_ELEMENT] as const,
    ...[20, rdb.string(rdb.listpack("m", 1, "m"))] as const,
  ],
  [
    ...["a number as text besides", codes.FAULT_DUPLICATE_ELEMENT] as const,
    ...[20, rdb.string(rdb.listpack("17", 17))] as const,
  ],
  [
    ...["scored twice in a listpack", codes.FAULT_DUPLICATE_ELEMENT] as const,
    ...[17, rdb.string(rdb.listpack("m", 1, "m", 2))] as const,
  ],
  [
    ...["scores out of order", codes.FAULT_ORDER, 17] as const,
    rdb.string(rdb.listpack("m", 2, "n", 1)),
  ],
  [
    ...["members out of order", codes.FAULT_ORDER, 17] as const,
    rdb.string(rdb.listpack("n", 1, "m", 1)),
  ],
  [
    ...["a listpack's score is a word", codes.FAULT_SCORE, 17] as const,
    rdb.string(rdb.listpack("m", "x")),
  ],
  [
    ...["a listpack's score is NaN", codes.FAULT_SCORE, 17] as const,
    rdb.string(rdb.listpack("m", "nan")),
  ],
  [
    ...["a field's time is a word", codes.FAULT_FIELD_DUE, 25] as const,
    ...[rdb.little(5, 8), rdb.string(rdb.listpack("f", "v", "soon"))],
  ],
  [
    ...["a field's time is negative", codes.FAULT_FIELD_DUE, 25] as const,
    ...[rdb.little(5, 8), rdb.string(rdb.listpack("f", "v", -1))],
  ],
  [
    ...["a field's time is beyond all", codes.FAULT_FIELD_DUE, 24] as const,
    ...[rdb.little(2 ** 50, 8), [1, 2]],
    ...[rdb.string("f"), rdb.string("v")],
  ],
];

Deno.test("what is wrong is named, whatever it is, and nothing is left", () => {
  const host = new RdbHost();
  host.empty();
  const before = host.usedBytes;
  for (const [name, fault, type, ...value] of ROWS) {
    const bytes = rdb.file(
      11,
      rdb.key(0, "before", rdb.string("v")),
      rdb.key(type, "key", ...value),
    );
    for (const piece of [bytes.length, 1]) {
      const error = host.refusal(bytes, { piece });
      assertEquals(error.fault, fault, `${name}: ${error.message}`);
      assertEquals(error.key, "key", name);
      assert(
        error.offset >= 16 && error.offset <= bytes.length,
        `${name}: ${error.message}`,
      );
      assertEquals(host.say("GET before"), "$1 v");
      host.verify();
      host.empty();
      assertEquals(host.usedBytes, before, name);
    }
  }
});

Deno.test("RESTORE refuses the same", () => {
  const host = new RdbHost();
  for (const [name, , type, ...value] of ROWS) {
    const bytes = rdb.payload(type, ...value);
    const reply = host.call("RESTORE", "key", "0", bytes);
    assertEquals(reply, "-ERR Bad data format", name);
    assertEquals(host.say("DBSIZE"), ":0", name);
  }
  host.verify();
});

Deno.test("a file that ends anywhere is refused at its end", () => {
  const whole = rdb.file(
    11,
    rdb.aux("name", "value"),
    rdb.select(0),
    rdb.resize(4, 1),
    ...[rdb.dueMs(2 ** 42), rdb.key(0, "s", rdb.compressed("text", 20))],
    rdb.key(2, "set", [2], rdb.string("a"), rdb.int16(300)),
    rdb.key(5, "zset", [1], rdb.string("a"), rdb.double(1)),
    rdb.key(16, "hash", rdb.string(rdb.listpack("f", "v"))),
    rdb.key(18, "list", [1, 2], rdb.string(rdb.listpack("e"))),
  );
  const host = new RdbHost();
  host.empty();
  const before = host.usedBytes;
  for (let end = 0; end < whole.length; end++) {
    const error = host.refusal(whole.subarray(0, end));
    const isEnd = error.fault === codes.FAULT_END ||
      error.fault === codes.FAULT_TOO_LONG;
    assert(isEnd, `${end}: ${error.message}`);
    assert(error.offset <= end, `${end}: ${error.message}`);
    host.verify();
    host.empty();
    assertEquals(host.usedBytes, before, `${end}`);
  }
});

Deno.test("a length that lies makes nobody allocate", () => {
  const host = new RdbHost();
  host.empty();
  const before = host.engine.calls.reservedBytes();
  const lies = [
    rdb.key(0, "k", rdb.length(500_000_000), "x"),
    rdb.key(0, "k", [0xc3], rdb.length(5), rdb.length(500_000_000), "abcde"),
    rdb.key(2, "k", rdb.length(500_000_000), "x"),
    rdb.key(4, "k", rdb.length(500_000_000), "x"),
    rdb.key(5, "k", rdb.length(500_000_000), "x"),
    rdb.key(9, "k", rdb.length(500_000_000), "x"),
    rdb.resize(500_000_000, 500_000_000),
  ];
  for (const lie of lies) {
    const bytes = rdb.file(11, lie);
    for (const byteCount of [bytes.length, -1]) {
      try {
        host.load(bytes, { byteCount, piece: 5 });
      } catch (error) {
        assert(error instanceof Error);
      }
    }
  }
  const grown = host.engine.calls.reservedBytes() - before;
  assert(grown < 1 << 20, `${grown} bytes more`);
});

Deno.test("without memory a file is refused and nothing is lost", () => {
  const host = new RdbHost();
  host.engine.calls.setCeiling(0);
  const error = host.refusal(rdb.file(
    4,
    ...Array.from(
      { length: 40 },
      (_, i) => rdb.key(0, `k${i}`, rdb.string(new Uint8Array(1 << 20))),
    ),
  ));
  assertEquals(error.expected, "no memory for more");
  host.engine.calls.setCeiling(2 ** 32 - 65536);
  host.verify();
});

Deno.test("memory may end at any point: the rest is whole", async () => {
  const { engine, failAfter } = await failingEngine();
  const host = new RdbHost({}, engine);
  const words = Array.from({ length: 40 }, (_, i) => `word ${i}`);
  const values: [number, ...rdb.Piece[]][] = [
    [0, rdb.string("short")],
    [0, rdb.string("long".repeat(200))],
    [0, rdb.compressed("packed", 300)],
    [1, [40], ...words.map(rdb.string)],
    [2, [40], ...words.map(rdb.string)],
    [2, [3], rdb.int8(1), rdb.int8(2), rdb.string("x".repeat(65))],
    [2, [2], rdb.int8(1), rdb.string("x")],
    [4, [2], ...["f", "v", "g", "w".repeat(300)].map(rdb.string)],
    [5, [2], rdb.string("a"), rdb.double(1), rdb.string("b"), rdb.double(2)],
    [5, [1], rdb.string("x".repeat(65)), rdb.double(1)],
    [9, rdb.string(rdb.zipmap(0, "f", "v".repeat(65)))],
    [10, rdb.string(rdb.ziplist(...words))],
    [14, [1], rdb.string(rdb.ziplist(...words))],
    [18, [2, 2], rdb.string(rdb.listpack("1", "2")), [1], rdb.string("plain")],
    [11, rdb.string(rdb.intset(2, 1, 2, 3))],
    [12, rdb.string(rdb.ziplist("a", 1, "b", 2))],
    [17, rdb.string(rdb.listpack("a", 1, "b", 2))],
    [20, rdb.string(rdb.listpack("a", "7"))],
    [
      ...[24, rdb.little(2 ** 42, 8), [1, 1]] as const,
      ...[rdb.string("f"), rdb.string("v")],
    ],
    [25, rdb.little(5, 8), rdb.string(rdb.listpack("f", "v", 2 ** 42))],
  ];
  for (const [type, ...pieces] of values) {
    const bytes = rdb.file(
      11,
      ...[rdb.dueMs(2 ** 42), rdb.key(type, "key", ...pieces)],
    );
    const payload = rdb.payload(type, ...pieces);
    host.empty();
    const before = host.usedBytes;
    for (const how of ["file", "payload"]) {
      let failures = 0;
      for (; failures < 500; failures++) {
        const isDone = how === "file"
          ? tryToLoad(host, bytes, () => failAfter(failures))
          : tryToRestore(host, payload, () => failAfter(failures));
        failAfter(-1);
        host.verify();
        assertEquals(host.say("DBSIZE"), isDone ? ":1" : ":0");
        host.empty();
        assertEquals(host.usedBytes, before, `${how} of ${type}, ${failures}`);
        if (isDone) break;
      }
      assert(failures > 0 && failures < 500, `${how} of ${type}`);
    }
  }
});

function tryToLoad(
  host: RdbHost,
  bytes: Uint8Array,
  limit: () => void,
): boolean {
  limit();
  try {
    host.load(bytes);
    return true;
  } catch (error) {
    assert(error instanceof RdbError, `${error}`);
    assertEquals(error.expected, "no memory for more");
    return false;
  }
}

/** Without a command around it, whose own blocks would fail before. */
function tryToRestore(
  host: RdbHost,
  payload: Uint8Array,
  limit: () => void,
): boolean {
  const { calls } = host.engine;
  const db = host.bench.server.keyspace.database(0);
  const key = host.engine.pushArgument("key");
  const index = host.engine.pushArgument(payload);
  limit();
  const use = { idleSeconds: -1, frequency: -1 };
  try {
    const how = { dueMs: 2 ** 42, isPast: false, ...use };
    return db.restore(key, index, how);
  } catch (error) {
    assert(error instanceof Condition);
    assertEquals(error.code, OUT_OF_MEMORY);
    return false;
  } finally {
    calls.releaseArguments();
  }
}
