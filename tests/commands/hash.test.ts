/**
 * Hashes as clients and observers see them: events, what others are sent, and
 * the commands of Redis 7.4 and 8.0 on due times of fields, which the recorded
 * server does not have.
 */
import { assertEquals } from "@std/assert";
import { START_MS, Talk } from "./talk.ts";

const WRONG_TYPE =
  "-WRONGTYPE Operation against a key holding the wrong kind of value";
const NOT_INTEGER = "-ERR value is not an integer or out of range";
const FIELDS_MISSING =
  "-ERR Mandatory argument FIELDS is missing or not at the right position";
const COUNT_MISMATCH =
  "-ERR The `numfields` parameter must match the number of arguments";
const NEGATIVE = "-ERR invalid expire time, must be >= 0";
const LATEST_MS = 2 ** 46 - 1;

const arityOf = (name: string) =>
  `-ERR wrong number of arguments for '${name}' command`;
const invalidExpire = (name: string) =>
  `-ERR invalid expire time in '${name}' command`;

Deno.test("changes of a hash have the events that Redis gives them", () => {
  const talk = new Talk();
  talk.assertLearned([
    ["HSET h a 1 b 2", "hset:h@0 > HSET h a 1 b 2"],
    ["HMSET h a 1", "hset:h@0 > HMSET h a 1"],
    ["HSETNX h a 1", ""],
    ["HSETNX h c 1", "hset:h@0 > HSETNX h c 1"],
    ["HINCRBY h a 1", "hincrby:h@0 > HINCRBY h a 1"],
    ["HINCRBYFLOAT h a 0.5", "hincrbyfloat:h@0 > HSET h a 2.5"],
    ["HDEL h x", ""],
    ["HDEL h a x", "hdel:h@0 > HDEL h a x"],
    ["HDEL h b c", "hdel:h@0 del:h@0 > HDEL h b c"],
    ["HINCRBY h a x", ""],
    ["HGET h a", ""],
  ]);
});

Deno.test("HEXPIRE and its kind say of each field what became of it", () => {
  for (const entries of ["0", "512"]) {
    const talk = new Talk({ config: { "hash-max-listpack-entries": entries } });
    talk.assert([
      ["HEXPIRE none 10 FIELDS 2 a b", "*2 :-2 :-2"],
      ["HSET h a 1 b 2 c 3", ":3"],
      ["HPEXPIRE h 1000 NX FIELDS 1 a", "*1 :1"],
      ["HPEXPIRE h 2000 NX FIELDS 3 a b x", "*3 :0 :1 :-2"],
      ["OBJECT ENCODING h", "$9 hashtable"],
      ["HPEXPIRE h 1500 GT FIELDS 3 a b c", "*3 :1 :0 :0"],
      ["HPEXPIRE h 1500 LT FIELDS 3 a b c", "*3 :0 :1 :1"],
      ["HPEXPIRE h 9000 XX FIELDS 2 a x", "*2 :1 :-2"],
      ["HPTTL h FIELDS 4 a b c x", "*4 :9000 :1500 :1500 :-2"],
      ["HTTL h FIELDS 2 a b", "*2 :9 :2"],
      ["HPEXPIRETIME h FIELDS 1 a", `*1 :${START_MS + 9000}`],
      ["HEXPIRETIME h FIELDS 1 b", `*1 :${START_MS / 1000 + 2}`],
      ["HPERSIST h FIELDS 3 a a x", "*3 :1 :-1 :-2"],
      ["HTTL h FIELDS 1 a", "*1 :-1"],
      ["HEXPIREAT h 1 XX FIELDS 4 a b b x", "*4 :0 :2 :-2 :-2"],
      ["HPEXPIREAT h 0 FIELDS 1 c", "*1 :2"],
      ["HGETALL h", "*2 $1 a $1 1"],
      ["HEXPIRE h 0 FIELDS 2 a a", "*2 :2 :-2"],
      ["EXISTS h", ":0"],
      ["HTTL none FIELDS 1 a", "*1 :-2"],
      ["HPERSIST none FIELDS 2 a b", "*2 :-2 :-2"],
      ["HEXPIRETIME none FIELDS 1 a", "*1 :-2"],
    ]);
  }
});

