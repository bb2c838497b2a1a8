/** ZUNION, ZINTER, ZDIFF and what stores or counts; ZRANGESTORE, ZRANDMEMBER. */
import { assert, assertEquals } from "@std/assert";
import { Talk } from "./talk.ts";

const SYNTAX = "-ERR syntax error";
const NOT_INTEGER = "-ERR value is not an integer or out of range";
const BAD_WEIGHT = "-ERR weight value is not a float";
const WRONG_TYPE =
  "-WRONGTYPE Operation against a key holding the wrong kind of value";

/** Two sorted sets, a set, a string and a long-named member. */
function filled(): Talk {
  const talk = new Talk();
  talk.say("ZADD a 1 x 2 y 3 z");
  talk.say("ZADD b 10 y 20 z 30 w");
  talk.say("SADD s x w 5");
  talk.say("SADD numbers 1 2 3");
  talk.say("SET text v");
  return talk;
}

Deno.test("a union has all members, an intersection the shared ones", () => {
  filled().assert([
    ["ZUNION 2 a b", "*4 $1 x $1 y $1 z $1 w"],
    [
      "ZUNION 2 a b WITHSCORES",
      "*8 $1 x $1 1 $1 y $2 12 $1 z $2 23 $1 w $2 30",
    ],
    ["ZINTER 2 a b", "*2 $1 y $1 z"],
    ["ZINTER 2 a b WITHSCORES", "*4 $1 y $2 12 $1 z $2 23"],
    ["ZDIFF 2 a b WITHSCORES", "*2 $1 x $1 1"],
    ["ZDIFF 1 a", "*3 $1 x $1 y $1 z"],
    ["ZDIFF 2 a a", "*0"],
    ["ZINTER 3 a a a WITHSCORES", "*6 $1 x $1 3 $1 y $1 6 $1 z $1 9"],
    ["ZINTERCARD 2 a b", ":2"],
    ["ZINTERCARD 2 a b LIMIT 1", ":1"],
    ["ZINTERCARD 2 a b LIMIT 0", ":2"],
    ["ZINTERCARD 2 a b LIMIT 9 LIMIT 1", ":1"],
    ["ZINTERCARD 2 a none", ":0"],
  ]);
});

Deno.test("the members of a set have the score 1", () => {
  filled().assert([
    [
      "ZUNION 2 a s WITHSCORES",
      "*10 $1 5 $1 1 $1 w $1 1 $1 x $1 2 $1 y $1 2 $1 z $1 3",
    ],
    ["ZINTER 2 s a WITHSCORES WEIGHTS 10 1", "*2 $1 x $2 11"],
    ["ZDIFF 2 s a WITHSCORES", "*4 $1 5 $1 1 $1 w $1 1"],
    ["ZINTERCARD 2 s b", ":1"],
    [
      "ZUNION 2 numbers s",
      "*6 $1 1 $1 2 $1 3 $1 5 $1 w $1 x",
    ],
  ]);
});

Deno.test("missing keys are empty", () => {
  filled().assert([
    ["ZUNION 2 none a", "*3 $1 x $1 y $1 z"],
    ["ZUNION 1 none", "*0"],
    ["ZINTER 2 a none", "*0"],
    ["ZDIFF 2 none a", "*0"],
    ["ZDIFF 2 a none", "*3 $1 x $1 y $1 z"],
  ]);
});

Deno.test("weights multiply, and an aggregate chooses or adds", () => {
  filled().assert([
    [
      "ZUNION 2 a b WEIGHTS 2 -1 WITHSCORES",
      "*8 $1 w $3 -30 $1 z $3 -14 $1 y $2 -6 $1 x $1 2",
    ],
    [
      "ZUNION 2 a b AGGREGATE MIN WITHSCORES",
      "*8 $1 x $1 1 $1 y $1 2 $1 z $1 3 $1 w $2 30",
    ],
    [
      "ZINTER 2 a b AGGREGATE max WEIGHTS 1 1 WITHSCORES",
      "*4 $1 y $2 10 $1 z $2 20",
    ],
    [
      "ZINTER 2 a b WEIGHTS 1 1 WEIGHTS 0 0 WITHSCORES",
      "*4 $1 y $1 0 $1 z $1 0",
    ],
    [
      "ZINTER 1 a WEIGHTS inf WITHSCORES",
      "*6 $1 x $3 inf $1 y $3 inf $1 z $3 inf",
    ],
  ]);
});

