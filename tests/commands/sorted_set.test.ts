/** Sorted sets: replies, errors, and what others learn of a change. */
import { assertEquals } from "@std/assert";
import { Random } from "../support/random.ts";
import { Talk } from "./talk.ts";

const SYNTAX = "-ERR syntax error";
const NOT_FLOAT = "-ERR value is not a valid float";
const NOT_INTEGER = "-ERR value is not an integer or out of range";
const BOUND_NOT_FLOAT = "-ERR min or max is not a float";
const BOUND_NOT_NAME = "-ERR min or max not valid string range item";
const WRONG_TYPE =
  "-WRONGTYPE Operation against a key holding the wrong kind of value";

/** The same for the small and for the large form. */
function bothForms(what: string, run: (talk: () => Talk) => void): void {
  for (const [form, entries] of [["small", "128"], ["large", "0"]]) {
    Deno.test(`${what} (${form})`, () => {
      const config = { "zset-max-listpack-entries": entries };
      run(() => new Talk({ config }));
    });
  }
}

/** A talk about `z`, which holds a to e with the scores 1 to 5. */
function lettered(talk: Talk): Talk {
  talk.say("ZADD z 1 a 2 b 3 c 4 d 5 e");
  return talk;
}

bothForms("ZADD adds, changes, and counts what it did", (talk) => {
  talk().assert([
    ["ZADD z 1 a 2 b", ":2"],
    ["ZADD z 1 a 3 b 4 c", ":1"],
    ["ZADD z CH 1 a 5 b 6 d", ":2"],
    ["ZADD z ch 1 a", ":0"],
    ["ZADD z 9 x 8 x", ":1"],
    [
      "ZRANGE z 0 -1 WITHSCORES",
      "*10 $1 a $1 1 $1 c $1 4 $1 b $1 5 $1 d $1 6 $1 x $1 8",
    ],
    ["ZCARD z", ":5"],
    ["ZCARD none", ":0"],
  ]);
});

bothForms("ZADD's conditions decide for each member", (talk) => {
  talk().assert([
    ["ZADD z XX 1 a", ":0"],
    ["EXISTS z", ":0"],
    ["ZADD z NX 1 a 2 b", ":2"],
    ["ZADD z NX CH 9 a 3 c", ":1"],
    ["ZADD z XX CH 7 a 7 d", ":1"],
    ["ZADD z GT CH 6 a 8 b 1 e", ":2"],
    ["ZADD z LT CH 6 a 9 b 1 f", ":2"],
    ["ZADD z XX GT CH 7 a 7 g", ":1"],
    ["ZMSCORE z a b c d e f g", "*7 $1 7 $1 8 $1 3 $-1 $1 1 $1 1 $-1"],
  ]);
});

bothForms("ZADD INCR and ZINCRBY reply with the sum", (talk) => {
  talk().assert([
    ["ZADD z INCR 2 a", "$1 2"],
    ["ZADD z INCR 2.5 a", "$3 4.5"],
    ["ZADD z NX INCR 2 a", "$-1"],
    ["ZADD z XX INCR 2 b", "$-1"],
    ["ZADD z GT INCR -1 a", "$-1"],
    ["ZADD z LT INCR -1 a", "$3 3.5"],
    ["ZADD none XX INCR 1 a", "$-1"],
    ["ZINCRBY z -3.5 a", "$1 0"],
    ["ZINCRBY z 1 new", "$1 1"],
    ["ZINCRBY z inf a", "$3 inf"],
    ["ZINCRBY z -inf a", "-ERR resulting score is not a number (NaN)"],
    ["ZADD z INCR -inf a", "-ERR resulting score is not a number (NaN)"],
    ["ZSCORE z a", "$3 inf"],
  ]);
});

