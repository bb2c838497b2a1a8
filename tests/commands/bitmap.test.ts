/** The bitmap commands: replies, errors, and what others learn of a change. */
import { assertEquals } from "@std/assert";
import { bitfield, bitfieldRo } from "../../src/commands/bitmap/bitfield.ts";
import { keysOf } from "../../src/commands/define/keys.ts";
import type { Change } from "../../src/dispatch/commit.ts";
import { Bench } from "../dispatch/harness.ts";
import { flat, wordsOf } from "../support/lines.ts";
import { latin1 } from "../support/reply.ts";

const SYNTAX = "-ERR syntax error";
const NOT_INTEGER = "-ERR value is not an integer or out of range";
const BAD_OFFSET = "-ERR bit offset is not an integer or out of range";
const BAD_BIT = "-ERR bit is not an integer or out of range";
const BAD_TYPE =
  "-ERR Invalid bitfield type. Use something like i16 u8. Note that u64 is " +
  "not supported but i64 is.";

type Row = readonly [line: string, reply: string];

/** One client, and what its commands make known. */
class Talk {
  readonly changes: Change[] = [];
  readonly #client;
  readonly bench: Bench;

  constructor(values: Record<string, string> = {}) {
    this.bench = new Bench(values);
    this.#client = this.bench.connect();
    this.bench.server.dispatcher.commit.observe((change) => {
      this.changes.push(change);
    });
  }

