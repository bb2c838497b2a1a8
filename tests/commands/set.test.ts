/** The commands of sets: replies, errors, and what others learn of a change. */
import { assert, assertEquals } from "@std/assert";
import { Talk } from "./talk.ts";

const WRONG_TYPE =
  "-WRONGTYPE Operation against a key holding the wrong kind of value";
const SYNTAX = "-ERR syntax error";
const NOT_INTEGER = "-ERR value is not an integer or out of range";
const NOT_POSITIVE = "-ERR value is out of range, must be positive";
const FEW = Array.from({ length: 30 }, (_, i) => `m${i}`);
const MANY = Array.from({ length: 3000 }, (_, i) => `m${i}`);

/** The words of a reply that is a list of bulk strings, in order. */
function listOf(reply: string): string[] {
  return reply.split(" ").slice(1).filter((_, i) => i % 2 === 1).sort();
}

Deno.test("SADD, SREM and SCARD count what really changed", () => {
  new Talk().assert([
    ["SADD s a b a", ":2"],
    ["SADD s b c", ":1"],
    ["SCARD s", ":3"],
    ["SREM s a x a", ":1"],
    ["SREM none a", ":0"],
    ["SREM s b c", ":2"],
    ["EXISTS s", ":0"],
    ["SCARD s", ":0"],
    ["SADD s ''", ":1"],
    ["SISMEMBER s ''", ":1"],
    ["SMEMBERS s", "*1 $0"],
  ]);
});

Deno.test("SISMEMBER and SMISMEMBER tell members from others", () => {
  new Talk().assert([
    ["SADD i 1 2 300000", ":3"],
    ["SISMEMBER i 1", ":1"],
    ["SISMEMBER i 01", ":0"],
    ["SISMEMBER i x", ":0"],
    ["SMISMEMBER i 300000 3 x 2", "*4 :1 :0 :0 :1"],
    ["SMISMEMBER none a b", "*2 :0 :0"],
    ["SISMEMBER none a", ":0"],
  ]);
});

Deno.test("every command of sets refuses another type before it changes any", () => {
  const talk = new Talk();
  talk.assert([["SET k v", "+OK"], ["SADD s a b", ":2"]]);
  const lines = [
    ...["SADD k a", "SADD k a b", "SREM k a", "SCARD k", "SMEMBERS k"],
    ...["SISMEMBER k a", "SMISMEMBER k a", "SPOP k", "SPOP k 1"],
    ...["SRANDMEMBER k", "SRANDMEMBER k 2", "SMOVE k s a", "SMOVE s k a"],
    ...["SSCAN k 0", "SINTER s k", "SINTER k", "SUNION s k", "SDIFF s k"],
    ...["SINTER none k", "SDIFF none k", "SINTERSTORE s s k"],
    ...["SUNIONSTORE s k s", "SDIFFSTORE s s k", "SINTERCARD 2 s k"],
    ...["SUNIONCARD 2 s k", "SUNIONCARD 1 k APPROX", "SDIFFCARD 2 s k"],
  ];
  for (const line of lines) assertEquals(talk.say(line), WRONG_TYPE, line);
  talk.assert([
    ["SMOVE none k a", ":0"],
    ["SCARD s", ":2"],
    ["SUNIONSTORE k s", ":2"],
    ["TYPE k", "+set"],
  ]);
});

