/** ZUNION, ZINTER, ZDIFF, what stores or counts; ZRANGESTORE, ZRANDMEMBER. */

import { group, script, type Teller } from "../script.ts";

/** Sorted sets and sets in all their forms, and something else. */
function fill(t: Teller): void {
  t.all("ZADD a 1 x 2 y 3 z", "ZADD b 10 y 20 z 30 w", "ZADD c 0.5 z -3 q");
  t.all("SADD words x w q", "SADD numbers 1 2 3", "ZADD digits 1 1 2 2 9 30");
  t.all("SADD long x " + "l".repeat(100), "SET text v");
  const members = Array.from({ length: 200 }, (_, i) => `${i % 7} m${i}`);
  t.run(`ZADD large ${members.join(" ")}`);
  t.run(`SADD largeset ${members.map((one) => one.split(" ")[1]).join(" ")} x`);
}

/** As many places as tell any two of these apart: 7.0 prints all 17 digits. */
const PLACES = 20;

const weights = [
  "WEIGHTS 2 3",
  "WEIGHTS -1 0",
  "WEIGHTS 0.1 0.2",
  "WEIGHTS inf 1",
  "WEIGHTS 1e300 1e300",
];
const aggregates = ["", "AGGREGATE SUM", "AGGREGATE MIN", "aggregate max"];
const pairs = [
  "a b",
  "b a",
  "a words",
  "words a",
  "digits numbers",
  "words long",
  "large a",
  "large largeset",
  "a none",
  "none a",
  "a a",
];

const badTails = [
  "WEIGHTS",
  "WEIGHTS 1",
  "WEIGHTS 1 x",
  "WEIGHTS 1 nan",
  "WEIGHTS 1 2 3",
  "AGGREGATE",
  "AGGREGATE AVG",
  "LIMIT 1",
  "WITHSCORE",
  "FOO",
];