bothForms("ZADD refuses before it changes anything", (talk) => {
  const it = talk();
  it.assert([
    ["ZADD z", "-ERR wrong number of arguments for 'zadd' command"],
    ["ZADD z 1 a 2", SYNTAX],
    ["ZADD z NX CH", SYNTAX],
    [
      "ZADD z NX XX 1 a",
      "-ERR XX and NX options at the same time are not compatible",
    ],
    ["ZADD z XX NX 1", SYNTAX],
    [
      "ZADD z INCR 1 a 2 b",
      "-ERR INCR option supports a single increment-element pair",
    ],
    ["ZADD z 1 a x b", NOT_FLOAT],
    ["ZADD z nan a", NOT_FLOAT],
    ["ZADD z 1 a 2 b NX 3", NOT_FLOAT],
    ["ZINCRBY z x a", NOT_FLOAT],
    ["ZINCRBY z NX a", SYNTAX],
    ["EXISTS z", ":0"],
  ]);
  for (const both of ["GT NX", "NX LT", "GT LT", "LT XX GT"]) {
    assertEquals(
      it.say(`ZADD z ${both} 1 a`),
      "-ERR GT, LT, and/or NX options at the same time are not compatible",
    );
  }
});

bothForms("scores and ranks", (talk) => {
  const it = lettered(talk());
  it.assert([
    ["ZSCORE z c", "$1 3"],
    ["ZSCORE z none", "$-1"],
    ["ZSCORE none c", "$-1"],
    ["ZMSCORE none a b", "*2 $-1 $-1"],
    ["ZRANK z a", ":0"],
    ["ZRANK z e", ":4"],
    ["ZREVRANK z a", ":4"],
    ["ZRANK z none", "$-1"],
    ["ZRANK none a", "$-1"],
    ["ZRANK z c WITHSCORE", "*2 :2 $1 3"],
    ["ZREVRANK z b withscore", "*2 :3 $1 2"],
    ["ZRANK z none WITHSCORE", "*-1"],
    ["ZRANK none a WITHSCORE", "*-1"],
    ["ZRANK z a SCORE", SYNTAX],
    [
      "ZRANK z a WITHSCORE x",
      "-ERR wrong number of arguments for 'zrank' command",
    ],
  ]);
  it.say("HELLO 3");
  it.assert([
    ["ZSCORE z c", ",3"],
    ["ZINCRBY z 0.5 c", ",3.5"],
    ["ZADD z INCR inf d", ",inf"],
    ["ZADD z NX INCR 1 d", "_"],
    ["ZMSCORE z c none", "*2 ,3.5 _"],
    ["ZRANK z c WITHSCORE", "*2 :2 ,3.5"],
    ["ZRANK z none WITHSCORE", "_"],
  ]);
});

bothForms("ZRANGE by rank", (talk) => {
  const it = lettered(talk());
  it.assert([
    ["ZRANGE z 1 2", "*2 $1 b $1 c"],
    ["ZRANGE z -2 -1 WITHSCORES", "*4 $1 d $1 4 $1 e $1 5"],
    ["ZRANGE z -100 1", "*2 $1 a $1 b"],
    ["ZRANGE z 3 100", "*2 $1 d $1 e"],
    ["ZRANGE z 5 100", "*0"],
    ["ZRANGE z 2 1", "*0"],
    ["ZRANGE z 0 -6", "*0"],
    ["ZRANGE z 0 1 REV", "*2 $1 e $1 d"],
    ["ZREVRANGE z 0 1 WITHSCORES", "*4 $1 e $1 5 $1 d $1 4"],
    ["ZREVRANGE z -2 -1", "*2 $1 b $1 a"],
    ["ZRANGE none 0 -1", "*0"],
    ["ZRANGE z 0 1.5", NOT_INTEGER],
    [
      "ZRANGE z 0 -1 LIMIT 1 2",
      "-ERR syntax error, LIMIT is only supported in combination with either BYSCORE or BYLEX",
    ],
    ["ZRANGE z 0 1 LIMIT 1 -1", "*2 $1 a $1 b"],
    ["ZRANGE z 0 -1 WAT", SYNTAX],
    ["ZREVRANGE z 0 -1 REV", SYNTAX],
    ["ZRANGE z 0 -1 REV REV", SYNTAX],
  ]);
  it.say("HELLO 3");
  it.assert([
    ["ZRANGE z 0 1 WITHSCORES", "*2 *2 $1 a ,1 *2 $1 b ,2"],
    ["ZRANGE z 0 1", "*2 $1 a $1 b"],
    ["ZRANGE none 0 1 WITHSCORES", "*0"],
  ]);
});