Deno.test("counts and limits have Redis's errors", () => {
  const max = "9223372036854775807";
  new Talk().assert([
    ["SADD s a b", ":2"],
    ["SPOP s -1", NOT_POSITIVE],
    ["SPOP s x", NOT_POSITIVE],
    ["SPOP s 1 2", SYNTAX],
    ["SPOP s 0", "*0"],
    ["SRANDMEMBER s x", NOT_INTEGER],
    ["SRANDMEMBER s 1 2", SYNTAX],
    [
      "SRANDMEMBER s -9223372036854775808",
      `-ERR value is out of range, value must between -${max} and ${max}`,
    ],
    [`SRANDMEMBER none -${max}`, "*0"],
    [`SRANDMEMBER s -${max}`, "-OOM the engine's memory is used up"],
    [`SRANDMEMBER s ${max}`, "*2 $1 a $1 b"],
    ["SINTERCARD 0 s", "-ERR numkeys should be greater than 0"],
    ["SINTERCARD x s", "-ERR numkeys should be greater than 0"],
    [
      "SINTERCARD 2 s",
      "-ERR Number of keys can't be greater than number of args",
    ],
    ["SINTERCARD 1 s x", SYNTAX],
    ["SINTERCARD 1 s LIMIT", SYNTAX],
    ["SINTERCARD 1 s LIMIT -1", "-ERR LIMIT can't be negative"],
    ["SINTERCARD 1 s LIMIT x", "-ERR LIMIT can't be negative"],
    ["SINTERCARD 1 s LIMIT 0", ":2"],
    [`SINTERCARD 1 s LIMIT 1 LIMIT ${max}`, ":2"],
    ["SINTERCARD 1 s APPROX", SYNTAX],
    ["SDIFFCARD 1 s APPROX", SYNTAX],
    ["SDIFFCARD 1 s LIMIT -1", "-ERR LIMIT can't be negative"],
    ["SUNIONCARD 0 s", "-ERR numkeys should be greater than 0"],
    ["SSCAN s x", "-ERR invalid cursor"],
    ["SSCAN s 0 COUNT 0", SYNTAX],
    ["SSCAN s 0 COUNT x", NOT_INTEGER],
    ["SSCAN s 0 TYPE set", SYNTAX],
    ["SSCAN s 0 MATCH", SYNTAX],
    ["SSCAN none 0 COUNT", "*2 $1 0 *0"],
    ["SSCAN none x", "-ERR invalid cursor"],
  ]);
});

Deno.test("the algebra combines sets of every encoding", () => {
  const talk = new Talk();
  talk.call("SADD", "h", ...MANY, "1", "2", "x");
  talk.assert([
    ["SADD i 1 2 3", ":3"],
    ["SADD l 2 x y", ":3"],
    ["SINTER h i", "*2 $1 1 $1 2"],
    ["SINTER i h l", "*1 $1 2"],
    ["SINTER h none", "*0"],
    ["SDIFF i h", "*1 $1 3"],
    ["SDIFF i none", "*3 $1 1 $1 2 $1 3"],
    ["SDIFF none i", "*0"],
    ["SDIFF i l i", "*0"],
    ["SUNION i none i", "*3 $1 1 $1 2 $1 3"],
    ["SUNION none", "*0"],
    ["SUNIONCARD 3 h i l", ":3005"],
    ["SUNIONCARD 2 h l LIMIT 7", ":7"],
    ["SUNIONCARD 2 i l LIMIT 4", ":4"],
    ["SUNIONCARD 2 i l", ":5"],
    ["SUNIONCARD 2 i l APPROX", ":5"],
    ["SUNIONCARD 2 i l LIMIT 3 APPROX", ":3"],
    ["SDIFFCARD 2 h i", ":3001"],
    ["SDIFFCARD 3 h i l LIMIT 5000", ":3000"],
    ["SDIFFCARD 2 h i LIMIT 9", ":9"],
    ["SINTERCARD 2 h h", ":3003"],
    ["SINTERCARD 3 h i l", ":1"],
  ]);
});

Deno.test("STORE replaces what was there, its sources and due time too", () => {
  new Talk().assert([
    ["SADD a 1 2 3", ":3"],
    ["SADD b 2 3 4", ":3"],
    ["SET to text EX 100", "+OK"],
    ["SINTERSTORE to a b", ":2"],
    ["TTL to", ":-1"],
    ["SMEMBERS to", "*2 $1 2 $1 3"],
    ["SUNIONSTORE a a b", ":4"],
    ["SMEMBERS a", "*4 $1 1 $1 2 $1 3 $1 4"],
    ["SDIFFSTORE a a b", ":1"],
    ["SMEMBERS a", "*1 $1 1"],
    ["SDIFFSTORE b b b", ":0"],
    ["EXISTS b", ":0"],
    ["SINTERSTORE to none", ":0"],
    ["EXISTS to", ":0"],
  ]);
});