export default group("sorted_set_algebra", [
  script("ZUNION and ZINTER reply in order, with and without scores", (t) => {
    fill(t);
    for (const keys of pairs) {
      for (const command of ["ZUNION", "ZINTER", "ZDIFF"]) {
        t.all(`${command} 2 ${keys}`, `${command} 2 ${keys} WITHSCORES`);
      }
    }
    t.all("ZUNION 1 a", "ZINTER 1 a WITHSCORES", "ZDIFF 1 a WITHSCORES");
    t.all("ZUNION 4 a b c words WITHSCORES", "ZINTER 3 a b c WITHSCORES");
    t.all("ZDIFF 3 large a largeset", "ZDIFF 4 a b c words");
  }),

  script("weights multiply, and an aggregate chooses", (t) => {
    fill(t);
    for (const keys of ["a b", "c words", "digits numbers"]) {
      for (const aggregate of aggregates) {
        t.rounded(PLACES, `ZUNION 2 ${keys} ${aggregate} WITHSCORES`);
        t.rounded(PLACES, `ZINTER 2 ${keys} WITHSCORES ${aggregate}`);
        for (const weight of weights) {
          t.rounded(
            PLACES,
            `ZUNION 2 ${keys} ${weight} ${aggregate} WITHSCORES`,
          );
          t.rounded(
            PLACES,
            `ZINTER 2 ${keys} ${aggregate} WITHSCORES ${weight}`,
          );
        }
      }
    }
    t.run("ZUNION 2 a b WEIGHTS 1 1 WEIGHTS 2 2 WITHSCORES WITHSCORES");
  }),

  script("sums go from the smallest input to the largest", (t) => {
    const sums = (keys: string) => {
      t.rounded(PLACES, `ZUNION 3 ${keys} WITHSCORES`);
      t.rounded(PLACES, `ZINTER 3 ${keys} WITHSCORES`);
    };
    t.all("ZADD a 0.1 m", "ZADD b 0.2 m 1 n", "ZADD c 0.3 m 1 n 2 o");
    for (const keys of ["a b c", "c b a", "b c a", "a c b"]) sums(keys);
    t.all("ZADD d 0.3 m", "ZADD e 0.1 m", "ZADD f 0.2 m");
    for (const keys of ["d e f", "f e d", "e f d", "d f e"]) sums(keys);
  }),

  script("infinities of both signs come to 0", (t) => {
    t.all("ZADD p inf m 1 n", "ZADD q -inf m 5 n 6 o");
    for (const weight of ["1 1", "1 0", "0 1", "-1 1", "0 inf", "inf -inf"]) {
      for (const aggregate of aggregates) {
        t.run(`ZUNION 2 p q WEIGHTS ${weight} ${aggregate} WITHSCORES`);
        t.run(`ZINTER 2 p q WEIGHTS ${weight} ${aggregate} WITHSCORES`);
      }
    }
  }),

  script("results are stored in the place of anything", (t) => {
    fill(t);
    for (const command of ["ZUNIONSTORE", "ZINTERSTORE", "ZDIFFSTORE"]) {
      for (const keys of pairs) {
        t.run(`${command} d 2 ${keys}`);
        t.all("ZRANGE d 0 -1 WITHSCORES", "OBJECT ENCODING d", "ZCARD d");
      }
    }
    t.all("SET text v EX 100", "ZUNIONSTORE text 2 a b", "TTL text");
    t.all("TYPE text", "ZRANGE text 0 -1 WITHSCORES");
    t.all("ZINTERSTORE a 2 a b WEIGHTS 2 1", "ZRANGE a 0 -1 WITHSCORES");
    t.all("ZUNIONSTORE words 2 words c AGGREGATE MIN", "TYPE words");
    t.all("ZRANGE words 0 -1 WITHSCORES", "ZDIFFSTORE b 2 b b", "EXISTS b");
    t.all("ZINTERSTORE none 2 a nothing", "EXISTS none");
  }),

  script("a result's encoding follows from what it holds", (t) => {
    const long = "m".repeat(65);
    t.all(`ZADD long 1 ${long} 2 n`, "ZADD short 1 n 2 o");
    t.all("ZUNIONSTORE d 2 long short", "OBJECT ENCODING d");
    t.all("ZINTERSTORE d 2 long short", "OBJECT ENCODING d");
    for (const count of [127, 128, 129]) {
      const members = Array.from({ length: count }, (_, i) => `${i} ${i}`);
      t.run(`ZADD z${count} ${members.join(" ")}`);
      t.all(`ZUNIONSTORE d 1 z${count}`, "OBJECT ENCODING d");
      t.all(`ZINTERSTORE d 2 z129 z${count}`, "OBJECT ENCODING d");
      t.all(`ZDIFFSTORE d 2 z${count} short`, "OBJECT ENCODING d");
      t.all(`ZRANGESTORE d z${count} 0 -1`, "OBJECT ENCODING d");
    }
    t.all("CONFIG SET zset-max-listpack-entries 2");
    t.all("ZUNIONSTORE d 1 short", "OBJECT ENCODING d");
    t.all("ZUNIONSTORE d 2 short z127", "OBJECT ENCODING d");
    t.all("CONFIG SET zset-max-listpack-entries 128");
  }),

  script("ZINTERCARD counts up to a limit", (t) => {
    fill(t);
    for (const keys of pairs) t.run(`ZINTERCARD 2 ${keys}`);
    for (const limit of ["0", "1", "2", "100", "9223372036854775807"]) {
      t.run(`ZINTERCARD 2 large largeset LIMIT ${limit}`);
    }
    t.all("ZINTERCARD 1 large limit 3 LIMIT 5", "ZINTERCARD 3 a b c");
    for (const limit of ["-1", "x", "1.5", "9223372036854775808", ""]) {
      t.run(`ZINTERCARD 2 a b LIMIT`, limit);
    }
    t.all("ZINTERCARD 2 a b LIMIT", "ZINTERCARD 2 a b FOO 1");
  }),

  script("wrong counts, types and options are refused", (t) => {
    fill(t);
    const commands = [
      "ZUNION",
      "ZINTER",
      "ZDIFF",
      "ZINTERCARD",
      "ZUNIONSTORE d",
      "ZINTERSTORE d",
      "ZDIFFSTORE d",
    ];
    for (const command of commands) {
      for (const count of ["0", "-1", "3", "x", "9223372036854775807"]) {
        t.run(`${command} ${count} a b`);
      }
      t.all(`${command} 2 a text`, `${command} 2 text none FOO`);
      t.all(`${command} 1`, `${command} 1 a 1`);
      for (const tail of badTails) t.run(`${command} 2 a b ${tail}`);
      t.all(`${command} 2 a b WITHSCORES`, "EXISTS d");
    }
  }),

  script("ZRANGESTORE stores a range by rank, score or name", (t) => {
    t.all("ZADD a 1 x 2 y 3 z", "ZADD names 0 a 0 b 0 c 0 d", "SET text v");
    const ranges = [
      "a 0 -1",
      "a -2 -1",
      "a 1 1",
      "a 5 9",
      "a 0 0 REV",
      "a (1 +inf BYSCORE",
      "a -inf (3 BYSCORE LIMIT 1 1",
      "a 3 (1 BYSCORE REV LIMIT 0 1",
      "a -inf +inf BYSCORE LIMIT -1 2",
      "a 2 1 BYSCORE",
      "names - + BYLEX",
      "names [b (d BYLEX",
      "names + [b BYLEX REV LIMIT 1 -1",
      "none 0 -1",
    ];
    for (const range of ranges) {
      t.all(`ZRANGESTORE d ${range}`, "ZRANGE d 0 -1 WITHSCORES", "EXISTS d");
    }
    const bad = [
      "a 0 1 WITHSCORES",
      "a 0 1 BYSCORE BYLEX",
      "a 0 x",
      "a x 1 BYSCORE",
      "a x 1 BYLEX",
      "a 0 1 LIMIT 0 1",
      "a 0 1 BYSCORE LIMIT 0",
      "a 0 1 BYSCORE LIMIT x 1",
      "text 0 1",
      "text 0 x",
      "a 0",
    ];
    for (const range of bad) t.run(`ZRANGESTORE d ${range}`);
    t.all("SET text v EX 100", "ZRANGESTORE text a 0 1", "TTL text");
    t.all("ZRANGESTORE a a 1 -1", "ZRANGE a 0 -1 WITHSCORES");
  }),

  script("7.2 makes no listpack of a range by score or name", (t) => {
    const reason = "7.2 learns only afterwards how long such a range is";
    t.run("ZADD a 1 x 2 y");
    t.run("ZRANGESTORE d a 0 5 BYSCORE");
    t.differs(reason, "$8\r\nskiplist\r\n", "OBJECT ENCODING d");
    t.run("ZRANGESTORE d a - + BYLEX");
    t.differs(reason, "$8\r\nskiplist\r\n", "OBJECT ENCODING d");
  }),

  script("ZRANDMEMBER replies with as many as there are or are wanted", (t) => {
    t.all("ZADD one 1 x", "ZADD same 1 x 1 y 1 z", "SADD s x", "SET text v");
    const large = Array.from({ length: 200 }, (_, i) => `1 ${100 + i}`);
    t.run(`ZADD large ${large.join(" ")}`);
    t.all("ZRANDMEMBER one", "ZRANDMEMBER none", "ZRANDMEMBER none 3");
    for (const tail of ["", " WITHSCORES"]) {
      for (const count of [0, 1, 2, -1, -3]) {
        t.run(`ZRANDMEMBER one ${count}${tail}`);
      }
      t.all(`ZRANDMEMBER none 2${tail}`, `ZRANDMEMBER none 0${tail}`);
      for (const count of [1, 10, 100, 199, -1, -10, -500]) {
        t.sameShape(`ZRANDMEMBER large ${count}${tail}`);
      }
      for (const count of [1, 2, -2, -9]) {
        t.sameShape(`ZRANDMEMBER same ${count}${tail}`);
      }
    }
    t.unordered("ZRANDMEMBER same 3");
    t.unordered("ZRANDMEMBER same 99");
    t.unordered("ZRANDMEMBER large 200");
    const counts = [
      "x",
      "1.5",
      "9223372036854775807",
      "9223372036854775808",
      "-9223372036854775808",
    ];
    for (const count of counts) t.unordered(`ZRANDMEMBER same ${count}`);
    t.run("ZRANDMEMBER same 4611686018427387904 WITHSCORES");
    t.run("ZRANDMEMBER same -4611686018427387904 WITHSCORES");
    t.all("ZRANDMEMBER same 1 FOO", "ZRANDMEMBER same 1 WITHSCORES 1");
    t.all("ZRANDMEMBER same x FOO", "ZRANDMEMBER s", "ZRANDMEMBER text 1");
  }),
]);
