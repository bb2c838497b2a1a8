/** MGET, MSET and MSETNX over many keys, and LCS over two. */

import { group, script } from "../script.ts";

const lcsOptions = [
  "",
  "LEN",
  "IDX",
  "IDX WITHMATCHLEN",
  "IDX MINMATCHLEN 4",
  "IDX MINMATCHLEN 4 WITHMATCHLEN",
  "IDX MINMATCHLEN 0",
  "IDX MINMATCHLEN -5 WITHMATCHLEN",
  "IDX MINMATCHLEN 100",
  "MINMATCHLEN 3",
  "WITHMATCHLEN",
  "LEN MINMATCHLEN 2 WITHMATCHLEN",
  "idx withmatchlen minmatchlen 2",
  "LEN IDX",
  "IDX IDX",
  "LEN LEN",
];

const lcsPairs = [
  ["ohmytext", "mynewtext"],
  ["", ""],
  ["abc", ""],
  ["", "abc"],
  ["abc", "xyz"],
  ["abc", "abc"],
  ["aaaaaaaa", "aaaa"],
  ["abcdefgh", "bdfh"],
  ["abcdefgh", "hgfedcba"],
  ["12345", "1234567"],
  ["AGGTAB", "GXTXAYB"],
  ["xaxbxcxd", "yaybycyd"],
  ["\x00\xff\x00", "\xff\x00"],
];

export default group("string_many", [
  script("MSET and MGET store and fetch many keys", (t) => {
    t.all("MSET a 1 b two c ''", "MGET a b c missing a", "MGET missing");
    t.all("MSET a x a y a z", "GET a", "SET e v EX 100", "MSET e w", "TTL e");
    t.all("OBJECT ENCODING a", "MSET n 12 m 0012", "OBJECT ENCODING n");
    t.all("OBJECT ENCODING m", "DBSIZE");
  }),

  script("MSET and MGET refuse a wrong number of arguments", (t) => {
    t.all("MSET", "MSET a", "MSET a 1 b", "MSET a 1 b 2 c", "DBSIZE", "MGET");
    t.all("MSETNX", "MSETNX a", "MSETNX a 1 b", "MSETNX a 1 b 2 c", "DBSIZE");
  }),

  script("MSETNX stores all keys or none", (t) => {
    t.all("MSETNX a 1 b 2", "MGET a b", "MSETNX c 3 a 9", "EXISTS c", "GET a");
    t.all("MSETNX b 9 c 3", "EXISTS c", "MSETNX c 3 c 4", "GET c");
    t.all("MSETNX d 1 e 2 f 3 d 4", "MGET d e f", "DBSIZE");
    t.all("SET x v EXAT 1", "MSETNX x 1 y 2", "MGET x y");
  }),

  script("MSETNX leaves everything alone for other clients too", (t) => {
    const other = t.client("other");
    t.all("SET taken 1", "MSETNX p 1 q 2 taken 3");
    other.all("EXISTS p q", "GET taken", "MSETNX p 1 q 2");
    t.all("MGET p q taken");
  }),

  script("MSET and MGET with hundreds of keys", (t) => {
    const pairs = Array.from({ length: 300 }, (_, n) => `key:${n} value:${n}`);
    const keys = Array.from({ length: 300 }, (_, n) => `key:${n * 2}`);
    t.all(`MSET ${pairs.join(" ")}`, "DBSIZE", `MGET ${keys.join(" ")}`);
    t.all(`EXISTS ${keys.join(" ")}`, `DEL ${keys.join(" ")}`, "DBSIZE");
  }),

  script("LCS of many pairs with every combination of options", (t) => {
    for (const [first, second] of lcsPairs) {
      t.run("SET x", first);
      t.run("SET y", second);
      for (const options of lcsOptions) t.run(`LCS x y ${options}`);
    }
  }),

  script("LCS treats a missing key as an empty string", (t) => {
    t.all("LCS x y", "LCS x y LEN", "LCS x y IDX", "SET x abc", "LCS x y");
    t.all("LCS x y IDX", "LCS y x LEN", "LCS x x", "LCS x x IDX WITHMATCHLEN");
  }),

  script("LCS refuses what it does not know", (t) => {
    t.all("SET x abc", "SET y abd", "LCS", "LCS x", "LCS x y WAT");
    t.all("LCS x y IDX MINMATCHLEN", "LCS x y IDX MINMATCHLEN abc");
    t.all("LCS x y IDX MINMATCHLEN 1.5", "LCS x y MINMATCHLEN ''");
    t.all("LCS x y IDX WAT", "LCS x y z", "LCS x y IDX LEN WAT");
  }),

  script("LCS of longer strings", (t) => {
    t.run("SET x", "the quick brown fox jumps over the lazy dog ".repeat(6));
    t.run(
      "SET y",
      "a lazy fox quickly jumped over another brown dog".repeat(5),
    );
    t.all("LCS x y", "LCS x y LEN", "LCS x y IDX MINMATCHLEN 3 WITHMATCHLEN");
    t.all("LCS y x IDX MINMATCHLEN 2");
  }),
]);