bothForms("ranges by score", (talk) => {
  const it = lettered(talk());
  it.assert([
    ["ZRANGEBYSCORE z 2 3", "*2 $1 b $1 c"],
    ["ZRANGEBYSCORE z (2 (4 WITHSCORES", "*2 $1 c $1 3"],
    ["ZRANGEBYSCORE z -inf +inf LIMIT 1 2", "*2 $1 b $1 c"],
    ["ZRANGEBYSCORE z -inf (3 limit 0 -1 withscores", "*4 $1 a $1 1 $1 b $1 2"],
    ["ZRANGEBYSCORE z 1 5 LIMIT -1 2", "*0"],
    ["ZRANGEBYSCORE z 1 5 LIMIT 5 2", "*0"],
    ["ZRANGEBYSCORE z 1 5 LIMIT 2 0", "*0"],
    ["ZRANGEBYSCORE z 4 2", "*0"],
    ["ZRANGEBYSCORE z (3 3", "*0"],
    ["ZREVRANGEBYSCORE z 4 (1 LIMIT 1 5", "*2 $1 c $1 b"],
    ["ZRANGE z (1 4 BYSCORE", "*3 $1 b $1 c $1 d"],
    [
      "ZRANGE z 4 (1 BYSCORE REV LIMIT 0 2 WITHSCORES",
      "*4 $1 d $1 4 $1 c $1 3",
    ],
    ["ZCOUNT z (1 4", ":3"],
    ["ZCOUNT z 4 1", ":0"],
    ["ZCOUNT none 1 4", ":0"],
    ["ZCOUNT z x 4", BOUND_NOT_FLOAT],
    ["ZCOUNT z 1 nan", BOUND_NOT_FLOAT],
    ["ZRANGEBYSCORE z ((1 4", BOUND_NOT_FLOAT],
    ["ZRANGEBYSCORE z 1 4 LIMIT 1", SYNTAX],
    ["ZRANGEBYSCORE z 1 4 LIMIT x 1", NOT_INTEGER],
    ["ZRANGEBYSCORE z 1 4 BYSCORE", SYNTAX],
    ["ZRANGE z 1 4 BYSCORE BYLEX", SYNTAX],
    ["ZCOUNT z '' (", ":0"],
  ]);
});

bothForms("ranges by name", (talk) => {
  const it = talk();
  it.say("ZADD z 0 a 0 b 0 bb 0 c 0 d");
  it.assert([
    ["ZRANGEBYLEX z - +", "*5 $1 a $1 b $2 bb $1 c $1 d"],
    ["ZRANGEBYLEX z [b (c", "*2 $1 b $2 bb"],
    ["ZRANGEBYLEX z (b [c LIMIT 1 5", "*1 $1 c"],
    ["ZRANGEBYLEX z + -", "*0"],
    ["ZRANGEBYLEX z [ (b", "*1 $1 a"],
    ["ZREVRANGEBYLEX z + [bb", "*3 $1 d $1 c $2 bb"],
    ["ZRANGE z [b [bb BYLEX", "*2 $1 b $2 bb"],
    ["ZRANGE z + (b BYLEX REV LIMIT 1 1", "*1 $1 c"],
    ["ZLEXCOUNT z - +", ":5"],
    ["ZLEXCOUNT z [a (c", ":3"],
    ["ZLEXCOUNT none - +", ":0"],
    ["ZLEXCOUNT z a (c", BOUND_NOT_NAME],
    ["ZLEXCOUNT z -x +", BOUND_NOT_NAME],
    ["ZLEXCOUNT z '' +", BOUND_NOT_NAME],
    [
      "ZRANGEBYLEX z - + WITHSCORES",
      "-ERR syntax error, WITHSCORES not supported in combination with BYLEX",
    ],
    [
      "ZRANGE z - + BYLEX WITHSCORES",
      "-ERR syntax error, WITHSCORES not supported in combination with BYLEX",
    ],
    ["ZREMRANGEBYLEX z [b (c", ":2"],
    ["ZRANGE z 0 -1", "*3 $1 a $1 c $1 d"],
  ]);
});