Deno.test("due times of fields are read strictly", () => {
  const talk = new Talk();
  talk.say("SET s v");
  talk.say("HSET h a 1");
  const most = LATEST_MS - START_MS;
  talk.assert([
    ["HEXPIRE s x WAT", arityOf("hexpire")],
    ["HEXPIRE s x WAT 1 a", WRONG_TYPE],
    ["HTTL s WAT 1 a", WRONG_TYPE],
    ["HPERSIST s WAT 1 a", WRONG_TYPE],
    ["HEXPIRE h x FIELDS 1 a", NOT_INTEGER],
    ["HEXPIRE h -1 FIELDS 1 a", NEGATIVE],
    ["HEXPIRE h -9223372036854775808 FIELDS 1 a", NEGATIVE],
    [
      `HEXPIRE h ${Math.floor(LATEST_MS / 1000) + 1} FIELDS 1 a`,
      invalidExpire("hexpire"),
    ],
    [`HPEXPIRE h ${most} FIELDS 1 a`, "*1 :1"],
    [`HPEXPIRE h ${most + 1} FIELDS 1 a`, invalidExpire("hpexpire")],
    [`HPEXPIREAT h ${LATEST_MS} FIELDS 1 a`, "*1 :1"],
    [`HPEXPIREAT h ${LATEST_MS + 1} FIELDS 1 a`, invalidExpire("hpexpireat")],
    ["HEXPIREAT h 9223372036854775807 FIELDS 1 a", invalidExpire("hexpireat")],
    ["HEXPIRE h 1 WAT 1 a", FIELDS_MISSING],
    ["HEXPIRE h 1 NX GT FIELDS 1 a", FIELDS_MISSING],
    [
      "HEXPIRE h 1 FIELDS 0 a",
      "-ERR Parameter `numFields` should be greater than 0",
    ],
    [
      "HEXPIRE h 1 FIELDS x a",
      "-ERR Parameter `numFields` should be greater than 0",
    ],
    ["HEXPIRE h 1 FIELDS 2 a", COUNT_MISMATCH],
    ["HEXPIRE h 1 NX FIELDS 1 a b", COUNT_MISMATCH],
    ["HTTL h WAT 1 a", FIELDS_MISSING],
    ["HTTL h FIELDS 2 a", COUNT_MISMATCH],
    ["HTTL h FIELDS 0 a", "-ERR Number of fields must be a positive integer"],
    ["HTTL h FIELDS 1", arityOf("httl")],
    ["HPERSIST h FIELDS 2 a b c", COUNT_MISMATCH],
    [
      "HPERSIST h FIELDS -1 a",
      "-ERR Number of fields must be a positive integer",
    ],
    [
      "HGETDEL h FIELDS x a",
      "-ERR Number of fields must be a positive integer",
    ],
    ["HGETDEL h 1 FIELDS a", FIELDS_MISSING],
    ["HGETEX h EX 1 a FIELDS", FIELDS_MISSING],
    ["HGETEX h EX 1 PX 1 FIELDS 1 a", FIELDS_MISSING],
    ["HGETEX h EX x FIELDS 1 a", NOT_INTEGER],
    ["HGETEX h PX -1 FIELDS 1 a", NEGATIVE],
    [`HGETEX h EXAT ${2 ** 46} FIELDS 1 a`, invalidExpire("hgetex")],
    ["HGETEX h FIELDS 2 a", COUNT_MISMATCH],
    ["HGET h a", "$1 1"],
  ]);
});

