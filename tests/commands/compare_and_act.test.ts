/**
 * What Redis 8 added to strings: SET, DELEX and DIGEST with conditions on the
 * value, MSETEX, INCREX, and four operations of BITOP.
 */
import { assertEquals } from "@std/assert";
import { START_MS, Talk } from "./talk.ts";

const SYNTAX = "-ERR syntax error";
const NOT_INTEGER = "-ERR value is not an integer or out of range";
const NOT_FLOAT = "-ERR value is not a valid float";
const BAD_DIGEST = "-ERR must be exactly 16 hexadecimal characters";
const BAD_CONDITION = "-ERR Invalid condition. Use IFEQ, IFNE, IFDEQ, or IFDNE";
/** The hash of "hello". */
const HELLO = "9555e8555c62dcfd";
const OTHER = "0000000000000000";
const MAX = "9223372036854775807";
const MIN = "-9223372036854775808";

Deno.test("DIGEST replies with the hash of a string in sixteen digits", () => {
  const talk = new Talk();
  talk.say("SET hello hello");
  talk.say("SET n 123");
  talk.call("SET empty", "");
  talk.call("SET", "world", "Hello world");
  const zeros =
    "v8lf0c11xh8ymlqztfd3eeq16kfn4sspw7fqmnuuq3k3t75em5wdizgcdw7uc" +
    "26nnf961u2jkfzkjytls2kwlj7626sd";
  talk.say(`SET zeros ${zeros}`);
  talk.assert([
    ["DIGEST hello", `$16 ${HELLO}`],
    ["DIGEST n", "$16 404a763b3f4c8c9a"],
    ["DIGEST world", "$16 b6acb9d84a38ff74"],
    ["DIGEST zeros", "$16 00006c38adf31777"],
    ["DIGEST none", "$-1"],
    ["SET empty ''", "+OK"],
    ["DIGEST empty", "$16 2d06800538d394c2"],
    ["DIGEST", "-ERR wrong number of arguments for 'digest' command"],
    ["DIGEST a b", "-ERR wrong number of arguments for 'digest' command"],
  ]);
  assertEquals(talk.call("DIGEST", "list"), "$-1");
});

Deno.test("DIGEST hashes values of any size", () => {
  const talk = new Talk();
  for (const byteCount of [44, 45, 512, 513, 40_000]) {
    talk.call("SET", "a", "x".repeat(byteCount));
    talk.call("SETRANGE", "b", "0", "x".repeat(byteCount));
    assertEquals(talk.say("DIGEST a"), talk.say("DIGEST b"));
    talk.say("DEL b");
  }
});

Deno.test("SET compares the value that is there", () => {
  const talk = new Talk();
  talk.assert([
    ["SET k new IFEQ hello", "$-1"],
    ["EXISTS k", ":0"],
    ["SET k new IFDEQ short", "$-1"],
    ["SET k hello IFNE hello", "+OK"],
    ["SET k x IFEQ other", "$-1"],
    ["SET k x IFEQ hell", "$-1"],
    ["SET k x IFNE hello", "$-1"],
    [`SET k x IFDEQ ${OTHER}`, "$-1"],
    [`SET k x IFDNE ${HELLO}`, "$-1"],
    [`SET k x IFDNE ${HELLO.toUpperCase()}`, "$-1"],
    ["GET k", "$5 hello"],
    ["SET k a ifeq hello", "+OK"],
    ["SET k hello IFNE hello", "+OK"],
    [`SET k b IFDEQ ${HELLO.toUpperCase()}`, "+OK"],
    [`SET k hello IFDNE ${HELLO}`, "+OK"],
    ["SET k hello IFDEQ zzzzzzzzzzzzzzzz", "$-1"],
    ["SET k 12 IFDNE zzzzzzzzzzzzzzzz", "+OK"],
    ["SET k 13 IFEQ 12", "+OK"],
    ["SET k 14 IFEQ 013", "$-1"],
    ["SET k '' IFEQ 13", "+OK"],
    ["SET k '' IFNE ''", "$-1"],
    ["SET k v IFEQ ''", "+OK"],
    ["SET k w IFEQ v GET", "$1 v"],
    ["SET k x IFEQ v GET", "$1 w"],
    ["SET none x IFEQ v GET", "$-1"],
    ["SET none x IFNE v GET", "$-1"],
    ["GET none", "$1 x"],
    ["SET k y EX 100 IFEQ w", "+OK"],
    ["TTL k", ":100"],
    ["SET k z IFEQ y KEEPTTL", "+OK"],
    ["TTL k", ":100"],
    ["SET k z IFEQ no", "$-1"],
    ["TTL k", ":100"],
    ["SET k z IFEQ z", "+OK"],
    ["TTL k", ":-1"],
  ]);
});