bothForms("removing, by name and by range", (talk) => {
  const it = lettered(talk());
  it.assert([
    ["ZREM z a none c", ":2"],
    ["ZREM none a", ":0"],
    ["ZREMRANGEBYRANK z -1 -1", ":1"],
    ["ZREMRANGEBYRANK z 5 9", ":0"],
    ["ZREMRANGEBYSCORE z (2 4", ":1"],
    ["ZRANGE z 0 -1", "*1 $1 b"],
    ["ZREMRANGEBYRANK z x 1", NOT_INTEGER],
    ["ZREMRANGEBYSCORE z x 1", BOUND_NOT_FLOAT],
    ["ZREMRANGEBYLEX z x [b", BOUND_NOT_NAME],
    ["ZREMRANGEBYLEX z [b [b", ":1"],
    ["EXISTS z", ":0"],
  ]);
});

bothForms("pops take from either end", (talk) => {
  const it = lettered(talk());
  it.assert([
    ["ZPOPMIN z", "*2 $1 a $1 1"],
    ["ZPOPMAX z", "*2 $1 e $1 5"],
    ["ZPOPMIN z 0", "*0"],
    ["ZPOPMAX z 2", "*4 $1 d $1 4 $1 c $1 3"],
    ["ZPOPMIN z 9", "*2 $1 b $1 2"],
    ["EXISTS z", ":0"],
    ["ZPOPMIN z", "*0"],
    ["ZPOPMIN z 3", "*0"],
    ["ZPOPMIN z -1", "-ERR value is out of range, must be positive"],
    ["ZPOPMIN z x", "-ERR value is out of range, must be positive"],
    ["ZPOPMIN z 1 2", SYNTAX],
  ]);
  lettered(it).say("HELLO 3");
  it.assert([
    ["ZPOPMIN z", "*2 $1 a ,1"],
    ["ZPOPMIN z 1", "*1 *2 $1 b ,2"],
    ["ZPOPMAX z 2", "*2 *2 $1 e ,5 *2 $1 d ,4"],
  ]);
});

bothForms("pops from the first key that has members", (talk) => {
  const it = lettered(talk());
  it.assert([
    ["ZMPOP 2 none z MIN", "*2 $1 z *1 *2 $1 a $1 1"],
    ["ZMPOP 1 z max COUNT 2", "*2 $1 z *2 *2 $1 e $1 5 *2 $1 d $1 4"],
    ["ZMPOP 1 none MIN", "*-1"],
    ["BZPOPMIN none z 0", "*3 $1 z $1 b $1 2"],
    ["BZPOPMAX z 1.5", "*3 $1 z $1 c $1 3"],
    ["ZADD z 1 a 2 b", ":2"],
    ["BZMPOP 1 2 none z MIN COUNT 3", "*2 $1 z *2 *2 $1 a $1 1 *2 $1 b $1 2"],
    ["ZMPOP 0 z MIN", "-ERR numkeys should be greater than 0"],
    ["ZMPOP x z MIN", "-ERR numkeys should be greater than 0"],
    ["ZMPOP 1 z", "-ERR wrong number of arguments for 'zmpop' command"],
    ["ZMPOP 2 z MIN", SYNTAX],
    ["ZMPOP 1 z MIDDLE", SYNTAX],
    ["ZMPOP 1 z MIN COUNT", SYNTAX],
    ["ZMPOP 1 z MIN COUNT 0", "-ERR count should be greater than 0"],
    ["ZMPOP 1 z MIN COUNT 1 COUNT 1", SYNTAX],
    ["BZMPOP x 1 z MIN", "-ERR timeout is not a float or out of range"],
    ["BZMPOP -1 1 z MIN", "-ERR timeout is negative"],
    ["BZPOPMIN z x", "-ERR timeout is not a float or out of range"],
    ["BZPOPMAX z -1", "-ERR timeout is negative"],
    ["BZPOPMAX z inf", "-ERR timeout is out of range"],
  ]);
});

bothForms("ZSCAN walks through all", (talk) => {
  const it = lettered(talk());
  assertEquals(it.say("ZSCAN none 0 WAT"), "*2 $1 0 *0");
  it.assert([
    ["ZSCAN z 0 COUNT 100 MATCH [bd]", "*2 $1 0 *4 $1 b $1 2 $1 d $1 4"],
    ["ZSCAN z 0 NOSCORES MATCH c", "*2 $1 0 *1 $1 c"],
    ["ZSCAN z x", "-ERR invalid cursor"],
    ["ZSCAN z 0 COUNT 0", SYNTAX],
    ["ZSCAN z 0 COUNT x", NOT_INTEGER],
    ["ZSCAN z 0 COUNT", SYNTAX],
    ["ZSCAN z 0 WAT 1", SYNTAX],
  ]);
  it.say("HELLO 3");
  assertEquals(it.say("ZSCAN z 0 MATCH c"), "*2 $1 0 *2 $1 c $1 3");
});

