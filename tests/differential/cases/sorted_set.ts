/** Sorted sets: every command with its options, in both encodings. */

import { group, type Script, script, type Teller } from "../script.ts";

/** The same for a small and for a large sorted set. */
function bothForms(name: string, body: (t: Teller) => void): Script[] {
  return [["listpack", "128"], ["skiplist", "0"]].map(([form, entries]) =>
    script(`${name}, as a ${form}`, (t) => {
      t.run(`CONFIG SET zset-max-listpack-entries ${entries}`);
      body(t);
      t.run("CONFIG SET zset-max-listpack-entries 128");
    })
  );
}

const letters = "1 a 2 b 3 c 4 d 5 e 5 f 5 g 6.5 h -3 i inf j -inf k";

/** Bounds by score, in every form and in no form. */
const scoreBounds = [
  ...["-inf", "+inf", "(-inf", "(+inf", "3", "(3", "5", "(5", "-3", "6.25"],
  ...["7", "(", "nan", "x", "[3", "((3", "3x", "0x5"],
];

const nameBounds = ["-", "+", "[a", "(a", "[bb", "(d", "[", "(z", "x", "-a"];

export default group("sorted_set", [
  ...bothForms("ZADD with each option", (t) => {
    t.all("ZADD z 1 a 2 b 3 c", "ZADD z 1 a 9 b 4 d", "ZADD z CH 1 a 8 b 5 e");
    t.all("ZADD z NX 1 a 5 f", "ZADD z XX 7 a 7 g", "ZADD z XX CH 8 a 8 b 8 g");
    t.all("ZADD z GT CH 1 a 9 b 2 h", "ZADD z LT CH 1 a 10 b 3 i");
    t.all("ZADD z XX GT 12 a 1 b 1 x", "ZADD z ch xx lt 0 a 0 b 0 x");
    t.all("ZADD z INCR 2 a", "ZADD z NX INCR 2 a", "ZADD z NX INCR 2 new");
    t.all("ZADD z XX INCR 2 a", "ZADD z XX INCR 2 none", "ZADD z GT INCR -1 a");
    t.all("ZADD z LT INCR -1 a", "ZADD z INCR CH 2 a", "ZADD z 1 a 2 a 3 a");
    t.all("ZADD z inf a -inf b +inf c", "ZADD z INCR -inf a", "ZSCORE z a");
    t.all("ZADD z NX XX 1 a", "ZADD z GT LT 1 a", "ZADD z NX GT 1 a");
    t.all(
      "ZADD z NX LT 1 a",
      "ZADD z INCR 1 a 2 b",
      "ZADD z 1",
      "ZADD z 1 a 2",
    );
    t.all("ZADD z NX", "ZADD z CH NX", "ZADD z x a", "ZADD z nan a");
    t.all("ZADD z 1 a x b", "ZADD z 1e3 e3 0x1f hex .5 half 1. one", "ZADD z");
    t.all("ZADD none XX 1 a", "EXISTS none", "ZADD z '' a", "ZADD z ' 1' a");
    t.all("ZRANGE z 0 -1 WITHSCORES", "OBJECT ENCODING z", "TYPE z", "ZCARD z");
  }),

  ...bothForms("ZINCRBY adds to scores", (t) => {
    t.all(
      "ZINCRBY z 1 a",
      "ZINCRBY z 2.5 a",
      "ZINCRBY z -4 a",
      "ZINCRBY z 0 a",
    );
    t.all(
      "ZINCRBY z inf a",
      "ZINCRBY z -inf a",
      "ZINCRBY z 1 a",
      "ZINCRBY z x a",
    );
    t.all("ZINCRBY z 1", "ZINCRBY z 1 a b", "ZADD z 0 b 0 c", "ZINCRBY z 1 b");
    t.all("ZRANGE z 0 -1", "ZINCRBY z -2 b", "ZRANGE z 0 -1 WITHSCORES");
  }),

  ...bothForms("scores and ranks", (t) => {
    t.all(`ZADD z ${letters}`, "ZCARD z", "ZCARD none");
    for (const name of [..."abcdefghijk", "none"]) {
      t.all(`ZSCORE z ${name}`, `ZRANK z ${name}`, `ZREVRANK z ${name}`);
    }
    t.all("ZMSCORE z a none j k a", "ZMSCORE none a b", "ZMSCORE z");
    t.all("ZSCORE none a", "ZRANK none a", "ZREVRANK none a", "ZRANK z");
  }),

  ...bothForms("ranges by rank", (t) => {
    t.run(`ZADD z ${letters}`);
    for (const start of [0, 2, 10, 11, -1, -3, -11, -20]) {
      for (const stop of [0, 4, 10, 30, -1, -2, -11, -12]) {
        t.all(`ZRANGE z ${start} ${stop}`, `ZREVRANGE z ${start} ${stop}`);
      }
      t.all(`ZRANGE z ${start} -2 WITHSCORES`, `ZRANGE z ${start} 5 REV`);
      t.all(`ZREVRANGE z ${start} -3 WITHSCORES`);
    }
    t.all("ZRANGE z 0 x", "ZRANGE z 0", "ZRANGE z 0 -1 WAT", "ZRANGE none 0 1");
    t.all("ZRANGE z 0 -1 LIMIT 0 1", "ZRANGE z 0 -1 LIMIT 3 -1");
    t.all("ZREVRANGE z 0 -1 REV", "ZRANGE z 0 -1 REV WITHSCORES REV");
    t.all("ZRANGE z 9223372036854775807 -9223372036854775808");
    t.all("ZRANGE z -9223372036854775808 9223372036854775807");
  }),

  ...bothForms("ranges by score", (t) => {
    t.run(`ZADD z ${letters}`);
    for (const min of scoreBounds) {
      for (const max of ["+inf", "(5", "3", "(-3", "x"]) {
        t.all(`ZRANGEBYSCORE z ${min} ${max}`, `ZCOUNT z ${min} ${max}`);
        t.all(`ZREVRANGEBYSCORE z ${max} ${min} WITHSCORES`);
        t.all(`ZRANGE z ${max} ${min} BYSCORE REV LIMIT 1 2`);
      }
    }
    for (const limit of ["0 3", "2 2", "2 -1", "10 1", "11 1", "-1 3", "0 0"]) {
      t.all(`ZRANGEBYSCORE z -inf +inf LIMIT ${limit}`);
      t.all(`ZREVRANGEBYSCORE z +inf (2 WITHSCORES LIMIT ${limit}`);
      t.all(`ZRANGE z 1 (5 BYSCORE LIMIT ${limit} WITHSCORES`);
    }
    t.all("ZRANGEBYSCORE z 1 2 LIMIT 1", "ZRANGEBYSCORE z 1 2 LIMIT x 1");
    t.all("ZRANGEBYSCORE z 1 2 REV", "ZRANGE z 1 2 BYSCORE BYSCORE");
    t.all("ZRANGE z 1 2 BYSCORE BYLEX", "ZRANGEBYSCORE none 1 2");
    t.all("ZCOUNT none 1 2", "ZCOUNT z 1", "ZRANGEBYSCORE z 1");
  }),

  ...bothForms("ranges by name", (t) => {
    t.run("ZADD z 0 a 0 b 0 bb 0 c 0 cc 0 d 0 e 0 \xff 0 ''");
    for (const min of nameBounds) {
      for (const max of nameBounds) {
        t.all(`ZRANGEBYLEX z ${min} ${max}`, `ZLEXCOUNT z ${min} ${max}`);
        t.all(`ZREVRANGEBYLEX z ${max} ${min} LIMIT 1 3`);
        t.all(`ZRANGE z ${max} ${min} BYLEX REV LIMIT 0 2`);
      }
    }
    t.all("ZRANGE z - + BYLEX WITHSCORES", "ZRANGEBYLEX z - + WITHSCORES");
    t.all("ZRANGEBYLEX z - + LIMIT 2 -1", "ZRANGEBYLEX none - +");
    t.all("ZLEXCOUNT none - +", "ZLEXCOUNT z -", "ZRANGEBYLEX z '' +");
  }),

  ...bothForms("removing members and ranges", (t) => {
    const refill = `ZADD z ${letters}`;
    t.all(refill, "ZREM z a none b a", "ZREM none a", "ZREM z", "ZCARD z");
    for (const range of ["0 2", "-2 -1", "3 1", "5 100", "-100 0", "20 30"]) {
      t.all(refill, `ZREMRANGEBYRANK z ${range}`, "ZRANGE z 0 -1");
    }
    for (const range of ["1 3", "(1 (3", "-inf (0", "5 5", "9 1", "7 +inf"]) {
      t.all(refill, `ZREMRANGEBYSCORE z ${range}`, "ZRANGE z 0 -1 WITHSCORES");
    }
    t.all("ZREMRANGEBYSCORE z -inf +inf", "EXISTS z");
    t.all("ZADD z 0 a 0 b 0 c 0 d", "ZREMRANGEBYLEX z (a [c", "ZRANGE z 0 -1");
    t.all("ZREMRANGEBYLEX z - +", "EXISTS z", "ZREMRANGEBYLEX z - +");
    t.all("ZREMRANGEBYRANK z x 1", "ZREMRANGEBYSCORE z x 1");
    t.all("ZREMRANGEBYLEX z x -", "ZREMRANGEBYRANK z 1", "ZADD z 1 a");
    t.all("ZREMRANGEBYRANK z 0 x", "ZREM z a", "EXISTS z");
  }),

  ...bothForms("pops", (t) => {
    t.all(`ZADD z ${letters}`, "ZPOPMIN z", "ZPOPMAX z", "ZPOPMIN z 1");
    t.all("ZPOPMAX z 2", "ZPOPMIN z 0", "ZPOPMIN z -1", "ZPOPMIN z x");
    t.all("ZPOPMIN z 1 2", "ZPOPMIN none", "ZPOPMAX none 3", "ZPOPMIN none -1");
    t.all("ZMPOP 2 none z MIN", "ZMPOP 1 z MAX COUNT 2", "ZMPOP 1 none MIN");
    t.all("ZMPOP 0 z MIN", "ZMPOP -1 z MIN", "ZMPOP x z MIN", "ZMPOP 2 z MIN");
    t.all("ZMPOP 1 z MIDDLE", "ZMPOP 1 z MIN COUNT", "ZMPOP 1 z MIN COUNT 0");
    t.all(
      "ZMPOP 1 z MIN COUNT x",
      "ZMPOP 1 z MIN COUNT 1 COUNT 1",
      "ZMPOP 1 z",
    );
    t.all("ZMPOP 1 z MIN WAT 1", "ZRANGE z 0 -1", "ZMPOP 1 z MIN COUNT 100");
    t.all("EXISTS z", "ZADD z 1 a 2 b 3 c 4 d", "BZPOPMIN none z 0");
    t.all("BZPOPMAX z none 1.5", "BZMPOP 0 2 none z MIN COUNT 5", "EXISTS z");
    t.all("BZPOPMIN z x", "BZPOPMIN z -1", "BZPOPMAX z", "BZMPOP x 1 z MIN");
    t.all("BZMPOP -1 1 z MIN", "BZMPOP 1 0 z MIN", "BZMPOP 1 1 z WAT");
    t.all("BZPOPMIN z 0.01", "BZPOPMAX z 0.01", "BZMPOP 0.01 1 z MIN");
  }),

  ...bothForms("ZSCAN of few members", (t) => {
    t.run("ZADD z 1 a 2.5 b 3 c");
    t.unordered("ZSCAN z 0 COUNT 100 MATCH b");
    t.all("ZSCAN z 0 MATCH none COUNT 100", "ZSCAN none 0", "ZSCAN none 0 WAT");
    t.all("ZSCAN z x", "ZSCAN z 0 COUNT 0", "ZSCAN z 0 COUNT x", "ZSCAN z 0 X");
    t.all("ZSCAN z 0 MATCH", "ZSCAN z");
  }),

  script("every command refuses a key of another type", (t) => {
    t.run("SET k v");
    t.all("ZADD k 1 a", "ZINCRBY k 1 a", "ZREM k a", "ZCARD k", "ZSCORE k a");
    t.all("ZMSCORE k a", "ZRANK k a", "ZREVRANK k a", "ZCOUNT k 1 2");
    t.all("ZLEXCOUNT k - +", "ZRANGE k 0 1", "ZRANGE k 0 1 BYSCORE");
    t.all("ZREVRANGE k 0 1", "ZRANGEBYSCORE k 0 1", "ZREVRANGEBYSCORE k 0 1");
    t.all(
      "ZRANGEBYLEX k - +",
      "ZREVRANGEBYLEX k - +",
      "ZPOPMIN k",
      "ZPOPMAX k",
    );
    t.all("ZREMRANGEBYRANK k 0 1", "ZREMRANGEBYSCORE k 0 1", "ZSCAN k 0");
    t.all("ZREMRANGEBYLEX k - +", "ZMPOP 1 k MIN", "BZPOPMIN k 0");
    t.all("BZPOPMAX k 0", "BZMPOP 0 1 k MIN", "ZPOPMIN k 0", "ZADD k x a");
    t.all("ZADD z 1 a", "GET z", "APPEND z x", "STRLEN z", "INCR z");
  }),

  script("encodings at and around the limits", (t) => {
    t.all("CONFIG SET zset-max-listpack-entries 4");
    t.all("CONFIG SET zset-max-listpack-value 5");
    t.all("ZADD z 1 a 2 b 3 c 4 d", "OBJECT ENCODING z", "ZADD z 9 a");
    t.all("OBJECT ENCODING z", "COPY z y", "ZADD z 5 e", "OBJECT ENCODING z");
    t.all("ZREM z a b c", "OBJECT ENCODING z", "COPY z x", "OBJECT ENCODING x");
    t.all("OBJECT ENCODING y", "ZADD y XX 1 longer", "OBJECT ENCODING y");
    t.all("ZREM y a", "ZADD y 1 longer", "OBJECT ENCODING y");
    t.all("ZADD v 1 12345", "OBJECT ENCODING v", "ZADD w 1 123456");
    t.all("OBJECT ENCODING w", "ZADD v 2 123456 3 b", "OBJECT ENCODING v");
    t.all("ZADD u 1 a 2 longer", "OBJECT ENCODING u", "ZRANGE u 0 -1");
    t.all("ZRANGE x 0 -1 WITHSCORES", "ZRANGE y 0 -1 WITHSCORES");
    t.all("CONFIG SET zset-max-listpack-entries 128");
    t.all("CONFIG SET zset-max-listpack-value 64");
  }),

  script("a sorted set of many members stays in order", (t) => {
    for (let i = 0; i < 400; i++) t.run(`ZADD z ${(i * 7919) % 101} m${i}`);
    for (let i = 0; i < 400; i += 13) {
      t.all(`ZRANK z m${i}`, `ZREVRANK z m${i}`, `ZRANGE z ${i} ${i + 3}`);
      t.all(`ZRANGEBYSCORE z ${i % 101} +inf LIMIT ${i % 50} 4 WITHSCORES`);
      t.all(`ZCOUNT z ${i % 50} (${i % 101}`, `ZINCRBY z 50 m${i}`);
    }
    t.all("ZREMRANGEBYRANK z 100 180", "ZREMRANGEBYSCORE z 20 40", "ZCARD z");
    t.all("ZPOPMIN z 30", "ZPOPMAX z 30", "ZRANGE z 0 -1 WITHSCORES");
    t.all("DEBUG DIGEST-VALUE z");
  }),
]);