Deno.test("SMOVE takes from one set and gives to the other", () => {
  new Talk().assert([
    ["SADD a x y", ":2"],
    ["SMOVE a b x", ":1"],
    ["SMOVE a b x", ":0"],
    ["SMOVE a a y", ":1"],
    ["SMOVE a a z", ":0"],
    ["SMOVE none b y", ":0"],
    ["SADD b y", ":1"],
    ["SMOVE a b y", ":1"],
    ["EXISTS a", ":0"],
    ["SCARD b", ":2"],
    ["SMOVE b i 7", ":0"],
    ["SADD b 7", ":1"],
    ["SMOVE b i 7", ":1"],
    ["OBJECT ENCODING i", "$6 intset"],
  ]);
});

for (const isObserved of [true, false]) {
  Deno.test(`SPOP takes out what it replies with (observed: ${isObserved})`, () => {
    for (const members of [FEW, FEW.map((_, i) => `${i}`), MANY]) {
      const talk = new Talk({ isObserved });
      talk.call("SADD", "s", ...members);
      const gone = new Set<string>();
      const take = (...line: string[]) => {
        const reply = talk.call(...line);
        const words = reply.startsWith("$")
          ? [reply.split(" ")[1]]
          : listOf(reply);
        for (const word of words) {
          assert(members.includes(word) && !gone.has(word), word);
          gone.add(word);
        }
        assertEquals(talk.say("SCARD s"), `:${members.length - gone.size}`);
        return words.length;
      };
      assertEquals(take("SPOP", "s"), 1);
      assertEquals(take("SPOP", "s", "3"), 3);
      const most = members.length - 6;
      assertEquals(take("SPOP", "s", `${most}`), most);
      assertEquals(take("SPOP", "s", "1"), 1);
      assertEquals(take("SPOP", "s", "100"), 1);
      talk.assert([
        ["EXISTS s", ":0"],
        ["SPOP s", "$-1"],
        ["SPOP s 2", "*0"],
        ["SADD s one", ":1"],
        ["SPOP s", "$3 one"],
        ["EXISTS s", ":0"],
      ]);
    }
  });
}

Deno.test("RESP3 has sets where Redis has them, and null", () => {
  const talk = new Talk();
  talk.say("HELLO 3");
  talk.assert([
    ["SADD s a", ":1"],
    ["SMEMBERS s", "~1 $1 a"],
    ["SMEMBERS none", "~0"],
    ["SINTER s s", "~1 $1 a"],
    ["SINTER s none", "~0"],
    ["SUNION s none", "~1 $1 a"],
    ["SDIFF none s", "~0"],
    ["SRANDMEMBER s 1", "*1 $1 a"],
    ["SRANDMEMBER s", "$1 a"],
    ["SRANDMEMBER none", "_"],
    ["SMISMEMBER s a", "*1 :1"],
    ["SSCAN s 0", "*2 $1 0 *1 $1 a"],
    ["SPOP s 0", "~0"],
    ["SPOP s 5", "~1 $1 a"],
    ["SPOP s 5", "~0"],
    ["SPOP s", "_"],
  ]);
});

Deno.test("SSCAN filters, and gives small sets as a whole", () => {
  const talk = new Talk();
  talk.call("SADD", "s", ...FEW);
  assert(talk.say("SSCAN s 0 COUNT 1").startsWith("*2 $1 0 *30 "));
  assertEquals(talk.say("SSCAN s 5 MATCH m1"), "*2 $1 0 *1 $2 m1");
  assertEquals(talk.say("SSCAN s 0 MATCH none*"), "*2 $1 0 *0");
  talk.call("SADD", "h", ...MANY);
  const found: string[] = [];
  let cursor = "0";
  do {
    const words = talk.say(`SSCAN h ${cursor} COUNT 50 MATCH m1*`).split(" ");
    cursor = words[2];
    found.push(...words.slice(4).filter((_, i) => i % 2 === 1));
  } while (cursor !== "0");
  const expected = MANY.filter((one) => one.startsWith("m1"));
  assertEquals(found.sort(), expected.sort());
});

