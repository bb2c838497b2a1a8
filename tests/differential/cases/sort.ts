/** SORT and SORT_RO: every option over every type, and what STORE leaves. */

import { group, script, type Teller } from "../script.ts";

const numbers = ["3", "-1", "10", "2.5", "1e2", "0", "-0", "007", "2", "1e-3"];
const texts = ["pear", "apple", "fig", "Fig", "banana", "app", "", "10", "9"];

function fill(t: Teller, elements: readonly string[]): void {
  t.run("RPUSH l", ...elements);
  t.run("SADD s", ...elements);
  t.run("ZADD z", ...elements.flatMap((it, i) => [`${(i * 7) % 5}`, it]));
}

/** Keys to sort by and to get: some are missing, some of another type. */
function fillWeights(t: Teller): void {
  for (let i = 1; i <= 9; i++) {
    if (i !== 4) t.run(`SET weight_${i} ${(i * 5) % 9}`);
    if (i !== 6) t.run(`HSET object_${i} name n${i} weight ${(i * 4) % 7}`);
    t.run(`SET data_${i}_x value${i}`);
  }
  t.all("RPUSH weight_4 list", "SET object_6 text", "HSET object_1 ''  empty");
}

const ranges = ["0 3", "2 2", "-3 2", "3 -1", "0 0", "100 2", "8 100", "2 -9"];