Deno.test("SET takes one condition, and a hash of the right length", () => {
  const talk = new Talk();
  talk.say("SET k v");
  for (
    const options of [
      "IFEQ",
      "IFEQ v NX",
      "XX IFEQ v",
      "IFEQ v IFNE v",
      "IFNE v IFEQ v",
      "IFDEQ v IFEQ v",
      "IFGT v",
    ]
  ) assertEquals(talk.say(`SET k x ${options}`), SYNTAX, options);
  for (const digest of ["''", "abc", HELLO.slice(1), `0${HELLO}`]) {
    assertEquals(talk.say(`SET k x IFDEQ ${digest}`), BAD_DIGEST);
    assertEquals(talk.say(`SET k x IFDNE ${digest}`), BAD_DIGEST);
    assertEquals(talk.say(`DELEX k IFDEQ ${digest}`), BAD_DIGEST);
    assertEquals(talk.say(`DELEX k IFDNE ${digest}`), BAD_DIGEST);
  }
  talk.assert([
    ["SET k x IFEQ no IFEQ v", "+OK"],
    ["SET k x EX 0 IFEQ x", "-ERR invalid expire time in 'set' command"],
    ["GET k", "$1 x"],
  ]);
});

Deno.test("DELEX removes a key that holds what was expected", () => {
  const talk = new Talk();
  const arity = "-ERR wrong number of arguments for 'delex' command";
  talk.assert([
    ["DELEX k", ":0"],
    ["DELEX k IFEQ v", ":0"],
    ["DELEX k IFNE v", ":0"],
    ["DELEX k IFDEQ v", ":0"],
    ["DELEX k WHAT v", ":0"],
    ["DELEX k IFEQ", arity],
    ["DELEX k IFEQ v more", arity],
    ["DELEX", arity],
    ["SET k hello", "+OK"],
    ["DELEX k IFEQ", arity],
    ["DELEX k WHAT v", BAD_CONDITION],
    ["DELEX k IFEQ other", ":0"],
    ["DELEX k IFNE hello", ":0"],
    [`DELEX k IFDEQ ${OTHER}`, ":0"],
    [`DELEX k IFDNE ${HELLO}`, ":0"],
    ["DELEX k ifeq hello", ":1"],
    ["SET k hello", "+OK"],
    ["DELEX k IFNE other", ":1"],
    ["SET k hello", "+OK"],
    [`DELEX k IFDEQ ${HELLO}`, ":1"],
    ["SET k hello", "+OK"],
    [`DELEX k IFDNE ${OTHER}`, ":1"],
    ["SET k 123", "+OK"],
    ["DELEX k IFEQ 0123", ":0"],
    ["DELEX k", ":1"],
    ["EXISTS k", ":0"],
  ]);
});

Deno.test("others learn of a comparison as if there had been none", () => {
  const talk = new Talk();
  talk.assertLearned([
    ["SET k a", "set:k@0 > SET k a"],
    ["SET k b IFEQ a", "set:k@0 > SET k b"],
    ["SET k b IFEQ a", ""],
    ["SET k c IFNE a GET", "set:k@0 > SET k c"],
    [
      "SET k d IFEQ c EX 10",
      `set:k@0 expire:k@0 > SET k d PXAT ${START_MS + 10_000}`,
    ],
    ["SET k e KEEPTTL IFEQ d", "set:k@0 > SET k e KEEPTTL"],
    [
      `SET k f IFEQ e PXAT ${START_MS + 5}`,
      `set:k@0 expire:k@0 > SET k f PXAT ${START_MS + 5}`,
    ],
    ["DELEX k IFEQ e", ""],
    ["DELEX k IFEQ f", "del:k@0 > DEL k"],
    ["DELEX k", ""],
  ]);
});