Deno.test("a due field is never seen, and its hash goes with the last one", () => {
  for (const entries of ["0", "512"]) {
    const talk = new Talk({ config: { "hash-max-listpack-entries": entries } });
    const fill = () => {
      talk.say("DEL h");
      talk.say("HSET h a 1 b 2 c 3");
      talk.say("HPEXPIRE h 10 FIELDS 2 a b");
    };
    for (
      const [line, reply] of [
        ["HGET h a", "$-1"],
        ["HMGET h a b c", "*3 $-1 $-1 $1 3"],
        ["HGETALL h", "*2 $1 c $1 3"],
        ["HKEYS h", "*1 $1 c"],
        ["HVALS h", "*1 $1 3"],
        ["HLEN h", ":1"],
        ["HEXISTS h a", ":0"],
        ["HSTRLEN h a", ":0"],
        ["HDEL h a c", ":1"],
        ["HSET h a new", ":1"],
        ["HSETNX h a new", ":1"],
        ["HINCRBY h a 5", ":5"],
        ["HINCRBYFLOAT h b 5", "$1 5"],
        ["HRANDFIELD h 3", "*1 $1 c"],
        ["HSCAN h 0", "*2 $1 0 *2 $1 c $1 3"],
        ["HTTL h FIELDS 2 a c", "*2 :-2 :-1"],
        ["HPERSIST h FIELDS 2 a c", "*2 :-2 :-1"],
        ["HEXPIRE h 9 FIELDS 2 a c", "*2 :-2 :1"],
        ["HGETEX h PERSIST FIELDS 2 a c", "*2 $-1 $1 3"],
        ["HGETDEL h FIELDS 2 a c", "*2 $-1 $1 3"],
      ]
    ) {
      fill();
      talk.nowMs += 10;
      assertEquals(talk.say("HLEN h"), ":3", "not before its time has passed");
      talk.nowMs += 1;
      assertEquals(talk.say(line), reply, line);
      talk.bench.verify();
    }
    fill();
    talk.say("HDEL h c");
    talk.nowMs += 11;
    talk.assert([["EXISTS h", ":0"], ["DBSIZE", ":0"], ["TYPE h", "+none"]]);
  }
});

Deno.test("HSET takes a field's due time away, HINCRBY keeps it", () => {
  const talk = new Talk();
  talk.assert([
    ["HSET h a 1 b 2 c 3 d 4", ":4"],
    ["HEXPIRE h 100 FIELDS 4 a b c d", "*4 :1 :1 :1 :1"],
    ["HSET h a 1", ":0"],
    ["HINCRBY h b 1", ":3"],
    ["HINCRBYFLOAT h c 0.5", "$3 3.5"],
    ["HSETNX h d 5", ":0"],
    ["HTTL h FIELDS 4 a b c d", "*4 :-1 :100 :100 :100"],
    ["HMSET h b 1", "+OK"],
    ["HTTL h FIELDS 1 b", "*1 :-1"],
  ]);
});

Deno.test("fields that were due are made known as removed", () => {
  const talk = new Talk();
  talk.say("HSET h a 1 b 2 c 3");
  talk.say("HPEXPIRE h 10 FIELDS 2 a b");
  talk.say("HPEXPIRE h 30 FIELDS 1 c");
  talk.nowMs += 11;
  const [first, second] = talk.learn("PING").split(" | ");
  assertEquals(first ?? "", "");
  assertEquals(second, undefined);
  const known = talk.learn("HLEN h");
  assertEquals(
    known.slice(0, "hexpired:h@0 > HDEL h ".length),
    "hexpired:h@0 > HDEL h ",
  );
  assertEquals(known.slice(-3).split(" ").sort(), ["a", "b"]);
  talk.nowMs += 30;
  assertEquals(talk.learn("EXISTS h"), "hexpired:h@0 del:h@0 > HDEL h c");
});

