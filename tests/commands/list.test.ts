/** The list commands: replies, errors, and what others learn of a change. */
import { assertEquals } from "@std/assert";
import { Talk } from "./talk.ts";

const SYNTAX = "-ERR syntax error";
const NOT_INTEGER = "-ERR value is not an integer or out of range";
const NOT_POSITIVE = "-ERR value is out of range, must be positive";
const WRONG_TYPE =
  "-WRONGTYPE Operation against a key holding the wrong kind of value";
const NOT_A_TIMEOUT = "-ERR timeout is not a float or out of range";

Deno.test("elements go in at both ends, one after the other", () => {
  new Talk().assert([
    ["RPUSH k a", ":1"],
    ["LPUSH k b", ":2"],
    ["RPUSH k c d e", ":5"],
    ["LPUSH k f g", ":7"],
    ["LRANGE k 0 -1", "*7 $1 g $1 f $1 b $1 a $1 c $1 d $1 e"],
    ["LLEN k", ":7"],
    ["LLEN none", ":0"],
    ["LPUSHX none x", ":0"],
    ["RPUSHX none x y", ":0"],
    ["EXISTS none", ":0"],
    ["LPUSHX k x", ":8"],
    ["RPUSHX k y z", ":10"],
    ["LINDEX k 0", "$1 x"],
    ["LINDEX k -1", "$1 z"],
    ["TYPE k", "+list"],
  ]);
});

Deno.test("LPOP and RPOP take one element, or an array of some", () => {
  const talk = new Talk();
  talk.assert([
    ["RPUSH k a b c d e f", ":6"],
    ["LPOP k", "$1 a"],
    ["RPOP k", "$1 f"],
    ["LPOP k 2", "*2 $1 b $1 c"],
    ["RPOP k 0", "*0"],
    ["RPOP k 9", "*2 $1 e $1 d"],
    ["EXISTS k", ":0"],
    ["LPOP k", "$-1"],
    ["LPOP k 1", "*-1"],
    ["LPOP k 0", "*-1"],
    ["LPOP k -1", NOT_POSITIVE],
    ["LPOP k x", NOT_POSITIVE],
    ["LPOP k 1 1", "-ERR wrong number of arguments for 'lpop' command"],
    ["RPOP k 1 1", "-ERR wrong number of arguments for 'rpop' command"],
  ]);
  talk.say("HELLO 3");
  talk.assert([["LPOP k", "_"], ["RPOP k 1", "_"]]);
});

Deno.test("LRANGE and LINDEX read from either end, and no further", () => {
  new Talk().assert([
    ["RPUSH k a b 10 -3", ":4"],
    ["LRANGE k 0 -1", "*4 $1 a $1 b $2 10 $2 -3"],
    ["LRANGE k 1 2", "*2 $1 b $2 10"],
    ["LRANGE k -2 9", "*2 $2 10 $2 -3"],
    ["LRANGE k -9 0", "*1 $1 a"],
    ["LRANGE k 2 1", "*0"],
    ["LRANGE k 4 9", "*0"],
    ["LRANGE k 0 -5", "*0"],
    [
      "LRANGE k -9223372036854775808 9223372036854775807",
      "*4 $1 a $1 b $2 10 $2 -3",
    ],
    ["LRANGE none 0 -1", "*0"],
    ["LRANGE none x 1", NOT_INTEGER],
    ["LRANGE k 1 x", NOT_INTEGER],
    ["LINDEX k 3", "$2 -3"],
    ["LINDEX k 4", "$-1"],
    ["LINDEX k -5", "$-1"],
    ["LINDEX k x", NOT_INTEGER],
    ["LINDEX none x", "$-1"],
  ]);
});