Deno.test("MSETEX stores all pairs, or none", () => {
  const talk = new Talk();
  talk.assert([
    ["MSETEX 2 a 1 b 2", ":1"],
    ["MGET a b", "*2 $1 1 $1 2"],
    ["TTL a", ":-1"],
    ["MSETEX 2 a 3 c 4 NX EX 10", ":0"],
    ["MSETEX 2 a 3 c 4 XX EX 10", ":0"],
    ["MGET a c", "*2 $1 1 $-1"],
    ["MSETEX 2 a 3 b 4 EX 10 XX", ":1"],
    ["PTTL a", ":10000"],
    ["PTTL b", ":10000"],
    ["MSETEX 2 c 5 d 6 PX 500 NX", ":1"],
    ["PTTL d", ":500"],
    ["MSETEX 3 a 7 new 8 c 9 KEEPTTL", ":1"],
    ["MGET a new c", "*3 $1 7 $1 8 $1 9"],
    ["PTTL a", ":10000"],
    ["PTTL c", ":500"],
    ["PTTL new", ":-1"],
    ["MSETEX 2 a 1 a 2", ":1"],
    ["GET a", "$1 2"],
    ["PTTL a", ":-1"],
    ["MSETEX 2 z 1 z 2 NX PX 7", ":1"],
    ["GET z", "$1 2"],
    ["PTTL z", ":7"],
    [`MSETEX 1 a x EXAT ${START_MS / 1000 + 3}`, ":1"],
    ["PTTL a", ":3000"],
    [`MSETEX 1 a x PXAT ${START_MS + 3}`, ":1"],
    ["PTTL a", ":3"],
    ["OBJECT ENCODING b", "$3 int"],
  ]);
  const big = "b".repeat(40_000);
  talk.call("MSETEX", "2", "big", big, "big2", big, "EX", "5");
  assertEquals(talk.call("GET", "big2"), `$40000 ${big}`);
  talk.bench.verify();
});

Deno.test("MSETEX tells what is wrong with its words", () => {
  const talk = new Talk();
  const keys = "-ERR invalid numkeys value";
  const pairs = "-ERR wrong number of key-value pairs";
  talk.assert([
    ["MSETEX 1 a", "-ERR wrong number of arguments for 'msetex' command"],
    ["MSETEX a 1 EX 10", keys],
    ["MSETEX 0 a 1", keys],
    ["MSETEX -1 a 1", keys],
    ["MSETEX 2147483648 a 1", keys],
    ["MSETEX 2147483647 a 1", pairs],
    ["MSETEX 2 a 1 b", pairs],
    ["MSETEX 1 a 1 b", SYNTAX],
    ["MSETEX 1 a 1 NX XX", SYNTAX],
    ["MSETEX 1 a 1 EX 1 PX 1", SYNTAX],
    ["MSETEX 1 a 1 KEEPTTL EX 1", SYNTAX],
    ["MSETEX 1 a 1 EX 1 KEEPTTL", SYNTAX],
    ["MSETEX 1 a 1 EX", SYNTAX],
    ["MSETEX 1 a 1 GET", SYNTAX],
    ["MSETEX 1 a 1 IFEQ 1", SYNTAX],
    ["MSETEX 1 a 1 EX 0", "-ERR invalid expire time in 'msetex' command"],
    ["MSETEX 1 a 1 EX x", NOT_INTEGER],
    ["EXISTS a", ":0"],
    ["COMMAND GETKEYS MSETEX 2 a 1 b 2 EX 5", "*2 $1 a $1 b"],
  ]);
});

Deno.test("MSETEX makes known what it stored, and when it is due", () => {
  const talk = new Talk();
  talk.assertLearned([
    [
      "MSETEX 2 a 1 b 2 NX",
      "set:a@0 set:b@0 > MSETEX 2 a 1 b 2 NX",
    ],
    ["MSETEX 1 a 1 NX", ""],
    [
      "MSETEX 2 a 1 b 2 XX EX 10",
      "set:a@0 expire:a@0 set:b@0 expire:b@0 " +
      `> MSETEX 2 a 1 b 2 PXAT ${START_MS + 10_000}`,
    ],
  ]);
});