bothForms("others learn what changed, and nothing of what did not", (talk) => {
  talk().assertLearned([
    ["ZADD z 1 a 2 b 3 c 4 d", "zadd:z@0 > ZADD z 1 a 2 b 3 c 4 d"],
    ["ZADD z 1 a", ""],
    ["ZADD z XX 5 none", ""],
    ["ZADD z INCR 1 a", "zincr:z@0 > ZADD z INCR 1 a"],
    ["ZINCRBY z 2 a", "zincr:z@0 > ZINCRBY z 2 a"],
    ["ZINCRBY z 0 a", ""],
    ["ZREM z a none", "zrem:z@0 > ZREM z a none"],
    ["ZREM z none", ""],
    ["ZPOPMIN z 0", ""],
    ["ZPOPMIN z", "zpopmin:z@0 > ZPOPMIN z"],
    ["ZPOPMAX z 5", "zpopmax:z@0 del:z@0 > ZPOPMAX z 5"],
    ["ZPOPMAX z", ""],
    ["ZADD z 1 a 2 b 3 c 4 d", "zadd:z@0 > ZADD z 1 a 2 b 3 c 4 d"],
    ["ZMPOP 2 none z MAX", "zpopmax:z@0 > ZPOPMAX z 1"],
    ["BZPOPMIN none z 0", "zpopmin:z@0 > ZPOPMIN z"],
    ["BZMPOP 0 1 z MIN COUNT 9", "zpopmin:z@0 del:z@0 > ZPOPMIN z 2"],
    ["ZADD z 1 a 2 b 3 c", "zadd:z@0 > ZADD z 1 a 2 b 3 c"],
    ["ZREMRANGEBYRANK z 0 0", "zremrangebyrank:z@0 > ZREMRANGEBYRANK z 0 0"],
    ["ZREMRANGEBYRANK z 9 9", ""],
    ["ZREMRANGEBYSCORE z 2 2", "zremrangebyscore:z@0 > ZREMRANGEBYSCORE z 2 2"],
    [
      "ZREMRANGEBYLEX z [c +",
      "zremrangebylex:z@0 del:z@0 > ZREMRANGEBYLEX z [c +",
    ],
    ["ZADD z 1 a", "zadd:z@0 > ZADD z 1 a"],
    ["ZREM z a", "zrem:z@0 del:z@0 > ZREM z a"],
  ]);
});

bothForms("a key of another type is refused and left alone", (talk) => {
  const it = talk();
  it.say("SET k v");
  const lines = [
    "ZADD k 1 a",
    "ZINCRBY k 1 a",
    "ZREM k a",
    "ZCARD k",
    "ZSCORE k a",
    "ZMSCORE k a",
    "ZRANK k a",
    "ZREVRANK k a WITHSCORE",
    "ZCOUNT k 1 2",
    "ZLEXCOUNT k - +",
    "ZRANGE k 0 -1",
    "ZRANGE k 0 1 BYSCORE",
    "ZREVRANGE k 0 -1",
    "ZRANGEBYSCORE k 0 1",
    "ZREVRANGEBYSCORE k 1 0",
    "ZRANGEBYLEX k - +",
    "ZREVRANGEBYLEX k + -",
    "ZREMRANGEBYRANK k 0 -1",
    "ZREMRANGEBYSCORE k 0 1",
    "ZREMRANGEBYLEX k - +",
    "ZPOPMIN k",
    "ZPOPMAX k 2",
    "ZMPOP 2 none k MIN",
    "BZPOPMIN none k 0",
    "BZPOPMAX k 0",
    "BZMPOP 0 1 k MAX",
    "ZSCAN k 0",
  ];
  for (const line of lines) {
    assertEquals(it.say(line), WRONG_TYPE, line);
    assertEquals(it.learn(line), "", line);
  }
  assertEquals(it.say("GET k"), "$1 v");
});