  /** The reply's lines, with a space between them; '' is an empty word. */
  say(line: string, ...words: string[]): string {
    return flat(this.#client.call(...wordsOf(line), ...words));
  }

  /** Checks lines and their replies, one after the other. */
  expect(...rows: Row[]): void {
    for (const [line, reply] of rows) assertEquals(this.say(line), reply, line);
  }

  /** The events that a line made known, each with its key. */
  learn(line: string): string {
    this.changes.length = 0;
    this.say(line);
    return this.changes.flatMap(({ effects }) =>
      effects.map(({ key, event }) => `${event}:${latin1(key)}`)
    ).join(" ");
  }
}

Deno.test("SETBIT replies with the bit that was there before", () => {
  const talk = new Talk();
  talk.expect(
    ["SETBIT k 7 1", ":0"],
    ["GET k", "$1 \x01"],
    ["SETBIT k 7 1", ":1"],
    ["SETBIT k 7 0", ":1"],
    ["SETBIT k 20 1", ":0"],
    ["GET k", "$3 \0\0\x08"],
    ["GETBIT k 20", ":1"],
    ["GETBIT k 21", ":0"],
    ["GETBIT k 4294967295", ":0"],
    ["GETBIT none 0", ":0"],
  );
});

Deno.test("SETBIT makes an integer raw, GETBIT reads its digits", () => {
  new Talk().expect(
    ["SET n 1", "+OK"],
    ["GETBIT n 2", ":1"],
    ["GETBIT n 7", ":1"],
    ["OBJECT ENCODING n", "$3 int"],
    ["SETBIT n 6 1", ":0"],
    ["OBJECT ENCODING n", "$3 raw"],
    ["GET n", "$1 3"],
  );
});

Deno.test("SETBIT and GETBIT refuse bad offsets, then bad bits", () => {
  const talk = new Talk();
  const offsets = ["-1", "abc", "''", "1.5", "4294967296", "#1"];
  for (const offset of [...offsets, "9223372036854775808", "+1", "01"]) {
    talk.expect(
      [`SETBIT k ${offset} 1`, BAD_OFFSET],
      [`SETBIT k ${offset} 2`, BAD_OFFSET],
      [`GETBIT k ${offset}`, BAD_OFFSET],
    );
  }
  for (const bit of ["2", "-1", "abc", "''", "01"]) {
    talk.expect([`SETBIT k 0 ${bit}`, BAD_BIT]);
  }
  talk.expect(["EXISTS k", ":0"]);
});

Deno.test("a bit offset ends where proto-max-bulk-len does", () => {
  const talk = new Talk({ "proto-max-bulk-len": "1mb" });
  talk.expect(
    ["SETBIT k 8388607 0", ":0"],
    ["STRLEN k", ":1048576"],
    ["SETBIT k 8388608 0", BAD_OFFSET],
    ["BITFIELD k SET u8 8388608 1", BAD_OFFSET],
    ["BITFIELD k SET u8 #1048576 1", BAD_OFFSET],
    ["BITFIELD k SET u8 #1048575 1", "*1 :0"],
  );
});

Deno.test("SETBIT makes known what changes, and nothing else", () => {
  const talk = new Talk();
  assertEquals(talk.learn("SETBIT k 5 0"), "setbit:k");
  assertEquals(talk.learn("SETBIT k 5 0"), "");
  assertEquals(talk.learn("SETBIT k 5 1"), "setbit:k");
  assertEquals(talk.learn("SETBIT k 5 1"), "");
  assertEquals(talk.learn("SETBIT k 8 0"), "setbit:k");
  assertEquals(talk.learn("GETBIT k 8"), "");
});

Deno.test("BITCOUNT counts in bytes and in bits", () => {
  new Talk().expect(
    ["SET s foobar", "+OK"],
    ["BITCOUNT s", ":26"],
    ["BITCOUNT s 0 -1", ":26"],
    ["BITCOUNT s 1 1", ":6"],
    ["BITCOUNT s 1 1 byte", ":6"],
    ["BITCOUNT s 5 30 BIT", ":17"],
    ["BITCOUNT s 10 -34 bit", ":4"],
    ["BITCOUNT s -6 -7", ":0"],
    ["BITCOUNT s 6 100", ":0"],
    ["BITCOUNT s -100 100 BIT", ":26"],
    ["SET n 1234", "+OK"],
    ["BITCOUNT n", ":13"],
    ["SET e ''", "+OK"],
    ["BITCOUNT e 0 -1", ":0"],
    ["BITCOUNT e", ":0"],
  );
});

Deno.test("BITCOUNT looks for the key before it reads the range", () => {
  new Talk().expect(
    ["BITCOUNT none 0", ":0"],
    ["BITCOUNT none a b WAT x", ":0"],
    ["SET s foobar", "+OK"],
    ["BITCOUNT s 0", SYNTAX],
    ["BITCOUNT s 0 1 WAT", SYNTAX],
    ["BITCOUNT s 0 1 BIT x", SYNTAX],
    ["BITCOUNT s a 1 WAT", NOT_INTEGER],
    ["BITCOUNT s 0 b WAT", NOT_INTEGER],
    ["BITCOUNT s -1 -2 WAT", ":0"],
    ["BITCOUNT", "-ERR wrong number of arguments for 'bitcount' command"],
  );
});

Deno.test("BITCOUNT orders ends that doubles cannot tell apart", () => {
  new Talk().expect(
    ["SET s foobar", "+OK"],
    ["BITCOUNT s -9223372036854775807 -9223372036854775808", ":0"],
    ["BITCOUNT s -9223372036854775808 -9223372036854775807", ":4"],
    ["BITCOUNT s -9223372036854775808 9223372036854775807", ":26"],
  );
});

Deno.test("BITPOS finds the first bit of a range", () => {
  const talk = new Talk();
  talk.say("SET s", "\x00\xff\xf0");
  talk.expect(
    ["BITPOS s 1", ":8"],
    ["BITPOS s 0", ":0"],
    ["BITPOS s 0 1", ":20"],
    ["BITPOS s 1 2 -1 BYTE", ":16"],
    ["BITPOS s 0 8 19 BIT", ":-1"],
    ["BITPOS s 0 8 20 BIT", ":20"],
    ["BITPOS s 1 -1 -1", ":16"],
    ["BITPOS s 1 0 0", ":-1"],
    ["BITPOS s 1 3", ":-1"],
    ["BITPOS s 1 2 1", ":-1"],
  );
  talk.say("SET s", "\0\0\0");
  talk.expect(["BITPOS s 1", ":-1"], ["BITPOS s 1 1", ":-1"]);
});

Deno.test("BITPOS sees zeros behind a string whose end is not given", () => {
  const talk = new Talk();
  talk.say("SET s", "\xff\xff\xff");
  talk.expect(
    ["BITPOS s 0", ":24"],
    ["BITPOS s 0 1", ":24"],
    ["BITPOS s 0 -1", ":24"],
    ["BITPOS s 0 0 -1", ":-1"],
    ["BITPOS s 0 0 -1 BIT", ":-1"],
    ["BITPOS s 0 3", ":-1"],
    ["BITPOS none 0", ":0"],
    ["BITPOS none 0 5 9 BIT", ":0"],
    ["BITPOS none 1", ":-1"],
    ["SET e ''", "+OK"],
    ["BITPOS e 0", ":-1"],
    ["BITPOS e 1", ":-1"],
  );
});

Deno.test("BITPOS checks the bit, then the key, then the range", () => {
  new Talk().expect(
    ["BITPOS none 2", "-ERR The bit argument must be 1 or 0."],
    ["BITPOS none a", NOT_INTEGER],
    ["BITPOS none 1 a b WAT x", ":-1"],
    ["SET s foobar", "+OK"],
    ["BITPOS s 1 a", NOT_INTEGER],
    ["BITPOS s 1 a b WAT", NOT_INTEGER],
    ["BITPOS s 1 0 b WAT", SYNTAX],
    ["BITPOS s 1 0 b BIT", NOT_INTEGER],
    ["BITPOS s 1 0 1 BIT x", SYNTAX],
    ["BITPOS s 1 a 1 BIT x", SYNTAX],
  );
});

Deno.test("BITOP combines strings as if zeros followed them", () => {
  const talk = new Talk();
  talk.say("SET a", "\x0f\xff\x01");
  talk.say("SET b", "\x3c");
  talk.expect(
    ["BITOP AND d a b", ":3"],
    ["GET d", "$3 \x0c\0\0"],
    ["BITOP or d a b none", ":3"],
    ["GET d", "$3 \x3f\xff\x01"],
    ["BITOP XOR d b a", ":3"],
    ["GET d", "$3 \x33\xff\x01"],
    ["BITOP NOT a a", ":3"],
    ["GET a", "$3 \xf0\x00\xfe"],
    ["OBJECT ENCODING d", "$3 raw"],
  );
});

Deno.test("BITOP replaces its destination, or deletes it", () => {
  const talk = new Talk();
  talk.expect(["SET a 1", "+OK"], ["SET d x EX 100", "+OK"]);
  assertEquals(talk.learn("BITOP XOR d a a a"), "set:d");
  talk.expect(["GET d", "$1 1"], ["TTL d", ":-1"]);
  assertEquals(talk.learn("BITOP OR d none"), "del:d");
  assertEquals(talk.learn("BITOP OR d none"), "");
  talk.expect(["BITOP OR d none", ":0"], ["EXISTS d", ":0"]);
});

Deno.test("BITOP refuses what it does not know", () => {
  new Talk().expect(
    ["BITOP WAT d a", SYNTAX],
    ["BITOP '' d a", SYNTAX],
    [
      "BITOP NOT d a b",
      "-ERR BITOP NOT must be called with a single source key.",
    ],
    ["BITOP AND d", "-ERR wrong number of arguments for 'bitop' command"],
  );
});

Deno.test("BITFIELD runs its operations in order", () => {
  new Talk().expect(
    ["BITFIELD k SET u8 0 255 INCRBY u8 0 100 GET u8 0", "*3 :0 :99 :99"],
    ["BITFIELD k SET i8 0 255 set i8 0 100 get i8 0", "*3 :99 :-1 :100"],
    ["BITFIELD k OVERFLOW SAT INCRBY i8 0 257 GET i8 0", "*2 :127 :127"],
    [
      "BITFIELD k OVERFLOW FAIL INCRBY i8 0 1 overflow wrap INCRBY i8 0 1",
      "*2 $-1 :-128",
    ],
    ["BITFIELD k SET u8 #1 66 SET u8 #2 67 SET u8 #0 65", "*3 :0 :0 :128"],
    ["GET k", "$3 ABC"],
    ["BITFIELD k", "*0"],
    ["BITFIELD none OVERFLOW SAT", "*0"],
    ["BITFIELD none GET u8 100 GET i64 #3", "*2 :0 :0"],
    ["EXISTS none", ":0"],
  );
});

Deno.test("BITFIELD keeps all 64 bits", () => {
  const min = "-9223372036854775808", max = "9223372036854775807";
  new Talk().expect(
    [
      `BITFIELD k SET i64 3 ${max} GET i64 3 GET u63 4`,
      `*3 :0 :${max} :${max}`,
    ],
    ["BITFIELD k INCRBY i64 3 1", `*1 :${min}`],
    [`BITFIELD k OVERFLOW SAT INCRBY i64 3 ${min}`, `*1 :${min}`],
    ["BITFIELD k OVERFLOW FAIL INCRBY i64 3 -1", "*1 $-1"],
    ["BITFIELD k SET u63 #0 -1 GET u63 #0", `*2 :576460752303423488 :${max}`],
  );
});

Deno.test("BITFIELD's null is the protocol's own", () => {
  const talk = new Talk();
  talk.say("HELLO 3");
  talk.expect(["BITFIELD k OVERFLOW FAIL SET u2 0 4", "*1 _"]);
});

Deno.test("BITFIELD reads everything before it writes anything", () => {
  const talk = new Talk();
  const overflow = "-ERR Invalid OVERFLOW type specified";
  talk.expect(
    ["BITFIELD k SET u8 0 1 WAT", SYNTAX],
    ["BITFIELD k SET u8 0", SYNTAX],
    ["BITFIELD k GET u8", SYNTAX],
    ["BITFIELD k OVERFLOW", SYNTAX],
    ["BITFIELD k OVERFLOW WAT", overflow],
    ["BITFIELD k SET u8 0 1 GET u64 0", BAD_TYPE],
    ["BITFIELD k SET u8 0 1 GET x8 -1", BAD_TYPE],
    ["BITFIELD k SET u8 0 1 GET u8 -1", BAD_OFFSET],
    ["BITFIELD k SET u8 0 1 INCRBY u8 0 a", NOT_INTEGER],
    ["BITFIELD k SET u8 -1 a", BAD_OFFSET],
    ["EXISTS k", ":0"],
  );
});

Deno.test("BITFIELD makes known what changes, growth included", () => {
  const talk = new Talk();
  assertEquals(talk.learn("BITFIELD k SET u8 0 0"), "setbit:k");
  assertEquals(talk.learn("BITFIELD k SET u8 0 0"), "");
  assertEquals(talk.learn("BITFIELD k SET u8 0 1 SET u8 0 2"), "setbit:k");
  assertEquals(talk.learn("BITFIELD k GET u8 0"), "");
  assertEquals(talk.learn("BITFIELD k OVERFLOW FAIL SET u8 0 256"), "");
  assertEquals(talk.learn("BITFIELD k OVERFLOW FAIL SET u8 8 256"), "setbit:k");
  talk.expect(["STRLEN k", ":2"]);
});

Deno.test("BITFIELD_RO only gets", () => {
  const onlyGet = "-ERR BITFIELD_RO only supports the GET subcommand";
  new Talk().expect(
    ["SET k A", "+OK"],
    ["BITFIELD_RO k", "*0"],
    ["BITFIELD_RO k GET u8 0 GET u4 2", "*2 :65 :0"],
    ["BITFIELD_RO k OVERFLOW SAT GET u8 0", "*1 :65"],
    ["BITFIELD_RO k GET u8 0 SET u8 0 1", onlyGet],
    ["BITFIELD_RO k INCRBY u8 0 1", onlyGet],
    ["BITFIELD_RO k SET u8 0 a", NOT_INTEGER],
    ["GET k", "$1 A"],
  );
});

Deno.test("BITFIELD tells whether it only reads its key", () => {
  const flagsOf = (line: string, command = bitfield) => {
    const words = line.split(" ");
    const [found] = keysOf(command, {
      argc: words.length,
      latin1: (index) => words[index],
      is: (index, option) => words[index].toUpperCase() === option,
    });
    assertEquals(found.index, 1);
    return found.flags[0];
  };
  assertEquals(flagsOf("BITFIELD k"), "RO");
  assertEquals(flagsOf("BITFIELD k get u8 0 OVERFLOW SAT GET u8 1"), "RO");
  assertEquals(flagsOf("BITFIELD k GET u8 0 SET u8 0 1"), "RW");
  assertEquals(flagsOf("BITFIELD k GET u8"), "RW");
  assertEquals(flagsOf("BITFIELD_RO k GET u8 0", bitfieldRo), "RO");
});

Deno.test("a bitmap keeps its due time while bits are written", () => {
  const talk = new Talk();
  talk.expect(
    ["SET k 12 EXAT 4102444800", "+OK"],
    ["SETBIT k 5000 1", ":0"],
    ["BITFIELD k SET u8 90000 1", "*1 :0"],
    ["EXPIRETIME k", ":4102444800"],
    ["STRLEN k", ":11251"],
  );
  talk.bench.verify();
});
