/** Sets: every command with its options, over every encoding. */

import { group, script, type Teller } from "../script.ts";

const numbers = (count: number, from = 0) =>
  Array.from({ length: count }, (_, i) => `${from + i}`);
const texts = (count: number) => numbers(count).map((n) => `member:${n}`);
const long = "x".repeat(65);

/** Sets of all encodings; 7.0 has hash tables where 7.2 has listpacks. */
function fill(t: Teller): void {
  t.run("SADD i 1 2 3 -70000 5000000000");
  t.run("SADD j 2 3 4");
  t.run("SADD l a b c 2 3");
  t.run("SADD m", "", "a", "\r\n", "\x00\xff", "3");
  t.run("SADD h", ...texts(12), "a", "3", "2", long);
  t.run("SADD g", ...texts(20), ...numbers(6), "y".repeat(70));
  t.run("SET text value");
}

const KEYS = ["i", "j", "l", "m", "h", "g", "none"];
const WRONG = ["abc", "''", "1.5", "-1", "9223372036854775808"];

export default group("set", [
  script("SADD, SREM, SCARD and the questions for members", (t) => {
    fill(t);
    t.all("SADD s a b a", "SADD s b c", "SADD s a", "SCARD s", "SCARD none");
    t.all("SREM s a x a", "SREM none a", "SREM s b c", "EXISTS s");
    for (const key of KEYS) {
      t.unordered(`SMEMBERS ${key}`);
      t.all(`SCARD ${key}`, `TYPE ${key}`);
      for (const member of ["a", "3", "03", "5000000000", "member:7", "''"]) {
        t.all(`SISMEMBER ${key} ${member}`);
      }
      t.run(`SMISMEMBER ${key} a 2 3 x`, "\x00\xff", long);
    }
    t.all("SADD text a", "SREM text a", "SCARD text", "SISMEMBER text a");
    t.all("SMISMEMBER text a", "SMEMBERS text", "SADD s", "SREM s", "SCARD");
  }),

  script("encodings of integers", (t) => {
    t.all("SADD s 1", "OBJECT ENCODING s", "SADD s 9223372036854775807");
    t.all("OBJECT ENCODING s", "SADD t -9223372036854775808");
    t.all("OBJECT ENCODING t");
    t.run("SADD u", ...numbers(512));
    t.all("OBJECT ENCODING u", "SADD u 511", "OBJECT ENCODING u");
    t.all("SADD u 512", "OBJECT ENCODING u", "SREM u 512", "OBJECT ENCODING u");
    t.run("SADD v", ...numbers(513));
    t.all("OBJECT ENCODING v");
    t.run("SADD w", long);
    t.all("OBJECT ENCODING w");
  }),

  script("SMOVE", (t) => {
    fill(t);
    t.all("SMOVE i j 1", "SMOVE i j 1", "SMOVE i j 2", "SMOVE i i 3");
    t.all("SMOVE i i 1", "SMOVE l new a", "SMOVE none l a", "SMOVE h l a");
    t.all("SMOVE text l a", "SMOVE l text b", "SMOVE none text a");
    t.all("SMOVE l text nothing", "SADD one x", "SMOVE one two x");
    t.all("EXISTS one", "SCARD two");
    for (const key of ["i", "j", "l", "new"]) t.unordered(`SMEMBERS ${key}`);
  }),

  script("SINTER, SUNION and SDIFF of all pairs", (t) => {
    fill(t);
    for (const command of ["SINTER", "SUNION", "SDIFF"]) {
      for (const a of KEYS) {
        t.unordered(`${command} ${a}`);
        for (const b of KEYS) t.unordered(`${command} ${a} ${b}`);
      }
      t.unordered(`${command} h l m`);
      t.unordered(`${command} i j l m h`);
      t.unordered(`${command} h g i l l`);
      t.unordered(`${command} g h i j i j i j i j`);
      t.all(`${command} text`, `${command} i text`, `${command} none text`);
      t.all(`${command} text none`, command);
    }
  }),

  script("the STORE commands", (t) => {
    fill(t);
    for (const command of ["SINTERSTORE", "SUNIONSTORE", "SDIFFSTORE"]) {
      const triples = ["i j", "h g", "g h", "l m", "i i", "none i", "i none"];
      for (const keys of [...triples, "h l m", "g h i j i j i j i j"]) {
        t.run(`${command} to ${keys}`);
        t.unordered("SMEMBERS to");
        t.all("TYPE to", "TTL to");
      }
      t.all("SET to text EX 100", `${command} to i`, "TTL to", "SET to text");
      t.all(`${command} to none`, "EXISTS to", `${command} to text`);
      t.all(`${command} text none text`, "GET text", command, `${command} to`);
      t.run(`${command} j j i`);
      t.unordered("SMEMBERS j");
    }
  }),

  script("encodings of stored integers", (t) => {
    t.run("SADD a", ...numbers(300));
    t.run("SADD b", ...numbers(300, 250));
    t.run("SADD c", ...numbers(600));
    for (const keys of ["a b", "a a", "b a", "c a", "a c", "c"]) {
      t.all(`SUNIONSTORE u ${keys}`, "OBJECT ENCODING u");
      t.all(`SDIFFSTORE d ${keys}`, "EXISTS d");
    }
    t.all("SDIFFSTORE d a b", "OBJECT ENCODING d");
    t.all("SINTERSTORE n a b", "OBJECT ENCODING n");
    for (const n of numbers(9)) t.run(`SADD e${n}`, ...numbers(120));
    const few = numbers(9).map((n) => `e${n}`).join(" ");
    t.all(`SDIFFSTORE d c ${few}`, "SCARD d", "OBJECT ENCODING d");
    t.all(`SDIFFSTORE d a ${few}`, "SCARD d", "OBJECT ENCODING d");
  }),

  script("SINTERCARD", (t) => {
    fill(t);
    for (const keys of ["1 i", "2 i j", "2 h g", "3 h l m", "2 i none"]) {
      t.all(`SINTERCARD ${keys}`);
      for (const limit of ["0", "1", "2", "100", "9223372036854775807"]) {
        t.all(`SINTERCARD ${keys} LIMIT ${limit}`);
      }
    }
    for (const wrong of [...WRONG, "0", "3"]) t.run(`SINTERCARD ${wrong} i j`);
    for (const wrong of WRONG) t.run(`SINTERCARD 1 i LIMIT ${wrong}`);
    t.all("SINTERCARD 1 i LIMIT", "SINTERCARD 1 i j", "SINTERCARD 1 text");
    t.all("SINTERCARD 1 i limit 1 LIMIT 2", "SINTERCARD", "SINTERCARD 1");
  }),

  script("SPOP", (t) => {
    t.all("SADD one x", "SPOP one", "EXISTS one", "SPOP one", "SPOP one 3");
    t.all("SADD one x", "SPOP one 1", "EXISTS one", "SET text v");
    for (const members of [numbers(40), texts(30), [...texts(40), long]]) {
      t.run("SADD s", ...members);
      t.sameShape("SPOP s 0");
      t.ignore("which one is drawn is random", "SPOP s");
      t.run("SCARD s");
      for (const count of [3, members.length - 10]) {
        t.ignore("which ones are drawn is random", `SPOP s ${count}`);
        t.run("SCARD s");
      }
      t.ignore("which ones are left is random", "SPOP s 1000");
      t.run("EXISTS s");
    }
    for (const wrong of [...WRONG, "1 2"]) t.run(`SPOP s ${wrong}`);
    t.all("SPOP text", "SPOP text 1", "SPOP none 0", "SPOP");
    t.run("SADD s a b c");
    t.unordered("SPOP s 3");
  }),

  script("SRANDMEMBER", (t) => {
    t.all("SADD one x", "SRANDMEMBER one", "SRANDMEMBER one 1");
    t.all("SRANDMEMBER one -3", "SRANDMEMBER one 5", "SRANDMEMBER one 0");
    t.all("SRANDMEMBER none", "SRANDMEMBER none 1", "SRANDMEMBER none -1");
    t.run("SET text v");
    for (const members of [numbers(40), texts(30), [...texts(40), long]]) {
      t.all("DEL s");
      t.run("SADD s", ...members);
      t.sameShape("SRANDMEMBER s");
      for (const count of ["1", "3", "25", "-1", "-5", "-90"]) {
        t.sameShape(`SRANDMEMBER s ${count}`);
      }
      t.unordered("SRANDMEMBER s 1000");
      t.run("SCARD s");
    }
    t.all("SRANDMEMBER s abc", "SRANDMEMBER s ''", "SRANDMEMBER s 1.5");
    t.all("SRANDMEMBER s 9223372036854775808", "SRANDMEMBER s 1 2");
    t.all("SRANDMEMBER s -9223372036854775808", "SRANDMEMBER text");
    t.all("SRANDMEMBER text 1", "SRANDMEMBER");
  }),

  script("SSCAN", (t) => {
    fill(t);
    t.unordered("SSCAN i 0");
    t.unordered("SSCAN j 0 COUNT 1");
    t.unordered("SSCAN i 0 MATCH *0*");
    t.all("SSCAN j 0 MATCH 3", "SSCAN none 0", "SSCAN none 5 COUNT x");
    t.all("SSCAN text 0", "SSCAN i x", "SSCAN i 0 COUNT 0", "SSCAN i 0 COUNT");
    t.all("SSCAN i 0 COUNT abc", "SSCAN i 0 TYPE set", "SSCAN i 0 MATCH");
    t.all("SSCAN i", "SSCAN none x");
    // One step that takes all: cursors are each server's own affair.
    t.unordered("SSCAN h 0 COUNT 100000");
    t.unordered("SSCAN h 0 MATCH member:1* COUNT 100000");
  }),
]);