Deno.test("due times of fields are sent on as points in time", () => {
  const talk = new Talk();
  const at = (ms: number) => START_MS + ms;
  talk.say("HSET h a 1 b 2 c 3 d 4");
  talk.assertLearned([
    [
      "HEXPIRE h 10 FIELDS 3 a b x",
      `hexpire:h@0 > HPEXPIREAT h ${at(10_000)} FIELDS 2 a b`,
    ],
    ["HEXPIRE h 10 NX FIELDS 2 a b", ""],
    ["HEXPIRE h 10 FIELDS 1 x", ""],
    ["HPERSIST h FIELDS 2 a c", "hpersist:h@0 > HPERSIST h FIELDS 2 a c"],
    ["HPERSIST h FIELDS 1 a", ""],
    [
      "HINCRBYFLOAT h b 1",
      "hincrbyfloat:h@0 > HSETEX h KEEPTTL FIELDS 1 b 3",
    ],
    ["HEXPIREAT h 1 FIELDS 2 a x", "hdel:h@0 > HDEL h a"],
    ["HGETEX h FIELDS 1 b", ""],
    [
      "HGETEX h PX 500 FIELDS 2 b x",
      `hexpire:h@0 > HPEXPIREAT h ${at(500)} FIELDS 1 b`,
    ],
    ["HGETEX h PERSIST FIELDS 2 b c", "hpersist:h@0 > HPERSIST h FIELDS 1 b"],
    ["HGETEX h PXAT 1 FIELDS 1 b", "hdel:h@0 > HDEL h b"],
    ["HGETDEL h FIELDS 2 x c", "hdel:h@0 > HDEL h c"],
    ["HGETDEL h FIELDS 1 x", ""],
    ["HPEXPIREAT h 1 FIELDS 1 d", "hdel:h@0 del:h@0 > HDEL h d"],
    ["HSETEX h FIELDS 1 a 1", "hset:h@0 > HSETEX h FIELDS 1 a 1"],
    [
      "HSETEX h EX 5 FIELDS 2 a 1 b 2",
      `hset:h@0 hexpire:h@0 > HSETEX h PXAT ${at(5000)} FIELDS 2 a 1 b 2`,
    ],
    ["HSETEX h FNX FIELDS 1 a 1", ""],
    [
      "HSETEX h PXAT 5 FIELDS 2 a 1 b 2",
      "hset:h@0 hdel:h@0 del:h@0 > HDEL h a > HDEL h b",
    ],
  ]);
});

Deno.test("HGETEX reads fields and changes when they go", () => {
  const talk = new Talk();
  talk.assert([
    ["HGETEX none EX 10 FIELDS 2 a b", "*2 $-1 $-1"],
    ["HSET h a 1 b 2", ":2"],
    ["HGETEX h FIELDS 2 a x", "*2 $1 1 $-1"],
    ["HGETEX h EX 10 FIELDS 1 a", "*1 $1 1"],
    ["HGETEX h EXAT 1700000100 FIELDS 1 b", "*1 $1 2"],
    ["HPTTL h FIELDS 2 a b", "*2 :10000 :100000"],
    ["HGETEX h PERSIST FIELDS 2 a b", "*2 $1 1 $1 2"],
    ["HTTL h FIELDS 2 a b", "*2 :-1 :-1"],
    ["HGETEX h PX 0 FIELDS 2 a a", "*2 $1 1 $-1"],
    ["HGETEX h PXAT 1 FIELDS 1 b", "*1 $1 2"],
    ["EXISTS h", ":0"],
  ]);
});

Deno.test("HGETDEL reads fields and takes them out", () => {
  const talk = new Talk();
  talk.assert([
    ["HGETDEL none FIELDS 1 a", "*1 $-1"],
    ["HSET h a 1 b 2 c 3", ":3"],
    ["HGETDEL h FIELDS 3 a x a", "*3 $1 1 $-1 $-1"],
    ["HGETDEL h FIELDS 3 b c d", "*3 $1 2 $1 3 $-1"],
    ["EXISTS h", ":0"],
    ["SET s v", "+OK"],
    ["HGETDEL s FIELDS 1 a", WRONG_TYPE],
  ]);
});