Deno.test("LSET replaces an element that is there", () => {
  new Talk().assert([
    ["RPUSH k a b c", ":3"],
    ["LSET k 1 B", "+OK"],
    ["LSET k -1 77", "+OK"],
    ["LRANGE k 0 -1", "*3 $1 a $1 B $2 77"],
    ["LSET k 3 x", "-ERR index out of range"],
    ["LSET k -4 x", "-ERR index out of range"],
    ["LSET k x x", NOT_INTEGER],
    ["LSET none x x", "-ERR no such key"],
  ]);
});

Deno.test("LINSERT goes beside the first pivot", () => {
  new Talk().assert([
    ["RPUSH k a b a", ":3"],
    ["LINSERT k before a x", ":4"],
    ["LINSERT k AFTER a y", ":5"],
    ["LINSERT k AFTER none y", ":-1"],
    ["LINSERT none AFTER a y", ":0"],
    ["LINSERT none BESIDE a y", SYNTAX],
    ["LRANGE k 0 -1", "*5 $1 x $1 a $1 y $1 b $1 a"],
  ]);
});

Deno.test("LREM removes from the head, from the tail, or all", () => {
  new Talk().assert([
    ["RPUSH k a 1 a 1 a b", ":6"],
    ["LREM k 1 a", ":1"],
    ["LREM k -1 a", ":1"],
    ["LRANGE k 0 -1", "*4 $1 1 $1 a $1 1 $1 b"],
    ["LREM k 0 1", ":2"],
    ["LREM k 0 1", ":0"],
    ["LREM k 0 01", ":0"],
    ["LREM k -5 b", ":1"],
    ["LREM k -9223372036854775808 a", ":1"],
    ["EXISTS k", ":0"],
    ["LREM k 0 a", ":0"],
    ["LREM k x a", NOT_INTEGER],
  ]);
});

Deno.test("LTRIM keeps a range, or nothing", () => {
  new Talk().assert([
    ["RPUSH k a b c d e", ":5"],
    ["LTRIM k 1 -2", "+OK"],
    ["LRANGE k 0 -1", "*3 $1 b $1 c $1 d"],
    ["LTRIM k -99 99", "+OK"],
    ["LLEN k", ":3"],
    ["LTRIM k 2 1", "+OK"],
    ["EXISTS k", ":0"],
    ["LTRIM k 0 0", "+OK"],
    ["LTRIM k 0 x", NOT_INTEGER],
  ]);
});

Deno.test("LPOS takes its options in any order", () => {
  const talk = new Talk();
  talk.assert([
    ["RPUSH k a b c 1 2 3 c c", ":8"],
    ["LPOS k c", ":2"],
    ["LPOS k 2", ":4"],
    ["LPOS k none", "$-1"],
    ["LPOS k c RANK 2", ":6"],
    ["LPOS k c RANK -1", ":7"],
    ["LPOS k c COUNT 0 RANK -2", "*2 :6 :2"],
    ["LPOS k c MAXLEN 7 COUNT 9", "*2 :2 :6"],
    ["LPOS k c rank -1 maxlen 1", ":7"],
    ["LPOS k c COUNT 1 COUNT 2", "*2 :2 :6"],
    ["LPOS k none COUNT 0", "*0"],
    ["LPOS none c COUNT 0", "*0"],
    ["LPOS none c", "$-1"],
    ["LPOS k c RANK 9223372036854775807", "$-1"],
    ["LPOS k c RANK -9223372036854775807", "$-1"],
    [
      "LPOS k c RANK -9223372036854775808",
      "-ERR value is out of range, value must between -9223372036854775807 " +
      "and 9223372036854775807",
    ],
    [
      "LPOS k c RANK 0",
      "-ERR RANK can't be zero: use 1 to start from the first match, 2 from " +
      "the second ... or use negative to start from the end of the list",
    ],
    ["LPOS k c RANK x", NOT_INTEGER],
    ["LPOS k c COUNT -1", "-ERR COUNT can't be negative"],
    ["LPOS k c COUNT x", "-ERR COUNT can't be negative"],
    ["LPOS k c MAXLEN -1", "-ERR MAXLEN can't be negative"],
    ["LPOS k c RANK", SYNTAX],
    ["LPOS k c WAT 1", SYNTAX],
  ]);
  talk.say("HELLO 3");
  talk.assert([["LPOS k none", "_"]]);
});