Deno.test("encodings follow the limits, and DEBUG sees through them", () => {
  const it = new Talk();
  it.assert([
    ["CONFIG SET zset-max-listpack-entries 3", "+OK"],
    ["CONFIG SET zset-max-listpack-value 4", "+OK"],
    ["ZADD z 1 a 2 b 3 cccc", ":3"],
    ["OBJECT ENCODING z", "$8 listpack"],
    ["TYPE z", "+zset"],
    ["COPY z y", ":1"],
    ["ZADD y 4 d", ":1"],
    ["OBJECT ENCODING y", "$8 skiplist"],
    ["RENAME y x", "+OK"],
    ["OBJECT ENCODING x", "$8 skiplist"],
    ["ZADD z 1 ddddd", ":1"],
    ["OBJECT ENCODING z", "$8 skiplist"],
    ["ZREM z ddddd b cccc", ":3"],
    ["OBJECT ENCODING z", "$8 skiplist"],
    ["COPY z w", ":1"],
    ["ZRANGE w 0 -1 WITHSCORES", "*2 $1 a $1 1"],
  ]);
});

Deno.test("removing and popping keep the key's due time", () => {
  const it = lettered(new Talk());
  it.say("EXPIRE z 100");
  for (const line of ["ZADD z 9 x", "ZREM z a", "ZPOPMIN z", "ZINCRBY z 1 c"]) {
    it.say(line);
    assertEquals(it.say("TTL z"), ":100", line);
  }
});

Deno.test("bounds by score are read as C reads numbers", () => {
  const it = lettered(new Talk());
  assertEquals(it.call("ZCOUNT", "z", " \t2", "( 4"), ":2");
  assertEquals(it.call("ZCOUNT", "z", "", "(2"), ":1");
  assertEquals(it.call("ZCOUNT", "z", " ", "2"), BOUND_NOT_FLOAT);
  assertEquals(it.call("ZCOUNT", "z", "2 ", "2"), BOUND_NOT_FLOAT);
});

Deno.test("-0 is a score below no other zero", () => {
  const it = new Talk({ config: { "zset-max-listpack-entries": "0" } });
  it.assert([
    ["ZADD z -0 b 0 a", ":2"],
    ["ZSCORE z b", "$2 -0"],
    ["ZADD z CH 0 b", ":0"],
    ["ZRANGE z 0 -1", "*2 $1 a $1 b"],
    ["ZRANGEBYSCORE z 0 0", "*2 $1 a $1 b"],
    ["ZCOUNT z (-0 1", ":0"],
  ]);
});

Deno.test("members of any length and any bytes come back", () => {
  for (const entries of ["128", "0"]) {
    const it = new Talk({ config: { "zset-max-listpack-entries": entries } });
    const names = ["", "\0", "7", "07", "x".repeat(70_000), "\xff\xfe", " "];
    names.forEach((name, i) => it.call("ZADD", "z", String(i), name));
    names.forEach((name, i) => {
      assertEquals(it.call("ZRANK", "z", name), `:${i}`);
      const reply = it.call("ZRANGE", "z", String(i), String(i));
      assertEquals(reply, `*1 $${name.length} ${name}`.trimEnd());
    });
    assertEquals(it.call("ZREM", "z", ...names), `:${names.length}`);
    it.bench.verify();
  }
});

Deno.test("many members through the wire agree with a sorted array", () => {
  const random = new Random(20_261_125);
  const it = new Talk({ isObserved: false });
  const scores = new Map<string, number>();
  for (let turn = 0; turn < 2500; turn++) {
    const name = `m${random.int(700)}`;
    if (random.chance(0.75)) {
      const score = random.int(50);
      const isNew = !scores.has(name);
      assertEquals(it.say(`ZADD z ${score} ${name}`), isNew ? ":1" : ":0");
      scores.set(name, score);
    } else {
      assertEquals(it.say(`ZREM z ${name}`), scores.delete(name) ? ":1" : ":0");
    }
    if (turn % 100 !== 0) continue;
    const row = [...scores].sort(([a, x], [b, y]) => x - y || (a < b ? -1 : 1));
    const words = row.flatMap(([name]) => [`$${name.length}`, name]);
    const all = [`*${row.length}`, ...words].join(" ");
    assertEquals(it.say("ZRANGE z 0 -1"), all, `turn ${turn}`);
    const rank = random.int(row.length);
    assertEquals(it.say(`ZRANK z ${row[rank][0]}`), `:${rank}`);
  }
  it.bench.verify();
});