Deno.test("AGGREGATE COUNT adds the weights of the inputs that have a member", () => {
  filled().assert([
    [
      "ZUNION 3 a b s AGGREGATE COUNT WITHSCORES",
      "*10 $1 5 $1 1 $1 w $1 2 $1 x $1 2 $1 y $1 2 $1 z $1 2",
    ],
    [
      "ZINTER 2 a b WEIGHTS 5 7 AGGREGATE count WITHSCORES",
      "*4 $1 y $2 12 $1 z $2 12",
    ],
    ["ZUNIONSTORE d 2 a b AGGREGATE COUNT", ":4"],
    ["ZSCORE d y", "$1 2"],
    ["ZINTERSTORE d 2 a s AGGREGATE COUNT WEIGHTS 0.5 0.25", ":1"],
    ["ZSCORE d x", "$4 0.75"],
  ]);
});

Deno.test("infinity and its opposite come to 0, and so does 0 times infinity", () => {
  const talk = new Talk();
  talk.say("ZADD p inf m 1 n");
  talk.say("ZADD q -inf m 5 n 6 o");
  talk.assert([
    ["ZUNION 2 p q WITHSCORES", "*6 $1 m $1 0 $1 n $1 6 $1 o $1 6"],
    ["ZINTER 2 p q WITHSCORES", "*4 $1 m $1 0 $1 n $1 6"],
    ["ZUNION 1 p WEIGHTS 0 WITHSCORES", "*4 $1 m $1 0 $1 n $1 0"],
    // A union makes each product a number, an intersection only their sum.
    [
      "ZUNION 2 p q WEIGHTS 1 0 WITHSCORES",
      "*6 $1 o $1 0 $1 n $1 1 $1 m $3 inf",
    ],
    ["ZINTER 2 p q WEIGHTS 1 0 WITHSCORES", "*4 $1 m $1 0 $1 n $1 1"],
    [
      "ZINTER 2 p q WEIGHTS 1 0 AGGREGATE MIN WITHSCORES",
      "*4 $1 n $1 0 $1 m $3 inf",
    ],
  ]);
});

Deno.test("what stores replaces any value and its due time", () => {
  const talk = filled();
  talk.say("SET text v EX 100");
  talk.assert([
    ["ZUNIONSTORE text 2 a b", ":4"],
    ["TTL text", ":-1"],
    ["TYPE text", "+zset"],
    [
      "ZRANGE text 0 -1 WITHSCORES",
      "*8 $1 x $1 1 $1 y $2 12 $1 z $2 23 $1 w $2 30",
    ],
    // The destination may be an input.
    ["ZINTERSTORE a 2 a b WEIGHTS 2 1", ":2"],
    ["ZRANGE a 0 -1 WITHSCORES", "*4 $1 y $2 14 $1 z $2 26"],
    ["ZDIFFSTORE b 2 b a", ":1"],
    ["ZRANGE b 0 -1 WITHSCORES", "*2 $1 w $2 30"],
    ["ZDIFFSTORE b 2 b b", ":0"],
    ["EXISTS b", ":0"],
    ["ZRANGESTORE a a -1 -1", ":1"],
    ["ZRANGE a 0 -1", "*1 $1 z"],
  ]);
});