Deno.test("LMOVE and RPOPLPUSH move from end to end", () => {
  const talk = new Talk();
  talk.assert([
    ["RPUSH a 1 2 3 4 5", ":5"],
    ["LMOVE a b LEFT LEFT", "$1 1"],
    ["LMOVE a b left right", "$1 2"],
    ["LMOVE a b RIGHT LEFT", "$1 5"],
    ["LMOVE a b RIGHT RIGHT", "$1 4"],
    ["RPOPLPUSH a b", "$1 3"],
    ["EXISTS a", ":0"],
    ["LRANGE b 0 -1", "*5 $1 3 $1 5 $1 1 $1 2 $1 4"],
    ["RPOPLPUSH b b", "$1 4"],
    ["LMOVE b b LEFT LEFT", "$1 4"],
    ["LRANGE b 0 -1", "*5 $1 4 $1 3 $1 5 $1 1 $1 2"],
    ["LMOVE none b LEFT LEFT", "$-1"],
    ["RPOPLPUSH none b", "$-1"],
    ["LMOVE a b UP LEFT", SYNTAX],
    ["LMOVE a b LEFT UP", SYNTAX],
    ["SET s x", "+OK"],
    ["RPOPLPUSH b s", WRONG_TYPE],
    ["RPOPLPUSH s b", WRONG_TYPE],
    ["RPOPLPUSH none s", "$-1"],
    ["LLEN b", ":5"],
  ]);
  talk.say("HELLO 3");
  talk.assert([["LMOVE none b LEFT LEFT", "_"]]);
});

Deno.test("LMPOP takes from the first list that is there", () => {
  const talk = new Talk();
  talk.assert([
    ["RPUSH b 1 2 3 4 5", ":5"],
    ["LMPOP 2 a b LEFT", "*2 $1 b *1 $1 1"],
    ["LMPOP 2 a b RIGHT COUNT 2", "*2 $1 b *2 $1 5 $1 4"],
    ["LMPOP 1 b left count 99", "*2 $1 b *2 $1 2 $1 3"],
    ["LMPOP 2 a b LEFT", "*-1"],
    ["LMPOP 0 a LEFT", "-ERR numkeys should be greater than 0"],
    ["LMPOP x a LEFT", "-ERR numkeys should be greater than 0"],
    ["LMPOP 1 a LEFT COUNT 0", "-ERR count should be greater than 0"],
    ["LMPOP 1 a LEFT COUNT x", "-ERR count should be greater than 0"],
    ["LMPOP 1 a LEFT COUNT", SYNTAX],
    ["LMPOP 1 a LEFT COUNT 1 COUNT 1", SYNTAX],
    ["LMPOP 3 a b LEFT", SYNTAX],
    ["LMPOP 1 a UP", SYNTAX],
    ["SET s x", "+OK"],
    ["LMPOP 2 a s LEFT", WRONG_TYPE],
  ]);
  talk.say("HELLO 3");
  talk.assert([["LMPOP 1 a LEFT", "_"]]);
});