Deno.test("INCREX counts in integers", () => {
  const talk = new Talk();
  talk.assert([
    ["INCREX k", "*2 :1 :1"],
    ["INCREX k BYINT 5", "*2 :6 :5"],
    ["INCREX k BYINT -10", "*2 :-4 :-10"],
    ["INCREX k BYINT 0", "*2 :-4 :0"],
    ["OBJECT ENCODING k", "$3 int"],
    ["SET k 50", "+OK"],
    ["INCREX k BYINT 100 UBOUND 80", "*2 :50 :0"],
    ["INCREX k BYINT 100 UBOUND 80 SATURATE", "*2 :80 :30"],
    ["INCREX k BYINT -100 LBOUND 0 SATURATE", "*2 :0 :-80"],
    ["INCREX k LBOUND 0 BYINT 10 UBOUND 10", "*2 :10 :10"],
    ["INCREX k BYINT -25 UBOUND -5", "*2 :-15 :-25"],
    ["INCREX k BYINT 5 UBOUND -30", "*2 :-15 :0"],
    ["INCREX k BYINT 5 UBOUND -30 SATURATE", "*2 :-30 :-15"],
    [`SET k ${MAX}`, "+OK"],
    ["INCREX k", `*2 :${MAX} :0`],
    ["INCREX k SATURATE", `*2 :${MAX} :0`],
    ["SET k 9223372036854775800", "+OK"],
    [`INCREX k BYINT ${MAX} SATURATE`, `*2 :${MAX} :7`],
    [
      `INCREX k BYINT 1 SATURATE UBOUND ${MIN}`,
      "-ERR applied increment would overflow",
    ],
    ["SET k -9223372036854775800", "+OK"],
    [`INCREX k BYINT ${MIN} SATURATE`, `*2 :${MIN} :-8`],
    ["INCREX none BYINT 5 LBOUND 10", "*2 :0 :0"],
    ["INCREX none BYINT 15 UBOUND 10 EX 5", "*2 :0 :0"],
    ["EXISTS none", ":0"],
  ]);
});

Deno.test("INCREX counts in long doubles", () => {
  const talk = new Talk();
  talk.assert([
    ["SET k 1.5", "+OK"],
    ["INCREX k BYFLOAT 0.25", "*2 $4 1.75 $4 0.25"],
    ["INCREX k BYFLOAT 1e1", "*2 $5 11.75 $2 10"],
    ["INCREX k BYFLOAT 100 UBOUND 42.5", "*2 $5 11.75 $1 0"],
    ["INCREX k BYFLOAT 100 UBOUND 42.5 SATURATE", "*2 $4 42.5 $5 30.75"],
    ["INCREX k BYFLOAT -100 LBOUND -5.5 SATURATE", "*2 $4 -5.5 $3 -48"],
    ["OBJECT ENCODING k", "$6 embstr"],
    ["SET k 3", "+OK"],
    ["INCREX k BYFLOAT 1.0 UBOUND inf", "*2 $1 4 $1 1"],
    ["INCREX k", "*2 :5 :1"],
    ["INCREX k BYFLOAT 1 LBOUND inf UBOUND inf", "*2 $1 5 $1 0"],
    [
      "INCREX k BYFLOAT 1 LBOUND inf UBOUND inf SATURATE",
      "-ERR applied increment would be Infinity",
    ],
    [
      "INCREX k BYFLOAT 1 UBOUND -inf SATURATE",
      "-ERR applied increment would be Infinity",
    ],
    ["INCREX k BYFLOAT inf", "-ERR BYFLOAT increment cannot be Infinity"],
    ["INCREX k BYFLOAT -inf", "-ERR BYFLOAT increment cannot be Infinity"],
    ["SET k inf", "+OK"],
    ["INCREX k BYFLOAT 1", "-ERR value cannot be Infinity"],
    ["SET k 1e4932", "+OK"],
    ["INCREX none BYFLOAT 15.5 UBOUND 10", "*2 $1 0 $1 0"],
    ["EXISTS none", ":0"],
  ]);
  talk.say("HELLO 3");
  talk.assert([
    ["SET k 1.5", "+OK"],
    ["INCREX k BYFLOAT 0.25", "*2 ,1.75 ,0.25"],
    ["INCREX k BYFLOAT 9 UBOUND 2", "*2 ,1.75 ,0"],
    ["SET k 1", "+OK"],
    ["INCREX k", "*2 :2 :1"],
  ]);
  talk.say("SET k 1e4932");
  const reply = talk.say("INCREX k BYFLOAT 1e4932 SATURATE");
  const largest = /^\*2 ,(118973149535723176502126385\d+) ,\d+$/.exec(reply);
  assertEquals(largest?.[1].length, 4933);
  assertEquals(talk.say("GET k"), `$4933 ${largest?.[1]}`);
});