Deno.test("a stored result makes itself known, an empty one as a deletion", () => {
  filled().assertLearned([
    ["ZUNIONSTORE d 2 a b", "zunionstore:d@0 > ZUNIONSTORE d 2 a b"],
    ["ZINTERSTORE d 2 a b", "zinterstore:d@0 > ZINTERSTORE d 2 a b"],
    ["ZDIFFSTORE d 2 a b", "zdiffstore:d@0 > ZDIFFSTORE d 2 a b"],
    ["ZRANGESTORE d a 0 1", "zrangestore:d@0 > ZRANGESTORE d a 0 1"],
    ["ZRANGESTORE d a 5 9", "del:d@0 > ZRANGESTORE d a 5 9"],
    ["ZRANGESTORE d none 0 1", ""],
    ["ZINTERSTORE d 2 a none", ""],
    ["ZUNIONSTORE text 1 none", "del:text@0 > ZUNIONSTORE text 1 none"],
    ["ZUNION 2 a b", ""],
    ["ZUNIONSTORE d 2 a b WEIGHTS 1 x", ""],
  ]);
});

Deno.test("a result is small when its members are few and short", () => {
  const long = "m".repeat(65);
  const talk = new Talk();
  talk.say(`ZADD long 1 ${long} 2 n`);
  talk.say("ZADD short 1 n 2 o");
  for (let i = 0; i < 130; i++) talk.say(`ZADD many ${i} member:${i}`);
  talk.assert([
    ["ZUNIONSTORE d 2 long short", ":3"],
    ["OBJECT ENCODING d", "$8 skiplist"],
    ["ZINTERSTORE d 2 long short", ":1"],
    ["OBJECT ENCODING d", "$8 listpack"],
    ["ZUNIONSTORE d 1 many", ":130"],
    ["OBJECT ENCODING d", "$8 skiplist"],
    ["ZRANGESTORE d many 2 -1", ":128"],
    ["OBJECT ENCODING d", "$8 listpack"],
    ["ZRANGESTORE d many 1 -1", ":129"],
    ["OBJECT ENCODING d", "$8 skiplist"],
    ["ZRANGESTORE d long 0 0", ":1"],
    ["OBJECT ENCODING d", "$8 skiplist"],
    // Redis 7.2 does not know how long such a range is when it begins.
    ["ZRANGESTORE d short 0 5 BYSCORE", ":2"],
    ["OBJECT ENCODING d", "$8 skiplist"],
    ["ZRANGESTORE d short - + BYLEX", ":2"],
    ["OBJECT ENCODING d", "$8 skiplist"],
  ]);
});

Deno.test("ZRANGESTORE takes what ZRANGE takes, except WITHSCORES", () => {
  const talk = filled();
  const stored = (line: string, reply: string) =>
    talk.assert([[line, `:${reply.match(/\$/g)?.length ?? 0}`], [
      "ZRANGE d 0 -1",
      reply,
    ]]);
  stored("ZRANGESTORE d a 0 -2", "*2 $1 x $1 y");
  stored("ZRANGESTORE d a 0 0 REV", "*1 $1 z");
  stored("ZRANGESTORE d a (1 +inf BYSCORE", "*2 $1 y $1 z");
  stored("ZRANGESTORE d a +inf -inf BYSCORE REV LIMIT 0 2", "*2 $1 y $1 z");
  stored("ZRANGESTORE d a +inf -inf REV LIMIT 1 1 BYSCORE", "*1 $1 y");
  stored("ZRANGESTORE d a [y + BYLEX LIMIT 1 -1", "*1 $1 z");
  stored("ZRANGESTORE d a 5 9", "*0");
  talk.assert([
    ["ZRANGESTORE d a 0 1 WITHSCORES", SYNTAX],
    ["ZRANGESTORE d a 0 1 BYSCORE BYLEX", SYNTAX],
    ["ZRANGESTORE d a 0 x", NOT_INTEGER],
    ["ZRANGESTORE d a x 1 BYSCORE", "-ERR min or max is not a float"],
    [
      "ZRANGESTORE d a x 1 BYLEX",
      "-ERR min or max not valid string range item",
    ],
    [
      "ZRANGESTORE d a 0 1 LIMIT 0 1",
      "-ERR syntax error, LIMIT is only supported in combination with either " +
      "BYSCORE or BYLEX",
    ],
    ["ZRANGESTORE d s 0 1", WRONG_TYPE],
    ["ZRANGESTORE d text 0 1", WRONG_TYPE],
    [
      "ZRANGESTORE d a 0",
      "-ERR wrong number of arguments for 'zrangestore' command",
    ],
  ]);
});