Deno.test("commands that may wait serve what is there", () => {
  const talk = new Talk();
  talk.assert([
    ["RPUSH b 1 2 3 4 5 6", ":6"],
    ["BLPOP a b 0", "*2 $1 b $1 1"],
    ["BRPOP a b 0.5", "*2 $1 b $1 6"],
    ["BLMPOP 1 2 a b RIGHT COUNT 2", "*2 $1 b *2 $1 5 $1 4"],
    ["BLMOVE b c LEFT RIGHT 0", "$1 2"],
    ["BRPOPLPUSH b c 0", "$1 3"],
    ["EXISTS b", ":0"],
    ["LRANGE c 0 -1", "*2 $1 3 $1 2"],
    ["BLPOP a x", NOT_A_TIMEOUT],
    ["BLPOP a nan", NOT_A_TIMEOUT],
    ["BRPOP a -1", "-ERR timeout is negative"],
    ["BLMPOP -0.5 1 a LEFT", "-ERR timeout is negative"],
    ["BLMOVE a b LEFT RIGHT inf", "-ERR timeout is out of range"],
    ["BRPOPLPUSH a b 9223372036854775", "-ERR timeout is out of range"],
    ["BLMOVE a b UP RIGHT x", SYNTAX],
    ["BLMPOP x 0 a LEFT", "-ERR numkeys should be greater than 0"],
    ["SET s x", "+OK"],
    ["BLPOP s 0", WRONG_TYPE],
    ["BLMOVE s c LEFT LEFT 0", WRONG_TYPE],
    ["BLMOVE c s LEFT LEFT 0", WRONG_TYPE],
  ]);
});

Deno.test("a key of another type is refused", () => {
  const talk = new Talk();
  talk.say("SET s text");
  const lines = ["LPUSH s a", "RPUSHX s a", "LPOP s", "RPOP s 2", "LLEN s"]
    .concat("LRANGE s 0 -1", "LINDEX s x", "LSET s x x", "LINSERT s AFTER a b")
    .concat("LREM s 0 a", "LTRIM s 0 1", "LPOS s a", "LPOS s a COUNT 1");
  for (const line of lines) assertEquals(talk.say(line), WRONG_TYPE, line);
  talk.say("RPUSH l a");
  assertEquals(talk.say("GET l"), WRONG_TYPE);
});

Deno.test("every change of a list is made known, and when it is gone", () => {
  new Talk().assertLearned([
    ["LPUSH k a b", "lpush:k@0 > LPUSH k a b"],
    ["RPUSHX k c d e", "rpush:k@0 > RPUSHX k c d e"],
    ["RPUSHX none c", ""],
    ["LSET k 0 x", "lset:k@0 > LSET k 0 x"],
    ["LSET k 9 x", ""],
    ["LINSERT k AFTER x y", "linsert:k@0 > LINSERT k AFTER x y"],
    ["LINSERT k AFTER none y", ""],
    ["LREM k 0 y", "lrem:k@0 > LREM k 0 y"],
    ["LREM k 0 y", ""],
    ["LTRIM k 0 3", "ltrim:k@0 > LTRIM k 0 3"],
    ["LPOP k", "lpop:k@0 > LPOP k"],
    ["RPOP k 1", "rpop:k@0 > RPOP k 1"],
    ["RPOP k 0", ""],
    ["LRANGE k 0 -1", ""],
    ["LMOVE k to LEFT RIGHT", "rpush:to@0 lpop:k@0 > LMOVE k to LEFT RIGHT"],
    ["RPOPLPUSH k to", "lpush:to@0 rpop:k@0 del:k@0 > RPOPLPUSH k to"],
    ["RPOPLPUSH to to", "lpush:to@0 rpop:to@0 > RPOPLPUSH to to"],
    ["RPOP to 5", "rpop:to@0 del:to@0 > RPOP to 5"],
    ["RPUSH k a", "rpush:k@0 > RPUSH k a"],
    ["LREM k 1 a", "lrem:k@0 del:k@0 > LREM k 1 a"],
    ["RPUSH k a", "rpush:k@0 > RPUSH k a"],
    ["LTRIM k 1 0", "ltrim:k@0 del:k@0 > LTRIM k 1 0"],
  ]);
});

