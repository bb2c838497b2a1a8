/** The HyperLogLog commands: replies, errors, and what others learn. */
import { assert, assertEquals } from "@std/assert";
import { Talk } from "./talk.ts";

const NOT_ONE = "-WRONGTYPE Key is not a valid HyperLogLog string value.";
const CORRUPT = "-INVALIDOBJ Corrupted HLL object detected";
const HEADER = "HYLL\x01\0\0\0\0\0\0\0\0\0\0\x80";

Deno.test("PFADD makes a key, and tells whether anything changed", () => {
  new Talk().assert([
    ["PFADD h", ":1"],
    ["PFADD h", ":0"],
    ["GET h", `$18 ${HEADER}\x7f\xff`],
    ["OBJECT ENCODING h", "$3 raw"],
    ["PFADD h a b c", ":1"],
    ["PFADD h c b a", ":0"],
    ["PFADD h c b d", ":1"],
    ["PFCOUNT h", ":4"],
    ["PFADD", "-ERR wrong number of arguments for 'pfadd' command"],
  ]);
});

Deno.test("PFCOUNT keeps its estimate in the value", () => {
  const talk = new Talk();
  const cache = () => talk.say("GETRANGE h 8 15");
  talk.say("PFADD h a b c");
  assertEquals(cache(), "$8 \0\0\0\0\0\0\0\x80");
  talk.assert([["PFCOUNT h", ":3"]]);
  assertEquals(cache(), "$8 \x03\0\0\0\0\0\0\0");
  talk.assert([["PFADD h a", ":0"]]);
  assertEquals(cache(), "$8 \x03\0\0\0\0\0\0\0");
  talk.assert([["PFADD h d", ":1"]]);
  assertEquals(cache(), "$8 \x03\0\0\0\0\0\0\x80");
  // It is believed as it stands.
  talk.assert([
    ["SETRANGE h 15 \0", ":" + talk.say("STRLEN h").slice(1)],
    ["PFCOUNT h", ":3"],
    ["PFCOUNT h none", ":4"],
    ["PFCOUNT none", ":0"],
    ["PFCOUNT none other", ":0"],
  ]);
});

Deno.test("the limit of the configuration decides when one becomes dense", () => {
  const talk = new Talk();
  talk.assert([
    ["PFADD h a b c", ":1"],
    ["PFDEBUG ENCODING h", "+sparse"],
    ["CONFIG SET hll-sparse-max-bytes 20", "+OK"],
    ["PFADD h a", ":0"],
    ["PFDEBUG ENCODING h", "+sparse"],
    ["PFADD h d", ":1"],
    ["PFDEBUG ENCODING h", "+dense"],
    ["STRLEN h", ":12304"],
    ["PFCOUNT h", ":4"],
    ["PFADD new a", ":1"],
    ["PFDEBUG ENCODING new", "+dense"],
  ]);
});

Deno.test("PFMERGE joins what is there, its destination included", () => {
  new Talk().assert([
    ["PFADD a 1 2 3", ":1"],
    ["PFADD b 3 4", ":1"],
    ["PFADD c 5", ":1"],
    ["PFMERGE a b none", "+OK"],
    ["PFCOUNT a", ":4"],
    ["PFCOUNT b", ":2"],
    ["PFDEBUG TODENSE c", ":1"],
    ["PFMERGE a c", "+OK"],
    ["PFDEBUG ENCODING a", "+dense"],
    ["PFCOUNT a", ":5"],
    ["PFMERGE new", "+OK"],
    ["PFCOUNT new", ":0"],
  ]);
});

Deno.test("PFDEBUG shows the runs, the registers and the encoding", () => {
  const talk = new Talk();
  talk.call("SET", "h", `${HEADER}\x00\x8d\x7f\xfc`);
  talk.assert([
    ["PFDEBUG DECODE h", "$17 z:1 v:4,2 Z:16381"],
    ["PFDEBUG ENCODING h", "+sparse"],
    ["PFDEBUG NONE h", "-ERR Unknown PFDEBUG subcommand 'NONE'"],
    ["PFDEBUG ENCODING none", "-ERR The specified key does not exist"],
    ["PFDEBUG NONE none", "-ERR The specified key does not exist"],
  ]);
  // One register too many.
  talk.call("SET", "corrupt", `${HEADER}\x00\x8d\x7f\xfd`);
  const registers = talk.say("PFDEBUG GETREG h");
  assert(registers.startsWith("*16384 :0 :4 :4 :0 "));
  talk.assert([
    ["PFDEBUG ENCODING h", "+dense"],
    ["PFDEBUG TODENSE h", ":0"],
    ["PFDEBUG DECODE h", "-ERR HLL encoding is not sparse"],
    ["PFDEBUG GETREG corrupt", CORRUPT],
  ]);
});

Deno.test("what is no HyperLogLog is refused", () => {
  const talk = new Talk();
  talk.call("SET", "corrupt", `${HEADER}\x7f\xfe`);
  talk.assert([
    ["SET s text", "+OK"],
    ["SET n 12345", "+OK"],
    ["PFADD h a", ":1"],
    ...["s", "n"].flatMap((key): [string, string][] => [
      [`PFADD ${key} a`, NOT_ONE],
      [`PFCOUNT ${key}`, NOT_ONE],
      [`PFCOUNT h ${key}`, NOT_ONE],
      [`PFMERGE ${key} h`, NOT_ONE],
      [`PFMERGE new ${key}`, NOT_ONE],
      [`PFDEBUG ENCODING ${key}`, NOT_ONE],
    ]),
    ["PFCOUNT corrupt", CORRUPT],
    ["PFCOUNT h corrupt", CORRUPT],
    ["PFMERGE h corrupt", CORRUPT],
    ["PFDEBUG TODENSE corrupt", CORRUPT],
    ["EXISTS new", ":0"],
  ]);
});

Deno.test("others learn of changes, and of an estimate without an event", () => {
  const talk = new Talk();
  talk.assertLearned([
    ["PFADD h a", "pfadd:h@0 > PFADD h a"],
    ["PFADD h a", ""],
    ["PFCOUNT h", ":h@0 > PFCOUNT h"],
    ["PFCOUNT h", ""],
    ["PFCOUNT h h", ""],
    ["PFCOUNT none", ""],
    ["PFMERGE m h", "pfadd:m@0 > PFMERGE m h"],
    ["PFMERGE m", "pfadd:m@0 > PFMERGE m"],
    ["PFDEBUG TODENSE h", "> PFDEBUG TODENSE h"],
    ["PFDEBUG TODENSE h", ""],
    ["PFDEBUG GETREG m", "> PFDEBUG GETREG m"],
    ["PFDEBUG GETREG m", ""],
  ]);
});

Deno.test("PFSELFTEST passes", () => {
  new Talk().assert([["PFSELFTEST", "+OK"]]);
});