Deno.test("the number of keys is proved before the keys, the keys before options", () => {
  const noKey = (name: string) =>
    `-ERR at least 1 input key is needed for '${name}' command`;
  filled().assert([
    ["ZUNION 0 a", noKey("zunion")],
    ["ZINTER -1 a", noKey("zinter")],
    ["ZDIFF 0 a", noKey("zdiff")],
    ["ZINTERCARD 0 a", noKey("zintercard")],
    ["ZUNIONSTORE d 0 a", noKey("zunionstore")],
    ["ZINTERSTORE d 0 a", noKey("zinterstore")],
    ["ZDIFFSTORE d 0 a", noKey("zdiffstore")],
    ["ZUNION x a", NOT_INTEGER],
    ["ZUNION 3 a b", SYNTAX],
    ["ZUNION 9223372036854775807 a b", SYNTAX],
    ["ZUNION 2 a text WEIGHTS 1 x", WRONG_TYPE],
    ["ZUNIONSTORE d 2 text a FOO", WRONG_TYPE],
    ["ZINTERCARD 2 a text", WRONG_TYPE],
    ["ZUNION 2 a b WEIGHTS 1 x", BAD_WEIGHT],
    ["ZUNION 2 a b WEIGHTS 1 nan", BAD_WEIGHT],
    ["ZUNION 2 a b WEIGHTS 1", SYNTAX],
    ["ZUNION 2 a b AGGREGATE", SYNTAX],
    ["ZUNION 2 a b AGGREGATE AVG", SYNTAX],
    ["ZUNIONSTORE d 2 a b WITHSCORES", SYNTAX],
    ["ZDIFF 2 a b WEIGHTS 1 1", SYNTAX],
    ["ZDIFF 2 a b AGGREGATE SUM", SYNTAX],
    ["ZDIFFSTORE d 2 a b WEIGHTS 1 1", SYNTAX],
    ["ZINTERCARD 2 a b LIMIT", SYNTAX],
    ["ZINTERCARD 2 a b LIMIT -1", "-ERR LIMIT can't be negative"],
    ["ZINTERCARD 2 a b LIMIT x", "-ERR LIMIT can't be negative"],
    ["ZINTERCARD 2 a b WEIGHTS 1 1", SYNTAX],
    ["EXISTS d", ":0"],
  ]);
});

Deno.test("many inputs are sorted by size", () => {
  const talk = new Talk();
  const keys = Array.from({ length: 100 }, (_, i) => `k${(i * 37) % 100}`);
  for (const key of keys) {
    const size = Number(key.slice(1)) % 10 + 1;
    for (let i = 0; i < size; i++) talk.say(`ZADD ${key} ${i} m${i}`);
  }
  const line = keys.join(" ");
  talk.assert([
    [`ZINTER 100 ${line} WITHSCORES`, "*2 $2 m0 $1 0"],
    [`ZINTERCARD 100 ${line}`, ":1"],
    [`ZUNIONSTORE d 100 ${line}`, ":10"],
    ["ZSCORE d m9", "$2 90"],
    ["ZSCORE d m1", "$2 90"],
    [
      `ZUNION 101 ${line} x WEIGHTS ${
        "1 ".repeat(101)
      }AGGREGATE MIN WITHSCORES`,
      "*20 " +
      Array.from({ length: 10 }, (_, i) => `$2 m${i} $1 ${i}`).join(" "),
    ],
  ]);
});

Deno.test("the others are put together when the first is large and they small", () => {
  const talk = new Talk();
  for (let i = 0; i < 500; i++) talk.say(`ZADD large ${i} m${i}`);
  const keys = Array.from({ length: 50 }, (_, i) => `k${i}`);
  for (const [i, key] of keys.entries()) {
    talk.say(`SADD ${key} m${i * 10} ${i}`);
  }
  talk.assert([
    [`ZDIFFSTORE d 51 large ${keys.join(" ")}`, ":450"],
    ["ZSCORE d m490", "$-1"],
    ["ZSCORE d m491", "$3 491"],
    ["ZRANGE d 0 2 WITHSCORES", "*6 $2 m1 $1 1 $2 m2 $1 2 $2 m3 $1 3"],
  ]);
});