Deno.test("INCREX tells what is wrong with its words", () => {
  const talk = new Talk();
  talk.say("SET k 10");
  for (
    const words of [
      "FOO",
      "BYINT",
      "BYINT 1 FOO",
      "BYINT 1 BYFLOAT 1.5",
      "BYFLOAT 1.5 BYINT 1",
      "BYINT 1 BYINT 2",
      "LBOUND 0 LBOUND 1",
      "UBOUND 9 UBOUND 8",
      "SATURATE SATURATE",
      "SAT",
      "ENX ENX EX 10",
      "PERSIST PERSIST",
      "PERSIST ENX",
      "ENX PERSIST",
      "PERSIST EX 10",
      "EX 10 PERSIST",
      "EX 10 EX 20",
      "EX 10 PX 5",
      "EX",
      "KEEPTTL",
    ]
  ) assertEquals(talk.say(`INCREX k ${words}`), SYNTAX, words);
  talk.assert([
    ["INCREX", "-ERR wrong number of arguments for 'increx' command"],
    ["INCREX k ENX", "-ERR ENX flag requires an expiration"],
    ["INCREX k BYINT abc ENX", "-ERR ENX flag requires an expiration"],
    ["INCREX k BYINT 1.5", "-ERR Increment is not an integer or out of range"],
    [
      "INCREX k BYINT 9223372036854775808",
      "-ERR Increment is not an integer or out of range",
    ],
    ["INCREX k BYFLOAT abc", "-ERR Increment is not a valid float"],
    ["INCREX k LBOUND inf", "-ERR LBOUND is not an integer or out of range"],
    ["INCREX k UBOUND 1.5", "-ERR UBOUND is not an integer or out of range"],
    ["INCREX k BYFLOAT 1 UBOUND x", "-ERR UBOUND is not a valid float"],
    ["INCREX k LBOUND 10 UBOUND 5", "-ERR LBOUND can't be greater than UBOUND"],
    [
      "INCREX k BYFLOAT 1 LBOUND 2.5 UBOUND 2.25",
      "-ERR LBOUND can't be greater than UBOUND",
    ],
    ["INCREX k EX 0", "-ERR invalid expire time in 'increx' command"],
    ["INCREX k PX -1", "-ERR invalid expire time in 'increx' command"],
    ["INCREX k EX x", NOT_INTEGER],
    ["GET k", "$2 10"],
    ["SET k hello", "+OK"],
    ["INCREX k", NOT_INTEGER],
    ["INCREX k BYFLOAT 1", NOT_FLOAT],
    ["SET k 01", "+OK"],
    ["INCREX k", NOT_INTEGER],
    ["SET k -0", "+OK"],
    ["INCREX k", NOT_INTEGER],
    ["SET k 9223372036854775808", "+OK"],
    ["INCREX k", NOT_INTEGER],
  ]);
});

Deno.test("INCREX sets, keeps and takes away the due time", () => {
  const talk = new Talk();
  talk.assert([
    ["INCREX k EX 100", "*2 :1 :1"],
    ["TTL k", ":100"],
    ["INCREX k", "*2 :2 :1"],
    ["TTL k", ":100"],
    ["INCREX k EX 5 ENX", "*2 :3 :1"],
    ["TTL k", ":100"],
    [`INCREX k PXAT ${START_MS + 9}`, "*2 :4 :1"],
    ["PTTL k", ":9"],
    ["INCREX k PERSIST", "*2 :5 :1"],
    ["TTL k", ":-1"],
    ["INCREX k PERSIST", "*2 :6 :1"],
    ["INCREX k ENX PX 7", "*2 :7 :1"],
    ["PTTL k", ":7"],
    ["INCREX k BYINT 100 UBOUND 10 EX 100", "*2 :7 :0"],
    ["INCREX k BYINT 100 UBOUND 10 PERSIST", "*2 :7 :0"],
    ["PTTL k", ":7"],
    ["INCREX k EXAT 1 ENX", "*2 :8 :1"],
    ["PTTL k", ":7"],
    ["INCREX k EXAT 1", "*2 :9 :1"],
    ["EXISTS k", ":0"],
    ["INCREX k PXAT 1 BYFLOAT 1.5", "*2 $3 1.5 $3 1.5"],
    ["EXISTS k", ":0"],
  ]);
});

