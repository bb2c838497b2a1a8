/** Lists: every command and option, in lists of one node and of many. */

import { group, script, type Teller } from "../script.ts";

const indexes = ["0", "1", "3", "6", "7", "99", "-1", "-4", "-7", "-8", "-99"];
const notIntegers = ["abc", "''", "1.5", "9223372036854775808", "' 1'", "+1"];
const sides = ["LEFT", "RIGHT"];

/** Elements at the edges of the forms in which they are stored. */
const edgeElements = [
  "",
  "0",
  "127",
  "128",
  "-1",
  "4095",
  "-4096",
  "4096",
  "32767",
  "-32768",
  "8388607",
  "-8388609",
  "2147483647",
  "2147483648",
  "9223372036854775807",
  "-9223372036854775808",
  "9223372036854775808",
  "01",
  "-0",
  "1.0",
  "\x00\xff\r\n",
  "x".repeat(63),
  "x".repeat(64),
  "y".repeat(4095),
  "y".repeat(4096),
  "z".repeat(9000),
];

/** The same list under short names: in one node, and in many. */
function fill(t: Teller, key: string): void {
  t.run("DEL", key);
  t.run("RPUSH", key, "a", "b", "a", "10", "c", "a", "-3");
}

const shapes = [
  ["one node", "-2", "0"],
  ["many nodes", "2", "0"],
  ["many nodes, compressed", "1", "1"],
] as const;

/** Runs a body with lists of every shape. */
function shaped(name: string, body: (t: Teller) => void) {
  return shapes.map(([shape, size, depth]) =>
    script(`${name}, ${shape}`, (t) => {
      t.run(`CONFIG SET list-max-ziplist-size ${size}`);
      t.run(`CONFIG SET list-compress-depth ${depth}`);
      body(t);
      t.run("CONFIG SET list-max-ziplist-size -2");
      t.run("CONFIG SET list-compress-depth 0");
    })
  );
}