export default group("sort", [
  script("numbers, up and down", (t) => {
    fill(t, numbers);
    for (const key of ["l", "s", "z"]) {
      t.all(`SORT ${key}`, `SORT ${key} ASC`, `SORT ${key} DESC`);
      t.all(`SORT ${key} DESC ASC`, `SORT_RO ${key}`, `SORT_RO ${key} DESC`);
      for (const range of ranges) {
        t.all(`SORT ${key} LIMIT ${range}`, `SORT ${key} DESC LIMIT ${range}`);
      }
    }
    t.all("SORT none", "SORT none ALPHA BY x_* GET # DESC LIMIT 0 1");
    t.all("SADD i 5 3 1 -2 9223372036854775807 -9223372036854775808", "SORT i");
    t.all("SORT i DESC", "SORT i ALPHA", "SORT i LIMIT 1 2");
  }),

  script("texts, up and down", (t) => {
    fill(t, texts);
    for (const key of ["l", "s", "z"]) {
      t.all(`SORT ${key} ALPHA`, `SORT ${key} ALPHA DESC`, `SORT ${key}`);
      t.all(`SORT ${key} LIMIT 1 3 ALPHA`, `SORT_RO ${key} alpha desc`);
    }
    const long = "x".repeat(100);
    t.run("RPUSH long", `${long}b`, `${long}a`, long, `${long}aa`, "x");
    t.run("RPUSH bytes", "\xff", "\x80\x01", "\x7f", "\x80");
    t.all("SORT long ALPHA", "SORT long ALPHA DESC", "SORT bytes ALPHA");
  }),

  script("BY keys and fields, GET of all kinds", (t) => {
    t.run("RPUSH l 1 2 3 4 5 6 7 8 9");
    t.run("SADD s 9 8 7 6 5 4 3 2 1");
    t.run("ZADD z 1 9 2 8 3 7 4 6 5 5 6 4 7 3 8 2 9 1");
    fillWeights(t);
    for (const key of ["l", "s", "z"]) {
      t.all(`SORT ${key} BY weight_*`, `SORT ${key} BY weight_* DESC`);
      t.all(`SORT ${key} BY object_*->weight`, `SORT ${key} BY none_*`);
      t.all(`SORT ${key} BY object_*->weight DESC LIMIT 2 4 GET #`);
      t.all(`SORT ${key} BY weight_* GET data_*_x GET # GET object_*->name`);
      t.all(`SORT ${key} GET weight_*`, `SORT ${key} GET object_*`);
      t.all(`SORT ${key} BY weight_* LIMIT 1 3 GET #`);
      t.all(`SORT_RO ${key} BY weight_* GET # GET object_*->none`);
    }
    t.all("SORT l GET fixed", "SORT l GET ''", "SORT l GET * GET ##");
    t.all("SORT l GET object_*->", "SORT l GET object_*-", "SORT l GET *->");
    t.all("SORT l GET object_*->name->x", "SORT l GET data_*_x->name");
    t.all("SORT l GET weight_*_*", "SORT l BY object_*-> ALPHA");
    t.all("SORT l BY object_*->name ALPHA DESC", "SORT l BY object_*->name");
    t.run("SORT l GET", "object_*->name\x00x");
    t.run("SORT l BY", "weight\x00_*");
    t.run("SORT l GET", `${"k".repeat(600)}*`);
  }),

  script("BY without a star leaves lists and sorted sets as they are", (t) => {
    t.run("RPUSH l 5 1 4 2 3");
    t.run("ZADD z 1 e 2 d 3 c 4 b 5 a");
    for (const key of ["l", "z"]) {
      t.all(`SORT ${key} BY nosort`, `SORT ${key} BY nosort DESC`);
      t.all(`SORT ${key} BY nosort BY w_*`, `SORT ${key} BY w_* BY nosort`);
      t.all(`SORT ${key} BY nosort GET #`, `SORT ${key} BY '' ALPHA`);
      for (const range of ranges) {
        t.all(`SORT ${key} BY nosort LIMIT ${range}`);
        t.all(`SORT ${key} BY nosort DESC LIMIT ${range}`);
      }
    }
    t.run("SADD s c a b");
    t.unordered("SORT s BY nosort");
    t.all("SORT s BY nosort STORE d", "LRANGE d 0 -1", "SORT s BY x LIMIT 3 1");
    t.all("SORT s BY nosort DESC LIMIT 1 5 STORE d", "LRANGE d 0 -1");
    t.all("SORT l BY nosort STORE d", "LRANGE d 0 -1");
    t.all("SORT z BY nosort DESC LIMIT 1 2 STORE d", "LRANGE d 0 -1");
  }),

  script("STORE makes a list, or takes the key away", (t) => {
    t.all("RPUSH l 3 1 2", "SET d text EX 100", "SORT l STORE d", "TYPE d");
    t.all("LRANGE d 0 -1", "TTL d", "SORT d DESC STORE d", "LRANGE d 0 -1");
    t.all("SORT l GET none_* GET # STORE d", "LRANGE d 0 -1", "LLEN d");
    t.all("SORT none STORE d", "EXISTS d", "SORT none STORE d");
    t.all("SORT l LIMIT 5 5 STORE l", "EXISTS l", "RPUSH l 3 1 2");
    t.all("SORT l STORE a STORE b", "EXISTS a", "LRANGE b 0 -1");
    t.all("RPUSH w x 1", "SORT w STORE b", "LRANGE b 0 -1", "SORT l STORE l");
    t.all("LRANGE l 0 -1", "SADD s 3 2 1", "SORT s STORE s", "TYPE s");
    t.all("SORT_RO l STORE d", "SORT l STORE", "SORT l STORE d x");
  }),

  script("STORE keeps many and long elements", (t) => {
    const many = Array.from({ length: 700 }, (_, i) => `${(i * 37) % 701}`);
    t.run("RPUSH l", ...many);
    t.all("SORT l STORE d", "LRANGE d 0 -1", "SORT l LIMIT 690 20");
    t.all("SORT l ALPHA DESC LIMIT 100 5", "LINDEX d 350");
    t.run("RPUSH m", "a".repeat(10_000), "b".repeat(9000), "c");
    t.all("SORT m ALPHA DESC STORE d", "STRLEN none", "LLEN d", "LINDEX d 0");
  }),

  script("what is no number is refused", (t) => {
    const odd = ["abc", "1x", "0x", "nan", "--1", "1 ", " ", "1e", ".", "+"];
    for (const value of odd) {
      t.run("DEL l");
      t.run("RPUSH l 1", value);
      t.all("SORT l", "SORT l LIMIT 0 0", "SORT l STORE d", "EXISTS d");
      t.run("SET w_1", value);
      t.all("SORT l BY w_*", "SORT l BY w_* ALPHA");
    }
    t.run("RPUSH good", "inf", "-inf", " 3", "\t2", "+1", "", "0x10", ".5");
    t.all("SORT good", "SORT good DESC");
  }),

  script("wrong types, words and numbers", (t) => {
    t.all("SET t x", "HSET h f v", "SORT t", "SORT h", "SORT_RO h", "SORT");
    t.all("RPUSH l 1 2", "SORT l UP", "SORT l LIMIT 0", "SORT l LIMIT a 1");
    t.all("SORT l LIMIT 0 b", "SORT l LIMIT 1.5 1", "SORT l BY", "SORT l GET");
    t.all("SORT h UP", "SORT l LIMIT 9223372036854775808 1", "SORT_RO");
    t.all("SORT l LIMIT -9223372036854775808 9223372036854775807");
    t.all("COMMAND GETKEYS SORT l BY w_* STORE d", "COMMAND GETKEYS SORT l");
    t.all("COMMAND GETKEYS SORT l GET STORE LIMIT 1 STORE STORE d STORE e");
    t.all("COMMAND GETKEYS SORT l BY STORE x", "COMMAND GETKEYS SORT_RO l");
  }),

  script("due keys are no longer there", (t) => {
    t.all("RPUSH l 2 1", "SET w_1 5", "SET w_2 1", "PEXPIREAT w_1 1");
    t.all("SORT l BY w_* GET w_*", "EXPIREAT l 1", "SORT l");
  }),
]);