Deno.test("INCREX makes known the number that it led to", () => {
  const talk = new Talk();
  talk.assertLearned([
    ["INCREX k BYINT 5", "incrby:k@0 > SET k 5 KEEPTTL"],
    ["INCREX k BYFLOAT 0.5", "incrbyfloat:k@0 > SET k 5.5 KEEPTTL"],
    ["SET k 10", "set:k@0 > SET k 10"],
    ["INCREX k BYINT 5 UBOUND 12", ""],
    ["INCREX k UBOUND 12 BYINT 5 SATURATE", "incrby:k@0 > SET k 12 KEEPTTL"],
    [
      "INCREX k EX 10",
      `incrby:k@0 expire:k@0 > SET k 13 PXAT ${START_MS + 10_000}`,
    ],
    ["INCREX k EX 20 ENX", "incrby:k@0 > SET k 14 KEEPTTL"],
    ["INCREX k PERSIST", "incrby:k@0 persist:k@0 > SET k 15"],
    ["INCREX k PERSIST", "incrby:k@0 > SET k 16"],
    ["INCREX k EXAT 1", "del:k@0 > DEL k"],
    ["INCREX k EXAT 1", ""],
  ]);
});

Deno.test("BITOP DIFF, DIFF1, ANDOR and ONE compare strings", () => {
  const talk = new Talk();
  talk.call("SET", "x", "\x0f\xff\x01");
  talk.call("SET", "y", "\x3c");
  talk.call("SET", "z", "\xf0\x0f");
  const results = Object.entries({
    "DIFF x y z": "\x03\xf0\x01",
    "DIFF1 x y z": "\xf0\x00\x00",
    "ANDOR x y z": "\x0c\x0f\x00",
    "ONE x y z": "\xc3\xf0\x01",
    "ONE x": "\x0f\xff\x01",
    "ONE x x": "\x00\x00\x00",
    "DIFF none x": "\x00\x00\x00",
    "DIFF1 none x": "\x0f\xff\x01",
    "ANDOR x none": "\x00\x00\x00",
    "DIFF y x": "\x30\x00\x00",
  });
  for (const [line, expected] of results) {
    const [operation, ...sources] = line.split(" ");
    const length = talk.call("BITOP", operation.toLowerCase(), "d", ...sources);
    assertEquals(length, ":3", line);
    assertEquals(talk.call("GET", "d"), `$3 ${expected}`, line);
  }
  for (const operation of ["DIFF", "DIFF1", "ANDOR"]) {
    assertEquals(
      talk.say(`BITOP ${operation.toLowerCase()} d x`),
      `-ERR BITOP ${operation} must be called with at least two source keys.`,
    );
  }
  talk.assert([
    ["BITOP DIFF d none none", ":0"],
    ["EXISTS d", ":0"],
    ["BITOP DIFF2 d x y", SYNTAX],
  ]);
});

Deno.test("COMMAND knows what Redis 8 added", () => {
  const talk = new Talk();
  const info = (name: string) =>
    talk.say(`COMMAND INFO ${name}`).split(" *3 +@")[0];
  assertEquals(
    info("delex"),
    "*1 *10 $5 delex :-2 *2 +write +fast :1 :1 :1",
  );
  assertEquals(
    talk.say("COMMAND GETKEYSANDFLAGS DELEX a"),
    [
      "*1 *2 $1 a *2 +RM +delete",
    ].join(),
  );
  assertEquals(
    talk.say("COMMAND GETKEYSANDFLAGS DELEX a IFEQ v"),
    "*1 *2 $1 a *3 +RW +access +delete",
  );
  assertEquals(
    talk.say("COMMAND GETKEYSANDFLAGS SET a v IFEQ v"),
    "*1 *2 $1 a *3 +RW +access +update",
  );
});