Deno.test("others get a pop that may wait as one that does not", () => {
  const talk = new Talk();
  talk.say("RPUSH k a b c d e f g h");
  talk.assertLearned([
    ["BLPOP none k 0", "lpop:k@0 > LPOP k"],
    ["BRPOP k 0", "rpop:k@0 > RPOP k"],
    ["LMPOP 2 none k LEFT COUNT 2", "lpop:k@0 > LPOP k 2"],
    ["BLMPOP 0 1 k RIGHT", "rpop:k@0 > RPOP k 1"],
    ["BLMOVE k to LEFT LEFT 0", "lpush:to@0 lpop:k@0 > LMOVE k to LEFT LEFT"],
    ["BRPOPLPUSH k to 0", "lpush:to@0 rpop:k@0 > RPOPLPUSH k to"],
    ["LMPOP 1 k RIGHT COUNT 9", "rpop:k@0 del:k@0 > RPOP k 1"],
  ]);
});

Deno.test("OBJECT ENCODING follows the limits of the configuration", () => {
  const talk = new Talk({ config: { "list-max-listpack-size": "4" } });
  talk.assert([
    ["RPUSH k a b c d", ":4"],
    ["OBJECT ENCODING k", "$8 listpack"],
    ["LINSERT k AFTER none x", ":-1"],
    ["OBJECT ENCODING k", "$9 quicklist"],
    ["RPOP k 2", "*2 $1 d $1 c"],
    ["OBJECT ENCODING k", "$8 listpack"],
    ["CONFIG SET list-max-listpack-size -1", "+OK"],
    ["RPUSH k 1 2 3 4 5 6 7 8", ":10"],
    ["OBJECT ENCODING k", "$8 listpack"],
    ["COPY k copy", ":1"],
    ["OBJECT ENCODING copy", "$8 listpack"],
  ]);
  talk.call("RPUSH", "k", "x".repeat(4096));
  assertEquals(talk.say("OBJECT ENCODING k"), "$9 quicklist");
  talk.assert([
    ["LSET k -1 small", "+OK"],
    ["OBJECT ENCODING k", "$9 quicklist"],
    ["RPOP k", "$5 small"],
    ["OBJECT ENCODING k", "$8 listpack"],
    ["CONFIG SET list-max-listpack-size -2147483648", "+OK"],
    ["RPUSH k x", ":11"],
    ["OBJECT ENCODING k", "$8 listpack"],
    ["DEL k copy", ":2"],
  ]);
});

Deno.test("a list moves, is renamed and expires as any key does", () => {
  const talk = new Talk({ config: { "list-max-listpack-size": "2" } });
  talk.assert([
    ["RPUSH k a b c d e", ":5"],
    ["PEXPIRE k 1000", ":1"],
    ["LPUSH k z", ":6"],
    ["PTTL k", ":1000"],
    ["RENAME k l", "+OK"],
    ["MOVE l 1", ":1"],
    ["SELECT 1", "+OK"],
    ["LLEN l", ":6"],
    ["COPY l copy", ":1"],
    ["SET l x", "+OK"],
    ["LLEN copy", ":6"],
  ]);
  talk.nowMs += 2000;
  talk.assert([["LLEN copy", ":0"], ["LPUSH copy a", ":1"], [
    "PTTL copy",
    ":-1",
  ]]);
});

Deno.test("DEBUG QUICKLIST-PACKED-THRESHOLD reads an amount of memory", () => {
  const refusal =
    "-ERR argument must be a memory value bigger than 1 and smaller than 4gb";
  const talk = new Talk({ config: { "enable-debug-command": "yes" } });
  const name = "DEBUG QUICKLIST-PACKED-THRESHOLD";
  talk.assert([
    [`${name} 5b`, "+OK"],
    ["RPUSH k 1234 12345 1", ":3"],
    ["LPUSHX k 123456", ":4"],
    ["LRANGE k 0 -1", "*4 $6 123456 $4 1234 $5 12345 $1 1"],
    [`${name} 0`, "+OK"],
    [`${name} 4095MB`, "+OK"],
    [`${name} 4gb`, refusal],
    [`${name} 1x`, refusal],
    [`${name} -1`, refusal],
  ]);
});