Deno.test("HSETEX stores fields with a due time, under conditions", () => {
  const talk = new Talk();
  talk.assert([
    ["HSETEX h FXX FIELDS 1 a 1", ":0"],
    ["EXISTS h", ":0"],
    ["HSETEX h FNX EX 10 FIELDS 2 a 1 b 2", ":1"],
    ["HSETEX h FNX FIELDS 2 b 3 c 3", ":0"],
    ["HSETEX h FXX FIELDS 2 b 3 c 3", ":0"],
    ["HTTL h FIELDS 3 a b c", "*3 :10 :10 :-2"],
    ["HSETEX h FXX KEEPTTL FIELDS 2 a 3 b 4", ":1"],
    ["HTTL h FIELDS 2 a b", "*2 :10 :10"],
    ["HSETEX h FIELDS 1 a 5", ":1"],
    ["HSETEX h KEEPTTL FIELDS 1 n new", ":1"],
    ["HTTL h FIELDS 3 a b n", "*3 :-1 :10 :-1"],
    ["HSETEX h PXAT 1 FIELDS 1 b 5", ":1"],
    ["HGETALL h", "*4 $1 a $1 5 $1 n $3 new"],
    ["HSETEX h EX 0 FIELDS 2 a 1 n 1", ":1"],
    ["EXISTS h", ":0"],
    ["HSETEX h fnx px 100 fields 1 a 1", ":1"],
    ["HSETEX h px 100 fxx fields 1 a 1", ":1"],
    ["SET s v", "+OK"],
    ["HSETEX s FIELDS 1 a 1", WRONG_TYPE],
  ]);
});

Deno.test("HSETEX refuses what makes no sense", () => {
  const talk = new Talk();
  const expiry =
    "-ERR Only one of EX, PX, EXAT, PXAT or KEEPTTL arguments can be specified";
  const condition = "-ERR Only one of FXX or FNX arguments can be specified";
  talk.assert([
    ["HSETEX h FIELDS 1 a", arityOf("hsetex")],
    ["HSETEX h FIELDS 2 a b c", arityOf("hsetex")],
    ["HSETEX h FIELDS 1 a b c", arityOf("hsetex")],
    ["HSETEX h FNX EX 1 FIELDS 1 a", arityOf("hsetex")],
    ["HSETEX h WAT FIELDS 1 a b", "-ERR unknown argument: WAT"],
    ["HSETEX h 1 FIELDS 1 a b", "-ERR unknown argument: 1"],
    ["HSETEX h FXX FXX FIELDS 1 a b", condition],
    ["HSETEX h FXX FNX FIELDS 1 a b", condition],
    ["HSETEX h EX 1 PX 1 FIELDS 1 a b", expiry],
    ["HSETEX h KEEPTTL EX 1 FIELDS 1 a b", expiry],
    ["HSETEX h EX 1 KEEPTTL FIELDS 1 a b", expiry],
    ["HSETEX h EX FIELDS 1 a b", NOT_INTEGER],
    ["HSETEX h FNX FXX PX x", condition],
    ["HSETEX h FNX KEEPTTL FNX EX", condition],
    ["HSETEX h FNX KEEPTTL EX 1", expiry],
    ["HSETEX h FNX x y EX", "-ERR unknown argument: x"],
    ["HSETEX h EX 1 FNX PX", expiry],
    ["HSETEX h PX -1 FIELDS 1 a b", NEGATIVE],
    [`HSETEX h PX ${2 ** 46} FIELDS 1 a b`, invalidExpire("hsetex")],
    ["HSETEX h FIELDS 0 a b", "-ERR invalid number of fields"],
    ["HSETEX h FIELDS x a b", "-ERR invalid number of fields"],
    ["HSETEX h FIELDS 99999999999 a b", "-ERR invalid number of fields"],
    ["EXISTS h", ":0"],
  ]);
});