Deno.test("RESP3 has doubles, and pairs of member and score", () => {
  const talk = filled();
  talk.say("HELLO 3");
  talk.assert([
    ["ZUNION 2 a b", "*4 $1 x $1 y $1 z $1 w"],
    ["ZINTER 2 a b WITHSCORES", "*2 *2 $1 y ,12 *2 $1 z ,23"],
    ["ZDIFF 2 a b WITHSCORES", "*1 *2 $1 x ,1"],
    ["ZRANDMEMBER none", "_"],
    ["ZRANDMEMBER none 1", "*0"],
    ["ZRANGESTORE d a 0 0", ":1"],
    ["ZRANDMEMBER d", "$1 x"],
    ["ZRANDMEMBER d 3 WITHSCORES", "*1 *2 $1 x ,1"],
    ["ZRANDMEMBER d -2 WITHSCORES", "*2 *2 $1 x ,1 *2 $1 x ,1"],
  ]);
});

Deno.test("ZRANDMEMBER reads its count and its option", () => {
  filled().assert([
    ["ZRANDMEMBER none", "$-1"],
    ["ZRANDMEMBER none 5", "*0"],
    ["ZRANDMEMBER a 0", "*0"],
    ["ZRANDMEMBER a 10", "*3 $1 x $1 y $1 z"],
    ["ZRANDMEMBER a 3 WITHSCORES", "*6 $1 x $1 1 $1 y $1 2 $1 z $1 3"],
    ["ZRANDMEMBER a x", NOT_INTEGER],
    ["ZRANDMEMBER a 1 FOO", SYNTAX],
    ["ZRANDMEMBER a 1 WITHSCORES x", SYNTAX],
    ["ZRANDMEMBER a x FOO", NOT_INTEGER],
    [
      "ZRANDMEMBER a -9223372036854775808",
      "-ERR value is out of range, value must between -9223372036854775807 " +
      "and 9223372036854775807",
    ],
    [
      "ZRANDMEMBER a 4611686018427387904 WITHSCORES",
      "-ERR value is out of range",
    ],
    [
      "ZRANDMEMBER a -4611686018427387904 WITHSCORES",
      "-ERR value is out of range",
    ],
    [
      "ZRANDMEMBER a 4611686018427387903 WITHSCORES",
      "*6 $1 x $1 1 $1 y $1 2 $1 z $1 3",
    ],
    ["ZRANDMEMBER s", WRONG_TYPE],
    ["ZRANDMEMBER s 1", WRONG_TYPE],
    ["ZRANDMEMBER s 0", WRONG_TYPE],
  ]);
});

for (const size of [10, 200]) {
  Deno.test(`ZRANDMEMBER draws each of ${size} members as often`, () => {
    const talk = new Talk();
    for (let i = 0; i < size; i++) talk.say(`ZADD z ${i} ${1000 + i}`);
    // Few of many are drawn, many are chosen in passing, repeats are free.
    const few = Math.floor(size / 4), many = Math.floor(size / 2);
    for (const [count, rounds] of [[few, 1200], [many, 800], [-size, 400]]) {
      const drawn = new Map<string, number>();
      for (let round = 0; round < rounds; round++) {
        const reply = talk.say(`ZRANDMEMBER z ${count}`);
        const members = reply.match(/\b1\d\d\d\b/g) ?? [];
        assertEquals(members.length, Math.abs(count));
        if (count > 0) assertEquals(new Set(members).size, count);
        for (const one of members) drawn.set(one, (drawn.get(one) ?? 0) + 1);
      }
      const expected = rounds * Math.abs(count) / size;
      assertEquals(drawn.size, size);
      for (const [member, times] of drawn) {
        const isFair = Math.abs(times - expected) < 6 * Math.sqrt(expected);
        assert(isFair, `${member}: ${times} of ${expected}, count ${count}`);
      }
    }
  });
}