Deno.test("others learn of a change what Redis tells them", () => {
  const talk = new Talk();
  talk.assertLearned([
    ["SADD s a b c", "sadd:s@0 > SADD s a b c"],
    ["SADD s a", ""],
    ["SREM s x", ""],
    ["SREM s a x", "srem:s@0 > SREM s a x"],
    ["SREM s b c", "srem:s@0 del:s@0 > SREM s b c"],
    ["SREM s b", ""],
    ["SADD s a b", "sadd:s@0 > SADD s a b"],
    ["SMOVE s t a", "srem:s@0 sadd:t@0 > SMOVE s t a"],
    ["SMOVE t t a", ""],
    ["SADD s a", "sadd:s@0 > SADD s a"],
    ["SMOVE s t a", "srem:s@0 > SMOVE s t a"],
    ["SMOVE s t b", "srem:s@0 del:s@0 sadd:t@0 > SMOVE s t b"],
    ["SUNIONSTORE u t", "sunionstore:u@0 > SUNIONSTORE u t"],
    ["SINTERSTORE v t u", "sinterstore:v@0 > SINTERSTORE v t u"],
    ["SDIFFSTORE w t none", "sdiffstore:w@0 > SDIFFSTORE w t none"],
    ["SDIFFSTORE w t u", "del:w@0 > SDIFFSTORE w t u"],
    ["SDIFFSTORE w t u", ""],
    ["SADD one x", "sadd:one@0 > SADD one x"],
    ["SPOP one", "spop:one@0 del:one@0 > SREM one x"],
    ["SPOP one", ""],
    ["SPOP one 2", ""],
    ["SADD one x", "sadd:one@0 > SADD one x"],
    ["SPOP one 0", ""],
    ["SPOP one 1", "spop:one@0 del:one@0 > DEL one"],
    ["SRANDMEMBER t 2", ""],
  ]);
});

Deno.test("a large SPOP is told in portions that name what went", () => {
  for (const count of [1500, 2900]) {
    const talk = new Talk();
    talk.call("SADD", "s", ...MANY);
    const known = talk.learn(`SPOP s ${count}`);
    const told = known.split(" > ").slice(1).map((line) => line.split(" "));
    assertEquals(
      told.map((words) => words.length - 2),
      count === 1500 ? [1024, 476] : [1024, 1024, 852],
    );
    const gone = told.flatMap(([name, key, ...members]) => {
      assertEquals(`${name} ${key}`, "SREM s");
      return members;
    });
    const left = listOf(talk.say("SMEMBERS s"));
    assertEquals([...gone, ...left].sort(), [...MANY].sort());
  }
});

Deno.test("the encodings follow the configuration", () => {
  const talk = new Talk({
    config: { "set-max-intset-entries": "3", "set-max-listpack-entries": "4" },
  });
  talk.assert([
    ["SADD i 1 2 3", ":3"],
    ["OBJECT ENCODING i", "$6 intset"],
    ["SADD i 4", ":1"],
    ["OBJECT ENCODING i", "$9 hashtable"],
    ["SADD l a b c 4", ":4"],
    ["OBJECT ENCODING l", "$8 listpack"],
    ["CONFIG SET set-max-listpack-entries 5", "+OK"],
    ["SADD l e", ":1"],
    ["OBJECT ENCODING l", "$8 listpack"],
    ["CONFIG SET set-max-listpack-value 3", "+OK"],
    ["SREM l e", ":1"],
    ["SADD l four", ":1"],
    ["OBJECT ENCODING l", "$9 hashtable"],
  ]);
});

Deno.test("a set is copied, renamed, and freed with all its members", () => {
  const talk = new Talk();
  talk.call("SADD", "s", ...MANY);
  talk.assert([
    ["COPY s t", ":1"],
    ["SREM s m1 m2", ":2"],
    ["SCARD t", ":3000"],
    ["SDIFFCARD 2 t s", ":2"],
    ["RENAME t u", "+OK"],
    ["EXPIRE u 100", ":1"],
    ["SISMEMBER u m7", ":1"],
    ["OBJECT ENCODING u", "$9 hashtable"],
    ["DEL s u", ":2"],
    ["SADD s 1", ":1"],
    ["SET s v", "+OK"],
    ["DBSIZE", ":1"],
  ]);
});