Deno.test("HSCAN leaves values out if asked to", () => {
  const talk = new Talk();
  talk.assert([
    ["HSET h a 1 b 2", ":2"],
    ["HSCAN h 0 NOVALUES", "*2 $1 0 *2 $1 a $1 b"],
    ["HSCAN h 0 novalues MATCH b COUNT 5", "*2 $1 0 *1 $1 b"],
  ]);
  talk.say("HEXPIRE h 10 FIELDS 1 a");
  talk.assert([
    ["HSCAN h 0 MATCH b NOVALUES", "*2 $1 0 *1 $1 b"],
    ["HSCAN h 0 MATCH b", "*2 $1 0 *2 $1 b $1 2"],
  ]);
});

Deno.test("many pairs make a table at once", () => {
  const talk = new Talk({ config: { "hash-max-listpack-entries": "4" } });
  talk.assert([
    ["HSET h a 1 a 2 a 3 a 4 a 5", ":1"],
    ["OBJECT ENCODING h", "$9 hashtable"],
    ["HGETALL h", "*2 $1 a $1 5"],
  ]);
});

Deno.test("a hash with due fields keeps them wherever it goes", () => {
  const talk = new Talk();
  const left = (key: string) => talk.say(`HPTTL ${key} FIELDS 2 a b`);
  talk.say("HSET h a 1 b 2");
  talk.say("HPEXPIRE h 100 FIELDS 1 a");
  talk.say("COPY h c");
  talk.say("EXPIRE h 1000");
  talk.say("RENAME h r");
  assertEquals([left("r"), left("c")], ["*2 :100 :-1", "*2 :100 :-1"]);
  talk.say("MOVE r 1");
  talk.say("SELECT 1");
  assertEquals(left("r"), "*2 :100 :-1");
  talk.say("PERSIST r");
  talk.nowMs += 101;
  talk.assert([["HGETALL r", "*2 $1 b $1 2"], ["SELECT 0", "+OK"]]);
  talk.assert([["HGETALL c", "*2 $1 b $1 2"]]);
  talk.say("HPEXPIRE c 10 FIELDS 1 b");
  talk.say("SWAPDB 0 1");
  talk.nowMs += 11;
  talk.assert([["EXISTS c", ":0"], ["SELECT 1", "+OK"], ["EXISTS c", ":0"]]);
});

Deno.test("fields with due times count as no expiring keys", () => {
  const talk = new Talk();
  talk.say("HSET h a 1");
  talk.say("HEXPIRE h 100 FIELDS 1 a");
  talk.say("SET k v EX 100");
  const info = talk.say("INFO keyspace");
  assertEquals(/keys=\d+,expires=\d+/.exec(info)![0], "keys=2,expires=1");
  assertEquals(/subexpiry=\d+/.exec(info)![0], "subexpiry=1");
  talk.say("HPEXPIREAT h 1 FIELDS 1 a");
  assertEquals(
    /subexpiry=\d+/.exec(talk.say("INFO keyspace"))![0],
    "subexpiry=0",
  );
});

Deno.test("DEBUG OBJECT tells how many bytes a file has of a hash", () => {
  const talk = new Talk({ config: { "enable-debug-command": "yes" } });
  const savedBytes = () =>
    / serializedlength:(\d+) /.exec(talk.say("DEBUG OBJECT h"))![1];
  talk.say("HSET h a 1 b xyz c 300");
  // The listpack with its length, and name and value of each field.
  assertEquals(savedBytes(), "27");
  talk.say("CONFIG SET hash-max-listpack-entries 0");
  talk.say("HSET h a 1");
  talk.say("HSET h d 1");
  talk.say("HDEL h d");
  assertEquals(savedBytes(), "16");
});