export default group("list", [
  ...shaped("elements of every form go in and come out", (t) => {
    for (const element of edgeElements) {
      t.run("RPUSH k", element);
      t.run("LPUSH k", element);
      t.run("LPOS k", element);
      t.run("LREM k -1", element);
      t.run("LSET k 0", element);
      t.run("LINSERT k BEFORE", element, element);
    }
    t.all("LLEN k", "LRANGE k 0 -1", "RPOP k 3", "LPOP k 3", "LRANGE k 2 -3");
    for (const element of edgeElements) t.run("LREM k 0", element);
    t.all("EXISTS k", "TYPE k");
  }),

  script("LPUSH, RPUSH, LPUSHX and RPUSHX", (t) => {
    t.all("LPUSH k a", "RPUSH k b c", "LPUSH k d e", "LRANGE k 0 -1");
    t.all("LPUSHX none a", "RPUSHX none a b", "EXISTS none");
    t.all("LPUSHX k f g", "RPUSHX k h i", "LRANGE k 0 -1", "LLEN k");
    for (const name of ["LPUSH", "RPUSH", "LPUSHX", "RPUSHX"]) {
      t.all(name, `${name} k`, `${name} s x`);
    }
    t.all("SET s x", "LPUSH s a", "RPUSH s a", "LPUSHX s a", "RPUSHX s a");
    t.all("LLEN s", "LLEN none", "LLEN", "LLEN k k", "GET k", "STRLEN k");
  }),

  ...shaped("LPOP and RPOP, with and without a count", (t) => {
    for (const name of ["LPOP", "RPOP"]) {
      fill(t, "k");
      t.all(`${name} k`, `${name} k 1`, `${name} k 0`, `${name} k 3`);
      t.all("LRANGE k 0 -1", `${name} k 99`, `${name} k`, `${name} k 1`);
      t.all("EXISTS k", `${name} none 0`, `${name} none -1`, name);
      for (const count of notIntegers) t.run(`${name} k ${count}`);
      t.all("SET s x", `${name} s`, `${name} s 0`, `${name} k 1 1`);
      t.run(`${name} k 9223372036854775807`);
    }
  }),

  ...shaped("LRANGE and LINDEX", (t) => {
    fill(t, "k");
    for (const start of indexes) {
      t.run(`LINDEX k ${start}`);
      for (const end of indexes) t.run(`LRANGE k ${start} ${end}`);
    }
    for (const index of notIntegers) {
      t.all(`LINDEX k ${index}`, `LINDEX none ${index}`);
      t.all(`LRANGE k ${index} 1`, `LRANGE none 1 ${index}`);
    }
    t.all("LRANGE none 0 -1", "LINDEX none 0", "SET s x", "LRANGE s 0 -1");
    t.all("LINDEX s 0", "LINDEX s x", "LRANGE k 0", "LINDEX k");
    t.all("LRANGE k -9223372036854775808 9223372036854775807");
    t.all("LINDEX k 9223372036854775807", "LINDEX k -9223372036854775808");
  }),

  ...shaped("LSET", (t) => {
    fill(t, "k");
    for (const index of indexes) t.run(`LSET k ${index} new${index}`);
    for (const index of notIntegers) {
      t.all(`LSET k ${index} x`, `LSET none ${index} x`);
    }
    t.all("LRANGE k 0 -1", "SET s x", "LSET s 0 x", "LSET s x x", "LSET k 0");
    for (const length of [3, 3000, 9000, 2, 9000, 0]) {
      t.run("LSET k 3", "l".repeat(length));
      t.run("LSET k 4", "m".repeat(length));
    }
    t.all("LRANGE k 0 -1");
  }),

  ...shaped("LINSERT", (t) => {
    fill(t, "k");
    for (const where of ["BEFORE", "after"]) {
      for (const pivot of ["a", "b", "10", "-3", "none", "010"]) {
        t.run(`LINSERT k ${where} ${pivot} ${where}-${pivot}`);
      }
    }
    t.all("LRANGE k 0 -1", "LINSERT none BEFORE a b", "LINSERT k AT a b");
    t.all("LINSERT none AT a b", "SET s x", "LINSERT s AFTER a b");
    t.all("LINSERT k BEFORE a", "LINSERT s AT a b");
  }),

  ...shaped("LREM", (t) => {
    for (const count of ["0", "1", "2", "99", "-1", "-2", "-99"]) {
      for (const element of ["a", "10", "none", "010", "-3"]) {
        fill(t, "k");
        t.all(`LREM k ${count} ${element}`, "LRANGE k 0 -1");
      }
    }
    t.all("DEL k", "RPUSH k a a a", "LREM k -2 a", "LREM k 0 a", "EXISTS k");
    t.all("LREM none 0 a", "SET s x", "LREM s 0 a", "LREM k 0");
    for (const count of notIntegers) t.run(`LREM none ${count} a`);
    t.all("RPUSH k b", "LREM k -9223372036854775808 b", "EXISTS k");
  }),

  ...shaped("LTRIM", (t) => {
    for (const start of indexes) {
      for (const end of ["0", "3", "99", "-1", "-4", "-99"]) {
        fill(t, "k");
        t.all(`LTRIM k ${start} ${end}`, "LRANGE k 0 -1", "EXISTS k");
      }
    }
    t.all("LTRIM none 0 1", "SET s x", "LTRIM s 0 1", "LTRIM k 0");
    for (const end of notIntegers) t.all(`LTRIM none 0 ${end}`);
  }),

  ...shaped("LPOS", (t) => {
    fill(t, "k");
    for (const rank of ["", "RANK 1", "RANK 2", "RANK -1", "RANK -3"]) {
      for (const count of ["", "COUNT 0", "COUNT 1", "COUNT 2"]) {
        for (const most of ["", "MAXLEN 0", "MAXLEN 1", "MAXLEN 3"]) {
          t.run(`LPOS k a ${rank} ${count} ${most}`.replace(/ +/g, " ").trim());
        }
      }
    }
    t.all("LPOS k 10", "LPOS k 010", "LPOS k -3 RANK -1", "LPOS k none");
    t.all("LPOS k none COUNT 0", "LPOS none a", "LPOS none a COUNT 1");
    t.all("LPOS k a RANK 0", "LPOS k a COUNT -1", "LPOS k a MAXLEN -1");
    t.all("LPOS k a RANK", "LPOS k a WAT 1", "LPOS k", "LPOS k a COUNT x");
    t.all("LPOS k a MAXLEN x", "LPOS k a RANK x", "SET s x", "LPOS s a");
    t.all("LPOS k a maxlen 7 rank 1 count 9 RANK 2", "LPOS s a RANK 0");
    t.run("LPOS k a RANK 9223372036854775807");
    t.run("LPOS k a RANK -9223372036854775807 COUNT 1");
  }),

  ...shaped("LMOVE and RPOPLPUSH", (t) => {
    for (const from of sides) {
      for (const to of sides) {
        fill(t, "k");
        t.all("DEL other", `LMOVE k other ${from} ${to}`);
        t.all(`LMOVE k other ${from} ${to}`, `LMOVE k k ${from} ${to}`);
        t.all("LRANGE k 0 -1", "LRANGE other 0 -1");
      }
    }
    t.all("RPOPLPUSH k other", "RPOPLPUSH k k", "LRANGE k 0 -1");
    t.all("DEL k", "RPUSH k last", "RPOPLPUSH k k", "LMOVE k other LEFT LEFT");
    t.all("EXISTS k", "LRANGE other 0 -1", "LMOVE none other LEFT LEFT");
    t.all("RPOPLPUSH none other", "LMOVE k other UP LEFT", "LMOVE k o LEFT UP");
    t.all("SET s x", "RPOPLPUSH other s", "RPOPLPUSH s other");
    t.all("RPOPLPUSH none s", "LLEN other", "RPOPLPUSH k", "LMOVE k o LEFT");
  }),

  script("LMPOP", (t) => {
    fill(t, "k");
    t.all("LMPOP 1 k LEFT", "LMPOP 2 none k RIGHT", "LMPOP 1 k left COUNT 2");
    t.all("LMPOP 2 k none RIGHT count 99", "EXISTS k", "LMPOP 2 k none LEFT");
    t.all("LMPOP 0 k LEFT", "LMPOP x k LEFT", "LMPOP -1 k LEFT", "LMPOP 1 k");
    t.all("LMPOP 2 k LEFT", "LMPOP 3 k a LEFT", "LMPOP 1 k UP");
    t.all("LMPOP 1 k LEFT COUNT", "LMPOP 1 k LEFT COUNT 0");
    t.all("LMPOP 1 k LEFT COUNT -1", "LMPOP 1 k LEFT COUNT x");
    t.all("LMPOP 1 k LEFT COUNT 1 COUNT 1", "LMPOP 1 k LEFT WAT");
    t.all("LMPOP 9223372036854775807 k LEFT", "LMPOP", "LMPOP 1");
    t.all("SET s x", "LMPOP 2 none s LEFT", "RPUSH k a", "LMPOP 2 k s LEFT");
  }),

  script("commands that may wait, when there is something", (t) => {
    fill(t, "k");
    t.all("BLPOP k 0", "BRPOP none k 0.5", "BLMPOP 1 2 none k RIGHT COUNT 2");
    t.all("BLMPOP 0 1 k LEFT", "BLMOVE k other LEFT RIGHT 0");
    t.all("BRPOPLPUSH k other 1", "EXISTS k", "LRANGE other 0 -1");
    t.all("SET s x", "BLPOP none s 0", "BRPOP s 0", "BLMPOP 0 1 s LEFT");
    t.all("BLMOVE s other LEFT LEFT 0", "BLMOVE other s LEFT LEFT 0");
    t.all("BRPOPLPUSH s other 0", "BRPOPLPUSH other s 0", "LLEN other");
    for (const timeout of ["abc", "''", "-1", "-0.5", "nan", "-inf"]) {
      t.all(`BLPOP other ${timeout}`, `BRPOP other ${timeout}`);
      t.all(`BLMPOP ${timeout} 1 other LEFT`);
      t.all(`BLMOVE other o LEFT LEFT ${timeout}`);
      t.all(`BRPOPLPUSH other o ${timeout}`);
    }
    t.all("BLMOVE other o UP LEFT x", "BLMPOP x 0 other LEFT", "BLPOP other");
    t.all("BLMPOP x 1 other UP", "BLMPOP x 1 other LEFT COUNT 0", "LLEN other");
    t.all("BLPOP other 1e3", "BRPOP other 0x1", "EXISTS other");
  }),

  ...shaped("lists live under the commands of all keys", (t) => {
    fill(t, "k");
    t.all("TYPE k", "COPY k copy", "RPUSH copy more", "LRANGE copy 0 -1");
    t.all("RENAME copy k2", "LRANGE k2 0 -1", "EXPIRE k2 1000", "LPUSH k2 x");
    t.approximate(5, "TTL k2");
    t.all("PERSIST k2", "SET k2 x", "GET k2", "GETSET k x", "APPEND k x");
    t.all("INCR k", "SETRANGE k 0 x", "GETBIT k 0", "UNLINK k", "EXISTS k");
  }),
]);
